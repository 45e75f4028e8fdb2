"""Enough units to give every point its own output: the least loss without a search.

Some direction tells distinct points apart. Along it a constant and m - 1 units run through
any m values (without a constant, m units do), so the outputs may be chosen point by point,
and the least loss is what points with equal inputs cost by their different targets. A dual
vector that sums to 0 over equal inputs proves it, whatever the units are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import count, pairwise

from verify.training.optima.duals import bound_of
from verify.training.optima.fits import Fit, Parameters, Unit, evaluate
from verify.training.optima.results import Optimum

Point = tuple[Fraction, ...]
Group = list[int]  # numbers of points with equal inputs


def find_easy_optimum(fit: Fit) -> Optimum | None:
    """The optimum of l1, linf or hinge where there is a unit for every distinct point (one
    fewer with a constant); None where there are fewer."""
    groups: dict[Point, Group] = {}
    for at, point in enumerate(fit.points):
        groups.setdefault(point, []).append(at)
    if fit.hidden < len(groups) - fit.constant:
        return None
    values = {point: _value(fit, group) for point, group in groups.items()}
    witness = interpolate(fit, values)
    loss = evaluate(fit, witness)
    dual = _dual(fit, list(groups.values()))
    if bound_of(fit, dual) != loss:
        return None
    return Optimum(loss, loss, witness, (dual,), "")


def _gap(fit: Fit, at: int) -> Fraction:
    return fit.targets[at] - fit.offsets[at]


def _value(fit: Fit, group: Group) -> Fraction:
    """What the network best adds to the offsets of these points."""
    gaps = sorted(_gap(fit, at) for at in group)
    match fit.loss:
        case "l1":
            return gaps[len(gaps) // 2]
        case "linf":
            return (gaps[0] + gaps[-1]) / 2
        case _:

            def hinge(value: Fraction) -> Fraction:
                return sum(
                    max(Fraction(0), 1 - fit.targets[at] * (fit.offsets[at] + value))
                    for at in group
                ) + Fraction(0)

            return min(gaps, key=hinge)


def _dual(fit: Fit, groups: Sequence[Group]) -> tuple[Fraction, ...]:
    """The best dual vector that sums to 0 over each group."""
    dual = [Fraction(0)] * len(fit.points)
    if fit.loss == "linf":
        spans = [sorted(group, key=lambda at: _gap(fit, at)) for group in groups]
        worst = max(spans, key=lambda span: _gap(fit, span[-1]) - _gap(fit, span[0]))
        dual[worst[-1]] += Fraction(1, 2)
        dual[worst[0]] -= Fraction(1, 2)
        return tuple(dual)
    for group in groups:
        order = sorted(group, key=lambda at: _gap(fit, at))
        low, high = order, order[::-1]
        if fit.loss == "hinge":
            low = [at for at in order if fit.targets[at] < 0]
            high = [at for at in order[::-1] if fit.targets[at] > 0]
        for under, over in zip(low, high, strict=False):
            if _gap(fit, over) <= _gap(fit, under):
                break
            dual[under], dual[over] = Fraction(-1), Fraction(1)
    return tuple(dual)


def interpolate(fit: Fit, values: dict[Point, Fraction]) -> Parameters:
    """Parameters whose outputs, offsets aside, are `values` at the points. Needs a unit for
    each value, or one fewer where the fit has a constant."""
    weights = _separating(list(values))
    places = {_along(weights, point): value for point, value in values.items()}
    order = sorted(places)
    constant = places[order[0]] if fit.constant else Fraction(0)
    knots = list(pairwise(order))
    if not fit.constant:
        knots.insert(0, (order[0] - 1, order[0]))
    units = []
    height, slope = constant, Fraction(0)
    for left, right in knots:
        wanted = (places[right] - height) / (right - left)
        units.append(_ramp(weights, left, wanted - slope))
        height, slope = places[right], wanted
    silent = _ramp(weights, Fraction(0), Fraction(0))
    return Parameters(constant, (*units, *[silent] * (fit.hidden - len(units))))


def _ramp(weights: Point, start: Fraction, change: Fraction) -> Unit:
    """change * relu(weights . x - start)."""
    size = abs(change)
    scaled = tuple(size * w for w in weights)
    return Unit(-1 if change < 0 else 1, scaled, -size * start)


def _separating(points: Sequence[Point]) -> Point:
    """Weights that no two of these distinct points share a product with: powers of a
    number, of which all but finitely many serve."""
    for base in count(1):
        weights = tuple(Fraction(base) ** k for k in range(len(points[0])))
        if len({_along(weights, point) for point in points}) == len(points):
            return weights
    raise ValueError("no weights tell the points apart")


def _along(weights: Point, point: Point) -> Fraction:
    return sum((w * x for w, x in zip(weights, point, strict=True)), Fraction(0))
