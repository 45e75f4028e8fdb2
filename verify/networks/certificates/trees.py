"""Leaves as the kernel reads them: integer multipliers, and few tightenings.

The kernel takes integers, and every tightening costs it a backward pass, so those that a
leaf can do without are left out: the bounds of a unit matter only where its upper line is
used, and as long as what is given away stays within the leaf's margin. The leaf is then
bounded again with just what is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, floor, gcd
from typing import Final, NamedTuple

import numpy as np

from verify.kernel.cells import Cells as KernelCells
from verify.networks.certificates.levels import Levels, Mask, Rows
from verify.networks.certificates.multipliers import Multipliers, evaluate
from verify.networks.certificates.outcomes import Node
from verify.networks.certificates.passes import (
    ONE,
    Cells,
    Lines,
    bound_cells,
    contradictory,
)
from verify.networks.certificates.regions import Box
from verify.networks.network import Floats

SCALE: Final = float(1 << 30)  # steps to the unit, of multipliers of rows and phases
THRIFT: Final = 0.6  # the part of a leaf's margin that may be given away
BATCH: Final = 256


class Leaves(NamedTuple):
    """Closed cells and their multipliers, one batch."""

    cells: Cells
    multipliers: Multipliers


class _Whole(NamedTuple):
    """Multipliers as the integers that the kernel will read."""

    rows: Floats
    phases: Floats


def write_leaves(levels: Levels, rows: Rows, leaves: Leaves) -> list[Node]:
    """Leaf nodes for closed cells, in order."""
    found: list[Node] = []
    for start in range(0, len(leaves.cells.lower), BATCH):
        part = np.arange(start, min(start + BATCH, len(leaves.cells.lower)))
        cells, given = leaves.cells.take(part), leaves.multipliers.take(part)
        found += _write_batch(levels, rows, cells, *_round(rows, given))
    return found


def _round(rows: Rows, given: Multipliers) -> tuple[Multipliers, _Whole]:
    """The multipliers as integers, and what those are in the search's terms."""
    grain = 1.0 / (SCALE * rows.scales.max(initial=1.0))
    whole = _Whole(
        np.rint(given.rows / rows.scales / grain), np.rint(given.phases / grain)
    )
    exact = Multipliers(
        given.slopes, whole.phases * grain, whole.rows * rows.scales * grain
    )
    return exact, whole


def _write_batch(
    levels: Levels, rows: Rows, cells: Cells, given: Multipliers, whole: _Whole
) -> list[Node]:
    full = bound_cells(levels, cells)
    none = np.zeros(full.open.shape, bool)
    loose = bound_cells(levels, cells, (none, none))
    possible = ~contradictory(full)
    needed = _needed(levels, rows, cells, full, loose, given)
    needed[~possible] = _improved(full, loose)[~possible]
    masks = needed & ~(full.high <= 0.0), needed & ~(full.low >= 0.0)
    thin = bound_cells(levels, cells, masks)
    slopes = np.where(thin.open, given.slopes, thin.lower)
    thinned = given._replace(slopes=slopes)
    done = evaluate(levels, rows, cells, thin, thinned)
    failed = possible & (done.values >= 0.0)
    if failed.any():
        # first-order estimates were too hopeful: keep everything there
        all_of = _improved(full, loose)
        masks = tuple(np.where(failed[:, None], all_of, mask) for mask in masks)  # type: ignore[assignment]
        thin = bound_cells(levels, cells, masks)
        slopes = np.where(thin.open, given.slopes, thin.lower)
        thinned = given._replace(slopes=slopes)
        done = evaluate(levels, rows, cells, thin, thinned)
    numbers = np.array(levels.numbers)[levels.inputs :]
    default = thin.lower
    listed = thin.open & (done.negative < 0.0) & (slopes != default)
    found: list[Node] = []
    for k in range(len(possible)):
        tightenings = write_tightenings(numbers, (masks[0][k], masks[1][k]))
        if not possible[k]:
            found.append(["leaf", tightenings, [], [], []])
            continue
        places = np.nonzero(listed[k])[0].tolist()
        lines = [[int(numbers[p]), int(thinned.slopes[k, p] * ONE)] for p in places]
        pairs = _pairs(rows.indices, numbers, whole.rows[k], whole.phases[k])
        found.append(["leaf", tightenings, *pairs, lines])
    return found


def _improved(full: Lines, loose: Lines) -> Mask:
    """Units whose bounds a backward pass improved."""
    return (full.low > loose.low) | (full.high < loose.high)


def _needed(
    levels: Levels,
    rows: Rows,
    cells: Cells,
    full: Lines,
    loose: Lines,
    given: Multipliers,
) -> Mask:
    """Units to tighten: of the last level those that the margin cannot do without, of
    the levels before all (deeper bounds rest on them)."""
    improved = _improved(full, loose)
    if not levels.levels:
        return improved
    done = evaluate(levels, rows, cells, full, given)
    positive = np.zeros_like(full.low)
    last = levels.levels[-1]
    units = slice(last.start - levels.inputs, last.stop - levels.inputs)
    # no unit takes those of the last level: rows alone give their coefficients
    positive[:, units] = np.maximum(given.rows @ rows.matrix[:, last.start :], 0.0)
    lost = positive * (
        loose.slope * done.takes + loose.offset - full.slope * done.takes - full.offset
    )
    lost = np.maximum(np.where(improved, lost, 0.0), 0.0)[:, units]
    order = np.argsort(lost, axis=1)
    spent = np.cumsum(np.take_along_axis(lost, order, axis=1), axis=1)
    cheap = np.empty(lost.shape, bool)
    np.put_along_axis(cheap, order, spent <= -THRIFT * done.values[:, None], axis=1)
    if last.flat is not None:
        cheap[:, last.flat] = False
    needed = improved.copy()
    needed[:, units] &= ~cheap
    return needed


def write_tightenings(numbers: Floats, masks: tuple[Mask, Mask]) -> list[Node]:
    """Tightenings by default slopes of these lower and upper bounds, in order of depth."""
    found: list[Node] = []
    for place in np.nonzero(masks[0] | masks[1])[0]:
        unit = int(numbers[place])
        if masks[0][place]:
            found.append([unit, -1, [], [], []])
        if masks[1][place]:
            found.append([unit, 1, [], [], []])
    return found


def _pairs(
    indices: tuple[int, ...], numbers: Floats, rows: Floats, phases: Floats
) -> tuple[list[Node], list[Node]]:
    """Multipliers that are not 0, of rows by index and phases by unit, made coprime."""
    places = np.nonzero(phases)[0].tolist()
    given = [(indices[k], int(rows[k])) for k in np.nonzero(rows)[0].tolist()]
    fixed = [(int(numbers[p]), int(phases[p])) for p in places]
    shared = gcd(*(value for _, value in (*given, *fixed))) or 1
    return (
        [[key, value // shared] for key, value in given],
        [[key, value // shared] for key, value in fixed],
    )


def exact_signs(
    cells: KernelCells, box: Box, phases: Mapping[int, int], tightenings: Iterable[Node]
) -> dict[int, int]:
    """What the kernel takes relus for, 1 or -1, in a leaf with these tightenings: a unit
    whose bounds touch 0 may have either sign."""
    cell = cells.root()
    for i, (low, high) in enumerate(box):
        cell.low[i] = None if low is None else floor(low * cells.bound)
        cell.high[i] = None if high is None else ceil(high * cells.bound)
    cell.phases.update(phases)
    cells.forward(cell)
    for unit, side, *_ in tightenings:
        cells.tighten(cell, unit, side, [cells.taken(unit, side * (1 << 16))], {})
    cells.forward(cell)
    found = {}
    for unit in range(cells.inputs, cells.count):
        top, bottom = cell.above[unit], cell.below[unit]
        if cells.kinds[unit - cells.inputs] == "relu":
            if top is not None and top <= 0:
                found[unit] = -1
            elif bottom is not None and bottom >= 0:
                found[unit] = 1
    return found
