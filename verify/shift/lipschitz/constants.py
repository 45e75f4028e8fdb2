"""Lipschitz constants of a network: over a region, or around each data point.

The distance of inputs is l1 or linf; of several outputs the one that changes most counts, so
changes are measured by linf. A constant is that of a convex region with an inside; inputs
that a region fixes take no part. A union has no constant of this kind, since pairs may lie
in different parts, and a flat hull would need the norm of another space.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import round_down, round_up
from verify.networks.network import Network
from verify.shift.lipschitz.steepest import Ground, Steepness, find_steepness
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.charts import Chart, make_chart
from verify.shift.pointwise.evidence import reaches_part
from verify.shift.pointwise.worst import Around, measure_steps
from verify.shift.questions import Effort
from verify.shift.regions import (
    Part,
    Point,
    Region,
    enclose_points,
    intersect,
    make_ball,
)
from verify.shift.transport.forking import run_forked

LEAST: Final = 4  # data points worth a second process
ZERO: Final = Fraction(0)


class Local(NamedTuple):
    """The constant around one data point, by number from 0."""

    sample: int
    found: Steepness


def find_lipschitz(
    network: Network, around: Around, points: Sequence[Point], effort: Effort
) -> Steepness:
    """The constant over the whole region; the data points are where the search begins.

    Raises ShiftError for a union, for a region without an inside, and for other units.
    """
    ground = make_ground(_only(around), points, None, around.norm)
    return find_steepness(
        network, ground, around.norm, time.monotonic() + effort.seconds
    )


def find_local(
    network: Network, around: Around, points: Sequence[Point], effort: Effort
) -> list[Local]:
    """The constant within `around.within` of each data point, which lie in the region.

    Raises as `find_lipschitz` does, and for a radius that is not above 0.
    """
    part = _only(around)
    if around.within is None or around.within <= 0:
        raise ShiftError(
            f"there is no pair of points within a radius of {around.within}",
            "give a radius above 0",
        )
    until = time.monotonic() + effort.seconds

    def work(number: int) -> Local:
        left = len(points) - number
        share = (until - time.monotonic()) * effort.processes / left
        ground = make_ground(part, [points[number]], around.within, around.norm)
        stop = time.monotonic() + max(0.2, share)
        return Local(number, find_steepness(network, ground, around.norm, stop))

    if effort.processes < 2 or len(points) < LEAST:
        return [work(number) for number in range(len(points))]
    return run_forked(work, len(points), effort.processes)


def plain_region(around: Around, point: Point) -> Region | None:
    """The bounded polytope of inputs that a constant is about; None where it is not
    stated by half-spaces of the inputs."""
    part = _only(around)
    chart = make_chart(part, point, around.within, around.norm)
    region = chart.region if chart.matrix is None else None
    return region if region is not None and region.is_bounded else None


def _only(around: Around) -> Part:
    if len(around.parts) != 1:
        raise ShiftError(
            "a union of regions has no one Lipschitz constant of this kind, as pairs of "
            "points may lie in different parts",
            "ask about each part, or about a region around them all",
        )
    return around.parts[0]


def make_ground(
    part: Part, starts: Sequence[Point], within: Fraction | None, norm: str
) -> Ground:
    """The region of a search; with `within`, cut to the ball around the first start."""
    first = starts[0]
    chart = make_chart(part, first, within, norm)
    box = part.region
    if part.hull:
        box = intersect(box, enclose_points(part.hull))
    if within is not None:
        around = make_ball(first, within, "linf")
        box = intersect(box, around)
    free = tuple(
        low is None or low != high
        for low, high in zip(box.lower, box.upper, strict=True)
    )
    if part.hull:
        _check_full(chart, free)

    def contains(point: Point) -> bool:
        if within is not None and measure_steps(norm, first, point) > within:
            return False
        return reaches_part(part, point)

    lower = np.array([-np.inf if x is None else round_down(x) for x in box.lower])
    upper = np.array([np.inf if x is None else round_up(x) for x in box.upper])
    return Ground(chart, lower, upper, free, contains, tuple(starts))


def _check_full(chart: Chart, free: Sequence[bool]) -> None:
    """Raises ShiftError for a hull that is flat in the inputs that vary."""
    matrix = chart.matrix or ()
    rows = [list(row) for row, varies in zip(matrix, free, strict=False) if varies]
    wanted, rank = len(rows), 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((k for k in range(rank, wanted) if rows[k][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for k in range(rank + 1, wanted):
            factor = rows[k][column] / rows[rank][column]
            if factor:
                rows[k] = [
                    a - factor * b for a, b in zip(rows[k], rows[rank], strict=True)
                ]
        rank += 1
        if rank == wanted:
            return
    if rank < wanted:
        raise ShiftError(
            "the hull of the data has no inside: it is flat", "use box, or more data"
        )
