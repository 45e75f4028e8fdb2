"""The nearest point of a cone, in floats.

Minimise |goal - c * rows| over c >= 0 by the active set method of Lawson and Hanson (1974).
Most questions need it a few hundred times on a dozen rays: that is done here, on the
products of the rays, because loading SciPy takes longer than the whole search. A search
that goes on and on is worth loading SciPy's compiled solver for.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy

Floats = numpy.ndarray[Any, numpy.dtype[numpy.float64]]

PATIENCE: Final = 1_000  # questions
FLAT: Final = 1e-12  # a slope that is none, for vectors of length 1


class Nearest(NamedTuple):
    """The squared distance, what is left of the goal, and the coefficients of the rows."""

    distance: float
    residual: Floats
    coefficients: Floats


class NearestFinder:
    """Nearest points for one search, which is counted to choose how they are found."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, rows: Floats, goal: Floats) -> Nearest:
        """The point of the cone of `rows` nearest to `goal`; all about of length 1.

        Where SciPy gives up, the distance is 0, which promises nothing.
        """
        self.asked += 1
        if not len(rows):
            return Nearest(float(goal @ goal), goal, numpy.zeros(0))
        if self.asked <= PATIENCE:
            coefficients = find_coefficients(rows, goal)
        else:
            from scipy.optimize import nnls

            try:
                coefficients, _ = nnls(rows.T, goal)
            except RuntimeError:  # its limit of steps
                return Nearest(0.0, goal, numpy.zeros(len(rows)))
        residual = goal - coefficients @ rows
        return Nearest(float(residual @ residual), residual, coefficients)


def find_coefficients(rows: Floats, goal: Floats) -> Floats:
    """Nonnegative coefficients of the rows that come nearest to the goal."""
    gram, along = rows @ rows.T, rows @ goal
    found = numpy.zeros(len(rows))
    used: list[int] = []
    for _ in range(3 * len(rows) + 10):
        slopes = along - gram @ found
        slopes[used] = 0.0
        entering = int(slopes.argmax())
        if slopes[entering] <= FLAT:
            break
        used.append(entering)
        while used:
            products = gram[numpy.ix_(used, used)]
            try:
                aims = numpy.linalg.solve(products, along[used])
            except numpy.linalg.LinAlgError:  # what came last depends on the others
                return found
            if aims.min() > 0:
                found[used] = aims
                break
            have = found[used]
            falling = aims <= 0
            steps = numpy.full(len(used), numpy.inf)
            steps[falling] = have[falling] / (have[falling] - aims[falling] + 1e-300)
            step = float(steps.min())
            found[used] = have + step * (aims - have)
            gone = steps <= step
            for place, leaves in zip(list(used), gone.tolist(), strict=True):
                if leaves:
                    found[place] = 0.0
                    used.remove(place)
    return found
