"""Solving equations before the search: a generator that an equation defines disappears.

`R' = R + g*(x - u)`, `T = s*s` and `eta*G*s = D` each say what one generator is, so the
search may put that in everywhere and has fewer columns and no such equation left. What
this cost is paid at the end: the products found are expanded over the hypotheses as they
were given, and dividing by `generator - value` yields the factor of the equation. Every
derived equation carries the factors of the given ones that make it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel.polynomials import Polynomial
from verify.kernel.terms import is_numeric
from verify.solvers.packed import (
    LANE,
    MAX_DEGREE,
    Numbering,
    Packed,
    combine,
    degree_of,
    divide,
    exponent,
    integral,
    make_numbering,
    product,
    product_of,
)

MAX_VALUE: Final = 8
MAX_GROWTH: Final = 3

Origin = dict[int, Packed]  # given equation -> its factor


class Inequality(NamedTuple):
    """`poly >= 0`, or `> 0`; `scale` times the given hypothesis, solved for equations."""

    poly: Packed
    strict: bool
    given: int
    scale: Fraction


class Equation(NamedTuple):
    poly: Packed
    origin: Origin


class Solved(NamedTuple):
    """`generator = value`: the place, the value, and what makes their difference."""

    place: int
    value: Packed
    origin: Origin


class System(NamedTuple):
    """What is left to search, and what leads back to the hypotheses as given."""

    numbering: Numbering
    given: tuple[Packed, ...]
    inequalities: tuple[Inequality, ...]
    equations: tuple[Equation, ...]
    solved: tuple[Solved, ...]


class Product(NamedTuple):
    """A multiplier from 0 on, inequalities of the system, and a polynomial squared."""

    multiplier: Fraction
    factors: tuple[int, ...]
    square: Packed | None


def make_system(hypotheses: Sequence[tuple[str, Polynomial]], *, solve: bool) -> System:
    """The hypotheses packed; with `solve`, equations that define a generator used up.

    Equations about things that are no numbers, and hypotheses of a degree beyond the
    cap, take no part.
    """
    numbering = make_numbering(poly for _, poly in hypotheses)
    given = tuple(
        numbering.pack(poly) if _usable(poly) else {} for _, poly in hypotheses
    )
    equations = [
        Equation(poly, {index: {0: 1}})
        for index, ((kind, _), poly) in enumerate(zip(hypotheses, given, strict=True))
        if kind == "=" and poly
    ]
    others = {
        index: poly
        for index, ((kind, whole), poly) in enumerate(
            zip(hypotheses, given, strict=True)
        )
        if kind != "=" and (poly or not whole)
    }
    solved: list[Solved] = []
    while solve and (found := _definition(equations, others)):
        number, definition = found
        del equations[number]
        solved.append(definition)
        others = {
            index: divide(poly, definition.place, definition.value)[1]
            for index, poly in others.items()
        }
        equations = [_solve_in(equation, definition) for equation in equations]
        equations = [equation for equation in equations if equation.poly]
    inequalities = []
    for index, poly in others.items():
        whole, scale = integral(poly)
        strict = hypotheses[index][0] == ">"
        inequalities.append(Inequality(whole, strict, index, scale))
    left = tuple(_scaled(equation) for equation in equations)
    return System(numbering, given, tuple(inequalities), left, tuple(solved))


def _usable(poly: Polynomial) -> bool:
    return all(
        len(monomial) <= MAX_DEGREE and all(is_numeric(term.sort) for term in monomial)
        for monomial in poly
    )


def _scaled(equation: Equation) -> Equation:
    poly, factor = integral(equation.poly)
    return Equation(poly, _times(equation.origin, {0: factor}))


def _times(origin: Origin, factor: Packed) -> Origin:
    return {index: product(poly, factor) for index, poly in origin.items()}


def _plus(left: Origin, right: Origin) -> Origin:
    return {
        index: combine(((1, left.get(index, {})), (1, right.get(index, {}))))
        for index in left.keys() | right.keys()
    }


def _solve_in(equation: Equation, definition: Solved) -> Equation:
    quotient, rest = divide(equation.poly, definition.place, definition.value)
    paid = _times(definition.origin, combine(((-1, quotient),)))
    return Equation(rest, _plus(equation.origin, paid))


def _definition(
    equations: Sequence[Equation], others: dict[int, Packed]
) -> tuple[int, Solved] | None:
    """The equation that says most shortly what a generator is, if any may be used."""
    found: list[tuple[tuple[int, int, int], int, Solved]] = []
    for number, equation in enumerate(equations):
        for monomial, value in equation.poly.items():
            place = (monomial.bit_length() - 1) // LANE
            alone = monomial and monomial == 1 << LANE * place
            if not alone or len(equation.poly) > MAX_VALUE + 1:
                continue
            if sum(exponent(other, place) > 0 for other in equation.poly) > 1:
                continue
            rest = {other: c for other, c in equation.poly.items() if other != monomial}
            worth = combine(((Fraction(-1) / value, rest),))
            origin = _times(equation.origin, {0: 1 / Fraction(value)})
            rank = len(worth), -degree_of(worth), place
            found.append((rank, number, Solved(place, worth, origin)))
    for _, number, definition in sorted(found, key=lambda item: item[:2]):
        if _affordable(definition, others):
            return number, definition
    return None


def _affordable(definition: Solved, others: dict[int, Packed]) -> bool:
    for poly in others.values():
        power = max((exponent(at, definition.place) for at in poly), default=0)
        if degree_of(poly) + power * degree_of(definition.value) > MAX_DEGREE:
            return False
        if len(definition.value) ** power > MAX_GROWTH * MAX_VALUE:
            return False
    return True


def settle(
    system: System, products: Sequence[Product], cofactors: Sequence[tuple[int, Packed]]
) -> tuple[tuple[Product, ...], Origin]:
    """The same combination over the hypotheses as given, with a factor for each equation.

    `cofactors` are equations of the system with their factors.
    """
    back = [_given(system, item) for item in products]
    total = combine((item.multiplier, _expanded(system.given, item)) for item in back)
    origin: Origin = {}
    for number, factor in cofactors:
        paid = _times(system.equations[number].origin, factor)
        origin = _plus(origin, paid)
    total = combine(
        [(1, total), *((1, product(system.given[at], f)) for at, f in origin.items())]
    )
    for definition in system.solved:
        quotient, _ = divide(total, definition.place, definition.value)
        if not quotient:
            continue
        paid = _times(definition.origin, combine(((-1, quotient),)))
        total = combine(
            [(1, total), *((1, product(system.given[at], f)) for at, f in paid.items())]
        )
        origin = _plus(origin, paid)
    return tuple(back), {index: factor for index, factor in origin.items() if factor}


def _given(system: System, item: Product) -> Product:
    chosen = [system.inequalities[number] for number in item.factors]
    multiplier = item.multiplier
    for inequality in chosen:
        multiplier *= inequality.scale
    return Product(
        multiplier, tuple(inequality.given for inequality in chosen), item.square
    )


def _expanded(given: Sequence[Packed], item: Product) -> Packed:
    total = product_of(given[index] for index in item.factors)
    if item.square is not None:
        total = product(total, product(item.square, item.square))
    return total
