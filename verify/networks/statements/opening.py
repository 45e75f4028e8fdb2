"""Quantifiers opened: a statement as one about constants, and values for them put back.

A statement that asks for nothing but `forall` (and, under a negation, `exists`) holds when
what is left of it holds for all values of some constants. Where one asks for something
for each of infinitely many others, it is mixed, and not for this room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Binder, Symbol, Term
from verify.language.expansion import replace_constants

CONNECTIVES: Final = ("not", "and", "or", "implies", "iff", "if")


class Mixed(ValueError):
    """A statement with an `exists` below a `forall`, or the other way round."""


class Opened(NamedTuple):
    """What a statement says of its constants, which stand in the order of opening."""

    constants: tuple[Symbol, ...]
    matrix: Term

    def close(self) -> Term:
        """`forall` over all the constants: the quantifiers in front."""
        size = len(self.constants)
        places = {
            symbol: size - 1 - place for place, symbol in enumerate(self.constants)
        }

        def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
            if isinstance(node.value, Symbol) and node.value in places:
                return terms.make_variable(places[node.value], REAL)
            return terms.remake(node, args)

        body = terms.rewrite(self.matrix, visit)
        for symbol in reversed(self.constants):
            body = terms.make_forall(symbol.name, REAL, body)
        return body

    def at(self, point: Iterable[Fraction]) -> Term:
        """What it says at values of the constants."""
        return self.put_in(self.matrix, point)

    def put_in(self, term: Term, point: Iterable[Fraction]) -> Term:
        """A term over the constants with their values in it."""
        numbers = (terms.make_number(value, REAL) for value in point)
        return replace_constants(term, dict(zip(self.constants, numbers, strict=True)))


def is_quantified(formula: Term) -> bool:
    """Whether there is a quantifier in it."""
    return any(isinstance(part.value, Binder) for part in terms.subterms(formula))


def open_statement(formula: Term, *, positive: bool) -> Opened:
    """The statement, to be shown (`positive`) or to be denied, for constants.

    Constants have the names of their variables, changed where that is taken. Raises Mixed,
    or Rejected on a variable that is not real.
    """
    taken = {
        s.name for p in terms.subterms(formula) if isinstance(s := p.value, Symbol)
    }
    constants: list[Symbol] = []

    def fresh(binder: Binder) -> Term:
        base = binder.name.partition(".")[0] or "x"
        names = (f"{base}{'_' * number}" for number in count())
        name = next(name for name in names if name not in taken)
        taken.add(name)
        constants.append(Symbol(name, (), REAL))
        return terms.constant(constants[-1])

    matrix = _open(formula, positive, fresh)
    return Opened(tuple(constants), matrix)


def _open(formula: Term, positive: bool, value: Callable[[Binder], Term]) -> Term:
    """The formula with `value(binder)` for each variable, in the order of the text."""
    if not is_quantified(formula):
        return formula
    binder = formula.value
    if isinstance(binder, Binder):
        if (formula.op == "forall") != positive:
            raise Mixed(formula.op)
        if binder.sort != REAL:
            raise Rejected("real variables", f"{binder.name}: {binder.sort}")
        return _open(terms.instantiate(formula, value(binder)), positive, value)
    signs = {"not": (not positive,), "implies": (not positive, positive)}
    if formula.op not in ("not", "and", "or", "implies"):
        raise Mixed(formula.op)
    wanted = signs.get(formula.op, (positive,) * len(formula.args))
    return terms.make(
        formula.op,
        *(
            _open(arg, sign, value)
            for arg, sign in zip(formula.args, wanted, strict=True)
        ),
    )


def find_points(
    formula: Term, values: Iterable[Fraction], *, positive: bool
) -> dict[Term, Fraction]:
    """For each quantified statement met on the way, in normal form, its variable's value.

    `values` stand in the order of the constants of `open_statement`.
    """
    found: dict[Term, Fraction] = {}
    _follow(formula, positive, iter(values), found)
    return found


def _follow(
    formula: Term,
    positive: bool,
    values: Iterator[Fraction],
    found: dict[Term, Fraction],
) -> None:
    if not is_quantified(formula):
        return
    if isinstance(formula.value, Binder):
        known = normal(formula)
        found[known] = next(values)
        number = terms.make_number(found[known], REAL)
        _follow(terms.instantiate(known, number), positive, values, found)
        return
    for place, arg in enumerate(formula.args):
        turned = formula.op == "not" or (formula.op, place) == ("implies", 0)
        _follow(arg, positive != turned, values, found)


def find_values(
    formula: Term, points: Mapping[Term, Fraction]
) -> tuple[Fraction, ...] | None:
    """The values of the constants of `open_statement`, where `points` has all of them."""
    found: list[Fraction] = []
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        if not is_quantified(part):
            continue
        if not isinstance(part.value, Binder):
            waiting += reversed(part.args)
            continue
        known = normal(part)
        if known not in points:
            return None
        found.append(points[known])
        number = terms.make_number(points[known], REAL)
        waiting.append(terms.instantiate(known, number))
    return tuple(found)


def split_parts(formula: Term) -> list[Term]:
    """The largest parts of a closed statement that are quantified or have no quantifier."""
    if formula.op in CONNECTIVES and is_quantified(formula):
        return [part for arg in formula.args for part in split_parts(arg)]
    return [formula]
