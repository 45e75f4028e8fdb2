"""float32 numbers inside a box: what a deployed network can be given.

A counterexample in the reals may be no float32 number, and a narrow box may hold none at
all: [0.1, 0.1] has no float32 input, because the nearest one is 13421773 / 2^27. Rounding
here is exact: a float is compared with the rational it stands for, never with a decimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from verify.networks.query import Case

Singles = NDArray[np.float32]

LARGEST: Final = Fraction(float(np.finfo(np.float32).max))


def exact(values: Sequence[float] | NDArray[np.floating]) -> tuple[Fraction, ...]:
    """The rationals that finite floats stand for."""
    return tuple(Fraction(float(value)) for value in values)


def nearest_between(
    value: Fraction, lower: Fraction, upper: Fraction
) -> np.float32 | None:
    """The float32 number in [lower, upper] nearest to `value`, or None if there is none.

    Only finite numbers count. Of two equally near the one that rounding to even gives.
    """
    low, high = least_above(lower), greatest_below(upper)
    if low is None or high is None or low > high:
        return None
    return min(max(round_to_nearest(value), low), high) + np.float32(0.0)


def round_to_nearest(value: Fraction) -> np.float32:
    """The nearest finite float32 number, ties to even."""
    if abs(value) >= LARGEST:
        return np.float32(LARGEST if value > 0 else -LARGEST)
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = max(numerator.bit_length() - denominator.bit_length() - 24, -149)
    scaled = Fraction(numerator, denominator) / Fraction(2) ** exponent
    if scaled >= 1 << 24:
        exponent += 1
        scaled /= 2
    size = round(scaled) * 2.0**exponent
    return np.float32(-size if value < 0 else size)


def least_above(value: Fraction) -> np.float32 | None:
    """The least finite float32 number >= `value`; 0 is never negative."""
    if value > LARGEST:
        return None
    near = round_to_nearest(value)
    if Fraction(float(near)) < value:
        near = np.nextafter(near, np.float32(np.inf))
    return near + np.float32(0.0)


def greatest_below(value: Fraction) -> np.float32 | None:
    """The greatest finite float32 number <= `value`; 0 is never negative."""
    if value < -LARGEST:
        return None
    near = round_to_nearest(value)
    if Fraction(float(near)) > value:
        near = np.nextafter(near, np.float32(-np.inf))
    return near + np.float32(0.0)


def single_box(case: Case) -> tuple[Singles, Singles] | None:
    """The least and greatest float32 point of a case's box; None if it holds none."""
    low = [least_above(number) for number in case.lower]
    high = [greatest_below(number) for number in case.upper]
    ends = [
        (least, most)
        for least, most in zip(low, high, strict=True)
        if least is not None and most is not None and least <= most
    ]
    if len(ends) < len(low):
        return None
    return (
        np.array([least for least, _ in ends], np.float32),
        np.array([most for _, most in ends], np.float32),
    )


def nearest_point(
    point: Sequence[Fraction], lower: Sequence[Fraction], upper: Sequence[Fraction]
) -> Singles | None:
    """The float32 point of a box nearest to `point` in every coordinate, or None."""
    found = [nearest_between(*trio) for trio in zip(point, lower, upper, strict=True)]
    kept = [one for one in found if one is not None]
    return np.array(kept, np.float32) if len(kept) == len(found) else None


def neighbours(
    point: Singles, lower: Sequence[Fraction], upper: Sequence[Fraction], most: int
) -> Singles:
    """Float32 points of the box at most one step away in each coordinate, (n, inputs).

    The point itself comes first; with few inputs all combinations follow, with many the
    steps along one coordinate. At most `most` points.
    """
    choices = [
        _steps(value, low, high)
        for value, low, high in zip(point, lower, upper, strict=True)
    ]
    if 3 ** len(choices) <= most:
        found: Iterator[tuple[np.float32, ...]] = product(*choices)
    else:
        found = _single_steps(point, choices)
    rows = list(islice(found, most))
    return np.array(rows, np.float32).reshape(len(rows), len(point))


def _steps(value: np.float32, lower: Fraction, upper: Fraction) -> list[np.float32]:
    """The value, then the next float32 numbers below and above it inside the bounds."""
    with np.errstate(over="ignore", under="ignore"):
        below, above = (
            np.nextafter(value, np.float32(way * np.inf)) for way in (-1, 1)
        )
    inside = [
        near
        for near in (below, above)
        if np.isfinite(near) and lower <= Fraction(float(near)) <= upper
    ]
    return [value, *inside]


def _single_steps(
    point: Singles, choices: Sequence[Sequence[np.float32]]
) -> Iterator[tuple[np.float32, ...]]:
    yield tuple(point)
    for index, (_, *others) in enumerate(choices):
        for other in others:
            yield (*point[:index], other, *point[index + 1 :])
