"""Slopes and a mixture chosen for each box, where the usual ones have left it open.

Any slope in [0, 1] below a relu and any nonnegative mixture of rows is sound, so both may
be chosen by what the bound fails at. It is attained near the corner where the row's linear
form is largest. There the network itself is evaluated: a line below should have slope 1
where its relu is active at that corner, else 0, and the mixture should move to the rows
that are negative there. This is one step of a subgradient method on the dual of the linear
relaxation (as in beta-CROWN, Wang et al., 2021), started at a good point: more steps
close few boxes more. With one row for each box it costs half of what bounding the inner
units does, closes a quarter to a half of what was left open, and so stops the tree from
growing where before it doubled: on the hardest networks one box is left of twenty.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.goals import Goals, bound_mixture
from verify.networks.boxes.ranges import Form, Ranges
from verify.networks.boxes.rounding import Array
from verify.networks.network import Activation
from verify.networks.values.floats import activate

BLEND: Final = 0.05  # of the uniform mixture, so that every row may enter
PACE: Final = 0.5  # of the multiplicative step


class Sight(NamedTuple):
    """For each box the bound (boxes,) of a mixture of its case, and the form (inputs,
    boxes) it comes from, as `ranges.Form`."""

    bound: Array
    form: Array


def look_again(
    ranges: Ranges, goals: Goals, form: Form, boxes: Array, cases: Array
) -> Sight:
    """Bound some boxes again, each by a mixture of the rows of the one case given.

    `form` is what `bound_goals` gave for all boxes of the chunk.
    """
    single = np.flatnonzero(goals.totals == 1)
    rows = goals.take(single)
    with np.errstate(all="ignore"):
        part = ranges.take(boxes)
        shares = first_shares(goals, single, form.bound[:, boxes], cases)
        slopes = np.einsum("irb,rb->ib", form.form[:, single][:, :, boxes], shares)
        layers = _evaluate(part, slopes)
        output = layers[part.program.network.output]
        values = rows.outputs.T @ output + rows.inputs.T @ layers[0]
        shares = move_shares(rows, shares, values + rows.constant[:, None], cases)
        for index, layer in enumerate(part.program.network.layers):
            if isinstance(layer, Activation):
                active = (layers[layer.source] > 0).astype(output.dtype)
                part.set_step(index, layer, active)
        found = bound_mixture(part, rows, shares)
    return Sight(found.bound[0], found.form[:, 0])


def first_shares(goals: Goals, single: Array, bound: Array, cases: Array) -> Array:
    """The best mixture of each box's case, and a little of every row of it, in shares of
    the `single` rows, (rows, boxes)."""
    mine = goals.owner[:, None] == cases
    best = np.where(mine, bound, np.inf).argmin(0)
    best = np.where(mine[best, np.arange(len(cases))], best, mine.argmax(0))
    table = np.zeros((len(goals.owner), len(single)))
    for place, weights in enumerate(goals.multipliers):
        rows = np.flatnonzero(goals.owner[single] == goals.owner[place])
        table[place, rows] = np.array(weights) / sum(weights)
    own = goals.owner[single][:, None] == cases
    even: Array = own / np.maximum(own.sum(0), 1)
    shares: Array = (1 - BLEND) * table[best].T + BLEND * even
    return shares


def move_shares(rows: Goals, shares: Array, values: Array, cases: Array) -> Array:
    """Shares after a multiplicative step to the rows whose `values` are small."""
    own = rows.owner[:, None] == cases
    size = np.abs(np.where(own, values, 0)).max(0)
    scaled = np.where(own & (size > 0), values / size, 0)
    moved: Array = shares * np.exp(-PACE * np.where(np.isfinite(scaled), scaled, 0))
    moved /= moved.sum(0)
    return moved


def _evaluate(ranges: Ranges, slopes: Array) -> list[Array]:
    """Every layer at the corner of each box where a form with these slopes is largest."""
    program, toll = ranges.program, ranges.toll
    layers: list[Array] = [ranges.middle + np.where(slopes > 0, toll, -toll)]
    for index, layer in enumerate(program.network.layers[1:], 1):
        weights = program.weights[index]
        if isinstance(layer, Activation):
            layers.append(activate(layer.kind, layers[layer.source]))
        elif weights is not None:
            total = np.broadcast_to(weights.bias, (len(weights.bias), ranges.boxes))
            pairs = zip(weights.sources, weights.matrices, strict=True)
            for source, matrix in pairs:
                total = total + matrix @ layers[source]
            layers.append(total)
    return layers
