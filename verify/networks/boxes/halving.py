"""Which input to halve a box across: the one that accounts for most of the looseness.

The bound of an aim falls short by what the lines of loose units cost it: for each unit,
its coefficient times the gap between its lines. A gap shrinks with the range of the unit's
argument, and each input has a share in that range, the move it causes over its own range.
So every unit's cost is charged to the inputs by their shares, and the input with the
largest bill is halved. The length of the linear bound along an input, the usual measure,
is blind to inputs that only matter through curvature.
"""

from __future__ import annotations

import numpy as np

from verify.networks.boxes.relaxations import sigmoid
from verify.networks.boxes.rounding import Array
from verify.networks.network import Floats
from verify.networks.phases.aims import Box
from verify.networks.phases.chains import evaluate_blocks, single
from verify.networks.phases.towers import Tower, find_free


def halve_box(box: Box, tower: Tower, coefficients: Array) -> tuple[Box, ...]:
    """The two halves of the box a tower was built over; none where all is fixed.

    `coefficients` (aims, loose units) are those of the aims that stay open.
    """
    free = find_free(box.lower, box.upper)
    if not len(free):
        return ()
    bill = (np.abs(coefficients).max(axis=0, initial=0) * _gaps(tower)) @ _shares(tower)
    width = (box.upper - box.lower)[free]
    across = free[(bill if bill.any() else width).argmax()]
    middle = box.lower[across] / 2 + box.upper[across] / 2
    if not box.lower[across] < middle < box.upper[across]:
        return ()
    first, second = box.upper.copy(), box.lower.copy()
    first[across] = second[across] = middle
    return Box(box.lower, first), Box(second, box.upper)


def _gaps(tower: Tower) -> Floats:
    """About how far apart the lines of each loose unit are, (loose units,)."""
    lines = tower.lines
    low, high = sigmoid(lines.lower), sigmoid(lines.upper)
    least = np.minimum(low * (1 - low), high * (1 - high))
    bent = (high - low) - least * (lines.upper - lines.lower)
    return np.where(lines.free, lines.ceiling, bent)


def _shares(tower: Tower) -> Floats:
    """The share of each free input in each loose unit's range, (loose units, free)."""
    moves = np.zeros((len(tower.free), len(tower.fixed)))
    moves[np.arange(len(tower.free)), tower.free] = tower.radius
    chain = single(tower.chain)
    above, below = (
        evaluate_blocks(chain, (tower.fixed + side * moves).astype(np.float32))
        for side in (1, -1)
    )
    effects = [
        np.abs(up - down)[:, storey.kept[: storey.loose]]
        for storey, up, down in zip(tower.storeys, above, below, strict=False)
    ]
    effect = np.concatenate(effects, axis=1).T.astype(np.float64)
    whole: Floats = np.maximum(effect.sum(axis=1, keepdims=True), 1e-30)
    return effect / whole
