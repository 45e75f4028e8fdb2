"""Upper bounds of `output - rate * distance` on many cells at once, in floats.

A backward pass over the lines of undecided relus leaves an affine function of the inputs;
less rate * distance, its maximum over a box is known in closed form, one coordinate at a
time for l1 and by sorting for linf. So the distance is never split on, and it costs no
relaxation: what a mixed-integer programme pays for it is saved. Slopes, multipliers of
phases and of conditions are improved by Polyak steps towards the best value known. All of
it is search; the kernel computes each closed cell again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.certificates.levels import Levels, Which
from verify.networks.certificates.passes import ONE, Cells, Lines
from verify.networks.certificates.sweeps import (
    find_gradients,
    sweep_back,
    sweep_forth,
)
from verify.networks.network import Floats

MEMORY: Final = 0.5
PHASE_RATE: Final = 0.3
CONDITION_RATE: Final = 0.3
LARGEST: Final = 1e6
NEARLY: Final = 1e-9  # how far a float may miss a condition that it is to meet
HAIR: Final = 1e-9  # so that a unit without loss is still told from one without effect


class Tasks(NamedTuple):
    """Maximisations over one box, all arrays by task.

    `mains` (tasks, variables) and `constants` are what is maximised but for the distance
    from `points` (tasks, inputs), which costs `rates` each unit; `conditions` (tasks,
    conditions, variables) and `shifts` must be at least 0, a row of zeros being none.
    """

    mains: Floats
    constants: Floats
    rates: Floats
    points: Floats
    conditions: Floats
    shifts: Floats
    linf: bool

    def take(self, which: Which) -> Tasks:
        mains, constants, rates, points, conditions, shifts, linf = self
        return Tasks(
            mains[which], constants[which], rates[which], points[which],
            conditions[which], shifts[which], linf,
        )  # fmt: skip


class Weights(NamedTuple):
    """Slopes and phases (cells, units), conditions (cells, conditions)."""

    slopes: Floats
    phases: Floats
    conditions: Floats

    def take(self, which: Which) -> Weights:
        return Weights(*(part[which] for part in self))


class Bounds(NamedTuple):
    """What was found for each cell: `pulls` are the coefficients of the inputs, `points`
    where the bound is attained, `losses` what each unit's line gives away there."""

    values: Floats
    weights: Weights
    points: Floats
    pulls: Floats
    losses: Floats

    def take(self, which: Which) -> Bounds:
        values, weights, *rest = self
        return Bounds(values[which], weights.take(which), *(p[which] for p in rest))


def climb_box(
    pulls: Floats,
    rates: Floats,
    points: Floats,
    lower: Floats,
    upper: Floats,
    linf: bool,
) -> tuple[Floats, Floats]:
    """The most of pulls * (z - x) - rate * |z - x| over boxes, and a z. A box need not
    contain x, but for linf.

    All (cells, inputs), rates (cells,).
    """
    if not linf:
        near = np.clip(points, lower, upper)
        above = (pulls - rates[:, None]) * (upper - near)
        below = (-pulls - rates[:, None]) * (near - lower)
        best = np.maximum(above, below)
        where = np.where(best > 0.0, np.where(above >= below, upper, lower), near)
        gains = np.maximum(best, 0.0) + pulls * (near - points)
        gains -= rates[:, None] * np.abs(near - points)
        return gains.sum(axis=1), where
    up, down = upper - points, points - lower
    reach = np.where(pulls > 0.0, up, down)
    order = np.argsort(-reach, axis=1)
    sorted_reach = np.take_along_axis(reach, order, axis=1)
    sizes = np.cumsum(np.take_along_axis(np.abs(pulls), order, axis=1), axis=1)
    # going out to distance t gains at the sizes of the inputs that reach beyond t
    going = sizes >= rates[:, None]
    first = np.argmax(going, axis=1)
    at = np.take_along_axis(sorted_reach, first[:, None], axis=1)[:, 0]
    far = np.where(going.any(axis=1), at, 0.0)
    moved = np.minimum(reach, far[:, None])
    values = (np.abs(pulls) * moved).sum(axis=1) - rates * far
    return values, points + np.sign(pulls) * moved


def start_weights(tasks: Tasks, lines: Lines) -> Weights:
    """The kernel's slopes, no phases, conditions at 0."""
    conditions = np.zeros(tasks.shifts.shape)
    return Weights(lines.lower.copy(), np.zeros_like(lines.low), conditions)


class _Pass(NamedTuple):
    values: Floats
    points: Floats
    pulls: Floats
    takes: Floats
    negative: Floats
    losses: Floats
    along: Floats


def evaluate(
    levels: Levels, tasks: Tasks, cells: Cells, lines: Lines, weights: Weights
) -> _Pass:
    """The bounds that these weights give."""
    real = tasks.points.shape[1]
    sums, total = tasks.mains, tasks.constants
    if weights.conditions.shape[1]:
        mixed = np.einsum("ij,ijk->ik", weights.conditions, tasks.conditions)
        sums = sums + mixed
        total = total + np.einsum("ij,ij->i", weights.conditions, tasks.shifts)
    fixed = weights.phases * cells.phases
    back = sweep_back(levels, lines, weights.slopes, fixed, sums, total)
    pulls = back.sums[:, :real]
    gains, points = climb_box(
        pulls, tasks.rates, tasks.points, cells.lower[:, :real], cells.upper[:, :real],
        tasks.linf,
    )  # fmt: skip
    total = back.total + np.einsum("ij,ij->i", pulls, tasks.points) + gains
    forth = sweep_forth(levels, lines, weights.slopes, back, points, HAIR)
    return _Pass(total, points, pulls, forth.takes, back.negative, *forth[1:])


def minimise(
    levels: Levels,
    tasks: Tasks,
    cells: Cells,
    lines: Lines,
    start: Weights,
    rounds: int,
    goals: Floats,
) -> Bounds:
    """The least bounds that `rounds` passes find; done when all are below `goals`."""
    slopes = np.where(lines.open, start.slopes, lines.lower)
    current = Weights(slopes, start.phases * (cells.phases != 0.0), start.conditions)
    momentum = [np.zeros_like(part) for part in current]
    best: Bounds | None = None
    for turn in range(rounds):
        done = evaluate(levels, tasks, cells, lines, current)
        best = _better(best, done, current)
        if turn + 1 == rounds or (best.values < goals).all():
            break
        gradients = _gradients(tasks, cells, lines, current, done)
        for memory, gradient in zip(momentum, gradients, strict=True):
            memory *= MEMORY
            memory += gradient
        gap = np.maximum(done.values - goals, 0.0)
        current = _step(lines, current, momentum, gap)
    if best is None:
        raise ValueError("at least one round is needed")
    return best


def _better(best: Bounds | None, done: _Pass, current: Weights) -> Bounds:
    if best is None:
        return Bounds(done.values, current, done.points, done.pulls, done.losses)
    gain = done.values < best.values
    wide = gain[:, None]

    def choose(new: Floats, old: Floats) -> Floats:
        return np.where(wide, new, old)

    kept = (choose(n, o) for n, o in zip(current, best.weights, strict=True))
    return Bounds(
        np.where(gain, done.values, best.values), Weights(*kept),
        choose(done.points, best.points), choose(done.pulls, best.pulls),
        choose(done.losses, best.losses),
    )  # fmt: skip


def _gradients(
    tasks: Tasks, cells: Cells, lines: Lines, current: Weights, done: _Pass
) -> list[Floats]:
    slopes, phases = find_gradients(
        cells, lines, current.slopes, current.phases, done.negative, done.takes
    )
    if not current.conditions.shape[1]:
        return [slopes, phases, np.zeros_like(current.conditions)]
    conditions = np.einsum("ijk,ik->ij", tasks.conditions, done.along) + tasks.shifts
    conditions[(current.conditions <= 0.0) & (conditions > 0.0)] = 0.0
    return [slopes, phases, conditions]


def _step(
    lines: Lines, current: Weights, momentum: list[Floats], gap: Floats
) -> Weights:
    slopes, phases, conditions = momentum
    norm = np.einsum("ij,ij->i", slopes, slopes)
    norm += PHASE_RATE * np.einsum("ij,ij->i", phases, phases)
    norm += CONDITION_RATE * np.einsum("ij,ij->i", conditions, conditions)
    step = (gap / np.maximum(norm, 1e-30))[:, None]
    moved = np.clip(current.slopes - step * slopes, 0.0, 1.0)
    moved = np.where(lines.open, np.rint(moved * ONE) * (1.0 / ONE), lines.lower)
    fixed = np.clip(current.phases - PHASE_RATE * step * phases, 0.0, LARGEST)
    mixed = current.conditions - CONDITION_RATE * step * conditions
    return Weights(moved, fixed, np.clip(mixed, 0.0, LARGEST))


def true_values(levels: Levels, tasks: Tasks, points: Floats) -> Floats:
    """What is maximised, at points (tasks, inputs); -inf where a condition clearly fails."""
    real = points.shape[1]
    along = np.zeros((len(points), len(levels.numbers)))
    along[:, :real] = points
    for level in levels.levels:
        z = along[:, : level.start] @ level.turned + level.bias
        gives = np.maximum(z, 0.0)
        if level.straight is not None:
            gives[:, level.straight] = z[:, level.straight]
        along[:, level.start : level.stop] = gives
    moved = np.abs(points - tasks.points)
    far = moved.max(axis=1) if tasks.linf else moved.sum(axis=1)
    found = np.einsum("ij,ij->i", tasks.mains, along) + tasks.constants
    found -= tasks.rates * far
    if tasks.shifts.shape[1]:
        # a vertex lies on its conditions, and floats put it a little beside them
        met = np.einsum("ijk,ik->ij", tasks.conditions, along) + tasks.shifts
        found = np.where((met >= -NEARLY).all(axis=1), found, -np.inf)
    return np.asarray(found)
