"""Constants with a meaning: the infimum, supremum or sum of what a formula describes.

    (extremum best (forall (?v Real) (forall (?p Real) (<= ?v (+ (* ?p ?p) 1/1)))))
    (total count -1 0 1 (forall (?v Real) (forall (?p Real) (= ?v (if ... 1/1 0/1)))))

An extremum is the greatest v for which the formula holds where it bounds v from above
(v <= T: the infimum of T), the least where it bounds v from below (T <= v: the supremum).
T may depend on more variables, all bound by `forall`, with a condition on them, and v <= T
may be several such atoms joined by `and` and `or`, as for a maximum; so what holds of v
holds of every smaller v (or greater, for a supremum), and of their limit. Where no v or
every v is one, the constant is some real number, unknown. A total is the sum of T over all
assignments of the numbers to the variables after v. Networks may be spoken of, and such
constants declared before; nothing else. As with networks, no model says what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.counting import Values, peel, run_all
from verify.kernel.networks import Meaning
from verify.kernel.rejections import Rejected, require
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import Tree, read_name, read_rational, write_term


class Extremum(NamedTuple):
    """The greatest or the least number of which `formula` holds."""

    name: str
    formula: Term

    def text(self) -> str:
        return f"(extremum {self.name} {write_term(self.formula)})"


class Total(NamedTuple):
    """The sum of what `formula` equates its first variable with."""

    name: str
    values: tuple[Fraction, ...]
    formula: Term

    def text(self) -> str:
        numbers = " ".join(map(str, self.values))
        return f"(total {self.name} {numbers} {write_term(self.formula)})"


Quantity = Extremum | Total


def symbol_of(quantity: Quantity) -> Symbol:
    return Symbol(quantity.name, (), REAL)


def meaning_of(quantity: Quantity) -> Meaning:
    return Meaning(quantity.name, sha256(quantity.text().encode()).hexdigest())


def _mentions(term: Term, index: int) -> bool:
    """Whether a term without quantifiers mentions this variable."""
    parts = terms.subterms(term)
    return any(part.op == "var" and part.value == index for part in parts)


def read_quantity(
    adds_up: bool, name: Tree, values: Iterable[Tree], formula: Term
) -> Quantity:
    """What a declaration's parts declare. Raises Rejected where that has no meaning."""
    numbers = tuple(read_rational(str(value)) for value in values)
    total = Total(read_name(name), numbers, formula)
    require(
        adds_up or not numbers, "a name and a formula", ", ".join(map(str, numbers))
    )
    quantity = total if adds_up else Extremum(total.name, formula)
    _check_shape(quantity)
    return quantity


def _check_shape(quantity: Quantity) -> None:
    """The formula must have the shape that gives the constant a meaning."""
    count, body = peel(quantity.formula)
    shape = "forall v: Real. forall p...: ..."
    require(count > 0 and quantity.formula.loose == 0, shape, quantity.formula.op)
    flat = all(part.op not in ("forall", "exists") for part in terms.subterms(body))
    require(flat, "quantifiers in front only", "one inside")
    if isinstance(quantity, Total):
        require(
            len({*quantity.values}) == len(quantity.values), "distinct numbers", "twice"
        )
        equation = body.op == "=" and body.args[0].value == count - 1
        require(equation and body.args[0].op == "var", "v = T", body.op)
        require(not _mentions(body.args[1], count - 1), "v on one side", "on both")
        return
    sides(quantity)


def sides(extremum: Extremum) -> bool:
    """Whether it is a supremum. Raises Rejected where it is neither."""
    count, body = peel(extremum.formula)
    bound = count - 1
    if body.op == "implies":
        condition, body = body.args
        require(not _mentions(condition, bound), "a condition without v", "with v")
    found: set[bool] = set()
    for atom in _atoms(body):
        require(atom.op == "<=", "v <= T or T <= v", atom.op)
        places = [
            i
            for i, arg in enumerate(atom.args)
            if (arg.op, arg.value) == ("var", bound)
        ]
        require(len(places) == 1, "v alone on one side", "another atom")
        other = atom.args[1 - places[0]]
        require(not _mentions(other, bound), "v on one side", "on both")
        found.add(places == [1])
    require(len(found) == 1, "v on the same side of each atom", "on both sides")
    return found.pop()


def _atoms(body: Term) -> Iterator[Term]:
    waiting = [body]
    while waiting:
        part = waiting.pop()
        if part.op in ("and", "or"):
            waiting += part.args
        else:
            yield part


def bound_clauses(
    extremum: Extremum, bound: Term, other: Term
) -> Iterator[tuple[Term, ...]]:
    """What is known of an infimum N, where B(t) says that t is a lower bound:
    ~B(bound) | B(other) | bound <= N, and ~B(bound) | B(N). A supremum likewise.

    A lower bound is no more than the infimum, unless every number is one; and the infimum
    is one itself, if there is any.
    """
    own = terms.constant(symbol_of(extremum))
    holds, beyond, at_own = (
        terms.instantiate(extremum.formula, term) for term in (bound, other, own)
    )
    ends = (own, bound) if sides(extremum) else (bound, own)
    yield terms.make_not(holds), beyond, terms.make_at_most(*ends)
    yield terms.make_not(holds), at_own


def add_up(total: Total, values: Values) -> Fraction:
    """The sum, closed terms being what `values` takes them to be.

    Raises Rejected on what is not arithmetic, or too many assignments.
    """
    count, body = peel(total.formula)
    found = run_all(body.args[1], [total.values] * (count - 1), values)
    return sum(map(Fraction, found), Fraction(0))


def find_quantity(quantities: tuple[Quantity, ...], name: str) -> Quantity:
    for quantity in quantities:
        if quantity.name == name:
            return quantity
    raise Rejected("the name of a declared quantity", name)
