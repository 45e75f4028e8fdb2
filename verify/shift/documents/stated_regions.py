"""Regions as documents state them, read as boxes with half-spaces.

A document says a region with a formula, the search wants sides and half-spaces. A
conjunction of linear comparisons is one, and so is one with maxima on the small side:
`abs(x) + abs(y) <= 1` says the same as four linear comparisons. Sides that are not written
are found by linear programming; that they hold is shown later from the formula, so a wrong
one would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import CONSTANT, Polynomial, read_polynomial
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import make_term, read_tree
from verify.language.expansion import replace_constants
from verify.networks.statements.grounds import Unsettled
from verify.shift.pointwise.polytopes import close_sides
from verify.shift.regions import Half, Region

MAX_HALVES: Final = 200
ZERO: Final = Fraction(0)
PLAIN: Final = "a box, or linear comparisons joined by `and`"


class Stated(NamedTuple):
    """A region's formula over constants, which stand for the coordinates."""

    symbols: tuple[Symbol, ...]
    formula: Term

    def at(self, point: Sequence[Term]) -> tuple[Term, ...]:
        """What it says of a point, one formula for each part of its conjunction."""
        values = dict(zip(self.symbols, point, strict=True))
        formula = replace_constants(self.formula, values)
        if formula.op == "true":
            return ()
        return formula.args if formula.op == "and" else (formula,)


def read_stated(thing: dict[str, list[str] | str]) -> Stated:
    """The region of a risk, as `verify.suites.describing` writes it."""
    symbols = tuple(Symbol(name, (), REAL) for name in thing["names"])
    tree = read_tree(str(thing["formula"]))[0]
    known = {symbol.name: symbol for symbol in symbols}
    return Stated(symbols, make_term(tree, terms.BUILTIN, known))


def make_region(stated: Stated) -> Region:
    """The same points as a box with half-spaces; a side that there is none for is None.

    Raises Unsettled where the formula is of another shape.
    """
    point = [terms.constant(symbol) for symbol in stated.symbols]
    lower: list[Fraction | None] = [None] * len(point)
    upper: list[Fraction | None] = [None] * len(point)
    halves: list[Half] = []
    for part in stated.at(point):
        for poly in _take_apart(part):
            half = _read_half(poly, point)
            spoken = [j for j, weight in enumerate(half.weights) if weight]
            if len(spoken) != 1:
                halves.append(half)
                if len(halves) > MAX_HALVES:
                    raise _refuse(f"more than {MAX_HALVES} half-spaces")
                continue
            (j,) = spoken
            side = -half.constant / half.weights[j]
            low, high = lower[j], upper[j]
            if half.weights[j] > 0:
                lower[j] = side if low is None else max(low, side)
            else:
                upper[j] = side if high is None else min(high, side)
    return close_sides(Region(tuple(lower), tuple(upper), tuple(halves)))


def is_largest(term: Term) -> bool | None:
    """Whether an `if` is the larger of its branches; False if it is the smaller one, and
    None if it is neither."""
    condition, one, other = term.args
    if normal(condition) == normal(terms.make_at_most(other, one)):
        return True
    return (
        False if normal(condition) == normal(terms.make_at_most(one, other)) else None
    )


def _take_apart(part: Term) -> Iterator[Polynomial]:
    """Polynomials, linear in the coordinates, that are at least 0 where `part` holds and
    nowhere else. Raises Unsettled."""
    atom = normal(part)
    match atom.op:
        case "true":
            return
        case "false":
            yield {CONSTANT: Fraction(-1)}
        case "and":
            for arg in atom.args:
                yield from _take_apart(arg)
        case "<=":
            yield from _split(read_polynomial(atom.args[1]))
        case "=":
            poly = read_polynomial(atom.args[0])
            yield from _split(poly)
            yield from _split({m: -value for m, value in poly.items()})
        case "not" if atom.args[0].op == "<=":
            raise _refuse("a strict comparison; write <= for <")
        case _:
            raise _refuse(f"`{atom.op}`")


def _split(poly: Polynomial, count: int = 1) -> Iterator[Polynomial]:
    """`poly >= 0` without `if`: a maximum on the small side is each of its branches."""
    choice = next((m for m in poly if len(m) == 1 and m[0].op == "if"), None)
    if choice is None:
        yield poly
        return
    (term,), factor = choice, poly[choice]
    if is_largest(term) is not (factor < 0) or count > MAX_HALVES:
        raise _refuse(
            "a maximum or a distance that is to be large, or too many of them"
        )
    for branch in term.args[1:]:
        whole = dict(poly)
        del whole[choice]
        for monomial, value in read_polynomial(branch).items():
            whole[monomial] = whole.get(monomial, ZERO) + factor * value
        yield from _split({m: v for m, v in whole.items() if v}, 2 * count)


def _read_half(poly: Polynomial, point: Sequence[Term]) -> Half:
    places = {(term,): j for j, term in enumerate(point)}
    weights = [ZERO] * len(point)
    for monomial, value in poly.items():
        if monomial == CONSTANT:
            continue
        if monomial not in places:
            raise _refuse("more than linear comparisons of the coordinates")
        weights[places[monomial]] = value
    return Half(poly.get(CONSTANT, ZERO), tuple(weights))


def _refuse(found: str) -> Unsettled:
    detail = f"a region in which points move is {PLAIN}; this one has {found}"
    return Unsettled("unsupported", detail)
