"""Small random networks with dyadic weights, made by hand rather than read from files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from random import Random

import numpy as np

from verify.networks.network import Activation, Affine, Input, Layer, Network, Numbers
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact


def random_network(
    random: Random, sizes: Sequence[int], kinds: Sequence[str] = ()
) -> Network:
    """An affine layer between each two sizes, relu (or `kinds`) between affine layers."""
    layers: list[Layer] = [Input(sizes[0])]
    for place, (columns, rows) in enumerate(pairwise(sizes)):
        weights = [[_number(random) for _ in range(columns)] for _ in range(rows)]
        bias = [_number(random) for _ in range(rows)]
        layers.append(
            Affine(
                (len(layers) - 1,),
                (Numbers(np.array(weights)),),
                Numbers(np.array(bias)),
            )
        )
        if place < len(sizes) - 2:
            kind = kinds[place] if kinds else "relu"
            layers.append(Activation(kind, len(layers) - 1, rows))
    return Network(tuple(layers), len(layers) - 1)


def _number(random: Random) -> float:
    return random.randint(-64, 64) / 32


def random_point(random: Random, size: int, radius: int = 1) -> tuple[Fraction, ...]:
    """A point of [-radius, radius]^size with a corner now and then."""
    return tuple(
        Fraction(random.choice([-32, 32, random.randint(-32, 32)]), 32) * radius
        for _ in range(size)
    )


def box_query(network: Network, rows: tuple[Row, ...], radius: int = 1) -> Query:
    """One case: the rows over the box [-radius, radius]^inputs."""
    lower = (Fraction(-radius),) * network.inputs
    upper = (Fraction(radius),) * network.inputs
    return Query(network, (Case(lower, upper, rows),))


def at_least(value: Fraction, output: int = 0) -> Row:
    """y_output >= value."""
    return Row((), ((output, Fraction(1)),), -value)


Line = tuple[Fraction, Fraction, Fraction]  # a x + b y + c = 0


def kinks(network: Network) -> list[Line]:
    """What the units of a first layer over two inputs are given, as a x + b y + c."""
    layer = network.layers[1]
    if not isinstance(layer, Affine):
        raise TypeError("expected an affine layer first")
    rows = zip(
        layer.matrices[0].floats.tolist(), layer.bias.floats.tolist(), strict=True
    )
    return [(Fraction(a), Fraction(b), Fraction(c)) for (a, b), c in rows]


def exact_vertices(
    network: Network,
) -> list[tuple[tuple[Fraction, Fraction], Fraction]]:
    """The vertices of the arrangement of kinks in [-1, 1]^2, with the first output.

    On a network with one hidden layer of relus every piece is a polygon with such
    vertices, so the output's least and largest values over any union of pieces are there.
    """
    one, none = Fraction(1), Fraction(0)
    sides = [(one, none, one), (one, none, -one), (none, one, one), (none, one, -one)]
    found = []
    for (a, b, c), (d, e, f) in combinations(sides + kinks(network), 2):
        determinant = a * e - b * d
        if determinant:
            point = (b * f - c * e) / determinant, (c * d - a * f) / determinant
            if max(abs(point[0]), abs(point[1])) <= 1:
                found.append((point, exact.evaluate(network, point)[0]))
    return found
