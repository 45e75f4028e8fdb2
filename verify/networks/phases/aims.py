"""What has to be bounded so that a query's cases are seen to be empty.

A case is empty when some mixture of its rows, with weights that sum to 1, is negative all
over its box. The negated mixture is an aim: a lower bound of it above 0 closes the case.
Rows are taken one by one, and all in equal parts. Inputs in a row count with the largest
value that they can have in the box.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array, round_down, round_up
from verify.networks.network import Floats
from verify.networks.phases.chains import LARGEST
from verify.networks.phases.leaf import Objectives, make_objectives
from verify.networks.phases.towers import Tower
from verify.networks.query import Case, Open, Query, Row


class Box(NamedTuple):
    """Ends of a box in float64, (inputs,), that encloses the exact one."""

    lower: Floats
    upper: Floats


class Aim(NamedTuple):
    """outputs·y + constant, to be shown positive; each float is the nearest one."""

    case: int
    outputs: Floats
    constant: float


class Group(NamedTuple):
    """Cases with one box and the aims of each of them."""

    box: Box
    aims: tuple[Aim, ...]

    @property
    def cases(self) -> tuple[int, ...]:
        return tuple(sorted({aim.case for aim in self.aims}))


def group_cases(query: Query) -> tuple[Group, ...] | Open:
    """The cases that may have a point, by box; Open where there is nothing to bound."""
    groups: dict[tuple[object, object], list[Aim]] = {}
    for number, case in enumerate(query.cases):
        if any(low > high for low, high in zip(case.lower, case.upper, strict=True)):
            continue
        aims = make_aims(query, number)
        if aims is None:
            continue
        if not aims:
            return Open("unsupported", f"case {number + 1} says nothing of the outputs")
        groups.setdefault((case.lower, case.upper), []).extend(aims)
    found = []
    for aims in groups.values():
        box = enclose_box(query.cases[aims[0].case])
        size = max(np.abs(box.lower).max(initial=0), np.abs(box.upper).max(initial=0))
        if not size < LARGEST:
            number = aims[0].case + 1
            return Open("unsupported", f"an input of case {number} is not bounded")
        found.append(Group(box, tuple(aims)))
    return tuple(found)


def make_aims(query: Query, number: int) -> list[Aim] | None:
    """The aims of a case, none if no row speaks of outputs; None: the case is empty."""
    case = query.cases[number]
    rows = []
    for row in case.rows:
        most = row.constant + _largest(row, case)
        if row.outputs:
            size = sum((abs(c) for _, c in row.outputs), Fraction(0))
            rows.append((row.outputs, most, size))
        elif most < 0 or (row.strict and most == 0):
            return None
    aims = [_make_aim(query, number, [(row, most)]) for row, most, _ in rows]
    if len(rows) > 1:
        total = sum((1 / size for _, _, size in rows), Fraction(0))
        parts = [
            (tuple((i, c / size / total) for i, c in row), most / size / total)
            for row, most, size in rows
        ]
        aims.append(_make_aim(query, number, parts))
    return aims


def _make_aim(
    query: Query,
    number: int,
    parts: list[tuple[tuple[tuple[int, Fraction], ...], Fraction]],
) -> Aim:
    exact = [Fraction(0)] * query.network.outputs
    for row, _ in parts:
        for index, c in row:
            exact[index] -= c
    constant = -sum((most for _, most in parts), Fraction(0))
    return Aim(number, np.array([float(c) for c in exact]), float(constant))


def _largest(row: Row, case: Case) -> Fraction:
    """The largest value of a row's inputs over the box."""
    return sum(
        (c * (case.upper[i] if c > 0 else case.lower[i]) for i, c in row.inputs),
        Fraction(0),
    )


def enclose_box(case: Case) -> Box:
    """The smallest box of floats around a case's; infinite where it is out of range."""
    return Box(
        np.array([round_down(end) for end in case.lower]),
        np.array([round_up(end) for end in case.upper]),
    )


def pose_aims(tower: Tower, aims: tuple[Aim, ...]) -> Objectives:
    """The aims as objectives over a tower of the whole chain.

    The head's error covers the rounding of coefficients, and `make_objectives` that of
    the constants.
    """
    rows = np.array([aim.outputs for aim in aims])
    constant = np.array([aim.constant for aim in aims])
    return make_objectives(tower, rows, constant, np.zeros(len(aims)))


def close_aims(
    aims: tuple[Aim, ...], bounds: Floats
) -> tuple[tuple[Aim, ...], float, Array]:
    """The aims of cases still open, the least bound of the cases closed (infinite if
    there are none), and the place in `aims` of each open case's most promising one."""
    best: dict[int, int] = {}
    for place, aim in enumerate(aims):
        if aim.case not in best or bounds[place] > bounds[best[aim.case]]:
            best[aim.case] = place
    closed = {case for case, place in best.items() if bounds[place] > 0}
    left = tuple(aim for aim in aims if aim.case not in closed)
    margin = min((float(bounds[best[case]]) for case in closed), default=np.inf)
    leaders = [place for case, place in best.items() if case not in closed]
    return left, margin, np.array(leaders, dtype=np.int64)
