"""Dense networks of any depth with rational parameters: exact outputs, and lifting.

A layer of hinges somewhere in a deep network is as good as a network of one hidden layer
with that width, on given points: the layers before hand the inputs on, shifted to be
positive there, which takes as many units as there are inputs; the layers after hand the
outputs on in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

Row = tuple[Fraction, ...]
ZERO = Fraction(0)
ONE = Fraction(1)


class Shape(NamedTuple):
    """How many inputs, units of each hidden layer, and outputs."""

    inputs: int
    layers: tuple[int, ...]
    outputs: int


class Dense(NamedTuple):
    """What a layer's units, or the outputs, compute: a row of weights and a bias each."""

    rows: tuple[Row, ...]
    biases: Row


class Shallow(NamedTuple):
    """One hidden layer: its units, and the outputs over them."""

    units: Dense
    readout: Dense


def check_shape(shape: Shape) -> None:
    """Raises ValueError unless every number is at least 1."""
    if min(shape.inputs, shape.outputs, *shape.layers, 1) < 1:
        raise ValueError(
            "a network has at least one input, output, and unit of a layer"
        )


def evaluate_dense(layers: Sequence[Dense], point: Row) -> Row:
    """The outputs at a point; relu after every layer but the last."""
    for number, layer in enumerate(layers, 1):
        found = tuple(
            bias + sum((w * x for w, x in zip(row, point, strict=True)), ZERO)
            for row, bias in zip(layer.rows, layer.biases, strict=True)
        )
        last = number == len(layers)
        point = found if last else tuple(max(ZERO, value) for value in found)
    return point


def list_parameters(layers: Sequence[Dense]) -> Row:
    """The parameters in the order of documents: weights and bias, unit by unit."""
    return tuple(
        number
        for layer in layers
        for row, bias in zip(layer.rows, layer.biases, strict=True)
        for number in (*row, bias)
    )


def find_places(shape: Shape) -> tuple[int, ...]:
    """The hidden layers that can be lifted to: all before hand the inputs on, and all
    after the outputs."""
    return tuple(
        place
        for place in range(len(shape.layers))
        if all(width >= shape.inputs for width in shape.layers[:place])
        and all(width >= shape.outputs for width in shape.layers[place + 1 :])
    )


def lift(
    shape: Shape, place: int, network: Shallow, points: Sequence[Row]
) -> tuple[Dense, ...]:
    """A network of the shape with the outputs of a shallow one at the points.

    `place` is one of `find_places(shape)`, and wide enough for the units.
    """
    shifts = tuple(max(ZERO, -min(column)) for column in zip(*points, strict=True))
    layers: list[Dense] = []
    for number, width in enumerate(shape.layers[:place]):
        biases = shifts if number == 0 else (ZERO,) * shape.inputs
        below = shape.inputs if number == 0 else shape.layers[number - 1]
        layers.append(_hand_on(biases, below, width))
    units = network.units
    if place:
        biases = tuple(
            bias - sum((w * k for w, k in zip(row, shifts, strict=True)), ZERO)
            for row, bias in zip(units.rows, units.biases, strict=True)
        )
        units = Dense(units.rows, biases)
    below = shape.layers[place - 1] if place else shape.inputs
    layers.append(_widen(units, below, shape.layers[place]))
    readout = _widen(network.readout, shape.layers[place], shape.outputs)
    after = shape.layers[place + 1 :]
    if not after:
        return (*layers, readout)
    plain = (*layers, readout)
    found = zip(*(evaluate_dense(plain, point) for point in points), strict=True)
    raised = tuple(max(ZERO, -min(column)) for column in found)
    biases = tuple(b + k for b, k in zip(readout.biases, raised, strict=True))
    layers.append(_widen(Dense(readout.rows, biases), shape.layers[place], after[0]))
    for below, width in pairwise(after):
        layers.append(_hand_on((ZERO,) * shape.outputs, below, width))
    lowered = tuple(-k for k in raised)
    return (*layers, _hand_on(lowered, after[-1], shape.outputs))


def _hand_on(biases: Row, below: int, width: int) -> Dense:
    """Value k of the layer below plus bias k; units beyond do nothing."""
    rows = tuple(
        tuple(ONE if at == k else ZERO for at in range(below))
        for k in range(len(biases))
    )
    return _widen(Dense(rows, biases), below, width)


def _widen(layer: Dense, below: int, width: int) -> Dense:
    """The layer with rows of that length and that many of them, with zeros added."""
    rows = tuple((*row, *(ZERO,) * (below - len(row))) for row in layer.rows)
    spare = width - len(rows)
    return Dense(rows + ((ZERO,) * below,) * spare, layer.biases + (ZERO,) * spare)
