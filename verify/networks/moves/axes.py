"""The box of a query seen from its middle: what varies, and boxes along some half axes.

A learned shift is a box in which few inputs vary: the latent inputs of a generator, while
the image it starts from is pinned. What its size means is read from its middle: an input
may move up or down by its radius, and a point lies at the largest part of a radius by
which any input has moved. Boxes grow with that part, so a property that holds within a
part holds within every smaller one; this is what makes halving the parts between meaningful.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.networks.query import Case, Query

ZERO = Fraction(0)


class NoRegion(ValueError):
    """Why a query has no one box to measure moves in: a sentence without its full stop."""


class Axis(NamedTuple):
    """One way for one input to move: `up` or down."""

    input: int
    up: bool


class Region(NamedTuple):
    """The middle of a box, and by how much each input may move from it (0: pinned)."""

    middle: tuple[Fraction, ...]
    radius: tuple[Fraction, ...]

    @property
    def varying(self) -> tuple[int, ...]:
        """The inputs that are not pinned."""
        return tuple(index for index, size in enumerate(self.radius) if size)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Every way to move."""
        return tuple(Axis(index, up) for index in self.varying for up in (True, False))

    def part(self, index: int, value: Fraction) -> Fraction:
        """By which part of its radius an input has moved; negative: down."""
        return (value - self.middle[index]) / self.radius[index]

    def reach(self, point: Sequence[Fraction]) -> Fraction:
        """The largest part by which an input of the point has moved."""
        moved = (abs(self.part(index, point[index])) for index in self.varying)
        return max(moved, default=ZERO)

    def axes_of(self, point: Sequence[Fraction]) -> tuple[Axis, ...]:
        """The ways in which the point has moved."""
        return tuple(
            Axis(index, point[index] > self.middle[index])
            for index in self.varying
            if point[index] != self.middle[index]
        )


def make_region(case: Case) -> Region:
    """The box of a case; a crossed one has radii below 0 and is the caller's to exclude."""
    ends = list(zip(case.lower, case.upper, strict=True))
    return Region(
        tuple((low + high) / 2 for low, high in ends),
        tuple((high - low) / 2 for low, high in ends),
    )


def find_varying(query: Query) -> tuple[int, ...]:
    """The inputs that vary in every case where each of the others is pinned in every case.

    Empty when there are none of one kind, or the cases differ.
    """
    found: tuple[int, ...] | None = None
    seen: tuple[object, object] | None = None
    for case in query.cases:
        if seen is not None and case.lower is seen[0] and case.upper is seen[1]:
            continue  # cases of one box share its tuples
        seen = case.lower, case.upper
        ends = enumerate(zip(case.lower, case.upper, strict=True))
        varying = tuple(index for index, (low, high) in ends if low != high)
        if len(varying) == len(case.lower) or found not in (None, varying):
            return ()
        found = varying
    return found or ()


def find_region(query: Query) -> Region:
    """The one box that every case of the query has. Raises NoRegion."""
    boxes = {(case.lower, case.upper) for case in query.cases}
    if len(boxes) != 1:
        raise NoRegion(f"the cases have {len(boxes)} different regions, not one")
    if any(not row.outputs for case in query.cases for row in case.rows):
        raise NoRegion(
            "its region is cut by inequalities over inputs, or has an open end, so it is "
            "not a box around its middle"
        )
    region = make_region(query.cases[0])
    if min(region.radius, default=ZERO) < 0:
        raise NoRegion("no input is in question")
    if not region.varying:
        raise NoRegion("every input is pinned")
    return region


def make_moved(
    query: Query, region: Region, axes: Sequence[Axis], part: Fraction
) -> Query:
    """The query about points that move along these axes only, by up to this part."""
    lower, upper = list(region.middle), list(region.middle)
    for index, up in axes:
        if up:
            upper[index] += part * region.radius[index]
        else:
            lower[index] -= part * region.radius[index]
    box = tuple(lower), tuple(upper)
    return query._replace(cases=tuple(Case(*box, case.rows) for case in query.cases))
