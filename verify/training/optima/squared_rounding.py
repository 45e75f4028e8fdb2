"""From a float residual to a dual vector in short exact numbers.

A residual is orthogonal to the rays that its nearest point uses, so to round it is to
break some of the inequalities it must satisfy. Where the bound asked for leaves slack, the
rays are first tilted a little along the residual: the residual of the tilted cone has a
product with every ray that is negative by a margin, and survives rounding. Rays whose
opposites lie in the cone too cannot be tilted; to those the rounded vector is made
orthogonal exactly, by solving for a few of its entries. Without slack, or where this
fails, the nearest point is computed exactly (`squared_exact.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import Final, NamedTuple

import numpy

from verify.training.optima.choices import Vector
from verify.training.optima.squared_cones import Cone, Mask
from verify.training.optima.squared_exact import Projection, make_whole, project
from verify.training.optima.squared_nearest import Floats

TOUCHING: Final = 1e-7
TILTS: Final = (0.5, 0.1, 0.01)  # of the largest tilt that could leave the bound
GRIDS: Final = (4, 64, 4096)


class Dual(NamedTuple):
    """A primitive integral direction, and the factor that makes the best bound of it."""

    direction: Vector
    factor: Fraction

    def vector(self) -> tuple[Fraction, ...]:
        return tuple(self.factor * number for number in self.direction)


def make_dual(
    direction: Sequence[int], goal: Sequence[Fraction], bound: Fraction
) -> Dual | None:
    """The direction with a factor for which <r, goal> - <r, r>/4 >= bound, if any.

    With a = <direction, goal> and q = <direction, direction> the best factor is 2a/q, and
    its bound a*a/q; a rounder factor is taken where that does.
    """
    along = sum(map(mul, direction, goal), Fraction(0))
    square = sum(number * number for number in direction)
    if not square:
        return Dual(tuple(direction), Fraction(0)) if bound <= 0 else None
    if along <= 0 or along * along < bound * square:
        return None
    best = 2 * along / square
    for limit in (1, 16, 256, 65536):
        factor = best.limit_denominator(limit)
        if factor * along - factor * factor * square / 4 >= bound:
            return Dual(tuple(direction), factor)
    return Dual(tuple(direction), best)


class Rounder:
    """Makes dual vectors that are good for all of some rays and reach a bound."""

    def __init__(self, cone: Cone, goal: Sequence[Fraction], *, constant: bool) -> None:
        self.cone = cone
        self.goal = tuple(goal)
        self.free: tuple[Vector, ...] = ((1,) * len(goal),) if constant else ()

    def exact(self, rays: Mask) -> Projection:
        """The exact nearest point of the cone of these rays; coefficients by direction."""
        numbers = [int(number) for number in numpy.flatnonzero(rays)]
        _, _, coefficients = self.cone.nearest(rays)
        directions = [self.cone.signed.directions[number] for number in numbers]
        start = [int(at) for at in numpy.flatnonzero(coefficients > 1e-9)]
        found = project(directions, self.free, self.goal, start)
        named = {numbers[at]: value for at, value in found.rays.items()}
        return found._replace(rays=named)

    def rounded(self, rays: Mask, bound: Fraction) -> Dual | None:
        """A short dual vector, good for these rays; None where it does not come out."""
        distance, residual, coefficients = self.cone.nearest(rays)
        least = self.cone.share(bound)
        slack = distance**0.5 - least**0.5
        if slack <= 1e-6 * distance**0.5:
            return None
        rows = self.cone.rows[rays]
        numbers = numpy.flatnonzero(rays)
        level = self._level(rows, residual)
        exact = [self.cone.signed.directions[int(number)] for number in numbers[level]]
        solved = _solve_for_entries([*self.free, *exact])
        head = residual / numpy.linalg.norm(residual)
        used = max(1.0, float(coefficients[~level].sum()))
        for share in TILTS:
            tilt = share * slack / used
            tilted = rows + numpy.where(level, 0.0, tilt)[:, None] * head
            left, vector, _ = self.cone.find(tilted, self.cone.goal)
            if left <= least:
                continue
            for fineness in GRIDS:
                found = self._on_grid(vector, fineness / tilt, solved, rays, bound)
                if found:
                    return found
        return None

    def _on_grid(
        self,
        vector: Floats,
        fineness: float,
        solved: list[tuple[int, list[Fraction]]],
        rays: Mask,
        bound: Fraction,
    ) -> Dual | None:
        scale = 1 << max(0, int(numpy.ceil(numpy.log2(fineness))))
        top = float(numpy.abs(vector).max())
        found = [Fraction(round(number / top * scale)) for number in vector.tolist()]
        for place, _ in solved:
            found[place] = Fraction(0)
        for place, row in solved:
            found[place] = -sum(map(mul, row, found), Fraction(0))
        direction = make_whole(found)
        products = (
            sum(map(mul, direction, self.cone.signed.directions[int(number)]))
            for number in numpy.flatnonzero(rays)
        )
        if any(product > 0 for product in products):
            return None
        return make_dual(direction, self.goal, bound)

    def _level(self, rows: Floats, residual: Floats) -> Mask:
        """The rays whose opposites lie in the cone of the rows."""
        found = numpy.zeros(len(rows), bool)
        limit = TOUCHING * max(float(numpy.linalg.norm(residual)), TOUCHING)
        touching = numpy.flatnonzero(numpy.abs(rows @ residual) <= limit)
        for number in touching:
            far, _, _ = self.cone.find(rows[touching], -rows[number])
            found[number] = far <= TOUCHING**2
        return found


def _solve_for_entries(
    vectors: Sequence[Sequence[int]],
) -> list[tuple[int, list[Fraction]]]:
    """Being orthogonal to all of these, as formulas for some entries in the others: the
    entry at a place is minus the product with a row that is 0 at all solved places."""
    rows: list[tuple[int, list[Fraction]]] = []
    for vector in vectors:
        row = [Fraction(number) for number in vector]
        for place, other in rows:
            if row[place]:
                head = row[place]
                row = [x - head * y for x, y in zip(row, other, strict=True)]
        place = max(range(len(row)), key=lambda at: abs(row[at]))
        if not row[place]:
            continue
        row = [number / row[place] for number in row]
        rows = [
            (at, [x - other[place] * y for x, y in zip(other, row, strict=True)])
            for at, other in rows
        ]
        rows.append((place, row))
    return [
        (place, [Fraction(0) if at == place else n for at, n in enumerate(row)])
        for place, row in rows
    ]
