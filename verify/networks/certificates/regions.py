"""Cells in which every relu is decided: exact linear programmes, with nothing rounded.

There a program is affine in its inputs, so a cell is a polyhedron. The exact simplex says
that it is empty, with the multipliers that show it, or gives a point, which is then an exact
counterexample. This settles what touches a threshold exactly, where no float bound ends
below 0, and boxes without a side, where there is nothing to bound on.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from verify.kernel.exponential import bound_sigmoid
from verify.kernel.networks import Program
from verify.networks.certificates.levels import substitute
from verify.solvers.simplex import Conflict, Simplex

Form = tuple[Fraction, dict[int, Fraction]]
Box = tuple[tuple[Fraction | None, Fraction | None], ...]
Pairs = tuple[tuple[int, int], ...]
Interval = tuple[Fraction, Fraction]


class Refuted(NamedTuple):
    """Multipliers of rows (by index) and of phases (by unit): the cell has no point."""

    rows: Pairs
    phases: Pairs


class Inside(NamedTuple):
    """A point of the polyhedron; `complete` when every row and unit was known in it."""

    point: tuple[Fraction, ...]
    complete: bool


def evaluate(program: Program, point: tuple[Fraction, ...]) -> list[Interval]:
    """All variables at a point, from below and from above: equal but for sigmoids."""
    values: list[Interval] = [(value, value) for value in point]
    for unit in program.units:
        low, high = _sum(unit.bias, unit.weights, values)
        if unit.kind == "sigmoid":
            low, high = bound_sigmoid(low, -1), bound_sigmoid(high, 1)
        elif unit.kind != "linear":
            give = _sign if unit.kind == "sign" else _positive
            one = low is high
            low = give(low)
            high = low if one else give(high)
        values.append((low, high))
    return values


def _sum(
    constant: Fraction,
    weights: tuple[tuple[int, Fraction], ...],
    values: list[Interval],
) -> Interval:
    low = high = constant
    for variable, weight in weights:
        bottom, top = values[variable]
        if weight < 0:
            bottom, top = top, bottom
        step = weight * bottom
        # most values are one number: then one product will do
        same = top is bottom and high is low
        low += step
        high = low if same else high + weight * top
    return low, high


def _positive(value: Fraction) -> Fraction:
    return max(value, Fraction(0))


def _sign(value: Fraction) -> Fraction:
    return Fraction((value > 0) - (value < 0))


def meets(program: Program, point: tuple[Fraction, ...]) -> bool:
    """Whether the point is in the box and meets every row, exactly."""
    values = evaluate(program, point)
    for row in program.rows:
        low, _ = _sum(row.constant, row.weights, values)
        if low < 0 or (row.strict and low == 0):
            return False
    return True


def decide_ground(program: Program) -> Refuted | Inside:
    """A program without inputs: a row that fails, or the empty point."""
    values = evaluate(program, ())
    for index, row in enumerate(program.rows):
        _, high = _sum(row.constant, row.weights, values)
        if high < 0 or (row.strict and high == 0):
            return Refuted(((index, 1),), ())
    return Inside((), meets(program, ()))


def affine_units(
    program: Program, signs: Mapping[int, int]
) -> tuple[list[Form | None], dict[int, Form | None]]:
    """All variables over the inputs, and what each unit takes; None where a sign of
    `signs` (1 or -1 by unit) is missing."""
    zero: Form = Fraction(0), {}
    forms: list[Form | None] = [
        (Fraction(0), {i: Fraction(1)}) for i in range(len(program.box))
    ]
    taken: dict[int, Form | None] = {}
    for number, unit in enumerate(program.units, len(program.box)):
        form = taken[number] = _combine(unit.bias, unit.weights, forms)
        if form is None or unit.kind == "linear":
            forms.append(form)
            continue
        sign = signs.get(number, 0)
        if unit.kind == "relu":
            forms.append({1: form, -1: zero, 0: None}[sign])
        elif unit.kind == "sign" and not form[1]:
            forms.append((_sign(form[0]), {}))
        else:
            forms.append(None)
    return forms, taken


def _combine(
    constant: Fraction,
    weights: tuple[tuple[int, Fraction], ...],
    forms: list[Form | None],
) -> Form | None:
    total, sums = constant, dict[int, Fraction]()
    for variable, weight in weights:
        form = forms[variable]
        if form is None:
            return None
        total += weight * form[0]
        for i, value in form[1].items():
            sums[i] = sums.get(i, Fraction(0)) + weight * value
    return total, {i: value for i, value in sums.items() if value}


def decide_region(
    program: Program,
    box: Box,
    phases: Mapping[int, int],
    stable: Mapping[int, int] | None = None,
) -> Refuted | Inside:
    """Whether the box, the phases and the rows leave a point.

    `stable` adds signs that bounds force; it goes before the phases, since a unit that
    gives 0 throughout has both. Rows that depend on an undecided unit are left out.
    """
    signs = {**phases, **(stable or {})}
    forms, taken = affine_units(program, signs)
    simplex = Simplex()
    inputs = [simplex.variable() for _ in range(len(program.box))]
    sources: list[tuple[str, int]] = []
    complete = all(form is not None for form in forms)

    def assert_form(
        kind: str, number: int, sign: int, form: Form, op: str
    ) -> Conflict | None:
        sources.append((kind, number))
        pairs = {inputs[i]: sign * value for i, value in form[1].items()}
        return simplex.assert_literal(len(sources) - 1, op, pairs, sign * form[0])

    conflict: Conflict | None = None
    for i, (low, high) in enumerate(box):
        one = {i: Fraction(1)}
        if low is not None:
            conflict = conflict or assert_form("box", i, 1, (-low, one), ">=")
        if high is not None:
            conflict = conflict or assert_form("box", i, -1, (-high, one), ">=")
    for number, sign in phases.items():
        form = taken[number]
        if form is not None:
            conflict = conflict or assert_form("phase", number, sign, form, ">=")
    for index, row in enumerate(program.rows):
        constant, weights = substitute(program, row.weights)
        form = _combine(row.constant + constant, tuple(weights.items()), forms)
        if form is not None:
            op = ">" if row.strict else ">="
            conflict = conflict or assert_form("row", index, 1, form, op)
        else:
            complete = False
    conflict = conflict or simplex.check()
    if conflict is None:
        return Inside(tuple(simplex.solution()[: len(program.box)]), complete)
    return _refuted(conflict, sources)


def _refuted(conflict: Conflict, sources: list[tuple[str, int]]) -> Refuted:
    """The conflict's multipliers of rows and phases, as coprime integers."""
    found: dict[str, dict[int, Fraction]] = {"row": {}, "phase": {}, "box": {}}
    for literal, multiplier in conflict.multipliers:
        kind, number = sources[literal]
        found[kind][number] = multiplier
    kept = [*found["row"].values(), *found["phase"].values()]
    scale = Fraction(lcm(*(value.denominator for value in kept)))
    scale /= gcd(*(int(value * scale) for value in kept)) or 1

    def pairs(kind: str) -> Pairs:
        values = sorted(found[kind].items())
        return tuple((number, int(value * scale)) for number, value in values if value)

    return Refuted(pairs("row"), pairs("phase"))
