"""Branch and bound over phases, for many objectives over one tower at once.

An objective's leaves are phases of some loose relus; its bound is the least of theirs. In
every round each objective still open splits its worst leaves, and the children of all are
bounded in one batch, starting from their parent's slopes and multipliers. All bounds kept
are rigorous (leaf.py), so the search may stop at any time and what it has is true.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.crews import Crew
from verify.networks.boxes.rounding import Array
from verify.networks.network import Floats
from verify.networks.phases.choosing import choose_units, score_units
from verify.networks.phases.leaf import Objectives, bound_leaves
from verify.networks.phases.leaves import Leaves, join_leaves, make_leaves
from verify.networks.phases.slopes import Choices, Climb, climb, plain_choices
from verify.networks.phases.towers import Tower

BYTES: Final = 400_000_000  # of leaves waiting
SPARE: Final = 1e-5  # by which a float32 bound should pass 0 to be left alone

Watch = Callable[[Array, Array], bool]


class Plan(NamedTuple):
    """How much to spend: rounds of splitting, leaves split in one, steps of each climb."""

    rounds: int
    batch: int
    steps: int
    deadline: float


class Tally(NamedTuple):
    """Rigorous lower bounds (objectives,), leaves bounded, and why it ended: closed,
    rounds, timeout, memory, stuck (no unit left to split) or watch."""

    bounds: Floats
    leaves: int
    reason: str


class Climbed(NamedTuple):
    """Rigorous lower bounds (objectives,), the choices they rest on, the final rows
    (objectives, free inputs) and the coefficients of loose units (objectives, units)."""

    bounds: Floats
    choices: Choices
    finals: Array
    coefficients: Array


def bound_plainly(tower: Tower, objectives: Objectives, crew: Crew) -> Floats:
    """Rigorous lower bounds with the usual slopes, (objectives,)."""

    def bound(chunk: Array) -> Floats:
        choices = plain_choices(tower, len(chunk))
        return bound_leaves(tower, objectives.take(chunk), choices)

    return np.concatenate(crew.each(len(objectives.rows), bound))


def climb_once(tower: Tower, objectives: Objectives, steps: int, crew: Crew) -> Climbed:
    """Bounds with slopes optimised by so many steps, and no unit split."""

    def bound(chunk: Array) -> tuple[Floats, Climb]:
        choices = plain_choices(tower, len(chunk))
        result = _climb(tower, objectives, chunk, choices, steps)
        return bound_leaves(tower, objectives.take(chunk), result.choices), result

    bounds, results = zip(*crew.each(len(objectives.rows), bound), strict=True)
    found = [result.choices for result in results]
    return Climbed(
        np.concatenate(bounds),
        Choices(*(np.concatenate(parts) for parts in zip(*found, strict=True))),
        np.concatenate([result.finals for result in results]),
        np.concatenate([result.coefficients for result in results]),
    )


def split_phases(
    tower: Tower,
    objectives: Objectives,
    choices: Choices,
    plan: Plan,
    watch: Watch,
    crew: Crew,
) -> Tally:
    """Raise the bounds of the objectives until all are above 0 or the plan is used up.

    `watch(owners, corners)` sees where bounds were attained, and may end the search.
    """
    count = len(objectives.rows)
    leaves = _first_leaves(tower, objectives, choices, crew)
    least = np.full(count, np.inf)
    visited, turn = count, 0
    while True:
        closed = leaves.bounds > 0
        over = closed | (leaves.tried[:, 0] < 0)
        # An objective with a leaf that cannot be split is lost: its others may rest.
        lost = np.zeros(count, bool)
        lost[leaves.owners[over & ~closed]] = True
        ended = over | lost[leaves.owners]
        np.minimum.at(least, leaves.owners[ended], leaves.bounds[ended])
        leaves = leaves.take(~ended)
        reason = _reason(leaves, plan, turn, bool(lost.any()))
        if reason:
            break
        turn += 1
        picked = _pick(leaves, plan.batch)
        children, corners = _split(
            tower, objectives, leaves.take(picked), plan.steps, crew
        )
        visited += len(children.owners)
        rest = np.ones(len(leaves.owners), bool)
        rest[picked] = False
        leaves = join_leaves([leaves.take(rest), children])
        if watch(children.owners, corners):
            reason = "watch"
            break
    np.minimum.at(least, leaves.owners, leaves.bounds)
    return Tally(least, visited, reason)


def _reason(leaves: Leaves, plan: Plan, turn: int, lost: bool) -> str:
    if not len(leaves.owners):
        return "stuck" if lost else "closed"
    if time.monotonic() > plan.deadline:
        return "timeout"
    if turn >= plan.rounds:
        return "rounds"
    return "memory" if leaves.size() > BYTES else ""


def _pick(leaves: Leaves, batch: int) -> Array:
    """The worst leaves of each objective, about `batch` in all."""
    order = np.lexsort((leaves.bounds, leaves.owners))
    owners = leaves.owners[order]
    starts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    lengths = np.diff(np.append(starts, len(owners)))
    rank = np.arange(len(owners)) - np.repeat(starts, lengths)
    share = max(1, batch // len(starts))
    return order[rank < share]


def _first_leaves(
    tower: Tower, objectives: Objectives, choices: Choices, crew: Crew
) -> Leaves:
    def bound(chunk: Array) -> Leaves:
        result = _climb(tower, objectives, chunk, choices.take(chunk), 0)
        return _leaves(tower, objectives, chunk, result)

    return join_leaves(crew.each(len(objectives.rows), bound))


def _split(
    tower: Tower, objectives: Objectives, parents: Leaves, steps: int, crew: Crew
) -> tuple[Leaves, Array]:
    """Both children of every parent, and the corners where their bounds were attained."""
    parents = parents.deepen()
    chosen = choose_units(tower, objectives, parents, crew)
    twins = parents.take(np.repeat(np.arange(len(chosen)), 2))
    twins.units[:, -1] = np.repeat(chosen, 2)
    twins.signs[0::2, -1], twins.signs[1::2, -1] = 1, -1

    def bound(chunk: Array) -> tuple[Leaves, Array]:
        part = twins.take(chunk)
        result = _climb(tower, objectives, part.owners, part.choices(), steps)
        made = _leaves(tower, objectives, part.owners, result)
        made = made._replace(bounds=np.maximum(made.bounds, part.bounds))
        return made, tower.middle - tower.radius * np.sign(result.finals)

    found, corners = zip(*crew.each(len(twins.owners), bound), strict=True)
    return join_leaves(list(found)), np.concatenate(corners)


def _climb(
    tower: Tower, objectives: Objectives, owners: Array, choices: Choices, steps: int
) -> Climb:
    rows, constant = objectives.single(owners)
    goal = SPARE * (1 + float(np.abs(constant).max(initial=0)))
    return climb(tower, rows, constant, choices, steps, goal)


def _leaves(
    tower: Tower, objectives: Objectives, owners: Array, result: Climb
) -> Leaves:
    bounds = bound_leaves(tower, objectives.take(owners), result.choices)
    return make_leaves(owners, bounds, result.choices, score_units(tower, result))
