"""The least loss that any outputs could have: points that look alike get one answer.

Points with the same numbers below the freed units are told apart by no parameters of
theirs, so the loss is at least the sum over such groups of what the best constant answer
leaves. Where a network is already there, nothing can replace a unit at lower loss: that is
a proof of impossibility for every loss, however deep the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction

from verify.training.circuits.losses import Targets


def find_floor(loss: str, targets: Targets, keys: Sequence[Hashable]) -> Fraction:
    """The least loss of outputs that are the same wherever the keys are.

    Raises ValueError for an unknown loss.
    """
    groups: dict[Hashable, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    parts = [
        _floor_of_group(loss, targets, places)
        for places in groups.values()
        if len(places) > 1
    ]
    if loss == "linf":
        return max(parts, default=Fraction(0))
    return sum(parts, Fraction(0))


def _floor_of_group(loss: str, targets: Targets, places: Sequence[int]) -> Fraction:
    rows = [targets.values[place] for place in places]
    columns = list(zip(*rows, strict=True))
    match loss:
        case "squared":
            return sum(map(_spread, columns), Fraction(0))
        case "l1":
            return sum(map(_distance, columns), Fraction(0))
        case "linf":
            return max((max(c) - min(c) for c in columns), default=Fraction(0)) / 2
        case "hinge":
            return Fraction(2 * _count_fewer(columns[0]))
        case "zero_one":
            if targets.labels is not None:
                votes = Counter(targets.labels[place] for place in places)
                return Fraction(len(places) - max(votes.values()))
            return Fraction(_count_fewer(columns[0]))
        case _:
            raise ValueError(f"unknown loss {loss!r}")


def _count_fewer(column: Sequence[Fraction]) -> int:
    """How many have the rarer of the labels -1 and 1."""
    positive = sum(y > 0 for y in column)
    return min(positive, len(column) - positive)


def _spread(column: Sequence[Fraction]) -> Fraction:
    total = sum(column, Fraction(0))
    return sum((y * y for y in column), Fraction(0)) - total * total / len(column)


def _distance(column: Sequence[Fraction]) -> Fraction:
    middle = sorted(column)[len(column) // 2]
    return sum((abs(y - middle) for y in column), Fraction(0))
