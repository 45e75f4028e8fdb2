"""Whether a cell has an inside: one linear programme, and a check of what it says.

The programme moves a point as far as it can inside all lines that the cell's phases draw,
each measured by the size of its weights. A positive margin gives a point, which exact
arithmetic judges afterwards. A negative one gives multipliers: a weighted sum of the lines
that is below 0 on the whole box, rounding paid for, leaves no point inside all of them.
What remains unclear the exact simplex decides.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import DOUBLE, round_down, round_up
from verify.networks.network import Floats
from verify.shift.lipschitz.pieces import Exact, find_inside
from verify.shift.lipschitz.slopes import Mask, Phases, Relus, Slopes, Sums
from verify.shift.pointwise.charts import Chart
from verify.shift.regions import Point
from verify.solvers.answers import Budget
from verify.solvers.linear import LinearProgram, LinearRow, Optimal, solve_linear

CLEAR: Final = 1e-9  # margins beyond which floats are asked no more
SECONDS: Final = 10


class Inside(NamedTuple):
    """`is_empty` is shown; `point` is a candidate in the chart's numbers."""

    is_empty: bool
    point: Point | None = None


class Insides:
    """What is asked of all cells of one search."""

    def __init__(self, slopes: Slopes, chart: Chart, exact: Exact) -> None:
        self.slopes, self.chart, self.exact = slopes, chart, exact
        region = chart.region
        self.bounded = region.is_bounded
        self.low = np.array(
            [-np.inf if x is None else round_down(x) for x in region.lower]
        )
        self.high = np.array(
            [np.inf if x is None else round_up(x) for x in region.upper]
        )
        self.varies = self.low < self.high
        self.sides = tuple(zip(region.lower, region.upper, strict=True))
        lines = [
            [float(w) for w in h.weights] + [float(h.constant)] for h in region.halves
        ]
        self.halves = np.array(lines).reshape(len(lines), region.size + 1)
        self.matrix: Floats | None = None
        if chart.matrix is not None:
            self.matrix = np.array([[float(a) for a in row] for row in chart.matrix])
            self.offset = np.array([float(b) for b in chart.offset])

    def look(self, phases: Phases, decided: Phases) -> Inside:
        """About a cell of these phases; `decided` adds those that intervals force."""
        forms, errors, known = self._read_forms(decided)
        which = np.flatnonzero((phases != 0) & known)
        signs = phases[which].astype(float)
        lines, off = forms[which] * signs[:, None], errors[which]
        if self.matrix is not None:
            lines, off = self._pull_back(lines, off, self.matrix)
        kept = (np.abs(lines[:, :-1]) * self.varies).max(axis=1, initial=0.0) > 0.0
        lines, off = lines[kept], off[kept]
        both = np.concatenate([lines, self.halves])
        if not len(both):
            return Inside(False)
        solved = self._solve(both)
        if solved is None:
            return Inside(False)
        margin, point, duals = solved
        if margin > CLEAR:
            return Inside(False, point)
        slack = np.concatenate([off, np.abs(self.halves) * 2.0**-50])
        if margin < -CLEAR and self.bounded and self._is_shown(both, slack, duals):
            return Inside(True)
        return Inside(self._is_empty_exactly(phases, decided))

    def _pull_back(
        self, lines: Floats, off: Floats, matrix: Floats
    ) -> tuple[Floats, Floats]:
        """Lines over the inputs as lines over the chart's numbers, with their errors."""
        growth = DOUBLE.growth(len(matrix) + 8)
        rest, apart = np.abs(lines[:, :-1]), off[:, :-1]
        magnitude, shift = np.abs(matrix), np.abs(self.offset)
        constants = lines[:, -1] + lines[:, :-1] @ self.offset
        doubt = off[:, -1] + apart @ shift * (1.0 + growth)
        doubt += growth * (np.abs(lines[:, -1]) + rest @ shift)
        errors = apart @ magnitude * (1.0 + growth) + growth * (rest @ magnitude)
        return (
            np.column_stack([lines[:, :-1] @ matrix, constants]),
            np.column_stack([errors, doubt]) * 1.001,
        )

    def _is_empty_exactly(self, phases: Phases, decided: Phases) -> bool:
        forms = self.exact.read_forms(decided.tolist())
        return find_inside(self.chart, forms, phases.tolist()) is None

    def _solve(self, lines: Floats) -> tuple[float, Point, Floats] | None:
        """The largest margin, a point that has it, and multipliers of the lines."""
        size = lines.shape[1] - 1
        rows = []
        for line in lines:
            weights = [(j, Fraction(w)) for j, w in enumerate(line[:-1].tolist()) if w]
            total = float((np.abs(line[:-1]) * self.varies).sum())
            weights.append((size, -Fraction(total)))
            rows.append(LinearRow(tuple(weights), -Fraction(float(line[-1])), None))
        one = Fraction(1)
        program = LinearProgram(
            (*self.sides, (None, one)), tuple(rows), ((size, -one),)
        )
        found = solve_linear(program, Budget(seconds=SECONDS))
        if not isinstance(found, Optimal):
            return None
        duals = np.array([float(x) for x in found.duals])
        point = tuple(
            max(low, x) if low is not None and x < low
            else min(high, x) if high is not None and x > high
            else x
            for x, (low, high) in zip(found.values, self.sides, strict=False)
        )  # fmt: skip
        return -float(found.value), point, duals

    def _is_shown(self, lines: Floats, errors: Floats, duals: Floats) -> bool:
        """Whether these multipliers of the lines leave a sum below 0 on the whole box."""
        taken = np.maximum(duals, 0.0)
        if not np.isfinite(taken).all() or not taken.any():
            return False
        total = taken @ lines
        size = taken @ (np.abs(lines) + errors)
        spread = taken @ errors + size * (len(lines) + 8) * 2.0**-52
        middle = (self.low + self.high) * 0.5
        radius = (self.high - self.low) * 0.5 * (1.0 + 2.0**-48) + np.abs(
            middle
        ) * 2.0**-50
        reach = np.abs(middle) + radius
        most = total[:-1] @ middle + np.abs(total[:-1]) @ radius + total[-1]
        paid = spread[:-1] @ reach + spread[-1]
        paid += (size[:-1] @ reach + size[-1]) * (len(reach) + 8) * 2.0**-51
        return bool(most + 2.0 * paid + 1e-280 < 0.0)

    def _read_forms(self, phases: Phases) -> tuple[Floats, Floats, Mask]:
        """What each relu takes as a form (units, inputs + 1), the constant last, how far
        rounding may put it off, and whether it is one."""
        slopes = self.slopes
        size = slopes.inputs
        along: list[Floats] = [np.column_stack([np.eye(size), np.zeros(size)])]
        errors: list[Floats] = [np.zeros((size, size + 1))]
        certain: list[Mask] = [np.ones(size, bool)]
        taken, off = np.zeros((2, slopes.units, size + 1))
        known = np.zeros(slopes.units, bool)
        for layer in slopes.layers[1:]:
            if isinstance(layer, Sums):
                total = np.zeros((len(layer.bias), size + 1))
                total[:, -1] = layer.bias
                magnitude, error = np.abs(total), np.zeros_like(total)
                sure = np.ones(len(layer.bias), bool)
                for source, matrix, sizes in zip(
                    layer.sources, layer.matrices, layer.sizes, strict=True
                ):
                    total = total + matrix @ along[source]
                    magnitude = magnitude + sizes @ np.abs(along[source])
                    error = error + sizes @ errors[source]
                    sure &= ~((sizes != 0.0) & ~certain[source]).any(axis=1)
                error = (error + layer.growth * (magnitude + error)) * 1.001
                along.append(total)
                errors.append(error)
                certain.append(sure)
            elif isinstance(layer, Relus):
                units = slice(layer.start, layer.stop)
                taken[units], off[units] = along[layer.source], errors[layer.source]
                known[units] = certain[layer.source]
                phase = phases[units]
                on = (phase > 0)[:, None]
                along.append(np.where(on, along[layer.source], 0.0))
                errors.append(np.where(on, errors[layer.source], 0.0))
                certain.append(np.where(phase > 0, certain[layer.source], phase < 0))
        return taken, off, known

    def find_known(self, on: Mask, off: Mask) -> Mask:
        """For cells (cells, units): which relus take an affine form of the inputs."""
        known = np.zeros(on.shape, bool)
        certain: list[Mask] = [np.ones((len(on), self.slopes.inputs), bool)]
        for layer in self.slopes.layers[1:]:
            if isinstance(layer, Sums):
                doubts = np.zeros((len(on), len(layer.bias)))
                for source, sizes in zip(layer.sources, layer.sizes, strict=True):
                    doubts += (~certain[source]).astype(float) @ (sizes != 0.0).T
                certain.append(doubts == 0.0)
            elif isinstance(layer, Relus):
                units = slice(layer.start, layer.stop)
                known[:, units] = certain[layer.source]
                certain.append(off[:, units] | (on[:, units] & certain[layer.source]))
        return known
