"""A unit that lowers the loss wherever the loss has a slope: a construction, not a search.

One hidden layer, a loss that is a differentiable function of the outputs, slopes r_i at the
points (for the squared loss r_i = y_i - f(x_i), up to a factor). Points with the same input
count together. If some sum is not 0, project on a direction that tells the different inputs
apart; let p_k be the last projection whose sum is not 0, and put a hinge between it and the
one before: relu(p - b) is 0 on all before, and those after have sum 0, so its product with
the slopes is r_k*(p_k - b), not 0. That is the triangular argument for the functions
relu(p - b) spanning everything. A small multiple of the unit then lowers the loss, and for
the squared loss the best multiple by exactly <r, u>^2 / <u, u>. Hinges at all projections,
to either side, are tried in a few directions, for the largest such drop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count
from math import lcm
from operator import mul
from random import Random
from typing import Final, NamedTuple

DIRECTIONS: Final = 12
SPAN: Final = 8  # of the entries of a direction
Point = tuple[Fraction, ...]
Direction = tuple[int, ...]


class Hinge(NamedTuple):
    """relu(weights . x + bias), with its product with the slopes and with itself."""

    weights: Point
    bias: Fraction
    product: Fraction
    square: Fraction

    @property
    def drop(self) -> Fraction:
        """What the best multiple takes from the sum of squares whose residual it meets."""
        return self.product * self.product / self.square


class ReplacementUnit(NamedTuple):
    """outgoing * relu(weights . x + bias) lowers the squared loss by exactly `drop`."""

    weights: Point
    bias: Fraction
    outgoing: Fraction
    drop: Fraction


def find_replacement_unit(
    points: Sequence[Point], residual: Sequence[Fraction], *, seed: int = 0
) -> ReplacementUnit | None:
    """A unit to add to the outputs, for residuals target - output.

    None exactly where the residuals of equal inputs add up to 0, for every input: then no
    function of the inputs lowers the squared loss. Raises ValueError for no points.
    """
    hinge = find_hinge(points, residual, seed=seed)
    if hinge is None:
        return None
    outgoing = hinge.product / hinge.square
    return ReplacementUnit(hinge.weights, hinge.bias, outgoing, hinge.drop)


def find_hinge(
    points: Sequence[Point], slopes: Sequence[Fraction], *, seed: int = 0
) -> Hinge | None:
    """A unit whose product with the slopes is not 0, the square of the product large for
    its length; None where the slopes of equal inputs add up to 0. Raises ValueError."""
    if not points or len(points) != len(slopes):
        raise ValueError(
            f"{len(points)} points and {len(slopes)} numbers: give as many"
        )
    if not points[0]:
        raise ValueError("the points have no inputs")
    sums: dict[Point, Fraction] = {}
    for point, slope in zip(points, slopes, strict=True):
        sums[point] = sums.get(point, Fraction(0)) + slope
    if not any(sums.values()):
        return None
    scale = lcm(*(number.denominator for number in sums.values()))
    unit = lcm(*(number.denominator for point in sums for number in point))
    times = Counter(points)
    known = [
        Place(
            tuple(int(number * unit) for number in point),
            int(slope * scale),
            times[point],
        )
        for point, slope in sums.items()
    ]
    hinges = (
        (turned, found)
        for direction in _list_directions([place.point for place in known], seed)
        for turned in (direction, tuple(-number for number in direction))
        for found in _scan(turned, known)
    )
    best = next(hinges)  # there is one, by the construction
    for hinge in hinges:
        if _is_better(hinge[1], best[1]):
            best = hinge
    direction, found = best
    return Hinge(
        tuple(map(Fraction, direction)),
        Fraction(found.bias, unit),
        Fraction(found.product, unit * scale),
        Fraction(found.square, unit * unit),
    )


class Place(NamedTuple):
    """A distinct input, the sum of slopes there, and how often it occurs."""

    point: tuple[int, ...]
    slope: int
    times: int


class Scanned(NamedTuple):
    """A hinge along a direction, with its product with the slopes and with itself."""

    bias: int
    product: int
    square: int


def _is_better(one: Scanned, other: Scanned) -> bool:
    return one.product**2 * other.square > other.product**2 * one.square


def find_direction(points: Sequence[tuple[int, ...]], seed: int = 0) -> Direction:
    """Whole numbers whose products with these distinct points are distinct."""
    return next(_list_directions(points, seed))


def _list_directions(
    points: Sequence[tuple[int, ...]], seed: int
) -> Iterator[Direction]:
    """Some directions that tell the points apart, at least one.

    Random ones first. Then powers of a base: two points have equal products for as many
    bases as a polynomial has roots, so some base serves.
    """
    random = Random(seed)
    width = len(points[0])
    if width == 1:
        yield (1,)
        return
    found = 0
    for span in [SPAN] * DIRECTIONS + [SPAN**3] * DIRECTIONS:
        direction = tuple(random.randint(-span, span) for _ in range(width))
        if found < DIRECTIONS and _tells_apart(direction, points):
            found += 1
            yield direction
    if not found:
        powers = (tuple(base**power for power in range(width)) for base in count(1))
        yield next(powers_of for powers_of in powers if _tells_apart(powers_of, points))


def _tells_apart(direction: Direction, points: Sequence[tuple[int, ...]]) -> bool:
    return len({sum(map(mul, direction, point)) for point in points}) == len(points)


def _scan(direction: Direction, known: Sequence[Place]) -> Iterator[Scanned]:
    """Hinges at each projection but the last, and one before all of them, from the end.

    With sums of slope and of slope * p over all places beyond b, the product with the
    slopes is the second less b times the first; the square likewise.
    """
    places = [
        (sum(map(mul, direction, point)), slope, many) for point, slope, many in known
    ]
    places.sort(reverse=True)
    hinges = [place for place, _, _ in places[1:]] + [places[-1][0] - 1]
    slope_sum = slope_moment = count_sum = count_moment = count_second = 0
    for (place, slope, many), b in zip(places, hinges, strict=True):
        slope_sum += slope
        slope_moment += slope * place
        count_sum += many
        count_moment += many * place
        count_second += many * place * place
        product = slope_moment - b * slope_sum
        if product:
            square = count_second - 2 * b * count_moment + b * b * count_sum
            yield Scanned(-b, product, square)
