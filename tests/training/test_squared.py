"""Least squared losses: known ones, brute force on tiny fits, and what runs out."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import numpy
import pytest

from tests.proofs import rejects
from tests.training.fitting import least_squared, make, random_fit, require_proof
from verify.training.optima.duals import bound_of
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.results import Cover, Open, Optimum
from verify.training.optima.squared import (
    find_squared_below,
    find_squared_optimum,
    find_squared_witness,
)
from verify.training.optima.squared_nearest import PATIENCE, NearestFinder


def solve(fit: Fit) -> Optimum:
    return find_squared_optimum(fit, deadline=time.monotonic() + 120)


def require_both_sides(fit: Fit, found: Optimum) -> None:
    """The witness has the loss; the kernel accepts the bound, and no higher one."""
    assert found.lower == found.upper == evaluate(fit, found.witness), found.reason
    require_proof(fit, found.upper, found.duals)


KNOWN = {
    "hat, no unit": (range(3), [0, 1, 0], 0, "2/3"),
    "hat, one unit": (range(3), [0, 1, 0], 1, "1/2"),
    "hat, two units": (range(3), [0, 1, 0], 2, "0"),
    "alternating, one unit": (range(5), [0, 1, 0, 1, 0], 1, "1"),
    "alternating, two units": (range(5), [0, 1, 0, 1, 0], 2, "2/3"),
    "affine through x^2, a line needs one unit": (range(3), [0, 1, 4], 1, "0"),
    "exclusive or, one unit": (
        [(0, 0), (0, 1), (1, 0), (1, 1)],
        [0, 1, 1, 0],
        1,
        "2/3",
    ),
    "exclusive or, two units": ([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0], 2, "0"),
    "one input, two answers": ([1, 1, 2], [0, 1, 5], 3, "1/2"),
    "one point": ([7], [3], 0, "0"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_optima(name: str) -> None:
    points, targets, hidden, value = KNOWN[name]
    fit = make("squared", points, targets, hidden)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == Fraction(value)


def test_a_higher_bound_is_not_accepted() -> None:
    fit = make("squared", range(3), [0, 1, 0], 1)
    found = solve(fit)
    with rejects("dual vectors of value 501/1000", "1/2", rule="fit", step=1):
        require_proof(fit, Fraction(501, 1000), found.duals)
    with rejects("a dual vector for each choice", rule="fit", step=1):
        require_proof(fit, found.upper, found.duals[1:])


def require_agreement(seed: int) -> None:
    fit = random_fit(Random(seed), "squared")
    found = solve(fit)
    require_both_sides(fit, found)
    assert abs(float(found.upper) - least_squared(fit)) < 1e-9


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_every_choice_solved_in_floats(seed: int) -> None:
    require_agreement(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(1000, 1500))
def test_agrees_on_many(seed: int) -> None:
    require_agreement(seed)


def test_below_a_value() -> None:
    """One unit on the hat: nothing below 1/2, something below any more."""
    fit = make("squared", range(3), [0, 1, 0], 1)
    later = time.monotonic() + 60
    for value in (Fraction(1, 3), Fraction(1, 2)):
        proved = find_squared_below(fit, value, deadline=later)
        assert isinstance(proved, Cover)
        assert proved.bound == value
        require_proof(fit, value, proved.duals)
    found = find_squared_below(fit, Fraction(51, 100), deadline=later)
    assert isinstance(found, Parameters)
    assert evaluate(fit, found) < Fraction(51, 100)


def test_slack_gives_short_numbers() -> None:
    """A bound below the optimum is proved with rounded vectors, not long fractions."""
    random = Random(2)
    fit = make("squared", range(10), [random.randrange(-50, 50) for _ in range(10)], 2)
    best = solve(fit).upper
    lower = Fraction(int(best * 9), 10)
    proved = find_squared_below(fit, lower, deadline=time.monotonic() + 60)
    assert isinstance(proved, Cover)
    require_proof(fit, lower, proved.duals)
    longest = max(len(str(number)) for dual in proved.duals for number in dual)
    assert longest <= 24


def test_one_input_twenty_points_three_units() -> None:
    random = Random(0)
    fit = make("squared", range(20), [random.randrange(-5, 6) for _ in range(20)], 3)
    require_both_sides(fit, solve(fit))


def test_two_inputs_eight_points_two_units() -> None:
    random = Random(0)
    points = [(random.randrange(10), random.randrange(10)) for _ in range(8)]
    fit = make("squared", points, [random.randrange(-5, 6) for _ in range(8)], 2)
    require_both_sides(fit, solve(fit))


def test_numbers_as_floats_have_them() -> None:
    """Coordinates and targets with 53 bits, far apart in size."""
    random = Random(4)
    points = [Fraction(random.random()) * 1000 for _ in range(7)]
    targets = [Fraction(random.random()) / 1000 for _ in range(7)]
    fit = make("squared", points, targets, 2)
    require_both_sides(fit, solve(fit))


def test_time_that_is_up_is_said() -> None:
    random = Random(1)
    fit = make("squared", range(12), [random.randrange(-5, 6) for _ in range(12)], 3)
    found = find_squared_optimum(fit, deadline=time.monotonic())
    assert (found.lower, found.duals, found.reason) == (0, (), "timeout")
    assert evaluate(fit, found.witness) == found.upper
    below = find_squared_below(fit, Fraction(1), deadline=time.monotonic())
    assert isinstance(below, Open)
    assert below.reason == "timeout"
    assert "do not serve all choices" in below.message


def test_enough_units_need_no_search() -> None:
    """Ten inputs, whose cells are far too many to list."""
    random = Random(6)
    points = [tuple(random.randrange(3) for _ in range(10)) for _ in range(12)]
    points.append(points[0])
    targets = [random.randrange(9) for _ in range(12)]
    fit = make("squared", points, [*targets, targets[0] + 3], 12)
    found = solve(fit)
    assert found.upper == Fraction(9, 2)
    assert found.lower == found.upper == evaluate(fit, found.witness)
    (dual,) = found.duals
    assert bound_of(fit, dual) == Fraction(9, 2)
    below = find_squared_below(fit, Fraction(9, 2), deadline=time.monotonic() + 60)
    assert isinstance(below, Cover)


def test_too_many_cells_are_said() -> None:
    random = Random(6)
    points = [tuple(random.randrange(3) for _ in range(8)) for _ in range(14)]
    fit = make("squared", points, [random.randrange(9) for _ in points], 2)
    found = solve(fit)
    assert (found.lower, found.reason) == (0, "incomplete")
    assert found.upper == evaluate(fit, found.witness)
    below = find_squared_below(fit, found.upper, deadline=time.monotonic() + 60)
    assert isinstance(below, Open)
    assert "over 5000 cells" in below.message


@pytest.mark.parametrize("seed", range(20))
def test_small_and_compiled_searches_agree(seed: int) -> None:
    """Nearest points by our own active sets, and by SciPy once they are many."""
    random = numpy.random.default_rng(seed)
    rows = random.integers(-3, 4, (random.integers(1, 9), 5)).astype(float)
    rows /= numpy.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    goal = random.normal(size=5)
    patient, hurried = NearestFinder(), NearestFinder()
    hurried.asked = PATIENCE
    small, large = patient.find(rows, goal), hurried.find(rows, goal)
    assert abs(small.distance - large.distance) < 1e-9
    assert (rows @ small.residual).max() < 1e-9
    assert small.coefficients.min() >= 0


def test_a_witness_that_is_good_enough_ends_the_search() -> None:
    fit = make("squared", range(7), [0, 1, 0, 1, 0, 1, 0], 2)
    later = time.monotonic() + 60
    _, best = find_squared_witness(fit, deadline=later)
    _, enough = find_squared_witness(fit, deadline=later, enough=Fraction(12, 7))
    assert best <= enough <= Fraction(12, 7)


def test_the_time_ends_a_long_walk() -> None:
    """Millions of choices, most of them served: the walk looks at the clock, too."""
    random = Random(8)
    points = [(random.randrange(20), random.randrange(20)) for _ in range(16)]
    fit = make("squared", points, [random.randrange(-5, 6) for _ in points], 3)
    start = time.monotonic()
    found = find_squared_optimum(fit, deadline=start + 0.5)
    assert (found.lower, found.reason) == (0, "timeout")
    assert found.upper == evaluate(fit, found.witness) > 0
    assert time.monotonic() - start < 30


def test_a_witness_is_no_worse_than_a_constant() -> None:
    fit = make("squared", range(6), [0, 1, 0, 1, 0, 1], 2)
    parameters, value = find_squared_witness(fit, deadline=time.monotonic() + 60)
    assert value == evaluate(fit, parameters) <= Fraction(3, 2)
    assert len(parameters.units) == 2


def test_bad_fits_are_refused() -> None:
    fit = make("squared", [0, 1], [1, 2, 3], 1)
    with pytest.raises(ValueError, match="2 points but 3 targets"):
        solve(fit)
