"""Weighted means of points: half-spaces for two inputs, weights for any number.

In the plane the edges of a hull are found exactly (Andrew 1979). Elsewhere HiGHS proposes
which points carry weight, at most one more than there are inputs; the weights on those are
then the solution of a linear system in fractions. Only exact weights of at least 0 say that
a point is in the hull; that none were found says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from verify.shift.regions import Half, Point, Region, enclose_points
from verify.solvers.answers import Budget
from verify.solvers.linear import LinearProgram, LinearRow, Optimal, solve_linear

SECONDS: Final = 10
HAIR: Final = Fraction(1, 10**11)
ONE: Final = Fraction(1)


def cut_out(hull: Sequence[Point]) -> Region | None:
    """The hull as a polytope, for one and two inputs; None for more."""
    box = enclose_points(hull)
    if box.size == 1:
        return box
    if box.size != 2:
        return None
    ordered = sorted(set(hull))
    corners = [*_walk(ordered)[:-1], *_walk(ordered[::-1])[:-1]]
    ends = [*corners[1:], *corners[:1]]
    halves = []
    for (a, b), (c, d) in zip(corners, ends, strict=True):
        if a != c and b != d:  # the others are sides of the box
            halves.append(Half(a * (d - b) - b * (c - a), (b - d, c - a)))
    return box._replace(halves=tuple(halves))


def _walk(ordered: Sequence[Point]) -> list[Point]:
    """The corners below sorted points, from the first to the last."""
    found: list[Point] = []
    for x, y in ordered:
        while len(found) > 1:
            (a, b), (c, d) = found[-2:]
            if (c - a) * (y - b) - (d - b) * (x - a) > 0:
                break
            found.pop()
        found.append((x, y))
    return found


def find_weights(hull: Sequence[Point], point: Point) -> dict[int, Fraction] | None:
    """Weights of at least 0 that sum to 1 and make the point, by number of hull point."""
    rows = []
    for j, value in enumerate(point):
        pairs = tuple((k, other[j]) for k, other in enumerate(hull) if other[j])
        rows.append(LinearRow(pairs, value, value))
    rows.append(LinearRow(tuple((k, ONE) for k in range(len(hull))), ONE, ONE))
    sides = ((Fraction(0), ONE),) * len(hull)
    found = solve_linear(LinearProgram(sides, tuple(rows)), Budget(seconds=SECONDS))
    if not isinstance(found, Optimal):
        return None
    chosen = [k for k, weight in enumerate(found.values) if weight > HAIR]
    columns = [(*hull[k], ONE) for k in chosen]
    weights = _solve(columns, (*point, ONE))
    if weights is None or any(weight < 0 for weight in weights):
        return None
    return dict(zip(chosen, weights, strict=True))


def _solve(
    columns: Sequence[Sequence[Fraction]], wanted: Sequence[Fraction]
) -> list[Fraction] | None:
    """Factors with which the columns add up to what is wanted, exactly; free ones are 0."""
    rows = [[*line, goal] for *line, goal in zip(*columns, wanted, strict=True)]
    pivots: list[int] = []
    for column in range(len(columns)):
        top = len(pivots)
        row = next((k for k in range(top, len(rows)) if rows[k][column]), None)
        if row is None:
            continue
        rows[top], rows[row] = rows[row], rows[top]
        scale = rows[top][column]
        rows[top] = [x / scale for x in rows[top]]
        for k, line in enumerate(rows):
            if k != top and line[column]:
                factor = line[column]
                rows[k] = [a - factor * b for a, b in zip(line, rows[top], strict=True)]
        pivots.append(column)
    if any(line[-1] for line in rows[len(pivots) :]):
        return None
    found = [Fraction(0)] * len(columns)
    for row, column in enumerate(pivots):
        found[column] = rows[row][-1]
    return found
