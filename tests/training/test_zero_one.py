"""Fewest wrong labels: staircases, brute force on tiny fits, and what runs out."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import pytest

from tests.proofs import rejects
from tests.training.fitting import least_zero_one, make, random_fit, require_proof
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.results import Cover, Open, Optimum
from verify.training.optima.squared_interpolation import find_easy_zero_one
from verify.training.optima.zero_one import (
    find_meeting,
    find_zero_one_below,
    find_zero_one_optimum,
    find_zero_one_witness,
)
from verify.training.optima.zero_one_choices import Ledger

# the fewest wrong labels with 0, 1, 2, ... units, for labels that alternate
STAIRCASES = {
    3: (1, 1, 0),
    4: (2, 1, 1, 0),
    5: (2, 2, 1, 0),
    6: (3, 2, 2, 1, 0),
    7: (3, 3, 2, 1, 1, 0),
    8: (4, 3, 3, 2, 1, 1, 0),
}
STEPS = [
    (size, hidden) for size, row in STAIRCASES.items() for hidden in range(len(row))
]


def solve(fit: Fit) -> Optimum:
    return find_zero_one_optimum(fit, deadline=time.monotonic() + 120)


def require_both_sides(fit: Fit, found: Optimum) -> None:
    assert found.lower == found.upper == evaluate(fit, found.witness), found.reason
    require_proof(fit, found.upper, found.duals)


def alternating(size: int, hidden: int) -> Fit:
    labels = [-1 if place % 2 == 0 else 1 for place in range(size)]
    return make("zero_one", range(size), labels, hidden)


@pytest.mark.parametrize(("size", "hidden"), STEPS)
def test_staircases(size: int, hidden: int) -> None:
    fit = alternating(size, hidden)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == STAIRCASES[size][hidden]


def test_a_higher_bound_is_not_accepted() -> None:
    fit = alternating(5, 1)
    found = solve(fit)
    with rejects("3 wrong points for each choice of cells", rule="fit", step=1):
        require_proof(fit, found.upper + 1, found.duals)


def require_agreement(seed: int) -> None:
    fit = random_fit(Random(seed), "zero_one", largest=4)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == least_zero_one(fit)


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_every_choice_and_set_of_points(seed: int) -> None:
    require_agreement(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(1000, 1500))
def test_agrees_on_many(seed: int) -> None:
    require_agreement(seed)


def test_below_a_value() -> None:
    """One unit is wrong twice on five alternating labels, not once and a half."""
    fit = alternating(5, 1)
    later = time.monotonic() + 60
    for value in (Fraction(1), Fraction(3, 2), Fraction(2)):
        proved = find_zero_one_below(fit, value, deadline=later)
        assert isinstance(proved, Cover)
        require_proof(fit, value, proved.duals)
    found = find_zero_one_below(fit, Fraction(5, 2), deadline=later)
    assert isinstance(found, Parameters)
    assert evaluate(fit, found) == 2


@pytest.mark.parametrize("offsets", [(5, 5, 5), ("1/3", "-1/3", "1/7"), (0, 0, 0)])
def test_offsets_may_have_to_be_outweighed(offsets: tuple[int | str, ...]) -> None:
    fit = make("zero_one", range(3), [-1, 1, -1], 2, offsets=offsets, constant=True)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == 0


def test_offsets_decide_where_nothing_is_free() -> None:
    fit = make(
        "zero_one", range(3), [-1, 1, -1], 0, offsets=[-1, -1, 0], constant=False
    )
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == 2  # an output of 0 counts as wrong


def test_one_input_with_two_labels() -> None:
    fit = make("zero_one", [1, 1, 2], [-1, 1, 1], 3)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == 1


def test_two_inputs() -> None:
    random = Random(3)
    points = [(random.randrange(6), random.randrange(6)) for _ in range(8)]
    fit = make("zero_one", points, [random.choice((-1, 1)) for _ in range(8)], 1)
    require_both_sides(fit, solve(fit))


@pytest.mark.parametrize("seed", range(15))
def test_enough_units_need_no_search(seed: int) -> None:
    """Repeated inputs with other labels and offsets: pairs of points prove the bound."""
    random = Random(seed)
    points = [random.randrange(3) for _ in range(6)]
    labels = [random.choice((-1, 1)) for _ in points]
    offsets = [random.choice((0, 1, Fraction(-1, 2), 3)) for _ in points]
    fit = make("zero_one", points, labels, 3, offsets=offsets, constant=bool(seed % 2))
    found = solve(fit)
    require_both_sides(fit, found)
    assert find_easy_zero_one(fit) == found


def test_meeting_sets() -> None:
    triangle = [0b011, 0b110, 0b101]
    assert find_meeting(triangle, 2) is None
    met = find_meeting(triangle, 3)
    assert met is not None
    assert met.bit_count() == 2
    assert find_meeting([], 1) == 0


def test_time_that_is_up_is_said() -> None:
    fit = alternating(8, 3)
    found = find_zero_one_optimum(fit, deadline=time.monotonic())
    assert (found.lower, found.upper, found.reason) == (0, 4, "timeout")
    below = find_zero_one_below(fit, Fraction(2), deadline=time.monotonic())
    assert isinstance(below, Open)
    assert "the time was up" in below.message
    parameters, value = find_zero_one_witness(fit, deadline=time.monotonic())
    assert value == evaluate(fit, parameters) == 4


def test_the_time_ends_a_long_walk() -> None:
    """One dual serves all choices, and to see that takes long: the clock ends it."""
    ledger = Ledger(200, 4)
    ledger.add(range(200))
    assert list(ledger.walk(bool, time.monotonic() + 0.2)) == []
    assert not ledger.complete
    short = Ledger(3, 2)
    short.add((0, 1))
    walk = short.walk(bool, time.monotonic() + 60)
    assert next(walk) == (0, 2)
    short.add((0, 1, 2))
    assert list(walk) == []
    assert short.complete


def test_other_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="label 0; zero_one needs 1 or -1"):
        solve(make("zero_one", [0, 1], [0, 1], 1))
