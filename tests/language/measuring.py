"""Evaluating what theory terms mean, by the kernel's own arithmetic, in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from verify.kernel.counting import run_all
from verify.kernel.terms import (
    REAL,
    Symbol,
    Term,
    instantiate,
    make_number,
    subterms,
)
from verify.language.document import Document
from verify.language.quantities import Quantity

Functions = Mapping[str, Callable[..., Fraction]]


def values_of(term: Term, functions: Functions) -> dict[Term, Fraction]:
    """What the networks in a term give at the numerals they are applied to."""
    found: dict[Term, Fraction] = {}
    for part in subterms(term):
        if isinstance(part.value, Symbol) and part.args:
            numbers = [arg.value for arg in part.args]
            found[part] = functions[part.value.name](*numbers)
    return found


def evaluate(term: Term, functions: Functions | None = None) -> Fraction:
    """The value of a closed term or formula."""
    values = values_of(term, functions or {})
    return Fraction(next(run_all(term, (), values)))


def at(formula: Term, numbers: Sequence[Fraction | int]) -> Term:
    """What a formula says of numbers in place of its leading variables, all of them."""
    for number in numbers:
        formula = instantiate(formula, make_number(Fraction(number), REAL))
    if formula.op in ("forall", "exists"):
        raise ValueError("there are more variables")
    return formula


def holds_at(
    quantity: Quantity,
    numbers: Sequence[Fraction | int],
    functions: Functions | None = None,
    others: Mapping[str, Fraction] | None = None,
) -> bool:
    """What the body of a meaning says of v and the parameters."""
    body = at(quantity.formula, numbers)
    values = values_of(body, functions or {})
    for part in subterms(body):
        if isinstance(part.value, Symbol) and not part.args:
            values[part] = (others or {})[part.value.name]
    return bool(next(run_all(body, (), values)))


def quantity(document: Document, name: str) -> Quantity:
    """The quantity of that name."""
    found = document.quantity(name)
    if found is None:
        raise KeyError(f"{name} is none of {[q.name for q in document.quantities]}")
    return found


def least_bound(
    found: Quantity, parameters: Sequence[Fraction | int], functions: Functions
) -> Fraction:
    """The value of T at parameters, from the body v <= T, T <= v or v = T."""
    body = at(found.formula, [0, *parameters])
    if body.op == "implies":
        body = body.args[1]
    return evaluate(body.args[0 if found.kind == "supremum" else 1], functions)
