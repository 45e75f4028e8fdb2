"""The backward pass in float32 over a batch of rows, and its adjoint.

From the last storey to the first, each row's coefficients of loose units pass through a
line below the unit where they are positive and above it where they are negative. The
adjoint needs no tape: it is a forward pass, from the corner of the box at which the final
row is least, through the lines just used. If it gives a unit the argument z and the row
had the coefficient a there, the bound changes by a z with the slope of a line through 0,
and by a (z - touch) with the slope of a tangent; and by -sign z with the multiplier of a
decided unit. The batch is what makes it fast: all is matrix products and a few
element-wise steps on the loose columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array
from verify.networks.phases.curves import Drawn, draw_lines
from verify.networks.phases.towers import Tower


class Step(NamedTuple):
    """What a storey did to rows: coefficients of its loose units, slopes and offsets of
    their lines, and how sigmoid's were drawn."""

    part: Array
    slope: Array
    offset: Array
    drawn: Drawn | None


class Pass:
    """Rows (count, ...) over a tower, each with its own decided units.

    `units` (count, splits) are numbers of loose units, `signs` 1 for arguments of at least
    0, -1 for at most 0, 0 for no split. Slopes given to the methods have one more column
    than there are loose units, for the splits that are none.
    """

    def __init__(self, tower: Tower, units: Array, signs: Array) -> None:
        self.tower = tower
        count, total = len(units), tower.total
        kind = np.float32
        self.each = np.arange(count)[:, None]
        self.places = np.where(signs != 0, units, total)
        self.signs = signs.astype(kind)
        self.decided = units.shape[1] > 0
        self.above = np.zeros((count, total + 1), kind)
        self.ceiling = np.zeros((count, total + 1), kind)
        self.above[:, :total] = tower.lines.above
        self.ceiling[:, :total] = tower.lines.ceiling
        self.middle = tower.middle.astype(kind)
        self.radius = tower.radius.astype(kind)
        self.lend = np.zeros((count, total + 1), kind) if self.decided else None
        if self.decided:
            self.above[self.each, self.places] = signs > 0
            self.ceiling[self.each, self.places] = 0

    def settle(self, slopes: Array) -> None:
        """Give the decided units the one slope that they have."""
        if self.decided:
            slopes[self.each, self.places] = self.signs > 0

    def back(
        self, rows: Array, constant: Array, slopes: Array, lent: Array
    ) -> tuple[Array, Array, list[Step | None]]:
        """Bounds (count,), final rows (count, free inputs), and what each storey did."""
        if self.lend is not None:
            self.lend[self.each, self.places] = lent * self.signs
        rows, total = rows.copy(), constant.copy()
        steps: list[Step | None] = []
        for storey in reversed(self.tower.storeys):
            step, columns = None, storey.columns
            if storey.loose:
                part = rows[:, : storey.loose].copy()
                positive = part >= 0
                drawn = None
                if storey.curve is not None:
                    drawn = draw_lines(storey.curve, slopes[:, columns], positive)
                    slope, offset = drawn.slope, drawn.offset
                else:
                    slope = np.where(
                        positive, slopes[:, columns], self.above[:, columns]
                    )
                    offset = np.where(positive, 0, self.ceiling[:, columns])
                total += np.einsum("ij,ij->i", part, offset)
                np.multiply(part, slope, out=rows[:, : storey.loose])
                if self.lend is not None:
                    rows[:, : storey.loose] -= self.lend[:, columns]
                step = Step(part, slope, offset, drawn)
            steps.append(step)
            total += rows @ storey.offset
            rows = rows @ storey.single
        total += rows @ self.middle
        total -= np.abs(rows) @ self.radius
        return total, rows, steps[::-1]

    def forth(self, rows: Array, steps: list[Step | None], arguments: Array) -> None:
        """Fill in what loose units are given from the corner where `rows` is least."""
        values = self.middle - self.radius * np.sign(rows)
        for storey, step in zip(self.tower.storeys, steps, strict=True):
            values = values @ storey.turned
            values += storey.offset
            if step is not None:
                part = values[:, : storey.loose]
                arguments[:, storey.columns] = part
                part *= step.slope
                part += step.offset

    def gradient(
        self, steps: list[Step | None], arguments: Array, filled: Array
    ) -> None:
        """How the bounds change with the slopes, written into `filled`."""
        for storey, step in zip(self.tower.storeys, steps, strict=True):
            if step is None:
                continue
            given = arguments[:, storey.columns]
            if step.drawn is None:
                np.maximum(step.part, 0, out=filled[:, storey.columns])
                filled[:, storey.columns] *= given
            else:
                turned = step.part * step.drawn.bend
                turned *= given - step.drawn.touch
                filled[:, storey.columns] = turned

    def coefficients(self, steps: list[Step | None]) -> Array:
        """The coefficients of the loose units, (count, loose units + 1)."""
        filled = np.zeros_like(self.above)
        for storey, step in zip(self.tower.storeys, steps, strict=True):
            if step is not None:
                filled[:, storey.columns] = step.part
        return filled
