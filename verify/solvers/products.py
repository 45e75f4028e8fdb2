"""Products of hypotheses that add up to a contradiction, found by exact linear programming.

Most polynomial steps of an argument are a linear combination once monomials count as
variables and a few products are put beside the hypotheses (Krivine 1964, Handelman 1988):
products of inequalities, squares of monomials and of sums and differences of two, and
equations times monomials. Levels are tried in turn, each with more columns. Squares never
bring in a monomial of their own, and a product that brings in many comes last: what
nothing else can cancel is of no use.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import Final, NamedTuple

from verify.solvers.elimination import OutOfTime, require_time
from verify.solvers.multiples import Multiple, make_multiples
from verify.solvers.packed import (
    LANE,
    ONE,
    Packed,
    divides,
    monomials_of,
    product,
    root,
)
from verify.solvers.rays import find_ray
from verify.solvers.substitution import Product, System

MAX_PRODUCTS: Final = 250
MAX_SQUARES: Final = 1_000
MAX_FITS: Final = 100
ROUNDS: Final = 3
# by level; little for the third, since sums of squares come next
WORK: Final = (2_000_000, 2_000_000, 500_000, 50_000_000)


class Column(NamedTuple):
    """The product of some inequalities and a square, expanded."""

    poly: Packed
    factors: tuple[int, ...]
    square: Packed | None
    strict: bool


class Found(NamedTuple):
    """A contradiction over a system: products, and equations with their factors."""

    products: tuple[Product, ...]
    equations: tuple[tuple[int, Packed], ...]


def find_products(system: System, level: int, deadline: float) -> Found | None:
    """A contradiction that a linear combination of the columns of a level makes.

    Level 0 takes the hypotheses as they are; levels 1 to 3 take products of up to one
    more than their number. None when there is none, or none was found in time.
    """
    try:
        columns, multiples = _make_columns(system, level, deadline)
    except OutOfTime:
        return None
    ray = find_ray(
        [column.poly for column in columns],
        [number for number, column in enumerate(columns) if column.strict],
        [multiple.poly for multiple in multiples],
        deadline=deadline,
        work=WORK[level],
    )
    if ray is None:
        return None
    chosen = tuple(
        Product(multiplier, columns[number].factors, columns[number].square)
        for number, multiplier in sorted(ray.positive.items())
        if columns[number].factors or columns[number].square is not None
    )
    factors: dict[int, Packed] = {}
    for number, multiplier in ray.free.items():
        _, equation, monomial = multiples[number]
        factors.setdefault(equation, {})[monomial] = multiplier
    return Found(chosen, tuple(sorted(factors.items())))


def _make_columns(
    system: System, level: int, deadline: float
) -> tuple[list[Column], list[Multiple]]:
    columns = _products(system, level, deadline)
    polys = [column.poly for column in columns]
    if not level:
        return columns, make_multiples(system, polys, 0, deadline)
    multiples = make_multiples(system, polys, ROUNDS, deadline)
    polys += [multiple.poly for multiple in multiples]
    require_time(deadline)
    columns += _squares(columns, _occurring(system), monomials_of(polys))
    return columns, multiples


def _occurring(system: System) -> set[int]:
    """The monomials of the hypotheses."""
    polys = [item.poly for item in system.inequalities]
    return monomials_of([*polys, *(item.poly for item in system.equations)])


def _products(system: System, level: int, deadline: float) -> list[Column]:
    """The constant 1, the inequalities, products of up to `level` + 1 of them, and from
    level 1 on inequalities times squares."""
    single = [
        Column(item.poly, (number,), None, item.strict)
        for number, item in enumerate(system.inequalities)
    ]
    columns = [Column(ONE, (), None, strict=True), *single]
    useful = [column for column in single if set(column.poly) - {0}]
    first = known = _occurring(system)
    longer = useful
    for length in range(level):
        products = []
        for left in longer:
            require_time(deadline)
            products += [
                _times(left, right)
                for right in useful
                if left.factors[-1] <= right.factors[0]
            ]
        longer = _nearest(products, known)
        columns += longer
        if length:
            known = known | monomials_of([column.poly for column in longer])
    if not level:
        return columns
    squared: list[Column] = []
    for column in useful:
        require_time(deadline)
        fits = _fitting(column.poly, first)
        squared += [_squared(column, {at: 1}) for at in fits[:MAX_FITS]]
    if level > 1:
        places = range(len(system.numbering.generators))
        lanes = [1 << LANE * place for place in places]
        present = [at for at in lanes if any(divides(at, whole) for whole in first)]
        pairs: list[Packed] = [
            {one: 1, other: sign}
            for one, other in combinations(present, 2)
            for sign in (1, -1)
        ]
        squared += [_squared(column, pair) for column in useful for pair in pairs]
        double = [column for column in columns if len(column.factors) == 2]
        squared += [_squared(column, {at: 1}) for column in double for at in present]
    return columns + _nearest(squared, known)


def _fitting(poly: Packed, known: set[int]) -> list[int]:
    """The monomials whose square takes a monomial of `poly` to a known one."""
    quotients = {
        whole - part for part in poly for whole in known if divides(part, whole)
    }
    return sorted(at for quotient in quotients if (at := root(quotient)))


def _times(left: Column, right: Column) -> Column:
    return Column(
        product(left.poly, right.poly),
        left.factors + right.factors,
        None,
        left.strict and right.strict,
    )


def _squared(column: Column, base: Packed) -> Column:
    return Column(
        product(column.poly, product(base, base)), column.factors, base, strict=False
    )


def _nearest(columns: Iterable[Column], known: set[int]) -> list[Column]:
    """The columns that bring in the fewest monomials; short and low ones first."""

    def rank(column: Column) -> tuple[int, int, tuple[int, ...]]:
        fresh = sum(monomial not in known for monomial in column.poly)
        return fresh, len(column.poly), column.factors

    return sorted(columns, key=rank)[:MAX_PRODUCTS]


def _squares(
    columns: Iterable[Column], first: set[int], seen: set[int]
) -> list[Column]:
    """Squares of monomials, and of sums of two, all of whose monomials occur already;
    those that the hypotheses themselves suggest come first."""
    roots = sorted(at for monomial in seen if (at := root(monomial)) is not None)
    bases: list[tuple[bool, Packed]] = [
        (2 * at not in first, {at: 1}) for at in roots if at
    ]
    ratios = _ratios(columns)
    for left, right in combinations(roots, 2):
        if left + right in seen:
            late = not {2 * left, left + right, 2 * right} <= first
            for one, other in ((1, 1), *sorted(ratios.get((left, right), ()))):
                bases.append((late, {left: one, right: other}))
                bases.append((late, {left: one, right: -other}))
    bases.sort(key=lambda item: item[0])
    return [
        Column(product(base, base), (), base, strict=False)
        for _, base in bases[:MAX_SQUARES]
    ]


def _ratios(columns: Iterable[Column]) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """Weights other than 1 and 1 with which a column suggests to square two monomials:
    4*a*a - 4*a*b + b*b is the square of 2*a - b."""
    ratios: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for column in columns:
        even = [at for at in sorted(column.poly) if root(at) is not None]
        for left, right in combinations(even[:12], 2):
            first, second = int(column.poly[left]), int(column.poly[right])
            if abs(first) == abs(second) or (left + right) >> 1 not in column.poly:
                continue
            common = Fraction(first, second)
            above, below = isqrt(abs(common.numerator)), isqrt(common.denominator)
            if common == Fraction(above * above, below * below):
                pair = left >> 1, right >> 1
                ratios.setdefault(pair, set()).add((above, below))
    return ratios
