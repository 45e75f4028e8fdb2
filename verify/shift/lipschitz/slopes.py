"""Bounds of a relu network's gradient over many cells at once, with every rounding paid for.

A cell is a choice of phases for some relus. Forward, intervals say which of the others
cannot change sign in the region; backward, the gradient of each output is an interval
matrix product in which an undecided relu multiplies by anything from 0 to 1 (Weng et al.
2018, Zhang et al. 2019). A product of n terms is off by at most growth(n) times the product
of the magnitudes (`networks/boxes/rounding.py`), which is added on both sides.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.boxes.rounding import DOUBLE
from verify.networks.network import Activation, Affine, Floats, Input, Network
from verify.shift.mistakes import ShiftError

Mask = NDArray[np.bool_]
Phases = NDArray[np.int8]

DUST: Final = 1e-290  # covers underflow
WIDER: Final = 1.0 + 2.0**-50


class Sums(NamedTuple):
    """An affine layer: sources with matrices and their magnitudes, bias, terms in a sum."""

    sources: tuple[int, ...]
    matrices: tuple[Floats, ...]
    sizes: tuple[Floats, ...]
    bias: Floats
    growth: float


class Relus(NamedTuple):
    """Relus `start` to `stop` of all, each of one number of an earlier layer."""

    source: int
    start: int
    stop: int


class Slopes(NamedTuple):
    """A network for this search; `layers` begins with None for the input."""

    inputs: int
    layers: tuple[Sums | Relus | None, ...]
    sizes: tuple[int, ...]
    output: int
    units: int


class Spans(NamedTuple):
    """What relus take, from `low` to `high` (cells, units), and which are decided."""

    low: Floats
    high: Floats
    on: Mask
    off: Mask

    @property
    def decided(self) -> Mask:
        return self.on | self.off


class Gradients(NamedTuple):
    """Intervals `low` to `high` (cells, outputs, inputs) of the gradients, and the most
    that each relu's own gradient can be, `sizes` (cells, outputs, units)."""

    low: Floats
    high: Floats
    sizes: Floats


def make_slopes(network: Network) -> Slopes:
    """Raises ShiftError for units other than relu and for numbers beyond floats."""
    layers: list[Sums | Relus | None] = []
    units = 0
    for layer in network.layers:
        if isinstance(layer, Input):
            layers.append(None)
        elif isinstance(layer, Activation):
            if layer.kind != "relu":
                raise ShiftError(f"{layer.kind} units", "use a network of relu only")
            layers.append(Relus(layer.source, units, units + layer.size))
            units += layer.size
        else:
            layers.append(_make_sums(layer))
    sizes = tuple(layer.size for layer in network.layers)
    return Slopes(network.inputs, tuple(layers), sizes, network.output, units)


def _make_sums(layer: Affine) -> Sums:
    matrices = tuple(one.floats for one in layer.matrices)
    if not all(np.isfinite(one).all() for one in (*matrices, layer.bias.floats)):
        raise ShiftError("a weight beyond the range of floats", "scale the network")
    terms = sum(one.shape[1] for one in matrices) + len(layer.bias.floats) + 8
    return Sums(
        layer.sources, matrices, tuple(np.abs(one) for one in matrices),
        layer.bias.floats, DOUBLE.growth(terms),
    )  # fmt: skip


def enclose_units(
    slopes: Slopes, lower: Floats, upper: Floats, phases: Phases, known: Spans | None
) -> Spans:
    """What the relus of each cell take over the box, by intervals; `known` holds in all.

    The box is (inputs,) and encloses the region; phases (cells, units) are 1, -1 or 0.
    Where it has no sides, what is unknown becomes NaN, which decides nothing.
    """
    with np.errstate(invalid="ignore"):
        return _enclose(slopes, lower, upper, phases, known)


def _enclose(
    slopes: Slopes, lower: Floats, upper: Floats, phases: Phases, known: Spans | None
) -> Spans:
    cells = len(phases)
    lows, highs = [np.tile(lower, (cells, 1))], [np.tile(upper, (cells, 1))]
    low, high = np.empty((2, cells, slopes.units))
    on, off = np.zeros((2, cells, slopes.units), bool)
    for layer in slopes.layers[1:]:
        if isinstance(layer, Sums):
            least, most = _sum_intervals(layer, lows, highs)
            lows.append(least)
            highs.append(most)
        elif isinstance(layer, Relus):
            units = slice(layer.start, layer.stop)
            least, most = lows[layer.source], highs[layer.source]
            if known is not None:
                least = np.maximum(least, known.low[:, units])
                most = np.minimum(most, known.high[:, units])
            low[:, units], high[:, units] = least, most
            off[:, units] = (phases[:, units] < 0) | (most <= 0.0)
            on[:, units] = ((phases[:, units] > 0) | (least >= 0.0)) & ~off[:, units]
            lows.append(np.where(off[:, units], 0.0, np.maximum(least, 0.0)))
            highs.append(np.where(off[:, units], 0.0, np.maximum(most, 0.0)))
    return Spans(low, high, on, off)


def _sum_intervals(
    layer: Sums, lows: list[Floats], highs: list[Floats]
) -> tuple[Floats, Floats]:
    middle: Floats = np.array(layer.bias)
    radius: Floats = np.zeros(len(layer.bias))
    size: Floats = np.abs(layer.bias)
    for source, matrix, sizes in zip(
        layer.sources, layer.matrices, layer.sizes, strict=True
    ):
        low, high = lows[source], highs[source]
        centre = low * 0.5 + high * 0.5
        wide = np.maximum(high - centre, centre - low) * WIDER + DUST
        middle = middle + centre @ matrix.T
        radius = radius + wide @ sizes.T
        size = size + (np.abs(centre) + wide) @ sizes.T
    radius = (radius + layer.growth * size) * WIDER + DUST
    return (middle - radius) - np.abs(middle) * 2.0**-52, (middle + radius) + np.abs(
        middle
    ) * 2.0**-52


def bound_gradients(slopes: Slopes, on: Mask, off: Mask) -> Gradients:
    """The gradients over cells (cells, units) of relus that are on, off or neither."""
    cells, outputs = len(on), slopes.sizes[slopes.output]
    low: list[Floats | None] = [None] * len(slopes.layers)
    high: list[Floats | None] = [None] * len(slopes.layers)
    unit = np.broadcast_to(np.eye(outputs), (cells, outputs, outputs))
    low[slopes.output], high[slopes.output] = unit, unit
    sizes = np.zeros((cells, outputs, slopes.units))

    def give(place: int, least: Floats, most: Floats) -> None:
        before, after = low[place], high[place]
        if before is not None and after is not None:
            least, most = before + least, after + most
            extra = np.maximum(np.abs(least), np.abs(most)) * 2.0**-52
            least, most = least - extra, most + extra
        low[place], high[place] = least, most

    for place in range(len(slopes.layers) - 1, 0, -1):
        layer, least, most = slopes.layers[place], low[place], high[place]
        if least is None or most is None or layer is None:
            continue
        if isinstance(layer, Relus):
            units = slice(layer.start, layer.stop)
            sizes[:, :, units] = np.maximum(np.abs(least), np.abs(most))
            is_on, is_off = on[:, None, units], off[:, None, units]
            least = np.where(
                is_on, least, np.where(is_off, 0.0, np.minimum(least, 0.0))
            )
            most = np.where(is_on, most, np.where(is_off, 0.0, np.maximum(most, 0.0)))
            give(layer.source, least, most)
            continue
        centre = least * 0.5 + most * 0.5
        wide = np.maximum(most - centre, centre - least) * WIDER + DUST
        wide = np.where(least == most, 0.0, wide)
        for source, matrix, magnitudes in zip(
            layer.sources, layer.matrices, layer.sizes, strict=True
        ):
            middle = centre @ matrix
            spread = wide @ magnitudes
            spread += layer.growth * ((np.abs(centre) + wide) @ magnitudes)
            spread = spread * WIDER + np.abs(middle) * 2.0**-52 + DUST
            give(source, middle - spread, middle + spread)
    first, last = low[0], high[0]
    if first is None or last is None:  # outputs that depend on no input
        first = last = np.zeros((cells, outputs, slopes.inputs))
    return Gradients(first, last, sizes)


def bound_norms(gradients: Gradients, free: Mask, norm: str) -> tuple[Floats, Floats]:
    """The dual norms (cells, outputs) of the gradients over the free inputs, at most:
    the largest entry for l1, the sum of all for linf. And the magnitudes they are made of."""
    sizes = np.maximum(np.abs(gradients.low), np.abs(gradients.high)) * free
    if norm == "l1":
        return sizes.max(axis=2, initial=0.0), sizes
    growth = DOUBLE.growth(sizes.shape[2] + 8)
    return sizes.sum(axis=2) * (1.0 + growth) + DUST, sizes


def reach_units(slopes: Slopes, seeds: Floats, off: Mask) -> Floats:
    """How strongly each relu's input can depend on inputs weighed by `seeds` (cells,
    inputs): products of magnitudes, to choose by and not to prove with."""
    found: list[Floats] = [seeds]
    reached = np.zeros((len(seeds), slopes.units))
    for layer in slopes.layers[1:]:
        if isinstance(layer, Sums):
            total = np.zeros((len(seeds), len(layer.bias)))
            for source, sizes in zip(layer.sources, layer.sizes, strict=True):
                total = total + found[source] @ sizes.T
            found.append(total)
        elif isinstance(layer, Relus):
            units = slice(layer.start, layer.stop)
            reached[:, units] = found[layer.source]
            found.append(np.where(off[:, units], 0.0, found[layer.source]))
    return reached


def take_values(slopes: Slopes, points: Floats) -> Floats:
    """What every relu takes at points (points, inputs), in floats."""
    found: list[Floats] = [points]
    taken = np.zeros((len(points), slopes.units))
    for layer in slopes.layers[1:]:
        if isinstance(layer, Sums):
            total = np.tile(layer.bias, (len(points), 1))
            for source, matrix in zip(layer.sources, layer.matrices, strict=True):
                total = total + found[source] @ matrix.T
            found.append(total)
        elif isinstance(layer, Relus):
            taken[:, layer.start : layer.stop] = found[layer.source]
            found.append(np.maximum(found[layer.source], 0.0))
    return taken
