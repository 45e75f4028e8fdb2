"""Inputs that wake a unit: data points first, then a few inputs moved, then samples.

What is found is to be read by a person, so a data point that wakes the unit when it is
moved into the region comes first, then one with as few inputs moved as steps of the
greedy kind need; only then samples, and steps along the signs of gradients. An input
counts once exact arithmetic finds every row met there, and float32 numbers are preferred.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.falsify import gradient
from verify.networks.boxes.rounding import round_down
from verify.networks.float32 import singles
from verify.networks.network import RELU, Activation, Floats
from verify.networks.query import Case, Query
from verify.networks.values import exact, floats

STARTS: Final = 400  # data points and samples from which an input is looked for
NUDGED: Final = 50  # data points of which single inputs are moved
STEPS: Final = 40
SHORT: Final = (0, 1, 2, 4)  # bits behind the point of a number that is tried
TRIED: Final = 8  # of the best inputs, in exact arithmetic
MANY: Final = 50  # cases from which only single points are tried here


class Waking(NamedTuple):
    """An input in a case at which all its rows hold; `single`: of float32 numbers."""

    case: int
    point: tuple[Fraction, ...]
    single: bool


def find_waking(query: Query, starts: Floats) -> Waking | None:
    """An input that meets a case of the query, near one of the points (n, inputs)."""
    random = np.random.default_rng(0)
    for number, case in enumerate(query.cases):
        if case.lower == case.upper:
            point = np.array([[round_down(x) for x in case.lower]])
            found = _try_best(query, number, point)
        elif len(query.cases) > MANY:
            continue
        else:
            found = _explore(query, number, starts, random)
        if found is not None:
            return found if len(query.cases) > MANY else _tidy(query, found, starts)
    return None


def _tidy(query: Query, found: Waking, starts: Floats) -> Waking:
    """The input with as much as possible taken back to the nearest data point, the rest
    made short: what is left is what it takes."""
    case = query.cases[found.case]
    place = np.array([float(x) for x in found.point])
    inside = np.clip(
        starts,
        [round_down(x) for x in case.lower],
        [round_down(x) for x in case.upper],
    )
    if not len(inside):
        return found
    near = inside[(inside != place).sum(1).argmin()]
    point = list(found.point)
    for column in np.argsort(np.abs(place - near), kind="stable").tolist():
        options = [Fraction(float(near[column]))]
        options += [Fraction(round(point[column] * 2**b), 2**b) for b in SHORT]
        for value in options:
            single = singles.nearest_between(
                value, case.lower[column], case.upper[column]
            )
            if single is None:
                continue
            if point[column] == Fraction(float(single)):
                break
            tried = [*point]
            tried[column] = Fraction(float(single))
            if _holds(query, case, tuple(tried)):
                point = tried
                break
    return found._replace(point=tuple(point))


def _explore(
    query: Query, number: int, starts: Floats, random: np.random.Generator
) -> Waking | None:
    case = query.cases[number]
    lower = np.array([round_down(x) for x in case.lower])
    upper = np.array([round_down(x) for x in case.upper])
    points = np.clip(starts[:STARTS], lower, upper)
    found = _try_best(query, number, points)
    for plain in (False, True):
        if found is None:
            found = _nudge(query, number, points[:NUDGED], lower, upper, plain)
    if found is not None:
        return found
    samples = lower + (upper - lower) * random.random((STARTS, len(lower)))
    found = _try_best(query, number, samples)
    return found or _climb(
        query, number, np.concatenate([points, samples]), lower, upper
    )


def _slope(query: Query, number: int, points: Floats, *, plain: bool) -> Floats:
    """The gradient of what is to be above 0; `plain`: as if every relu were active."""
    output, sign = query.cases[number].rows[-1].outputs[0]
    wanted = np.zeros((len(points), query.network.outputs))
    wanted[:, output] = float(sign)
    with np.errstate(all="ignore"):
        layers = floats.evaluate_layers(query.network, points)
        if plain:
            layers = tuple(
                np.ones_like(values)
                if isinstance(layer, Activation) and layer.kind == RELU
                else values
                for layer, values in zip(query.network.layers, layers, strict=True)
            )
        made: Floats = gradient(query.network, layers, wanted)
    return made


def _nudge(
    query: Query,
    number: int,
    points: Floats,
    lower: Floats,
    upper: Floats,
    plain: bool,
) -> Waking | None:
    """A point with few inputs moved to an end of the box, the most telling ones first."""
    slope = _slope(query, number, points, plain=plain)
    ends = np.where(slope > 0, upper, lower)
    order = np.argsort(-np.abs(slope) * np.abs(ends - points), axis=1, kind="stable")
    moved = points.copy()
    rows = np.arange(len(points))
    for column in order.T:
        moved[rows, column] = ends[rows, column]
        found = _try_best(query, number, moved)
        if found is not None:
            return found
    return None


def _climb(
    query: Query, number: int, points: Floats, lower: Floats, upper: Floats
) -> Waking | None:
    """Steps along the signs of gradients, in shares of the box's sides."""
    for step in range(STEPS):
        slope = _slope(query, number, points, plain=False)
        length = 0.5 * 0.9**step
        points = np.clip(
            points + length * (upper - lower) * np.sign(slope), lower, upper
        )
        found = _try_best(query, number, points)
        if found is not None:
            return found
    return None


def _try_best(query: Query, number: int, points: Floats) -> Waking | None:
    """Of the points where the unit acts most and every row holds, one that does exactly."""
    case = query.cases[number]
    output, sign = case.rows[-1].outputs[0]
    with np.errstate(all="ignore"):
        values = float(sign) * floats.evaluate(query.network, points)[:, output]
    order = np.argsort(-values, kind="stable")[:TRIED]
    for place in order:
        if not values[place] > 0:
            break
        near = tuple(
            min(max(Fraction(float(x)), low), high)
            for x, low, high in zip(points[place], case.lower, case.upper, strict=True)
        )
        single = singles.nearest_point(near, case.lower, case.upper)
        if single is not None and _holds(query, case, singles.exact(single)):
            return Waking(number, singles.exact(single), True)
        if _holds(query, case, near):
            return Waking(number, near, False)
    return None


def _holds(query: Query, case: Case, point: tuple[Fraction, ...]) -> bool:
    return exact.holds(case, point, exact.enclose(query.network, point))
