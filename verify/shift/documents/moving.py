"""Worst cases in which points move: within a region, or at a cost (Wasserstein).

For networks of one input the error and the cost are linear in the place between bends,
zeros of the error and ends of the region, and the loss is convex there or constant, so a
worst distribution has its points at these. What a point gains for a cost of its own is the
upper hull of them; the budget goes where it gains most, and one point at most is split
between two places. The slope at which it runs out is the multiplier of the bound: at each
place the loss less the slope times the cost is at most a number for each point, which is
shown of the network. Several inputs or outputs are for the search of `verify shift`.
Source: Kantorovich duality; Esfahani and Kuhn 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Program
from verify.kernel.polynomials import CONSTANT, read_polynomial
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL
from verify.networks.certificates.regions import evaluate
from verify.networks.statements.grounds import Grounds, Unsettled
from verify.networks.statements.kinks import find_kinks
from verify.networks.statements.quantities import Evidence, Known, make_known
from verify.shift.documents.moving_proofs import (
    Ceiling,
    Show,
    prove_moved,
    show_by_chords,
    show_by_search,
)
from verify.shift.documents.placing import Placing, make_placing
from verify.shift.documents.stated_regions import Stated, make_region
from verify.shift.losses import SQUARED, loss_at

ZERO = Fraction(0)


class Place(NamedTuple):
    """Where a point can go: how far it is, and the loss there."""

    at: Fraction
    cost: Fraction
    loss: Fraction


class Sample(NamedTuple):
    """A point with its share, the upper hull of its places, the nearest first, and the
    network's errors at all places that matter, in order."""

    share: Fraction
    hull: tuple[Place, ...]
    errors: tuple[Fraction, ...]


def find_moved(
    extremum: Extremum, thing: dict[str, Any], grounds: Grounds, deadline: float
) -> Known:
    """The worst risk where points move. Raises Unsettled."""
    placing = make_placing(thing, grounds)
    if placing.network.inputs > 1 or len(placing.network.outputs) > 1:
        # loads the search, and with it NumPy
        from verify.shift.documents.transported import find_transported

        return find_transported(extremum, placing, deadline)
    samples = tuple(_make_samples(placing, grounds))
    if placing.budget is None:
        point = tuple(max(s.hull, key=lambda place: place.loss).at for s in samples)
        tops = [max(place.loss for place in sample.hull) for sample in samples]
        ceiling = Ceiling(ZERO, tuple(tops))
        value = _mean(samples, tops)
    else:
        point, slope = _spend(samples, placing.budget)
        tops = [max(p.loss - slope * p.cost for p in s.hull) for s in samples]
        ceiling = Ceiling(slope, tuple(tops))
        value = _mean(samples, tops) + slope * placing.budget
    errors = tuple(sample.errors for sample in samples)
    show: Show = show_by_search
    if placing.loss == SQUARED:
        show = partial(show_by_chords, placing, ceiling, errors)
    prove = partial(prove_moved, extremum, value, ceiling, placing, show)
    return make_known(extremum, Evidence(value, prove, point, value))


def _mean(samples: Sequence[Sample], numbers: Sequence[Fraction]) -> Fraction:
    pairs = zip(samples, numbers, strict=True)
    return sum((sample.share * number for sample, number in pairs), ZERO)


def _make_samples(placing: Placing, grounds: Grounds) -> Iterator[Sample]:
    """The points with the places that matter.

    Between these the error is linear in the place, and so is the cost, and the loss is
    convex or constant.
    """
    network, loss = placing.network, placing.loss
    ((_, output),) = network.outputs
    bends, ends = find_kinks(network), _find_ends(placing.stated)
    program = Program(network.units, (), ())
    for row in placing.rows:
        (here,), (target,) = row.point, row.target

        def outcome(place: Fraction) -> Fraction:
            return evaluate(program, (place,))[output][0]

        def error(place: Fraction, target: Fraction = target) -> Fraction:
            value = outcome(place)
            match loss:
                case "l1" | "squared":
                    return value - target
                case "hinge":
                    return 1 - target * value
                case _:
                    return value

        bounds = sorted({*bends, here, *ends})
        places = sorted({*bounds, *_zeros(bounds, error)})
        inside = [place for place in places if _is_inside(placing, grounds, place)]
        if not inside or (here not in inside and placing.budget is not None):
            raise Unsettled("incomplete", "a point lies outside of the region")
        found = [
            Place(place, abs(place - here), loss_at(loss, (outcome(place),), (target,)))
            for place in inside
        ]
        errors = tuple(sorted({outcome(place) - target for place in inside}))
        yield Sample(row.share, _make_hull(found), errors)


def _is_inside(placing: Placing, grounds: Grounds, place: Fraction) -> bool:
    said = placing.stated.at((terms.make_number(place, REAL),))
    return all(grounds.truth(part) for part in said)


def _find_ends(stated: Stated) -> tuple[Fraction, ...]:
    """Where a region of one input may end."""
    (symbol,) = stated.symbols
    own = (terms.constant(symbol),)
    ends = []
    for part in terms.subterms(stated.formula):
        if part.op in ("<=", "<", "=") and part.args[0].sort == REAL:
            left, right = map(read_polynomial, part.args)
            slope = left.get(own, ZERO) - right.get(own, ZERO)
            rest = right.get(CONSTANT, ZERO) - left.get(CONSTANT, ZERO)
            ends += [rest / slope] if slope else []
    try:
        region = make_region(stated)
    except Unsettled:  # a union, say: its parts were read above
        return tuple(ends)
    return tuple(x for x in (*ends, *region.lower, *region.upper) if x is not None)


def _zeros(
    places: Sequence[Fraction], error: Callable[[Fraction], Fraction]
) -> Iterator[Fraction]:
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
