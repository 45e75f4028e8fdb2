"""Places around one data point as a box of numbers, and the network in those numbers.

A ball in l1 has 2^d faces and a hull of points has more, but both are simple in numbers of
their own: z = x + up - down with up, down >= 0 and a bounded sum, or z = a weighted mean of
points with weights >= 0 that sum to 1. So what is asked about all z is asked about all such
numbers of the network with one affine layer in front. That is the same question exactly,
and the kernel sees an ordinary network over an ordinary polytope.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.regions import (
    Half,
    Part,
    Point,
    Region,
    check_region,
    intersect,
    make_ball,
)

FACES: Final = 3  # inputs up to which an l1 ball is cut out by its faces
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Chart(NamedTuple):
    """Places `offset + matrix * v` for v in `region`; the matrix is (inputs, numbers), and
    None where the numbers are the inputs themselves. `start` is a v."""

    region: Region
    start: Point
    matrix: tuple[tuple[Fraction, ...], ...] | None = None
    offset: Point = ()

    def place(self, numbers: Sequence[Fraction]) -> Point:
        """The point of the inputs that these numbers stand for."""
        if self.matrix is None:
            return tuple(numbers)
        return tuple(
            b + sum((a * v for a, v in zip(row, numbers, strict=True)), ZERO)
            for row, b in zip(self.matrix, self.offset, strict=True)
        )


def make_chart(part: Part, point: Point, within: Fraction | None, norm: str) -> Chart:
    """The places of a part within that distance of a data point (None: all of it).

    Raises EmptyRegion where there are none, ShiftError for what cannot be had.
    """
    region = part.region
    if part.hull:
        if within is not None:
            region = intersect(region, make_ball(point, within, norm))
        return _chart_hull(region, part.hull, point)
    if within is None:
        return _plain(region, point)
    if norm == "l1" and region.size > FACES:
        return _chart_ball(region, point, within)
    return _plain(intersect(region, make_ball(point, within, norm)), point)


def _plain(region: Region, point: Point) -> Chart:
    start = point if region.contains(point) else check_region(region)
    return Chart(region, start)


def _chart_ball(region: Region, point: Point, within: Fraction) -> Chart:
    """Steps up, then steps down, one an input each; together at most `within`."""
    if within < 0:
        raise ShiftError(f"the radius {within} is negative", "give a radius from 0 on")
    size = len(point)
    lower, upper = [ZERO] * (2 * size), [within] * (2 * size)
    for j, (x, low, high) in enumerate(
        zip(point, region.lower, region.upper, strict=True)
    ):
        if high is not None:
            upper[j] = max(ZERO, min(within, high - x))
            lower[size + j] = max(ZERO, x - high)
        if low is not None:
            upper[size + j] = max(ZERO, min(within, x - low))
            lower[j] = max(ZERO, low - x)
    matrix = tuple(
        tuple(Fraction((k == j) - (k == size + j)) for k in range(2 * size))
        for j in range(size)
    )
    total = Half(within, (-ONE,) * (2 * size))
    halves = _pull_back(region.halves, matrix, point)
    moved = Region(tuple(lower), tuple(upper), (total, *halves))
    start = tuple(lower)
    return Chart(
        moved,
        start if moved.contains(start) else check_region(moved),
        matrix,
        point,
    )


def _chart_hull(region: Region, hull: Sequence[Point], point: Point) -> Chart:
    """Weights of all points but the first, which has the rest."""
    points = list(dict.fromkeys(hull))
    first, others = points[0], points[1:]
    if not others:
        if not region.contains(first):
            raise EmptyRegion(
                "the region is empty: the one point of the hull is not in it"
            )
        return Chart(region._replace(lower=first, upper=first), first)
    matrix = tuple(
        tuple(other[j] - start for other in others) for j, start in enumerate(first)
    )
    sides = []
    for j in range(region.size):
        column = [p[j] for p in points]
        low, high = region.lower[j], region.upper[j]
        unit = tuple(Fraction(k == j) for k in range(region.size))
        if low is not None and min(column) < low:
            sides.append(Half(-low, unit))
        if high is not None and max(column) > high:
            sides.append(Half(high, tuple(-x for x in unit)))
    count = len(others)
    rest = Half(ONE, (-ONE,) * count)
    halves = _pull_back((*sides, *region.halves), matrix, first)
    moved = Region((ZERO,) * count, (ONE,) * count, (rest, *halves))
    start = tuple(Fraction(other == point) for other in others)
    if not moved.contains(start):
        start = check_region(moved)
    return Chart(moved, start, matrix, first)


def _pull_back(
    halves: Sequence[Half], matrix: Sequence[Sequence[Fraction]], offset: Point
) -> tuple[Half, ...]:
    """Half-spaces of the inputs as half-spaces of the numbers."""
    found = []
    for half in halves:
        weights = tuple(
            sum((w * a for w, a in zip(half.weights, column, strict=True)), ZERO)
            for column in zip(*matrix, strict=True)
        )
        found.append(Half(half.value(offset), weights))
    return tuple(found)


def compose(network: Network, chart: Chart) -> Network:
    """The network as a function of the chart's numbers."""
    if chart.matrix is None:
        return network
    flat = [x for row in chart.matrix for x in row]
    width = len(chart.matrix[0])
    shape = (len(chart.matrix), width)
    first = Affine(
        (0,), (make_numbers(flat, shape),), make_numbers(chart.offset, (-1,))
    )
    layers: list[Input | Affine | Activation] = [Input(width), first]
    for layer in network.layers[1:]:
        if isinstance(layer, Affine):
            sources = tuple(source + 1 for source in layer.sources)
            layers.append(layer._replace(sources=sources))
        elif isinstance(layer, Activation):
            layers.append(layer._replace(source=layer.source + 1))
        else:
            raise ShiftError("a network with two inputs", "join them into one")
    return Network(tuple(layers), network.output + 1)


def make_numbers(values: Sequence[Fraction], shape: tuple[int, ...]) -> Numbers:
    """Exact numbers as an array of that shape."""
    floats = np.array([float(x) for x in values]).reshape(shape)
    same = all(Fraction(float(x)) == x for x in values)
    return Numbers(floats, None if same else tuple(values))
