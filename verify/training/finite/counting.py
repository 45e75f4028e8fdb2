"""How many networks of a finite class have which training loss and which behaviour.

Counts are exact. Under a uniform prior the share of the networks of least loss for which
something holds is what a document calls `posterior`; any other likelihood is a weighted sum
over the behaviours. Source: Valle-Perez, Camargo and Louis 2019 for counting functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy

from verify.training.finite.outputs import LARGEST, Block, Rows, evaluate_all
from verify.training.finite.spaces import Space, Whole, find_parameters

LOSSES = ("l1", "squared", "linf", "hinge", "zero_one")
Behaviour = tuple[tuple[Fraction, ...], ...]  # the outputs at each query


class Least(NamedTuple):
    """The least loss, the first network that has it, and how many have it."""

    loss: Fraction
    parameters: tuple[Fraction, ...]
    networks: int


def find_least(space: Space, loss: str, points: Rows, targets: Rows) -> Least:
    """The optimum of a finite class by trying every network. Raises ValueError."""
    best: tuple[Fraction, int, int] | None = None
    for block in evaluate_all(space, points):
        losses, unit = measure(loss, block, targets)
        least = losses.min()
        value = Fraction(int(least), unit)
        count = int((losses == least).sum())
        first = block.first + int(numpy.argmax(losses == least))
        if best is None or value < best[0]:
            best = value, first, count
        elif value == best[0]:
            best = value, best[1], best[2] + count
    if best is None:
        raise ValueError("a class without networks has no least loss")
    return Least(best[0], find_parameters(space, best[1]), best[2])


def count_losses(
    space: Space, loss: str, points: Rows, targets: Rows
) -> dict[Fraction, int]:
    """How many networks have each loss, the least first. Raises ValueError."""
    found: Counter[Fraction] = Counter()
    for block in evaluate_all(space, points):
        losses, unit = measure(loss, block, targets)
        for value, count in Counter(losses.tolist()).items():
            found[Fraction(int(value), unit)] += count
    return dict(sorted(found.items()))


def count_functions(
    space: Space, points: Rows, *, signs: bool = False
) -> dict[Behaviour, int]:
    """How many networks give each list of outputs at the points, the most frequent first.

    With `signs` an output counts as 1 above 0 and as 0 else. Raises ValueError.
    """
    found: Counter[Behaviour] = Counter()
    for block in evaluate_all(space, points):
        if signs:
            block = Block(block.first, (block.outputs > 0).astype(int), 1)
        found.update(_behaviours(block, slice(None)))
    return dict(found.most_common())


def count_minimisers(
    space: Space, loss: str, points: Rows, targets: Rows, queries: Rows
) -> dict[Behaviour, int]:
    """How many networks of least training loss behave how at the queries.

    Raises ValueError.
    """
    found: Counter[Behaviour] = Counter()
    least: Fraction | None = None
    for block in evaluate_all(space, [*points, *queries]):
        trained = block._replace(outputs=block.outputs[:, : len(points)])
        losses, unit = measure(loss, trained, targets)
        value = Fraction(int(losses.min()), unit)
        if least is None or value < least:
            least = value
            found.clear()
        if value == least:
            asked = block._replace(outputs=block.outputs[:, len(points) :])
            found.update(_behaviours(asked, losses == losses.min()))
    return dict(found.most_common())


def find_share(
    counts: dict[Behaviour, int], event: Callable[[Behaviour], bool]
) -> Fraction:
    """The share of the networks counted whose behaviour has the event."""
    within = sum(count for behaviour, count in counts.items() if event(behaviour))
    return Fraction(within, sum(counts.values()))


def measure(loss: str, block: Block, targets: Rows) -> tuple[Whole, int]:
    """The loss of each network as a whole number, and what to divide it by.

    Labels are -1 and 1 for hinge and for zero_one of one output; for several outputs the
    label k, counted from 0, of zero_one says that output k should be above all others.
    Raises ValueError for another loss, or targets that do not fit.
    """
    _check_targets(loss, block, targets)
    outputs = block.outputs
    if loss == "zero_one" and outputs.shape[2] > 1:
        return _count_wrong(outputs, [int(label) for (label,) in targets]), 1
    scale = lcm(*(number.denominator for row in targets for number in row))
    wanted = numpy.array([[int(n * scale) for n in row] for row in targets], object)
    unit = scale * block.denominator
    largest = (
        int(abs(outputs).max()) * scale + int(abs(wanted).max()) * block.denominator
    )
    if outputs.dtype == object or (unit + largest) ** 2 * outputs[0].size >= LARGEST:
        outputs = outputs.astype(object)
    else:
        wanted = wanted.astype(numpy.int64)
    if loss == "hinge":
        missing = unit - outputs[:, :, 0] * wanted[:, 0]
        return (missing * (missing > 0)).sum(axis=1), unit
    if loss == "zero_one":
        return (outputs[:, :, 0] * wanted[:, 0] <= 0).sum(axis=1), 1
    gaps = abs(outputs * scale - wanted * block.denominator)
    flat = gaps.reshape(len(gaps), -1)
    match loss:
        case "l1":
            return flat.sum(axis=1), unit
        case "linf":
            return flat.max(axis=1), unit
        case _:
            return (flat * flat).sum(axis=1), unit * unit


def _check_targets(loss: str, block: Block, targets: Rows) -> None:
    _, points, outputs = block.outputs.shape
    if loss not in LOSSES:
        raise ValueError(f"unknown loss {loss!r}; the losses are {', '.join(LOSSES)}")
    if len(targets) != points or not points:
        raise ValueError(f"{points} points but {len(targets)} rows of targets")
    labels = loss == "zero_one" and outputs > 1
    width = 1 if labels else outputs
    for place, row in enumerate(targets, 1):
        if len(row) != width:
            raise ValueError(f"point {place} has {len(row)} targets, expected {width}")
        if loss in ("hinge", "zero_one") and not labels and {*row} - {-1, 1}:
            raise ValueError(
                f"point {place} has the label {row[0]}; {loss} needs 1 or -1"
            )
        if labels and row[0] not in range(outputs):
            raise ValueError(
                f"point {place} has the label {row[0]}, expected 0 to {outputs - 1}"
            )
    if loss == "hinge" and outputs > 1:
        raise ValueError(f"hinge is for one output, and there are {outputs}")


def _count_wrong(outputs: Whole, labels: Sequence[int]) -> Whole:
    """Points where the label's output is not above all others, for each network."""
    wrong = numpy.zeros(len(outputs), numpy.int64)
    for point, label in enumerate(labels):
        others = numpy.delete(outputs[:, point], label, axis=1)
        wrong += (others >= outputs[:, point, label, None]).any(axis=1)
    return wrong


def _behaviours(block: Block, chosen: Whole | slice) -> Counter[Behaviour]:
    """The outputs of the chosen networks of a block, counted."""
    _, points, outputs = block.outputs.shape
    rows = block.outputs[chosen].reshape(-1, points * outputs).tolist()
    return Counter(
        {
            tuple(
                tuple(
                    Fraction(int(value), block.denominator)
                    for value in row[start : start + outputs]
                )
                for start in range(0, points * outputs, outputs)
            ): count
            for row, count in Counter(map(tuple, rows)).items()
        }
    )
