"""Tiny networks with dyadic weights, and their worst cases by brute force.

On every linear piece of the network, inside every orthant around a data point, a piecewise
linear loss less any multiple of the distance is linear, so its best places are vertices of
the arrangement: of the box, the data point's coordinates, the units' zero lines, the level
at which the loss bends and, for linf, the diagonals. All of them are listed here.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.networks.values.exact import evaluate
from verify.shift.frontiers import find_hull
from verify.shift.losses import loss_at
from verify.shift.regions import make_box
from verify.shift.responses import Place
from verify.shift.samples import make_samples
from verify.shift.transport import Question

F = Fraction
LOW, HIGH = F(-1), F(3)
Plane = tuple[tuple[Fraction, ...], Fraction]


class Tiny(NamedTuple):
    """One hidden layer: weights (units, inputs), biases, outgoing weights, constant."""

    weights: tuple[tuple[Fraction, ...], ...]
    biases: tuple[Fraction, ...]
    outgoing: tuple[Fraction, ...]
    constant: Fraction

    @property
    def network(self) -> Network:
        return make_network(
            [[float(w) for w in row] for row in self.weights],
            [float(b) for b in self.biases],
            [[float(v) for v in self.outgoing]],
            [float(self.constant)],
        )


def numbers(values: object) -> Numbers:
    return Numbers(np.array(values, float))


def make_network(
    weights: object, biases: object, outgoing: object, constants: object
) -> Network:
    """A network of one hidden layer of relus."""
    first, last = numbers(weights), numbers(outgoing)
    units, inputs = first.floats.shape
    layers = (
        Input(inputs),
        Affine((0,), (first,), numbers(biases)),
        Activation("relu", 1, units),
        Affine((2,), (last,), numbers(constants)),
    )
    return Network(layers, 3)


def hat() -> Network:
    """relu(x - 1) - 2*relu(x - 2), of shift.md."""
    return make_network([[1], [1]], [-1, -2], [[1, -2]], [0])


def make_tiny(source: random.Random, inputs: int, units: int) -> Tiny:
    steps = [F(k, 2) for k in (-4, -2, -1, 0, 1, 2, 4)]
    return Tiny(
        tuple(tuple(source.choice(steps) for _ in range(inputs)) for _ in range(units)),
        tuple(source.choice(steps) for _ in range(units)),
        tuple(F(source.choice((-2, -1, 1, 2))) for _ in range(units)),
        source.choice([F(-1), F(0), F(1, 2)]),
    )


def make_question(seed: int, losses: tuple[str, ...]) -> tuple[Tiny, Question]:
    """A random question about a tiny network on [-1, 3]^d."""
    source = random.Random(seed)
    inputs, units = source.choice([1, 1, 2]), source.choice([1, 2, 3])
    tiny = make_tiny(source, inputs, units)
    loss, ground = source.choice(losses), source.choice(["l1", "linf"])
    count = source.choice([1, 2, 3])
    points = [
        tuple(F(source.randint(-2, 6), 2) for _ in range(inputs)) for _ in range(count)
    ]
    signs = loss in ("hinge", "zero_one")
    targets = [
        (F(source.choice([-1, 1]) if signs else source.randint(-2, 2)),) for _ in points
    ]
    masses = [F(source.randint(1, 3)) for _ in points]
    box = make_box((LOW,) * inputs, (HIGH,) * inputs)
    samples = make_samples(points, targets, masses)
    return tiny, Question(tiny.network, samples, loss, box, ground)


def _planes(tiny: Tiny, question: Question, point: tuple[Fraction, ...]) -> list[Plane]:
    size = len(point)
    found: list[Plane] = []
    for j in range(size):
        unit = tuple(F(int(j == k)) for k in range(size))
        found += [(unit, side) for side in (LOW, HIGH, point[j])]
    rows = zip(tiny.weights, tiny.biases, strict=True)
    found += [(row, -bias) for row, bias in rows]
    if question.ground == "linf" and size == 2:
        found += [((F(1), F(s)), point[0] + s * point[1]) for s in (1, -1)]
    return found


def _levels(tiny: Tiny, level: Fraction) -> list[Plane]:
    """Where the network takes that value, on each of its linear pieces."""
    found = []
    for pattern in product((0, 1), repeat=len(tiny.weights)):
        on = [k for k, bit in enumerate(pattern) if bit]
        slope = tuple(
            sum((tiny.outgoing[k] * tiny.weights[k][j] for k in on), F(0))
            for j in range(len(tiny.weights[0]))
        )
        start = sum((tiny.outgoing[k] * tiny.biases[k] for k in on), tiny.constant)
        found.append((slope, level - start))
    return found


def _meet(planes: tuple[Plane, ...]) -> tuple[Fraction, ...] | None:
    if len(planes) == 1:
        ((slope, value),) = planes
        return (value / slope[0],) if slope[0] else None
    (a, x), (b, y) = planes
    area = a[0] * b[1] - a[1] * b[0]
    if not area:
        return None
    return (x * b[1] - a[1] * y) / area, (a[0] * y - x * b[0]) / area


def find_hulls(tiny: Tiny, question: Question) -> list[tuple[Place, ...]]:
    """Each data point's exact frontier, from every vertex."""
    hulls = []
    for sample in question.samples:
        bend = sample.target[0] if question.loss in ("l1", "squared") else F(0)
        level = 1 / sample.target[0] if question.loss == "hinge" else bend
        planes = _planes(tiny, question, sample.point) + _levels(tiny, level)
        vertices = {_meet(chosen) for chosen in combinations(planes, len(sample.point))}
        places = []
        for vertex in [*vertices, sample.point]:
            if vertex is None or not question.region.contains(vertex):
                continue
            moved = [abs(a - b) for a, b in zip(vertex, sample.point, strict=True)]
            distance = sum(moved, F(0)) if question.ground == "l1" else max(moved)
            loss = loss_at(
                question.loss, evaluate(question.network, vertex), sample.target
            )
            places.append(Place(vertex, distance, loss))
        hulls.append(find_hull(places))
    return hulls
