"""Search for a tree that shows a case to be empty, or for a point of the case.

Open cells are bounded in batches. Each is split where it pays most: some inputs halved and
some undecided relus decided are all tried, both children bounded quickly, and the split
with the largest gain in both is kept; one more box costs far less here than one more node
costs the kernel. Where the bound comes within a hair of 0 only units are split, until every
one is decided and the cell is an exact linear programme.
"""

from __future__ import annotations

import time
from fractions import Fraction
from functools import cached_property
from itertools import count
from typing import Final, NamedTuple

import numpy as np

from verify.kernel.cells import Cells as KernelCells
from verify.kernel.networks import Program
from verify.networks.certificates import regions
from verify.networks.certificates.climbing import Climber
from verify.networks.certificates.enumeration import enclose, enumerate_regions
from verify.networks.certificates.equations import Seeker
from verify.networks.certificates.growth import Growth
from verify.networks.certificates.levels import (
    Levels,
    Mask,
    Places,
    Rows,
    TooWide,
    Which,
    make_levels,
    make_rows,
    to_float,
)
from verify.networks.certificates.multipliers import (
    Bounds,
    Multipliers,
    minimise,
    start_multipliers,
)
from verify.networks.certificates.outcomes import Met, Outcome, Point, Stuck, Tree
from verify.networks.certificates.passes import Cells, Lines, bound_cells, contradictory
from verify.networks.certificates.programmes import decide_programme
from verify.networks.certificates.trees import Leaves, exact_signs, write_tightenings
from verify.networks.network import Floats

ROOT_ROUNDS: Final = 20
QUICK_ROUNDS: Final = 3
ROUNDS: Final = 10
UNITS: Final = 4  # relus tried at each split
INPUTS: Final = 6  # inputs tried
MARGIN: Final = 1e-7  # of the rows' size: what counts as below 0
HAIR: Final = 1e-5  # of the rows' size: too near 0 for boxes
STABLE: Final = 1e-9  # of a unit's size: a bound this far from 0 decides it
ENTRIES: Final = 2_000_000  # numbers in the largest array of a batch
SHALLOW: Final = 12  # splits, and two for each input, before boxes are left alone
FEW: Final = 2  # undecided relus that are decided rather than boxed
MANY: Final = 24  # undecided relus up to which deep cells leave boxes alone
DEEPEST: Final = 200  # splits in a row, besides one for each unit
PAUSE: Final = 8  # rounds between two looks for a point uphill from the cells
STARTS: Final = 2  # points from which such a look follows equations


class _Open(NamedTuple):
    """Cells still to be split, with what bounded them and where they hang."""

    cells: Cells
    lines: Lines
    bounds: Bounds
    nodes: Places
    depth: Places

    def take(self, which: Which) -> _Open:
        cells, lines, bounds, nodes, depth = self
        return _Open(
            cells.take(which), lines.take(which), bounds.take(which), nodes[which],
            depth[which],
        )  # fmt: skip


def search(program: Program, deadline: float) -> Outcome:
    """A tree for the program's rows, a point that meets them all, or neither.

    `deadline` is a time.monotonic() value.
    """
    if any(a is not None and b is not None and a > b for a, b in program.box):
        return Tree((["leaf", [], [], [], []],))
    if not program.box:
        return _decide_ground(program)
    linear = decide_programme(program, deadline)
    if linear is not None:
        return linear
    program, before, after = enclose(program)
    if any(side is None for pair in program.box for side in pair):
        found = enumerate_regions(program, deadline)
    else:
        try:
            found = _Search(program).run(deadline)
        except TooWide as error:
            return Stuck("unsupported", str(error))
    if isinstance(found, Tree):
        return Tree((*before, *found.nodes, *after))
    return found


def _decide_ground(program: Program) -> Outcome:
    found = regions.decide_ground(program)
    if isinstance(found, regions.Refuted):
        return Tree((["leaf", [], [list(pair) for pair in found.rows], [], []],))
    if found.complete:
        return Met(())
    return Stuck("incomplete", "values that differ by less than they are known")


class _Search:
    """The tree as far as it is known, and the cells that are still open."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.levels: Levels = make_levels(program)
        self.rows: Rows = make_rows(program, self.levels)
        self.climber = Climber(program, self.levels, self.rows)
        self.seeker = Seeker(program, self.climber)
        self.growth = Growth(program.box)
        self.point: Point | None = None
        self.stuck: Stuck | None = None
        self.size = 0.0
        kinds = [kind for level in self.levels.levels for kind in level.kinds]
        self.relus = np.array([kind == "relu" for kind in kinds], bool)
        self.curved = any(kind in ("sigmoid", "sign") for kind in kinds)
        widest = max((len(level.bias) for level in self.levels.levels), default=1)
        each = widest * max(2 * widest, 8) * (2 if len(self.levels.levels) > 1 else 1)
        self.batch = max(8, min(1024, ENTRIES // each))

    def run(self, deadline: float) -> Outcome:
        """Until every cell is closed, a point is found, or `deadline` (monotonic)."""
        lower, upper = self._sides()
        self.point = self.climber.climb(lower, upper)
        self.point = self.point or self.seeker.seek(lower, upper, STARTS, deadline)
        waiting = [] if self.point is not None else [self._root(lower, upper)]
        for turn in count():
            if not waiting or self.point is not None:
                break
            if time.monotonic() > deadline:
                left = sum(len(one.nodes) for one in waiting)
                return Stuck("timeout", f"{left} cells still open")
            now = waiting.pop()
            kinds = UNITS + min(INPUTS, self.levels.inputs)
            room = max(1, self.batch // (2 * kinds))
            if len(now.nodes) > room:
                waiting.append(now.take(np.arange(len(now.nodes) - room)))
                now = now.take(np.arange(len(now.nodes) - room, len(now.nodes)))
            if (now.depth > DEEPEST + self.levels.units).any():
                return Stuck("incomplete", "a cell that no split closes")
            now = self._settle(now)
            if self.stuck is not None:
                return self.stuck
            if len(now.nodes) and self.point is None:
                after = self._split(now)
                if turn % PAUSE == PAUSE - 1 and self.point is None:
                    points = after.bounds.points
                    self.point = self.climber.push(points, lower, upper)
                if turn % PAUSE == PAUSE - 1 and self.point is None:
                    self.point = self.seeker.seek(lower, upper, STARTS, deadline)
                if len(after.nodes):
                    waiting.append(after)
        if self.point is not None:
            return Met(self.point)
        return Tree(self.growth.write(self.levels, self.rows))

    def _sides(self) -> tuple[Floats, Floats]:
        sides = [
            [to_float(side) for side in pair if side is not None]
            for pair in self.program.box
        ]
        lower, upper = np.array(sides).T
        return lower, upper

    def _root(self, lower: Floats, upper: Floats) -> _Open:
        phases = np.zeros((1, self.levels.units))
        cells = Cells(lower[None], upper[None], phases)
        lines = bound_cells(self.levels, cells)
        start = start_multipliers(self.rows, lines)
        self.size = self._measure(cells, lines)
        bounds = self._minimise(cells, lines, start, ROOT_ROUNDS)
        zero = np.zeros(1, np.int64)
        return self._keep(_Open(cells, lines, bounds, zero, zero))

    def _measure(self, cells: Cells, lines: Lines) -> float:
        """How large the rows can be: what margins are relative to."""
        reach = np.maximum(np.abs(cells.lower), np.abs(cells.upper)).max(axis=0)
        most = np.maximum(np.abs(lines.low), np.abs(lines.high)).max(axis=0)
        whole = np.concatenate([reach, most])
        sizes = np.abs(self.rows.matrix) @ whole + np.abs(self.rows.constants)
        return float(sizes.max(initial=1e-30))

    def _minimise(
        self, cells: Cells, lines: Lines, start: Multipliers, rounds: int
    ) -> Bounds:
        goal = -MARGIN * self.size
        found = minimise(self.levels, self.rows, cells, lines, start, rounds, goal)
        return found._replace(
            values=np.where(contradictory(lines), -np.inf, found.values)
        )

    def _keep(self, some: _Open) -> _Open:
        """Note the closed cells as leaves; the open ones, or none once a point is found."""
        done = some.bounds.values < -MARGIN * self.size
        if done.any():
            closed = some.take(done)
            leaves = Leaves(closed.cells, closed.bounds.multipliers)
            self.growth.close(closed.nodes.tolist(), leaves)
        some = some.take(~done)
        if len(some.nodes):
            self.point = self.climber.confirm(some.bounds.points)
        return some

    def _decided(self, some: _Open) -> Mask:
        """Which relus have a sign, by phases or clearly by bounds."""
        low, high, phases = some.lines.low, some.lines.high, some.cells.phases
        near = STABLE * np.maximum(1.0, np.maximum(np.abs(low), np.abs(high)))
        found: Mask = (low > near) | (high < -near) | (phases != 0.0)
        return found

    def _settle(self, some: _Open) -> _Open:
        """Close exactly the cells in which every relu is decided; the others."""
        decided = self._decided(some)
        every = (decided | ~self.relus).all(axis=1)
        every &= not self.curved
        for k in np.nonzero(every)[0].tolist():
            self._decide(some, k)
            if self.point is not None:
                break
        return some.take(~every)

    @cached_property
    def cells(self) -> KernelCells:
        """The kernel's bounds of the program."""
        return KernelCells(self.program)

    def _decide(self, some: _Open, k: int) -> None:
        """Settle a cell by an exact linear programme, with the kernel's own bounds."""
        numbers, inputs = np.array(self.levels.numbers), self.levels.inputs
        chosen, node = some.cells.phases[k], int(some.nodes[k])
        units = numbers[inputs:].tolist()
        phases = {
            unit: int(phase)
            for unit, phase in zip(units, chosen.tolist(), strict=True)
            if phase
        }
        first = self.levels.levels[0].stop - inputs if self.levels.levels else 0
        free = (chosen == 0.0) & (np.arange(len(units)) >= first)
        tightenings = write_tightenings(numbers[inputs:], (free, free))
        box = self.growth.box(node)
        stable = exact_signs(self.cells, box, phases, tightenings)
        found = regions.decide_region(self.program, box, phases, stable)
        if isinstance(found, regions.Refuted):
            given = ([list(pair) for pair in part] for part in found)
            self.growth.exact[node] = ["leaf", tightenings, *given, []]
        elif regions.meets(self.program, found.point):
            self.point = found.point
        else:
            self.stuck = Stuck("incomplete", "a cell that no split closes")

    def _split(self, some: _Open) -> _Open:
        """Split every cell the best way; the children that stay open."""
        units, inputs = self._candidates(some)
        size, tried = len(some.nodes), units.shape[1] + inputs.shape[1]
        owner = np.repeat(np.arange(size), tried * 2)
        cells = Cells(*(part[owner] for part in some.cells))
        ids = np.arange(size * tried * 2).reshape(size, tried, 2)
        good = np.zeros((size, tried), bool)
        for c in range(units.shape[1]):
            which = units[:, c]
            for side, sign in ((0, 1.0), (1, -1.0)):
                place = ids[:, c, side]
                cells.phases[place, which] = np.where(
                    which >= 0, sign, cells.phases[place, which]
                )
            good[:, c] = which >= 0
        points = np.zeros(inputs.shape)
        for c in range(inputs.shape[1]):
            which, column = inputs[:, c], units.shape[1] + c
            rows = np.arange(size)
            points[:, c] = _between(
                some.cells.lower[rows, which], some.cells.upper[rows, which]
            )
            cells.upper[ids[:, column, 0], which] = points[:, c]
            cells.lower[ids[:, column, 1], which] = points[:, c]
            inside = (points[:, c] > some.cells.lower[rows, which]) & (
                points[:, c] < some.cells.upper[rows, which]
            )
            good[:, column] = inside & (which >= 0)
        lines = bound_cells(self.levels, cells)
        start = some.bounds.multipliers.take(owner)
        bounds = self._minimise(cells, lines, start, QUICK_ROUNDS)
        best = self._choose(
            some, bounds.values.reshape(size, tried, 2), good, units.shape[1]
        )
        rows = np.arange(size)
        chosen = ids[rows, best].reshape(-1)
        nodes = self._grow(some, best, units, inputs, points)
        depth = np.repeat(some.depth + 1, 2)
        after = _Open(
            cells.take(chosen), lines.take(chosen), bounds.take(chosen), nodes, depth
        )
        return self._improve(self._keep(after))

    def _improve(self, some: _Open) -> _Open:
        if not len(some.nodes) or self.point is not None:
            return some
        bounds = self._minimise(some.cells, some.lines, some.bounds.multipliers, ROUNDS)
        return self._keep(some._replace(bounds=bounds))

    def _candidates(self, some: _Open) -> tuple[Places, Places]:
        """Units and inputs to try, (cells, tries); -1 where there is none."""
        decided = self._decided(some)
        losses = np.where(decided | ~self.relus, -1.0, some.bounds.losses)
        units = np.argsort(-losses, axis=1)[:, : min(UNITS, losses.shape[1])]
        free = np.take_along_axis(losses, units, axis=1) >= 0.0
        units = np.where(free, units, -1)
        gains = np.abs(some.bounds.pulls) * (some.cells.upper - some.cells.lower)
        inputs = np.argsort(-gains, axis=1)[:, : min(INPUTS, gains.shape[1])]
        return units, inputs

    def _choose(self, some: _Open, values: Floats, good: Mask, units: int) -> Places:
        """The column with the largest product of gains; of units alone where halving
        boxes would go on for ever."""
        before = some.bounds.values
        room = np.maximum(before + MARGIN * self.size, 1e-300)[:, None, None]
        gains = np.clip((before[:, None, None] - values) / room, 0.0, 1.0)
        score = (gains[:, :, 0] + 0.02) * (gains[:, :, 1] + 0.02)
        decided = self._decided(some)
        left = (~decided & self.relus).sum(axis=1)
        touching = self.climber.margins(some.bounds.points) > -HAIR * self.size
        deep = (some.depth > SHALLOW + 2 * self.levels.inputs) & (left <= MANY)
        near = (before < HAIR * self.size) | touching | deep | (left <= FEW)
        near &= good[:, :units].any(axis=1)
        done = (gains == 1.0).all(axis=2)
        score[:, units:][near[:, None] & ~done[:, units:]] *= 1e-9
        return np.asarray(np.where(good, score, -1.0).argmax(axis=1))

    def _grow(
        self,
        some: _Open,
        best: Places,
        units: Places,
        inputs: Places,
        points: Floats,
    ) -> Places:
        """Note the splits; the numbers of the children, two a cell."""
        made: list[int] = []
        columns = zip(some.nodes.tolist(), best.tolist(), strict=True)
        for k, (node, column) in enumerate(columns):
            if column < units.shape[1]:
                number = self.levels.numbers[self.levels.inputs + int(units[k, column])]
                made += self.growth.split(node, "unit", number)
            else:
                column -= units.shape[1]
                at = Fraction(float(points[k, column]))
                made += self.growth.split(node, "input", int(inputs[k, column]), at)
        return np.array(made, np.int64)


def _between(lower: Floats, upper: Floats) -> Floats:
    """The middles, with few binary digits."""
    width = np.maximum(upper - lower, 1e-300)
    grain = np.exp2(np.floor(np.log2(width)) - 6.0)
    return np.rint((lower + upper) * 0.5 / grain) * grain
