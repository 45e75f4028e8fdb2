"""Training small ReLU networks so that every machine gets the same bits.

Sums in floating point depend on their order, and the order depends on the library that
multiplies the matrices. Here everything that is multiplied is first rounded to a grid of
binary fractions, coarse enough that each product and each partial sum is exact in float64;
then no order can matter. What is left is elementwise, where IEEE arithmetic has one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from writing import Layers

Array = NDArray[np.float64]
INPUT_BITS = 6  # grids: multiples of 2^-bits
WEIGHT_BITS = 20
HIDDEN_BITS = 10
ERROR_BITS = 16
STORED_BITS = 10
RAMP = 200  # steps until the rate is reached


class Unit(NamedTuple):
    """A hidden unit to put in: relu(incoming . x + bias), at its place from 0, and what
    it adds to each unit or output of the layer after. Places are counted after the
    units before it in the list have been put in."""

    layer: int
    place: int
    incoming: Array
    bias: float
    outgoing: Array


def round_to(values: Array, bits: int) -> Array:
    """The nearest multiples of 2^-bits."""
    return np.asarray(np.round(values * 2.0**bits) / 2.0**bits)


def multiply(left: Array, left_bits: int, right: Array, right_bits: int) -> Array:
    """The matrix product of two arrays on their grids, exact in any order of summation.

    Raises OverflowError where a sum might need more than the 53 bits of a float64.
    """
    largest = np.abs(left).max() * np.abs(right).max() * left.shape[1]
    if not largest * 2.0 ** (left_bits + right_bits) < 2**53:
        raise OverflowError("the training left its grid: use a lower rate")
    return np.asarray(left @ right)


def train_exactly(
    inputs: Array,
    targets: Array,
    hidden: Sequence[int],
    *,
    seed: int,
    steps: int,
    rate: float,
) -> Layers:
    """Hidden layers of ReLUs fitted by full-batch gradient descent with momentum.

    `inputs` is (points, inputs), multiples of 1/64; `targets` is (points, outputs). The
    loss is the mean over points of the sum of squares. The weights given back are multiples
    of 2^-10.
    """
    random = np.random.RandomState(seed)  # its stream is frozen, a Generator's is not
    sizes = [inputs.shape[1], *hidden, targets.shape[1]]
    weights = []
    for before, after in pairwise(sizes):
        draw = random.randint(-(2**15), 2**15 + 1, (after, before)) / 2.0**15
        weights.append(round_to(draw * np.sqrt(3 / before), WEIGHT_BITS))
    biases = [np.zeros(size) for size in hidden]
    biases.append(round_to(targets.mean(axis=0), STORED_BITS))
    middle = round_to(inputs.mean(axis=0), INPUT_BITS)  # first units on for half of it
    biases[0] = -multiply(weights[0], WEIGHT_BITS, middle[:, None], INPUT_BITS)[:, 0]
    speeds = [np.zeros_like(one) for one in (*weights, *biases)]
    for step in range(steps):
        slopes = _slopes(inputs, targets, weights, biases)
        pace = rate * min(1, (step + 1) / RAMP)  # a fast start would kill units
        for place, slope in enumerate(slopes):
            speeds[place] = 0.9 * speeds[place] - pace * slope / len(inputs)
        weights = [one + speed for one, speed in zip(weights, speeds, strict=False)]
        later = speeds[len(weights) :]
        biases = [one + speed for one, speed in zip(biases, later, strict=True)]
    return [
        (round_to(one, STORED_BITS), round_to(bias, STORED_BITS))
        for one, bias in zip(weights, biases, strict=True)
    ]


def _slopes(
    inputs: Array, targets: Array, weights: list[Array], biases: list[Array]
) -> list[Array]:
    """The gradient of the summed squares, by weights and then by biases."""
    weights = [round_to(one, WEIGHT_BITS) for one in weights]
    given, bits, sums = [inputs], [INPUT_BITS], []
    for place, (one, bias) in enumerate(zip(weights, biases, strict=True)):
        sums.append(multiply(given[-1], bits[-1], one.T, WEIGHT_BITS) + bias)
        if place + 1 < len(weights):
            given.append(round_to(np.maximum(sums[-1], 0), HIDDEN_BITS))
            bits.append(HIDDEN_BITS)
    error = round_to(2 * (sums[-1] - targets), ERROR_BITS)
    by_weights, by_biases = [], []
    for place in reversed(range(len(weights))):
        by_weights.append(multiply(error.T, ERROR_BITS, given[place], bits[place]))
        by_biases.append(
            multiply(np.ones((1, len(error))), 0, error, ERROR_BITS).reshape(-1)
        )
        if place:
            back = multiply(error, ERROR_BITS, weights[place], WEIGHT_BITS)
            error = round_to(back * (sums[place - 1] > 0), ERROR_BITS)
    return by_weights[::-1] + by_biases[::-1]


def plant(layers: Layers, units: Sequence[Unit]) -> Layers:
    """The network with these units put in, one after another."""
    changed = [(weights.copy(), bias.copy()) for weights, bias in layers]
    for unit in units:
        weights, bias = changed[unit.layer]
        changed[unit.layer] = (
            np.insert(weights, unit.place, unit.incoming, axis=0),
            np.insert(bias, unit.place, unit.bias),
        )
        after, later = changed[unit.layer + 1]
        changed[unit.layer + 1] = (
            np.insert(after, unit.place, unit.outgoing, axis=1),
            later,
        )
    return changed


def outputs(layers: Layers, inputs: Array) -> Array:
    """What the network says, (points, outputs), in floating point."""
    for place, (weights, bias) in enumerate(layers):
        inputs = inputs @ weights.T + bias
        if place + 1 < len(layers):
            inputs = np.maximum(inputs, 0)
    return inputs


def one_at(size: int, places: dict[int, float]) -> Array:
    """A vector that is 0 but at these places, counted from 0."""
    vector = np.zeros(size)
    for place, value in places.items():
        vector[place] = value
    return vector


def scale_inputs(layers: Layers, factor: float) -> Layers:
    """The network for inputs that are `factor` times as large as those it was made for."""
    (weights, bias), *rest = layers
    return [(weights / factor, bias), *rest]


def read_rows(path: Path) -> tuple[Array, Array]:
    """The inputs and the targets of a data set, (points, inputs) and (points, targets)."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = np.array([[float(field) for field in line.split(",")] for line in lines])
    target = np.array([name.startswith("y") for name in header.split(",")])
    return rows[:, ~target], rows[:, target]
