"""Linear programmes in floats that are asked again and again under changing limits.

Maximise over columns in a box; rows are sums of columns that may be limited from either
side later on. The optimum over the box alone is known at once and is dual feasible, so
every question is a few steps of the dual simplex method with bound flipping (Koberstein
2005), and one more limit costs a few more steps. The table is dense: with some tens of
columns a step is one outer product, far below the price of calling a solver. What comes
out is a guess; the basis it ends on is solved again exactly by whoever needs it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy

Floats = Any  # numpy arrays: of floats, of whole numbers
Numbers = Any

MAX_PIVOTS: Final = 1_000
TINY: Final = 1e-9


class State(NamedTuple):
    """A table to come back to."""

    table: Floats
    basic: Numbers
    other: Numbers
    low: Floats
    high: Floats
    values: Floats


class Tableau:
    """`maximise objective . t` with `low <= t <= high`, rows numbered from 0."""

    def __init__(
        self,
        rows: Floats,
        objective: Floats,
        bounds: tuple[Floats, Floats],
        limits: tuple[Floats, Floats],
    ) -> None:
        """`bounds` of the columns, finite; `limits` of the rows that always hold."""
        self.count, self.columns = rows.shape
        self.pivots = 0
        start: Floats = numpy.where(objective >= 0, bounds[1], bounds[0])
        self._start = State(
            numpy.vstack([rows, objective]).astype(float),
            numpy.arange(self.columns, self.columns + self.count),
            numpy.arange(self.columns),
            numpy.concatenate([bounds[0], limits[0]]).astype(float),
            numpy.concatenate([bounds[1], limits[1]]).astype(float),
            start,
        )
        self.restore(self._start)

    def reset(self) -> None:
        """Drop all limits of rows but those that always hold."""
        self.restore(self._start)

    def save(self) -> State:
        """The present state; pivoting later leaves it as it is."""
        return State(
            self.table.copy(),
            self.basic.copy(),
            self.other.copy(),
            self.low.copy(),
            self.high.copy(),
            self.values.copy(),
        )

    def restore(self, state: State) -> None:
        """Go back to a saved state."""
        self.table = state.table.copy()
        self.basic, self.other = state.basic.copy(), state.other.copy()
        self.low, self.high = state.low.copy(), state.high.copy()
        self.values = state.values.copy()

    def limit_above(self, rows: Numbers) -> None:
        """These rows are at most 0 from now on."""
        self.high[self.columns + rows] = 0.0

    def limit_below(self, rows: Numbers) -> None:
        """These rows are at least 0 from now on."""
        self.low[self.columns + rows] = 0.0

    def run(self, floor: float = -numpy.inf) -> float:
        """The greatest value of the objective; minus infinity when it is below `floor`
        or no columns keep the limits, not a number when the steps run out."""
        for _ in range(MAX_PIVOTS):
            full = self.table @ self.values
            value, inside = float(full[-1]), full[:-1]
            if value < floor:
                return -numpy.inf
            low, high = self.low[self.basic], self.high[self.basic]
            broken = numpy.maximum(low - inside, inside - high)
            row = int(broken.argmax())
            if broken[row] <= TINY:
                return value
            target = low[row] if inside[row] < low[row] else high[row]
            column = self._entering(row, float(target - inside[row]))
            if column < 0:
                return -numpy.inf
            self._pivot(row, column, float(target))
        return float("nan")

    def _entering(self, row: int, gap: float) -> int:
        """The column that takes the row's place; columns that the gap outruns flip to
        their other bound on the way. -1 when all of them together do not close it."""
        entries = self.table[row] if gap > 0 else -self.table[row]
        low, high = self.low[self.other], self.high[self.other]
        at_low, at_high = self.values <= low, self.values >= high
        usable = (at_low & (entries > TINY)) | (at_high & (entries < -TINY))
        usable &= ~(at_low & at_high)
        found = usable.nonzero()[0]
        if not found.size:
            return -1
        size = numpy.abs(entries[found])
        ratio = numpy.abs(self.table[-1, found]) / size
        left = abs(gap)
        for place in (ratio - TINY * size).argsort():
            column = int(found[place])
            gain = size[place] * (high[column] - low[column])
            if gain >= left - TINY:
                return column
            left -= gain
            self.values[column] = high[column] if at_low[column] else low[column]
        return -1

    def _pivot(self, row: int, column: int, target: float) -> None:
        self.pivots += 1
        table = self.table
        made = table[row] / -table[row, column]
        made[column] = 1 / table[row, column]
        factors = table[:, column].copy()
        factors[row] = 0
        table[:, column] = 0
        table += factors[:, None] * made
        table[row] = made
        self.basic[row], self.other[column] = self.other[column], self.basic[row]
        self.values[column] = target

    def everything(self) -> Floats:
        """Values of the columns, then of the rows."""
        found = numpy.empty(self.columns + self.count)
        found[self.other] = self.values
        found[self.basic] = (self.table @ self.values)[:-1]
        return found

    def tight(self) -> list[tuple[int, float]]:
        """The rows that hold the optimum where it is, and their values."""
        pairs = zip(self.other, self.values, strict=True)
        return [(int(k) - self.columns, v) for k, v in pairs if k >= self.columns]

    def loose(self) -> list[int]:
        """The columns that are at no bound but where the rows put them."""
        return [int(k) for k in self.basic if k < self.columns]

    def pressing(self) -> list[int]:
        """The rows whose limits cost something: they have multipliers other than 0."""
        prices = numpy.abs(self.table[-1]) > TINY
        return [
            int(k) - self.columns
            for k, price in zip(self.other, prices, strict=True)
            if price and k >= self.columns
        ]
