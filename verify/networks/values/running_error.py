"""Many points at once in float64, each result with a bound on its distance from the truth.

Running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, section
3.3): beside every number goes a bound on its error, so that a thousand points cost two
matrix products a layer, and exact arithmetic is left to those few that the bound does not
decide. A matrix product of k terms, in any order and with or without fused operations,
errs by at most k u / (1 - k u) times the sum of the terms' sizes; the constants here are
twice that, which pays for the rounding of the bounds themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import RELU, SIGN, Activation, Affine, Floats, Network
from verify.networks.query import Row

UNIT: Final = 2.0**-52  # twice the unit roundoff of float64
TINY: Final = 2.0**-1000  # above all that underflow can add to one layer
LIBRARY: Final = 2.0**-45  # what exp may err by, relatively; libraries claim 2**-51


class Measured(NamedTuple):
    """`values` (n, size), and `errors` of the same shape: |exact - value| <= error.

    An error is infinite, never NaN, where nothing is known.
    """

    values: Floats
    errors: Floats


def evaluate(
    network: Network, points: Floats, errors: Floats | None = None
) -> Measured:
    """Outputs of all points (n, inputs); `errors` are those of the points themselves."""
    layers: list[Measured] = []
    with np.errstate(all="ignore"):
        for layer in network.layers:
            match layer:
                case Affine():
                    made = _affine(layer, [layers[source] for source in layer.sources])
                case Activation():
                    made = _activate(layer.kind, layers[layer.source])
                case _:
                    start = np.zeros_like(points) if errors is None else errors
                    made = Measured(points, start)
            layers.append(_without_nan(made))
    return layers[network.output]


def measure_rows(rows: Sequence[Row], points: Measured, outputs: Measured) -> Measured:
    """The rows' values at points and outputs: (n, rows)."""
    inputs = _weights([row.inputs for row in rows], points.values.shape[1])
    weights = _weights([row.outputs for row in rows], outputs.values.shape[1])
    constants = np.array([_float(row.constant) for row in rows])
    with np.errstate(all="ignore"):
        made = _combine(((inputs, points), (weights, outputs)), constants, rounded=True)
        return _without_nan(made)


def _weights(rows: Sequence[tuple[tuple[int, Fraction], ...]], size: int) -> Floats:
    matrix = np.zeros((len(rows), size))
    for number, row in enumerate(rows):
        for index, coefficient in row:
            matrix[number, index] = _float(coefficient)
    return matrix


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf  # leaves the row undecided


def _affine(layer: Affine, sources: Sequence[Measured]) -> Measured:
    matrices = layer.matrices
    parts = tuple(
        (m.floats, source) for m, source in zip(matrices, sources, strict=True)
    )
    rounded = any(numbers.exact is not None for numbers in (*matrices, layer.bias))
    return _combine(parts, layer.bias.floats, rounded=rounded)


def _combine(
    parts: Sequence[tuple[Floats, Measured]], constants: Floats, *, rounded: bool
) -> Measured:
    """sum of matrix @ part + constants, a row a point; `rounded` if weights are."""
    terms = sum(matrix.shape[1] for matrix, _ in parts) + 4
    share = (terms + 4 * rounded) * UNIT
    values, errors = np.zeros_like(constants), share * np.abs(constants)
    scale = 1.0
    for matrix, part in parts:
        spread = part.errors * (1 + share) + share * np.abs(part.values)
        values = values + part.values @ matrix.T
        errors = errors + spread @ np.abs(matrix.T)
        scale += np.abs(matrix).max(initial=0.0) + np.abs(part.values).max(initial=0.0)
    bound = errors * (1 + share) + TINY * terms * scale
    return Measured(values + constants, bound)


def _activate(kind: str, source: Measured) -> Measured:
    values, errors = source
    if kind == RELU:
        silent = values + errors * (1 + UNIT) < 0
        return Measured(np.maximum(values, 0.0), np.where(silent, 0.0, errors))
    if kind == SIGN:
        certain = (np.abs(values) > errors) | ((values == 0) & (errors == 0))
        return Measured(np.sign(values), np.where(certain, 0.0, 2.0))
    half = np.exp(-np.abs(values))
    made = np.where(values >= 0, 1.0, half) / (1.0 + half)
    return Measured(made, np.minimum(0.25 * errors * (1 + UNIT) + LIBRARY, 1.0))


def _without_nan(made: Measured) -> Measured:
    """Infinite errors, and zeros for values, where a number is not finite."""
    known = np.isfinite(made.values) & np.isfinite(made.errors)
    if known.all():
        return made
    return Measured(
        np.where(known, made.values, 0.0), np.where(known, made.errors, np.inf)
    )
