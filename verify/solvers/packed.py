"""Polynomials in numbered generators, each monomial packed into one integer.

The search for polynomial certificates multiplies thousands of small polynomials. With an
exponent a byte, a product of monomials is one addition, a square root one shift, and a
test of divisibility one subtraction; the top bit of each byte stays free to catch the
borrow. Degrees are therefore capped well below 128 before anything is packed. What the
search finds is unpacked and expanded again with the kernel's own polynomials.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Final, NamedTuple, TypeAlias

from verify.kernel.polynomials import Monomial, Polynomial
from verify.kernel.terms import Term

Number: TypeAlias = int | Fraction
Packed: TypeAlias = dict[int, Number]

LANE: Final = 8
MAX_DEGREE: Final = 24
ONE: Final[Packed] = {0: 1}


class Numbering(NamedTuple):
    """The generators in the order of their bytes."""

    generators: tuple[Term, ...]
    places: Mapping[Term, int]

    def pack(self, poly: Mapping[Monomial, Fraction]) -> Packed:
        """The polynomial, all of whose generators must be numbered."""
        return {
            sum(1 << LANE * self.places[term] for term in monomial): value
            for monomial, value in poly.items()
        }

    def unpack(self, packed: Packed) -> Polynomial:
        """The kernel's polynomial."""
        return {
            self.monomial(monomial): Fraction(value)
            for monomial, value in packed.items()
            if value
        }

    def monomial(self, packed: int) -> Monomial:
        """The generators of a packed monomial, in the kernel's order."""
        return tuple(
            term
            for place, term in enumerate(self.generators)
            for _ in range(exponent(packed, place))
        )


def make_numbering(polys: Iterable[Mapping[Monomial, Fraction]]) -> Numbering:
    """A byte for every generator that occurs, in the kernel's order of generators."""
    terms = {term for poly in polys for monomial in poly for term in monomial}
    generators = tuple(sorted(terms, key=lambda term: term.key))
    return Numbering(generators, {term: at for at, term in enumerate(generators)})


def exponent(monomial: int, place: int) -> int:
    """How often the generator of a place occurs."""
    return monomial >> LANE * place & 0xFF


def degree(monomial: int) -> int:
    """The sum of the exponents."""
    total = 0
    while monomial:
        total += monomial & 0xFF
        monomial >>= LANE
    return total


def degree_of(poly: Packed) -> int:
    """The highest degree of a monomial; 0 for the polynomial 0."""
    return max(map(degree, poly), default=0)


@cache
def _repeat(byte: int, bits: int) -> int:
    """`byte` in every lane of a number of `bits`."""
    return int.from_bytes(bytes([byte]) * -(-bits // LANE), "little")


def divides(part: int, whole: int) -> bool:
    """Whether no exponent of `part` exceeds that of `whole`."""
    guard = _repeat(0x80, (part | whole).bit_length())
    return ((whole | guard) - part) & guard == guard


def root(monomial: int) -> int | None:
    """The monomial whose square this is, if there is one."""
    return None if monomial & _repeat(1, monomial.bit_length()) else monomial >> 1


def product(left: Packed, right: Packed) -> Packed:
    """The product of two polynomials."""
    total: Packed = {}
    for one, first in left.items():
        for other, second in right.items():
            monomial = one + other
            total[monomial] = total.get(monomial, 0) + first * second
    return {monomial: value for monomial, value in total.items() if value}


def product_of(factors: Iterable[Packed]) -> Packed:
    """The product of polynomials; 1 of none."""
    total = ONE
    for factor in factors:
        total = product(total, factor)
    return total


def combine(parts: Iterable[tuple[Number, Packed]]) -> Packed:
    """The linear combination of polynomials with these multipliers."""
    total: Packed = {}
    for multiplier, part in parts:
        for monomial, value in part.items():
            total[monomial] = total.get(monomial, 0) + multiplier * value
    return {monomial: value for monomial, value in total.items() if value}


def integral(poly: Packed) -> tuple[Packed, Fraction]:
    """`poly` times a positive number, its coefficients coprime integers; that number."""
    values = [Fraction(value) for value in poly.values()]
    if not values:
        return {}, Fraction(1)
    factor = Fraction(
        lcm(*(value.denominator for value in values)),
        gcd(*(value.numerator for value in values)),
    )
    return {monomial: int(value * factor) for monomial, value in poly.items()}, factor


def divide(poly: Packed, place: int, value: Packed) -> tuple[Packed, Packed]:
    """Quotient and remainder of `poly` by `generator - value`, by Horner's scheme.

    `value` must not contain the generator; the remainder is `poly` with `value` for it.
    """
    if not any(exponent(monomial, place) for monomial in poly):
        return {}, poly
    slices: dict[int, Packed] = {}
    for monomial, coefficient in poly.items():
        power = exponent(monomial, place)
        rest = monomial - (power << LANE * place)
        slices.setdefault(power, {})[rest] = coefficient
    quotient: Packed = {}
    carried: Packed = {}
    for power in range(max(slices, default=0), 0, -1):
        carried = combine(((1, slices.get(power, {})), (1, product(carried, value))))
        for monomial, coefficient in carried.items():
            quotient[monomial + (power - 1 << LANE * place)] = coefficient
    return quotient, combine(((1, slices.get(0, {})), (1, product(carried, value))))


def monomials_of(polys: Sequence[Packed]) -> set[int]:
    """The monomials that occur in any of the polynomials."""
    return {monomial for poly in polys for monomial in poly}
