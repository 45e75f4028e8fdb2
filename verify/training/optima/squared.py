"""The squared loss of one hidden layer: its least value, with a certificate for each side.

What the networks of a class can give at the points is a union of cones, one for each choice
of a signed cell for each unit (`choices.py`), plus the line of constants. The
optimum is the squared distance of the targets from that union. From above: a local search
over choices, then the exact nearest point of one cone, which is a network with rational
parameters. From below: dual vectors that serve all choices. At a choice not served yet, the
set of cells is widened as long as the cone of all their rays stays far enough away, so that
one dual vector serves many choices; what comes too near to tell in floats is decided
exactly. Source for the cells: Arora et al. 2018; the widening is a relaxation of choices to
sets of cells, as in branch and bound, started from the leaves.
"""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random
from typing import Final

import numpy

from verify.training.optima.cells import MAX_CELLS, make_cells
from verify.training.optima.choices import (
    Signed,
    find_good,
    make_parameters,
    make_signed,
)
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.improving import decide_below, improve
from verify.training.optima.results import Cover, Improved, Open, Optimum
from verify.training.optima.served import Served
from verify.training.optima.squared_cones import Cone, Mask
from verify.training.optima.squared_exact import make_whole
from verify.training.optima.squared_interpolation import find_easy_squared
from verify.training.optima.squared_nearest import Floats
from verify.training.optima.squared_rounding import Dual, Rounder, make_dual

NEAR: Final = 1e-7  # relative: what floats cannot tell from the bound
NOTHING: Final = 1e-18  # a squared distance, of a goal of length 1
STARTS: Final = 8
Choice = tuple[int, ...]
Vector = tuple[Fraction, ...]


def find_squared_witness(
    fit: Fit, *, deadline: float, seed: int = 0, enough: Fraction | None = None
) -> tuple[Parameters, Fraction]:
    """A network of small loss, by local search, with its exact loss; it need not be less
    than `enough`. Raises ValueError on a fit that is not one (`check_fit`)."""
    easy = find_easy_squared(fit)
    if easy:
        return easy.witness, easy.upper
    return _Search(fit, deadline, seed).descend(enough)


def find_squared_below(
    fit: Fit, value: Fraction, *, deadline: float, seed: int = 0
) -> Parameters | Cover | Open:
    """Parameters of loss less than `value`, or dual vectors that there are none."""
    easy = find_easy_squared(fit)
    if easy:
        return easy.witness if easy.upper < value else Cover(value, easy.duals)
    search = _Search(fit, deadline, seed)
    return decide_below(search.cover, Improved(*search.descend()), value)


def find_squared_optimum(fit: Fit, *, deadline: float, seed: int = 0) -> Optimum:
    """The least squared loss, with a network that has it and duals that prove it."""
    easy = find_easy_squared(fit)
    if easy:
        return easy
    search = _Search(fit, deadline, seed)
    return improve(search.cover, Improved(*search.descend()))


class _Search:
    """One fit, with its cells, and the dual vectors found so far."""

    def __init__(self, fit: Fit, deadline: float, seed: int) -> None:
        self.fit = fit
        self.deadline = deadline
        self.random = Random(seed)
        pairs = zip(fit.targets, fit.offsets, strict=True)
        self.goal = tuple(target - offset for target, offset in pairs)
        cells = make_cells(fit.points)
        self.whole = cells is not None
        self.signed = make_signed(cells) if cells is not None else Signed((), ())
        self.cone = Cone(self.signed, self.goal, constant=fit.constant)
        self.rounder = Rounder(self.cone, self.goal, constant=fit.constant)
        self.served = Served(len(self.signed.cells), fit.hidden, seed)
        self.duals: list[Dual] = []
        self.distances: dict[Choice, float] = {}

    def descend(self, enough: Fraction | None = None) -> tuple[Parameters, Fraction]:
        """The best of several local optima over choices, made exact; the first one that
        reaches `enough`."""
        share = 0.0 if enough is None else self.cone.share(enough)
        goal = max(NOTHING, share * (1 + NEAR))
        best = self._polish(())
        for _ in range(STARTS if self.fit.hidden > 1 and self.signed.cells else 0):
            if time.monotonic() > self.deadline or best[0] <= goal:
                break
            cells = range(len(self.signed.cells))
            start = self.random.choices(cells, k=self.fit.hidden)
            best = min(best, self._polish(tuple(start)))
        found = self._improve(best[1])
        return found.parameters, found.value

    def _polish(self, choice: Choice) -> tuple[float, Choice]:
        """Fill up to the number of units one by one, then change one cell at a time."""
        cells = range(len(self.signed.cells))
        value = self._distance(choice)
        while len(choice) < self.fit.hidden and cells and value > NOTHING:
            value, choice = min(
                (self._distance((*choice, cell)), (*choice, cell)) for cell in cells
            )
        improving = len(choice) > 1
        while improving and time.monotonic() < self.deadline and value > NOTHING:
            improving = False
            for place in range(len(choice)):
                rest = choice[:place] + choice[place + 1 :]
                trials = (
                    (self._distance((*rest, cell)), (*rest, cell)) for cell in cells
                )
                best, trial = min(trials)
                if best < value * (1 - 1e-9) - 1e-15:
                    value, choice, improving = best, trial, True
        return value, choice

    def _distance(self, choice: Choice) -> float:
        key = tuple(sorted({*choice}))
        if key not in self.distances:
            self.distances[key] = self.cone.nearest(self.cone.rays_of(key)).distance
        return self.distances[key]

    def _improve(self, choice: Choice) -> Improved:
        """The best network of a choice, exactly."""
        nearest = self.rounder.exact(self.cone.rays_of(choice))
        constant = nearest.free[0] if self.fit.constant else Fraction(0)
        parameters = make_parameters(
            self.fit, self.signed, choice, nearest.rays, constant
        )
        return Improved(parameters, evaluate(self.fit, parameters))

    def cover(self, bound: Fraction) -> Cover | Open | Improved:
        """Duals that serve every choice, each of value `bound` at least.

        Duals of an earlier call stay in use, as long as bounds do not rise.
        """
        if bound <= 0:
            return Cover(bound, ())
        if not self.whole:
            cells = f"the points cut a unit's parameters into over {MAX_CELLS} cells"
            return Open("incomplete", f"{cells}; only a network was searched for")
        for choice, wanted in self.served.walk(self.deadline):
            if time.monotonic() > self.deadline:
                break
            found = self._serve(choice, bound, wanted)
            if isinstance(found, Improved):
                return found
            self.duals.append(found)
            good = numpy.zeros(len(self.signed.cells), bool)
            good[list(find_good(self.signed, found.direction))] = True
            self.served.add(good)
        if not self.served.complete:
            count = f"{len(self.duals)} dual vectors do not serve all choices yet"
            return Open("timeout", f"the time was up: {count}")
        return Cover(bound, tuple(dual.vector() for dual in self.duals))

    def _serve(
        self, choice: Choice, bound: Fraction, wanted: Floats
    ) -> Dual | Improved:
        """A dual vector good for a choice, and for as much more as it can be."""
        rays = self.cone.rays_of(choice)
        distance, residual, _ = self.cone.nearest(rays)
        least = self.cone.share(bound)
        if distance > least * (1 + NEAR) + 1e-14:
            wide = self._widen(rays, distance, residual, least, wanted)
            for tried in (wide, rays):
                found = self.rounder.rounded(tried, bound)
                if found:
                    return found
        nearest = self.rounder.exact(rays)
        found = make_dual(make_whole(nearest.residual), self.goal, bound)
        return found or self._improve(choice)

    def _widen(
        self,
        rays: Mask,
        distance: float,
        residual: Floats,
        least: float,
        wanted: Floats,
    ) -> Mask:
        """More rays, by whole cells, as long as their cone stays far enough away."""
        least = least * (1 + 100 * NEAR) + 1e-13
        rays = rays | self._served(residual)
        order = list(range(len(self.signed.cells)))
        self.random.shuffle(order)
        for cell in sorted(order, key=lambda cell: -wanted[cell]):
            more = self.cone.masks[cell] & ~rays
            if not more.any():
                continue
            along = float((self.cone.rows[more] @ residual).max())
            if along > 0 and distance - along * along < least:
                continue
            wider = rays | more
            value, vector, _ = self.cone.nearest(wider)
            if value >= least:
                distance, residual = value, vector
                rays = wider | self._served(residual)
        return rays

    def _served(self, residual: Floats) -> Mask:
        """The rays of all cells that a residual is good for, as floats see it."""
        length = float(numpy.linalg.norm(residual))
        wrong = self.cone.rows @ residual > 1e-9 * length
        good = ~(self.cone.masks & wrong).any(axis=1)
        found: Mask = numpy.logical_or.reduce(self.cone.masks[good], axis=0)
        return found
