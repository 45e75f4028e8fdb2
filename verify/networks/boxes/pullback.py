"""Rows over a layer pulled back to the input, and so bounded from above, box by box.

Rows are (units, rows, boxes), so that a layer is one matrix product for all of them; a
last axis of length one is a row that all boxes share. `rounding` has the argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from verify.networks.boxes.ranges import Form, Ranges, Step
from verify.networks.boxes.rounding import Array
from verify.networks.network import Activation

BLOCK: Final = 40_000  # numbers in a working array that stays in the cache

Start = tuple[int, Array]


class Blame:
    """Where the bounds of some rows come from, summed over the rows.

    `shares[k]` are the rows' magnitudes over an activation (kept units, 1 or boxes),
    `noise` (boxes,) is what the rows are charged for rounding alone.
    """

    def __init__(self) -> None:
        """Nothing yet."""
        self.shares: dict[int, Array] = {}
        self.noise: Array = np.zeros(1)

    def add_share(self, index: int, magnitude: Array, noise: Array) -> None:
        """What rows over an activation weigh; `noise` is the activation's."""
        share = magnitude.sum(1)
        self.shares[index] = self.shares.get(index, 0) + share
        self.noise = self.noise + (share * noise).sum(0)

    def add_noise(self, charge: Array) -> None:
        """A charge (rows, boxes) for rounding."""
        self.noise = self.noise + charge.sum(0)


def bound_rows(
    ranges: Ranges,
    starts: Sequence[Start],
    constant: Array,
    index: int,
    blame: Blame | None = None,
) -> Form:
    """Bound rows from above over every box.

    `starts` are pairs of a layer, none above `index`, and coefficients (units of the
    layer that are kept, rows, 1 or boxes) over it; `constant` is (rows, 1 or boxes) and
    pays for what rounding has done to the rows so far.
    """
    steps = [step for step in ranges.steps[: index + 1] if step is not None]
    widest = max([1, *(len(step.slope) for step in steps)])
    block = max(1, BLOCK // (widest * max(1, ranges.boxes)))
    with np.errstate(all="ignore"):
        parts = [
            _bound_block(
                ranges,
                [(k, start[:, first : first + block]) for k, start in starts],
                constant[first : first + block],
                index,
                blame,
            )
            for first in range(0, max(1, len(constant)), block)
        ]
    if len(parts) == 1:
        return parts[0]
    return Form(
        np.concatenate([part.form for part in parts], axis=1),
        np.concatenate([part.constant for part in parts]),
        np.concatenate([part.bound for part in parts]),
    )


def _bound_block(
    ranges: Ranges,
    starts: Sequence[Start],
    constant: Array,
    index: int,
    blame: Blame | None,
) -> Form:
    program = ranges.program
    pending: dict[int, Array] = {}
    rows = len(constant)
    total = np.broadcast_to(constant, (rows, ranges.boxes)).copy()
    for k, start in starts:
        total += _gather(ranges, pending, k, start)
    size = np.abs(total)
    for k in range(index, 0, -1):
        row = pending.pop(k, None)
        if row is None:
            continue
        layer, step = program.network.layers[k], ranges.steps[k]
        if isinstance(layer, Activation) and step is not None:
            magnitude = np.abs(row)
            if blame is not None:
                blame.add_share(k, magnitude, step.noise)
            charge = _dot(row, step.charge) + _dot(magnitude, step.toll)
            made = _pass_activation(step, row, magnitude)
            charge = charge + _gather(ranges, pending, layer.source, made)
        else:
            charge = _pass_affine(ranges, k, row, pending, blame)
        total += charge
        size += np.abs(charge)
    form = pending.get(0)
    if form is None:
        form = np.zeros((len(ranges.middle), rows, 1), total.dtype)
    unit = program.precision.unit
    spare = (2 * len(program.network.layers) + 16) * unit * size + ranges.dust()
    total += spare
    charge = _dot(form, ranges.middle) + _dot(np.abs(form), ranges.toll)
    if blame is not None:
        blame.add_noise(spare + _dot(np.abs(form), ranges.noise))
    bound = total + charge
    bound += 4 * unit * (np.abs(total) + np.abs(charge))
    if form.shape[2] != ranges.boxes:
        form = np.broadcast_to(form, (len(form), rows, ranges.boxes))
    return Form(form, total, bound)


def _gather(ranges: Ranges, pending: dict[int, Array], index: int, row: Array) -> Array:
    """Add a row over a layer to what is there; the charge for rounding the sum."""
    if index not in pending:
        pending[index] = row
        return np.zeros(1, row.dtype)
    pending[index] = pending[index] + row
    largest, keep = ranges.largest[index], ranges.keep[index]
    largest = largest if keep is None else largest[keep]
    unit = ranges.program.precision.unit
    return 2 * unit * _dot(np.abs(pending[index]), largest)


def _pass_affine(
    ranges: Ranges,
    index: int,
    row: Array,
    pending: dict[int, Array],
    blame: Blame | None,
) -> Array:
    """Rows over an affine layer become rows over its sources; the charge for that."""
    weights = ranges.program.weights[index]
    if weights is None:
        raise ValueError(f"layer {index} is not affine")
    charge = np.zeros(1, row.dtype)
    flat = row.reshape(len(row), row.shape[1] * row.shape[2])
    for which, source in enumerate(weights.sources):
        made = np.matmul(ranges.cut(index, which), flat)
        made = made.reshape(len(made), *row.shape[1:])
        charge = charge + _gather(ranges, pending, source, made)
    if ranges.program.folded[index]:
        return charge
    rounding = _dot(np.abs(row), ranges.error[index])
    if blame is not None:
        blame.add_noise(rounding)
    return charge + _dot(row, weights.bias) + rounding


def _pass_activation(step: Step, row: Array, magnitude: Array) -> Array:
    """Rows over an activation become rows over its argument; `magnitude` is lost."""
    if row.shape[2] == 1:
        magnitude = magnitude * step.spread[:, None, :]
    else:
        magnitude *= step.spread[:, None, :]
    made = row * step.slope[:, None, :]
    made += magnitude
    return made


def _dot(row: Array, vector: Array) -> Array:
    """Sums over units: (units, rows, 1 or boxes) and (units, 1 or boxes)."""
    if row.shape[2] == 1:
        return np.asarray(row[:, :, 0].T @ vector)
    if vector.shape[1] == 1:
        return np.tensordot(vector[:, 0], row, 1)
    return np.asarray(np.einsum("nkb,nb->kb", row, vector))
