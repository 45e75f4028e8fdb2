"""The leaves of a branch and bound that wait to be split, column by column.

Tens of thousands may wait, so each is a line in a few arrays, and its slopes, which only
serve as a start for its children, are kept in a byte each.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array
from verify.networks.network import Floats
from verify.networks.phases.slopes import Choices

HELD: Final = 255  # slopes are kept in steps of 1 / HELD


class Leaves(NamedTuple):
    """Whose they are, their rigorous bounds, their choices, and which units to try next.

    `tried` (leaves, units) has -1 where there are no more, in the first place if none.
    """

    owners: Array
    bounds: Floats
    slopes: Array
    units: Array
    signs: Array
    lent: Array
    tried: Array

    def take(self, which: Array) -> Leaves:
        """These leaves only, as copies."""
        return Leaves(*(part[which] for part in self))

    def choices(self) -> Choices:
        """The choices, as near as they were kept."""
        slopes = self.slopes.astype(np.float32) / np.float32(HELD)
        return Choices(slopes, self.units, self.signs, self.lent)

    def size(self) -> int:
        """Bytes of memory."""
        return sum(part.nbytes for part in self)

    def deepen(self) -> Leaves:
        """Room for one more split in each, copied."""
        room = ((0, 0), (0, 1))
        return self._replace(
            units=np.pad(self.units, room),
            signs=np.pad(self.signs, room),
            lent=np.pad(self.lent, room),
        )


def make_leaves(
    owners: Array, bounds: Floats, choices: Choices, tried: Array
) -> Leaves:
    """Leaves with these choices."""
    slopes = np.nan_to_num(choices.slopes) * np.float32(HELD) + np.float32(0.5)
    return Leaves(
        owners,
        bounds,
        slopes.astype(np.uint8),
        choices.units,
        choices.signs,
        choices.lent,
        tried,
    )


def join_leaves(some: list[Leaves]) -> Leaves:
    """All of them; shorter lists of splits are filled up with none."""
    columns = []
    for parts in zip(*some, strict=True):
        if parts[0].ndim == 2:
            width = max(part.shape[1] for part in parts)
            parts = tuple(
                np.pad(part, ((0, 0), (0, width - part.shape[1])))
                if part.shape[1] < width
                else part
                for part in parts
            )
        columns.append(np.concatenate(parts))
    return Leaves(*columns)
