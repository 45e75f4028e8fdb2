"""The lines and numbers that bound a cell are these and no others: each worked by hand."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proofs import rejects
from verify.kernel import cells as cells_module
from verify.kernel.cells import ONE, Cell, Cells, least, most
from verify.kernel.exponential import bound_sigmoid
from verify.kernel.networks import Program, Row, Unit, Weights

F = Fraction
Side = Fraction | None
X = ((0, F(1)),)
HALF = ONE // 2


def cell_of(kind: str, low: Side, high: Side, *weights: Weights) -> tuple[Cells, Cell]:
    """One unit, variable 1, that takes the one input, with a row for each of `weights`."""
    rows = tuple(Row(F(0), pairs, False) for pairs in weights)
    cells = Cells(Program((Unit(kind, F(0), X),), rows, ((low, high),)))
    cell = cells.root()
    assert cells.forward(cell)
    return cells, cell


def most_of(
    cells: Cells, cell: Cell, slopes: dict[int, int] | None = None
) -> Fraction | None:
    """The bound of the program's first row, as a number."""
    total = cells.backward(cell, [(cells.rows[0], 1)], slopes or {})
    return None if total is None else F(total, cells.scale * cells.step * cells.bound)


# what the unit takes is between these; coefficient; slopes -> slope and offset
RELU_LINES: dict[str, tuple[tuple[int | None, int | None, int, dict[int, int]], object]] = {
    "off": ((-3, -1, 1, {}), (0, 0)),
    "off, just": ((-3, 0, 1, {}), (0, 0)),
    "off, from below": ((-3, 0, -1, {1: ONE}), (0, 0)),
    "off, without a lower end": ((None, 0, 1, {}), (0, 0)),
    "on": ((1, 3, 1, {}), (ONE, 0)),
    "on, just": ((0, 3, 1, {}), (ONE, 0)),
    "on, from below": ((0, 3, -1, {1: 0}), (ONE, 0)),
    "on, without an upper end": ((0, None, 1, {}), (ONE, 0)),
    "nearly off": ((-5, 1, 1, {}), (10923, 5 * 10923)),
    "nearly on": ((-1, 5, 1, {}), (54613, 5 * (ONE - 54613))),
    "rounded up": ((-1, 2, 1, {}), (43691, 43691)),
    "rounded down": ((-2, 1, 1, {}), (21845, ONE - 21845)),
    "a tie, up": ((1 - (1 << 17), 1, 1, {}), (1, (1 << 17) - 1)),
    "no upper end": ((-2, None, 1, {}), (ONE, 2 * ONE)),
    "no lower end": ((None, 2, 1, {}), (0, 2 * ONE)),
    "no ends": ((None, None, 1, {}), (ONE, None)),
    "below, mostly on": ((-2, 3, -1, {}), (ONE, 0)),
    "below, evenly": ((-2, 2, -1, {}), (ONE, 0)),
    "below, mostly off": ((-3, 2, -1, {}), (0, 0)),
    "below, no upper end": ((-2, None, -1, {}), (ONE, 0)),
    "below, no lower end": ((None, 2, -1, {}), (0, 0)),
    "below, no ends": ((None, None, -1, {}), (ONE, 0)),
    "below, nearly off": ((-5, 1, -1, {1: HALF}), (HALF, 0)),
    "below, nearly on": ((-1, 5, -1, {1: HALF}), (HALF, 0)),
    "below, a slope for another": ((-3, 2, -1, {0: HALF, 2: HALF}), (0, 0)),
    "a slope is for below": ((-2, 2, 1, {1: ONE}), (HALF, 2 * HALF)),
}  # fmt: skip


@pytest.mark.parametrize("case", RELU_LINES)
def test_a_relu_gives_way_to_this_line(case: str) -> None:
    (bottom, top, coefficient, slopes), line = RELU_LINES[case]
    cells, cell = cell_of("relu", None, None)
    cell.below[1], cell.above[1] = bottom, top
    assert cells._line(cell, 1, coefficient, slopes) == line


@given(st.integers(1, 1 << 40), st.integers(1, 1 << 40))
def test_the_chord_is_the_nearest_multiple_and_touches_it(down: int, up: int) -> None:
    cells, cell = cell_of("relu", None, None)
    cell.below[1], cell.above[1] = -down, up
    slope, offset = cells._line(cell, 1, 1, {})
    assert slope == floor(F(up, up + down) * ONE + F(1, 2))
    assert offset is not None
    ends = offset - slope * down, offset + (slope - ONE) * up
    assert min(ends) == 0


def test_other_units_give_way_to_their_ends() -> None:
    cells, cell = cell_of("sign", F(0), F(3))
    assert cells._line(cell, 1, 1, {}) == (0, cells.bound * ONE)
    assert cells._line(cell, 1, -1, {}) == (0, 0)
    cells, cell = cell_of("linear", F(0), F(3))
    assert cells._line(cell, 1, 1, {}) == (ONE, 0)
    assert cells._line(cell, 1, -1, {1: 0}) == (ONE, 0)


@pytest.mark.parametrize("kind", ["sign", "sigmoid"])
def test_a_unit_not_yet_bounded_has_no_end(kind: str) -> None:
    cells, _ = cell_of(kind, F(0), F(3), ((1, F(1)),))
    assert most_of(cells, cells.root()) is None


UP, DOWN = ((1, F(1)),), ((1, F(-1)),)
LESS, REST = ((0, F(-1)), (1, F(1))), ((0, F(1)), (1, F(-1)))
# kind, box, row -> the most that the row can be, by the lines above
BOUNDS: dict[str, tuple[str, Side, Side, Weights, Fraction | None]] = {
    "chord": ("relu", F(-1), F(2), UP, F(3 * 43691, ONE)),
    "scaled chord": ("relu", F(-1), F(2), ((1, F(5, 3)),), F(5 * 43691, ONE)),
    "mostly on": ("relu", F(-1), F(2), DOWN, F(1)),
    "mostly off": ("relu", F(-2), F(1), DOWN, F(0)),
    "x + 2 - x": ("relu", F(-2), None, LESS, F(2)),
    "no end": ("relu", F(-2), None, UP, None),
    "constant": ("relu", None, F(2), UP, F(2)),
    "on": ("relu", F(1, 3), F(2), REST, F(0)),
    "off": ("relu", F(-2), F(0), REST, F(0)),
    "linear cancels": ("linear", F(-2), F(5, 7), REST, F(0)),
    "linear without ends": ("linear", None, None, LESS, F(0)),
    "sign above": ("sign", F(-1), F(2), UP, F(1)),
    "sign below": ("sign", F(0), F(2), DOWN, F(0)),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_a_row_is_bounded_by_this_number(case: str) -> None:
    kind, low, high, weights, bound = BOUNDS[case]
    cells, cell = cell_of(kind, low, high, weights)
    assert most_of(cells, cell) == bound


def test_a_slope_is_used_from_below_only() -> None:
    cells, cell = cell_of("relu", F(-1), F(2), DOWN)
    assert most_of(cells, cell, {1: HALF}) == F(1, 2)
    assert most_of(cells, cell, {1: 0}) == 0
    cells, cell = cell_of("relu", F(-1), F(2), UP)
    assert most_of(cells, cell, {1: 0}) == F(3 * 43691, ONE)


def taking(kind: str) -> tuple[Cells, Cell]:
    """Unit 2 takes 3 + y - x with y = x: by intervals 1 to 5."""
    copy = Unit("linear", F(0), X)
    unit = Unit(kind, F(3), ((0, F(-1)), (1, F(1))))
    cells = Cells(Program((copy, unit), (), ((F(0), F(2)),)))
    cell = cells.root()
    assert cells.forward(cell)
    assert (cell.below[2], cell.above[2]) == (cells.bound, 5 * cells.bound)
    return cells, cell


@pytest.mark.parametrize("kind", ["linear", "relu", "sigmoid", "sign"])
def test_what_is_tightened_bounds_what_the_unit_gives(kind: str) -> None:
    cells, cell = taking(kind)
    before = cell.copy()
    exact = 3 * cells.bound
    ends = {
        "sigmoid": (
            floor(bound_sigmoid(F(3), -1) * cells.bound),
            ceil(bound_sigmoid(F(3), 1) * cells.bound),
        ),
        "sign": (cells.bound, cells.bound),
    }.get(kind, (exact, exact))
    cells.tighten(cell, 2, -1, [cells.taken(2, -ONE)], {})
    assert (cell.below[2], cell.low[2]) == (exact, ends[0])
    assert (cell.above[2], cell.high[2]) == (before.above[2], before.high[2])
    cells.tighten(cell, 2, 1, [cells.taken(2, ONE)], {})
    assert (cell.above[2], cell.high[2]) == (exact, ends[1])
    assert (cell.below[2], cell.low[2]) == (exact, ends[0])


def test_tightening_never_loosens() -> None:
    cells, cell = taking("relu")
    cell.below[2], cell.above[2] = 4 * cells.bound, 2 * cells.bound
    cells.tighten(cell, 2, -1, [cells.taken(2, -ONE)], {})
    cells.tighten(cell, 2, 1, [cells.taken(2, ONE)], {})
    assert (cell.below[2], cell.above[2]) == (4 * cells.bound, 2 * cells.bound)


def test_without_a_bound_nothing_is_tightened() -> None:
    cells, cell = cell_of("relu", None, None)
    before = cell.copy()
    cells.tighten(cell, 1, 1, [cells.taken(1, ONE)], {})
    cells.tighten(cell, 1, -1, [cells.taken(1, -ONE)], {})
    assert cell == before


def test_bounds_meet() -> None:
    for one, other, smaller, larger in (
        (1, 2, 1, 2),
        (2, 1, 1, 2),
        (2, 2, 2, 2),
        (-1, None, -1, -1),
        (None, -1, -1, -1),
        (0, None, 0, 0),
        (None, None, None, None),
    ):
        assert (least(one, other), most(one, other)) == (smaller, larger)


def test_work_is_counted_to_the_multiplication(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward each weight twice; backward the weights of the units that give way."""
    wide = ((0, F(1)), (1, F(1)))
    units = (Unit("relu", F(-5), wide), Unit("relu", F(-1), wide))
    rows = tuple(Row(F(0), ((j, F(1)),), False) for j in (2, 3))

    def run() -> int:
        cells = Cells(Program(units, rows, ((F(0), F(1)),) * 2))
        cell = cells.root()
        assert cells.forward(cell)
        assert cells.work == 8
        cells.backward(cell, [(cells.rows[0], 1)], {})  # never on: weights unused
        assert cells.work == 8
        cells.backward(cell, [(cells.rows[1], 1)], {})
        return cells.work

    assert run() == 10
    monkeypatch.setattr(cells_module, "MAX_WORK", 10)
    assert run() == 10
    monkeypatch.setattr(cells_module, "MAX_WORK", 9)
    with rejects("at most 9 multiplications", "more"):
        run()


def test_half_a_billion_multiplications_are_allowed() -> None:
    cells = Cells(Program((), (), ()))
    cells._spend(500_000_000)
    with rejects("at most 500000000 multiplications", "more"):
        cells._spend(1)


@pytest.mark.parametrize("place", ["unit", "weight", "row", "box"])
def test_denominators_have_at_most_20000_bits(place: str) -> None:
    def read(fraction: Fraction) -> Cells:
        parts = {
            "unit": F(0),
            "weight": F(1),
            "row": F(0),
            "box": F(0),
            place: fraction,
        }
        unit = Unit("relu", parts["unit"], ((0, parts["weight"]),))
        row = Row(parts["row"], ((1, F(1, 3)),), False)
        return Cells(Program((unit,), (row,), ((parts["box"], F(1)),)))

    power = 20_000 - (2 if place == "row" else 1)  # the row's weight has a third
    assert read(F(1, 1 << power)).count == 2
    with rejects("a common denominator of at most 20000 bits", "a longer one"):
        read(F(1, 1 << power + 1))


def scales(depth: int, denominator: int, weight: Fraction) -> tuple[int, int]:
    """Of bounds and of coefficients, for a chain of units."""
    units = tuple(Unit("linear", F(0), ((j, weight),)) for j in range(depth))
    row = Row(F(1, denominator), (), False)
    cells = Cells(Program(units, (row,), ((F(0), F(1)),)))
    return cells.bound, cells.scale


def test_scales_grow_a_factor_a_layer() -> None:
    assert scales(0, 7, F(1)) == (1 << 64, 7)
    assert scales(3, 7, F(1)) == (1 << 64, 7 * ONE**3)
    assert scales(3, 7, F(1, 5)) == (5**3 << 64, 7 * (5 * ONE) ** 3)


def test_scales_stay_within_512_bits() -> None:
    """A factor of 17 bits is allowed onto 495 bits and not onto 496."""
    assert scales(40, 1 << 14, F(1))[1] == ONE**31 << 14
    assert scales(40, 1 << 15, F(1))[1] == ONE**30 << 15
