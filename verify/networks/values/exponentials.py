"""Rational enclosures of the sigmoid, in whole numbers with outward rounding.

sigmoid(x) = 1 / (1 + e^-x). The exponential of -a, a >= 0, is that of -a / 2^k squared k
times, with a / 2^k below 1/16, where the Taylor series alternates and its terms shrink:
the sum lies between any two successive partial sums (Leibniz). Every division rounds
down for the lower end and up for the upper.
"""

from __future__ import annotations

from typing import Final

GUARD: Final = 16  # bits of working precision beyond those asked for
REDUCED: Final = 4  # the reduced argument is below 2^-REDUCED


def enclose_sigmoid(numerator: int, denominator: int, bits: int) -> tuple[int, int]:
    """(low, high) with low <= 2^bits sigmoid(numerator / denominator) <= high.

    Their distance is at most 2; `denominator` is positive.
    """
    size = abs(numerator)
    low, high, precision = enclose_decay(size, denominator, bits)
    one = 1 << precision
    grid = 1 << bits
    if numerator >= 0:  # 1 / (1 + t), falling in t
        return grid * one // (one + high), -(-grid * one // (one + low))
    return grid * low // (one + low), -(-grid * high // (one + high))


def enclose_decay(numerator: int, denominator: int, bits: int) -> tuple[int, int, int]:
    """(low, high, p) with low <= 2^p e^(-numerator/denominator) <= high.

    The argument is not negative. p exceeds `bits`, and high - low is small beside
    2^(p - bits).
    """
    limit = bits + GUARD
    if numerator > limit * denominator:  # e^-a < 2^-a
        return 0, 1, limit
    whole = numerator // denominator
    halvings = whole.bit_length() + REDUCED
    precision = limit + 2 * halvings
    scaled = numerator << precision
    near = scaled // (denominator << halvings)  # reduced argument, rounded down
    far = -(-scaled // (denominator << halvings))
    low, high = _series(far, precision)[0], _series(near, precision)[1]
    for _ in range(halvings):
        low = low * low >> precision
        high = -(-high * high >> precision)
    return low, high, precision


def _series(argument: int, precision: int) -> tuple[int, int]:
    """Enclosure of 2^precision e^(-argument / 2^precision), 0 <= argument < 1/8 scaled.

    Terms are enclosed one by one; the sum stops after a term of at most one unit, and
    what is left is between 0 and that term.
    """
    low_term = high_term = low = high = 1 << precision
    index = 0
    while high_term > 1:
        index += 1
        low_term = low_term * argument // (index << precision)
        high_term = -(-high_term * argument // (index << precision))
        if index % 2:
            low, high = low - high_term, high - low_term
        else:
            low, high = low + low_term, high + high_term
    return low - high_term, high + high_term
