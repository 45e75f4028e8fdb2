"""The bounds of the logistic function are definite numbers, here computed in fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest

from verify.kernel.exponential import bound_sigmoid

UNIT = 2**192


def power(value: Fraction, halvings: int, side: int) -> int:
    """exp(-value) for value >= 0 in units, below (side -1) or above (1), as described.

    t is rounded so that exp(-t) errs to that side, each term of the series down; 48 terms
    with two units each to spare, squared back with every square rounded to that side.
    """
    outward, inward = (ceil, floor) if side == 1 else (floor, ceil)
    t = Fraction(inward(value / 2**halvings * UNIT), UNIT)
    term, total = Fraction(1), Fraction(0)
    for n in range(1, 49):
        total += term
        term = Fraction(floor(-term * t / n * UNIT), UNIT)
    total += Fraction(side * 2 * 48, UNIT)
    for _ in range(halvings):
        total = Fraction(outward(total**2 * UNIT), UNIT)
    return int(total * UNIT)


def test_at_nought_only_the_slack_is_between_the_bounds() -> None:
    """exp(0) squared once: (1 + 96 units) ** 2 is 1 + 192 units and a little."""
    assert bound_sigmoid(Fraction(0), -1) == Fraction(UNIT, 2 * UNIT + 192 + 1)
    assert bound_sigmoid(Fraction(0), 1) == Fraction(UNIT, 2 * UNIT - 192)


VALUES = [
    (Fraction(1, 3), 1), (Fraction(2, 7), 1), (Fraction(1), 2), (Fraction(22, 7), 3),
    (Fraction(1000, 9), 8),
]  # fmt: skip


@pytest.mark.parametrize(("value", "halvings"), VALUES, ids=str)
def test_bounds_are_the_series_halved_and_squared_back(
    value: Fraction, halvings: int
) -> None:
    low, high = (power(value, halvings, side) for side in (-1, 1))
    assert low < high
    assert bound_sigmoid(value, -1) == Fraction(UNIT, UNIT + high)
    assert bound_sigmoid(value, 1) == Fraction(UNIT, UNIT + low)
    assert bound_sigmoid(-value, -1) == Fraction(low, UNIT + low)
    assert bound_sigmoid(-value, 1) == Fraction(high, UNIT + high)


@pytest.mark.parametrize("exponent", [9, 38, 39, 4000])
def test_far_out_one_unit_remains(exponent: int) -> None:
    """Below one unit an exponential lies between nought and one unit, never negative."""
    value = Fraction(2**exponent)
    assert bound_sigmoid(value, -1) == Fraction(UNIT, UNIT + 1)
    assert bound_sigmoid(value, 1) == 1
    assert bound_sigmoid(-value, -1) == 0
    assert bound_sigmoid(-value, 1) == Fraction(1, UNIT + 1)
