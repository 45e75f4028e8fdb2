"""Sides of a box around a polytope, where half-spaces imply them.

A region such as x1 + x2 <= 3, x1 >= 0, x2 >= 0 has a box around it that nobody wrote down,
and bounds of networks begin with a box. HiGHS finds how far an input reaches, in floats; the
exact simplex then shows that no point reaches farther, so a side cuts nothing off.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verify.shift.regions import Region, Side
from verify.solvers.answers import Budget
from verify.solvers.linear import LinearProgram, LinearRow, Optimal, solve_linear
from verify.solvers.simplex import Simplex

SECONDS: Final = 10
SHORT: Final = 2**16  # denominators tried first, as most vertices have small ones
HAIR: Final = Fraction(1, 2**20)


def close_sides(region: Region) -> Region:
    """The same points with every side that the half-spaces imply; None where none does."""
    if region.is_bounded or not region.halves:
        return region
    lower, upper = list(region.lower), list(region.upper)
    for j in range(region.size):
        if lower[j] is None:
            low = _reach(region, j, -1)
            lower[j] = None if low is None else -low
        if upper[j] is None:
            upper[j] = _reach(region, j, 1)
    return Region(tuple(lower), tuple(upper), region.halves)


def _reach(region: Region, place: int, sign: int) -> Side:
    """A number that sign * input is shown not to exceed."""
    rows = tuple(
        LinearRow(
            tuple((k, w) for k, w in enumerate(half.weights) if w), -half.constant, None
        )
        for half in region.halves
    )
    sides = tuple(zip(region.lower, region.upper, strict=True))
    goal = ((place, Fraction(-sign)),)
    found = solve_linear(LinearProgram(sides, rows, goal), Budget(seconds=SECONDS))
    if not isinstance(found, Optimal):
        return None
    most = -found.value
    for tried in (
        most.limit_denominator(SHORT),
        (most + HAIR * (1 + abs(most))).limit_denominator(2**40),
    ):
        if _stays_below(region, place, sign, tried):
            return tried
    return None


def _stays_below(region: Region, place: int, sign: int, most: Fraction) -> bool:
    """Whether no point of the region has sign * input above `most`, exactly."""
    simplex = Simplex()
    names = [simplex.variable() for _ in range(region.size)]
    literals = [(">", {names[place]: Fraction(sign)}, -most)]
    for name, low, high in zip(names, region.lower, region.upper, strict=True):
        if low is not None:
            literals.append((">=", {name: Fraction(1)}, -low))
        if high is not None:
            literals.append((">=", {name: Fraction(-1)}, high))
    for half in region.halves:
        pairs = {n: w for n, w in zip(names, half.weights, strict=True) if w}
        literals.append((">=", pairs, half.constant))
    for number, (kind, pairs, constant) in enumerate(literals):
        if simplex.assert_literal(number, kind, pairs, constant) is not None:
            return True
    return simplex.check() is not None
