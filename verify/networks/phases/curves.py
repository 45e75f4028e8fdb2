"""Lines around sigmoid units whose touching points are chosen for each row.

A sigmoid unit over [l, u] may be replaced above by any tangent that touches where the
curve bends down, from the point whose tangent meets the curve at l onward, and below by
the mirror image. Which tangent is best depends on the row: with the one that touches where
the worst point lies, the unit costs nothing there. So each row has a number from 0 to 1
for each unit that says where to touch, found by the gradient as slopes of relus are (Shi
et al., GenBaB, 2024). Where no tangent fits, the chord is used. Search only needs that to
be nearly right; for a bound that counts, `enclose_curve` takes the slope as it is and
makes the offset for it from the largest difference between curve and line.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.relaxations import sigmoid, sigmoid_peak, touch_above
from verify.networks.boxes.rounding import DOUBLE, Array
from verify.networks.network import Floats

BELOW: Final = 0
ABOVE: Final = 1


class Curve(NamedTuple):
    """Units with ranges [lower, upper], (units,); the rest is (2, units), below and above.

    A tangent touches at start + t * span for t from 0 to 1. Where `span` is 0 the line is
    the chord, slopes * z + offsets. `initial` (units,) is where to begin.
    """

    lower: Floats
    upper: Floats
    starts: Floats
    spans: Floats
    slopes: Floats
    offsets: Floats
    initial: Floats


class Drawn(NamedTuple):
    """Lines slope * z + offset for rows of units; they turn about `touch` by `bend`, the
    derivative of the slope, as the chosen number grows."""

    slope: Array
    offset: Array
    touch: Array
    bend: Array


def make_curve(lower: Floats, upper: Floats) -> Curve:
    """Tangents and chords over ranges of float64, (units,)."""
    width = np.maximum(upper - lower, 1e-9)
    low, high = sigmoid(lower), sigmoid(upper)
    chord = np.clip((high - low) / width, 0, 0.25)
    offsets = np.stack([low - chord * lower, low - chord * lower])
    starts = np.stack([-_first_touch(-upper, -lower), _first_touch(lower, upper)])
    spans = np.stack([lower - starts[BELOW], upper - starts[ABOVE]])
    spans[BELOW][lower >= 0] = 0
    spans[ABOVE][upper <= 0] = 0
    crossing = (lower < 0) & (upper > 0)
    return Curve(
        lower,
        upper,
        starts,
        spans,
        np.stack([chord, chord]),
        offsets,
        np.where(crossing, 0.0, 0.5),
    )


def _first_touch(lower: Floats, upper: Floats) -> Floats:
    """Where the first tangent above touches; `upper` where only the chord will do."""
    touch = np.minimum(touch_above(lower, upper), upper)
    return np.where(lower >= 0, lower, touch)


def draw_lines(curve: Curve, chosen: Array, positive: Array) -> Drawn:
    """The lines for rows with numbers `chosen` (rows, units), below where `positive`."""
    kind = chosen.dtype
    touch, span, chord, offset = (
        np.where(positive, pair[BELOW].astype(kind), pair[ABOVE].astype(kind))
        for pair in (curve.starts, curve.spans, curve.slopes, curve.offsets)
    )
    touch += chosen * span
    value = 1 / (1 + np.exp(-touch))
    slope = value * (1 - value)
    level = value - touch * slope
    bend = slope * (1 - 2 * value) * span
    fixed = span == 0
    return Drawn(
        np.where(fixed, chord, slope), np.where(fixed, offset, level), touch, bend
    )


def enclose_curve(
    curve: Curve, chosen: Array, positive: Array
) -> tuple[Floats, Floats]:
    """Slopes (rows, units) in float64 and offsets such that the lines hold over the reals.

    They hold also if a coefficient times the slope is rounded: the offset includes what
    that can cost anywhere in the range.
    """
    numbers = np.clip(np.nan_to_num(chosen.astype(np.float64)), 0, 1)
    slope = np.clip(draw_lines(curve, numbers, positive).slope, 0, 0.25)
    low = np.where(positive, -curve.upper, curve.lower)
    high = np.where(positive, -curve.lower, curve.upper)
    peak = sigmoid_peak(low, high, slope)
    size = slope * np.maximum(np.abs(low), np.abs(high)) + np.abs(peak) + 1
    peak = peak + 16 * DOUBLE.unit * size
    return slope, np.where(positive, 1 - peak, peak)
