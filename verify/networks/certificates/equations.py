"""Points of a case that has equations, such as that of a point in a hull with its weights.

A point that is rounded leaves an equation, and one that is pushed uphill too. Instead the
units are made linear where they are at a point, and a linear programme moves it: along the
equations, to where the least row is largest. The units are made linear anew there, until
that is no better. In the piece that it ends in, every unit has its sign, and the point is
found exactly. Where an equation speaks of units this is Newton's method for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import numpy as np

from verify.kernel.networks import Program, Row, Unit
from verify.networks.certificates import regions
from verify.networks.certificates.climbing import Climber
from verify.networks.certificates.levels import Rows
from verify.networks.certificates.outcomes import Met, Point
from verify.networks.certificates.programmes import decide_programme
from verify.networks.network import Floats
from verify.solvers.answers import Budget
from verify.solvers.linear import LinearProgram, LinearRow, Optimal, solve_linear

STEPS: Final = 8
TINY: Final = 1e-7
PENALTY: Final = 1_000  # for an equation that fails, beside an inequality


class Seeker:
    """Starts from one point after another; each `seek` tries a few more."""

    def __init__(self, program: Program, climber: Climber) -> None:
        self.program, self.climber = program, climber
        self.pairs = find_pairs(program, climber.rows)
        self.equal = np.zeros(len(climber.rows.indices), bool)
        self.equal[[place for pair in self.pairs for place in pair]] = True
        curved = any(unit.kind not in ("linear", "relu") for unit in program.units)
        self.useful = bool(self.pairs) and not curved
        self.generator = np.random.default_rng(0)
        self.started = 0

    def seek(
        self, lower: Floats, upper: Floats, starts: int, deadline: float
    ) -> Point | None:
        """A point of the case in the box with these sides, if one is found."""
        for _ in range(starts if self.useful else 0):
            share = self.generator.random(len(lower)) if self.started else 0.5
            self.started += 1
            found = self._follow(lower + (upper - lower) * share, deadline)
            if found is not None:
                return found
        return None

    def _follow(self, point: Floats, deadline: float) -> Point | None:
        best = -np.inf
        for _ in range(STEPS):
            moved = self._move(point, deadline)
            if moved is None:
                return None
            worth = self._worth(moved)
            if worth <= best + TINY:
                moved = (moved + point) * 0.5
                worth = self._worth(moved)
            if worth <= best + TINY:
                return None
            point, best = moved, worth
            if best > -TINY:
                found = self._settle(point, deadline)
                if found is not None:
                    return found
        return None

    def _worth(self, point: Floats) -> float:
        """The least row, less what equations fail by."""
        rows = self.climber.rows_at(point[None])[0]
        failing = float(np.abs(rows[self.equal]).sum())
        return float(rows[~self.equal].min(initial=1.0)) - PENALTY * failing

    def _move(self, point: Floats, deadline: float) -> Floats | None:
        """Where the least row is largest, were all units linear as they are at a point:
        minimise z + 1000 e, z being what rows lack and e what equations fail by."""
        rows, slopes = self.climber.tangents(point)
        size = len(point)
        one = Fraction(1)
        made: list[LinearRow] = []

        def add(place: int, sign: int, slack: int) -> None:
            weights = [
                (i, Fraction(sign * value))
                for i, value in enumerate(slopes[place].tolist())
                if value
            ]
            level = rows[place] - slopes[place] @ point
            made.append(LinearRow((*weights, (slack, one)), Fraction(-sign * level)))

        for place in np.nonzero(~self.equal)[0].tolist():
            add(place, 1, size)
        for place, _ in self.pairs:
            add(place, 1, size + 1)
            add(place, -1, size + 1)
        bounds = (*self.program.box, (-one, None), (Fraction(0), None))
        objective = ((size, one), (size + 1, Fraction(PENALTY)))
        budget = Budget(seconds=max(deadline - time.monotonic(), 0.0))
        answer = solve_linear(LinearProgram(bounds, tuple(made), objective), budget)
        if not isinstance(answer, Optimal):
            return None
        return np.array([float(value) for value in answer.values[:size]])

    def _settle(self, point: Floats, deadline: float) -> Point | None:
        """A point of the piece around one, where every unit has a sign."""
        signs = self.climber.signs(point)
        found = decide_programme(_make_piece(self.program, signs), deadline, least=0)
        if isinstance(found, Met) and regions.meets(self.program, found.point):
            return found.point
        return None


def find_pairs(program: Program, rows: Rows) -> list[tuple[int, int]]:
    """The rows that say the opposite of each other, by their places in `rows`."""
    seen: dict[bytes, int] = {}
    pairs = []
    for place, index in enumerate(rows.indices):
        line = np.append(rows.matrix[place], rows.constants[place])
        other = seen.get((-line + 0.0).tobytes())
        if program.rows[index].strict:
            continue
        if other is not None:
            pairs.append((other, place))
        seen[(line + 0.0).tobytes()] = place
    return pairs


def _make_piece(program: Program, signs: Mapping[int, bool]) -> Program:
    """The program where relus have these signs: linear units, and a row for each."""
    inputs = len(program.box)
    units, rows = [], list(program.rows)
    for number, unit in enumerate(program.units, inputs):
        if unit.kind == "linear" or number not in signs:
            units.append(unit._replace(kind="linear"))
            continue
        sign = 1 if signs[number] else -1
        weights = tuple((v, sign * w) for v, w in unit.weights)
        rows.append(Row(sign * unit.bias, weights, False))
        units.append(
            Unit("linear", unit.bias, unit.weights)
            if signs[number]
            else Unit("linear", Fraction(0), ())
        )
    return Program(tuple(units), tuple(rows), program.box)
