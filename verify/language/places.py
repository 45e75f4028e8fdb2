"""Hulls, boxes and balls as formulas over a point.

    hull(D)           some weights from 0 on that sum to 1 give the point as a mean of D's
    box(D)            each coordinate lies between the least and the largest in D
    ball(c, linf, r)  each coordinate is within r of the centre's
    ball(c, l1, r)    the distances of the coordinates from the centre's sum to r at most

All of these are linear, so that a region stays a definition like any other: a point taken
from a hull brings its weights along, as further numbers with linear rows, and weights are
what shows that a point lies in one. On the line a hull is the interval from the least
point to the largest, and in the plane its corners are enough. A sum of distances is one
row for each choice of signs while these are few; beyond that the distances are numbers of
their own, which must exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from verify.kernel.terms import (
    REAL,
    Term,
    make_and,
    make_at_most,
    make_equal,
    make_exists,
    make_product,
    make_sum,
    make_variable,
)
from verify.language import sugar
from verify.language.expansion import raise_loose, replace_constants
from verify.language.families import ZERO, make_numeral
from verify.language.things import Region

HULL, BOX, BALL = "hull", "box", "ball"
SIGNED: Final = 4  # coordinates up to which an l1 ball is rows, one for each choice


class Around(NamedTuple):
    """The hull of some points, or the smallest box around them."""

    kind: str
    points: tuple[tuple[Fraction, ...], ...]

    @property
    def dimension(self) -> int:
        return len(self.points[0])

    @property
    def weights(self) -> int:
        """How many weights the formula asks for."""
        return 0 if self.kind == BOX or self.dimension == 1 else len(self.points)


class Ball(NamedTuple):
    """All points within a radius of a centre by a norm; its terms may be loose."""

    centre: tuple[Term, ...]
    norm: str
    radius: Term

    @property
    def dimension(self) -> int:
        return len(self.centre)

    def raised(self, by: int) -> Ball:
        """As it reads below `by` more quantifiers."""
        centre = tuple(raise_loose(term, by) for term in self.centre)
        return Ball(centre, self.norm, raise_loose(self.radius, by))


Place: TypeAlias = Around | Ball


def make_around(kind: str, points: Sequence[tuple[Fraction, ...]]) -> Around:
    """The hull or the box of points; those that make no difference are left out."""
    distinct = tuple(dict.fromkeys(points))
    if kind == HULL and len(points[0]) == 2:
        distinct = find_corners(distinct)
    return Around(kind, distinct)


def find_corners(
    points: Sequence[tuple[Fraction, ...]],
) -> tuple[tuple[Fraction, ...], ...]:
    """The corners of the hull of distinct points in the plane, anticlockwise from the
    leftmost: Andrew's monotone chain (1979), exactly."""
    ordered = sorted(points)
    if len(ordered) < 3:
        return tuple(ordered)
    chains: list[list[tuple[Fraction, ...]]] = []
    for side in (ordered, ordered[::-1]):
        chain: list[tuple[Fraction, ...]] = []
        for point in side:
            while len(chain) > 1 and not _turns_left(chain[-2], chain[-1], point):
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return (*chains[0], *chains[1])


def _turns_left(
    a: tuple[Fraction, ...], b: tuple[Fraction, ...], c: tuple[Fraction, ...]
) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])


def say_inside(place: Region | Place, point: Sequence[Term]) -> Term:
    """That a point lies in a region."""
    if isinstance(place, Region):
        definition = place.definition
        return replace_constants(
            definition.body, dict(zip(definition.parameters, point, strict=True))
        )
    if isinstance(place, Ball):
        return _say_near(place, point)
    if place.weights:
        return _say_mean(place, point)
    return make_and(*_between_all(place, point))


def _between_all(place: Around, point: Sequence[Term]) -> list[Term]:
    rows = []
    for x, column in zip(point, zip(*place.points, strict=True), strict=True):
        rows += _between(make_numeral(min(column)), x, make_numeral(max(column)))
    return rows


def _between(low: Term, value: Term, high: Term) -> list[Term]:
    return [make_at_most(low, value), make_at_most(value, high)]


def _say_mean(place: Around, point: Sequence[Term]) -> Term:
    """Weights with their sum and the means, and in which box all of these numbers lie,
    which follows, but searches begin with boxes."""
    count = place.weights
    one, outer = make_numeral(1), [raise_loose(x, count) for x in point]
    weights = [make_variable(index, REAL) for index in range(count - 1, -1, -1)]
    rows = [row for weight in weights for row in _between(ZERO, weight, one)]
    rows += _between_all(place, outer)
    rows.append(make_equal(make_sum(*weights), one))
    for x, column in zip(outer, zip(*place.points, strict=True), strict=True):
        rows.append(make_equal(x, _combine(zip(column, weights, strict=True))))
    return _some("w", count, make_and(*rows))


def _combine(pairs: Iterable[tuple[Fraction, Term]]) -> Term:
    """A sum of multiples, those with 0 left out."""
    parts = [
        weight if value == 1 else make_product(make_numeral(value), weight)
        for value, weight in pairs
        if value
    ]
    return make_sum(*parts) if parts else ZERO


def _some(name: str, count: int, body: Term) -> Term:
    """`exists` for as many numbers, the loose ones of the body."""
    for place in range(count, 0, -1):
        body = make_exists(f"{name}_{place}", REAL, body)
    return body


def _say_near(ball: Ball, point: Sequence[Term]) -> Term:
    steps = [
        make_sum(x, sugar.make_minus(c))
        for x, c in zip(point, ball.centre, strict=True)
    ]
    size = len(steps)
    low = sugar.make_minus(ball.radius)
    if ball.norm == "linf" or size == 1:
        return make_and(*(row for s in steps for row in _between(low, s, ball.radius)))
    if size <= SIGNED:
        sides = [(step, sugar.make_minus(step)) for step in steps]
        sums = (make_sum(*signed) for signed in product(*sides))
        return make_and(*(make_at_most(total, ball.radius) for total in sums))
    apart = [make_variable(index, REAL) for index in range(size - 1, -1, -1)]
    rows = [make_at_most(make_sum(*apart), raise_loose(ball.radius, size))]
    for step, most in zip(steps, apart, strict=True):
        rows += _between(sugar.make_minus(most), raise_loose(step, size), most)
    return _some("apart", size, make_and(*rows))
