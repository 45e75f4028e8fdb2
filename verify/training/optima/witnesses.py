"""Networks of small loss, by moving from cell to cell.

On a choice of cells the best network is the optimum of a linear programme. Where it lies on
the border of a cell, the cells beyond may hold a better one: go there while the loss falls.
At a dead end one unit is thrown out and put back where the best dual vector of the others
says that an error is left to be taken up (as in boosting), or two are. After a while the
search starts afresh. Every network returned has its exact loss beside it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Final, NamedTuple

import numpy

from verify.training.optima.choices import Signed
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.programs import Program

SMALL: Final = 1e-7
NEIGHBOURS: Final = 12
PLACES: Final = 12
PATIENCE: Final = 12

Place = tuple[int, int]  # a row of the programme and a sign: a direction


class Standing(NamedTuple):
    """A choice of cells and the smallest loss in it, in floats."""

    value: float
    choice: tuple[int, ...]


class Walker:
    """A search over choices of cells, in floats until a network is asked for."""

    def __init__(self, fit: Fit, signed: Signed, program: Program, seed: int) -> None:
        self.fit, self.signed, self.program = fit, signed, program
        self.random = Random(seed)
        rows = program.rows
        if fit.constant:
            rows = rows - rows.mean(axis=1)[:, None]
        spread = numpy.linalg.norm(rows, axis=1)
        self.scale = 1 / numpy.where(spread > 1e-9, spread, numpy.inf)
        self.members: dict[Place, set[int]] = {}
        for number, cell in enumerate(signed.cells):
            for direction in cell.directions:
                place = program.places[direction]
                self.members.setdefault(place, set()).add(number)

    def search(self, rounds: int, deadline: float) -> Standing:
        """The best of some rounds, each from a fresh start to a dead end."""
        best = self.settle(())
        for _ in range(rounds):
            if best.value <= SMALL or time.monotonic() > deadline:
                break
            fresh = self.improve((), deadline)
            best = min(best, fresh, key=lambda one: one.value)
        return best

    def improve(self, kept: Sequence[int], deadline: float) -> Standing:
        """From these cells to a dead end, and on from there while that pays."""
        found = self.descend(self.settle(kept))
        stale = 0
        while stale < PATIENCE and found.value > SMALL and time.monotonic() < deadline:
            kept = list(found.choice)
            for _ in range(1 if self.random.random() < 0.7 else 2):
                if kept:
                    kept.pop(self.random.randrange(len(kept)))
            moved = self.descend(self.settle(kept))
            stale = 0 if moved.value < found.value - SMALL else stale + 1
            if moved.value < found.value + SMALL:
                found = moved
        return found

    def settle(self, kept: Sequence[int]) -> Standing:
        """Add units to these cells, up to the hidden ones of the fit."""
        standing = Standing(self.program.begin(kept), tuple(kept))
        while len(standing.choice) < self.fit.hidden:
            standing = self._add(standing.choice)
        return standing

    def _add(self, choice: tuple[int, ...]) -> Standing:
        """One unit more, in a cell at a ray that promises much."""
        self.program.begin(choice)
        count = len(self.scale)
        start = self.program.tableau.columns
        errors = self.program.tableau.everything()[start : start + count] * self.scale
        order = numpy.argsort(-numpy.concatenate([errors, -errors]), kind="stable")
        ray = int(order[self.random.randrange(min(PLACES, len(order)))])
        place = (ray % count, 1 if ray < count else -1)
        cells = sorted(self.members.get(place, ()))
        self.random.shuffle(cells)
        best = None
        for cell in cells[: NEIGHBOURS // 2]:
            value = self.program.begin((*choice, cell))
            if best is None or value < best.value:
                best = Standing(value, (*choice, cell))
        return best or Standing(self.program.begin((*choice, 0)), (*choice, 0))

    def descend(self, standing: Standing) -> Standing:
        """Walk to neighbouring cells while the loss falls."""
        while True:
            self.program.begin(standing.choice)
            pressing = self.program.tableau.pressing()
            pressing = [row for row in pressing if row < len(self.scale)]
            moved = self._better_neighbour(standing, pressing)
            if moved is None:
                return standing
            standing = moved

    def _better_neighbour(
        self, standing: Standing, pressing: Sequence[int]
    ) -> Standing | None:
        units = list(range(len(standing.choice)))
        self.random.shuffle(units)
        for place in units:
            cell = standing.choice[place]
            around = [
                self.members.get((row, sign), set())
                for row in pressing
                for sign in (1, -1)
            ]
            own = [cells for cells in around if cell in cells]
            beyond = sorted(set.intersection(*own) - {cell}) if own else []
            self.random.shuffle(beyond)
            for other in beyond[:NEIGHBOURS]:
                choice = list(standing.choice)
                choice[place] = other
                value = self.program.begin(choice)
                if value < standing.value - SMALL:
                    return Standing(value, tuple(choice))
        return None

    def network(self, standing: Standing) -> tuple[Parameters, Fraction] | None:
        """The best network in the choice and its exact loss; None when the programme's
        basis shows none."""
        self.program.begin(standing.choice)
        found = self.program.parameters(standing.choice)
        return None if found is None else (found, evaluate(self.fit, found))
