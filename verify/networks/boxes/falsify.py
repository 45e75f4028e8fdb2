"""Looking for a point of a case before, and while, its emptiness is being proved.

Samples; from the best of them Newton steps on the rows that fail, all at once, and steps
along signs of gradients towards the row that fails most. Each finds points the other
misses, in a few hundredths of a second. Floats only propose: a point counts when exact
arithmetic finds that every row holds at it, at tolerance 0.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from verify.networks.boxes.rounding import Array
from verify.networks.network import (
    RELU,
    SIGMOID,
    Activation,
    Affine,
    Floats,
    Network,
)
from verify.networks.query import Case, Query, Witness
from verify.networks.values import exact, floats

SAMPLES: Final = 1000
STARTS: Final = 48  # points that take gradient steps, for each case
STEPS: Final = 40
NEWTON: Final = 15  # Newton steps
SOLVED: Final = 32  # rows up to which they are worth it
AHEAD: Final = 1e-3  # of the largest row value, by which rows are to hold
LONGEST: Final = 0.3  # of the box, in a Newton step
ELITE: Final = 250
CHILDREN: Final = 8  # of each of the elite
GENERATIONS: Final = 12
TRIES: Final = 3  # candidates of a batch that are evaluated exactly
NEAR: Final = 1e-9  # how far from holding a float may be to be worth it


class Prober:
    """Evaluates points of a query in floats, and the promising ones exactly."""

    def __init__(self, query: Query) -> None:
        """Rows become arrays, the nearest floats."""
        self.query = query
        self.network = query.network
        self.lower = np.array([[_float(x) for x in c.lower] for c in query.cases])
        self.upper = np.array([[_float(x) for x in c.upper] for c in query.cases])
        self.rows = [_make_rows(query, case) for case in query.cases]

    def margins(
        self, case: int, points: Floats, outputs: Floats
    ) -> tuple[Array, Array]:
        """For each point the least row value of a case and which row that is."""
        inputs, weights, constant = self.rows[case]
        if not len(constant):
            return np.full(len(points), np.inf), np.zeros(len(points), np.int64)
        values = points @ inputs.T + outputs @ weights.T + constant
        worst = values.argmin(1)
        return values[np.arange(len(values)), worst], worst

    def try_best(self, case: int, points: Floats, margins: Array) -> Witness | None:
        """Evaluate the few most promising points exactly."""
        order = np.argsort(-margins)[:TRIES]
        for place in order:
            if not margins[place] >= -NEAR:
                return None
            found = self.confirm(case, points[place])
            if found is not None:
                return found
        return None

    def confirm(self, case: int, point: Floats) -> Witness | None:
        """The point, moved into the box, if every row holds there exactly."""
        if not np.isfinite(point).all():
            return None
        box = self.query.cases[case]
        pairs = zip(point, box.lower, box.upper, strict=True)
        moved = tuple(min(max(Fraction(float(x)), a), b) for x, a, b in pairs)
        return confirm_point(self.query, case, moved)

    def climb(
        self, case: int, points: Floats, steps: int, deadline: float
    ) -> Witness | None:
        """Steps along signs of gradients towards the row that fails most."""
        inputs, weights, _ = self.rows[case]
        lower, upper = self.lower[case], self.upper[case]
        width = upper - lower
        for step in range(steps):
            if time.monotonic() > deadline:
                return None
            with np.errstate(all="ignore"):
                layers = floats.evaluate_layers(self.network, points)
                values, worst = self.margins(case, points, layers[self.network.output])
                found = self.try_best(case, points, values)
                if found is not None:
                    return found
                slope = gradient(self.network, layers, weights[worst]) + inputs[worst]
            length = 0.25 * 0.88**step
            points = np.clip(points + length * width * np.sign(slope), lower, upper)
        return self.search([case], [points], 0, 0)

    def search(
        self, cases: Sequence[int], points: Sequence[Floats], most: int, steps: int
    ) -> Witness | None:
        """Try points of each case; if `steps` is not 0, then Newton and gradient steps
        from the `most` best points of the case that fails least."""
        best: tuple[float, int, Floats] | None = None
        for case, mine in zip(cases, points, strict=True):
            with np.errstate(all="ignore"):
                outputs = floats.evaluate(self.network, mine)
                values, _ = self.margins(case, mine, outputs)
            found = self.try_best(case, mine, values)
            if found is not None:
                return found
            order = np.argsort(-values)[:most]
            if len(order) and (best is None or values[order[0]] > best[0]):
                best = float(values[order[0]]), case, mine[order]
        if best is None or not steps:
            return None
        found = self.solve(best[1], best[2], steps)
        return found or self.climb(best[1], best[2], steps, np.inf)

    def solve(self, case: int, points: Floats, steps: int) -> Witness | None:
        """Newton steps that aim at every failing row at once, shortest in the box's units.

        A network is linear but for its kinks, so where few rows fail a few steps do.
        """
        inputs, weights, constant = self.rows[case]
        lower, upper = self.lower[case], self.upper[case]
        width = upper - lower
        count, rows = len(points), len(constant)
        if rows > SOLVED or not rows:
            return None
        with np.errstate(all="ignore"):
            for _ in range(steps):
                layers = floats.evaluate_layers(self.network, points)
                values = points @ inputs.T + layers[self.network.output] @ weights.T
                values = values + constant
                found = self.try_best(case, points, values.min(1))
                if found is not None:
                    return found
                slopes = np.empty((count, rows, len(width)))
                for row in range(rows):
                    wanted = np.broadcast_to(weights[row], (count, weights.shape[1]))
                    slopes[:, row] = gradient(self.network, layers, wanted)
                slopes = (slopes + inputs) * width
                spare = AHEAD * np.abs(values).max(1, keepdims=True)
                move = _newton_step(slopes, spare - values, values < spare)
                points = np.clip(points + move * width, lower, upper)
        return self.search([case], [points], 0, 0)

    def attack(
        self, case: int, random: np.random.Generator, deadline: float
    ) -> Witness | None:
        """Samples of a case, then steps from the best and from some others."""
        points = self.sample(case, random, SAMPLES)
        if not len(points):
            return None
        with np.errstate(all="ignore"):
            outputs = floats.evaluate(self.network, points)
            values, _ = self.margins(case, points, outputs)
        found = self.try_best(case, points, values)
        if found is not None or not self.query.cases[case].rows:
            return found
        best = np.argsort(-values)[: STARTS // 2]
        starts = np.concatenate([points[best], points[: STARTS // 2]])
        found = self.solve(case, starts, NEWTON)
        return found or self.climb(case, starts, STEPS, deadline)

    def sample(self, case: int, random: np.random.Generator, count: int) -> Floats:
        """The centre and points of the box, some inputs of every other one at an end."""
        lower, upper = self.lower[case], self.upper[case]
        if (lower > upper).any():
            return np.empty((0, len(lower)))
        points = lower + (upper - lower) * random.random((count, len(lower)))
        ends = np.where(random.random(points.shape) < 0.5, lower, upper)
        points[::2] = np.where(random.random(points.shape) < 0.5, ends, points)[::2]
        points[0] = lower / 2 + upper / 2
        clipped: Floats = np.clip(points, lower, upper)
        return clipped

    def evolve(
        self, case: int, random: np.random.Generator, deadline: float
    ) -> Witness | None:
        """Generations of samples, each around the best points of the one before.

        Distances are drawn over three orders of magnitude. It finds pockets that
        gradients do not lead to: where rows tie, their signs only zigzag.
        """
        lower, upper = self.lower[case], self.upper[case]
        points = self.sample(case, random, CHILDREN * ELITE)
        if not len(points):
            return None
        for _ in range(GENERATIONS):
            if time.monotonic() > deadline:
                return None
            with np.errstate(all="ignore"):
                outputs = floats.evaluate(self.network, points)
                values, _ = self.margins(case, points, outputs)
            found = self.try_best(case, points, values)
            if found is not None:
                return found
            best = points[np.argsort(-values)[:ELITE]]
            shape = len(best), CHILDREN, len(lower)
            reach = 10 ** (-0.3 - 3 * random.random((len(best), CHILDREN, 1)))
            moved = best[:, None] + reach * (upper - lower) * random.standard_normal(
                shape
            )
            moved = np.clip(moved.reshape(-1, len(lower)), lower, upper)
            points = np.concatenate([best, moved])
        return None


def _newton_step(slopes: Array, missing: Array, failing: Array) -> Array:
    """The least step (points, inputs) that raises the failing rows by what they miss.

    `slopes` are (points, rows, inputs). No step is longer than `LONGEST` in any input.
    """
    slopes = np.where(failing[:, :, None] & np.isfinite(slopes), slopes, 0)
    missing = np.where(failing & np.isfinite(missing), missing, 0)
    square = slopes @ slopes.transpose(0, 2, 1)
    size = np.trace(square, axis1=1, axis2=2)[:, None, None]
    square = square + (1e-6 * size + 1e-30) * np.eye(square.shape[1])
    move = slopes.transpose(0, 2, 1) @ np.linalg.solve(square, missing[:, :, None])
    length = np.abs(move[:, :, 0]).max(1, keepdims=True, initial=1e-30)
    step: Array = move[:, :, 0] * np.minimum(1, LONGEST / length)
    return np.where(np.isfinite(step), step, 0)


def _float(number: Fraction) -> float:
    """The nearest float, the largest where it is out of range."""
    most = np.finfo(np.float64).max
    return float(min(max(number, Fraction(-most)), Fraction(most)))


def _make_rows(query: Query, case: Case) -> tuple[Floats, Floats, Floats]:
    inputs = np.zeros((len(case.rows), query.network.inputs))
    outputs = np.zeros((len(case.rows), query.network.outputs))
    for place, row in enumerate(case.rows):
        for index, number in row.inputs:
            inputs[place, index] = _float(number)
        for index, number in row.outputs:
            outputs[place, index] = _float(number)
    return inputs, outputs, np.array([_float(row.constant) for row in case.rows])


def confirm_point(
    query: Query, case: int, point: tuple[Fraction, ...]
) -> Witness | None:
    """The point as a witness of a case, if every row holds at it, exactly.

    Through sigmoid units all of the enclosure must hold; its middle is then reported.
    """
    network = query.network
    smooth = any(
        isinstance(layer, Activation) and layer.kind == SIGMOID
        for layer in network.layers
    )
    if not smooth:
        outputs = exact.evaluate(network, point)
        held = exact.holds(query.cases[case], point, outputs)
    else:
        spans = exact.enclose(network, point)
        held = exact.holds(query.cases[case], point, spans)
        outputs = tuple((low + high) / 2 for low, high in spans)
    return Witness(case, point, outputs) if held else None


def gradient(network: Network, layers: tuple[Floats, ...], slope: Array) -> Array:
    """The gradient on the inputs of slope·outputs at points (n, inputs).

    `layers` are the layers' numbers there. relu has slope 0 at 0, sign everywhere.
    """
    pending: dict[int, Array] = {network.output: slope}
    for index in range(network.output, 0, -1):
        row = pending.pop(index, None)
        if row is None:
            continue
        layer = network.layers[index]
        if isinstance(layer, Affine):
            for source, matrix in zip(layer.sources, layer.matrices, strict=True):
                pending[source] = pending.get(source, 0) + row @ matrix.floats
        elif isinstance(layer, Activation):
            value = layers[index]
            if layer.kind == RELU:
                row = row * (value > 0)
            elif layer.kind == SIGMOID:
                row = row * (value * (1 - value))
            else:
                row = np.zeros_like(row)
            pending[layer.source] = pending.get(layer.source, 0) + row
    return pending.get(0, np.zeros((len(slope), network.inputs)))


def find_witness(query: Query, deadline: float, seed: int = 0) -> Witness | None:
    """A point of some case, by sampling and gradient steps; None when none was met.

    `deadline` is a time.monotonic() value.
    """
    prober = Prober(query)
    random = np.random.default_rng(seed)
    for method in (prober.attack, prober.evolve):
        for case in range(len(query.cases)):
            if time.monotonic() > deadline:
                return None
            found = method(case, random, deadline)
            if found is not None:
                return found
    return None
