"""Regions without bounds: whether the risk is unbounded, with a ray that shows it.

Far out along a direction u a relu network grows like the same network without biases: f(x +
t*u) / t tends to it, exactly. So the direction is looked for there, on a box around 0, and
then stands for itself: on the ray the loss exceeds any number. Under transport a loss that
grows no faster than distance stays bounded: mass e/t at distance t adds only its slope; a
squared loss does not stay so.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import Affine, Network, Numbers
from verify.networks.values.exact import evaluate
from verify.shift.losses import HINGE, L1, SQUARED, ZERO_ONE, Linear, Piece, loss_at
from verify.shift.questions import Question
from verify.shift.rays.proving import Course, prove_ray
from verify.shift.regions import Point, Region
from verify.shift.transport.asks import Ask, Options, Place
from verify.shift.transport.lemmas import make_frame
from verify.shift.transport.responses import find_responses

ZERO: Final = Fraction(0)


class Ray(NamedTuple):
    """From a data point (by number from 0) along `direction` inside the region, output
    `output` grows by `slope` a step in the end, and the loss without bound: it is at least
    what `growing` says, and `course` has the kernel's word for how that grows."""

    sample: int
    start: Point
    direction: Point
    output: int
    slope: Fraction
    start_risk: Fraction
    growing: Linear
    course: Course | None


def drop_biases(network: Network) -> Network:
    """The network that its own growth tends to: all biases 0."""
    layers = []
    for layer in network.layers:
        if isinstance(layer, Affine):
            exact = layer.bias.exact
            zeros = None if exact is None else (ZERO,) * len(exact)
            layer = layer._replace(
                bias=Numbers(np.zeros_like(layer.bias.floats), zeros)
            )
        layers.append(layer)
    return network._replace(layers=tuple(layers))


def find_ray(question: Question, ball: str, budgets: Sequence[Fraction]) -> Ray | None:
    """A ray on which the worst risk is unbounded, or None where it is bounded, or where
    the region is, or where none was found."""
    region = question.region
    if region.is_bounded or ball not in ("wasserstein", "region"):
        return None
    squared_only = ball == "wasserstein"
    if question.loss == ZERO_ONE or (squared_only and question.loss != SQUARED):
        return None
    if squared_only and not any(budgets):
        return None
    growth = drop_biases(question.network)
    weighted = [k for k, s in enumerate(question.samples) if s.weight]
    for output in range(question.network.outputs):
        for sign in (1, -1):
            sample = _fitting(question, weighted, sign)
            if sample is None:
                continue
            found = _climb(growth, region, output, sign)
            if found is not None:
                return _make_ray(question, sample, found, output, sign)
    return None


def _make_ray(
    question: Question, sample: int, direction: Point, output: int, sign: int
) -> Ray:
    start = question.samples[sample]
    slope = evaluate(drop_biases(question.network), direction)[output]
    growing = find_growing(question, sample, output, sign)
    course = prove_ray(question.network, start.point, direction, growing)
    risk = _mean(question)
    return Ray(sample, start.point, direction, output, slope, risk, growing, course)


def find_growing(question: Question, sample: int, output: int, sign: int) -> Linear:
    """What a data point's loss is at least, or the root of a squared one, linear in the
    outputs, when one output goes up (sign 1) or down (-1)."""
    target = question.samples[sample].target
    place = 0 if question.loss == HINGE else output
    offset = Fraction(1) if question.loss == HINGE else -sign * target[place]
    weights = tuple(
        Fraction(sign if k == output else 0) for k in range(question.network.outputs)
    )
    return Linear(offset, weights)


def _fitting(question: Question, numbers: Sequence[int], sign: int) -> int | None:
    """A data point whose loss grows when the output goes that way."""
    if question.loss in (L1, SQUARED):
        return numbers[0]
    if question.loss == HINGE:
        for number in numbers:
            if question.samples[number].target[0] == -sign:
                return number
    return None


def _climb(growth: Network, region: Region, output: int, sign: int) -> Point | None:
    """A direction inside the region along which the output grows that way."""
    lower = tuple(Fraction(-1) if side is None else ZERO for side in region.lower)
    upper = tuple(Fraction(1) if side is None else ZERO for side in region.upper)
    halves = tuple(half._replace(constant=ZERO) for half in region.halves)
    box = Region(lower, upper, halves)
    centre = (ZERO,) * box.size
    weights = tuple(Fraction(sign if k == output else 0) for k in range(growth.outputs))
    piece = Piece(Linear(ZERO, weights))
    start = Place(centre, ZERO, ZERO)
    target = (ZERO,) * growth.outputs
    frame = make_frame(growth, box, "l1")
    ask = Ask(centre, target, (piece,), ZERO, start)
    options = Options(Fraction(1, 1024), 10.0, prove=False, limit=2000)
    (found,) = find_responses(growth, frame, L1, [ask], options)
    value = sign * evaluate(growth, found.place.point)[output]
    return found.place.point if value > 0 else None


def _mean(question: Question) -> Fraction:
    total = ZERO
    for sample in question.samples:
        outputs = evaluate(question.network, sample.point)
        total += sample.weight * loss_at(question.loss, outputs, sample.target)
    return total
