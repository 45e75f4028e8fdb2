"""Points of a case, looked for before anything is bounded.

Corners, the middle and random points of the box are evaluated in one batch; from the best
of them the row that fails most is pushed up along its gradient, which for a piecewise
linear network is exact wherever it exists. What looks like a point of the case counts only
when exact evaluation says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from verify.kernel.networks import Program
from verify.networks.certificates import regions
from verify.networks.certificates.levels import Levels, Places, Rows
from verify.networks.certificates.outcomes import Point
from verify.networks.certificates.passes import sigmoid
from verify.networks.network import Floats

SAMPLES: Final = 256
CLIMBERS: Final = 24
STEPS: Final = 24
CORNERS: Final = 6  # inputs up to which all corners are tried
DIGITS: Final = (4, 10, 20, 52)  # binary digits of the points tried, roundest first
TRIES: Final = 3  # points of a batch that are evaluated exactly


class Climber:
    """Points in the box of a program, in floats; `confirm` settles them exactly."""

    def __init__(self, program: Program, levels: Levels, rows: Rows) -> None:
        self.program, self.levels, self.rows = program, levels, rows

    def margins(self, points: Floats) -> Floats:
        """The least row of each point, (points,): from 0 on, a point of the case."""
        rows = self._rows(self._forward(points)[0])
        found: Floats = rows.min(axis=1, initial=np.inf)
        return found

    def rows_at(self, points: Floats) -> Floats:
        """Every row at some points, (points, rows)."""
        return self._rows(self._forward(points)[0])

    def tangents(self, point: Floats) -> tuple[Floats, Floats]:
        """Every row at a point, and its slope there, (rows, inputs)."""
        values, slopes = self._forward(point[None])
        count = len(self.rows.indices)
        each = np.repeat(slopes, count, axis=0)
        return self._rows(values)[0], self._gradients(each, np.arange(count))

    def signs(self, point: Floats) -> dict[int, bool]:
        """Which relus that rows depend on are at work at a point, by their numbers."""
        _, slopes = self._forward(point[None])
        numbers = self.levels.numbers[self.levels.inputs :]
        kinds = [kind for level in self.levels.levels for kind in level.kinds]
        return {
            number: slope > 0.0
            for number, kind, slope in zip(
                numbers, kinds, slopes[0].tolist(), strict=True
            )
            if kind == "relu"
        }

    def _rows(self, values: Floats) -> Floats:
        found: Floats = values @ self.rows.matrix.T + self.rows.constants
        return found

    def _forward(self, points: Floats) -> tuple[Floats, Floats]:
        """All variables, and the slope of each unit, at some points."""
        levels = self.levels
        values = np.empty((len(points), len(levels.numbers)))
        slopes = np.ones((len(points), levels.units))
        values[:, : levels.inputs] = points
        for level in levels.levels:
            units = slice(level.start - levels.inputs, level.stop - levels.inputs)
            takes = values[:, : level.start] @ level.turned + level.bias
            gives, slope = np.maximum(takes, 0.0), (takes > 0.0).astype(float)
            if level.straight is not None:
                gives[:, level.straight] = takes[:, level.straight]
                slope[:, level.straight] = 1.0
            if level.flat is not None:
                for place in np.nonzero(level.flat)[0]:
                    if level.kinds[place] == "sigmoid":
                        gives[:, place] = sigmoid(takes[:, place])
                        slope[:, place] = gives[:, place] * (1.0 - gives[:, place])
                    else:
                        gives[:, place], slope[:, place] = np.sign(takes[:, place]), 0.0
            values[:, level.start : level.stop] = gives
            slopes[:, units] = slope
        return values, slopes

    def _gradients(self, slopes: Floats, worst: Places) -> Floats:
        """Of one row a point, in the inputs."""
        inputs = self.levels.inputs
        sums: Floats = self.rows.matrix[worst]
        for level in reversed(self.levels.levels):
            units = slice(level.start - inputs, level.stop - inputs)
            part = sums[:, level.start :] * slopes[:, units]
            sums = sums[:, : level.start] + part @ level.matrix
        return sums

    def climb(self, lower: Floats, upper: Floats, seed: int = 0) -> Point | None:
        """A point of the case in the box with these sides, if one is found."""
        if not len(self.rows.indices):
            return self.confirm(((lower + upper) * 0.5)[None])
        generator = np.random.default_rng(seed)
        count = len(lower)
        points = lower + (upper - lower) * generator.random((SAMPLES, count))
        if count <= CORNERS:
            bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
            points = np.concatenate([np.where(bits == 1, upper, lower), points])
        points = np.concatenate([((lower + upper) * 0.5)[None], points])
        return self.push(points, lower, upper)

    def push(self, points: Floats, lower: Floats, upper: Floats) -> Point | None:
        """A point of the case, if one is found uphill from the best of these points."""
        margins = self.margins(points)
        best = np.argsort(-margins)[:CLIMBERS]
        found = self.confirm(points[best], margins[best])
        points, reach = points[best], (upper - lower) * 0.25
        for _ in range(STEPS):
            if found is not None:
                return found
            values, slopes = self._forward(points)
            rows = self._rows(values)
            worst = rows.argmin(axis=1)
            found = self.confirm(points, rows[np.arange(len(rows)), worst])
            towards = self._gradients(slopes, worst) * (upper - lower)
            largest = np.abs(towards).max(axis=1, keepdims=True)
            points = points + reach * towards / np.maximum(largest, 1e-30)
            points = np.clip(points, lower, upper)
            reach = reach * 0.85
        return found

    def confirm(self, points: Floats, margins: Floats | None = None) -> Point | None:
        """The first of the likeliest points that is exactly one of the case, rounded to
        as few binary digits as will do."""
        found = self.margins(points) if margins is None else margins
        likely = np.nonzero(found >= 0.0)[0]
        for place in likely[np.argsort(-found[likely])][:TRIES]:
            for digits in DIGITS:
                point = self._rounded(points[place], digits)
                if regions.meets(self.program, point):
                    return point
        return None

    def _rounded(self, point: Floats, digits: int) -> Point:
        rounded = []
        for value, (low, high) in zip(point.tolist(), self.program.box, strict=True):
            exact = Fraction(round(value * 2**digits), 2**digits)
            exact = exact if low is None else max(low, exact)
            rounded.append(exact if high is None else min(high, exact))
        return tuple(rounded)
