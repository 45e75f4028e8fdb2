"""What one data point can gain at what distance: an inner and an outer frontier.

Places found give the concave hull of (distance, loss) from below; proved lemmas, loss <=
value + rate * distance, bound it from above. Between two rates the responses are convex, so
two lemmas bound every rate in between; where the hull's edges are all proved, inner and
outer frontier are the same, and with them the whole curve of the risk.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from verify.shift.transport.asks import Place
from verify.shift.transport.proofs import Proof

ZERO = Fraction(0)
NEAREST: Final = 3  # cuts on either side that are tried


class Cut(NamedTuple):
    """loss <= value + rate * distance everywhere; `proof` is None where that is plain."""

    rate: Fraction
    value: Fraction
    proof: Proof | None


class Edge(NamedTuple):
    """From one place of the hull to the next: `slope` is the loss gained per distance."""

    start: Place
    end: Place
    slope: Fraction


def find_hull(places: Iterable[Place]) -> tuple[Place, ...]:
    """The places on the concave hull, by distance, up to the largest loss."""
    nearest: dict[Fraction, Place] = {}
    for place in places:
        old = nearest.get(place.distance)
        if old is None or place.loss > old.loss:
            nearest[place.distance] = place
    hull: list[Place] = []
    for distance in sorted(nearest):
        place = nearest[distance]
        if hull and place.loss <= hull[-1].loss:
            continue
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) <= _slope(hull[-1], place):
            hull.pop()
        hull.append(place)
    return tuple(hull)


def _slope(start: Place, end: Place) -> Fraction:
    return (end.loss - start.loss) / (end.distance - start.distance)


def find_edges(hull: tuple[Place, ...]) -> tuple[Edge, ...]:
    """The edges of a hull, the steepest first."""
    return tuple(Edge(a, b, _slope(a, b)) for a, b in pairwise(hull))


def find_response(hull: tuple[Place, ...], rate: Fraction) -> Place:
    """The place of the hull with the most loss less rate * distance, the nearest such."""
    return max(hull, key=lambda p: (p.loss - rate * p.distance, -p.distance))


def bound_response(
    cuts: Iterable[Cut], rate: Fraction, reach: Fraction | None
) -> tuple[Fraction, tuple[tuple[Fraction, Cut], ...]] | None:
    """The least bound of loss - rate * distance that the cuts give, with the weights of
    the cuts it comes from; None where they give none.

    `reach` is the largest distance in the region, None if there is none.
    """
    known = sorted(cuts, key=lambda cut: cut.rate)
    below = [cut for cut in known if cut.rate <= rate][-NEAREST:]
    above = [cut for cut in known if cut.rate > rate][:NEAREST]
    found: list[tuple[Fraction, tuple[tuple[Fraction, Cut], ...]]] = [
        (cut.value, ((Fraction(1), cut),)) for cut in below
    ]
    for high in above:
        for low in below:
            part = (rate - low.rate) / (high.rate - low.rate)
            value = (1 - part) * low.value + part * high.value
            found.append((value, ((1 - part, low), (part, high))))
        if reach is not None:
            value = high.value + (high.rate - rate) * reach
            found.append((value, ((Fraction(1), high),)))
    return min(found, key=lambda one: one[0]) if found else None
