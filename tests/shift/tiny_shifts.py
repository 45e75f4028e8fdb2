"""Tiny networks with dyadic weights, and their worst cases by brute force.

Nothing of the search is used to judge it: networks, losses and distances are computed here
again, and so are the programmes over masses.

On every linear piece of the network, inside every orthant around a data point, a loss that
is convex in the output (or a step) less any multiple of the distance is largest at a vertex
of the arrangement: of the box, the data point's coordinates, the units' zero lines, the
level at which the loss bends and, for linf, the diagonals. All of them are listed. Over
distances the worst risk is the least of `rate * budget + sum of masses * best place at that
rate`, piecewise linear and convex in the rate, so all rates at which two places tie are
tried. Over masses alone all vertices of the set of masses are tried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.shift.questions import Question
from verify.shift.regions import make_box
from verify.shift.samples import make_samples

F = Fraction
ZERO = F(0)
LOW, HIGH = F(-1), F(3)
Point = tuple[Fraction, ...]
Plane = tuple[Point, Fraction]  # a normal, and what it is equal to


class Spot(NamedTuple):
    """Somewhere a point could go: how far it is, and the loss there."""

    distance: Fraction
    loss: Fraction


class Tiny(NamedTuple):
    """One hidden layer: weights (units, inputs), biases, outgoing weights, constant."""

    weights: tuple[Point, ...]
    biases: Point
    outgoing: Point
    constant: Fraction

    @property
    def network(self) -> Network:
        return make_network(
            [[float(w) for w in row] for row in self.weights],
            [float(b) for b in self.biases],
            [[float(v) for v in self.outgoing]],
            [float(self.constant)],
        )

    def at(self, point: Point) -> Fraction:
        """What the network gives."""
        rows = zip(self.weights, self.biases, self.outgoing, strict=True)
        return self.constant + sum(v * max(F(0), dot(w, point) + b) for w, b, v in rows)


def dot(one: Iterable[Fraction], other: Iterable[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True)), F(0))


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


def make_question(
    seed: int, losses: tuple[str, ...], heaviest: int = 3
) -> tuple[Tiny, Question]:
    """A random question about a tiny network on [-1, 3]^d; weights are 1 to `heaviest`."""
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
    masses = [F(source.randint(1, heaviest)) for _ in points]
    groups = [source.choice("ab") for _ in points]
    box = make_box((LOW,) * inputs, (HIGH,) * inputs)
    samples = make_samples(points, targets, masses, groups)
    return tiny, Question(tiny.network, samples, loss, box, ground)


def find_loss(loss: str, output: Fraction, target: Fraction) -> Fraction:
    """The loss of one output."""
    if loss == "l1":
        return abs(output - target)
    if loss == "squared":
        return (output - target) ** 2
    if loss == "hinge":
        return max(F(0), 1 - target * output)
    return F(1) if target * output <= 0 else F(0)


def find_distance(ground: str, start: Point, end: Point) -> Fraction:
    steps = [abs(a - b) for a, b in zip(start, end, strict=True)]
    return sum(steps, F(0)) if ground == "l1" else max(steps)


def _planes(tiny: Tiny, ground: str, point: Point) -> list[Plane]:
    size = len(point)
    found: list[Plane] = []
    for j in range(size):
        unit = tuple(F(int(j == k)) for k in range(size))
        found += [(unit, side) for side in (LOW, HIGH, point[j])]
    rows = zip(tiny.weights, tiny.biases, strict=True)
    found += [(row, -bias) for row, bias in rows]
    if ground == "linf" and size == 2:
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


def _meet(planes: tuple[Plane, ...]) -> Point | None:
    if len(planes) == 1:
        ((slope, value),) = planes
        return (value / slope[0],) if slope[0] else None
    (a, x), (b, y) = planes
    area = a[0] * b[1] - a[1] * b[0]
    if not area:
        return None
    return (x * b[1] - a[1] * y) / area, (a[0] * y - x * b[0]) / area


def find_spots(tiny: Tiny, question: Question) -> list[tuple[Spot, ...]]:
    """For each data point all vertices of its arrangement."""
    found = []
    for sample in question.samples:
        (target,) = sample.target
        bend = target if question.loss in ("l1", "squared") else F(0)
        level = 1 / target if question.loss == "hinge" else bend
        planes = _planes(tiny, question.ground, sample.point) + _levels(tiny, level)
        vertices = {_meet(chosen) for chosen in combinations(planes, len(sample.point))}
        spots = {
            Spot(
                find_distance(question.ground, sample.point, vertex),
                find_loss(question.loss, tiny.at(vertex), target),
            )
            for vertex in (*vertices, sample.point)
            if vertex is not None and all(LOW <= x <= HIGH for x in vertex)
        }
        found.append(tuple(spots))
    return found


def move_mass(
    spots: Sequence[tuple[Spot, ...]], weights: Sequence[Fraction], budget: Fraction
) -> Fraction:
    """The worst risk when mass times distance sums to the budget at most."""
    rates = {F(0)}
    for places in spots:
        for a, b in combinations(places, 2):
            if a.distance != b.distance:
                rates.add((a.loss - b.loss) / (a.distance - b.distance))

    def bound(rate: Fraction) -> Fraction:
        best = [max(s.loss - rate * s.distance for s in places) for places in spots]
        return rate * budget + dot(weights, best)

    return min(bound(rate) for rate in rates if rate >= 0)


def _vertices(rows: Sequence[Plane], size: int) -> Iterator[Point]:
    """Masses that sum to 1 with normal * masses <= value for all rows, at the corners."""
    total = ((F(1),) * size, F(1))
    for chosen in combinations(rows, size - 1):
        point = _solve([total, *chosen])
        if point is not None and all(dot(row, point) <= value for row, value in rows):
            yield point


def _solve(rows: Sequence[Plane]) -> Point | None:
    """The only solution of as many equations as there are unknowns."""
    table = [[*row, value] for row, value in rows]
    size = len(table)
    for column in range(size):
        pivot = next((r for r in range(column, size) if table[r][column]), None)
        if pivot is None:
            return None
        table[column], table[pivot] = table[pivot], table[column]
        table[column] = [x / table[column][column] for x in table[column]]
        for r in range(size):
            if r != column and table[r][column]:
                factor = table[r][column]
                pairs = zip(table[r], table[column], strict=True)
                table[r] = [x - factor * y for x, y in pairs]
    return tuple(row[-1] for row in table)


@lru_cache
def _units(size: int) -> tuple[Point, ...]:
    return tuple(tuple(F(int(j == k)) for k in range(size)) for j in range(size))


def reweigh(
    ball: str, losses: Sequence[Fraction], weights: Sequence[Fraction], budget: Fraction
) -> Fraction:
    """The worst risk over masses of tv(budget) or subpopulation(budget)."""
    size = len(losses)
    rows: list[Plane] = [(tuple(-x for x in unit), F(0)) for unit in _units(size)]
    if ball == "tv":
        for some in product((F(0), F(1)), repeat=size):
            if 0 < sum(some) < size:  # no set of points gains more than the budget
                rows.append((some, dot(some, weights) + budget))
    else:
        pairs = zip(_units(size), weights, strict=True)
        rows += [(unit, weight / budget) for unit, weight in pairs]
    return max(dot(losses, masses) for masses in _vertices(rows, size))


def worst_group(question: Question, losses: Sequence[Fraction]) -> Fraction:
    """The largest mean loss within a group."""
    means = []
    for name in {sample.group for sample in question.samples}:
        pairs = [
            (s.weight, loss)
            for s, loss in zip(question.samples, losses, strict=True)
            if s.group == name
        ]
        total = sum((weight for weight, _ in pairs), F(0))
        means.append(sum((weight * loss for weight, loss in pairs), F(0)) / total)
    return max(means)


def find_worst(
    tiny: Tiny, question: Question, ball: str, budget: Fraction = ZERO
) -> Fraction:
    """The worst risk by brute force."""
    weights = [sample.weight for sample in question.samples]
    losses = [
        find_loss(question.loss, tiny.at(sample.point), sample.target[0])
        for sample in question.samples
    ]
    if ball == "mixture":
        return worst_group(question, losses)
    if ball in ("tv", "subpopulation"):
        return reweigh(ball, losses, weights, budget)
    spots = find_spots(tiny, question)
    if ball == "region":
        return dot(weights, [max(s.loss for s in places) for places in spots])
    return move_mass(spots, weights, budget)


def write_document(tiny: Tiny, question: Question) -> str:
    """Network, data, region of a question in the language of documents."""
    names = [f"x{j}" for j in range(len(tiny.weights[0]))]
    units = []
    rows = zip(tiny.weights, tiny.biases, tiny.outgoing, strict=True)
    for weights, bias, outgoing in rows:
        pairs = zip(weights, names, strict=True)
        inner = " + ".join(f"({w})*{name}" for w, name in pairs)
        units.append(f"({outgoing})*relu({inner} + ({bias}))")
    least = math.lcm(*(s.weight.denominator for s in question.samples))
    points = [  # as often as their weight says
        f"({', '.join(map(str, s.point))}; {s.target[0]})"
        for s in question.samples
        for _ in range(int(s.weight * least))
    ]
    parameters = ", ".join(f"{name}: Real" for name in names)
    inside = " and ".join(f"{LOW} <= {name} and {name} <= {HIGH}" for name in names)
    return f"""\
network f({parameters}) := {" + ".join(units)} + ({tiny.constant})
data D := points {" ".join(points)}
region R({parameters}) := {inside}
"""
