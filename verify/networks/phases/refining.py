"""Bounds of inner units as tight as time allows: each layer refined by branch and bound.

A deep network's relaxation is loose because its early bounds are: what is slightly loose
in the third layer is hopeless in the sixth. So before, and in turn with, splitting for the
property itself, every unit whose phase is still open is given a small branch and bound of
its own over the phases of the layers below (the idea of refining by MILP, Tjeng et al.
2019, with a search that stops anywhere and whose every leaf is a proof). Units that
samples have seen on both sides can only be narrowed; they get nothing once they are narrow.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.crews import Crew
from verify.networks.boxes.relaxations import sigmoid
from verify.networks.boxes.rounding import Array
from verify.networks.network import RELU, SIGMOID, Floats
from verify.networks.phases.aims import Box
from verify.networks.phases.chains import Chain, evaluate_blocks, single
from verify.networks.phases.leaf import Objectives, make_unit_objectives, sizes_allow
from verify.networks.phases.splitting import (
    Plan,
    bound_plainly,
    climb_once,
    split_phases,
)
from verify.networks.phases.towers import Tower, add_storey, start_tower

STEPS: Final = 20  # of the first climb of every unit
REFINING: Final = 6  # of the climbs in its leaves
BATCH: Final = 512
FLAT: Final = 0.01  # range of a sigmoid unit that is narrow enough
WIDE: Final = 64  # units of a block that may be hopeless
MOSTLY: Final = 0.75
NARROWING: Final = (
    0.3  # of rounds and of what time is left, for sides that can only be narrowed
)
LEAST: Final = 3  # rounds for them
NARROW: Final = (
    0.1  # of a unit's width: a gap to what was seen that is not worth closing
)


class Bounds(NamedTuple):
    """Of every block but the last: lower and upper ends of what its activation is given
    (rows,), rigorous, and what points of the box were seen to give it."""

    lower: tuple[Floats, ...]
    upper: tuple[Floats, ...]
    least: tuple[Floats, ...]
    most: tuple[Floats, ...]

    def hopeless(self, number: int) -> bool:
        """Is nearly all of a wide block loose, so that nothing behind it is bounded?"""
        low, high = self.lower[number], self.upper[number]
        loose = int(((low < 0) & (high > 0)).sum())
        return len(low) >= WIDE and loose > MOSTLY * len(low)


def first_bounds(
    chain: Chain, box: Box, seen: Floats, crew: Crew
) -> tuple[Tower, Bounds] | None:
    """Bounds by one climb for each open unit, block by block; `seen` are points of the
    box. None where numbers are too large for the error analysis."""
    tower = start_tower(chain, box.lower, box.upper)
    lows: list[Floats] = []
    highs: list[Floats] = []
    for block in chain.blocks[:-1]:
        low, high = _plain(tower, crew)
        if not sizes_allow(low, high):
            return None
        wanted = (low < 0) & (high > 0)
        if block.kind == SIGMOID:
            wanted = sigmoid(high) - sigmoid(low) > FLAT
        elif block.kind is None:
            wanted[:] = False
        units = np.flatnonzero(wanted)
        if len(units) and tower.total:
            objectives = make_unit_objectives(tower, units)
            found = climb_once(tower, objectives, STEPS, crew).bounds
            _tighten(low, high, units, np.arange(2 * len(units)), found)
        lows.append(low)
        highs.append(high)
        tower = add_storey(tower, low, high)
    given = evaluate_blocks(single(chain), seen)[:-1]
    least = tuple(values.min(axis=0) for values in given)
    most = tuple(values.max(axis=0) for values in given)
    return tower, Bounds(tuple(lows), tuple(highs), least, most)


def refine_bounds(
    chain: Chain,
    box: Box,
    bounds: Bounds,
    rounds: int,
    seconds: float,
    deadline: float,
    crew: Crew,
) -> tuple[Tower, Bounds]:
    """The blocks again, each with at most `rounds` of splitting and `seconds`; those
    behind a relu block that stays hopeless have to wait."""
    tower = start_tower(chain, box.lower, box.upper)
    waiting = False
    for number, block in enumerate(chain.blocks[:-1]):
        over = waiting or time.monotonic() > deadline
        if block.kind == RELU and tower.total and not over:
            limit = min(deadline, time.monotonic() + seconds)
            bounds = _refine(tower, bounds, number, rounds, limit, crew)
            waiting = bounds.hopeless(number)
        tower = add_storey(tower, bounds.lower[number], bounds.upper[number])
    return tower, bounds


def _plain(tower: Tower, crew: Crew) -> tuple[Floats, Floats]:
    """Bounds of all units of the head's block, with the usual slopes."""
    count = len(tower.head_bias)
    found = bound_plainly(tower, make_unit_objectives(tower, np.arange(count)), crew)
    return found[:count].copy(), -found[count:]


def _tighten(
    low: Floats, high: Floats, units: Array, sides: Array, found: Floats
) -> None:
    """Put bounds of the objectives `sides`, of make_unit_objectives(units), to use."""
    count = len(units)
    below, above = sides < count, sides >= count
    which = units[sides[below]]
    low[which] = np.maximum(low[which], found[below])
    which = units[sides[above] - count]
    high[which] = np.minimum(high[which], -found[above])


def _refine(
    tower: Tower, bounds: Bounds, number: int, rounds: int, deadline: float, crew: Crew
) -> Bounds:
    """One block: first the sides whose sign can still be shown, then those that can only
    be narrowed, with fewer rounds. Each search has a batch to itself, so the fewer the
    sides, the deeper it goes."""
    bounds = _refine_sides(tower, bounds, number, True, rounds, deadline, crew)
    now = time.monotonic()
    until = now + NARROWING * (deadline - now)
    fewer = max(LEAST, int(NARROWING * rounds))
    return _refine_sides(tower, bounds, number, False, fewer, until, crew)


def _refine_sides(
    tower: Tower,
    bounds: Bounds,
    number: int,
    showing: bool,
    rounds: int,
    deadline: float,
    crew: Crew,
) -> Bounds:
    low, high = bounds.lower[number].copy(), bounds.upper[number].copy()
    units = np.flatnonzero((low < 0) & (high > 0))
    known = np.concatenate([low[units], -high[units]])
    seen = np.concatenate([bounds.least[number][units], -bounds.most[number][units]])
    width = np.tile(high[units] - low[units], 2)
    narrowed = (seen < 0) & (seen - known > NARROW * width)
    sides = np.flatnonzero(seen >= 0 if showing else narrowed)
    if not len(sides) or time.monotonic() > deadline:
        return bounds
    objectives: Objectives = make_unit_objectives(tower, units).take(sides)
    witnessed = Witnessed(tower, bounds)
    plan = Plan(rounds, BATCH, REFINING, deadline)
    choices = climb_once(tower, objectives, STEPS, crew).choices
    tally = split_phases(tower, objectives, choices, plan, witnessed.watch, crew)
    _tighten(low, high, units, sides, tally.bounds)
    return Bounds(
        _replace(bounds.lower, number, low),
        _replace(bounds.upper, number, high),
        tuple(witnessed.least),
        tuple(witnessed.most),
    )


def _replace(
    parts: tuple[Floats, ...], number: int, part: Floats
) -> tuple[Floats, ...]:
    return (*parts[:number], part, *parts[number + 1 :])


class Witnessed:
    """Keeps what units are seen to be given at the corners that a search passes."""

    def __init__(self, tower: Tower, bounds: Bounds) -> None:
        self.tower, self.chain = tower, single(tower.chain)
        self.least, self.most = list(bounds.least), list(bounds.most)

    def watch(self, owners: Array, corners: Array) -> bool:
        """Take note of the corners; never ends a search."""
        points = whole_points(self.tower, corners)
        for number, given in enumerate(evaluate_blocks(self.chain, points)[:-1]):
            self.least[number] = np.minimum(self.least[number], given.min(axis=0))
            self.most[number] = np.maximum(self.most[number], given.max(axis=0))
        return False


def whole_points(tower: Tower, corners: Array) -> Array:
    """Input points (count, inputs) from the inputs that vary (count, free)."""
    points = np.repeat(tower.fixed.astype(corners.dtype)[None], len(corners), 0)
    points[:, tower.free] = corners
    return points
