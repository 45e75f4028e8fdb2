"""Mass and multipliers: the linear programme that joins the data points.

Within Wasserstein distance e of the data each point's mass may be spread over places; the
mean distance is at most e, and the mean loss is to be the largest. With the concave hull of
each point's places this is a fractional knapsack: edges are taken in order of slope. The
slope of the last edge is the multiplier of the dual, rate * e + mean of the responses.
Weak duality makes every multiplier sound; for this one both sides meet. (Mohajerin Esfahani
and Kuhn 2018; Blanchet and Murthy 2019.)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.shift.transport.asks import Place
from verify.shift.transport.frontiers import Edge, find_edges

ZERO = Fraction(0)


class Share(NamedTuple):
    """Mass of a data point, by number from 0, at a place."""

    sample: int
    mass: Fraction
    place: Place


class Break(NamedTuple):
    """A point of the curve, and the slope behind it."""

    budget: Fraction
    risk: Fraction
    slope: Fraction


class Primal(NamedTuple):
    """The best plan from known places: its risk, its cost, and the multiplier."""

    risk: Fraction
    cost: Fraction
    rate: Fraction
    plan: tuple[Share, ...]


class _Step(NamedTuple):
    slope: Fraction
    sample: int
    edge: Edge


def _steps(hulls: Sequence[tuple[Place, ...]]) -> list[_Step]:
    found = [
        _Step(edge.slope, sample, edge)
        for sample, hull in enumerate(hulls)
        for edge in find_edges(hull)
    ]
    found.sort(key=lambda step: (-step.slope, step.sample))
    return found


def find_curve(
    hulls: Sequence[tuple[Place, ...]], weights: Sequence[Fraction]
) -> tuple[Break, ...]:
    """Every breakpoint of the largest risk over the budget, from 0 on."""
    pairs = zip(hulls, weights, strict=True)
    budget, risk = ZERO, sum((hull[0].loss * w for hull, w in pairs), ZERO)
    found: list[Break] = []
    for step in _steps(hulls):
        weight = weights[step.sample]
        if not weight:
            continue
        if not found or found[-1].slope != step.slope:
            found.append(Break(budget, risk, step.slope))
        budget += weight * (step.edge.end.distance - step.edge.start.distance)
        risk += weight * (step.edge.end.loss - step.edge.start.loss)
    return (*found, Break(budget, risk, ZERO))


def find_plan(
    hulls: Sequence[tuple[Place, ...]], weights: Sequence[Fraction], budget: Fraction
) -> Primal:
    """The best plan within a budget, exactly."""
    at = [0] * len(hulls)
    left, rate = budget, ZERO
    split: tuple[int, Fraction] | None = None
    for step in _steps(hulls):
        weight = weights[step.sample]
        cost = weight * (step.edge.end.distance - step.edge.start.distance)
        if not weight:
            continue
        if cost > left:
            rate = step.slope
            split = step.sample, left / cost
            left = ZERO
            break
        left -= cost
        at[step.sample] += 1
    shares = []
    for sample, (hull, weight) in enumerate(zip(hulls, weights, strict=True)):
        place = hull[at[sample]]
        if split is not None and split[0] == sample and split[1]:
            moved = weight * split[1]
            shares.append(Share(sample, weight - moved, place))
            shares.append(Share(sample, moved, hull[at[sample] + 1]))
        elif weight:
            shares.append(Share(sample, weight, place))
    risk = sum((share.mass * share.place.loss for share in shares), ZERO)
    return Primal(risk, budget - left, rate, tuple(shares))


def bound_risk(
    responses: Sequence[Fraction],
    weights: Sequence[Fraction],
    budget: Fraction,
    rate: Fraction,
) -> Fraction:
    """rate * budget + the mean of the responses' bounds: no distribution in the ball has
    more risk, whatever the rate from 0 on."""
    pairs = zip(responses, weights, strict=True)
    return rate * budget + sum((v * w for v, w in pairs), ZERO)
