"""Branch and bound for many maximisations at once, with a tree for each.

All tasks share one stack of cells, so that numpy bounds hundreds at a time whichever data
point they belong to. A cell is split on the relu whose line gives most away. Before that,
reduced costs cut the box of a whole task: where going farther from its data point costs
more than the bound leaves, one leaf closes what is beyond. Cells without an
undecided relu are parked: they are linear programmes, which `finishing.py` solves.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.certificates.growth import INPUT, Growth
from verify.networks.certificates.levels import Levels, Mask, Places
from verify.networks.certificates.passes import Cells, Lines, bound_cells, contradictory
from verify.networks.network import Floats
from verify.shift.transport.bounding import (
    HAIR,
    Bounds,
    Tasks,
    Weights,
    minimise,
    start_weights,
    true_values,
)

ROOT_ROUNDS: Final = 30
ROUNDS: Final = 12
QUICK_ROUNDS: Final = 3
TRIED: Final = 6  # relus tried at each split
CUTS: Final = 3  # times that reduced costs cut a task's box
LEAST_CUT: Final = 0.05  # of a side, for a cut to be worth its leaf
ENTRIES: Final = 1_500_000
GRAIN: Final = 2.0**-20  # of the places of cuts
STABLE: Final = 1e-9


class Node(NamedTuple):
    """Cells with their tasks, their places in the trees, and what bounds them."""

    tasks: Places
    places: Places
    cells: Cells
    bounds: Bounds

    def take(self, which: Mask | Places) -> Node:
        return Node(
            self.tasks[which], self.places[which], self.cells.take(which),
            self.bounds.take(which),
        )  # fmt: skip


class Closed(NamedTuple):
    """Cells that are bounded below what counts."""

    tasks: Places
    places: Places
    cells: Cells
    weights: Weights


class Search:
    """`best` and `points` are the best values and where they were found, by group of
    tasks: the pieces of one loss at one data point; `ceilings` bound what was given up.

    A cell is closed once its bound is below the best value plus half its group's slack.
    """

    def __init__(
        self,
        levels: Levels,
        tasks: Tasks,
        lower: Floats,
        upper: Floats,
        best: Floats,
        points: Floats,
        slack: Floats,
        groups: Places,
        growths: list[Growth],
    ) -> None:
        self.levels, self.tasks, self.slack = levels, tasks, slack
        self.best, self.points = best.copy(), points.copy()
        self.groups, self.growths = groups, growths
        self.closed: list[Closed] = []
        self.beyond: list[Closed] = []
        self.parked: list[Node] = []
        self.waiting: list[Node] = []
        self.spent = np.zeros(len(groups), np.int64)
        self.ceilings = np.full(len(best), -np.inf)
        sizes = np.abs(tasks.conditions).sum(axis=(1, 2))
        deep = len(levels.levels) > 1
        self.bound_by: Floats = np.where(deep | (sizes > 0.0), 1.0, 0.0)
        self.cells = 0
        width = max((len(level.bias) for level in levels.levels), default=1)
        each = max(
            64, len(levels.numbers) + width * (width if len(levels.levels) > 1 else 4)
        )
        self.batch = max(16, min(2048, ENTRIES // each))
        self._start(lower, upper)

    @property
    def goals(self) -> Floats:
        """Below these a cell is closed, by task."""
        return np.asarray((self.best + self.slack * 0.5)[self.groups])

    def _start(self, lower: Floats, upper: Floats) -> None:
        count = len(self.groups)
        cells = Cells(lower, upper, np.zeros((count, self.levels.units)))
        ids = np.arange(count)
        roots = np.zeros(count, np.int64)
        lines = bound_cells(self.levels, cells)
        weights = start_weights(self.tasks, lines)
        for _ in range(CUTS):
            lines = bound_cells(self.levels, cells)
            bounds = minimise(
                self.levels, self.tasks, cells, lines, weights, ROOT_ROUNDS, self.goals
            )
            weights = bounds.weights
            self.note(ids, bounds.points)
            if self.tasks.linf or not self._cut(roots, cells, bounds):
                break
        self._keep(Node(ids, roots, cells, bounds))
        # rounded slopes can leave a little there, so these are bounded again
        for one in self.beyond:
            self._bound(*one)

    def _cut(self, roots: Places, cells: Cells, bounds: Bounds) -> bool:
        """Cut every box where the bound says that nothing lies beyond; whether any was."""
        real = self.tasks.points.shape[1]
        points, rates = self.tasks.points, self.tasks.rates[:, None]
        up = cells.upper[:, :real] - points
        down = points - cells.lower[:, :real]
        gains = np.maximum((bounds.pulls - rates) * up, (-bounds.pulls - rates) * down)
        room = (bounds.values - self.goals)[:, None] - np.maximum(gains, 0.0)
        cut = False
        for side, reach in ((1, up), (-1, down)):
            steep = rates - side * bounds.pulls  # what going farther costs a unit
            least = np.where(
                steep > 0.0, np.maximum(room, 0.0) / np.maximum(steep, 1e-12), np.inf
            )
            worth = (least < (1.0 - LEAST_CUT) * reach) & (reach > 1e-6)
            worth &= (bounds.values > self.goals)[:, None]
            for task, j in np.argwhere(worth).tolist():
                x = points[task, j] + side * (least[task, j] + GRAIN)
                at = Fraction(round(x / GRAIN) + side, round(1 / GRAIN))
                if 0.0 < side * (float(at) - points[task, j]) < reach[task, j]:
                    self._cut_one(roots, cells, bounds, task, j, side, at)
                    cut = True
        return cut

    def _cut_one(
        self, roots: Places, cells: Cells, bounds: Bounds, task: int, j: int, side: int,
        at: Fraction,
    ) -> None:  # fmt: skip
        first, second = self.growths[task].split(int(roots[task]), INPUT, j, at)
        near, far = (first, second) if side > 0 else (second, first)
        which = np.array([task])
        beyond = cells.take(which)
        beyond = beyond._replace(lower=beyond.lower.copy(), upper=beyond.upper.copy())
        if side > 0:
            beyond.lower[0, j] = cells.upper[task, j] = float(at)
        else:
            beyond.upper[0, j] = cells.lower[task, j] = float(at)
        weights = bounds.weights.take(which)
        self.beyond.append(Closed(which, np.array([far]), beyond, weights))
        roots[task] = near

    def note(self, tasks: Places, points: Floats) -> None:
        """Note points that are better than the best known."""
        values = true_values(self.levels, self.tasks.take(tasks), points)
        groups = self.groups[tasks]
        order = np.argsort(values)
        found = np.full(len(self.best), -np.inf)
        found[groups[order]] = values[order]
        where = np.zeros(len(self.best), np.int64)
        where[groups[order]] = order
        better = found > self.best
        self.points[better] = points[where[better]]
        self.best[better] = found[better]

    def _keep(self, some: Node) -> None:
        """Close what is bounded below the goals; the rest waits."""
        self.cells += len(some.tasks)
        done = some.bounds.values < self.goals[some.tasks]
        if done.any():
            shut = some.take(done)
            self.closed.append(
                Closed(shut.tasks, shut.places, shut.cells, shut.bounds.weights)
            )
        if not done.all():
            self.waiting.append(some.take(~done))

    def run(self, deadline: float, limit: int) -> None:
        """Until every cell is closed, parked or given up: by `deadline` (a
        time.monotonic() value), and of a task with more than `limit` cells."""
        while self.waiting:
            now = self._gather()
            most = -1 if time.monotonic() > deadline else limit
            over = np.asarray(self.spent)[now.tasks] > most
            if over.any():
                self.give_up(now.take(over))
                now = now.take(~over)
            if len(now.tasks):
                np.add.at(self.spent, now.tasks, 1)
                self._split(now)

    def give_up(self, some: Node) -> None:
        """Close cells as they are: what bounds them is then the most that is known."""
        self.closed.append(
            Closed(some.tasks, some.places, some.cells, some.bounds.weights)
        )
        np.maximum.at(self.ceilings, self.groups[some.tasks], some.bounds.values)

    def _gather(self) -> Node:
        """The last batches, as one of the wanted size; what closed meanwhile is shut."""
        parts = [self.waiting.pop()]
        while self.waiting and sum(len(p.tasks) for p in parts) < self.batch:
            parts.append(self.waiting.pop())
        now = join_nodes(parts)
        if len(now.tasks) > self.batch:
            self.waiting.append(now.take(np.arange(len(now.tasks) - self.batch)))
            now = now.take(np.arange(len(now.tasks) - self.batch, len(now.tasks)))
        done = now.bounds.values < self.goals[now.tasks]
        if done.any():
            shut = now.take(done)
            self.closed.append(
                Closed(shut.tasks, shut.places, shut.cells, shut.bounds.weights)
            )
            now = now.take(~done)
        return now

    def _split(self, some: Node) -> None:
        lines = bound_cells(self.levels, some.cells)
        near = STABLE * np.maximum(
            1.0, np.maximum(np.abs(lines.low), np.abs(lines.high))
        )
        decided = (lines.low > near) | (lines.high < -near) | (some.cells.phases != 0.0)
        # a condition or a later phase that has no weight yet may still need any unit
        felt = some.bounds.losses + HAIR * self.bound_by[some.tasks][:, None]
        losses = np.where(decided | ~lines.open, -1.0, felt)
        unit = losses.argmax(axis=1)
        most = losses[np.arange(len(unit)), unit]
        stop = most <= 0.0
        if stop.any():
            self.parked.append(some.take(stop))
            some, unit = some.take(~stop), unit[~stop]
        if not len(unit):
            return
        tried = np.argsort(-losses[~stop], axis=1)[:, :TRIED]
        unit = self._choose(some, lines.take(~stop), losses[~stop], tried)
        owner = np.repeat(np.arange(len(unit)), 2)
        cells = Cells(*(part[owner] for part in some.cells))
        rows = np.arange(len(unit))
        cells.phases[2 * rows, unit] = 1.0
        cells.phases[2 * rows + 1, unit] = -1.0
        places = np.empty(len(owner), np.int64)
        numbers = self.levels.numbers
        for k, (task, node) in enumerate(
            zip(some.tasks.tolist(), some.places.tolist(), strict=True)
        ):
            number = numbers[self.levels.inputs + int(unit[k])]
            places[2 * k : 2 * k + 2] = self.growths[task].split(node, "unit", number)
        tasks = some.tasks[owner]
        self._bound(tasks, places, cells, some.bounds.weights.take(owner))

    def _choose(
        self, some: Node, lines: Lines, losses: Floats, tried: Places
    ) -> Places:
        """The unit of each cell whose two halves are bounded lowest."""
        count, width = tried.shape
        if width == 1:
            return np.asarray(tried[:, 0])
        owner = np.repeat(np.arange(count), 2 * width)
        cells = Cells(*(part[owner] for part in some.cells))
        units = np.repeat(tried.reshape(-1), 2)
        cells.phases[np.arange(len(units)), units] = np.tile([1.0, -1.0], count * width)
        goals = self.goals[some.tasks]
        bounds = minimise(
            self.levels, self.tasks.take(some.tasks[owner]), cells,
            bound_cells(self.levels, cells), some.bounds.weights.take(owner),
            QUICK_ROUNDS, goals[owner],
        )  # fmt: skip
        room = np.maximum(some.bounds.values - goals, 1e-300)[:, None, None]
        before = some.bounds.values[:, None, None]
        values = bounds.values.reshape(count, width, 2)
        gains = np.clip((before - values) / room, 0.0, 1.0)
        score = (gains[:, :, 0] + 0.02) * (gains[:, :, 1] + 0.02)
        score = np.where(np.take_along_axis(losses, tried, axis=1) > 0.0, score, -1.0)
        best = score.argmax(axis=1)
        return np.asarray(np.take_along_axis(tried, best[:, None], axis=1)[:, 0])

    def _bound(
        self, tasks: Places, places: Places, cells: Cells, weights: Weights
    ) -> None:
        lines = bound_cells(self.levels, cells)
        bounds = minimise(
            self.levels, self.tasks.take(tasks), cells, lines, weights, ROUNDS,
            self.goals[tasks],
        )  # fmt: skip
        values = np.where(contradictory(lines), -np.inf, bounds.values)
        self.note(tasks, bounds.points)
        self._keep(Node(tasks, places, cells, bounds._replace(values=values)))


def join_nodes(parts: list[Node]) -> Node:
    """Nodes one after the other."""
    if len(parts) == 1:
        return parts[0]
    bounds = [part.bounds for part in parts]
    return Node(
        np.concatenate([p.tasks for p in parts]),
        np.concatenate([p.places for p in parts]),
        Cells(*map(np.concatenate, zip(*(p.cells for p in parts), strict=True))),
        Bounds(
            np.concatenate([b.values for b in bounds]),
            Weights(
                *map(np.concatenate, zip(*(b.weights for b in bounds), strict=True))
            ),
            np.concatenate([b.points for b in bounds]),
            np.concatenate([b.pulls for b in bounds]),
            np.concatenate([b.losses for b in bounds]),
        ),
    )
