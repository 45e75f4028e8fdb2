"""One pass back over bounding lines, and one forward along them, for many cells at once.

Back, a linear function of all variables is replaced, level by level, by one of the levels
before that bounds it from above; forward, a point of the inputs is followed along the same
lines. Whatever is maximised over the inputs in between, the two give the bound, what each
unit's line gives away, and the gradient for slopes and phases. (Zhang et al. 2018; Wang et
al. 2021.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from verify.networks.certificates.levels import Levels
from verify.networks.certificates.passes import Cells, Lines
from verify.networks.network import Floats


class Back(NamedTuple):
    """Coefficients of the inputs (cells, inputs) and the constant (cells,); coefficients
    of the units where positive and where negative, else 0 (cells, units)."""

    sums: Floats
    total: Floats
    positive: Floats
    negative: Floats


def sweep_back(
    levels: Levels,
    lines: Lines,
    slopes: Floats,
    fixed: Floats,
    sums: Floats,
    total: Floats,
) -> Back:
    """From coefficients of all variables to those of the inputs; `fixed` are signed
    multipliers of what units take, for phases."""
    inputs = levels.inputs
    negative, positive = np.empty((2, *slopes.shape))
    for level in reversed(levels.levels):
        units = slice(level.start - inputs, level.stop - inputs)
        part = sums[:, level.start :]
        above, below = positive[:, units], negative[:, units]
        np.maximum(part, 0.0, out=above)
        np.subtract(part, above, out=below)
        gained = above * lines.slope[:, units]
        gained += below * slopes[:, units]
        gained += fixed[:, units]
        total = total + np.einsum("ij,ij->i", above, lines.offset[:, units])
        if level.flat is not None and lines.floor is not None:
            total = total + np.einsum("ij,ij->i", below, lines.floor[:, units])
        total += gained @ level.bias
        sums = sums[:, : level.start] + gained @ level.matrix
    return Back(sums, total, positive, negative)


class Forth(NamedTuple):
    """What each unit takes at the point, what its line gives away there (cells, units),
    and the values of all variables along the lines (cells, variables)."""

    takes: Floats
    losses: Floats
    along: Floats


def sweep_forth(
    levels: Levels,
    lines: Lines,
    slopes: Floats,
    back: Back,
    points: Floats,
    hair: float,
) -> Forth:
    """Along the lines that a pass back used, from points (cells, inputs or fewer, others
    being 0); `hair` tells a unit without loss from one without effect."""
    inputs = levels.inputs
    along = np.zeros((len(points), len(levels.numbers)))
    along[:, : points.shape[1]] = points
    takes, losses = np.empty((2, *slopes.shape))
    for level in levels.levels:
        units = slice(level.start - inputs, level.stop - inputs)
        z = takes[:, units] = along[:, : level.start] @ level.turned + level.bias
        over = z * lines.slope[:, units] + lines.offset[:, units]
        under = z * slopes[:, units]
        if level.flat is not None and lines.floor is not None:
            under += lines.floor[:, units]
        given = np.where(back.positive[:, units] > 0.0, over, under)
        along[:, level.start : level.stop] = given
        apart = np.abs(given - np.maximum(z, 0.0))
        if level.straight is not None:
            apart[:, level.straight] = 0.0
        weights = back.positive[:, units] - back.negative[:, units]
        losses[:, units] = weights * (apart + hair)
    return Forth(takes, losses, along)


def find_gradients(
    cells: Cells, lines: Lines, slopes: Floats, phases: Floats, negative: Floats,
    takes: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Of slopes and of phases' multipliers; 0 where a limit stops the step."""
    tilted = negative * takes
    stopped = (slopes <= 0.0) & (tilted > 0.0)
    stopped |= (slopes >= 1.0) & (tilted < 0.0)
    tilted[stopped | ~lines.open] = 0.0
    held = cells.phases * takes
    held[(phases <= 0.0) & (held > 0.0)] = 0.0
    return tilted, held
