"""From a promising point to the best vertex of its linear piece, exactly.

Where every relu keeps its sign the network is affine, so what is maximised is a linear
programme. HiGHS finds its optimum in floats; the constraints that are tight there, taken
in exact numbers, give a rational vertex, which is then evaluated exactly. What comes back is
a point of the region with its exact distance and outputs, a lower bound whatever happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.kernel.networks import Program, Row
from verify.networks.certificates.levels import Levels, Mask, substitute
from verify.networks.certificates.regions import Form, affine_units
from verify.networks.network import Floats
from verify.shift.regions import Point
from verify.shift.transport.lemmas import Frame
from verify.solvers.answers import Budget
from verify.solvers.linear import (
    Infeasible,
    LinearProgram,
    LinearRow,
    Optimal,
    Weights,
    solve_linear,
)

TIGHT: Final = 1e-7
ROUNDS: Final = 6  # pieces visited
MAX_BITS: Final = 400  # of a coordinate; longer ones are rounded to dyadic numbers
GRID: Final = 2**24


class Aim(NamedTuple):
    """One maximisation in exact numbers: rows over the program's variables, of which
    `main` is maximised and `conditions` (half-spaces among them) are to be at least 0."""

    main: Row
    conditions: tuple[Row, ...]
    rate: Fraction
    point: Point


class Piece(NamedTuple):
    """Signs of the relus, and affine forms (units, inputs + 1) of what they take."""

    signs: Floats
    forms: Floats
    along: Floats  # of all variables, (variables, inputs + 1), the constant last


def read_piece(levels: Levels, real: int, point: Floats) -> Piece:
    """The linear piece of a point; a relu at 0 counts as active."""
    along = np.zeros((len(levels.numbers), real + 1))
    along[:real, :real] = np.eye(real)
    signs = np.ones(levels.units)
    forms = np.zeros((levels.units, real + 1))
    whole = np.append(point, 1.0)
    for level in levels.levels:
        units = slice(level.start - levels.inputs, level.stop - levels.inputs)
        takes = level.matrix @ along[: level.start]
        takes[:, -1] += level.bias
        on = takes @ whole >= -1e-12
        if level.straight is not None:
            on |= level.straight
        forms[units], signs[units] = takes, np.where(on, 1.0, -1.0)
        if level.straight is not None:
            forms[units][level.straight] = 0.0
        along[level.start : level.stop] = takes * on[:, None]
    return Piece(signs, forms, along)


class Floated(NamedTuple):
    """An aim in floats, over the variables of the levels, and the box."""

    main: Floats
    constant: float
    conditions: Floats
    shifts: Floats
    lower: Floats
    upper: Floats


class Solved(NamedTuple):
    """The optimum of a piece, and the duals of the units' rows and of the conditions;
    where no point keeps the signs, the value is -inf and the duals are a ray's."""

    point: Floats
    value: float
    phases: Floats
    conditions: Floats


def improve(frame: Frame, aim: Aim, floated: Floated, start: Floats) -> Floats:
    """The best point found by linear programmes from piece to piece, in floats."""
    best, best_value = start, -np.inf
    every = np.ones(frame.levels.units, bool)
    for _ in range(ROUNDS):
        piece = read_piece(frame.levels, frame.inputs, best)
        found = solve_piece(frame, aim, floated, piece, every)
        if found is None or not np.isfinite(found.value):
            break
        if found.value <= best_value + 1e-12 * max(1.0, abs(found.value)):
            break
        best, best_value = found.point, found.value
    return best


def float_row(levels: Levels, program: Program, row: Row) -> tuple[Floats, float]:
    """A row over the variables of the levels, and its constant."""
    constant, weights = substitute(program, row.weights)
    places = {number: place for place, number in enumerate(levels.numbers)}
    line = np.zeros(len(levels.numbers))
    for variable, weight in weights.items():
        line[places[variable]] = float(weight)
    return line, float(row.constant + constant)


def solve_piece(
    frame: Frame, aim: Aim, floated: Floated, piece: Piece, held: Mask
) -> Solved | None:
    """The optimum over the box where the `held` units keep their signs; None where HiGHS
    finds none."""
    real, extra = frame.inputs, frame.extra
    slope = floated.main @ piece.along
    objective = [(j, -Fraction(float(slope[j]))) for j in range(real) if slope[j]]
    objective += [(real + k, aim.rate) for k in range(extra) if aim.rate]
    units = np.nonzero(held & piece.forms[:, :-1].any(axis=1))[0]
    rows = [_row(piece.signs[k] * piece.forms[k]) for k in units]
    given = np.zeros(len(floated.shifts), bool)
    for k, line in enumerate(floated.conditions):
        form = line @ piece.along
        form[-1] += floated.shifts[k]
        if form[:-1].any():
            given[k] = True
            rows.append(_row(form))
    for j, x in enumerate(aim.point):
        place = real + (j if frame.ground == "l1" else 0)
        for sign in (1, -1):
            pairs = ((j, Fraction(-sign)), (place, Fraction(1)))
            rows.append(LinearRow(pairs, -sign * x))
    ends = zip(floated.lower.tolist(), floated.upper.tolist(), strict=True)
    bounds: list[tuple[Fraction | None, Fraction | None]] = [
        (Fraction(a), Fraction(b)) for a, b in ends
    ]
    bounds += [(Fraction(0), None)] * extra
    programme = LinearProgram(tuple(bounds), tuple(rows), tuple(objective))
    answer = solve_linear(programme, Budget(seconds=5.0))
    if isinstance(answer, Optimal):
        shown, values = answer.duals, answer.values[:real]
        value = -float(answer.value) + float(slope[-1]) + floated.constant
    elif isinstance(answer, Infeasible) and answer.ray:
        # every row has a lower side only, so a ray has one sign
        shown, values, value = tuple(map(abs, answer.ray)), aim.point, -np.inf
    else:
        return None
    point = np.array([float(x) for x in values])
    duals = np.array([float(x) for x in shown[: len(units) + given.sum()]])
    phases, conditions = np.zeros(len(held)), np.zeros(len(given))
    phases[units] = duals[: len(units)]
    conditions[given] = duals[len(units) :]
    return Solved(
        np.clip(point, floated.lower, floated.upper), value,
        np.maximum(phases, 0.0), np.maximum(conditions, 0.0),
    )  # fmt: skip


def _row(form: Floats) -> LinearRow:
    weights: Weights = tuple(
        (j, Fraction(value)) for j, value in enumerate(form[:-1].tolist()) if value
    )
    return LinearRow(weights, -Fraction(float(form[-1])))


def sharpen(frame: Frame, program: Program, aim: Aim, point: Floats) -> Point:
    """The rational vertex next to a point, or the point rounded: always in the region
    when that is a box; the caller evaluates it."""
    vertex = _vertex(frame, program, aim, point)
    if vertex is not None:
        sizes = (
            max(x.numerator.bit_length(), x.denominator.bit_length()) for x in vertex
        )
        if max(sizes) <= MAX_BITS and frame.region.contains(vertex):
            return vertex
    return round_point(frame, point)


def round_point(frame: Frame, point: Floats) -> Point:
    """The nearest point of the box on a dyadic grid, or a side."""
    found = []
    for value, low, high in zip(
        point.tolist(), frame.region.lower, frame.region.upper, strict=True
    ):
        exact = Fraction(round(value * GRID), GRID)
        exact = exact if low is None else max(low, exact)
        found.append(exact if high is None else min(high, exact))
    return tuple(found)


def _vertex(frame: Frame, program: Program, aim: Aim, point: Floats) -> Point | None:
    """The solution of the equations that nearly hold at the point, simplest first."""
    real = frame.inputs
    system = _System(real)
    values = point.tolist()
    for j, value in enumerate(values):
        known = [aim.point[j], frame.region.lower[j], frame.region.upper[j]]
        for side in known:
            if side is not None and abs(value - float(side)) <= TIGHT:
                system.add({j: Fraction(1)}, side)
                break
    if frame.ground == "linf" and system.rank < real:
        _tie(system, aim.point, values)
    if system.rank < real:
        piece = read_piece(frame.levels, real, point)
        takes = piece.forms @ np.append(point, 1.0)
        size = np.maximum(1.0, np.abs(piece.forms).sum(axis=1))
        numbers = frame.levels.numbers[frame.levels.inputs :]
        signs = {n: int(s) for n, s in zip(numbers, piece.signs.tolist(), strict=True)}
        forms, taken = affine_units(program, signs)
        for place in np.argsort(np.abs(takes) / size).tolist():
            if abs(takes[place]) > TIGHT * size[place] or system.rank == real:
                break
            form = taken[numbers[place]]
            if form is not None and form[1]:
                system.add(form[1], -form[0])
        for row in aim.conditions:
            form = _combine(row, forms)
            if form is None or system.rank == real:
                continue
            at = sum((float(w) * values[j] for j, w in form[1].items()), float(form[0]))
            if abs(at) <= TIGHT:
                system.add(form[1], -form[0])
    return system.solve() if system.rank == real else None


def _combine(row: Row, forms: Sequence[Form | None]) -> Form | None:
    total, sums = row.constant, dict[int, Fraction]()
    for variable, weight in row.weights:
        form = forms[variable]
        if form is None:
            return None
        total += weight * form[0]
        for j, value in form[1].items():
            sums[j] = sums.get(j, Fraction(0)) + weight * value
    return total, {j: value for j, value in sums.items() if value}


def _tie(system: _System, centre: Point, values: Sequence[float]) -> None:
    """Equations that all inputs at the largest distance are equally far."""
    moved = [value - float(x) for value, x in zip(values, centre, strict=True)]
    most = max(map(abs, moved))
    far = [j for j, step in enumerate(moved) if most - abs(step) <= TIGHT]
    first = far[0]
    for j in far[1:]:
        sign = Fraction(1 if moved[j] * moved[first] > 0 else -1)
        system.add({j: Fraction(1), first: -sign}, centre[j] - sign * centre[first])


class _System:
    """Linear equations over `size` unknowns, kept reduced; dependent ones are dropped."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: dict[int, tuple[dict[int, Fraction], Fraction]] = {}

    @property
    def rank(self) -> int:
        return len(self.rows)

    def add(self, weights: dict[int, Fraction], value: Fraction) -> None:
        left = dict(weights)
        for pivot, (row, right) in self.rows.items():
            factor = left.get(pivot)
            if factor:
                for j, weight in row.items():
                    left[j] = left.get(j, Fraction(0)) - factor * weight
                value -= factor * right
        left = {j: weight for j, weight in left.items() if weight}
        if not left:
            return
        pivot = max(left, key=lambda j: abs(left[j]))
        scale = left[pivot]
        reduced = {j: weight / scale for j, weight in left.items()}
        value /= scale
        for other, (row, right) in self.rows.items():
            factor = row.get(pivot)
            if factor:
                mixed = {
                    j: row.get(j, Fraction(0)) - factor * reduced.get(j, Fraction(0))
                    for j in row.keys() | reduced.keys()
                }
                kept = {j: weight for j, weight in mixed.items() if weight}
                self.rows[other] = kept, right - factor * value
        self.rows[pivot] = reduced, value

    def solve(self) -> Point:
        return tuple(self.rows[j][1] for j in range(self.size))
