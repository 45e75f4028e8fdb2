"""A case of the kernel as a query over layers, for the searches in floating point.

The units of a program are put into layers by depth, each as sums and then what is done to
them, so that a network that was taken apart into units is whole again; two networks in one
statement become one beside the other, and a composition one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from verify.kernel.networks import Program, Unit, Weights
from verify.networks.network import Activation, Affine, Input, Layer, Network, Numbers
from verify.networks.query import Case, Query, Row

Place = tuple[int, int]  # layer, number in it


class Unbounded(ValueError):
    """An input of the case has no bound on some side."""


def make_query(program: Program) -> Query:
    """The query whose one case is the program's rows. Raises Unbounded.

    The network's outputs are the units that rows speak of.
    """
    sides = [(low, high) for low, high in program.box]
    lower = tuple(low for low, _ in sides if low is not None)
    upper = tuple(high for _, high in sides if high is not None)
    inputs = len(program.box)
    if len(lower) < inputs or len(upper) < inputs:
        raise Unbounded("an input has no bound on some side")
    spoken = sorted({v for row in program.rows for v, _ in row.weights if v >= inputs})
    outputs = {variable: place for place, variable in enumerate(spoken)}
    network = make_network(program, spoken)
    rows = tuple(
        Row(
            tuple((v, w) for v, w in row.weights if v < inputs),
            tuple((outputs[v], w) for v, w in row.weights if v >= inputs),
            row.constant,
            row.strict,
        )
        for row in program.rows
    )
    return Query(network, (Case(lower, upper, rows),))


def make_network(program: Program, spoken: Sequence[int]) -> Network:
    """The units as layers of one kind and depth; the last one has the variables spoken of.

    The program's rows do not matter, and of its box only how many inputs there are.
    """
    inputs = len(program.box)
    layers: list[Layer] = [Input(inputs)]
    places: dict[int, Place] = {number: (0, number) for number in range(inputs)}
    depth = dict.fromkeys(range(inputs), 0)
    groups: dict[tuple[int, str], list[int]] = {}
    for number, unit in enumerate(program.units, inputs):
        depth[number] = 1 + max((depth[v] for v, _ in unit.weights), default=0)
        groups.setdefault((depth[number], unit.kind), []).append(number)
    for (_, kind), numbers in sorted(groups.items()):
        units = [program.units[number - inputs] for number in numbers]
        layers.append(_sums(units, places, layers))
        if kind != "linear":
            layers.append(Activation(kind, len(layers) - 1, len(units)))
        for place, number in enumerate(numbers):
            places[number] = len(layers) - 1, place
    last = [Unit("linear", Fraction(0), ((number, Fraction(1)),)) for number in spoken]
    layers.append(_sums(last, places, layers))
    return Network(tuple(layers), len(layers) - 1)


def _sums(
    units: Sequence[Unit], places: dict[int, Place], layers: Sequence[Layer]
) -> Affine:
    """What these units take, over the layers that have what they speak of."""
    wanted = sorted({places[v][0] for unit in units for v, _ in unit.weights}) or [0]
    matrices = []
    for source in wanted:
        rows = [
            _row(unit.weights, places, source, layers[source].size) for unit in units
        ]
        flat = [value for row in rows for value in row]
        matrices.append(_numbers(flat, (len(units), layers[source].size)))
    bias = _numbers([unit.bias for unit in units], (len(units),))
    return Affine(tuple(wanted), tuple(matrices), bias)


def _row(
    weights: Weights, places: dict[int, Place], source: int, size: int
) -> list[Fraction]:
    row = [Fraction(0)] * size
    for variable, weight in weights:
        layer, place = places[variable]
        if layer == source:
            row[place] = weight
    return row


def _numbers(exact: Iterable[Fraction], shape: tuple[int, ...]) -> Numbers:
    """An array of these numbers; the exact ones are kept where floats are not."""
    values = tuple(exact)
    floats = np.array([float(value) for value in values], np.float64).reshape(shape)
    same = all(
        Fraction(near) == value
        for near, value in zip(floats.ravel().tolist(), values, strict=True)
    )
    return Numbers(floats, None if same else values)
