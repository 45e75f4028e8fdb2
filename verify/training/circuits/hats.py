"""Three freed units as a hat over one point: lowers any loss that is a sum over points.

Along a direction that tells point i from all others, relu(p - b + d) - 2 relu(p - b) +
relu(p - b - d) is a hat of half width d around b: d - |p_i - b| at the point and exactly 0 at
all others, if no other projection lies within. With b and d multiples of one power of two
and weights of few bits nothing is rounded in float32, so the other outputs do not change at
all. This is the claim `hat-replacement-3-units` as a construction. It needs the units'
contributions to be added to the outputs, as in a last hidden layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.network import Floats
from verify.training.circuits.freed import Parameters

UNITS: Final = 3  # of a hat
TRIES: Final = 60  # directions
BITS: Final = 6  # of a weight of a direction
FINE: Final = 18  # bits of a centre beyond the largest projection
POINTS: Final = 12  # worst points that are tried
AHEAD: Final = 1.25  # of what is missing, for a margin


class Wish(NamedTuple):
    """How the outputs at a point should change; `weight` says how much that is worth."""

    point: int
    change: Floats
    weight: float


def list_wishes(
    loss: str, outputs: Floats, wanted: Floats, labels: NDArray[np.int64] | None
) -> list[Wish]:
    """The changes of single points that lower the loss, the best first."""
    found: list[Wish] = []
    for point, row in enumerate(outputs):
        change = wanted[point] - row
        weight = float(np.abs(change).sum())
        if loss == "hinge":
            missing = 1 - wanted[point] * row
            change, weight = wanted[point] * missing, float(missing.sum())
        elif loss == "zero_one" and labels is not None:
            label = int(labels[point])
            missing = float(np.delete(row, label).max() - row[label])
            change = np.zeros_like(row)
            change[label] = AHEAD * missing + 1e-3 * (1 + abs(missing))
            weight = 1 / (1 + missing) if missing >= 0 else 0.0
        elif loss == "zero_one":
            margin = float((wanted[point] * row).sum())
            change = wanted[point] * (1e-3 - AHEAD * margin)
            weight = 1 / (1 - margin) if margin <= 0 else 0.0
        if weight > 0:
            found.append(Wish(point, change, weight))
    found.sort(key=lambda wish: -wish.weight)
    return found[:POINTS]


def make_hats(
    points: Floats, wishes: Sequence[Wish], count: int, random: np.random.Generator
) -> Parameters | None:
    """Parameters of `count` units that grant as many wishes as there are three of them.

    `points` (n, d) are what the units really read. None where no direction tells the
    points of the wishes from the others well enough.
    """
    incoming = np.zeros((count, points.shape[1]))
    biases = np.full(count, -1.0)
    outgoing = (
        np.zeros((len(wishes[0].change), count)) if wishes else np.zeros((0, count))
    )
    granted: set[int] = set()
    start = 0
    for wish in wishes:
        if start + UNITS > count:
            break
        hat = _find_hat(points, wish.point, random)
        if hat is None or wish.point in granted:
            continue
        direction, centre, half, height = hat
        units = slice(start, start + UNITS)
        incoming[units] = direction
        biases[units] = [half - centre, -centre, -half - centre]
        size = (wish.change / height).astype(np.float32).astype(np.float64)
        outgoing[:, units] = size[:, None] * np.array([1.0, -2.0, 1.0])
        granted.add(wish.point)
        start += UNITS
    return Parameters(incoming, biases, (outgoing,)) if start else None


def _find_hat(
    points: Floats, chosen: int, random: np.random.Generator
) -> tuple[Floats, float, float, float] | None:
    """A direction, a centre, half the width, and the height at the point."""
    spread = points.std(0)
    grain = 2.0 ** np.round(-np.log2(np.where(spread > 0, spread, 1.0)))
    same = (points == points[chosen]).all(1)
    best: tuple[float, Floats, Floats] | None = None
    for _ in range(TRIES):
        draw = np.round(random.standard_normal(points.shape[1]) * 2**BITS) / 2**BITS
        direction = draw * grain * (spread > 0)
        places = points @ direction
        others = places[~same]
        gap = float(np.abs(others - places[chosen]).min(initial=np.inf))
        share = gap / max(float(np.abs(places).max()), 1e-300)
        if best is None or share > best[0]:
            best = share, direction, places
    if best is None or not best[0] > 2.0 ** (4 - FINE):
        return None
    share, direction, places = best
    largest = max(float(np.abs(places).max()), 1e-300)
    grid = 2.0 ** (math.ceil(math.log2(largest)) - FINE)
    room = min(share, 1.0) * largest
    half = 2.0 ** math.floor(math.log2(room / 2))
    centre = round(float(places[chosen]) / grid) * grid
    height = half - abs(float(places[chosen]) - centre)
    return (direction, centre, half, height) if height > 0 else None
