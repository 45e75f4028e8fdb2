"""Enough units to give every input its own output: squared loss and labels, no search.

As in `interpolation.py`, outputs may be chosen input by input. Inputs that occur once cost
nothing. The squared loss of those that occur more often is their spread around the mean,
and twice the residual is the dual vector that proves it: it sums to 0 over equal inputs,
whatever units give there. Of labels, two at one input cannot both be right where the
offset of the positive one is not above that of the negative one; each such pair is a dual
vector, and as many points are wrong as are needed to meet all pairs (Koenig's theorem: the
pairs of one input are those of intervals on a line, where a threshold meets the bound).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import ceil

from verify.training.optima.fits import Fit, Parameters, check_fit, evaluate
from verify.training.optima.interpolation import interpolate
from verify.training.optima.results import Dual, Optimum

Point = tuple[Fraction, ...]
Groups = dict[Point, list[int]]  # the numbers of the points with each input


def find_easy_squared(fit: Fit) -> Optimum | None:
    """The optimum of the squared loss where there is a unit for every distinct input (one
    fewer with a constant); None where there are fewer. Raises ValueError as `check_fit`."""
    groups = _groups(fit)
    if groups is None:
        return None
    gaps = [y - offset for y, offset in zip(fit.targets, fit.offsets, strict=True)]
    values = {
        point: sum((gaps[at] for at in group), Fraction(0)) / len(group)
        for point, group in groups.items()
    }
    witness = interpolate(fit, values)
    dual = tuple(
        2 * (gap - values[point]) for gap, point in zip(gaps, fit.points, strict=True)
    )
    return _made(fit, witness, (dual,))


def find_easy_zero_one(fit: Fit) -> Optimum | None:
    """The same for the number of wrong labels."""
    groups = _groups(fit)
    if groups is None:
        return None
    witness = interpolate(
        fit, {point: _value(fit, group) for point, group in groups.items()}
    )
    duals = tuple(
        tuple(Fraction((at == up) - (at == down)) for at in range(len(fit.points)))
        for group in groups.values()
        for up, down in product(group, group)
        if fit.targets[up] > fit.targets[down] and fit.offsets[up] <= fit.offsets[down]
    )
    return _made(fit, witness, duals)


def _groups(fit: Fit) -> Groups | None:
    check_fit(fit)
    groups: Groups = {}
    for at, point in enumerate(fit.points):
        groups.setdefault(point, []).append(at)
    return groups if fit.hidden >= len(groups) - fit.constant else None


def _made(fit: Fit, witness: Parameters, duals: Sequence[Dual]) -> Optimum:
    loss = evaluate(fit, witness)
    return Optimum(loss, loss, witness, tuple(duals) if loss else (), "")


def _value(fit: Fit, group: Sequence[int]) -> Fraction:
    """What to add to the offsets of these points for the fewest wrong labels: minus a
    threshold that lies beyond all offsets, or between two that follow each other."""
    levels = sorted({fit.offsets[at] for at in group})
    ends = [Fraction(ceil(levels[0]) - 2), *levels, Fraction(ceil(levels[-1]) + 1)]
    tried = [-(low + high) / 2 for low, high in pairwise(ends)]

    def wrong(value: Fraction) -> int:
        pairs = ((fit.targets[at], fit.offsets[at] + value) for at in group)
        return sum(y * g <= 0 for y, g in pairs)

    return min(tried, key=wrong)
