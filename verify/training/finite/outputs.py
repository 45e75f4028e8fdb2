"""What all networks of a finite class give at some points, exactly and many at a time.

Whole numbers over one common denominator, so nothing is rounded: in int64 where a bound on
all that can occur shows that nothing overflows, in Python integers otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

import numpy

from verify.training.finite.spaces import (
    Space,
    Whole,
    check_space,
    find_unit,
    list_blocks,
)

LARGEST: Final = 2**62
Rows = Sequence[Sequence[Fraction]]


class Block(NamedTuple):
    """Networks from number `first` on: `outputs[network, point, output] / denominator`."""

    first: int
    outputs: Whole
    denominator: int


def evaluate_all(
    space: Space, points: Rows, *, largest: int = LARGEST
) -> Iterator[Block]:
    """The outputs of every network at every point.

    `largest` bounds the whole numbers that may be kept as int64. Raises ValueError where
    the class has no meaning or is too large, or a point has another number of inputs.
    """
    check_space(space)
    for place, point in enumerate(points, 1):
        if len(point) != space.inputs:
            raise ValueError(
                f"point {place} has {len(point)} inputs, the networks {space.inputs}"
            )
    scale = lcm(*(number.denominator for point in points for number in point))
    inputs = [[int(number * scale) for number in point] for point in points]
    denominator, bound = _bounds(space, inputs, scale)
    kind = numpy.int64 if bound < largest else object
    table = numpy.array(inputs, kind).reshape(len(points), space.inputs)
    evaluate = _signed if space.signed else _dense
    for first, parameters in list_blocks(space):
        found = evaluate(space, parameters.astype(kind), table, scale)
        yield Block(first, found, denominator)


def _bounds(space: Space, inputs: list[list[int]], scale: int) -> tuple[int, int]:
    """The denominator of the outputs, and what no number on the way exceeds."""
    unit = find_unit(space)
    weight = max(int(abs(number) * unit) for number in space.weights)
    largest = max((abs(number) for point in inputs for number in point), default=0)
    if space.signed:
        inner = weight * (space.inputs * largest + scale)
        return unit * scale, weight * scale + sum(space.layers) * inner
    width = space.inputs
    for units in (*space.layers, 0):
        largest = weight * (width * largest + scale)
        scale, width = scale * unit, units
        if space.unit == "step" and units:
            scale, kept = 1, largest
            largest = max(1, kept)
    return scale, largest


def _signed(space: Space, parameters: Whole, inputs: Whole, scale: int) -> Whole:
    """A constant plus signed units."""
    size = space.inputs + 2
    total = parameters[:, :1] * scale + numpy.zeros((1, len(inputs)), inputs.dtype)
    for start in range(1, parameters.shape[1], size):
        sign, weights, bias = numpy.split(
            parameters[:, start : start + size], [1, size - 1], axis=1
        )
        inner = weights @ inputs.T + bias * scale
        total = total + sign * _activate(space, inner) * (
            scale * find_unit(space) if space.unit == "step" else 1
        )
    return total[:, :, None]


def _dense(space: Space, parameters: Whole, inputs: Whole, scale: int) -> Whole:
    """Layers of units, each reading all of the layer before; then the outputs."""
    unit = find_unit(space)
    known = numpy.broadcast_to(inputs[None], (len(parameters), *inputs.shape))
    at = 0
    for number, width in enumerate((*space.layers, space.outputs)):
        columns = []
        below = known.shape[2]
        for _ in range(width):
            weights = parameters[:, None, at : at + below]
            bias = parameters[:, at + below, None]
            columns.append((known * weights).sum(axis=2) + bias * scale)
            at += below + 1
        known = numpy.stack(columns, axis=2)
        scale *= unit
        if number < len(space.layers):
            known = _activate(space, known)
            if space.unit == "step":
                scale = 1
    return known


def _activate(space: Space, inner: Whole) -> Whole:
    positive = inner > 0
    return positive.astype(inner.dtype) if space.unit == "step" else inner * positive
