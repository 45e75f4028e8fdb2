"""Which input of a box to halve, and what of a box can be cut off before.

A bound fails by what its lines lose, and halving an input helps as far as the lost part
depends on it. So each unit's share of the loss (its lines' distance times the row's
coefficient) is dealt out to the inputs by |dz/dx| times width, from the linear forms the
bounds came from. Against the longest edge, or the row's own slope times width, this takes
from a half to a tenth of the boxes and does not starve an input for ever.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from verify.networks.boxes.pullback import Blame
from verify.networks.boxes.ranges import Form, Ranges
from verify.networks.boxes.rounding import DOUBLE, Array
from verify.networks.network import Activation

LINEAR: Final = 0.1  # weight of the row's own variation against that of the loss


def clip_boxes(
    lower: Array, upper: Array, form: Array, bound: Array
) -> tuple[Array, Array]:
    """The part of each box where no row is certain to be negative, as a box.

    Boxes are float64 (inputs, boxes); the rows' `form` (inputs, rows, boxes) and `bound`
    (rows, boxes) are bounds from above over them, as float64 exact. A row can reach 0 only
    within bound / |coefficient| of the end where its form is largest. An emptied box has
    lower above upper.
    """
    with np.errstate(all="ignore"):
        reach = bound[None] / np.abs(form)
        reach = np.where(np.isfinite(reach), np.maximum(reach, 0), np.inf)
        least = np.where(form > 0, upper[:, None] - reach, -np.inf).max(1)
        most = np.where(form < 0, lower[:, None] + reach, np.inf).min(1)
        # Two roundings each, of numbers no larger than these: a reach beyond the width
        # of the box cuts nothing.
        spare = 8 * DOUBLE.unit * (np.abs(lower) + np.abs(upper)) + DOUBLE.smallest
        least = least - spare - 4 * DOUBLE.unit * np.abs(least)
        most = most + spare + 4 * DOUBLE.unit * np.abs(most)
    return np.fmax(lower, least), np.fmin(upper, most)


def score_inputs(
    ranges: Ranges, form: Form, blame: Blame, boxes: Array, width: Array
) -> Array:
    """How much halving each input promises, (inputs, boxes), for the chosen `boxes`.

    `width` and `form` are theirs, `ranges` and `blame` those of all boxes of the chunk.
    """
    program = ranges.program
    with np.errstate(all="ignore"):
        scores: Array = LINEAR * np.abs(form.form).sum(1) * width
        width = width.astype(program.precision.dtype)
        for index, share in blame.shares.items():
            layer, step = program.network.layers[index], ranges.steps[index]
            if step is None or not isinstance(layer, Activation):
                continue
            loss = _spread(share * step.gap, ranges.keep[index], layer.size)
            loss = np.broadcast_to(loss, (layer.size, ranges.boxes))
            found = _slopes(ranges, layer.source, boxes)
            if found is None:
                continue
            units, slopes = found
            loss = loss[units][:, boxes]
            total = np.einsum("iub,ib->ub", slopes, width)
            part = loss / total
            part = np.where(np.isfinite(part), part, 0)
            scores += width * np.einsum("iub,ub->ib", slopes, part)
    return scores


def _spread(loss: Array, keep: Array | None, size: int) -> Array:
    """The kept units' numbers among zeros for the others."""
    if keep is None:
        return loss
    full = np.zeros((size, loss.shape[1]), loss.dtype)
    full[keep] = loss
    return full


def _slopes(
    ranges: Ranges, source: int, boxes: Array
) -> tuple[Array | slice, Array] | None:
    """Units of a layer and |dz/dx| of them, (inputs, units, 1 or boxes), if known."""
    if source in ranges.forms:
        units, form = ranges.forms[source]
        return units, np.abs(form.form[:, : len(units)][:, :, boxes])
    if source == 0:
        unit = np.eye(len(ranges.middle), dtype=ranges.middle.dtype)
        return slice(None), unit[:, :, None]
    weights = ranges.program.weights[source]
    if weights is None or weights.sources != (0,):
        return None
    return slice(None), weights.magnitudes[0].T[:, :, None]


def choose_cuts(lower: Array, upper: Array, scores: Array) -> tuple[Array, Array]:
    """For each box the input to halve, -1 if no float lies between any ends, and where."""
    if not len(lower):
        return np.full(lower.shape[1], -1), np.zeros(lower.shape[1])
    middle = lower / 2 + upper / 2
    can = (middle > lower) & (middle < upper)
    scores = np.where(np.isfinite(scores) & can, scores, 0)
    flat = scores.max(0, initial=0) <= 0
    scores = np.where(flat, upper - lower, scores)
    scores = np.where(can, scores, -1)
    chosen = scores.argmax(0)
    places = np.arange(lower.shape[1])
    return np.where(can.any(0), chosen, -1), middle[chosen, places]
