"""float32 numbers in a box: exactly the nearest, exactly inside."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.float32 import singles
from verify.networks.query import Case

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
RATIONALS = st.one_of(
    st.fractions(max_denominator=10**6),
    FLOATS.map(lambda x: Fraction(x) + Fraction(1, 2**160)),
    st.floats(
        allow_nan=False, allow_infinity=False, min_value=-3e38, max_value=3e38
    ).map(Fraction),
)


@given(RATIONALS)
def test_rounding_is_that_of_ieee(value: Fraction) -> None:
    found = float(singles.round_to_nearest(value))
    near = np.float32(float(value))  # twice rounded: off by at most one step
    steps = {float(np.nextafter(near, np.float32(way))) for way in (-np.inf, np.inf)}
    best = min(
        abs(Fraction(x) - value) for x in {float(near), *steps} if np.isfinite(x)
    )
    assert abs(Fraction(found) - value) == best


@given(FLOATS)
def test_a_float32_number_is_its_own_nearest(value: float) -> None:
    exact = Fraction(value)
    assert singles.round_to_nearest(exact) == singles.least_above(exact) == value
    assert singles.greatest_below(exact) == value


@given(RATIONALS)
def test_neighbours_of_a_number_enclose_it_and_are_next_to_each_other(
    value: Fraction,
) -> None:
    low, high = singles.greatest_below(value), singles.least_above(value)
    if low is None or high is None:
        assert abs(value) > singles.LARGEST
        return
    assert Fraction(float(low)) <= value <= Fraction(float(high))
    assert low == high or np.nextafter(low, high) == high


def test_ties_go_to_even() -> None:
    step = Fraction(1, 2**23)
    assert singles.round_to_nearest(1 + step / 2) == 1
    assert singles.round_to_nearest(1 + step * 3 / 2) == float(1 + 2 * step)


def test_beyond_the_largest_float32_there_is_none() -> None:
    assert singles.least_above(singles.LARGEST + 1) is None
    assert singles.greatest_below(-singles.LARGEST - 1) is None
    assert singles.round_to_nearest(Fraction(10) ** 400) == np.float32(3.4028235e38)


@given(RATIONALS, RATIONALS, RATIONALS)
def test_the_nearest_between_is_inside_and_nearest(
    value: Fraction, one: Fraction, other: Fraction
) -> None:
    lower, upper = min(one, other), max(one, other)
    found = singles.nearest_between(value, lower, upper)
    ends = singles.single_box(Case((lower,), (upper,), ()))
    if found is None:
        assert ends is None
        return
    exact = Fraction(float(found))
    assert ends is not None and lower <= exact <= upper
    for near in (*singles.neighbours(np.array([found]), (lower,), (upper,), 3),):
        assert abs(Fraction(float(near[0])) - value) >= abs(exact - value)


def test_a_tenth_is_no_float32_number() -> None:
    tenth = Fraction(1, 10)
    assert singles.nearest_between(tenth, tenth, tenth) is None
    assert singles.nearest_point((tenth,), (tenth,), (tenth,)) is None


@pytest.mark.parametrize("size, most, count", [(1, 243, 3), (5, 243, 243), (6, 20, 13)])
def test_neighbours_are_different_and_in_the_box(
    size: int, most: int, count: int
) -> None:
    point = np.ones(size, np.float32)
    lower, upper = [Fraction(0)] * size, [Fraction(2)] * size
    found = singles.neighbours(point, lower, upper, most)
    assert len({tuple(row) for row in found.tolist()}) == len(found) == count
    assert (found[0] == point).all()
    pinned = singles.neighbours(point, [Fraction(1)] * size, [Fraction(1)] * size, most)
    assert pinned.tolist() == [point.tolist()]
