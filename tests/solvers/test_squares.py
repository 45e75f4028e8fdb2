"""Sums of squares: exact decompositions, tight inequalities, and never a wrong answer."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.solvers.polynomial_claims import (
    accept,
    hypotheses_of,
    hypothesis_of,
    literal_of,
)
from tests.solvers.polynomial_table import CLASSICAL, FALSE
from verify.kernel.normal import normal
from verify.kernel.polynomials import Polynomial, add, multiply
from verify.kernel.terms import REAL, Symbol, Term, make_application
from verify.solvers.combinations import (
    Combination,
    find_combination,
    is_contradiction,
    settled,
)
from verify.solvers.squares import find_squares, make_squares
from verify.solvers.substitution import make_system

SECONDS = 20.0
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


quadratic = polynomials_of(2, 3)


def value_at(poly: Polynomial, point: dict) -> Fraction:
    total = ZERO
    for monomial, coefficient in poly.items():
        for generator in monomial:
            coefficient *= point[generator]
        total += coefficient
    return total


def make_identity(random: Random) -> list[Term]:
    """Literals that contradict each other, made from the identity that shows it."""

    def draw(degree: int) -> Polynomial:
        total: Polynomial = {}
        for _ in range(random.randint(1, 3)):
            some = random.choices(GENERATORS, k=random.randint(0, degree))
            monomial = tuple(sorted(some, key=lambda term: term.key))
            value = Fraction(random.choice([-3, -2, -1, 1, 2, 3]))
            total = add(((Fraction(1), total), (value, {monomial: Fraction(1)})))
        return total

    given = [(random.choice([">", ">="]), draw(1)) for _ in range(random.randint(1, 3))]
    strict = random.random() < 0.5
    total: Polynomial = {} if strict else {(): Fraction(1)}
    for _ in range(random.randint(1, 2)):
        part = multiply(base := draw(1), base)
        for _ in range(random.randint(0, 2)):
            part = multiply(part, random.choice(given)[1])
        total = add(((Fraction(1), total), (Fraction(1), part)))
    equation = draw(2)
    paid = multiply(equation, draw(1))
    last = add(((Fraction(-1), total), (Fraction(1), paid)))
    hypotheses = [*given, ("=", equation), (">" if strict else ">=", last)]
    literals = [literal_of(kind, poly) for kind, poly in hypotheses]
    return [literal for literal in literals if normal(literal).op != "true"]


def test_identities_made_on_purpose_are_mostly_found_and_never_wrong() -> None:
    random = Random(5)
    outcomes = []
    for _ in range(60):
        literals = make_identity(random)
        if any(normal(literal).op == "false" for literal in literals):
            continue
        combination = find_combination(list(map(hypothesis_of, literals)), SECONDS)
        if combination is not None:
            assert accept(literals, combination).claim == "proved"
        outcomes.append(combination is not None)
    assert len(outcomes) > 30
    assert outcomes.count(False) <= 2


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
