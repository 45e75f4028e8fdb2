"""Exact linear programming for certificates: columns that cancel, some of them strictly.

Given vectors that may be used from 0 on and vectors that may be used either way, find a
combination that is zero and uses a strict one. Everything is homogeneous, so this asks
for a ray of a cone: simplex in a tableau of sparse integer rows, started from any basis.
First come the cheap exact steps that settle most inputs: a row all of whose entries have
one sign makes its columns useless, and vectors that go either way are eliminated. All
right-hand sides would be 0, where simplex stalls; small distinct floats in their place
decide which row to pivot on. They steer and never enter the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd
from typing import Final, NamedTuple

from verify.solvers.elimination import OutOfTime, Rows, prune
from verify.solvers.packed import Packed

MAX_PIVOTS: Final = 3_000
BLAND_AFTER: Final = 400


class Ray(NamedTuple):
    """Multipliers by column: `positive` and above 0, `free` and not 0."""

    positive: dict[int, Fraction]
    free: dict[int, Fraction]


def find_ray(
    positive: Sequence[Packed],
    strict: Iterable[int],
    free: Sequence[Packed],
    *,
    deadline: float,
    work: int,
) -> Ray | None:
    """A combination of the columns that is 0 and uses a column of `strict`.

    None when there is none, or when the time or the work (entries touched) is used up.
    """
    table = Rows([*positive, *free], deadline, work)
    try:
        return _search(table, len(positive), len(free), set(strict))
    except (OutOfTime, OverflowError):
        return None


def _search(table: Rows, count: int, free: int, strict: set[int]) -> Ray | None:
    """Columns below `count` are used from 0 on, the `free` ones after them either way."""
    alive = strict - prune(table, count, list(table.rows))
    if not alive:
        return None
    solved: list[tuple[int, dict[int, int]]] = []
    for column in range(count, count + free):
        if table.users[column]:
            own = min(table.users[column], key=lambda row: (len(table.rows[row]), row))
            changed = table.eliminate(column, table.rows[own], own)
            solved.append((column, table.pop_row(own)))
            alive -= prune(table, count, changed)
    if not alive:
        return None
    values = _Tableau(table, alive).solve()
    if values is None:
        return None
    every = dict(values)
    for column, entries in reversed(solved):
        total = sum(
            (value * every[at] for at, value in entries.items() if at in every),
            Fraction(0),
        )
        if total:
            every[column] = -total / entries[column]
    return Ray(
        {column: value for column, value in every.items() if column < count},
        {column - count: value for column, value in every.items() if column >= count},
    )


class _Tableau:
    """A basis of the rows, and the pivots that lead to a ray."""

    def __init__(self, table: Rows, strict: set[int]) -> None:
        self.table = table
        self.goal: dict[int, int] = dict.fromkeys(sorted(strict), 1)
        self.basic: dict[int, int] = {}
        self.level: dict[int, float] = {}

    def solve(self) -> dict[int, Fraction] | None:
        """The multipliers of a ray that uses a strict column, or None."""
        while True:
            self._choose_basis()
            if not self._pruned():
                break
        for pivots in range(MAX_PIVOTS):
            entering = self._entering(bland=pivots > BLAND_AFTER)
            if entering is None:
                return None
            leaving = self._leaving(entering)
            if leaving is None:
                return self._ray(entering)
            self._pivot(leaving, entering)
        return None

    def _choose_basis(self) -> None:
        """Any basis will do: all right-hand sides are 0."""
        rows, users = self.table.rows, self.table.users
        waiting = sorted(
            set(rows) - set(self.basic), key=lambda row: (len(rows[row]), row)
        )
        for row in waiting:
            if rows.get(row):
                column = min(
                    rows[row], key=lambda at: (at in self.goal, len(users[at]), at)
                )
                self._pivot(row, column)
            elif row in rows:
                self.table.pop_row(row)

    def _pruned(self) -> bool:
        """Whether a row forces columns to 0; they are dropped."""
        rows = self.table.rows
        gone = prune(self.table, len(self.table.users), list(rows))
        for column in gone:
            self.goal.pop(column, None)
        self.basic = {
            row: column
            for row, column in self.basic.items()
            if row in rows and column in rows[row]
        }
        return bool(gone)

    def _pivot(self, own: int, entering: int) -> None:
        pivot = self.table.rows[own]
        if pivot[entering] < 0:
            for column in pivot:
                pivot[column] = -pivot[column]
        step = self._ratio(own, entering) if own in self.basic else 0.0
        for row in self.table.users[entering]:
            if row != own and row in self.basic:
                slope = (
                    self.table.rows[row][entering]
                    / self.table.rows[row][self.basic[row]]
                )
                self.level[row] = max(self.level[row] - slope * step, 1e-9)
        self.table.eliminate(entering, pivot, own)
        if entering in self.goal:
            self._reduce_goal(entering, pivot)
        self.level[own] = step or 1.0 + (own * 7919 % 1009) / 1009
        self.basic[own] = entering

    def _reduce_goal(self, entering: int, pivot: dict[int, int]) -> None:
        goal, head = self.goal, self.goal[entering]
        common = gcd(head, pivot[entering])
        scale, step = pivot[entering] // common, head // common
        for column in goal:
            goal[column] *= scale
        for column, value in pivot.items():
            left = goal.get(column, 0) - step * value
            if left:
                goal[column] = left
            else:
                goal.pop(column, None)
        common = gcd(*goal.values())
        for column in goal:
            goal[column] //= common

    def _ratio(self, row: int, entering: int) -> float:
        entries = self.table.rows[row]
        return self.level[row] * (entries[self.basic[row]] / entries[entering])

    def _entering(self, *, bland: bool) -> int | None:
        """A column that gains; one that meets no resistance first, for that is a ray."""
        rows, users = self.table.rows, self.table.users
        gains = [column for column, value in self.goal.items() if value > 0]
        if bland or not gains:
            return min(gains, default=None)
        for column in sorted(gains):
            if all(rows[row][column] < 0 for row in users[column]):
                return column
        return max(gains, key=lambda column: (self.goal[column], -column))

    def _leaving(self, entering: int) -> int | None:
        rows = [
            row
            for row in self.table.users[entering]
            if self.table.rows[row][entering] > 0
        ]
        return min(
            rows, key=lambda row: (self._ratio(row, entering), row), default=None
        )

    def _ray(self, entering: int) -> dict[int, Fraction]:
        values = {entering: Fraction(1)}
        for row in self.table.users[entering]:
            entries = self.table.rows[row]
            basic = self.basic[row]
            values[basic] = Fraction(-entries[entering], entries[basic])
        return values
