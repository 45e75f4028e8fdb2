"""Sparse integer rows: exact elimination, and what signs alone decide.

Columns are vectors, given by their entries; rows are the equations their multipliers
satisfy when the vectors cancel. Rows are only ever combined with integers and divided by
what their entries share, so nothing is rounded and numbers stay short. Work is counted
in entries touched, so that what is given up is given up again on another machine.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import gcd
from typing import Final

from verify.solvers.packed import Packed

MAX_BITS: Final = 4_000


class OutOfTime(Exception):
    """The time or the work allowed is used up, or the numbers have grown too long."""


def require_time(deadline: float) -> None:
    """Raises OutOfTime when the deadline has passed."""
    if time.monotonic() > deadline:
        raise OutOfTime


class Rows:
    """Sparse integer rows, each an equation that the multipliers of a ray satisfy."""

    def __init__(self, columns: Sequence[Packed], deadline: float, work: int) -> None:
        self.deadline = deadline
        self.work = work
        self.rows: dict[int, dict[int, int]] = {}
        self.users: list[set[int]] = [set() for _ in columns]
        numbers: dict[int, int] = {}
        for column, poly in enumerate(columns):
            for monomial, value in poly.items():
                row = numbers.setdefault(monomial, len(numbers))
                self.rows.setdefault(row, {})[column] = int(value)
                self.users[column].add(row)

    def drop_column(self, column: int) -> set[int]:
        """Multiplier 0 from here on; the rows that lose an entry."""
        rows, self.users[column] = self.users[column], set()
        for row in rows:
            del self.rows[row][column]
        return rows

    def pop_row(self, row: int) -> dict[int, int]:
        entries = self.rows.pop(row)
        for column in entries:
            self.users[column].discard(row)
        return entries

    def eliminate(self, column: int, pivot: dict[int, int], own: int) -> list[int]:
        """Clear `column` from every row but `own`; the rows changed.

        Raises OutOfTime.
        """
        changed = [row for row in self.users[column] if row != own]
        self.work -= len(changed) * len(pivot)
        require_time(self.deadline)
        if self.work < 0:
            raise OutOfTime
        head = pivot[column]
        for row in changed:
            entries = self.rows[row]
            common = gcd(head, entries[column])
            scale, step = abs(head) // common, entries[column] // common
            if head < 0:
                step = -step
            self._combine(row, entries, scale, step, pivot)
        return changed

    def _combine(
        self,
        row: int,
        entries: dict[int, int],
        scale: int,
        step: int,
        pivot: dict[int, int],
    ) -> None:
        """row := scale * row - step * pivot, divided by what its entries share."""
        if scale != 1:
            for column in entries:
                entries[column] *= scale
        for column, value in pivot.items():
            old = entries.get(column)
            if old is None:
                entries[column] = -step * value
                self.users[column].add(row)
            elif old == step * value:
                del entries[column]
                self.users[column].discard(row)
            else:
                entries[column] = old - step * value
        if scale != 1 and entries:
            common = gcd(*entries.values())
            if common > 1:
                for column in entries:
                    entries[column] //= common
            if next(iter(entries.values())).bit_length() > MAX_BITS:
                raise OutOfTime


def prune(table: Rows, count: int, queue: list[int]) -> set[int]:
    """Drop the columns that a row with entries of one sign forces to 0; these columns.

    Columns from `count` on may have multipliers of either sign. `queue` holds the rows to
    look at and is emptied.
    """
    gone: set[int] = set()
    while queue:
        row = queue.pop()
        entries = table.rows.get(row)
        if entries is None:
            continue
        if not entries:
            table.pop_row(row)
            continue
        if len(entries) > 1 and (
            max(entries) >= count or min(entries.values()) < 0 < max(entries.values())
        ):
            continue
        for column in list(entries):
            gone.add(column)
            queue.extend(table.drop_column(column))
    return gone
