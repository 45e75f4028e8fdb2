"""Which unit to split in a leaf: a few by score, then the best of them by trial.

The cost of a relaxed unit (its coefficient times the height of its triangle) and the
weight of its phase (its coefficient times the nearer end of its range) each propose a few
units. All are split on trial, both children bounded once with their parent's choices, and
the unit whose worse child is best is taken (De Palma et al., Improved Branch and Bound for
Neural Network Verification, 2021). A trial costs a fortieth of bounding a child for good.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from verify.networks.boxes.crews import Crew
from verify.networks.boxes.rounding import Array
from verify.networks.phases.leaf import Objectives
from verify.networks.phases.leaves import Leaves
from verify.networks.phases.slopes import Climb, glance
from verify.networks.phases.towers import Tower

TRIED: Final = 3  # units proposed by each score
BETTER: Final = 0.05  # weight of the better child's bound


def score_units(tower: Tower, result: Climb) -> Array:
    """The units worth trying, (leaves, 2 * TRIED), -1 where there are no more."""
    lines, choices = tower.lines, result.choices
    count = min(TRIED, tower.total)
    if not count:
        return np.full((len(result.bounds), 1), -1, np.int32)
    coefficients = np.nan_to_num(result.coefficients)
    nearer = np.where(lines.free, np.minimum(lines.upper, -lines.lower), 0)
    costs = -np.minimum(coefficients, 0) * lines.ceiling.astype(np.float32)
    weights = np.abs(coefficients) * nearer.astype(np.float32)
    each = np.arange(len(costs))[:, None]
    picked = []
    for score in (costs, weights):
        score = np.append(score, np.zeros((len(score), 1), np.float32), 1)
        score[each, np.where(choices.signs != 0, choices.units, tower.total)] = 0
        best = np.argpartition(-score, count - 1, 1)[:, :count]
        picked.append(np.where(score[each, best] > 0, best, -1))
    tried = np.concatenate(picked, 1).astype(np.int32)
    return -np.sort(-tried, 1)  # what is missing comes last


def choose_units(
    tower: Tower, objectives: Objectives, parents: Leaves, crew: Crew
) -> Array:
    """The unit to split in each parent; the last place of its splits is for the trial."""
    count, tried = parents.tried.shape
    which = np.repeat(np.arange(count), tried)
    units = np.maximum(parents.tried.ravel(), 0)

    def attempt(sign: int) -> Array:
        def bound(chunk: Array) -> Array:
            leaves = parents.take(which[chunk])
            leaves.units[:, -1], leaves.signs[:, -1] = units[chunk], sign
            rows, constant = objectives.single(leaves.owners)
            return glance(tower, rows, constant, leaves.choices())

        return np.concatenate(crew.each(len(which), bound)).reshape(count, tried)

    outcomes = attempt(1), attempt(-1)
    worse, better = np.minimum(*outcomes), np.maximum(*outcomes)
    value = np.where(parents.tried < 0, -np.inf, worse + BETTER * better)
    chosen: Array = parents.tried[np.arange(count), value.argmax(1)]
    return chosen
