"""Cuts at which chords bound a squared loss exactly, for networks of one hidden layer.

Such a network is linear between finitely many planes: the zero lines of its units, the
sides of the region, and where a distance bends. Between two cuts a chord less a multiple of
the distance is linear there, so it is largest at a corner: one of the planes, or one whose
error is a cut, where the chord is the square. With cuts at the errors of all corners of the
planes the bound is therefore no larger than what is attained. Errors that are too small to
matter lie below one level chord.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from math import comb, isqrt
from typing import Final

from verify.kernel.networks import Program
from verify.networks.certificates.regions import evaluate
from verify.shift.regions import Point
from verify.shift.transport.lemmas import Frame

MOST: Final = 3_000  # sets of planes that may meet
GRID: Final = 2**10
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)

Plane = tuple[tuple[Fraction, ...], Fraction]  # a normal, and what it is equal to


def find_corners(
    frame: Frame, point: Point
) -> tuple[tuple[Point, Fraction], ...] | None:
    """All corners in the region with what the first output is there.

    The distance is from `point`. None where there are too many, or relus upon relus.
    """
    planes = _find_planes(frame, point)
    if planes is None or comb(len(planes), frame.inputs) > MOST:
        return None
    corners = {point}
    for chosen in combinations(planes, frame.inputs):
        corner = solve_planes(chosen)
        if corner is not None and frame.region.contains(corner):
            corners.add(corner)
    output, rest = frame.outputs[0], (ZERO,) * frame.extra
    program = Program(frame.units, (), ())
    return tuple(
        (one, evaluate(program, (*one, *rest))[output][0]) for one in sorted(corners)
    )


def choose_cuts(errors: set[Fraction], top: Fraction) -> tuple[Fraction, ...]:
    """Cuts between which chords bound e^2 by `top` and what distance costs, where that
    holds at all corners; `errors` are those of the corners."""
    level = Fraction(isqrt(int(top * GRID * GRID)), GRID)  # its square is at most `top`
    large = {error for error in errors if abs(error) > level}
    ends = min(errors, default=ZERO), max(errors, default=ZERO)
    outer = {min(-level, ends[0]) - 1, max(level, ends[1]) + 1}
    return tuple(sorted({-level, level} | large | outer))


def _find_planes(frame: Frame, point: Point) -> list[Plane] | None:
    size = frame.inputs
    units = [tuple(Fraction(int(j == k)) for k in range(size)) for j in range(size)]
    found: set[Plane] = set()
    sides = zip(units, frame.region.lower, frame.region.upper, point, strict=True)
    for unit, *values in sides:
        found |= {(unit, value) for value in values if value is not None}
    found |= {(half.weights, -half.constant) for half in frame.region.halves}
    if frame.ground == "linf":
        for j, k in combinations(range(size), 2):
            for sign in (ONE, -ONE):
                normal = [ZERO] * size
                normal[j], normal[k] = ONE, sign
                found.add((tuple(normal), point[j] + sign * point[k]))
    zeros = list(_find_zeros(frame, units))
    return (
        None if None in zeros else sorted(found | {z for z in zeros if z is not None})
    )


def _find_zeros(
    frame: Frame, units: list[tuple[Fraction, ...]]
) -> Iterator[Plane | None]:
    """Where what a relu takes is 0; None for one that takes another relu."""
    forms: list[tuple[Fraction, tuple[Fraction, ...]] | None] = [
        (ZERO, u) for u in units
    ]
    for _ in range(frame.extra):
        forms.append(None)
    for unit in frame.units:
        constant, weights = unit.bias, [ZERO] * len(units)
        deep = False
        for variable, weight in unit.weights:
            form = forms[variable]
            if form is None:
                deep = True
                break
            constant += weight * form[0]
            weights = [a + weight * b for a, b in zip(weights, form[1], strict=True)]
        if unit.kind == "relu":
            yield None if deep else (tuple(weights), -constant)
        forms.append(
            None if deep or unit.kind == "relu" else (constant, tuple(weights))
        )


def solve_planes(planes: tuple[Plane, ...]) -> Point | None:
    """The only point on all of as many planes as there are inputs, or None."""
    table = [[*row, value] for row, value in planes]
    size = len(table)
    for column in range(size):
        pivot = next((r for r in range(column, size) if table[r][column]), None)
        if pivot is None:
            return None
        table[column], table[pivot] = table[pivot], table[column]
        table[column] = [x / table[column][column] for x in table[column]]
        for r in range(size):
            if r != column and table[r][column]:
                factor = table[r][column]
                pairs = zip(table[r], table[column], strict=True)
                table[r] = [x - factor * y for x, y in pairs]
    return tuple(row[-1] for row in table)
