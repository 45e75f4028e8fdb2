"""Cones of what units can give at the points, in floats: distances and residuals.

Cells for the units make a cone, and the relaxation over a set of cells is the cone of all
their rays, whatever the number of units. Its distance from the targets bounds the loss of
every choice from those cells, and the residual is the dual vector that says so. Rays and
targets have length 1 and, where the network has a constant, mean 0. Floats only propose:
`squared_rounding.py` makes exact vectors of residuals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy

from verify.training.optima.choices import Signed, Vector
from verify.training.optima.squared_nearest import Floats, Nearest, NearestFinder

Mask = numpy.ndarray[Any, numpy.dtype[numpy.bool_]]


def make_unit_rows(vectors: Sequence[Vector], size: int, *, centred: bool) -> Floats:
    """Each vector as floats of length 1, less its mean where `centred`; integers of any
    size are scaled first. A vector that vanishes stays 0."""
    rows = numpy.zeros((len(vectors), size))
    for row, vector in zip(rows, vectors, strict=True):
        top = max(map(abs, vector))
        if top:
            row[:] = [value / top for value in vector]
        if centred:
            row -= row.mean()
        length = numpy.linalg.norm(row)
        row /= length if length > 1e-12 else numpy.inf
    return rows


class Cone:
    """The rays of signed cells as rows, and a goal to be near to."""

    def __init__(
        self, signed: Signed, goal: Sequence[Fraction], *, constant: bool
    ) -> None:
        self.signed = signed
        self.find = NearestFinder().find
        self.rows = make_unit_rows(signed.directions, len(goal), centred=constant)
        self.unit = max(map(abs, goal)) or Fraction(1)
        whole = numpy.array([float(number / self.unit) for number in goal])
        if constant:
            whole = whole - whole.mean()
        self.length = float(numpy.linalg.norm(whole)) or 1.0
        self.goal = whole / self.length
        self.masks = numpy.zeros((len(signed.cells), len(signed.directions)), bool)
        for mask, cell in zip(self.masks, signed.cells, strict=True):
            mask[list(cell.directions)] = True

    def share(self, bound: Fraction) -> float:
        """A squared distance from the targets as one from the goal of length 1."""
        return float(bound / self.unit**2) / self.length**2

    def rays_of(self, cells: Iterable[int]) -> Mask:
        """The rays of these cells together, as a mask."""
        found: Mask = numpy.logical_or.reduce(self.masks[list(cells)], axis=0)
        return found

    def nearest(self, rays: Mask) -> Nearest:
        """The point of the cone of these rays nearest to the goal (of length 1); the
        coefficients are those of the rays in order."""
        return self.find(self.rows[rays], self.goal)
