"""What refutes a cell: mixtures of rows, multipliers of phases and slopes, found by descent.

The backward pass of a sum of rows and phases bounds it from above on the cell, and any
multipliers from 0 on and slopes from 0 to 1 give such a bound; below 0 it closes the cell.
By duality the least of them is the optimum of the triangle relaxation. One pass forward
along the bounding lines gives its gradient, the point where it is attained, and for each
unit how much was lost there. Steps are Polyak's, towards a value just below 0: it is enough
to get there. (Salman et al. 2019; Xu et al. 2021; Wang et al. 2021.)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.certificates.levels import Levels, Rows, Which
from verify.networks.certificates.passes import ONE, Cells, Lines
from verify.networks.certificates.sweeps import (
    find_gradients,
    sweep_back,
    sweep_forth,
)
from verify.networks.network import Floats

MEMORY: Final = 0.5  # of earlier gradients
PHASE_RATE: Final = 0.3  # of phases' steps against slopes'
ROW_RATE: Final = 0.3
LARGEST: Final = 1e6  # multipliers beyond would drown the bound in rounding


class Multipliers(NamedTuple):
    """Of slopes and phases (cells, units) and rows (cells, rows)."""

    slopes: Floats
    phases: Floats
    rows: Floats

    def take(self, which: Which) -> Multipliers:
        return Multipliers(*(part[which] for part in self))


class Bounds(NamedTuple):
    """The least value found for each cell, and what gives it.

    `points` are the corners of the boxes where it is attained, `losses` (cells, units)
    what each unit's line gives away there, `pulls` (cells, inputs) the coefficients left.
    """

    values: Floats
    multipliers: Multipliers
    points: Floats
    losses: Floats
    pulls: Floats

    def take(self, which: Which) -> Bounds:
        values, multipliers, *rest = self
        return Bounds(
            values[which], multipliers.take(which), *(part[which] for part in rest)
        )


class _Pass(NamedTuple):
    """One backward pass and the pass forward along its lines."""

    values: Floats
    points: Floats
    pulls: Floats
    takes: Floats  # what each unit takes at the point, (cells, units)
    negative: Floats  # coefficients where negative, else 0, (cells, units)
    losses: Floats
    along: Floats  # values of the variables along the lines, (cells, variables)


def start_multipliers(rows: Rows, lines: Lines) -> Multipliers:
    """The kernel's slopes, no phases, and all rows that units drive in equal parts."""
    share = rows.driven / max(rows.driven.sum(), 1)
    mixed = np.broadcast_to(share, (len(lines.low), len(share)))
    return Multipliers(lines.lower.copy(), np.zeros_like(lines.low), mixed.copy())


def evaluate(
    levels: Levels, rows: Rows, cells: Cells, lines: Lines, multipliers: Multipliers
) -> _Pass:
    """The bound that these multipliers give on each cell."""
    slopes, weights = multipliers.slopes, multipliers.rows
    back = sweep_back(
        levels, lines, slopes, multipliers.phases * cells.phases,
        weights @ rows.matrix, weights @ rows.constants,
    )  # fmt: skip
    points = np.where(back.sums > 0.0, cells.upper, cells.lower)
    total = back.total + np.einsum("ij,ij->i", back.sums, points)
    forth = sweep_forth(levels, lines, slopes, back, points, 0.0)
    return _Pass(total, points, back.sums, forth.takes, back.negative, *forth[1:])


def minimise(
    levels: Levels,
    rows: Rows,
    cells: Cells,
    lines: Lines,
    start: Multipliers,
    rounds: int,
    goal: float,
) -> Bounds:
    """The least bounds that `rounds` passes find, done when all are below `goal` < 0."""
    slopes = np.where(lines.open, start.slopes, lines.lower)
    current = Multipliers(slopes, start.phases * (cells.phases != 0.0), start.rows)
    momentum = [np.zeros_like(part) for part in current]
    mixing = len(rows.indices) > 1
    best: Bounds | None = None
    for turn in range(rounds):
        done = evaluate(levels, rows, cells, lines, current)
        best = _better(best, done, current)
        if turn + 1 == rounds or (best.values < goal).all():
            break
        gradients = _gradients(rows, cells, lines, current, done, mixing)
        for memory, gradient in zip(momentum, gradients, strict=True):
            memory *= MEMORY
            memory += gradient
        current = _step(
            rows, lines, current, momentum, done.values - 2.0 * goal, mixing
        )
    if best is None:
        raise ValueError("at least one round is needed")
    return best


def _better(best: Bounds | None, done: _Pass, current: Multipliers) -> Bounds:
    if best is None:
        return Bounds(done.values, current, done.points, done.losses, done.pulls)
    gain = done.values < best.values
    wide = gain[:, None]

    def choose(new: Floats, old: Floats) -> Floats:
        return np.where(wide, new, old)

    kept = (choose(n, o) for n, o in zip(current, best.multipliers, strict=True))
    return Bounds(
        np.where(gain, done.values, best.values), Multipliers(*kept),
        choose(done.points, best.points), choose(done.losses, best.losses),
        choose(done.pulls, best.pulls),
    )  # fmt: skip


def _gradients(
    rows: Rows,
    cells: Cells,
    lines: Lines,
    current: Multipliers,
    done: _Pass,
    mixing: bool,
) -> list[Floats]:
    """Of slopes, phases and rows; 0 where a limit stops the step."""
    slopes, phases = find_gradients(
        cells, lines, current.slopes, current.phases, done.negative, done.takes
    )
    if not mixing:
        return [slopes, phases, np.zeros_like(current.rows)]
    weights = done.along @ rows.matrix.T + rows.constants
    driven = rows.driven
    if driven.any():
        weights[:, driven] -= weights[:, driven].mean(axis=1, keepdims=True)
    weights[(current.rows <= 0.0) & (weights > 0.0)] = 0.0
    return [slopes, phases, weights]


def _step(
    rows: Rows,
    lines: Lines,
    current: Multipliers,
    momentum: list[Floats],
    gap: Floats,
    mixing: bool,
) -> Multipliers:
    slopes, phases, weights = momentum
    norm = np.einsum("ij,ij->i", slopes, slopes)
    norm += PHASE_RATE * np.einsum("ij,ij->i", phases, phases)
    if mixing:
        norm += ROW_RATE * np.einsum("ij,ij->i", weights, weights)
    step = (np.maximum(gap, 0.0) / np.maximum(norm, 1e-30))[:, None]
    moved = np.clip(current.slopes - step * slopes, 0.0, 1.0)
    moved = np.where(lines.open, np.rint(moved * ONE) * (1.0 / ONE), lines.lower)
    fixed = np.clip(current.phases - PHASE_RATE * step * phases, 0.0, LARGEST)
    mixed = current.rows
    if mixing:
        mixed = np.clip(mixed - ROW_RATE * step * weights, 0.0, LARGEST)
        total = mixed[:, rows.driven].sum(axis=1, keepdims=True)
        if rows.driven.any():
            lost = total[:, 0] <= 1e-12
            mixed = np.where(lost[:, None], current.rows, mixed)
            total[lost] = 1.0
            mixed = np.minimum(mixed / total, LARGEST)
            fixed = np.minimum(fixed / total, LARGEST)
    return Multipliers(moved, fixed, mixed)
