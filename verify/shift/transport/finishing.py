"""Cells in which every relu is decided: linear programmes, and exact leaves.

HiGHS gives their optimum, often a better point than any known, and multipliers that close
the cell once a hair is left. Where none is, the exact simplex writes the leaf: then the
bound is the best value itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from verify.kernel.cells import Cells as KernelCells
from verify.kernel.networks import Program
from verify.networks.certificates import regions
from verify.networks.certificates.growth import Growth
from verify.networks.certificates.levels import Levels
from verify.networks.certificates.outcomes import Node as Leaf
from verify.networks.certificates.passes import Cells, bound_cells
from verify.networks.certificates.trees import exact_signs, write_tightenings
from verify.networks.network import Floats
from verify.shift.transport.bounding import Weights, evaluate
from verify.shift.transport.lemmas import Frame
from verify.shift.transport.polishing import Aim, Floated, Piece, Solved, solve_piece
from verify.shift.transport.searching import Closed, Node, Search

STEPS: Final = 6  # along a ray, each ten times the one before


def solve_cell(
    frame: Frame, search: Search, node: Node, aim: Aim, floated: Floated
) -> tuple[Solved, Weights] | None:
    """The optimum of a single cell with decided relus and the weights that show it; None
    where HiGHS has none."""
    levels, real = frame.levels, frame.inputs
    lines = bound_cells(levels, node.cells)
    phases = node.cells.phases[0]
    signs = np.where(phases != 0.0, phases, np.where(lines.low[0] >= 0.0, 1.0, -1.0))
    signs = np.where(lines.high[0] <= 0.0, -1.0, signs)
    piece = _affine(levels, real, signs)
    box = floated._replace(
        lower=node.cells.lower[0, :real], upper=node.cells.upper[0, :real]
    )
    found = solve_piece(frame, aim, box, piece, phases != 0.0)
    if found is None:
        return None
    conditions = np.zeros_like(node.bounds.weights.conditions)
    conditions[0, : len(found.conditions)] = found.conditions
    weights = Weights(
        np.where(lines.open, node.bounds.weights.slopes, lines.lower),
        found.phases[None],
        conditions,
    )
    return found, weights


def _affine(levels: Levels, real: int, signs: Floats) -> Piece:
    along = np.zeros((len(levels.numbers), real + 1))
    along[:real, :real] = np.eye(real)
    forms = np.zeros((levels.units, real + 1))
    for level in levels.levels:
        units = slice(level.start - levels.inputs, level.stop - levels.inputs)
        takes = level.matrix @ along[: level.start]
        takes[:, -1] += level.bias
        on = signs[units] > 0.0
        if level.straight is not None:
            on = on | level.straight
        forms[units] = takes
        along[level.start : level.stop] = takes * on[:, None]
    return Piece(signs, forms, along)


def close_cell(search: Search, node: Node) -> bool:
    """Close a single cell, if it is bounded below its goal."""
    if not node.bounds.values[0] < search.goals[node.tasks[0]]:
        return False
    search.closed.append(
        Closed(node.tasks, node.places, node.cells, node.bounds.weights)
    )
    return True


def weigh_cell(search: Search, node: Node, weights: Weights) -> Node:
    """A single cell with the bound that these weights give, if that is lower."""
    lines = bound_cells(search.levels, node.cells)
    tasks = search.tasks.take(node.tasks)
    done = evaluate(search.levels, tasks, node.cells, lines, weights)
    if not done.values[0] < node.bounds.values[0]:
        return node
    return node._replace(
        bounds=node.bounds._replace(values=done.values, weights=weights)
    )


def close_empty(search: Search, node: Node, weights: Weights) -> bool:
    """Close a single cell that has no point by a ray of multipliers, as far along it as
    it takes."""
    for step in range(STEPS):
        far = 10.0**step
        longer = weights._replace(
            phases=weights.phases * far, conditions=weights.conditions * far
        )
        if close_cell(search, weigh_cell(search, node, longer)):
            return True
    return False


def write_exact(
    levels: Levels, program: Program, growth: Growth, cells: Cells, place: int
) -> Leaf | None:
    """The leaf that closes a cell exactly, or None if the exact simplex finds a point."""
    inputs = levels.inputs
    numbers = np.array(levels.numbers)
    chosen = cells.phases[0]
    units = numbers[inputs:].tolist()
    phases = {u: int(s) for u, s in zip(units, chosen.tolist(), strict=True) if s}
    first = levels.levels[0].stop - inputs if levels.levels else 0
    free = (chosen == 0.0) & (np.arange(len(units)) >= first)
    tightenings = write_tightenings(numbers[inputs:], (free, free))
    box = growth.box(place)
    stable = exact_signs(KernelCells(program), box, phases, tightenings)
    found = regions.decide_region(program, box, phases, stable)
    if not isinstance(found, regions.Refuted):
        return None
    given = ([list(pair) for pair in part] for part in found)
    return ["leaf", tightenings, *given, []]
