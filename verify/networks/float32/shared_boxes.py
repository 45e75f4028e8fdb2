"""Cases that share a box: what depends on the box alone is computed once.

A property such as "the class does not change" has one case for each other class, all of
them over the same images.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.networks.query import Case, Query

Point = tuple[Fraction, ...]


class SharedBox(NamedTuple):
    """A box that is not empty, and the numbers of the cases that have it."""

    lower: Point
    upper: Point
    cases: tuple[int, ...]

    @property
    def case(self) -> Case:
        """The box as a case without rows."""
        return Case(self.lower, self.upper, ())


def shared_boxes(query: Query) -> tuple[SharedBox, ...]:
    """The different boxes of the query's cases, in order, empty ones left out."""
    found: dict[tuple[Point, Point], list[int]] = {}
    for number, case in enumerate(query.cases):
        found.setdefault((case.lower, case.upper), []).append(number)
    return tuple(
        SharedBox(lower, upper, tuple(numbers))
        for (lower, upper), numbers in found.items()
        if all(low <= high for low, high in zip(lower, upper, strict=True))
    )
