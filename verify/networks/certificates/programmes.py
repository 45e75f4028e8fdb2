"""Programs without units, whose rows are one linear programme: found in floats, exactly.

Which weights make a point a mean of others, or which unit tells a point from a hundred
others, is asked with dozens of inputs that have no bounds and hundreds of rows. The exact
simplex takes minutes there, and HiGHS milliseconds. From a point that it finds inside all
rows a simple one near by is taken; where there are equations, the basis is solved once
more in fractions. Where there is no point, the duals name a few rows, and the exact
simplex shows that these contradict each other. What neither settles is left to the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel.networks import Program
from verify.networks.certificates import regions
from verify.networks.certificates.levels import substitute
from verify.networks.certificates.outcomes import Met, Outcome, Point, Tree
from verify.solvers.answers import Budget
from verify.solvers.linear import (
    BASIC,
    LOWER,
    UPPER,
    LinearProgram,
    LinearRow,
    Optimal,
    solve_linear,
)
from verify.solvers.simplex import Simplex

ENOUGH: Final = 400  # inputs times rows below which the exact simplex is quick
MARGIN: Final = Fraction(1, 10**7)  # of a row's size: what counts as inside
SMALL: Final = Fraction(1, 10**9)  # of the largest dual: what counts as none
DENOMINATORS: Final = (1, 10, 100, 1_000, 10**4, 10**6, 2**40)

Form = tuple[Fraction, tuple[tuple[int, Fraction], ...]]


class _Row(NamedTuple):
    """A row of the program, or two that make an equation, over the inputs."""

    places: tuple[int, ...]
    constant: Fraction
    weights: tuple[tuple[int, Fraction], ...]


class _Made(NamedTuple):
    """A linear programme, and the row that each of its rows is about."""

    programme: LinearProgram
    about: tuple[_Row, ...]


def decide_programme(
    program: Program, deadline: float, least: int = ENOUGH
) -> Outcome | None:
    """A tree or a point for a program whose units are all linear; None where that was
    not found, or inputs times rows are below `least`. `deadline` is a time.monotonic()
    value."""
    if any(unit.kind != "linear" for unit in program.units):
        return None
    if len(program.box) * len(program.rows) < least:
        return None
    rows = _read_rows(program)
    if rows is None:
        return None
    made = _make_programme(program, rows)
    budget = Budget(seconds=max(deadline - time.monotonic(), 0.0))
    answer = solve_linear(made.programme, budget)
    if not isinstance(answer, Optimal):
        return None
    inside, apart = answer.values[-2:]
    if inside < -MARGIN and apart < MARGIN:
        point = _find_point(program, made, answer)
        return None if point is None else Met(point)
    most = max(map(abs, answer.duals), default=Fraction(0))
    support = {
        place
        for row, dual in zip(made.about, answer.duals, strict=True)
        if abs(dual) > SMALL * most
        for place in row.places
    }
    return _refute(program, sorted(support))


def _read_rows(program: Program) -> list[_Row] | None:
    """The rows over the inputs, two that make an equation as one, without those that the
    box says as well; None where a row has no input, which others see to."""
    halves: dict[Form, int] = {}
    rows: list[_Row] = []
    for place, row in enumerate(program.rows):
        constant, weights = substitute(program, row.weights)
        pairs = tuple(sorted((v, w) for v, w in weights.items() if w))
        constant += row.constant
        if not pairs:
            return None
        if len(pairs) == 1 and not row.strict:
            continue
        opposite = -constant, tuple((v, -w) for v, w in pairs)
        if not row.strict and opposite in halves:
            other = halves.pop(opposite)
            rows[other] = rows[other]._replace(places=(*rows[other].places, place))
            continue
        if not row.strict:
            halves[constant, pairs] = len(rows)
        rows.append(_Row((place,), constant, pairs))
    return rows


def _make_programme(program: Program, rows: Sequence[_Row]) -> _Made:
    """Minimise z + 1000 e: each inequality holds when z times its size is added, and each
    equation up to e times its size; z is -1 at least, e is 0 at least."""
    z = len(program.box)
    made: list[tuple[LinearRow, _Row]] = []
    for row in rows:
        size = max(abs(value) for _, value in row.weights)
        if len(row.places) == 1:
            weights = (*row.weights, (z, size))
            made.append((LinearRow(weights, -row.constant), row))
            continue
        for sign in (1, -1):
            weights = (*((v, sign * w) for v, w in row.weights), (z + 1, size))
            made.append((LinearRow(weights, -sign * row.constant), row))
    bounds = (*program.box, (Fraction(-1), None), (Fraction(0), None))
    objective = ((z, Fraction(1)), (z + 1, Fraction(1_000)))
    programme = LinearProgram(bounds, tuple(row for row, _ in made), objective)
    return _Made(programme, tuple(row for _, row in made))


def _find_point(program: Program, made: _Made, answer: Optimal) -> Point | None:
    """A point near the one found at which every row holds exactly."""
    size = len(program.box)
    if all(len(row.places) == 1 for row in made.about):
        for most in DENOMINATORS:
            point = tuple(v.limit_denominator(most) for v in answer.values[:size])
            if regions.meets(program, point):
                return point
        return None
    basic = _solve_basis(program, made, answer)
    return basic if basic is not None and regions.meets(program, basic) else None


def _solve_basis(program: Program, made: _Made, answer: Optimal) -> Point | None:
    """The vertex of the basis: inputs outside of it lie at their bounds, its rows hold
    with equality, and so do all equations."""
    simplex = Simplex()
    size = len(program.box)
    known: dict[int, Fraction] = {}
    inside = simplex.variable()
    names: dict[int, int] = {}
    for i, (status, sides) in enumerate(
        zip(answer.variables[:size], program.box, strict=True)
    ):
        side = {LOWER: sides[0], UPPER: sides[1]}.get(status)
        if status != BASIC and side is not None:
            known[i] = side
        else:
            names[i] = simplex.variable()
    if answer.variables[size] != BASIC:
        simplex.assert_literal(-1, "=", {inside: Fraction(1)}, Fraction(1))
    done: set[_Row] = set()
    for row, status in zip(made.about, answer.rows, strict=True):
        equation = len(row.places) > 1
        if row in done or (status == BASIC and not equation):
            continue
        done.add(row)
        constant, form = row.constant, dict[int, Fraction]()
        for i, weight in row.weights:
            if i in known:
                constant += weight * known[i]
            else:
                form[names[i]] = weight
        if not equation:
            form[inside] = max(abs(value) for _, value in row.weights)
        if not form:
            return None
        if simplex.assert_literal(len(done), "=", form, constant) is not None:
            return None
    if simplex.check() is not None:
        return None
    solution = simplex.solution()
    return tuple(known[i] if i in known else solution[names[i]] for i in range(size))


def _refute(program: Program, support: Sequence[int]) -> Tree | None:
    """A leaf from these rows and the box, by the exact simplex."""
    smaller = program._replace(rows=tuple(program.rows[place] for place in support))
    found = regions.decide_region(smaller, smaller.box, {})
    if not isinstance(found, regions.Refuted):
        return None
    pairs = [[support[place], factor] for place, factor in found.rows]
    return Tree((["leaf", [], pairs, [], []],))
