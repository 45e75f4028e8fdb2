"""Sums of squares: exact decompositions, tight inequalities, and never a wrong answer."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.solvers.polynomial_claims import hypotheses_of
from tests.solvers.polynomial_table import CLASSICAL, FALSE
from verify.kernel.polynomials import Polynomial, add, multiply
from verify.kernel.terms import REAL, Symbol, make_application
from verify.solvers.combinations import (
    Combination,
    find_combination,
    is_contradiction,
    settled,
)
from verify.solvers.squares import find_squares, make_squares
from verify.solvers.substitution import make_system

SECONDS = 5.0
ZERO = Fraction(0)
Hypotheses = list[tuple[str, Polynomial]]


def by_squares(hypotheses: Hypotheses, extra: int) -> Combination | None:
    system = make_system(hypotheses, solve=True)
    found = find_squares(system, extra, time.monotonic() + SECONDS)
    return None if found is None else settled(system, found)


# how much above the degree of the hypotheses the squares must go
DEGREES = {
    "means of two": 0,
    "means of three": 0,
    "means of four": 0,
    "Cauchy-Schwarz 3": 0,
    "quartic": 0,
    "unit interval": 0,
    "Motzkin multiplied": 0,
    "Motzkin": 2,
    "circle": 0,
    "disc": 0,
    "fifth power": 0,
    "weighted squares": 0,
    "simplex": 0,
    "Young": 0,
}


@pytest.mark.parametrize("name", DEGREES)
def test_squares_alone_show_the_classical_inequalities(name: str) -> None:
    hypotheses = hypotheses_of(CLASSICAL[name])
    combination = by_squares(hypotheses, DEGREES[name])
    assert combination is not None
    assert is_contradiction(hypotheses, combination)


def test_motzkin_is_no_sum_of_squares() -> None:
    assert by_squares(hypotheses_of(CLASSICAL["Motzkin"]), 0) is None


@pytest.mark.parametrize("name", FALSE)
@pytest.mark.parametrize("extra", [0, 2])
def test_no_squares_are_found_for_what_fails(name: str, extra: int) -> None:
    assert by_squares(hypotheses_of(FALSE[name]), extra) is None


def test_tight_inequalities_keep_small_numbers() -> None:
    """Where only one matrix will do, it is found exactly and not nearly."""
    combination = by_squares(hypotheses_of(CLASSICAL["Motzkin multiplied"]), 0)
    assert combination is not None
    numbers = [multiplier for multiplier, _, _ in combination.products]
    assert max(number.numerator for number in numbers) < 100


numbers = st.integers(-4, 4).map(Fraction)


@given(st.lists(st.lists(numbers, min_size=4, max_size=4), max_size=4))
def test_semidefinite_matrices_are_sums_of_squares(rows: list[list[Fraction]]) -> None:
    matrix = [
        [sum((row[i] * row[j] for row in rows), ZERO) for j in range(4)]
        for i in range(4)
    ]
    squares = make_squares(matrix)
    assert squares is not None
    assert all(multiplier > 0 for multiplier, _ in squares)
    for i in range(4):
        for j in range(4):
            total = sum((m * v[i] * v[j] for m, v in squares), ZERO)
            assert total == matrix[i][j]


@given(
    st.lists(numbers, min_size=6, max_size=6), st.lists(numbers, min_size=3, max_size=3)
)
def test_a_matrix_with_a_negative_value_is_no_sum_of_squares(
    entries: list[Fraction], vector: list[Fraction]
) -> None:
    a, b, c, d, e, f = entries
    matrix = [[a, b, c], [b, d, e], [c, e, f]]
    value = sum(
        (vector[i] * matrix[i][j] * vector[j] for i in range(3) for j in range(3)), ZERO
    )
    assert make_squares(matrix) is None or value >= 0


GENERATORS = [make_application(Symbol(name, (), REAL)) for name in "xyz"]
small = st.integers(-3, 3).filter(bool).map(Fraction)


def polynomials_of(degree: int, length: int) -> st.SearchStrategy[Polynomial]:
    monomials = st.lists(st.sampled_from(GENERATORS), max_size=degree).map(
        lambda terms: tuple(sorted(terms, key=lambda term: term.key))
    )
    return st.dictionaries(monomials, small, min_size=1, max_size=length)


linear, quadratic = polynomials_of(1, 3), polynomials_of(2, 3)


def value_at(poly: Polynomial, point: dict) -> Fraction:
    total = ZERO
    for monomial, coefficient in poly.items():
        for generator in monomial:
            coefficient *= point[generator]
        total += coefficient
    return total


@st.composite
def identities(draw: st.DrawFn) -> Hypotheses:
    """Hypotheses that contradict each other, made from the identity that shows it."""
    kinds = st.sampled_from([">", ">="])
    given = draw(st.lists(st.tuples(kinds, linear), min_size=1, max_size=3))
    total: Polynomial = {(): Fraction(draw(st.integers(0, 1)))}
    last = ">" if not total[()] else ">="
    for _ in range(draw(st.integers(1, 2))):
        part = draw(linear)
        part = multiply(part, part)
        for _, factor in draw(st.lists(st.sampled_from(given), max_size=2)):
            part = multiply(part, factor)
        total = add(((Fraction(1), total), (Fraction(1), part)))
    equation = draw(quadratic)
    paid = multiply(equation, draw(linear))
    total = add(((Fraction(-1), total), (Fraction(1), paid)))
    return [*given, ("=", equation), (last, total)]


@given(identities())
@settings(deadline=None, max_examples=30)
def test_identities_made_on_purpose_are_found_or_not_but_never_wrong(
    hypotheses: Hypotheses,
) -> None:
    combination = find_combination(hypotheses, 2.0)
    assert combination is None or is_contradiction(hypotheses, combination)


@given(
    st.lists(quadratic, min_size=1, max_size=5),
    st.lists(st.fractions(-2, 2, max_denominator=2), min_size=3, max_size=3),
)
@settings(deadline=None, max_examples=60)
def test_hypotheses_that_hold_somewhere_have_no_combination(
    polys: list[Polynomial], values: list[Fraction]
) -> None:
    point = dict(zip(GENERATORS, values, strict=True))
    hypotheses: Hypotheses = []
    for poly in polys:
        value = value_at(poly, point)
        sign = -1 if value < 0 else 1
        kind = ">" if value else ("=" if len(poly) % 2 else ">=")
        hypotheses.append((kind, {at: sign * c for at, c in poly.items()}))
    assert find_combination(hypotheses, 1.0) is None
