"""Networks for the bounds: random graphs of every scale, and sums of teeth, whose exact
range their kinks give away."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

import numpy as np

from verify.networks.network import (
    KINDS,
    RELU,
    Activation,
    Affine,
    Floats,
    Input,
    Layer,
    Network,
    Numbers,
)
from verify.networks.query import Case, Query, Row

SCALES = ("plain", "cancel", "absorb", "tiny", "large", "double", "rational")


def make_number(random: Random, scale: str) -> Fraction:
    """A weight; all but those of "double" and "rational" are float32."""
    normal = random.gauss(0, 1)
    match scale:
        case "cancel":
            normal = random.choice((-1, 1)) * 2.0 ** random.choice((0, 12, 24))
        case "absorb":
            normal *= 10.0 ** random.randint(-8, 8)
        case "tiny":
            normal *= 10.0 ** random.choice((-44, -40, -36, 0))
        case "large":
            normal *= 10.0 ** random.choice((0, 10, 20, 30))
        case "double":
            return Fraction(normal)
        case "rational":
            return Fraction(random.randint(-9, 9), random.choice((3, 7, 10, 1)))
    return Fraction(float(np.float32(normal)))


def make_numbers(rows: list[list[Fraction]]) -> Numbers:
    """A matrix; its exact numbers beside it if floats do not hold them."""
    flat = tuple(number for row in rows for number in row)
    floats = np.array([[float(number) for number in row] for row in rows])
    fits = all(Fraction(float(number)) == number for number in flat)
    return Numbers(floats, None if fits else flat)


def make_vector(row: list[Fraction]) -> Numbers:
    """A bias."""
    numbers = make_numbers([row])
    return Numbers(numbers.floats[0], numbers.exact)


def make_affine(
    sources: list[int], sizes: list[int], size: int, draw: Callable[[], Fraction]
) -> Affine:
    """An affine layer over layers of these sizes; `draw()` gives its numbers."""
    matrices = tuple(
        make_numbers([[draw() for _ in range(width)] for _ in range(size)])
        for width in sizes
    )
    return Affine(tuple(sources), matrices, make_vector([draw() for _ in range(size)]))


def random_network(
    random: Random, scale: str, kinds: tuple[str, ...] = KINDS
) -> Network:
    """A graph of a few layers, some read twice, some reading the input again."""
    layers: list[Layer] = [Input(random.randint(1, 3))]

    def draw() -> Fraction:
        return make_number(random, scale)

    for _ in range(random.randint(1, 3)):
        count = random.choice((1, 1, 2))
        sources = sorted(random.sample(range(len(layers)), min(count, len(layers))))
        if len(layers) - 1 not in sources:
            sources = [*sources[1:], len(layers) - 1]
        sizes = [layers[k].size for k in sources]
        layers.append(make_affine(sources, sizes, random.randint(1, 5), draw))
        source = len(layers) - 1
        if random.random() < 0.1:
            source = random.randrange(len(layers))
        layers.append(Activation(random.choice(kinds), source, layers[source].size))
    if random.random() < 0.8:
        last = len(layers) - 1
        layers.append(make_affine([last], [layers[last].size], 2, draw))
    return Network(tuple(layers), len(layers) - 1)


def random_boxes(random: Random, inputs: int, count: int) -> tuple[Floats, Floats]:
    """Boxes of very different widths, float64 (inputs, count)."""
    centre = np.array(
        [[random.gauss(0, 1) for _ in range(count)] for _ in range(inputs)]
    )
    width = np.array(
        [[10.0 ** random.uniform(-9, 1) for _ in range(count)] for _ in range(inputs)]
    )
    return centre - width, centre + width


def sample_points(
    random: Random, lower: Floats, upper: Floats
) -> list[tuple[Fraction, ...]]:
    """Two corners and some points of one box, exactly."""
    ends = [(Fraction(a), Fraction(b)) for a, b in zip(lower, upper, strict=True)]
    shares = [[Fraction(0)] * len(ends), [Fraction(1)] * len(ends)]
    for _ in range(4):
        shares.append([Fraction(random.randint(0, 8), 8) for _ in ends])
    return [
        tuple(a + t * (b - a) for (a, b), t in zip(ends, share, strict=True))
        for share in shares
    ]


def tooth_network(random: Random, inputs: int, width: int) -> Network:
    """sum over inputs of f_i(x_i), each f_i a hidden layer of `width` relus over one
    input: piecewise linear, so `extremes` knows its range exactly."""
    size = inputs * width
    first = [[Fraction(0)] * inputs for _ in range(size)]
    bias, last = [], []
    for unit in range(size):
        first[unit][unit // width] = Fraction(random.choice((-3, -2, -1, 1, 2, 3)))
        bias.append(Fraction(random.randint(-16, 16), 8))
        last.append(Fraction(random.randint(-16, 16), 8))
    layers: tuple[Layer, ...] = (
        Input(inputs),
        Affine((0,), (make_numbers(first),), make_vector(bias)),
        Activation(RELU, 1, size),
        Affine((2,), (make_numbers([last]),), make_vector([Fraction(0)])),
    )
    return Network(layers, 3)


def extremes(
    network: Network, low: Fraction, high: Fraction
) -> tuple[Fraction, Fraction]:
    """The exact range of a `tooth_network` on [low, high]^n, from its kinks."""
    first, last = network.layers[1], network.layers[3]
    weights, bias = first.matrices[0].floats, first.bias.floats
    slopes = last.matrices[0].floats[0]
    least = most = Fraction(0)
    for place in range(network.inputs):
        units = [k for k in range(len(bias)) if weights[k, place]]
        kinks = [-Fraction(bias[k]) / Fraction(weights[k, place]) for k in units]
        points = [low, high, *(x for x in kinks if low < x < high)]
        values = [
            sum(
                Fraction(slopes[k])
                * max(Fraction(0), Fraction(weights[k, place]) * x + Fraction(bias[k]))
                for k in units
            )
            for x in points
        ]
        least, most = least + min(values), most + max(values)
    return least, most


def make_case(
    inputs: int, low: Fraction, high: Fraction, rows: tuple[Row, ...]
) -> Case:
    """A cube and rows."""
    return Case((low,) * inputs, (high,) * inputs, rows)


def threshold_query(
    network: Network, at_least: Fraction, *, strict: bool, low: int = -1, high: int = 1
) -> Query:
    """Is there an input in [low, high]^n with y_0 >= at_least (or >)?"""
    row = Row((), ((0, Fraction(1)),), -at_least, strict)
    case = make_case(network.inputs, Fraction(low), Fraction(high), (row,))
    return Query(network, (case,))
