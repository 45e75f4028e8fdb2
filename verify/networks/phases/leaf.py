"""The bound of a leaf that counts: one backward pass in float64 with all rounding paid.

Whatever slopes and multipliers the search found are taken as exact numbers; only their
use is rounded, and every rounding is charged. The invariant of the pass: over the box and
the leaf's phases, the exact objective is at least that of the row of floats held now,
taken as exact, plus `total`, less `charge`.

1. *Loose relu, coefficient a >= 0*: the held c = fl(a s) with 0 <= s <= 1 satisfies
   0 <= c <= a, as rounding is monotonic, so a relu(z) >= c z needs no charge.
2. *a < 0*: c = fl(a s) has |c| <= |a|, and relu(z) - (c/a) z is convex with its largest
   value at an end of [l, u], so a relu(z) >= c z - max(-|c| l, (|a| - |c|) u).
3. *Sigmoid*: the lines are widened for the rounding of a s (curves.py).
4. *Decided units*: with z >= 0 known, relu(z) = z and fl(a - b) <= a for b >= 0, so
   a z >= fl(a - b) z; with z <= 0 known, relu(z) = 0 >= b z. Any float b >= 0 will do.
5. *Affine block*: the storey's `error` for each unit bounds what rounding in
   fl(c W) v + fl(c b) can cost per unit of |c| (rounding.py, step 2).
6. *Sums* of charges and constants: `growth` times the sum of their magnitudes.
7. *Underflow* costs at most 2^-1022 an operation times a coefficient below 1e60 and a
   value below 1e30 (rows beyond give no bound; `sizes_allow`): less than `DUST` in all.

A bound that is not finite is no bound.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array
from verify.networks.network import Floats
from verify.networks.phases.chains import LARGEST
from verify.networks.phases.curves import enclose_curve
from verify.networks.phases.slopes import Choices
from verify.networks.phases.towers import Lines, Storey, Tower

DUST: Final = 1e-150


class Objectives(NamedTuple):
    """Rows over a tower's columns to be bounded from below, with what their making cost.

    `rows` (count, columns), `constant` and `charge` (count,), all float64: the exact
    objective is at least rows·v + constant - charge.
    """

    rows: Floats
    constant: Floats
    charge: Floats

    def take(self, which: Array | slice) -> Objectives:
        return Objectives(*(part[which] for part in self))

    def single(self, which: Array) -> tuple[Array, Array]:
        """Rows and constants in float32, for search."""
        rows, constant = self.rows[which], self.constant[which]
        return rows.astype(np.float32), constant.astype(np.float32)


def make_objectives(
    tower: Tower, rows: Floats, constant: Floats, charge: Floats
) -> Objectives:
    """Objectives from rows (count, block rows) over what the head's block computes."""
    size = np.abs(rows) @ (np.abs(tower.head_bias) + tower.head_error) + np.abs(
        constant
    )
    growth = tower.growth
    return Objectives(
        rows @ tower.head_weights,
        rows @ tower.head_bias + constant,
        (charge + np.abs(rows) @ tower.head_error + 4 * growth * size)
        * (1 + 4 * growth),
    )


def make_unit_objectives(tower: Tower, units: Array) -> Objectives:
    """For each unit of the head's block: itself, then (all of them) its negation."""
    rows, bias = tower.head_weights[units], tower.head_bias[units]
    error = tower.head_error[units]
    return Objectives(
        np.concatenate([rows, -rows]),
        np.concatenate([bias, -bias]),
        np.concatenate([error, error]),
    )


def sizes_allow(lower: Floats, upper: Floats) -> bool:
    """Bounds are small enough, and finite, for the analysis of underflow."""
    return bool(
        max(np.abs(lower).max(initial=0), np.abs(upper).max(initial=0)) < LARGEST
    )


def bound_leaves(tower: Tower, objectives: Objectives, choices: Choices) -> Floats:
    """Lower bounds (count,) that hold over the reals, -inf where none was found."""
    growth = tower.growth
    places = np.where(choices.signs != 0, choices.units, tower.total)
    each = np.arange(len(places))[:, None]
    phase = np.zeros((len(places), tower.total + 1), np.int8)
    phase[each, places] = choices.signs
    lent = np.zeros((len(places), tower.total + 1))
    lent[each, places] = np.maximum(np.nan_to_num(choices.lent), 0) * choices.signs
    rows, total = objectives.rows.copy(), objectives.constant.copy()
    charge, size = objectives.charge.copy(), np.abs(total)
    huge = np.zeros(len(rows), bool)
    with np.errstate(all="ignore"):
        for storey in reversed(tower.storeys):
            if storey.loose:
                columns = storey.columns
                paid = _pass_loose(
                    rows,
                    storey,
                    Lines(*(part[columns] for part in tower.lines)),
                    choices.slopes[:, columns],
                    phase[:, columns],
                    lent[:, columns],
                )
                total -= paid.sum(1)
                size += np.abs(paid).sum(1)
            magnitude = np.abs(rows)
            huge |= magnitude.max(axis=1, initial=0) > LARGEST**2
            total += rows @ storey.bias
            size += magnitude @ np.abs(storey.bias)
            charge += magnitude @ storey.error
            rows = rows @ storey.weights
        magnitude = np.abs(rows)
        total += rows @ tower.middle - magnitude @ tower.radius
        size += magnitude @ (np.abs(tower.middle) + tower.radius)
        charge += growth * size
        bound = total - (charge * (1 + 4 * growth) + DUST)
        bound -= 4 * growth * np.abs(bound)
    return np.where(np.isfinite(bound) & ~huge, bound, -np.inf)


def _pass_loose(
    rows: Floats,
    storey: Storey,
    lines: Lines,
    slopes: Array,
    phase: Array,
    lent: Floats,
) -> Floats:
    """Rows over loose units become rows over their arguments, in place; what it costs."""
    part = rows[:, : storey.loose]
    positive = part >= 0
    if storey.curve is not None:
        slope, offset = enclose_curve(storey.curve, slopes, positive)
        paid = -part * offset
        rows[:, : storey.loose] = part * slope
        return paid
    below = np.clip(np.nan_to_num(slopes.astype(np.float64)), 0, 1)
    slope = np.where(positive, below, lines.above)
    slope = np.where(phase != 0, phase > 0, slope)
    made = part * slope
    size, kept = np.abs(part), np.abs(made)
    paid = np.maximum(-kept * lines.lower, (size - kept) * lines.upper)
    rows[:, : storey.loose] = made - lent
    return np.where(positive | (phase != 0), 0, paid)
