"""Integer equations without a solution, by elimination over the integers.

Each equation is kept with the multipliers that made it. A pivot is the smallest
coefficient; the others are reduced by it, as in Euclid's algorithm, until it divides its
equation or is the only one left in its column. An equation whose coefficients have a
common divisor that does not divide the constant has no integer solution, and neither has
any system that implies it (the omega test's first step; Pugh, 1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from verify.kernel.polynomials import CONSTANT, Monomial, Polynomial, add

MAX_ROUNDS = 400
Row = tuple[Polynomial, dict[int, Fraction]]  # an equation, and literal -> multiplier


def impossible_equations(
    equations: Sequence[tuple[int, Polynomial]],
) -> tuple[tuple[int, Fraction], ...]:
    """Literals with multipliers whose sum has no integer solution; empty if none is found."""
    rows: list[Row] = [
        (dict(poly), {literal: Fraction(1)}) for literal, poly in equations
    ]
    for _ in range(MAX_ROUNDS):
        for poly, made in rows:
            if _impossible(poly):
                return tuple(
                    (literal, value) for literal, value in made.items() if value
                )
        choice = _smallest(rows)
        if choice is None:
            return ()
        place, monomial = choice
        pivot = rows[place]
        rows = [
            row if i == place else _reduce(row, pivot, monomial)
            for i, row in enumerate(rows)
        ]
        if all(i == place or monomial not in row[0] for i, row in enumerate(rows)):
            rows.pop(place)  # the other equations no longer speak of it
    return ()


def _impossible(poly: Polynomial) -> bool:
    divisor = gcd(*(value.numerator for monomial, value in poly.items() if monomial))
    constant = poly.get(CONSTANT, Fraction(0))
    return constant != 0 if divisor == 0 else constant % divisor != 0


def _smallest(rows: Sequence[Row]) -> tuple[int, Monomial] | None:
    sizes = [
        (abs(value), place, monomial)
        for place, (poly, _) in enumerate(rows)
        for monomial, value in poly.items()
        if monomial and sum(monomial in other for other, _ in rows) > 1
    ]
    if not sizes:
        return None
    _, place, monomial = min(sizes, key=lambda size: size[:2])
    return place, monomial


def _reduce(row: Row, pivot: Row, monomial: Monomial) -> Row:
    quotient = Fraction(row[0].get(monomial, Fraction(0)) // pivot[0][monomial])
    if not quotient:
        return row
    made = dict(row[1])
    for literal, value in pivot[1].items():
        made[literal] = made.get(literal, Fraction(0)) - quotient * value
    return add(((Fraction(1), row[0]), (-quotient, pivot[0]))), made
