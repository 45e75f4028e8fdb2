"""Two lines around an activation over an interval, for a whole batch at once.

A backward pass replaces act(z) by a line above where the coefficient is positive and a
line below where it is negative. The lines are kept as means and half-differences, because
then a row `a` goes through a layer as a*m + |a|*d, with no case distinction. Every line
holds over the reals for the floats it consists of (rounding.py, step 2): a slope may be
any float, since the offset is rounded outward for it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array, Precision
from verify.networks.network import RELU, SIGMOID

EXPONENTIAL = 2.0**-40  # relative error allowed to the library's exp and log
HALVINGS = 24


class Lines(NamedTuple):
    """Lines for each unit and box, arrays of one shape.

    Above: (slope + spread) z + (offset + gap); below: the same with minus signs. The sums
    are meant over the reals. `spread` and `gap` are not negative.
    """

    slope: Array
    spread: Array
    offset: Array
    gap: Array


def relu_lines(
    lower: Array, upper: Array, precision: Precision, below: Array | None = None
) -> Lines:
    """Lines for relu on [lower, upper]; `below` in [0, 1] are the slopes of lines below.

    The line above joins the ends. Without `below` the line below has slope 1 where the
    interval has more to the right of zero, else 0 (Zhang et al., CROWN, 2018).
    """
    unstable = (lower < 0) & (upper > 0)
    if below is None:
        below = (upper > -lower).astype(lower.dtype)
    else:
        below = np.where(lower >= 0, lower.dtype.type(1), below)
        below = np.where(upper <= 0, lower.dtype.type(0), below)
    width = np.where(unstable, upper - lower, lower.dtype.type(1))
    above = np.where(unstable, upper / width, below)
    largest = np.maximum(-lower, upper)
    # relu(z) - s z is convex, so its largest value is at an end; 8u covers the
    # products, and that above and below are only near slope + spread, slope - spread.
    peak = np.maximum(-above * lower, upper - above * upper)
    half = lower.dtype.type(0.5)
    slack = precision.unit * 8 * largest + precision.smallest
    gap = np.where(unstable, half * peak + slack, 0)
    offset = np.where(unstable, half * peak, 0)
    return Lines(half * (above + below), half * (above - below), offset, gap)


def sign_lines(lower: Array, upper: Array, precision: Precision) -> Lines:
    """Constants around sign, which is -1, 0 or 1."""
    least, most = np.sign(lower), np.sign(upper)
    half = lower.dtype.type(0.5)
    zero = np.zeros_like(lower)
    return Lines(zero, zero, half * (most + least), half * (most - least))


def sigmoid(points: Array) -> Array:
    """The logistic function, within `EXPONENTIAL` of it, without overflow."""
    small = np.exp(-np.abs(points))
    return np.where(points >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_peak(lower: Array, upper: Array, slope: Array) -> Array:
    """At least the largest value of sigmoid(z) - slope z on [lower, upper], in float64.

    It is at an end, or where sigmoid(z) is the larger root of r (1 - r) = slope, for
    slopes between 0 and 1/4; there the difference is level, so an error in z hardly shows.
    """
    ends = np.maximum(sigmoid(lower) - slope * lower, sigmoid(upper) - slope * upper)
    root = (1 + np.sqrt(np.maximum(1 - 4 * slope, 0))) / 2
    flat = np.log(root) - np.log(np.maximum(1 - root, 1e-300))
    spare = 1e-6 * (1 + np.abs(flat))
    inside = (slope > 0) & (flat >= lower - spare) & (flat <= upper + spare)
    flat = np.where(inside, flat, upper)
    # Concave there: a tangent at the point found lies above, within `spare` of it.
    value = sigmoid(flat)
    level = value - slope * flat + np.abs(value * (1 - value) - slope) * 2 * spare
    size = 1 + np.abs(slope) * np.maximum(np.abs(lower), np.abs(upper))
    most: Array = np.where(inside, np.maximum(ends, level), ends) + size * EXPONENTIAL
    return most


def touch_above(lower: Array, upper: Array) -> Array:
    """Where a tangent that meets the sigmoid at `lower` touches it further up.

    Bisected from max(lower, 0) to max(upper, 0), and never short of the touching point
    unless that is past the end.
    """
    left, right = np.maximum(lower, 0.0), np.maximum(upper, 0.0)
    start = sigmoid(lower)
    for _ in range(HALVINGS):
        middle = (left + right) / 2
        value = sigmoid(middle)
        beyond = value - value * (1 - value) * (middle - lower) >= start
        left, right = np.where(beyond, left, middle), np.where(beyond, middle, right)
    return right


def _above(lower: Array, upper: Array) -> tuple[Array, Array]:
    """Slope and offset of a line above sigmoid on [lower, upper], in float64."""
    width = np.maximum(upper - lower, 1e-9)
    chord = np.clip((sigmoid(upper) - sigmoid(lower)) / width, 0, 0.25)
    # The tangent from the lower end touches where the sigmoid is concave, or past the
    # upper end, and then the chord is best. Any slope is sound; bisection is good enough.
    right = touch_above(lower, upper)
    value = sigmoid(right)
    tangent = np.where(right < upper, value * (1 - value), chord)
    centre = sigmoid((lower + upper) / 2)
    slope = np.where(lower >= 0, centre * (1 - centre), tangent)
    slope = np.where(upper <= 0, chord, slope)
    return slope, sigmoid_peak(lower, upper, slope)


def sigmoid_lines(lower: Array, upper: Array, precision: Precision) -> Lines:
    """Tangents and chords around the logistic function on [lower, upper].

    They hold if the library's exp and log are within a relative 2^-40 of the truth, which
    is four thousand times what their makers allow themselves.
    """
    kind = lower.dtype
    low, high = lower.astype(np.float64), upper.astype(np.float64)
    top, above = _above(low, high)
    bottom, mirrored = _above(-high, -low)  # sigmoid(z) = 1 - sigmoid(-z)
    below = 1 - mirrored
    slope, spread = ((top + bottom) / 2).astype(kind), ((top - bottom) / 2).astype(kind)
    offset = ((above + below) / 2).astype(kind)
    size = np.maximum(np.abs(low), np.abs(high)) + np.abs(above) + np.abs(below)
    gap = (above - below) / 2 + 8 * precision.unit * size
    return Lines(slope, spread, offset, gap.astype(kind))


def make_lines(
    kind: str,
    lower: Array,
    upper: Array,
    precision: Precision,
    below: Array | None = None,
) -> Lines:
    """Lines for an activation of this kind; `below` counts for relu only."""
    if kind == RELU:
        return relu_lines(lower, upper, precision, below)
    make = sigmoid_lines if kind == SIGMOID else sign_lines
    return make(lower, upper, precision)


def activation_range(kind: str, lower: Array, upper: Array) -> tuple[Array, Array]:
    """Bounds of the activation's values for arguments in [lower, upper]."""
    if kind == RELU:
        return np.maximum(lower, 0), np.maximum(upper, 0)
    if kind == SIGMOID:
        type_ = lower.dtype.type
        low = sigmoid(lower.astype(np.float64)) * (1 - EXPONENTIAL)
        high = sigmoid(upper.astype(np.float64)) * (1 + EXPONENTIAL)
        low, high = low.astype(type_), high.astype(type_)
        return (
            np.maximum(np.nextafter(low, type_(-1)), 0),
            np.minimum(np.nextafter(high, type_(2)), 1),
        )
    return np.sign(lower), np.sign(upper)
