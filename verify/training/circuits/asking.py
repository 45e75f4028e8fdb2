"""What a region is asked about units, as queries about a part of the network.

A unit is cut out with all below it, as a network with one output: the number before its
relu, or its value where it is no relu. Units that are asked about together are cut out
with what they add to each row of each layer that reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from verify.networks.network import (
    RELU,
    Activation,
    Affine,
    Floats,
    Layer,
    Network,
    Numbers,
)
from verify.networks.query import Query, Row
from verify.training.circuits.regions import Region
from verify.training.circuits.silence import Place
from verify.training.circuits.wiring import Wiring

ONE: Final = Fraction(1)


def make_query(network: Network, place: Place, region: Region) -> Query:
    """Can the unit be other than 0 in the region? Output 0 is what goes into its relu."""
    index = network.units[place.layer - 1]
    layer, unit = network.layers[index], place.unit - 1
    above = Row((), ((0, ONE),), Fraction(0), strict=True)
    if isinstance(layer, Activation) and layer.kind == RELU:
        sums = network.layers[layer.source]
        if isinstance(sums, Affine):
            cut = _cut(network, layer.source, _take_row(sums, unit))
            cases = tuple(c._replace(rows=(*c.rows, above)) for c in region.cases)
            return Query(cut, cases)
    wire = np.zeros((1, layer.size))
    wire[0, unit] = 1.0
    last = Affine((index,), (Numbers(wire),), Numbers(np.zeros(1)))
    cut = _cut(network, index + 1, last)
    below = Row((), ((0, -ONE),), Fraction(0), strict=True)
    cases = tuple(
        case._replace(rows=(*case.rows, row))
        for row in (above, below)
        for case in region.cases
    )
    return Query(cut, cases)


def make_joint_query(
    network: Network, wiring: Wiring, units: Sequence[int], region: Region
) -> Query:
    """Can these units (from 0) together add other than 0 to a reader in the region?

    The outputs are what they add to each row of each reader.
    """
    size = network.layers[wiring.units].size
    rows: list[tuple[Fraction, ...]] = []
    for reader in wiring.readers:
        layer = network.layers[reader.layer]
        if isinstance(layer, Affine):
            matrix = layer.matrices[reader.matrix]
            rows += [
                _keep_columns(matrix, row, units, size) for row in range(layer.size)
            ]
    rows = [row for row in dict.fromkeys(rows) if any(row)]
    floats_ = np.array([[float(w) for w in row] for row in rows]).reshape(-1, size)
    flat = tuple(weight for row in rows for weight in row)
    weights = Numbers(floats_, flat if _are_rounded(floats_, flat) else None)
    last = Affine((wiring.units,), (weights,), Numbers(np.zeros(len(rows))))
    cut = _cut(network, wiring.units + 1, last)
    cases = tuple(
        case._replace(
            rows=(*case.rows, Row((), ((row, sign),), Fraction(0), strict=True))
        )
        for row in range(len(rows))
        for sign in (ONE, -ONE)
        for case in region.cases
    )
    return Query(cut, cases)


def _keep_columns(
    matrix: Numbers, row: int, units: Sequence[int], size: int
) -> tuple[Fraction, ...]:
    kept = [Fraction(0)] * size
    for unit in units:
        kept[unit] = (
            Fraction(float(matrix.floats[row, unit]))
            if matrix.exact is None
            else matrix.exact[row * size + unit]
        )
    return tuple(kept)


def _are_rounded(near: Floats, known: Sequence[Fraction]) -> bool:
    return any(
        Fraction(value) != exactly
        for value, exactly in zip(near.ravel().tolist(), known, strict=True)
    )


def _cut(network: Network, index: int, last: Affine) -> Network:
    """The layers before `index` that are needed, then `last`."""
    kept = {0}
    wanted = set(last.sources)
    for place in range(index - 1, 0, -1):
        if place in wanted:
            kept.add(place)
            layer = network.layers[place]
            if isinstance(layer, Affine):
                wanted |= set(layer.sources)
            elif isinstance(layer, Activation):
                wanted.add(layer.source)
    order = {old: new for new, old in enumerate(sorted(kept))}
    layers: list[Layer] = []
    for old in order:
        layer = network.layers[old]
        if isinstance(layer, Affine):
            layer = layer._replace(sources=tuple(order[s] for s in layer.sources))
        elif isinstance(layer, Activation):
            layer = layer._replace(source=order[layer.source])
        layers.append(layer)
    layers.append(last._replace(sources=tuple(order[s] for s in last.sources)))
    return Network(tuple(layers), len(layers) - 1)


def _take_row(layer: Affine, row: int) -> Affine:
    def take(numbers: Numbers) -> Numbers:
        width = numbers.floats.size // len(layer.bias.floats)
        kept = None
        if numbers.exact is not None:
            kept = numbers.exact[row * width : (row + 1) * width]
        return Numbers(numbers.floats[row : row + 1], kept)

    return Affine(layer.sources, tuple(map(take, layer.matrices)), take(layer.bias))
