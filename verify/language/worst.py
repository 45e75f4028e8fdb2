"""The worst mean loss over a ball of distributions, as a formula over finitely many numbers.

With shares p_i of the points and losses l_i the balls are

    tv(e)             q_i >= 0, sum q_i = 1, sum |q_i - p_i| <= 2 e
    subpopulation(a)  q_i >= 0, sum q_i = 1, a q_i <= p_i
    mixture           shares m_g of the groups, and the mean loss within each
    region(R)         point i lies at any x_i in R
    wasserstein(e, R) the share of point i goes to two places in R, p_i a_i to u_i and the
                      rest to w_i, and the sum of shares times distances is at most e

Two places a point are enough for the last: what point i can gain with a cost of its own is
the upper boundary of the convex hull of a set in the plane (cost, loss), where every point
lies on a segment between two of the set (Caratheodory). Labels stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term
from verify.language import sugar
from verify.language.expansion import bind_constants, replace_constants
from verify.language.families import ZERO, make_numeral, make_parameter
from verify.language.losses import make_largest, make_mean, make_point_loss
from verify.language.quantities import Ball
from verify.language.subjects import MAX_PARAMETERS, Measured
from verify.language.things import Data, Region

ONE: Final = make_numeral(1)


class Chosen(NamedTuple):
    """A ball with the things that it names."""

    ball: Ball
    region: Region | None = None
    groups: tuple[Data, ...] = ()


class Worst(NamedTuple):
    """What a supremum is over: the numbers, what they fulfil, and what is largest."""

    parameters: tuple[Symbol, ...]
    condition: Term | None
    value: Term


def split_groups(data: Data) -> tuple[Data, ...]:
    """The data of each group, in order of appearance; those without weight left out."""
    out = []
    for group in dict.fromkeys(data.groups):
        rows = [place for place, name in enumerate(data.groups) if name == group]
        weights = tuple(data.weights[place] for place in rows) if data.weights else ()
        if weights and not any(weights):
            continue
        out.append(
            data._replace(
                inputs=tuple(data.inputs[place] for place in rows),
                targets=tuple(data.targets[place] for place in rows),
                weights=weights,
                groups=(),
            )
        )
    return tuple(out)


def close_worst(worst: Worst) -> Term:
    """`forall v. forall parameters. condition implies value <= v`."""
    bound = make_parameter("v")
    body = terms.make_at_most(worst.value, terms.constant(bound))
    if worst.condition is not None:
        body = terms.make_implies(worst.condition, body)
    return bind_constants("forall", (bound, *worst.parameters), body)


def make_worst(chosen: Chosen, measured: Measured) -> Worst:
    """What a ball is, in numbers. Raises Rejected where it is too large."""
    data = measured.data
    counts = {
        "mixture": 1,
        "region": data.dimension,
        "wasserstein": 2 * data.dimension + 1,
    }
    each = counts.get(chosen.ball.kind, 1)
    points = len(chosen.groups) if chosen.ball.kind == "mixture" else len(data.inputs)
    if points * each > MAX_PARAMETERS:
        raise Rejected(f"at most {MAX_PARAMETERS} parameters", str(points * each))
    match chosen.ball.kind:
        case "tv" | "subpopulation":
            return _reweighted(chosen.ball, measured)
        case "mixture":
            return _mixed(chosen.groups, measured)
        case _:
            return _moved(chosen, measured)


def _loss_at(measured: Measured, place: int, point: Sequence[Term]) -> Term:
    outputs = measured.subject.apply(point)
    return make_point_loss(measured.loss, outputs, measured.data.targets[place])


def _weighted(
    names: str, losses: Sequence[Term]
) -> tuple[list[Symbol], Term, list[Term]]:
    """Shares that sum to 1: their names, the mean of the losses, and what they fulfil."""
    symbols = [make_parameter(f"{names}{i}") for i in range(1, len(losses) + 1)]
    shares = [terms.constant(symbol) for symbol in symbols]
    value = terms.make_sum(*map(terms.make_product, shares, losses))
    parts = [terms.make_at_most(ZERO, share) for share in shares]
    return symbols, value, [*parts, terms.make_equal(terms.make_sum(*shares), ONE)]


def _reweighted(ball: Ball, measured: Measured) -> Worst:
    """tv and subpopulation: the points stay, their shares change."""
    data = measured.data
    losses = [
        _loss_at(measured, place, [make_numeral(x) for x in point])
        for place, point in enumerate(data.inputs)
    ]
    symbols, value, parts = _weighted("q", losses)
    pairs = list(zip(map(terms.constant, symbols), data.shares, strict=True))
    if ball.kind == "tv":
        moved = [
            sugar.make_absolute(terms.make_sum(q, make_numeral(-p)) if p else q)
            for q, p in pairs
        ]
        most = make_numeral(2 * ball.budget)
        parts.append(terms.make_at_most(terms.make_sum(*moved), most))
    else:
        parts += [
            terms.make_at_most(q, make_numeral(p / ball.budget)) for q, p in pairs
        ]
    return Worst(tuple(symbols), terms.make_and(*parts), value)


def _mixed(groups: Sequence[Data], measured: Measured) -> Worst:
    of_groups = [measured._replace(data=group) for group in groups]
    risks = [make_mean(one.loss, one.data, one.outputs) for one in of_groups]
    symbols, value, parts = _weighted("m", risks)
    return Worst(tuple(symbols), terms.make_and(*parts), value)


def make_inside(region: Region, point: Sequence[Term]) -> Term:
    """What a region says of a point."""
    definition = region.definition
    replaced = dict(zip(definition.parameters, point, strict=True))
    return replace_constants(definition.body, replaced)


def _moved(chosen: Chosen, measured: Measured) -> Worst:
    """region and wasserstein: the points move."""
    ball, region = chosen.ball, chosen.region
    if region is None:
        raise Rejected("a region", ball.kind)
    data = measured.data
    symbols: list[Symbol] = []

    def place_of(name: str, number: int) -> list[Term]:
        """A new point."""
        single = data.dimension == 1
        names = [
            f"{name}{number}" if single else f"{name}{number}_{i}"
            for i in range(1, data.dimension + 1)
        ]
        symbols.extend(map(make_parameter, names))
        return [terms.constant(symbol) for symbol in symbols[-data.dimension :]]

    values, costs, conditions = [], [], []
    for number, share in enumerate(data.shares, 1):
        if not share:
            continue
        weight = make_numeral(share)
        if ball.kind == "region":
            point = place_of("x", number)
            conditions.append(make_inside(region, point))
            loss = _loss_at(measured, number - 1, point)
            values.append(terms.make_product(weight, loss))
            continue
        symbols.append(make_parameter(f"a{number}"))
        part = terms.constant(symbols[-1])
        rest = terms.make_sum(ONE, sugar.make_minus(part))
        conditions += [terms.make_at_most(ZERO, part), terms.make_at_most(part, ONE)]
        for name, portion in (("u", part), ("w", rest)):
            point = place_of(name, number)
            conditions.append(make_inside(region, point))
            loss = _loss_at(measured, number - 1, point)
            values.append(terms.make_product(weight, portion, loss))
            steps = make_steps(point, data.inputs[number - 1])
            cost = measure_steps(ball.distance, steps)
            costs.append(terms.make_product(weight, portion, cost))
    if costs:
        total = terms.make_sum(*costs)
        conditions.append(terms.make_at_most(total, make_numeral(ball.budget)))
    return Worst(tuple(symbols), terms.make_and(*conditions), terms.make_sum(*values))


def make_steps(point: Sequence[Term], origin: Sequence[Fraction]) -> list[Term]:
    """How far each coordinate moved."""
    return [
        sugar.make_absolute(terms.make_sum(x, make_numeral(-a)) if a else x)
        for x, a in zip(point, origin, strict=True)
    ]


def measure_steps(distance: str, steps: Sequence[Term]) -> Term:
    """How far a point moved by these steps is: their sum for l1, the largest for linf."""
    return terms.make_sum(*steps) if distance == "l1" else make_largest(steps)
