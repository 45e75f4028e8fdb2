"""Bounds of many cells at once, in floats, computed just as the kernel will compute them.

Forward, every unit is bounded by intervals; then, level by level, what the units take is
bounded by a backward pass over lines, and intervals are taken again: a leaf's tightenings
in the kernel's order. Lines have the kernel's slopes, multiples of 2^-16, so what differs
is float rounding alone, which the search's margin absorbs. (Weng et al. 2018, Zhang et al.
2018.) Arrays are (cells, units), or (cells, inputs) for boxes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from verify.networks.certificates.levels import Level, Levels, Mask, Which
from verify.networks.network import Floats

ONE: Final = 65_536.0  # slopes are multiples of 1 / ONE


class Cells(NamedTuple):
    """Boxes (cells, inputs), and phases (cells, units): 1 takes at least 0, -1 at most."""

    lower: Floats
    upper: Floats
    phases: Floats

    def take(self, which: Which) -> Cells:
        return Cells(self.lower[which], self.upper[which], self.phases[which])


class Lines(NamedTuple):
    """What units take lies from `low` to `high`; there a unit lies between two lines.

    Above: slope * z + offset. Below: `lower` * z (+ `floor` for flat units, else None),
    where any slope from 0 to 1 will do for the units marked `open`, undecided relus.
    """

    low: Floats
    high: Floats
    slope: Floats
    offset: Floats
    lower: Floats
    floor: Floats | None
    open: Mask

    def take(self, which: Which) -> Lines:
        low, high, slope, offset, lower, floor, undecided = self
        return Lines(
            low[which], high[which], slope[which], offset[which], lower[which],
            None if floor is None else floor[which], undecided[which],
        )  # fmt: skip


def bound_cells(
    levels: Levels, cells: Cells, tightened: tuple[Mask, Mask] | None = None
) -> Lines:
    """Bounds and lines of all units. `tightened` says which lower and which upper bounds
    a backward pass improves; None: all that can matter."""
    count, size = levels.units, len(cells.lower)
    low, high = np.full((2, size, count), np.inf)
    low *= -1.0
    with np.errstate(invalid="ignore"):
        _intervals(levels, cells, low, high)
        lines = _blank(levels, low, high)
        for place, level in enumerate(levels.levels):
            if place:
                _tighten(levels, place, cells, lines, tightened)
            _draw(levels, level, lines)
        if len(levels.levels) > 2 or lines.floor is not None:
            _intervals(levels, cells, low, high)
            for level in levels.levels:
                _draw(levels, level, lines)
    return lines


def _blank(levels: Levels, low: Floats, high: Floats) -> Lines:
    flat = any(level.flat is not None for level in levels.levels)
    slope, offset, lower = np.empty((3, *low.shape))
    floor = np.zeros_like(low) if flat else None
    return Lines(low, high, slope, offset, lower, floor, np.empty(low.shape, bool))


def _intervals(levels: Levels, cells: Cells, low: Floats, high: Floats) -> None:
    """Improve `low` and `high` in place by intervals and phases."""
    size, inputs = len(low), levels.inputs
    bottom, top = np.empty((2, size, len(levels.numbers)))
    bottom[:, :inputs], top[:, :inputs] = cells.lower, cells.upper
    for level in levels.levels:
        start, stop = level.start, level.stop
        units = slice(start - inputs, stop - inputs)
        middle = (bottom[:, :start] + top[:, :start]) * 0.5
        centre = middle @ level.turned + level.bias
        spread = (top[:, :start] - middle) @ level.sizes
        phases, least, most = cells.phases[:, units], low[:, units], high[:, units]
        np.maximum(least, centre - spread, out=least)
        np.minimum(most, centre + spread, out=most)
        np.maximum(least, 0.0, out=least, where=phases > 0)
        np.minimum(most, 0.0, out=most, where=phases < 0)
        bottom[:, start:stop], top[:, start:stop] = values(level, least, most)


def contradictory(lines: Lines) -> Mask:
    """Cells whose bounds contradict each other, by more than rounding."""
    gap = lines.low - lines.high
    wide = gap > 1e-9 * np.maximum(1.0, np.abs(lines.low))
    return np.asarray(wide.any(axis=1))


def values(level: Level, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The least and the most that a level's units give, for bounds of what they take."""
    bottom, top = np.maximum(low, 0.0), np.maximum(high, 0.0)
    if level.straight is not None:
        bottom[:, level.straight] = low[:, level.straight]
        top[:, level.straight] = high[:, level.straight]
    if level.flat is not None:
        for place in np.nonzero(level.flat)[0]:
            curve = _CURVES[level.kinds[place]]
            bottom[:, place], top[:, place] = (
                curve(low[:, place]),
                curve(high[:, place]),
            )
    return bottom, top


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


_CURVES: Final[dict[str, Callable[[Floats], Floats]]] = {
    "sigmoid": sigmoid,
    "sign": lambda x: np.sign(x),
}


def _draw(levels: Levels, level: Level, lines: Lines) -> None:
    """The lines of a level from its bounds, in place."""
    units = slice(level.start - levels.inputs, level.stop - levels.inputs)
    low, high = lines.low[:, units], lines.high[:, units]
    active, inactive = low >= 0.0, high <= 0.0
    bottom, top = np.minimum(low, 0.0), np.maximum(high, 0.0)
    width = top - bottom
    np.maximum(width, 1e-300, out=width)
    slope = np.rint(top / width * ONE) * (1.0 / ONE)
    lower = (top >= -bottom).astype(float)
    offset = np.maximum(-slope * bottom, (1.0 - slope) * top)
    undecided = ~(active | inactive)
    if level.straight is not None:
        active = active | level.straight
        inactive = inactive & ~level.straight
        undecided &= ~level.straight
    # the kernel looks at the upper bound first
    for part, on in ((slope, 1.0), (lower, 1.0), (offset, 0.0)):
        part[active] = on
        part[inactive] = 0.0
    if level.flat is not None and lines.floor is not None:
        least, most = values(level, low, high)
        for part in (slope, lower, offset):
            part[:, level.flat] = 0.0
        offset[:, level.flat] = most[:, level.flat]
        lines.floor[:, units][:, level.flat] = least[:, level.flat]
        undecided &= ~level.flat
    lines.slope[:, units], lines.offset[:, units] = slope, offset
    lines.lower[:, units], lines.open[:, units] = lower, undecided


def _tighten(
    levels: Levels,
    place: int,
    cells: Cells,
    lines: Lines,
    tightened: tuple[Mask, Mask] | None,
) -> None:
    """Improve a level's bounds by backward passes over the levels before, in place."""
    level, inputs = levels.levels[place], levels.inputs
    units = slice(level.start - inputs, level.stop - inputs)
    low, high = lines.low[:, units], lines.high[:, units]
    if tightened is None:
        wanted = (low < 0.0) & (high > 0.0)
        if level.flat is not None:
            wanted |= level.flat
        both = wanted, wanted
    else:
        both = tightened[0][:, units], tightened[1][:, units]
    which = np.nonzero((both[0] | both[1]).any(axis=0))[0]
    if not len(which):
        return
    rows, bias = level.matrix[which], level.bias[which]
    found = _backward(
        levels, place, np.concatenate([rows, -rows]), np.concatenate([bias, -bias]),
        cells, lines,
    )  # fmt: skip
    half = len(which)
    least, most = low[:, which], high[:, which]
    np.minimum(most, found[:, :half], out=most, where=both[1][:, which])
    np.maximum(least, -found[:, half:], out=least, where=both[0][:, which])
    phases = cells.phases[:, units][:, which]
    np.maximum(least, 0.0, out=least, where=phases > 0)
    np.minimum(most, 0.0, out=most, where=phases < 0)
    low[:, which], high[:, which] = least, most


def _backward(
    levels: Levels, place: int, rows: Floats, bias: Floats, cells: Cells, lines: Lines
) -> Floats:
    """The most that rows over the levels before `place` can be, (cells, rows)."""
    sums, total = np.broadcast_to(rows, (len(lines.low), *rows.shape)), bias
    for level in reversed(levels.levels[:place]):
        units = slice(level.start - levels.inputs, level.stop - levels.inputs)
        part = sums[:, :, level.start : level.stop]
        above = np.maximum(part, 0.0)
        below = part - above
        total = total + np.matmul(above, lines.offset[:, units, None])[..., 0]
        if lines.floor is not None and level.flat is not None:
            total = total + np.matmul(below, lines.floor[:, units, None])[..., 0]
        gained = above * lines.slope[:, None, units]
        gained += below * lines.lower[:, None, units]
        total = total + gained @ level.bias
        sums = sums[:, :, : level.start] + gained @ level.matrix
    above = np.maximum(sums, 0.0)
    total = total + np.matmul(above, cells.upper[:, :, None])[..., 0]
    found: Floats = total + np.matmul(sums - above, cells.lower[:, :, None])[..., 0]
    return found
