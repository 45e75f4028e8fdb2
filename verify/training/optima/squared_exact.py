"""The nearest point of a cone, in exact arithmetic, from any guess of its support.

Floats say quickly which rays the nearest point uses; where several sets of rays do, or a
ray has coefficient 0, they may name a set that is nearly and not exactly right. So their
word is a start only: the active set method of Lawson and Hanson (1974, chapter 23) goes on
from there in rational arithmetic. Each step lowers the distance, there are finitely many
sets, and a ray that depends on those in use is never taken in, for the residual is
orthogonal to it already. What comes out satisfies the optimality conditions exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from operator import mul
from typing import NamedTuple

Vector = Sequence[int]
Exact = tuple[Fraction, ...]


class Projection(NamedTuple):
    """The nearest point: coefficients above 0 by ray, those of the free vectors, and what
    is left of the goal. `distance` is the squared length of that."""

    rays: dict[int, Fraction]
    free: Exact
    residual: Exact
    distance: Fraction


class Part(NamedTuple):
    """A linear combination of independent vectors nearest to the goal."""

    members: tuple[int, ...]
    values: Exact


def project(
    rays: Sequence[Vector],
    free: Sequence[Vector],
    goal: Sequence[Fraction],
    start: Iterable[int] = (),
) -> Projection:
    """The point of the cone of `rays`, plus any multiples of `free`, nearest to `goal`.

    `start` are rays that it may well use. Vectors have one number a point.
    """
    scale = lcm(*(number.denominator for number in goal))
    target = [int(number * scale) for number in goal]
    search = _Search((*free, *rays), len(free), target)
    used = search.run([len(free) + ray for ray in start])
    residual = search.residual(used)
    exact = tuple(number / scale for number in residual)
    found = dict(zip(used.members, used.values, strict=True))
    return Projection(
        {
            member - len(free): value / scale
            for member, value in found.items()
            if member >= len(free) and value
        },
        tuple(found.get(at, Fraction(0)) / scale for at in range(len(free))),
        exact,
        sum((number * number for number in exact), Fraction(0)),
    )


def make_whole(vector: Sequence[Fraction]) -> tuple[int, ...]:
    """The least positive multiple in whole numbers."""
    scale = lcm(*(number.denominator for number in vector))
    return tuple(int(number * scale) for number in vector)


class _Search:
    """Vectors, of which the first `free` may have coefficients of either sign."""

    def __init__(self, vectors: Sequence[Vector], free: int, goal: Vector) -> None:
        self.vectors = vectors
        self.free = free
        self.goal = goal

    def run(self, start: Sequence[int]) -> Part:
        """The optimal support with its coefficients."""
        now: dict[int, Fraction] = {}
        members = [*range(self.free), *start]
        while True:
            part = self._descend(members, now)
            residual = self.residual(part)
            scale = lcm(*(number.denominator for number in residual))
            whole = [int(number * scale) for number in residual]
            entering = self._entering(whole, part.members)
            if entering is None:
                return part
            now = dict(zip(part.members, part.values, strict=True))
            members = [*part.members, entering]

    def residual(self, part: Part) -> Exact:
        """The goal less the combination."""
        left = [Fraction(number) for number in self.goal]
        for member, value in zip(part.members, part.values, strict=True):
            for place, number in enumerate(self.vectors[member]):
                if number:
                    left[place] -= value * number
        return tuple(left)

    def _entering(self, residual: Vector, used: Sequence[int]) -> int | None:
        """The ray that points most along the residual; ones in use are orthogonal."""
        best, found = Fraction(0), None
        for member in range(self.free, len(self.vectors)):
            vector = self.vectors[member]
            along = sum(map(mul, vector, residual))
            if along > 0 and member not in used:
                share = Fraction(along * along, sum(map(mul, vector, vector)))
                if share > best:
                    best, found = share, member
        return found

    def _descend(self, members: Sequence[int], now: dict[int, Fraction]) -> Part:
        """Towards the best combination of the members until a coefficient would turn
        negative; that ray goes, and again."""
        while True:
            part = self._solve(members)
            aims = dict(zip(part.members, part.values, strict=True))
            falling = [
                member
                for member, aim in aims.items()
                if member >= self.free and aim <= 0
            ]
            if not falling:
                return part
            steps = {}
            for member in falling:
                have = now.get(member, Fraction(0))
                steps[member] = have / (have - aims[member]) if have else Fraction(0)
            step = min(steps.values())
            now = {
                member: now.get(member, Fraction(0)) * (1 - step) + step * aim
                for member, aim in aims.items()
            }
            members = [member for member in aims if steps.get(member) != step]

    def _solve(self, members: Sequence[int]) -> Part:
        """Least squares over the members, dependent ones left out, by elimination of the
        normal equations without fractions (Bareiss 1968)."""
        kept: list[int] = []
        rows: list[list[int]] = []
        pivots = [1]
        for member in members:
            # the row of this member against all members, eliminated by the rows kept
            vector = self.vectors[member]
            row = [sum(map(mul, vector, self.vectors[other])) for other in members]
            row.append(sum(map(mul, vector, self.goal)))
            for at, other in enumerate(rows):
                place = members.index(kept[at])
                head, pivot, before = row[place], pivots[at + 1], pivots[at]
                row = [
                    (pivot * x - head * y) // before
                    for x, y in zip(row, other, strict=True)
                ]
            place = members.index(member)
            if row[place]:
                kept.append(member)
                rows.append(row)
                pivots.append(row[place])
        values: dict[int, Fraction] = {}
        for member, solved in zip(reversed(kept), reversed(rows), strict=True):
            total = Fraction(solved[-1])
            for later, value in values.items():
                total -= value * solved[members.index(later)]
            values[member] = total / solved[members.index(member)]
        return Part(tuple(kept), tuple(values[member] for member in kept))
