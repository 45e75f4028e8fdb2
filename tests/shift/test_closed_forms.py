"""Mass moved among known losses: closed forms against linear programmes, and bad input."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.shift.masses.closed_forms import (
    bound_variation,
    find_groups,
    keep_part,
    mean,
    vary,
)
from verify.shift.mistakes import ShiftError
from verify.shift.regions import make_ball, make_box
from verify.shift.samples import make_samples

F = Fraction
SMALL = st.fractions(min_value=0, max_value=8, max_denominator=4)
LOSSES = st.lists(SMALL, min_size=1, max_size=6)
PARTS = st.fractions(min_value=0, max_value=1, max_denominator=12)


def shares(count: int) -> list[Fraction]:
    total = count * (count + 1) // 2
    return [F(k, total) for k in range(1, count + 1)]


def test_the_example_of_shift_md() -> None:
    found = vary([F(0), F(1), F(2), F(8)], [F(1, 4)] * 4, F(1, 3))
    assert found.risk == found.bound == F(16, 3)
    assert found.masses == (F(0), F(1, 6), F(1, 4), F(7, 12))


@given(LOSSES, PARTS)
def test_variation_is_attained_and_meets_its_dual(
    losses: list[Fraction], budget: Fraction
) -> None:
    weights = shares(len(losses))
    found = vary(losses, weights, budget)
    pairs = list(zip(found.masses, weights, strict=True))
    assert sum(found.masses) == 1 and min(found.masses) >= 0
    assert sum(max(q - p, F(0)) for q, p in pairs) <= budget
    assert mean(losses, found.masses) == found.risk == found.bound
    assert found.risk - mean(losses, weights) <= budget * (max(losses) - min(losses))


@given(LOSSES, PARTS, SMALL)
def test_any_threshold_bounds_variation(
    losses: list[Fraction], budget: Fraction, threshold: Fraction
) -> None:
    weights, top = shares(len(losses)), max(losses)
    bound = bound_variation(losses, weights, budget, top, min(threshold, top))
    assert bound >= vary(losses, weights, budget).risk


def test_mass_that_may_leave_the_data_goes_to_the_highest_loss() -> None:
    found = vary([F(0), F(2)], [F(1, 2)] * 2, F(1, 4), highest=F(10))
    assert found.risk == found.bound == F(1) + F(10, 4)


@given(LOSSES, PARTS.filter(bool))
def test_a_subpopulation_is_attained_and_meets_its_dual(
    losses: list[Fraction], mass: Fraction
) -> None:
    weights = shares(len(losses))
    found = keep_part(losses, weights, mass)
    assert sum(found.masses) == 1
    pairs = zip(found.masses, weights, strict=True)
    assert all(0 <= q <= p / mass for q, p in pairs)
    assert mean(losses, found.masses) == found.risk == found.bound


def test_the_worst_group_comes_first() -> None:
    groups = find_groups(
        [F(1), F(3), F(5)], [F(1, 2), F(1, 4), F(1, 4)], ["a", "b", "b"]
    )
    assert [(g.name, g.risk, g.mass) for g in groups] == [
        ("b", F(4), F(1, 2)),
        ("a", F(1), F(1, 2)),
    ]


def test_a_hundred_thousand_points_take_seconds() -> None:
    losses = [F(k % 977, 64) for k in range(100_000)]
    weights = [F(1, 100_000)] * 100_000
    begun = time.process_time()
    found = vary(losses, weights, F(1, 3))
    assert found.risk == found.bound
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda: vary([F(1)], [F(1)], F(-1, 2)), "is negative"),
        (lambda: vary([F(1)], [F(1)], F(2)), "more than 1, all there is to move"),
        (lambda: keep_part([F(1)], [F(1)], F(0)), "mass above 0"),
        (lambda: keep_part([F(1)], [F(1)], F(3)), "mass above 0"),
        (lambda: find_groups([F(1)], [F(1)], [""]), "a column named group"),
        (lambda: make_samples([], []), "the data set is empty"),
        (lambda: make_samples([(F(1),)], [(F(1),)], [F(0)]), "all weights are 0"),
        (lambda: make_samples([(F(1),)], [(F(1),)], [F(-1)]), "below 0"),
        (lambda: make_ball((F(1),), F(-1), "l1"), "radius -1 is negative"),
        (lambda: make_ball((F(1),), F(1), "l2"), "no norm is called 'l2'"),
        (lambda: make_box((F(1),), ()), "1 lower and 0 upper"),
    ],
)
def test_bad_input_is_refused_with_its_reason(act: object, reason: str) -> None:
    assert callable(act)
    with pytest.raises(ShiftError, match=reason):
        act()
