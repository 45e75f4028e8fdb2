"""Where points may move: boxes, polytopes, hulls of points and unions, in exact numbers.

A side may be None, which is no bound. Half-spaces are linear, `constant + weights * x >= 0`.
A part of a union is a polytope, met with the hull of some points where those are given.
Whether a region has a point is decided by the exact simplex, so an empty one is never
mistaken for a region in which everything holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.solvers.simplex import Simplex

Point = tuple[Fraction, ...]
Side = Fraction | None


class Half(NamedTuple):
    """constant + sum of weights[i] * x_i >= 0, one weight an input."""

    constant: Fraction
    weights: tuple[Fraction, ...]

    def value(self, point: Sequence[Fraction]) -> Fraction:
        pairs = zip(self.weights, point, strict=True)
        return self.constant + sum((w * x for w, x in pairs), Fraction(0))


class Region(NamedTuple):
    """A box, cut by half-spaces."""

    lower: tuple[Side, ...]
    upper: tuple[Side, ...]
    halves: tuple[Half, ...] = ()

    @property
    def size(self) -> int:
        """How many numbers a point has."""
        return len(self.lower)

    @property
    def is_bounded(self) -> bool:
        """Whether every input has two sides."""
        return None not in self.lower and None not in self.upper

    def contains(self, point: Sequence[Fraction]) -> bool:
        sides = zip(self.lower, point, self.upper, strict=True)
        inside = all(
            (low is None or low <= x) and (high is None or x <= high)
            for low, x, high in sides
        )
        return inside and all(half.value(point) >= 0 for half in self.halves)


class Part(NamedTuple):
    """The points of a polytope that are weighted means of `hull`, or all where it is ()."""

    region: Region
    hull: tuple[Point, ...] = ()


def intersect(one: Region, other: Region) -> Region:
    """The points of both; its lower sides exceed the upper ones where there are none."""
    lows = zip(one.lower, other.lower, strict=True)
    highs = zip(one.upper, other.upper, strict=True)
    return Region(
        tuple(b if a is None else a if b is None else max(a, b) for a, b in lows),
        tuple(b if a is None else a if b is None else min(a, b) for a, b in highs),
        (*one.halves, *other.halves),
    )


def make_box(lower: Sequence[Side], upper: Sequence[Side]) -> Region:
    """The box with these sides. Raises ShiftError for sizes that differ."""
    if len(lower) != len(upper):
        raise ShiftError(f"a box of {len(lower)} lower and {len(upper)} upper sides")
    return Region(tuple(lower), tuple(upper))


def make_ball(centre: Point, radius: Fraction, norm: str) -> Region:
    """All points within `radius` of the centre by the norm `linf` or `l1`.

    An l1 ball has 2^d faces, so it is refused beyond 10 inputs. Raises ShiftError.
    """
    if radius < 0:
        raise ShiftError(f"the radius {radius} is negative", "give a radius from 0 on")
    lower = tuple(x - radius for x in centre)
    upper = tuple(x + radius for x in centre)
    if norm == "linf":
        return Region(lower, upper)
    if norm != "l1":
        raise ShiftError(f"no norm is called {norm!r}", "use l1 or linf")
    if len(centre) > 10:
        raise ShiftError(f"an l1 ball of {len(centre)} inputs has too many faces")
    halves = []
    for bits in range(2 ** len(centre)):
        signs = [Fraction(1 if bits >> i & 1 else -1) for i in range(len(centre))]
        offset = sum((s * x for s, x in zip(signs, centre, strict=True)), radius)
        halves.append(Half(offset, tuple(-sign for sign in signs)))
    return Region(lower, upper, tuple(halves))


def enclose_points(points: Sequence[Point]) -> Region:
    """The smallest box around some points. Raises EmptyRegion when there are none."""
    if not points:
        raise EmptyRegion("no points, so no box around them")
    columns = list(zip(*points, strict=True))
    return Region(tuple(map(min, columns)), tuple(map(max, columns)))


def check_region(region: Region) -> Point:
    """A point of the region. Raises EmptyRegion where there is none."""
    simplex = Simplex()
    names = [simplex.variable() for _ in range(region.size)]
    number = 0
    conflict = None
    for name, low, high in zip(names, region.lower, region.upper, strict=True):
        for side, sign in ((low, 1), (high, -1)):
            if side is not None and conflict is None:
                pairs = {name: Fraction(sign)}
                conflict = simplex.assert_literal(number, ">=", pairs, -sign * side)
                number += 1
    for half in region.halves:
        pairs = {n: w for n, w in zip(names, half.weights, strict=True) if w}
        if not pairs:
            if half.constant < 0:
                raise EmptyRegion("the region is empty: a half-space holds nowhere")
            continue
        if conflict is None:
            conflict = simplex.assert_literal(number, ">=", pairs, half.constant)
            number += 1
    conflict = conflict or simplex.check()
    if conflict is not None:
        raise EmptyRegion(
            "the region is empty: its sides and half-spaces contradict each other"
        )
    return tuple(simplex.solution()[: region.size])
