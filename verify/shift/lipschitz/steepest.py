"""How steep a relu network gets: branch and bound on the phases of its relus.

|f(x) - f(y)| <= L |x - y| on a convex region with an inside holds for L the largest dual
norm of the gradient over the linear pieces that meet that inside, and for nothing less
(Jordan and Dimakis 2020). A cell is a choice of some phases. Intervals bound its gradients;
a linear programme says whether its inside is empty, by multipliers that are checked with
rounding paid for, or else by the exact simplex. What is attained is an exact pair of points.
Cells within rounding of the best value are bounded again in fractions, so a value can be
exact.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import round_down
from verify.networks.network import Floats, Network
from verify.shift.lipschitz.directions import draw_chords, follow
from verify.shift.lipschitz.insides import Insides
from verify.shift.lipschitz.pieces import Exact, Pair, find_inside, find_pair, find_step
from verify.shift.lipschitz.slopes import (
    Mask,
    Phases,
    Spans,
    bound_gradients,
    bound_norms,
    enclose_units,
    make_slopes,
    reach_units,
    take_values,
)
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.charts import Chart
from verify.shift.regions import Point

BATCH: Final = 64
SAMPLES: Final = 512
TRIED: Final = 6  # sampled pieces that are evaluated exactly
NEAR: Final = 1e-9  # within this of the best value, fractions decide
CLEAR: Final = 1e-9  # of what a relu takes
NOTHING: Final = 1e-200
TINY: Final = 1e-12
HAIRS: Final = (0.5, 0.25, 2.0**-4, 2.0**-7, 2.0**-12, 2.0**-20)  # towards the inside
ZERO: Final = Fraction(0)


class Ground(NamedTuple):
    """A convex region with an inside: its numbers (`chart`), a box of the inputs around
    it, which inputs vary, whether a point is in it, and points to begin with."""

    chart: Chart
    lower: Floats
    upper: Floats
    free: tuple[bool, ...]
    contains: Callable[[Point], bool]
    starts: tuple[Point, ...]


class Steepness(NamedTuple):
    """The constant lies from `lower`, which `pair` attains, to `upper`; `cells` were
    bounded. No pair where no output changes at all."""

    lower: Fraction
    upper: Fraction | None
    pair: Pair | None
    cells: int

    @property
    def is_exact(self) -> bool:
        return self.lower == self.upper


class _Cell(NamedTuple):
    """`point` of the inputs is inside, as far as floats know; None where none is known."""

    phases: Phases
    bound: float
    point: Floats | None


class _Norms(NamedTuple):
    """Bounds of dual norms (cells, outputs), of entries (cells, outputs, inputs), of each
    relu's own gradient and of how fast what it takes can change (cells, outputs, units)."""

    norms: Floats
    entries: Floats
    sizes: Floats
    reached: Floats


class Search:
    """The state of one search; `norm` is of the distance of inputs."""

    def __init__(self, network: Network, ground: Ground, norm: str) -> None:
        self.slopes = make_slopes(network)
        self.exact = Exact(network)
        self.ground, self.norm = ground, norm
        self.free: Mask = np.array(ground.free)
        self.insides = Insides(self.slopes, ground.chart, self.exact)
        self.best, self.pair = ZERO, None
        self.cells = 0
        self.ceiling = ZERO  # of pieces in which no pair was found
        self.numbers = count()
        widths = (ground.upper - ground.lower)[self.free]
        self.reach = int(np.log2(min(max(widths.max(initial=0.0), 1e-9), 32.0)))
        self.waiting: list[tuple[float, int, _Cell]] = []
        self.known: Spans | None = None

    best: Fraction
    pair: Pair | None

    def run(self, until: float) -> Steepness:
        """Search until `until`, a time.monotonic() value. Raises ShiftError where the
        region has no inside."""
        none = [0] * self.slopes.units
        inside = find_inside(self.ground.chart, self.exact.read_forms(none), none)
        if inside is None:
            raise ShiftError(
                "the region has no inside: it is flat in an input that varies",
                "use a region with two sides apart for every input, or a fixed input",
            )
        self.centre = self.ground.chart.place(inside)
        self.middle = np.array([float(x) for x in self.centre])
        root = np.zeros((1, self.slopes.units), np.int8)
        self.known = self._enclose(root)
        self._sample()
        self._bound(root, [None])
        while self.waiting and time.monotonic() < until:
            self._step()
        least = max(self.best, self.ceiling)
        if not self.waiting:
            return Steepness(self.best, least, self.pair, self.cells)
        most = -self.waiting[0][0]
        upper = None if not np.isfinite(most) else max(Fraction(most), least)
        return Steepness(self.best, upper, self.pair, self.cells)

    def _enclose(self, phases: Phases) -> Spans:
        ground = self.ground
        return enclose_units(
            self.slopes, ground.lower, ground.upper, phases, self.known
        )

    def _sample(self) -> None:
        """Points of the region, the steepest of them evaluated exactly."""
        ground = self.ground
        source = np.random.default_rng(0)
        centre = self.middle
        low = np.where(np.isfinite(ground.lower), ground.lower, centre - 1.0)
        high = np.where(np.isfinite(ground.upper), ground.upper, centre + 1.0)
        points = [low + (high - low) * source.random((SAMPLES, len(low)))]
        for start in ground.starts[:SAMPLES]:
            points.append(np.array([[float(x) for x in start]]))
        every = np.concatenate(points)
        every[:, ~self.free] = centre[~self.free]
        taken = take_values(self.slopes, every)
        gradients = bound_gradients(self.slopes, taken > 0.0, taken <= 0.0)
        norms, _ = bound_norms(gradients, self.free, self.norm)
        order = np.argsort(-norms.max(axis=1, initial=0.0), kind="stable")
        self._note_exactly(self.centre)
        for k in order[:TRIED].tolist():
            self._pull_in(tuple(map(Fraction, every[k].tolist())))

    def _pull_in(self, point: Point) -> None:
        """Note the piece of a point of the region, drawn inside, if it is steeper."""
        floats = np.array([float(x) for x in point])
        floats[~self.free] = self.middle[~self.free]
        hairs = np.array(HAIRS)[:, None]
        tried = floats + hairs * (self.middle - floats)
        taken = take_values(self.slopes, tried)
        gradients = bound_gradients(self.slopes, taken[-1:] > 0.0, taken[-1:] <= 0.0)
        norms, _ = bound_norms(gradients, self.free, self.norm)
        if norms.max(initial=0.0) <= float(self.best) * (1.0 + TINY):
            return
        same = ((taken > 0.0) == (taken[-1] > 0.0)).all(axis=1)
        inner = tuple(
            Fraction(x) if is_free else c
            for x, c, is_free in zip(
                tried[same.argmax()].tolist(),
                self.centre,
                self.ground.free,
                strict=True,
            )
        )
        output = int(norms[0].argmax())
        low, high = (
            list(map(Fraction, side[0, output].tolist()))
            for side in (gradients.low, gradients.high)
        )
        step = find_step(low, high, self.ground.free, self.norm)
        self._note(inner, step, output)

    def _note_exactly(self, point: Point) -> None:
        """The same for a point surely inside a piece, in fractions throughout."""
        phases = self.exact.read_phases(point)
        low, high = self.exact.bound_gradients(phases)
        norms = [self._measure(*ends) for ends in zip(low, high, strict=True)]
        output = norms.index(max(norms))
        step = find_step(low[output], high[output], self.ground.free, self.norm)
        self._note(point, step, output)

    def _note(self, point: Point, step: Point | None, output: int) -> None:
        if step is None:
            return
        ground = self.ground
        pair = find_pair(
            self.exact, point, ground.contains, ground.free, step, output, self.reach
        )
        if pair is not None and pair.change > self.best * pair.distance:
            self.best, self.pair = pair.change / pair.distance, pair

    def _bound(self, phases: Phases, points: Sequence[Floats | None]) -> None:
        """Bound cells; those that may hold something steeper wait."""
        self.cells += len(phases)
        spans = self._enclose(phases)
        dead = ((phases > 0) & (spans.high < 0.0)) | ((phases < 0) & (spans.low > 0.0))
        norms = self._bound_norms(spans).norms
        most = norms.max(axis=1, initial=0.0)
        most = np.where(np.isnan(most), np.inf, most)
        for k in np.flatnonzero(~dead.any(axis=1)).tolist():
            bound = float(most[k])
            if bound <= round_down(self.best):
                continue
            decided = spans.on[k].astype(np.int8) - spans.off[k].astype(np.int8)
            self._judge(_Cell(phases[k], bound, points[k]), decided)

    def _bound_norms(self, spans: Spans) -> _Norms:
        """For linf the sum of sizes is bounded entry by entry, and together."""
        gradients = bound_gradients(self.slopes, spans.on, spans.off)
        norms, entries = bound_norms(gradients, self.free, self.norm)
        if self.norm == "l1":
            return _Norms(norms, entries, gradients.sizes, gradients.sizes)
        along, constants = draw_chords(gradients, self.free)
        most, reached = follow(self.slopes, along, spans.on, spans.off)
        together = (most + constants) + (np.abs(most) + constants) * 2.0**-52
        return _Norms(np.fmin(norms, together), entries, gradients.sizes, reached)

    def _judge(self, cell: _Cell, decided: Phases) -> None:
        """Close a cell, note what it holds, or let it wait."""
        leaf = bool((decided != 0).all())
        near = cell.bound <= float(self.best) * (1.0 + NEAR) + NOTHING
        if (leaf or near) and self._bound_exactly(decided) <= self.best:
            return
        if cell.point is None:
            found = self.insides.look(cell.phases, decided)
            if found.is_empty:
                return
            if found.point is not None:
                point = self.ground.chart.place(found.point)
                self._pull_in(point)
                cell = cell._replace(point=np.array([float(x) for x in point]))
        if leaf:
            if self._bound_exactly(decided) > self.best:
                self._leaf(decided)
        elif cell.bound > round_down(self.best):
            heapq.heappush(self.waiting, (-cell.bound, next(self.numbers), cell))

    def _leaf(self, decided: Phases) -> None:
        """A cell of decided relus: the exact simplex says whether it has an inside."""
        phases = decided.tolist()
        forms = self.exact.read_forms(phases)
        inside = find_inside(self.ground.chart, forms, phases)
        if inside is not None:
            self._note_exactly(self.ground.chart.place(inside))
            self.ceiling = max(self.ceiling, self._bound_exactly(decided))

    def _bound_exactly(self, decided: Phases) -> Fraction:
        """The largest dual norm in a cell, in fractions."""
        low, high = self.exact.bound_gradients(decided.tolist())
        return max(
            (self._measure(*ends) for ends in zip(low, high, strict=True)),
            default=ZERO,
        )

    def _measure(self, low: Sequence[Fraction], high: Sequence[Fraction]) -> Fraction:
        """The largest dual norm over the free inputs between two ends."""
        sizes = [
            max(abs(a), abs(b))
            for a, b, is_free in zip(low, high, self.ground.free, strict=True)
            if is_free
        ]
        return max(sizes, default=ZERO) if self.norm == "l1" else sum(sizes, ZERO)

    def _step(self) -> None:
        """Split the cells with the largest bounds."""
        chosen: list[_Cell] = []
        least = round_down(self.best)
        while self.waiting and len(chosen) < BATCH:
            bound, _, cell = heapq.heappop(self.waiting)
            if -bound > least:
                chosen.append(cell)
        if not chosen:
            return
        phases = np.array([cell.phases for cell in chosen])
        units = self._choose(phases)
        halves = np.repeat(phases, 2, axis=0)
        rows = np.arange(len(units))
        halves[2 * rows, units] = 1
        halves[2 * rows + 1, units] = -1
        points: list[Floats | None] = []
        for cell, unit in zip(chosen, units, strict=True):
            points += self._hand_down(cell.point, unit)
        self._bound(halves, points)

    def _hand_down(self, point: Floats | None, unit: int) -> list[Floats | None]:
        """The point for the half of a cell that it is in, where that is clear."""
        if point is None:
            return [None, None]
        value = take_values(self.slopes, point[None])[0, unit]
        return [point if value > CLEAR else None, point if value < -CLEAR else None]

    def _choose(self, phases: Phases) -> Sequence[int]:
        """For each cell the relu that may change its bound the most; those whose line is
        known in the cell come first."""
        spans = self._enclose(phases)
        bounds = self._bound_norms(spans)
        rows = np.arange(len(phases))
        output = bounds.norms.argmax(axis=1)
        if self.norm == "l1":
            seeds = np.zeros((len(phases), self.slopes.inputs))
            seeds[rows, bounds.entries[rows, output].argmax(axis=1)] = 1.0
            reached = reach_units(self.slopes, seeds, spans.off)
        else:
            reached = bounds.reached[rows, output]
        scores = bounds.sizes[rows, output] * reached + 1e-300
        scores = np.where(spans.decided, -1.0, scores)
        early = self.insides.find_known(spans.on, spans.off)
        first = np.where(early, scores, -1.0)
        has = first.max(axis=1, initial=-1.0) > 0.0
        chosen = np.where(has, first.argmax(axis=1), scores.argmax(axis=1))
        return [int(unit) for unit in chosen]


def find_steepness(
    network: Network, ground: Ground, norm: str, until: float
) -> Steepness:
    """The Lipschitz constant over a region: from below by a pair, from above by a cover.

    Raises ShiftError for a region without an inside and for units other than relu.
    """
    return Search(network, ground, norm).run(until)
