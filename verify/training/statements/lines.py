"""Networks of one input: where they bend, and as few units that do the same.

Such a network is a constant, a slope s before the first bend and a change of slope d at
each: one unit a bend will do, d*relu(x - p) or d*relu(p - x), where those turned around
make up for s; else one of the bends has both.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

from verify.kernel.networks import Network, Program
from verify.networks.certificates.regions import evaluate
from verify.networks.statements.kinks import find_kinks

MOST_TURNED: Final = 12  # bends of which every part is tried

Unit = tuple[Fraction, tuple[Fraction, ...], Fraction]  # outgoing, incoming, bias


def read_line(network: Network, output: int) -> tuple[Fraction, list[Unit]]:
    """A network of one input as a constant and as few units as are enough."""
    places = find_kinks(network)
    places = [places[0] - 1, *places, places[-1] + 1] if places else [Fraction(0)]
    places.append(places[-1] + 1)

    def value(place: Fraction) -> Fraction:
        return evaluate(Program(network.units, (), ()), (place,))[output][0]

    slopes = [
        (value(right) - value(left)) / (right - left)
        for left, right in pairwise(places)
    ]
    bends = [
        (place, after - before)
        for place, (before, after) in zip(places[1:], pairwise(slopes), strict=False)
        if after != before
    ]
    units = _make_units(slopes[0], bends)
    start = places[0]
    given = (
        outgoing * max(weights[0] * start + bias, Fraction(0))
        for outgoing, weights, bias in units
    )
    return value(start) - sum(given, Fraction(0)), units


def _make_units(slope: Fraction, bends: list[tuple[Fraction, Fraction]]) -> list[Unit]:
    """Units with these changes of slope, and that slope before them."""
    one = Fraction(1)
    if not bends:
        return [(slope, (one,), Fraction(0)), (-slope, (-one,), Fraction(0))] * bool(
            slope
        )
    few = bends[:MOST_TURNED]
    for size in range(len(few) + 1):
        for turned in combinations(few, size):
            if slope + sum(change for _, change in turned) == 0:
                return [
                    (change, (-one,), place)
                    if (place, change) in turned
                    else (change, (one,), -place)
                    for place, change in bends
                ]
    (place, change), *others = bends
    both: list[Unit] = [(change + slope, (one,), -place), (-slope, (-one,), place)]
    return [unit for unit in both if unit[0]] + [(d, (one,), -p) for p, d in others]
