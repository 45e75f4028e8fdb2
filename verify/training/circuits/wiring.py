"""How the units of a layer hang in the network: what they read and who reads them.

Removing a unit drops its outgoing weights, and re-using it changes its incoming row, its
bias and its outgoing columns. Both are single numbers of a network only where a layer of
relus lies between affine layers; where it does not, a sentence says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from verify.networks.network import RELU, Activation, Affine, Network, Numbers


class Reader(NamedTuple):
    """An affine layer that reads the units, and which of its matrices does."""

    layer: int
    matrix: int


class Wiring(NamedTuple):
    """Layers around the units of layer `number`: all are indices into the network's.

    `units` are the relus, `sums` the affine layer before them, `below` what that reads.
    """

    number: int
    units: int
    sums: int
    below: int
    readers: tuple[Reader, ...]


class Change(NamedTuple):
    """A number of an affine layer: of matrix `matrix`, or of the bias if that is None."""

    layer: int
    matrix: int | None
    row: int
    column: int
    value: Fraction


def list_readers(network: Network, index: int) -> tuple[Reader, ...] | None:
    """The affine layers that read a layer; None if something else reads it too."""
    found: list[Reader] = []
    for place, layer in enumerate(network.layers):
        if isinstance(layer, Activation) and layer.source == index:
            return None
        if isinstance(layer, Affine):
            found += [
                Reader(place, matrix)
                for matrix, source in enumerate(layer.sources)
                if source == index
            ]
    return tuple(found) if index != network.output else None


def find_wiring(network: Network, number: int) -> Wiring | str:
    """The wiring of unit layer `number` (from 1), or why its units cannot be re-used."""
    index = network.units[number - 1]
    layer = network.layers[index]
    if not isinstance(layer, Activation) or layer.kind != RELU:
        return "its units are no plain relus"
    sums = network.layers[layer.source]
    if not isinstance(sums, Affine) or len(sums.sources) != 1:
        return "its units read several layers"
    if layer.source == network.output or _count_readers(network, layer.source) > 1:
        return "what its units read is read by others too"
    readers = list_readers(network, index)
    if not readers:
        return "its units are outputs, or more than affine layers read them"
    return Wiring(number, index, layer.source, sums.sources[0], readers)


def _count_readers(network: Network, index: int) -> int:
    return sum(
        index in layer.sources if isinstance(layer, Affine) else layer.source == index
        for layer in network.layers[1:]
        if isinstance(layer, Affine | Activation)
    )


def change_network(network: Network, changes: Iterable[Change]) -> Network:
    """The network with these numbers in place of its own."""
    layers = list(network.layers)
    grouped: dict[tuple[int, int | None], list[Change]] = {}
    for change in changes:
        grouped.setdefault((change.layer, change.matrix), []).append(change)
    for (index, matrix), some in grouped.items():
        layer = layers[index]
        if not isinstance(layer, Affine):
            raise ValueError(f"layer {index} has no numbers to change")
        if matrix is None:
            layers[index] = layer._replace(bias=_change(layer.bias, some))
            continue
        matrices = list(layer.matrices)
        matrices[matrix] = _change(matrices[matrix], some)
        layers[index] = layer._replace(matrices=tuple(matrices))
    return network._replace(layers=tuple(layers))


def _change(numbers: Numbers, changes: Sequence[Change]) -> Numbers:
    """The places of a bias are its rows."""
    floats = numbers.floats.copy()
    exact = None if numbers.exact is None else list(numbers.exact)
    for change in changes:
        place = (change.row, change.column) if floats.ndim > 1 else (change.row,)
        floats[place] = float(change.value)
        if exact is not None:
            exact[int(np.ravel_multi_index(place, floats.shape))] = change.value
        elif Fraction(float(change.value)) != change.value:
            raise ValueError(f"{change.value} is no float64")
    return Numbers(floats, None if exact is None else tuple(exact))


def drop_units(network: Network, wiring: Wiring, units: Iterable[int]) -> list[Change]:
    """The changes that set the outgoing weights of these units (from 0) to 0."""
    return [
        Change(reader.layer, reader.matrix, row, unit, Fraction(0))
        for unit in units
        for reader in wiring.readers
        for row in range(network.layers[reader.layer].size)
    ]
