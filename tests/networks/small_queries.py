"""Small random queries with exact weights, often with thresholds met exactly somewhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import numpy as np

from verify.networks.network import Activation, Affine, Input, Layer, Network, Numbers
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact


def numbers(values: Sequence[Fraction | int], *shape: int) -> Numbers:
    """Exact numbers of this shape, their floats beside them."""
    fractions = tuple(map(Fraction, values))
    floats = np.array([float(value) for value in fractions])
    return Numbers(floats.reshape(shape or (len(fractions),)), fractions)


def dense(*layers: tuple[list[list[Fraction | int]], list[Fraction | int]]) -> Network:
    """A network of (weights, biases), relu between them."""
    made: list[Layer] = [Input(len(layers[0][0][0]))]
    for place, (weights, biases) in enumerate(layers):
        flat = [value for row in weights for value in row]
        matrix = numbers(flat, len(weights), len(weights[0]))
        made.append(Affine((len(made) - 1,), (matrix,), numbers(biases)))
        if place + 1 < len(layers):
            made.append(Activation("relu", len(made) - 1, len(biases)))
    return Network(tuple(made), len(made) - 1)


def box_query(
    network: Network,
    row: Row,
    low: Fraction | int = -1,
    high: Fraction | int = 1,
) -> Query:
    """One row on the box with these sides."""
    sides = [(Fraction(side),) * network.inputs for side in (low, high)]
    return Query(network, (Case(sides[0], sides[1], (row,)),))


def at_least(value: Fraction | int, *, strict: bool = False) -> Row:
    """The first output is at least, or above, a value."""
    return Row((), ((0, Fraction(1)),), -Fraction(value), strict)


def random_network(random: Random, kinds: Sequence[str] = ("relu",)) -> Network:
    """One to three inputs, up to three hidden layers of up to five units, quarters."""
    inputs, outputs = random.randint(1, 3), random.randint(1, 2)
    layers: list[Layer] = [Input(inputs)]
    sizes = [random.randint(1, 5) for _ in range(random.randint(1, 3))]
    taken = inputs
    for size in (*sizes, outputs):
        weights = [
            Fraction(random.randint(-12, 12), 4) * (random.random() < 0.8)
            for _ in range(size * taken)
        ]
        bias = [Fraction(random.randint(-4, 4), 4) for _ in range(size)]
        matrix = numbers(weights, size, taken)
        layers.append(Affine((len(layers) - 1,), (matrix,), numbers(bias)))
        taken = size
        if len(layers) < 2 * len(sizes) + 1:
            layers.append(Activation(random.choice(kinds), len(layers) - 1, size))
    return Network(tuple(layers), len(layers) - 1)


def random_query(random: Random, kinds: Sequence[str] = ("relu",)) -> Query:
    """One or two cases of up to three rows; relu networks often exactly at a threshold."""
    network = random_network(random, kinds)
    cases = []
    for _ in range(random.randint(1, 2)):
        lower = tuple(Fraction(random.randint(-4, 1)) for _ in range(network.inputs))
        upper = tuple(low + random.randint(0, 4) for low in lower)
        rows = tuple(
            _random_row(random, network, lower, upper, tight="sigmoid" not in kinds)
            for _ in range(random.randint(1, 3))
        )
        cases.append(Case(lower, upper, rows))
    return Query(network, tuple(cases))


def _random_row(
    random: Random,
    network: Network,
    lower: tuple[Fraction, ...],
    upper: tuple[Fraction, ...],
    *,
    tight: bool,
) -> Row:
    def weights(count: int, share: float) -> tuple[tuple[int, Fraction], ...]:
        return tuple(
            (i, Fraction(random.randint(1, 3) * random.choice((-1, 1))))
            for i in range(count)
            if random.random() < share
        )

    inputs, outputs = weights(network.inputs, 0.3), weights(network.outputs, 0.9)
    constant = Fraction(random.randint(-12, 4), 2)
    if tight and random.random() < 0.6:
        point = tuple(random.choice(side) for side in zip(lower, upper, strict=True))
        values = exact.evaluate(network, point)
        constant = -sum((w * point[i] for i, w in inputs), Fraction(0))
        constant -= sum((w * values[k] for k, w in outputs), Fraction(0))
        constant -= random.choice((0, 0, 0, Fraction(1, 1000)))
    return Row(inputs, outputs, constant, random.random() < 0.5)


def grid(case: Case, random: Random, count: int) -> list[tuple[Fraction, ...]]:
    """Random points of the case's box, on eighths of its sides."""
    return [
        tuple(
            low + (high - low) * Fraction(random.randint(0, 8), 8)
            for low, high in zip(case.lower, case.upper, strict=True)
        )
        for _ in range(count)
    ]
