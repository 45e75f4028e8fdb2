"""Closed cells of the search as leaves of the kernel: multipliers of every row.

The search knows the distance in closed form. The kernel knows rows U - X + x >= 0 and U + X
- x >= 0, so the slope that the closed form used at each input is shared out between the two,
and what a network's rows were scaled by is put right.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.kernel.networks import Program
from verify.networks.certificates.levels import Rows
from verify.networks.certificates.multipliers import Multipliers
from verify.networks.certificates.passes import Cells, bound_cells
from verify.networks.certificates.trees import Leaves
from verify.networks.network import Floats
from verify.shift.transport.bounding import Tasks, Weights, evaluate
from verify.shift.transport.lemmas import Frame
from verify.shift.transport.polishing import Aim
from verify.shift.transport.searching import Closed, Search


def write_multipliers(
    frame: Frame,
    search: Search,
    tasks: Tasks,
    some: Closed,
    program: Program,
    rows: Rows,
    aim: Aim,
    conditions: int,
) -> Leaves:
    """Closed cells of one task with the multipliers of all its rows; `tasks` has that
    task once a cell, with so many `conditions` of its own."""
    pulls = find_pulls(search, tasks, some)
    given = np.zeros((len(some.places), len(program.rows)))
    start = int(bool(program.rows) and program.rows[0].strict)
    given[:, :start] = 1.0
    stop = start + conditions
    given[:, start:stop] = some.weights.conditions[:, :conditions]
    given[:, stop : stop + 2 * frame.inputs] = share_distance(
        pulls, tasks, some.cells, frame.inputs
    )
    # the kernel's rows are scaled: their multipliers shrink accordingly
    scales = _scales(frame, aim, program, bool(start))
    listed = np.array(rows.indices, int)
    weights = given[:, listed] / scales[listed] * rows.scales
    return Leaves(
        some.cells, Multipliers(some.weights.slopes, some.weights.phases, weights)
    )


def gather_closed(closed: Sequence[Closed], count: int) -> list[Closed | None]:
    """All closed cells by task; None for a task without any."""
    found: list[Closed | None] = [None] * count
    if not closed:
        return found
    tasks = np.concatenate([one.tasks for one in closed])
    places = np.concatenate([one.places for one in closed])
    cells = Cells(
        *map(np.concatenate, zip(*(one.cells for one in closed), strict=True))
    )
    weights = Weights(
        *map(np.concatenate, zip(*(one.weights for one in closed), strict=True))
    )
    order = np.argsort(tasks, kind="stable")
    ends = np.searchsorted(tasks[order], np.arange(count + 1))
    for task in range(count):
        which = order[ends[task] : ends[task + 1]]
        if len(which):
            found[task] = Closed(
                tasks[which], places[which], cells.take(which), weights.take(which)
            )
    return found


def find_pulls(search: Search, tasks: Tasks, some: Closed) -> Floats:
    """The coefficients of the inputs that the weights of closed cells leave."""
    lines = bound_cells(search.levels, some.cells)
    return evaluate(search.levels, tasks, some.cells, lines, some.weights).pulls


def share_distance(pulls: Floats, tasks: Tasks, cells: Cells, real: int) -> Floats:
    """Multipliers of the rows U - X + x >= 0 and U + X - x >= 0, input by input."""
    rates = tasks.rates[:, None]
    lower, upper = cells.lower[:, :real], cells.upper[:, :real]
    points = tasks.points
    if not tasks.linf:
        taken = np.clip(pulls, -rates, rates)
        taken = np.where(points < lower, rates, np.where(points > upper, -rates, taken))
        both = np.stack([(rates + taken) * 0.5, (rates - taken) * 0.5], axis=2)
        return np.asarray(both.reshape(len(pulls), 2 * real))
    reach = np.where(pulls > 0.0, upper - points, points - lower)
    order = np.argsort(-reach, axis=1)
    sizes = np.take_along_axis(np.abs(pulls), order, axis=1)
    before = np.cumsum(sizes, axis=1) - sizes
    taken = np.clip(rates - before, 0.0, sizes)
    share = np.empty_like(taken)
    np.put_along_axis(share, order, taken, axis=1)
    both = np.stack(
        [np.where(pulls > 0, share, 0.0), np.where(pulls < 0, share, 0.0)], axis=2
    )
    return np.asarray(both.reshape(len(pulls), 2 * real))


def _scales(frame: Frame, aim: Aim, program: Program, has_excess: bool) -> Floats:
    """By how much each row of the program was scaled, from the question's own numbers."""
    found = np.ones(len(program.rows))
    own = ([aim.main] if has_excess else []) + list(aim.conditions)
    for place, row in enumerate(own):
        pairs = dict(program.rows[place].weights)
        for variable, weight in row.weights:
            found[place] = float(pairs[variable] / weight)
            break
        else:
            if place == 0 and has_excess and aim.rate:
                found[place] = float(-pairs[frame.inputs] / aim.rate)
    base = len(own)
    for j in range(2 * frame.inputs):
        pairs = dict(program.rows[base + j].weights)
        found[base + j] = float(max(pairs.values()))
    return found
