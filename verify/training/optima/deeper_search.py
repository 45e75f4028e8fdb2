"""Parameters of a dense network by gradient steps in floats, made rational.

Plain Adam (Kingma and Ba 2015) from random starts. What comes out is rounded to a grid, and
then the outputs over the last hidden layer are solved for exactly in least squares, which
takes the loss to 0 wherever that layer tells the points apart well enough.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy

from verify.training.optima.deeper_networks import Dense, Row, Shape, evaluate_dense
from verify.training.optima.squared_exact import make_whole, project
from verify.training.optima.squared_nearest import Floats

STARTS: Final = 12
STEPS: Final = 400
RATE: Final = 0.02
GRID: Final = 1 << 12
Targets = Sequence[Row]


def search_networks(
    shape: Shape,
    loss: str,
    points: Sequence[Row],
    targets: Targets,
    *,
    deadline: float,
    seed: int = 0,
) -> Iterator[tuple[Dense, ...]]:
    """Networks of low loss, each as it is and with its outputs solved for.

    Targets are one a output; numbers beyond float64 raise OverflowError.
    """
    inputs = numpy.array([[float(x) for x in point] for point in points])
    wanted = numpy.array([[float(y) for y in row] for row in targets])
    spread = numpy.maximum(numpy.abs(inputs).max(axis=0), 1e-9)
    for start in range(STARTS):
        if time.monotonic() > deadline:
            return
        random = numpy.random.default_rng((seed, start))
        weights = _descend(shape, loss, inputs / spread, wanted, random)
        weights[0][:, :-1] /= spread
        layers = tuple(_round(matrix) for matrix in weights)
        yield layers
        yield solve_outputs(layers, points, targets)


def solve_outputs(
    layers: Sequence[Dense], points: Sequence[Row], targets: Targets
) -> tuple[Dense, ...]:
    """The network with the outputs over its last hidden layer nearest to the targets."""
    *hidden, outputs = layers
    identity = Dense(
        tuple(
            tuple(Fraction(at == k) for at in range(len(outputs.rows[0])))
            for k in range(len(outputs.rows[0]))
        ),
        (Fraction(0),) * len(outputs.rows[0]),
    )
    # relu leaves values of a relu layer as they are
    values = [evaluate_dense((*hidden, identity), point) for point in points]
    columns = list(zip(*values, strict=True))
    free = [make_whole(column) for column in columns]
    scales = [
        next((w / c for w, c in zip(whole, column, strict=True) if c), Fraction(1))
        for whole, column in zip(free, columns, strict=True)
    ]
    rows, biases = [], []
    for column in zip(*targets, strict=True):
        found = project((), ((1,) * len(points), *free), column)
        biases.append(found.free[0])
        rows.append(
            tuple(s * share for s, share in zip(scales, found.free[1:], strict=True))
        )
    return (*hidden, Dense(tuple(rows), tuple(biases)))


def _round(matrix: Floats) -> Dense:
    numbers = [
        [Fraction(round(v * GRID), GRID) for v in row] for row in matrix.tolist()
    ]
    return Dense(
        tuple(tuple(row[:-1]) for row in numbers), tuple(row[-1] for row in numbers)
    )


def _descend(
    shape: Shape,
    loss: str,
    inputs: Floats,
    wanted: Floats,
    random: numpy.random.Generator,
) -> list[Floats]:
    """Weights with the bias as last column, layer by layer."""
    widths = (shape.inputs, *shape.layers, shape.outputs)
    weights = [
        random.normal(size=(above, below + 1)) * (2 / (below + 1)) ** 0.5
        for below, above in pairwise(widths)
    ]
    means = [numpy.zeros_like(matrix) for matrix in weights]
    squares = [numpy.zeros_like(matrix) for matrix in weights]
    for step in range(1, STEPS + 1):
        slopes = _slopes(loss, weights, inputs, wanted)
        rate = RATE * (1 - step / (STEPS + 1))
        for matrix, slope, mean, square in zip(
            weights, slopes, means, squares, strict=True
        ):
            mean += 0.1 * (slope - mean)
            square += 0.01 * (slope * slope - square)
            size = numpy.sqrt(square / (1 - 0.99**step)) + 1e-9
            matrix -= rate * mean / (1 - 0.9**step) / size
    return weights


def _slopes(
    loss: str, weights: list[Floats], inputs: Floats, wanted: Floats
) -> list[Floats]:
    """How the loss changes with every weight."""
    ones = numpy.ones((len(inputs), 1))
    values = [numpy.hstack([inputs, ones])]
    for matrix in weights[:-1]:
        values.append(numpy.hstack([numpy.maximum(values[-1] @ matrix.T, 0.0), ones]))
    back = _slope(loss, values[-1] @ weights[-1].T, wanted)
    found = []
    for matrix, below in zip(reversed(weights), reversed(values), strict=True):
        found.append(back.T @ below)
        back = (back @ matrix)[:, :-1] * (below[:, :-1] > 0)
    return found[::-1]


def _slope(loss: str, outputs: Floats, wanted: Floats) -> Floats:
    """How the loss, or for labels a margin loss in its place, changes with each output."""
    gaps = outputs - wanted
    match loss:
        case "l1":
            return numpy.sign(gaps)
        case "linf":
            size = numpy.abs(gaps)
            weight = numpy.exp(8 * (size - size.max()) / max(size.max(), 1e-9))
            return numpy.asarray(numpy.sign(gaps) * weight)
        case "hinge" | "zero_one" if wanted.shape[1] == 1:
            return -wanted * (wanted * outputs < 1)
        case _:
            return 2 * gaps
