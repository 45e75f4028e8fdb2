"""Integer equations that no integers solve, each with the sum that shows it."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.kernel.polynomials import CONSTANT, Polynomial, add
from verify.kernel.terms import INT, Symbol, constant
from verify.solvers.integers import impossible_equations

NAMES = [constant(Symbol(name, (), INT)) for name in "xyz"]


def equation(*coefficients: int) -> Polynomial:
    """3, 2, 0, -1 is 3x + 2y - 1 = 0."""
    *factors, rest = coefficients
    poly = {(name,): Fraction(c) for name, c in zip(NAMES, factors, strict=False) if c}
    return poly | ({CONSTANT: Fraction(rest)} if rest else {})


def no_integers_solve(poly: Polynomial) -> bool:
    divisor = gcd(*(int(c) for monomial, c in poly.items() if monomial))
    constant_part = int(poly.get(CONSTANT, Fraction(0)))
    return constant_part % divisor != 0 if divisor else constant_part != 0


@pytest.mark.parametrize(
    "rows",
    [
        [(2, 4, 1)],
        [(1, -2, 0, 0), (1, 0, -2, -1)],  # x = 2y and x = 2z + 1
        [(3, 5, 0, -1), (3, 5, 0, -2)],
        [(6, 10, 15, -2), (2, 0, 0, -2), (0, 2, 0, -2)],
    ],
)
def test_a_contradiction_is_found(rows: list[tuple[int, ...]]) -> None:
    numbered = [(i, equation(*row)) for i, row in enumerate(rows, 1)]
    found = impossible_equations(numbered)
    assert found
    total = add((value, dict(numbered)[literal]) for literal, value in found)
    assert all(value.denominator == 1 for _, value in found)
    assert no_integers_solve(total)


@given(
    st.tuples(*[st.integers(-4, 4)] * 3),
    st.lists(st.tuples(*[st.integers(-5, 5)] * 3), min_size=1, max_size=4),
)
def test_equations_with_a_solution_are_left_alone(
    solution: tuple[int, ...], rows: list[tuple[int, ...]]
) -> None:
    numbered = []
    for literal, row in enumerate(rows, 1):
        value = sum(c * s for c, s in zip(row, solution, strict=True))
        numbered.append((literal, equation(*row, -value)))
    assert impossible_equations([item for item in numbered if item[1]]) == ()
