"""Optimised slopes: bounds raised by gradient steps on every choice they depend on.

A loose relu with a positive coefficient may be replaced by any line of slope 0 to 1 below
it, a sigmoid by any tangent that fits, and a decided unit may lend any nonnegative multiple
of what it is known to satisfy: each choice gives a bound, and the best beats any fixed one
by far (Xu et al., Fast and Complete, 2021; Wang et al., Beta-CROWN, 2021). The gradient is
that of backward.py. Everything here is float32 search; leaf.py computes the bound that
counts from the choices found.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array
from verify.networks.phases.backward import Pass
from verify.networks.phases.towers import Tower

RATE: Final = 0.25  # of Adam, for slopes
LEND: Final = 0.4  # for multipliers, relative to the coefficient of their unit
DECAY: Final = 0.96
MEAN: Final = 0.9
SQUARE: Final = 0.999


class Choices(NamedTuple):
    """What a bound depends on, one line a row to be bounded.

    `slopes` (rows, loose units) float32, from 0 to 1: slopes below relus, and where
    tangents touch sigmoids (curves.py); `units` (rows, splits) are the decided units,
    `signs` 1 where they take at least 0, -1 where at most, 0 for no split; `lent` their
    multipliers.
    """

    slopes: Array
    units: Array
    signs: Array
    lent: Array

    def take(self, which: Array | slice) -> Choices:
        return Choices(*(part[which] for part in self))


class Climb(NamedTuple):
    """The best bounds found (rows,), the choices for them, the final rows (rows, free
    inputs), whose signs tell the corner where the bound is attained, and at the end of
    the climb the coefficients of the loose units (rows, loose units)."""

    bounds: Array
    choices: Choices
    finals: Array
    coefficients: Array


def plain_choices(tower: Tower, count: int) -> Choices:
    """The lines that leave least area, and no splits."""
    slopes = np.repeat(tower.lines.initial.astype(np.float32)[None], count, 0)
    none = np.zeros((count, 0))
    return Choices(
        slopes, none.astype(np.int32), none.astype(np.int8), none.astype(np.float32)
    )


def climb(
    tower: Tower,
    rows: Array,
    constant: Array,
    choices: Choices,
    rounds: int,
    goal: float = np.inf,
) -> Climb:
    """Improve the lower bounds of rows·v + constant, v the tower's columns.

    `rows` (count, columns) and `constant` (count,) are float32. Ends early when all the
    bounds are above `goal`. The bounds are not rigorous: see leaf.py.
    """
    with np.errstate(all="ignore"):
        return _climb(tower, rows, constant, choices, rounds, goal)


def glance(tower: Tower, rows: Array, constant: Array, choices: Choices) -> Array:
    """The bounds for these choices as they are, (count,)."""
    with np.errstate(all="ignore"):
        lines = Pass(tower, choices.units, choices.signs)
        slopes = np.pad(choices.slopes, ((0, 0), (0, 1)))
        lines.settle(slopes)
        return lines.back(rows, constant, slopes, choices.lent)[0]


def _climb(
    tower: Tower,
    rows: Array,
    constant: Array,
    choices: Choices,
    rounds: int,
    goal: float,
) -> Climb:
    count, total = len(rows), tower.total
    lines = Pass(tower, choices.units, choices.signs)
    slopes = np.zeros((count, total + 1), np.float32)
    slopes[:, :total] = choices.slopes
    lines.settle(slopes)
    lent, scale = choices.lent.astype(np.float32), None
    arguments, gradient = np.zeros_like(slopes), np.zeros_like(slopes)
    slope_step, lent_step = Adam(slopes, RATE), Adam(lent, LEND)
    best = np.full(count, -np.inf, np.float32)
    kept_slopes, kept_lent = slopes.copy(), lent.copy()
    finals = np.zeros((count, len(tower.middle)), np.float32)
    for turn in range(rounds + 1):
        bounds, final, steps = lines.back(rows, constant, slopes, lent)
        better = bounds > best
        best[better], finals[better] = bounds[better], final[better]
        kept_slopes[better], kept_lent[better] = slopes[better], lent[better]
        if turn == rounds or not total or (best > goal).all():
            break
        lines.forth(final, steps, arguments)
        if lines.decided:
            if scale is None:
                scale = _scale(lines.coefficients(steps), lines)
            change = lent_step(-lines.signs * arguments[lines.each, lines.places])
            lent = np.maximum(lent + scale * change, 0) * np.abs(lines.signs)
        lines.gradient(steps, arguments, gradient)
        slopes += slope_step(gradient)
        np.clip(slopes, 0, 1, out=slopes)
        lines.settle(slopes)
    found = Choices(kept_slopes[:, :total], choices.units, choices.signs, kept_lent)
    return Climb(best, found, finals, lines.coefficients(steps)[:, :total])


def _scale(coefficients: Array, lines: Pass) -> Array:
    """The size of a sensible step for each row's multipliers, (rows, 1)."""
    size = np.abs(coefficients)
    split = np.abs(lines.signs)
    mean: Array = (size[lines.each, lines.places] * split).sum(1)
    mean /= np.maximum(split.sum(1), 1)
    mean += np.float32(1e-3) * size.max(1, initial=0)
    return mean[:, None]


class Adam:
    """Steps uphill of a size that settles by itself (Kingma and Ba, 2015)."""

    def __init__(self, like: Array, rate: float) -> None:
        self.mean, self.square = np.zeros_like(like), np.zeros_like(like)
        self.rate, self.turn = rate, 0

    def __call__(self, gradient: Array) -> Array:
        self.turn += 1
        self.mean *= np.float32(MEAN)
        self.mean += np.float32(1 - MEAN) * gradient
        self.square *= np.float32(SQUARE)
        self.square += np.float32(1 - SQUARE) * np.square(gradient)
        step = np.sqrt(self.square)
        step *= np.float32((1 - SQUARE**self.turn) ** -0.5)
        step += np.float32(1e-12)
        np.divide(self.mean, step, out=step)
        rate = self.rate * DECAY ** (self.turn - 1) / (1 - MEAN**self.turn)
        step *= np.float32(rate)
        return step
