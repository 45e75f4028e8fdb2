"""Data as a distribution: points with targets, exact weights that sum to 1, and groups."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.shift.mistakes import ShiftError
from verify.shift.regions import Point, Region


class Sample(NamedTuple):
    """A data point: what is seen, what it should give, its mass, and its group."""

    point: Point
    target: tuple[Fraction, ...]
    weight: Fraction
    group: str = ""


def make_samples(
    points: Sequence[Point],
    targets: Sequence[tuple[Fraction, ...]],
    weights: Sequence[Fraction] | None = None,
    groups: Sequence[str] | None = None,
) -> tuple[Sample, ...]:
    """Samples with weights scaled to sum to 1, uniform unless given.

    Raises ShiftError for no data, sizes that differ, and weights that are negative or
    sum to 0.
    """
    count = len(points)
    if not count:
        raise ShiftError("the data set is empty", "give at least one data point")
    given = list(weights) if weights is not None else [Fraction(1)] * count
    named = list(groups) if groups is not None else [""] * count
    if {len(targets), len(given), len(named)} != {count}:
        raise ShiftError("points, targets, weights and groups differ in number")
    for row, weight in enumerate(given, 1):
        if weight < 0:
            raise ShiftError(f"the weight of data point {row} is {weight}, below 0")
    total = sum(given, Fraction(0))
    if total == 0:
        raise ShiftError("all weights are 0", "give some data point a positive weight")
    rows = zip(points, targets, given, named, strict=True)
    return tuple(Sample(p, t, w / total, g) for p, t, w, g in rows)


def check_inside(samples: Sequence[Sample], region: Region) -> None:
    """Raises ShiftError naming the first data point that is not in the region."""
    for row, sample in enumerate(samples, 1):
        if len(sample.point) != region.size:
            raise ShiftError(
                f"data point {row} has {len(sample.point)} numbers, the region "
                f"{region.size}"
            )
        if not region.contains(sample.point):
            shown = ", ".join(map(str, sample.point[:6]))
            raise ShiftError(
                f"data point {row} ({shown}) lies outside the region, in which mass is "
                "moved",
                "widen the region, or leave that point out",
            )
