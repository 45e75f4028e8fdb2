"""The fewest wrong labels of one hidden layer, with a certificate for each side.

On a choice of cells a network can be right on a set of points, all y*g > 0, unless some
nonnegative combination of the rows y_i*g_i is at most 0 on the cone (Gordan 1873): a dual
vector, whose support is a set of points that cannot all be right. So at least as many
points are wrong as are needed to meet every support, and the search is one for implicit
hitting sets (Moreno-Centeno and Karp 2013): a set that meets the supports known so far is
left out, and either a network is right on the rest, or the rest has one more dual vector.
To be right on a set is to reach margins of 1 there, up to scale, so both come from the
nearest point of a cone, as for the squared loss, and vectors are widened to more cells in
the same way.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, lcm
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
from verify.training.optima.squared_cones import Mask, make_unit_rows
from verify.training.optima.squared_exact import make_whole, project
from verify.training.optima.squared_interpolation import find_easy_zero_one
from verify.training.optima.squared_nearest import Floats, NearestFinder
from verify.training.optima.zero_one_choices import Ledger

FAR: Final = (
    1e-6  # a squared distance, of margins of length 1, that floats can tell from 0
)
Choice = tuple[int, ...]
Points = tuple[int, ...]


def find_zero_one_witness(
    fit: Fit, *, deadline: float, seed: int = 0, enough: Fraction | None = None
) -> tuple[Parameters, Fraction]:
    """A network with few wrong labels, and how many: what is found by the deadline, or
    the first with no more than `enough`."""
    found = _pursue(fit, deadline, seed, enough)
    return found.witness, found.upper


def find_zero_one_below(
    fit: Fit, value: Fraction, *, deadline: float, seed: int = 0
) -> Parameters | Cover | Open:
    """Parameters of loss less than `value`, or dual vectors that there are none."""
    easy = find_easy_zero_one(fit)
    if easy:
        return easy.witness if easy.upper < value else Cover(value, easy.duals)
    search = _Search(fit, deadline, seed)
    return decide_below(search.cover, search.constant(), value)


def find_zero_one_optimum(fit: Fit, *, deadline: float, seed: int = 0) -> Optimum:
    """The fewest wrong labels, with a network and duals that prove it.

    Raises ValueError on a fit that is not one, labels other than -1 and 1 included.
    """
    return _pursue(fit, deadline, seed, None)


def _pursue(fit: Fit, deadline: float, seed: int, enough: Fraction | None) -> Optimum:
    """From network to better network, until none is or one is good enough."""
    easy = find_easy_zero_one(fit)
    if easy:
        return easy
    search = _Search(fit, deadline, seed)
    return improve(search.cover, search.constant(), enough)


def find_meeting(supports: Sequence[int], size: int) -> int | None:
    """Fewer than `size` points that meet all of these sets, as bits; None if too few."""
    order = sorted(set(supports), key=int.bit_count)
    waiting = [(0, 0)]
    while waiting:
        chosen, count = waiting.pop()
        missed = next((support for support in order if not support & chosen), 0)
        if not missed and count < size:
            return chosen
        while missed and count + 1 < size:
            point = missed & -missed
            missed ^= point
            waiting.append((chosen | point, count + 1))
    return None


class _Search:
    """One fit, with its cells, and the dual vectors found so far."""

    def __init__(self, fit: Fit, deadline: float, seed: int) -> None:
        self.fit = fit
        self.deadline = deadline
        self.random = Random(seed)
        self.find = NearestFinder().find
        cells = make_cells(fit.points)
        self.whole = cells is not None
        self.signed = make_signed(cells) if cells is not None else Signed((), ())
        self.labels = tuple(int(target) for target in fit.targets)
        self.still = make_whole(fit.offsets)
        self.unit = lcm(*(offset.denominator for offset in fit.offsets))
        size = len(self.labels)
        signs = numpy.array(self.labels, float)
        rows = make_unit_rows(self.signed.directions, size, centred=False)
        self.rows = rows * signs
        fixed = [numpy.diag(-numpy.ones(size))]
        fixed += [signs[None, :], -signs[None, :]] if fit.constant else []
        fixed.append(make_unit_rows([self.still], size, centred=False) * signs)
        self.fixed = numpy.vstack(fixed)
        self.masks = numpy.zeros((len(self.signed.cells), len(self.rows)), bool)
        for mask, cell in zip(self.masks, self.signed.cells, strict=True):
            mask[list(cell.directions)] = True
        self.ledger = Ledger(len(self.signed.cells), fit.hidden)
        self.duals: list[tuple[int, ...]] = []
        self.supports: list[int] = []

    def constant(self) -> Improved:
        """The better of the constants -1, 1 and 0 without units."""
        tried = (0, 1, -1) if self.fit.constant else (0,)
        found = []
        for value in map(Fraction, tried):
            parameters = make_parameters(self.fit, self.signed, (), {}, value)
            found.append(Improved(parameters, evaluate(self.fit, parameters)))
        return min(found, key=lambda improved: improved.value)

    def cover(self, bound: Fraction) -> Cover | Open | Improved:
        """Duals that leave at least `bound` points wrong on every choice."""
        if bound <= 0:
            return Cover(bound, ())
        if not self.whole:
            cells = f"the points cut a unit's parameters into over {MAX_CELLS} cells"
            return Open("incomplete", f"{cells}; only constants were tried")
        size = ceil(bound)
        known: dict[int, int | None] = {}

        def enough(common: int) -> bool:
            if common not in known:
                supports = [s for at, s in enumerate(self.supports) if common >> at & 1]
                known[common] = find_meeting(supports, size)
            return known[common] is None

        for choice in self.ledger.walk(enough, self.deadline):
            if time.monotonic() > self.deadline:
                break
            met = known[self.ledger.common(choice)] or 0
            right = tuple(at for at in range(len(self.labels)) if not met >> at & 1)
            found = self._serve(choice, right, few=size > 1)
            if isinstance(found, Improved):
                return found
            self.duals.append(found)
            self.supports.append(sum(1 << at for at, r in enumerate(found) if r))
            self.ledger.add(find_good(self.signed, found))
        if not self.ledger.complete:
            served = f"{len(self.duals)} dual vectors do not serve all choices yet"
            return Open("timeout", f"the time was up: {served}")
        duals = tuple(tuple(map(Fraction, dual)) for dual in self.duals)
        return Cover(bound, duals)

    def _serve(
        self, choice: Choice, right: Points, *, few: bool
    ) -> tuple[int, ...] | Improved:
        """A dual vector of some of these points, good for the choice and as much more as
        it can be, or a network that is right on all of them."""
        rays: Mask = numpy.logical_or.reduce(self.masks[list(choice)], axis=0)
        if self._apart(rays, right)[0] > FAR:
            some = self._fewer(rays, right) if few else right
            found = self._decide(self._widen(rays, some), some, ())
            if not isinstance(found, Improved):
                return found
        return self._decide(rays, right, choice)

    def _apart(self, rays: Mask, right: Points) -> tuple[float, Floats]:
        """How far from margins of 1 on these points, as a share; and what is missing."""
        at = list(right)
        rows = numpy.vstack([self.fixed[at], self.fixed[len(self.labels) :]])
        rows = numpy.vstack([rows, self.rows[rays]])[:, at]
        goal = numpy.full(len(at), len(at) ** -0.5)
        distance, residual, _ = self.find(rows, goal)
        return distance, residual

    def _fewer(self, rays: Mask, right: Points) -> Points:
        """Fewer points that still cannot all be right."""
        order = list(right)
        self.random.shuffle(order)
        for point in order:
            rest = tuple(at for at in right if at != point)
            if rest and self._apart(rays, rest)[0] > FAR:
                right = rest
        return right

    def _widen(self, rays: Mask, right: Points) -> Mask:
        """More rays, by whole cells, for which the points still cannot all be right."""
        at = list(right)
        _, residual = self._apart(rays, right)
        order = list(range(len(self.signed.cells)))
        self.random.shuffle(order)
        for cell in order:
            more = self.masks[cell] & ~rays
            if not more.any():
                continue
            wider = rays | more
            if (self.rows[more][:, at] @ residual).max() > 0:
                distance, vector = self._apart(wider, right)
                if distance <= FAR:
                    continue
                residual = vector
            rays = wider
        return rays

    def _decide(
        self, rays: Mask, right: Points, choice: Choice
    ) -> tuple[int, ...] | Improved:
        """Exactly: a dual vector of these points, or a network that is right on them."""
        places = [int(place) for place in numpy.flatnonzero(rays)]
        labels = [self.labels[at] for at in right]
        rows = [tuple(-int(k == at) for k in right) for at in right]
        rows.append(self._margins(self.still, right))
        rows += [
            self._margins(self.signed.directions[place], right) for place in places
        ]
        free = (tuple(labels),) if self.fit.constant else ()
        found = project(rows, free, (Fraction(1),) * len(right))
        if found.distance:
            dual = [0] * len(self.labels)
            for at, number in zip(right, make_whole(found.residual), strict=True):
                dual[at] = number * self.labels[at]
            return tuple(dual)
        skip = len(right) + 1
        share = found.rays.get(len(right), Fraction(0))
        # offsets enter with the factor 1, or are outweighed where they are not needed
        largest = max(map(abs, self.fit.offsets))
        scale = 1 / (share * self.unit) if share else largest + 1
        shares = {
            places[at - skip]: value * scale
            for at, value in found.rays.items()
            if at >= skip
        }
        constant = found.free[0] * scale if self.fit.constant else Fraction(0)
        parameters = make_parameters(self.fit, self.signed, choice, shares, constant)
        return Improved(parameters, evaluate(self.fit, parameters))

    def _margins(self, values: Sequence[int], right: Points) -> tuple[int, ...]:
        return tuple(self.labels[at] * values[at] for at in right)
