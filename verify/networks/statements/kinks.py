"""Where a network of one input bends, exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Final

from verify.kernel.networks import Network, Program
from verify.networks.certificates.regions import evaluate

MOST: Final = 60  # bends


def find_kinks(network: Network) -> list[Fraction]:
    """The places at which what some relu takes changes its sign, in order.

    `network` has one input and relu or linear units; at most MOST places are looked for.
    """
    places: list[Fraction] = []
    for number, unit in enumerate(network.units):
        if unit.kind != "relu" or len(places) > MOST:
            continue
        before = network.units[:number]
        ends = [places[0] - 1, *places, places[-1] + 1] if places else [0, 1]
        points = [Fraction(end) for end in ends]
        taken = []
        for point in points:
            values = evaluate(Program(before, (), ()), (point,))
            weighted = (weight * values[v][0] for v, weight in unit.weights)
            taken.append(unit.bias + sum(weighted, Fraction(0)))
        found = set(places)
        last = len(points) - 2
        for place, ((left, low), (right, high)) in enumerate(
            pairwise(zip(points, taken, strict=True))
        ):
            if low == high:
                continue
            root = left - low * (right - left) / (high - low)
            from_left = left <= root or place == 0
            if from_left and (root <= right or place == last):
                found.add(root)
        places = sorted(found)
    return places
