"""Bounds of a network over many boxes at once, layer by layer.

Arrays are (units, boxes): what belongs to a box lies along the last axis. Boxes that are
near in the search tree share their dead and their stable units, so a chunk of them is
bounded with the units dead in all of them left out of every product, and only the units
unstable in one of them are bounded again; the others are exact as they are. `rounding`
says why the results hold over the reals.
"""

from __future__ import annotations

import numpy as np

from verify.networks.boxes.program import Program, Weights
from verify.networks.boxes.pullback import bound_rows
from verify.networks.boxes.ranges import Ranges
from verify.networks.boxes.relaxations import activation_range
from verify.networks.boxes.rounding import Array
from verify.networks.network import RELU, SIGN, Activation, Affine


def bound_layers(
    program: Program,
    lower: Array,
    upper: Array,
    known: tuple[Array, Array] | None = None,
) -> Ranges:
    """Bounds of all layers over boxes, float64 arrays (inputs, boxes).

    `known` are packed bounds (Ranges.pack) that hold already, those of a parent box. A
    box whose bounds cross (lower above upper) is one with no point.
    """
    with np.errstate(all="ignore"):
        ranges = Ranges(program, lower, upper)
        inherited = {}
        if known is not None:
            for index, span in zip(program.bounded, program.spans, strict=True):
                inherited[index] = known[0][span], known[1][span]
        for index, layer in enumerate(program.network.layers):
            if isinstance(layer, Affine):
                weights = program.weights[index]
                if weights is None:
                    raise ValueError(f"layer {index} has no weights")
                _bound_affine(ranges, index, weights, inherited.get(index))
                if index in program.bounded:
                    _bound_again(ranges, index, weights)
                ranges.settle(index)
            elif isinstance(layer, Activation):
                ranges.lower[index], ranges.upper[index] = activation_range(
                    layer.kind, ranges.lower[layer.source], ranges.upper[layer.source]
                )
                ranges.settle(index)
                ranges.set_step(index, layer)
    return ranges


def _bound_affine(
    ranges: Ranges,
    index: int,
    weights: Weights,
    known: tuple[Array, Array] | None,
) -> None:
    """What rounding may cost an affine layer, and intervals where not all is known."""
    whole = known is not None and all(np.isfinite(ends).all() for ends in known)
    shape = len(weights.bias), ranges.boxes
    total = np.broadcast_to(weights.bias, shape)
    size, spread = np.abs(total), np.zeros_like(total)
    half = total.dtype.type(0.5)
    for source, matrix, magnitude in zip(
        weights.sources, weights.matrices, weights.magnitudes, strict=True
    ):
        size = size + magnitude @ ranges.largest[source]
        if not whole:
            lower, upper = half * ranges.lower[source], half * ranges.upper[source]
            total = total + matrix @ (lower + upper)
            spread = spread + magnitude @ (upper - lower)
    smallest = 8 * (weights.terms + 1) * ranges.program.precision.smallest
    error = weights.growth * size + smallest * (1 + ranges.weight)
    ranges.error[index] = error
    if known is not None and whole:
        ranges.lower[index], ranges.upper[index] = known[0].copy(), known[1].copy()
        return
    # Four roundings: of the middle, of its sum, of the spread, of the ends.
    spread = spread + 4 * error
    lower, upper = total - spread, total + spread
    if known is not None:
        lower, upper = np.fmax(lower, known[0]), np.fmin(upper, known[1])
    ranges.lower[index], ranges.upper[index] = lower, upper


def _bound_again(ranges: Ranges, index: int, weights: Weights) -> None:
    """Tighten, by a backward pass, the units whose activation is not linear yet."""
    lower, upper = ranges.lower[index], ranges.upper[index]
    wanted = upper > lower
    if all(kind in (RELU, SIGN) for kind in _kinds(ranges, index)):
        wanted &= (lower < 0) & (upper > 0)
    units = np.flatnonzero(wanted.any(1))
    if not len(units):
        return
    starts = []
    for source, matrix in zip(weights.sources, weights.matrices, strict=True):
        across = ranges.keep[source]
        rows = matrix[units] if across is None else matrix[np.ix_(units, across)]
        starts.append((source, np.concatenate([rows, -rows]).T[:, :, None]))
    error, bias = ranges.error[index][units], weights.bias[units]
    constant = np.concatenate([bias + 2 * error, 2 * error - bias])
    form = bound_rows(ranges, starts, constant, max(weights.sources))
    ranges.forms[index] = units, form
    bound = np.where(np.isfinite(form.bound), form.bound, np.inf)
    count = len(units)
    upper[units] = np.minimum(upper[units], bound[:count])
    lower[units] = np.maximum(lower[units], -bound[count:])


def _kinds(ranges: Ranges, index: int) -> list[str]:
    return [
        layer.kind
        for layer in ranges.program.network.layers
        if isinstance(layer, Activation) and layer.source == index
    ]
