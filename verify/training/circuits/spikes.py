"""One freed unit that is active at a single training point.

A point that is a corner of the convex hull of all points can be cut off by a hyperplane,
and a unit that is active beyond it changes the output there and nowhere else: it lowers any
loss that is a sum over points. In many dimensions nearly every point is a corner. The
hyperplane is found as the shortest vector of the hull of differences from the other points
(Gilbert's algorithm), which is the direction of largest margin.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from verify.networks.network import Floats

ROUNDS: Final = 400
SHARE: Final = 1e-4  # of the point's distance that the margin must have
LEVEL: Final = 0.5  # of the margin at which the unit wakes


def find_spike(points: Floats, chosen: int) -> tuple[Floats, float] | None:
    """Weights and a bias with value 1 at a point of (n, d) and below 0 at all others.

    None where no wide enough margin was found. Points equal to the chosen one share its
    value.
    """
    gaps = points[chosen] - points
    gaps = gaps[gaps.any(1)]
    if not len(gaps):
        return None
    shortest = gaps.mean(0)
    for _ in range(ROUNDS):
        products = gaps @ shortest
        worst = int(products.argmin())
        step = gaps[worst] - shortest
        size = float(step @ step)
        share = -float(shortest @ step) / size if size > 0 else 0.0
        if share <= 1e-9:
            break
        shortest = shortest + min(share, 1.0) * step
    margin = float((gaps @ shortest).min())
    far = float(np.abs(gaps @ shortest).max())
    if not margin > SHARE * far:
        return None
    weights = shortest / (margin * (1 - LEVEL))
    return weights, 1 - float(points[chosen] @ weights)
