"""Networks of several hidden layers, or of several outputs: what is known of the optimum.

From below only what holds for all functions: points with equal inputs get equal outputs.
From above a network, evaluated exactly: one that runs through all points where some layer
is wide enough; the best of one hidden layer, lifted; and what gradient steps find. Where
the two meet the optimum is known. Elsewhere it is open, and said to be: the parameters of
several layers enter as products, and no duality of the kind used for one layer is at hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Final, NamedTuple

from verify.training.circuits.floors import find_floor
from verify.training.circuits.losses import Targets, find_loss
from verify.training.circuits.tables import make_table
from verify.training.optima.constructive import find_direction
from verify.training.optima.deeper_networks import (
    Dense,
    Row,
    Shallow,
    Shape,
    check_shape,
    evaluate_dense,
    find_places,
    lift,
    list_parameters,
)
from verify.training.optima.deeper_search import search_networks
from verify.training.optima.fits import LOSSES, Fit
from verify.training.optima.optimum import find_witness

SHALLOW_SHARE: Final = 0.5  # of the time, for one hidden layer


class DeepOptimum(NamedTuple):
    """No network has a loss below `lower`; one has `upper`, with these parameters in the
    order of documents. `detail` says how far that decides the optimum."""

    lower: Fraction
    upper: Fraction
    parameters: Row
    detail: str


def find_deep_optimum(
    shape: Shape,
    loss: str,
    points: Sequence[Row],
    targets: Sequence[Row],
    *,
    deadline: float,
    seed: int = 0,
) -> DeepOptimum:
    """What is known of the least loss of dense networks of a shape on data.

    Targets are one a output, or for zero_one and several outputs a label 0, 1, ...
    Raises ValueError where these do not fit together.
    """
    wanted = read_targets(shape, loss, points, targets)
    lower = find_floor(loss, wanted, points)
    best: tuple[Fraction, tuple[Dense, ...]] | None = None
    for network in _propose(shape, loss, points, wanted, lower, deadline, seed):
        outputs = make_table([evaluate_dense(network, point) for point in points])
        value = find_loss(loss, outputs, wanted)
        if best is None or value < best[0]:
            best = value, network
        if value == lower:
            break
    if best is None:
        raise ArithmeticError("no network was proposed")
    value, network = best
    if value == lower:
        detail = "a network has the least loss that equal inputs allow"
    else:
        detail = (
            f"a network has the loss {value}; from below only {lower} is proved, from "
            "equal inputs: for such networks there is no further method here"
        )
    return DeepOptimum(lower, value, list_parameters(network), detail)


def read_targets(
    shape: Shape, loss: str, points: Sequence[Row], targets: Sequence[Row]
) -> Targets:
    """The targets, labels as vectors with a single one. Raises ValueError."""
    check_shape(shape)
    if loss not in LOSSES:
        raise ValueError(f"unknown loss {loss!r}; the losses are {', '.join(LOSSES)}")
    if not points or len(points) != len(targets):
        raise ValueError(f"{len(points)} points but {len(targets)} rows of targets")
    labelled = loss == "zero_one" and shape.outputs > 1
    width = 1 if labelled else shape.outputs
    allowed = set(range(shape.outputs)) if labelled else {-1, 1}
    for place, (point, row) in enumerate(zip(points, targets, strict=True), 1):
        if len(point) != shape.inputs or len(row) != width:
            raise ValueError(
                f"point {place} has {len(point)} inputs and {len(row)} targets, "
                f"expected {shape.inputs} and {width}"
            )
        if loss in ("hinge", "zero_one") and row[0] not in allowed:
            raise ValueError(
                f"point {place} has the label {row[0]}, expected one of "
                f"{', '.join(map(str, sorted(allowed)))}"
            )
    if loss == "hinge" and shape.outputs > 1:
        raise ValueError(f"hinge is for one output, and there are {shape.outputs}")
    if not labelled:
        return Targets(tuple(targets))
    labels = tuple(int(row[0]) for row in targets)
    values = tuple(
        tuple(Fraction(at == label) for at in range(shape.outputs)) for label in labels
    )
    return Targets(values, labels)


def _propose(
    shape: Shape,
    loss: str,
    points: Sequence[Row],
    wanted: Targets,
    lower: Fraction,
    deadline: float,
    seed: int,
) -> Iterator[tuple[Dense, ...]]:
    """Networks that may have a small loss; at least one."""
    places = sorted(find_places(shape), key=lambda place: -shape.layers[place])
    answers = _best_answers(loss, points, wanted)
    if places and shape.layers[places[0]] >= len(answers) - 1:
        yield lift(shape, places[0], run_through(answers), points)
        return
    zero = Fraction(0)
    nothing = Shallow(
        Dense((), ()), Dense(((),) * shape.outputs, (zero,) * shape.outputs)
    )
    if places:
        yield lift(shape, places[0], nothing, points)
    else:
        yield _make_silent(shape)
    if places and shape.outputs == 1:
        half = time.monotonic() + SHALLOW_SHARE * (deadline - time.monotonic())
        target = tuple(value for (value,) in wanted.values)
        still = (zero,) * len(points)
        fit = Fit(loss, tuple(points), target, still, shape.layers[places[0]], True)
        found, _ = find_witness(fit, deadline=half, seed=seed)
        units = Dense(
            tuple(unit.weights for unit in found.units),
            tuple(unit.bias for unit in found.units),
        )
        signs = tuple(Fraction(unit.sign) for unit in found.units)
        readout = Dense((signs,), (found.constant,))
        yield lift(shape, places[0], Shallow(units, readout), points)
    yield from search_networks(
        shape, loss, points, wanted.values, deadline=deadline, seed=seed
    )


def _make_silent(shape: Shape) -> tuple[Dense, ...]:
    """All parameters 0."""
    widths = (shape.inputs, *shape.layers, shape.outputs)
    return tuple(
        Dense(((Fraction(0),) * below,) * width, (Fraction(0),) * width)
        for below, width in pairwise(widths)
    )


def _best_answers(loss: str, points: Sequence[Row], wanted: Targets) -> dict[Row, Row]:
    """For each input the outputs that cost least there."""
    groups: dict[Row, list[Row]] = {}
    for point, row in zip(points, wanted.values, strict=True):
        groups.setdefault(point, []).append(row)
    return {
        point: _answer(loss, rows, labelled=wanted.labels is not None)
        for point, rows in groups.items()
    }


def _answer(loss: str, rows: Sequence[Row], *, labelled: bool) -> Row:
    if loss in ("hinge", "zero_one"):
        return max(rows, key=rows.count)  # a label, or the vector of one
    found = []
    for column in zip(*rows, strict=True):
        order = sorted(column)
        match loss:
            case "l1":
                found.append(order[len(order) // 2])
            case "linf":
                found.append((order[0] + order[-1]) / 2)
            case _:
                found.append(sum(order, Fraction(0)) / len(order))
    return tuple(found)


def run_through(answers: dict[Row, Row]) -> Shallow:
    """One hidden layer that gives each input its outputs, with a hinge for every input but
    one: along a direction, each output is a line between neighbours."""
    unit = lcm(*(number.denominator for point in answers for number in point))
    whole = [tuple(int(number * unit) for number in point) for point in answers]
    direction = tuple(map(Fraction, find_direction(whole)))
    placed = sorted(
        (sum((d * x for d, x in zip(direction, point, strict=True)), Fraction(0)), row)
        for point, row in answers.items()
    )
    slopes = [
        [(b - a) / (right - left) for a, b in zip(low, high, strict=True)]
        for (left, low), (right, high) in pairwise(placed)
    ]
    rows = []
    for column in zip(*slopes, strict=True):
        rows.append(tuple(b - a for a, b in pairwise((Fraction(0), *column))))
    first = placed[0][1]
    units = Dense((direction,) * len(slopes), tuple(-place for place, _ in placed[:-1]))
    return Shallow(units, Dense(tuple(rows) or ((),) * len(first), first))
