"""Bounds of cells hold at every point of the cell, and trees never refute what holds."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.programs import (
    contains,
    make_program,
    make_slopes,
    phases_at,
    row_value,
    values_of,
)
from tests.proofs import rejects
from tests.strategies import seeds
from verify.kernel import cells as cells_module
from verify.kernel.cells import ONE, Cells
from verify.kernel.exponential import bound_sigmoid
from verify.kernel.networks import Program, Row, Unit
from verify.kernel.rejections import Rejected
from verify.kernel.trees import check_tree

F = Fraction
Pairs = list[list[int]]


def multipliers(random: Random, count: int) -> list[int]:
    return [random.choice((0, 1, random.randint(0, 1 << 20))) for _ in range(count)]


@given(seeds())
@settings(max_examples=400)
def test_bounds_hold_at_a_point_of_the_cell(random: Random) -> None:
    program, point = make_program(random)
    values, taken = values_of(program, point)
    cells = Cells(program)
    cell = cells.root()
    cell.phases.update(phases_at(program, point, random))
    assert cells.forward(cell)
    assert contains(cells, cell, values, taken)
    for _ in range(3):
        j = random.randrange(cells.inputs, cells.count)
        side = random.choice((1, -1))
        given_rows = [cells.taken(j, side * ONE), *held(cells, cell.phases, random)]
        cells.tighten(cell, j, side, given_rows, make_slopes(random, program))
        assert contains(cells, cell, values, taken)
    assert cells.forward(cell)
    assert contains(cells, cell, values, taken)
    signs = [random.choice((-1, 1)) for _ in program.rows]
    sums = [(row, sign) for row, sign in zip(cells.rows, signs, strict=True)]
    total = cells.backward(cell, sums, make_slopes(random, program))
    exact = sum(
        (
            sign * row_value(row, values)
            for row, sign in zip(program.rows, signs, strict=True)
        ),
        F(0),
    )
    if total is not None:
        assert exact * cells.scale * cells.step * cells.bound <= total


def held(cells: Cells, phases: dict[int, int], random: Random) -> list[Any]:
    """Rows and phases of the cell, all at least 0, some number of times."""
    rows = zip(cells.rows, multipliers(random, len(cells.rows)), strict=True)
    signs = [cells.taken(j, sign * random.randint(0, 9)) for j, sign in phases.items()]
    return [*rows, *signs]


@given(seeds())
def test_bounds_are_exact_at_a_point(random: Random) -> None:
    """No inputs: what is evaluated is a number, and it is that number."""
    program, point = make_program(random, ("relu", "linear"))
    boxed = Program(program.units, program.rows, tuple((x, x) for x in point))
    values, _ = values_of(boxed, point)
    cells = Cells(boxed)
    cell = cells.root()
    assert cells.forward(cell)
    for low, value, high in zip(cell.low, values, cell.high, strict=True):
        assert low is not None
        assert high is not None
        assert F(low, cells.bound) <= value <= F(high, cells.bound)
        if cells.bound.bit_length() < 400:
            assert low == high


def make_tree(random: Random, program: Program, depth: int) -> list[Any]:
    """Any tree of the right shape."""
    first = len(program.box)
    relus = [j for j, unit in enumerate(program.units, first) if unit.kind == "relu"]
    nodes: list[Any] = []
    waiting: list[tuple[int, dict[int, int]]] = [(depth, {})]
    while waiting:
        left, phases = waiting.pop()
        free = [j for j in relus if j not in phases]
        first_steps = [
            [random.randrange(first, first + len(program.units)), random.choice((1, -1)),
             rows(random, program), signs(random, phases), slopes(random, program)]
            for _ in range(random.randint(0, 2))
        ]  # fmt: skip
        kind = random.choice(("input", "unit", "leaf")) if left else "leaf"
        if kind == "input" and first:
            at = str(F(random.randint(-40, 40), random.choice((1, 3, 8))))
            nodes.append(["input", random.randrange(first), at, first_steps])
            waiting += [(left - 1, phases)] * 2
        elif kind == "unit" and free:
            j = random.choice(free)
            nodes.append(["unit", j, first_steps])
            waiting += [(left - 1, {**phases, j: -1}), (left - 1, {**phases, j: 1})]
        else:
            end = [
                rows(random, program),
                signs(random, phases),
                slopes(random, program),
            ]
            nodes.append(["leaf", first_steps, *end])
    return nodes


def rows(random: Random, program: Program) -> Pairs:
    return [[k, n] for k, n in enumerate(multipliers(random, len(program.rows)))]


def signs(random: Random, phases: dict[int, int]) -> Pairs:
    return [[j, random.randint(0, 9)] for j in phases]


def slopes(random: Random, program: Program) -> Pairs:
    return [[j, a] for j, a in make_slopes(random, program).items()]


@given(seeds())
@settings(max_examples=300)
def test_rows_that_hold_somewhere_are_never_refuted(random: Random) -> None:
    program, point = make_program(random)
    box = tuple(
        (low if low is None else min(low, x), high if high is None else max(high, x))
        for (low, high), x in zip(program.box, point, strict=True)
    )
    program = Program(program.units, program.rows, box)
    with pytest.raises(Rejected):
        check_tree(program, make_tree(random, program, 3))


def test_false_rows_are_refuted_often() -> None:
    """Else the law above would say little."""
    refuted = 0
    for seed in range(200):
        random = Random(seed)
        program, _ = make_program(random, ("relu", "linear"))
        below = tuple(Row(-abs(row.constant) - 9, (), False) for row in program.rows)
        try:
            check_tree(
                Program(program.units, below, program.box),
                make_tree(random, program, 2),
            )
        except Rejected:
            continue
        refuted += 1
    assert refuted > 60, refuted


def test_the_chord_is_rounded_but_never_cuts_through() -> None:
    """With u / (u - l) no multiple of 2^-16 the line is a little above one end."""
    relu = Unit("relu", F(0), ((0, F(1)),))
    program = Program((relu,), (Row(F(0), ((1, F(1)),), False),), ((F(-1), F(2)),))
    cells = Cells(program)
    cell = cells.root()
    cells.forward(cell)
    slope, offset = cells._line(cell, 1, 1, {})
    assert slope == round(2 * ONE / 3)
    assert offset is not None
    for x in (-1, 2):
        assert slope * x * cells.bound + offset >= max(x, 0) * ONE * cells.bound
    assert F(offset, ONE * cells.bound) - F(2, 3) < F(1, ONE)


@pytest.mark.parametrize(
    "value", ["0", "1", "-1", "1/3", "-20", "35", "-700", "1/1000000"]
)
def test_the_sigmoid_is_enclosed(value: str) -> None:
    """Against the series of exp, summed exactly to another length."""
    x = F(value)
    low, high = bound_sigmoid(x, -1), bound_sigmoid(x, 1)
    magnitude, power, term, n = abs(x), F(1), F(1), 0
    while n < 60 + 4 * magnitude or term > F(1, 10**70):
        n += 1
        term = term * magnitude / n
        power += term
    rest = 2 * term  # what is left of the series, below its next term doubled
    ends = [power, power + rest] if x >= 0 else [1 / (power + rest), 1 / power]
    least, most = (end / (1 + end) for end in ends)
    assert low <= most
    assert least <= high
    assert high - low < F(1, 2**170)
    assert 0 <= low < high <= 1


@given(st.fractions(-50, 50), st.fractions(0, 1))
def test_the_enclosures_rise_with_the_value(x: Fraction, more: Fraction) -> None:
    assert bound_sigmoid(x, -1) <= bound_sigmoid(x + more, 1)
    assert bound_sigmoid(x, -1) + bound_sigmoid(-x, 1) >= 1 - F(1, 2**170)
    assert abs(bound_sigmoid(x, 1) + bound_sigmoid(-x, -1) - 1) < F(1, 2**150)


@pytest.mark.parametrize("value", [-(2**50), 2**50])
def test_far_out_the_sigmoid_is_flat(value: int) -> None:
    low, high = bound_sigmoid(F(value), -1), bound_sigmoid(F(value), 1)
    assert (low, high)[value > 0] == (value > 0)
    assert 0 < high - low < F(1, 2**190)


KINDS_AND_ENDS = {
    "sigmoid": ((None, F(0)), (0, F(1, 2))),
    "sign": ((F(-3), None), (-1, 1)),
    "linear": ((F(-3), F(2)), (-3, 2)),
    "relu": ((None, F(2)), (0, 2)),
}


@pytest.mark.parametrize("kind", KINDS_AND_ENDS)
def test_units_are_bounded_by_their_kind(kind: str) -> None:
    box, (least, most) = KINDS_AND_ENDS[kind]
    program = Program((Unit(kind, F(0), ((0, F(1)),)),), (), (box,))
    cells = Cells(program)
    cell = cells.root()
    assert cells.forward(cell)
    tiny = F(1, 2**60)
    assert abs(F(cell.low[1] or 0, cells.bound) - least) < tiny
    assert abs(F(cell.high[1] or 0, cells.bound) - most) < tiny


def test_without_bounds_there_is_no_end() -> None:
    program = Program((Unit("relu", F(0), ((0, F(1)),)),), (), ((None, None),))
    cells = Cells(program)
    cell = cells.root()
    assert cells.forward(cell)
    assert (cell.low[1], cell.high[1]) == (0, None)
    up = Row(F(0), ((1, F(1)),), False)
    with rejects("a sum that is below 0", "no bound"):
        check_tree(
            Program(program.units, (up,), program.box), [["leaf", [], [[0, 1]], [], []]]
        )


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells_module, "MAX_WORK", 3)
    unit = Unit("relu", F(0), ((0, F(1)), (1, F(1))))
    program = Program((unit,), (), ((F(0), F(1)), (F(0), F(1))))
    with rejects("at most 3 multiplications", "more"):
        check_tree(program, [["leaf", [], [], [], []]])


def test_contradicting_bounds_close_a_leaf() -> None:
    program = Program((), (), ((F(1), F(0)),))
    check_tree(program, [["leaf", [], [], [], []]])
