"""The logistic function enclosed: exp by its series, halved until small, squared back.

For 0 <= t <= 1/2 the first TERMS terms of exp(-t) leave a rest far below one unit of the
last place, each product is rounded down by at most one unit, and t < 1 keeps what was
lost before from growing; so the sum is within SLACK units. Squaring rounds outward.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

PLACES: Final = 192
UNIT: Final = 1 << PLACES
TERMS: Final = 48
SLACK: Final = 2 * TERMS


def bound_sigmoid(value: Fraction, side: int) -> Fraction:
    """A rational at most (side -1) or at least (side 1) 1 / (1 + exp(-value))."""
    outer = side if value >= 0 else -side  # of the value at abs(value)
    power = _exponential(abs(value), -outer)
    found = Fraction(UNIT, UNIT + power)
    return found if value >= 0 else 1 - found


def _exponential(value: Fraction, side: int) -> int:
    """exp(-value) for value >= 0, rounded down (side -1) or up (1), over UNIT."""
    halvings = (value.numerator // value.denominator).bit_length() + 1
    if halvings > 40:  # below one unit
        return 0 if side == -1 else 1
    numerator, denominator = value.numerator << PLACES, value.denominator << halvings
    # exp(-t) falls as t grows
    t = numerator // denominator if side == 1 else -(-numerator // denominator)
    total, term = 0, UNIT
    for n in range(1, TERMS + 1):
        total, term = total + term, -term * t // (n << PLACES)
    total = max(total + side * SLACK, 0)
    for _ in range(halvings):
        total = total * total >> PLACES if side == -1 else -(-total * total >> PLACES)
    return total
