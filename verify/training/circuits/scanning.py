"""The best hinge along many directions: where a freed unit starts.

For a direction w the points are sorted by w.z; a unit relu(w.z - t) is then active on the
first few, and the sums that say how much it lowers the loss, G = sum of slope_i relu(..)
and the sum of squares, follow for all thresholds t at once from running sums. For the
squared loss |G|^2 / (4 sum of squares) is the drop itself. By the theorem of spanning
hinges some threshold has G other than 0 in every direction that tells the points apart,
unless all slopes are 0: so where a smooth loss can be lowered, a scan finds how.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import Floats

DIRECTIONS: Final = 240
BEST: Final = 6


class Hinge(NamedTuple):
    """A unit relu(weights . z + bias) with the outgoing direction that lowers the loss.

    `outgoing` has all readers' rows, one after the other; `gain` is the promised drop.
    """

    weights: Floats
    bias: float
    outgoing: Floats
    gain: float


def scan_hinges(
    points: Floats, slopes: Floats, random: np.random.Generator, most: int = BEST
) -> list[Hinge]:
    """The most promising hinges for slopes (n, rows) at points (n, d), best first.

    The points have mean 0 and spread 1.
    """
    found: list[Hinge] = []
    for direction in _make_directions(points, slopes, random):
        hinge = _scan(points, slopes, direction)
        if hinge is not None:
            found.append(hinge)
    found.sort(key=lambda hinge: -hinge.gain)
    return found[:most]


def _make_directions(
    points: Floats, slopes: Floats, random: np.random.Generator
) -> Floats:
    """Each direction and its opposite: slopes' own, axes, differences, random ones."""
    count, width = DIRECTIONS // 4, points.shape[1]
    own = (points.T @ slopes).T[:count]
    axes = np.eye(width)[random.permutation(width)[:count]]
    pairs = random.integers(0, len(points), (2, count))
    apart = points[pairs[0]] - points[pairs[1]]
    noise = random.standard_normal((count, width))
    chosen = np.concatenate([own, axes, apart, noise])
    size = np.sqrt(((points @ chosen.T) ** 2).mean(0))
    chosen = chosen[size > 0] / size[size > 0][:, None]
    made: Floats = np.concatenate([chosen, -chosen])
    return made


def _scan(points: Floats, slopes: Floats, direction: Floats) -> Hinge | None:
    places = points @ direction
    order = np.argsort(-places)
    sorted_places, sorted_slopes = places[order], slopes[order]
    count = np.arange(1, len(places))
    weighted = np.cumsum(sorted_places[:, None] * sorted_slopes, 0)[:-1]
    plain = np.cumsum(sorted_slopes, 0)[:-1]
    first = np.cumsum(sorted_places)[:-1]
    second = np.cumsum(sorted_places**2)[:-1]
    ends = sorted_places[1:]
    if not len(ends):
        return None
    sums = weighted - ends[:, None] * plain
    squares = second - 2 * ends * first + count * ends**2
    floor = 1e-9 * (second + count * ends**2)
    gains = np.where(
        squares > floor,
        (sums**2).sum(1) / (4 * np.where(squares > floor, squares, 1)),
        0,
    )
    best = int(gains.argmax())
    if not gains[best] > 0:
        return None
    outgoing = -sums[best] / (2 * squares[best])
    return Hinge(direction, -float(ends[best]), outgoing, float(gains[best]))
