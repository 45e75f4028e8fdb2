"""A freed unit lowers the loss: the construction on known, random and hostile points."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.training.optima import constructive
from verify.training.optima.constructive import (
    Hinge,
    find_direction,
    find_hinge,
    find_replacement_unit,
)

Point = tuple[Fraction, ...]


def numbers() -> st.SearchStrategy[Fraction]:
    return st.fractions(min_value=-5, max_value=5, max_denominator=4)


@st.composite
def residuals(draw: st.DrawFn) -> tuple[list[Point], list[Fraction]]:
    """Points of one to three inputs, some of them twice, with a number each."""
    width = draw(st.integers(1, 3))
    point = st.tuples(*[numbers()] * width)
    points = draw(st.lists(point, min_size=1, max_size=7))
    points += draw(st.lists(st.sampled_from(points), max_size=3))
    return points, draw(st.lists(numbers(), min_size=len(points), max_size=len(points)))


def outputs(weights: Point, bias: Fraction, points: list[Point]) -> list[Fraction]:
    return [
        max(Fraction(0), bias + sum(w * x for w, x in zip(weights, point, strict=True)))
        for point in points
    ]


def squares(values: list[Fraction]) -> Fraction:
    return sum((value * value for value in values), Fraction(0))


def cancels(points: list[Point], slopes: list[Fraction]) -> bool:
    sums: defaultdict[Point, Fraction] = defaultdict(Fraction)
    for point, slope in zip(points, slopes, strict=True):
        sums[point] += slope
    return not any(sums.values())


@settings(max_examples=60)
@given(residuals())
def test_the_drop_is_exact_and_there_unless_residuals_cancel(
    case: tuple[list[Point], list[Fraction]],
) -> None:
    points, residual = case
    found = find_replacement_unit(points, residual)
    if found is None:
        assert cancels(points, residual)
        return
    assert not cancels(points, residual)
    values = outputs(found.weights, found.bias, points)
    left = [r - found.outgoing * u for r, u in zip(residual, values, strict=True)]
    assert squares(residual) - squares(left) == found.drop > 0


@settings(max_examples=60)
@given(residuals())
def test_a_hinge_says_what_it_meets(case: tuple[list[Point], list[Fraction]]) -> None:
    points, slopes = case
    found = find_hinge(points, slopes)
    if found is not None:
        values = outputs(found.weights, found.bias, points)
        product = sum((r * u for r, u in zip(slopes, values, strict=True)), Fraction(0))
        assert (found.product, found.square) == (product, squares(values))
        assert isinstance(found, Hinge)
        assert found.drop == product * product / squares(values)


def line(*values: int | str) -> list[Point]:
    return [(Fraction(value),) for value in values]


def test_the_alternating_example() -> None:
    """The best fit of one unit to 0, 1, 0, 1, 0 misses by a half; a unit more takes 1/4."""
    half = Fraction(1, 2)
    found = find_replacement_unit(
        line(0, 1, 2, 3, 4), [-half, half, -half, half, Fraction(0)]
    )
    assert found is not None
    assert found.drop == Fraction(1, 4)
    values = outputs(found.weights, found.bias, line(0, 1, 2, 3, 4))
    assert [found.outgoing * value for value in values] == [-half, 0, 0, 0, 0]


def test_the_last_point_alone_may_be_met() -> None:
    """Only the construction's own hinge, between the last two points, has a product."""
    found = find_replacement_unit(line(0, 1), [Fraction(0), Fraction(1)])
    assert found is not None
    assert found.drop == 1


def test_exclusive_or_has_a_direction() -> None:
    points = [(Fraction(a), Fraction(b)) for a in (0, 1) for b in (0, 1)]
    half = Fraction(1, 2)
    found = find_replacement_unit(points, [-half, half, half, -half])
    assert found is not None
    assert found.drop > 0


@pytest.mark.parametrize("seed", range(5))
def test_directions_tell_close_and_far_points_apart(seed: int) -> None:
    points = [(a * 10**6, b, a + b) for a in range(7) for b in range(7)]
    direction = find_direction(points, seed)
    products = {
        sum(d * x for d, x in zip(direction, point, strict=True)) for point in points
    }
    assert len(products) == len(points)


def test_powers_serve_where_no_random_direction_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(constructive, "DIRECTIONS", 0)
    points = [(a, b) for a in range(6) for b in range(6)]
    assert find_direction(points) == (1, 6)
    assert find_direction([(3, 1), (1, 3)]) == (1, 2)


def test_nothing_to_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="0 points and 0 numbers"):
        find_hinge([], [])
    with pytest.raises(ValueError, match="1 points and 2 numbers"):
        find_hinge(line(1), [Fraction(1), Fraction(2)])
    with pytest.raises(ValueError, match="no inputs"):
        find_hinge([()], [Fraction(1)])
