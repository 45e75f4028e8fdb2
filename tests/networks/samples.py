"""Small networks made by hand, and a search that tries points: for tests of what is above."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from verify.networks.network import (
    RELU,
    Activation,
    Affine,
    Input,
    Layer,
    Network,
    Numbers,
)
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.values import exact


def make_numbers(rows: Sequence[Sequence[float]] | Sequence[float]) -> Numbers:
    return Numbers(np.array(rows, dtype=np.float64))


def make_network(*layers: tuple[Sequence[Sequence[float]], Sequence[float]]) -> Network:
    """Affine layers given as (matrix, bias), a relu between each two."""
    made: list[Layer] = [Input(len(layers[0][0][0]))]
    units = []
    for place, (matrix, bias) in enumerate(layers):
        source = len(made) - 1
        made.append(Affine((source,), (make_numbers(matrix),), make_numbers(bias)))
        if place + 1 < len(layers):
            made.append(Activation(RELU, len(made) - 1, len(bias)))
            units.append(len(made) - 1)
    names = tuple(f"layer {index}" for index in range(len(made)))
    return Network(tuple(made), len(made) - 1, names, tuple(units))


def tent() -> Network:
    """max(0, 1 - |x|) written with three relus."""
    return make_network(
        ([[1.0], [1.0], [1.0]], [1.0, 0.0, -1.0]), ([[1.0, -2.0, 1.0]], [0.0])
    )


def try_points(query: Query, deadline: float) -> Finding:
    """A search for tests: the corners and middles of a coarse grid, exactly.

    It says `Empty` when none is met, which is a guess; what comes after must check it.
    """
    for number, case in enumerate(query.cases):
        sides = [
            [low + (high - low) * Fraction(k, 4) for k in range(5)]
            for low, high in zip(case.lower, case.upper, strict=True)
        ]
        for point in product(*sides):
            outputs = exact.evaluate(query.network, point)
            if exact.holds(case, point, outputs):
                return Witness(number, point, outputs)
    return Empty("rigorous", cells=len(query.cases))


def give_up(query: Query, deadline: float) -> Finding:
    """A search that finds nothing out."""
    return Open("timeout", "the time was over", cells=7)
