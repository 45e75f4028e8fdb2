"""Which units are silent on every data point: output 0 at each of them, exactly.

All units are first evaluated in float64 with a proven bound on the error of every number
(`verify.networks.values.running_error`). A unit that is surely not 0 somewhere is settled
with the point that shows it; what the bound leaves open is evaluated in exact arithmetic,
point by point. So no unit is called silent, or not silent, on the word of a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from verify.networks.network import SIGMOID, Activation, Network
from verify.networks.values import exact, running_error
from verify.training.circuits.examples import NearPoints
from verify.training.circuits.tables import Table, evaluate_points


class Place(NamedTuple):
    """A unit: its layer among the layers of units and its place there, both from 1."""

    layer: int
    unit: int

    def __str__(self) -> str:
        return f"{self.layer}:{self.unit}"


class OnData(NamedTuple):
    """Whether a unit is silent on the data: None where neither could be shown.

    `point` is the first point (from 0) that was found where it is not 0.
    """

    place: Place
    silent: bool | None
    point: int | None


class Settled(NamedTuple):
    """The same of a unit that is known by its place in a layer."""

    silent: bool | None
    point: int | None


def list_places(network: Network) -> tuple[Place, ...]:
    """All units, layer by layer."""
    return tuple(
        Place(layer, unit)
        for layer, index in enumerate(network.units, 1)
        for unit in range(1, network.layers[index].size + 1)
    )


def is_smooth(network: Network) -> bool:
    """Whether sigmoids make some of its values irrational."""
    return any(
        isinstance(layer, Activation) and layer.kind == SIGMOID
        for layer in network.layers
    )


def find_silence(
    network: Network,
    points: Sequence[Sequence[Fraction]],
    inputs: Table,
    near: NearPoints,
) -> tuple[OnData, ...]:
    """Every unit, in order; `inputs` and `near` are the points once more."""
    found: list[OnData] = []
    known: dict[int, Table] = {}
    for number, index in enumerate(network.units, 1):
        part = network._replace(output=index, layers=network.layers[: index + 1])
        measured = running_error.evaluate(part, near.values, near.errors)
        sure = np.abs(measured.values) > measured.errors
        doubtful = np.flatnonzero(~sure.any(0)).tolist()
        settled: dict[int, Settled] = {
            unit: Settled(False, int(sure[:, unit].argmax()))
            for unit in np.flatnonzero(sure.any(0)).tolist()
        }
        if doubtful and is_smooth(part):
            settled |= _enclose(part, points, measured, doubtful)
        elif doubtful:
            known = evaluate_points(network, inputs, index, known)
            settled |= {unit: _settle(known[index], unit) for unit in doubtful}
        found += [
            OnData(Place(number, unit + 1), *settled[unit])
            for unit in range(network.layers[index].size)
        ]
    return tuple(found)


def _settle(table: Table, unit: int) -> Settled:
    first = next((k for k, row in enumerate(table.rows) if row[unit]), None)
    return Settled(first is None, first)


def _enclose(
    network: Network,
    points: Sequence[Sequence[Fraction]],
    measured: running_error.Measured,
    doubtful: Sequence[int],
) -> dict[int, Settled]:
    """Through sigmoids, by enclosures: not silent if one of them excludes 0.

    Only points where floats do not already say that it is 0 are enclosed.
    """
    found = dict.fromkeys(doubtful, Settled(True, None))
    open_ = (measured.values != 0) | (measured.errors != 0)
    for place in np.flatnonzero(open_[:, list(doubtful)].any(1)).tolist():
        spans = exact.enclose(network, points[place])
        for unit in doubtful:
            low, high = spans[unit]
            if found[unit].silent is False or low == high == 0:
                continue
            surely = low > 0 or high < 0
            found[unit] = Settled(False, place) if surely else Settled(None, None)
    return found
