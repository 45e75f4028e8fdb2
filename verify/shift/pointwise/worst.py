"""Every data point at its worst place: anywhere in a union of regions, or near where it was.

No mass is shared between points, so each is a question of its own: the worst loss over the
union is the worst over its parts, one lemma a part at multiplier 0. Within a distance, a
part is cut to the ball around the point. For the squared loss the largest error is asked
for, and squared: chords would leave a gap.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.networks.network import Network
from verify.networks.values.exact import evaluate
from verify.shift.curves import KERNEL, PLAIN, Level, Mass, Shift
from verify.shift.losses import (
    L1,
    SQUARED,
    ZERO_ONE,
    check_targets,
    loss_at,
    make_pieces,
)
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.pointwise.charts import Chart, compose, make_chart
from verify.shift.questions import Effort
from verify.shift.regions import Part, Point, check_region
from verify.shift.samples import Sample
from verify.shift.transport.asks import Ask, Options, Place
from verify.shift.transport.forking import run_forked
from verify.shift.transport.lemmas import Frame, make_frame
from verify.shift.transport.proofs import Proof
from verify.shift.transport.responses import find_responses

LEAST: Final = 8  # data points worth a second process
LOOSE: Final = Fraction(1, 1000)  # a gap where none at all cannot be had
GRID: Final = 2**20
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Around(NamedTuple):
    """Where each point may go: the union of the parts, and no farther than `within` from
    where it was by the distance `norm` (None: however far)."""

    parts: tuple[Part, ...]
    within: Fraction | None = None
    norm: str = "l1"


class Bound(NamedTuple):
    """What is shown of one part: a loss of at most `value` there, by a lemma about the
    network in the part's numbers; None where nothing needs one."""

    part: int
    value: Fraction
    proof: Proof | None


class Worst(NamedTuple):
    """A data point's worst loss lies from `loss`, attained at `point`, to `upper` (None:
    not bounded); `bounds` are those of the parts that it can reach."""

    point: Point
    distance: Fraction
    loss: Fraction
    upper: Fraction | None
    bounds: tuple[Bound, ...]


def measure_steps(norm: str, start: Point, end: Point) -> Fraction:
    """The distance between two points by l1 or linf."""
    moved = [abs(a - b) for a, b in zip(start, end, strict=True)]
    return sum(moved, ZERO) if norm == "l1" else max(moved, default=ZERO)


def check_around(around: Around, samples: Sequence[Sample]) -> None:
    """Raises ShiftError where a radius or a data point does not fit the parts."""
    if around.within is not None and around.within < 0:
        raise ShiftError(
            f"the radius {around.within} is negative", "give a radius from 0 on"
        )
    check_inside_parts(around.parts, [sample.point for sample in samples])
    if around.within is None:
        for part in around.parts:
            if not part.hull and not part.region.is_bounded:
                raise ShiftError(
                    "a region without bounds", "give every input two sides"
                )


def check_inside_parts(parts: Sequence[Part], points: Sequence[Point]) -> None:
    """Raises ShiftError naming the first data point that is in no part."""
    for row, point in enumerate(points, 1):
        if not any(_lies_in(part, point) for part in parts):
            shown = ", ".join(map(str, point[:6]))
            raise ShiftError(
                f"data point {row} ({shown}) lies outside the region, in which it moves",
                "widen the region, or leave that point out",
            )


def _lies_in(part: Part, point: Point) -> bool:
    """Whether a data point is in the part; hulls are those of the data."""
    return part.region.contains(point) and (not part.hull or point in part.hull)


def find_worst(
    network: Network,
    samples: Sequence[Sample],
    loss: str,
    around: Around,
    effort: Effort,
) -> list[Worst]:
    """The worst loss of each data point. Raises ShiftError and SoundnessAlarm."""
    check_around(around, samples)
    check_targets(loss, [s.target for s in samples], network.outputs)
    if loss == SQUARED and network.outputs != 1:
        raise ShiftError(
            f"the squared loss of {network.outputs} outputs", "use l1, or zero_one"
        )
    until = time.monotonic() + effort.seconds

    def work(number: int) -> Worst:
        left = len(samples) - number
        share = max(0.5, (until - time.monotonic()) * effort.processes / left)
        options = Options(effort.gap, share, effort.prove)
        return find_one(network, samples[number], loss, around, options)

    if effort.processes < 2 or len(samples) < LEAST:
        return [work(number) for number in range(len(samples))]
    return run_forked(work, len(samples), effort.processes)


def make_shift(
    network: Network, samples: Sequence[Sample], loss: str, worst: Sequence[Worst]
) -> Shift:
    """The risk before and after every point moved to its worst place."""
    pairs = list(zip(samples, worst, strict=True))
    mean = sum(
        (
            s.weight * loss_at(loss, evaluate(network, s.point), s.target)
            for s in samples
        ),
        ZERO,
    )
    lower = sum((s.weight * one.loss for s, one in pairs), ZERO)
    upper: Fraction | None = ZERO
    for sample, one in pairs:
        if upper is not None and sample.weight:
            upper = None if one.upper is None else upper + sample.weight * one.upper
    masses = tuple(
        Mass(number, sample.weight, one.point, one.distance, one.loss)
        for number, (sample, one) in enumerate(pairs)
        if sample.weight
    )
    shown = any(bound.proof for one in worst for bound in one.bounds)
    level = Level(ZERO, lower, upper, ZERO, masses, KERNEL if shown else PLAIN)
    return Shift(mean, (level,))


def find_one(
    network: Network, sample: Sample, loss: str, around: Around, options: Options
) -> Worst:
    """The worst loss of one data point."""
    best = Worst(
        sample.point, ZERO, loss_at(loss, evaluate(network, sample.point), sample.target),
        None, (),
    )  # fmt: skip
    bounds: list[Bound] = []
    open_ = False
    for number, part in enumerate(around.parts):
        try:
            chart = make_chart(part, sample.point, around.within, around.norm)
        except EmptyRegion:
            continue
        place, bound = _ask(network, sample, loss, chart, options)
        point = chart.place(place.point)
        if place.loss > best.loss:
            distance = measure_steps(around.norm, sample.point, point)
            best = best._replace(point=point, distance=distance, loss=place.loss)
        if bound is None:
            open_ = True
        else:
            bounds.append(bound._replace(part=number))
    upper = None if open_ or not bounds else max(one.value for one in bounds)
    return best._replace(upper=upper, bounds=tuple(bounds))


def _ask(
    network: Network, sample: Sample, loss: str, chart: Chart, options: Options
) -> tuple[Place, Bound | None]:
    """The worst place of a chart, in its numbers, and a bound."""
    asked = asked_loss(loss)
    seen = compose(network, chart)
    value = loss_at(asked, evaluate(seen, chart.start), sample.target)
    start = Place(chart.start, ZERO, value, sample.target)
    if loss == ZERO_ONE and value == ONE:
        return start, Bound(0, ONE, None)
    frame = make_frame(seen, chart.region, "linf")
    pieces = make_pieces(asked, sample.target, network.outputs)
    ask = Ask(chart.start, sample.target, pieces, ZERO, start)
    (found,) = find_responses(seen, frame, asked, [ask], options)
    if found.proof is None and options.prove and not options.slack:
        (found,) = find_responses(
            seen, frame, asked, [ask], options._replace(slack=LOOSE)
        )
    if found.proof is not None and found.proof.lemma.value > found.place.loss + LOOSE:
        better = _ask_inside(seen, frame, asked, ask, options)
        if better is not None and better.loss > found.place.loss:
            found = found._replace(place=better)
    place = found.place
    if loss == SQUARED:
        place = place._replace(loss=place.loss * place.loss)
    if loss == ZERO_ONE and place.loss == ONE:
        return place, Bound(0, ONE, None)
    if found.proof is None:
        return place, None
    return place, Bound(0, raise_bound(loss, found.proof.lemma.value), found.proof)


def _ask_inside(
    network: Network, frame: Frame, loss: str, ask: Ask, options: Options
) -> Place | None:
    """A place in the region with every number rounded inwards, which is often found
    exactly where one of the region itself is not; None where that leaves no point."""
    region = frame.region
    inner = region._replace(
        lower=tuple(None if x is None else -_round_down(-x) for x in region.lower),
        upper=tuple(None if x is None else _round_down(x) for x in region.upper),
        halves=tuple(
            half._replace(constant=_round_down(half.constant)) for half in region.halves
        ),
    )
    try:
        point = check_region(inner)
    except EmptyRegion:
        return None
    value = loss_at(loss, evaluate(network, point), ask.target)
    start = ask.start._replace(point=point, loss=value)
    again = ask._replace(point=point, start=start)
    loose = options._replace(prove=False, slack=max(options.slack, LOOSE))
    (found,) = find_responses(
        network, frame._replace(region=inner), loss, [again], loose
    )
    return found.place


def _round_down(value: Fraction) -> Fraction:
    return Fraction(value.numerator * GRID // value.denominator, GRID)


def asked_loss(loss: str) -> str:
    """The loss whose pieces a lemma speaks of: the error itself for the squared loss."""
    return L1 if loss == SQUARED else loss


def raise_bound(loss: str, value: Fraction) -> Fraction:
    """The bound of the loss that a lemma's value gives."""
    if loss == SQUARED:
        return value * value
    if loss == ZERO_ONE:  # 0 or 1, nothing in between
        return ZERO if value < 1 else ONE
    return value
