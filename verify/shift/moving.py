"""Worst cases in which points move: within a region, or at a cost (Wasserstein).

For networks of one input the loss against the cost is piecewise linear in the place, so a
worst distribution has its points at bends, zeros of the error and ends of the region. What
a point gains for a cost of its own is the upper hull of these; the budget goes where it
gains most, and one point at most is split between two places. The slope at which it runs
out is the multiplier of the bound: at each place the loss less the slope times the cost is
at most a number for each point, which is shown of the network. Source: Kantorovich duality;
Esfahani and Kuhn 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Network, Program
from verify.kernel.polynomials import CONSTANT, read_polynomial
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import make_term, read_tree
from verify.language.expansion import replace_constants
from verify.language.functions import Function
from verify.networks.certificates.regions import evaluate
from verify.networks.statements.grounds import Grounds, Unsettled
from verify.networks.statements.kinks import find_kinks
from verify.networks.statements.quantities import (
    Evidence,
    Known,
    make_known,
    unknown,
)
from verify.shift.moving_proofs import Ceiling, prove_moved

ZERO = Fraction(0)
LOSSES = ("l1", "hinge")


class Place(NamedTuple):
    """Where a point can go: how far it is, and the loss there."""

    at: Fraction
    cost: Fraction
    loss: Fraction


class Sample(NamedTuple):
    """A point with its share and the upper hull of its places, the nearest first."""

    share: Fraction
    hull: tuple[Place, ...]


def find_moved(
    extremum: Extremum, thing: dict[str, Any], grounds: Grounds, deadline: float
) -> Known:
    """The worst risk of a network of one input. Raises Unsettled."""
    ball = thing["ball"]
    if thing["loss"] not in LOSSES:
        detail = f"worst risks are found for {' and '.join(LOSSES)} where points move"
        return unknown("unsupported", f"{detail}; use verify shift")
    samples = tuple(_make_samples(thing, grounds))
    if ball["kind"] == "region":
        point = tuple(max(s.hull, key=lambda place: place.loss).at for s in samples)
        tops = [max(place.loss for place in sample.hull) for sample in samples]
        ceiling = Ceiling(ZERO, tuple(tops))
        value = _mean(samples, tops)
    else:
        budget = Fraction(ball["budget"])
        point, slope = _spend(samples, budget)
        tops = [max(p.loss - slope * p.cost for p in s.hull) for s in samples]
        ceiling = Ceiling(slope, tuple(tops))
        value = _mean(samples, tops) + slope * budget
    prove = partial(prove_moved, extremum, value, ceiling)
    return make_known(extremum, Evidence(value, prove, point, value))


def _mean(samples: Sequence[Sample], numbers: Sequence[Fraction]) -> Fraction:
    pairs = zip(samples, numbers, strict=True)
    return sum((sample.share * number for sample, number in pairs), ZERO)


def _make_samples(thing: dict[str, Any], grounds: Grounds) -> Iterator[Sample]:
    """The points of a share above 0 with the places that matter."""
    network, output = _find_network(thing, grounds)
    region = _read_region(thing)
    bends = find_kinks(network)
    rows = zip(
        thing["data"]["inputs"], thing["data"]["targets"], thing["data"]["shares"],
        strict=True,
    )  # fmt: skip
    for inputs, targets, share in rows:
        here, target = Fraction(inputs[0]), Fraction(targets[0])
        if not Fraction(share):
            continue

        def error(place: Fraction, target: Fraction = target) -> Fraction:
            value = evaluate(Program(network.units, (), ()), (place,))[output][0]
            return value - target if thing["loss"] == "l1" else 1 - target * value

        bounds = [*bends, here, *region.ends]
        places = sorted({*bounds, *_zeros(sorted({*bounds}), error)})
        inside = [place for place in places if grounds.truth(region.at(place))]
        moved = thing["ball"]["kind"] == "region"
        if not inside or (here not in inside and not moved):
            raise Unsettled("incomplete", "a point lies outside of the region")
        found = []
        for place in inside:
            size = error(place)
            loss = abs(size) if thing["loss"] == "l1" else max(size, ZERO)
            found.append(Place(place, abs(place - here), loss))
        yield Sample(Fraction(share), _make_hull(found))


class _Region(NamedTuple):
    """A region of one input: its formula over a constant, and where it may end."""

    formula: Term
    symbol: Symbol
    ends: tuple[Fraction, ...]

    def at(self, place: Fraction) -> Term:
        number = terms.make_number(place, REAL)
        return replace_constants(self.formula, {self.symbol: number})


def _read_region(thing: dict[str, Any]) -> _Region:
    (name,) = thing["region"]["names"]
    symbol = Symbol(name, (), REAL)
    tree = read_tree(thing["region"]["formula"])[0]
    formula = make_term(tree, terms.BUILTIN, {name: symbol})
    own = (terms.constant(symbol),)
    ends = []
    for part in terms.subterms(formula):
        if part.op in ("<=", "<", "=") and part.args[0].sort == REAL:
            left, right = map(read_polynomial, part.args)
            slope = left.get(own, ZERO) - right.get(own, ZERO)
            rest = right.get(CONSTANT, ZERO) - left.get(CONSTANT, ZERO)
            ends += [rest / slope] if slope else []
    return _Region(formula, symbol, tuple(ends))


def _find_network(thing: dict[str, Any], grounds: Grounds) -> tuple[Network, int]:
    name = Function(thing["subject"], tuple(thing["without"])).name
    for network in grounds.problem.networks:
        outputs = dict(network.outputs)
        if name in outputs and network.inputs == 1:
            if any(unit.kind not in ("relu", "linear") for unit in network.units):
                break
            return network, outputs[name]
    detail = "worst risks are found for relu networks of one input and one output"
    raise Unsettled("unsupported", f"{detail} where points move; use verify shift")


def _zeros(places: Sequence[Fraction], error: Any) -> Iterator[Fraction]:
    """Where a piecewise linear function is 0 between or beyond its bends."""
    outer = [places[0] - 1, *places, places[-1] + 1]
    for left, right in pairwise(outer):
        low, high = error(left), error(right)
        if low != high:
            yield left - low * (right - left) / (high - low)


def _make_hull(places: Sequence[Place]) -> tuple[Place, ...]:
    """The places not below a line between two others, by cost, rising in loss."""
    hull: list[Place] = []
    for place in sorted(places, key=lambda p: (p.cost, -p.loss)):
        if hull and place.loss <= hull[-1].loss:
            continue
        while len(hull) > 1 and _slope(hull[-2], place) >= _slope(hull[-2], hull[-1]):
            hull.pop()
        hull.append(place)
    return tuple(hull)


def _slope(start: Place, end: Place) -> Fraction:
    return (end.loss - start.loss) / (end.cost - start.cost)


def _spend(
    samples: Sequence[Sample], budget: Fraction
) -> tuple[tuple[Fraction, ...], Fraction]:
    """The budget where it gains most: a, u and w of each point, and the last slope."""
    steps = sorted(
        (
            (-_slope(start, end), number, start, end)
            for number, sample in enumerate(samples)
            for start, end in pairwise(sample.hull)
        ),
        key=lambda step: (step[0], step[1], step[2].cost),
    )
    rows = [(Fraction(1), s.hull[0].at, s.hull[0].at) for s in samples]
    left = budget
    for turned, number, start, end in steps:
        cost = samples[number].share * (end.cost - start.cost)
        part = min(left / cost, Fraction(1))
        left -= part * cost
        rows[number] = part, end.at, start.at
        if part < 1:
            return tuple(value for row in rows for value in row), -turned
    return tuple(value for row in rows for value in row), ZERO
