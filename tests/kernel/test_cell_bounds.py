"""Scales, limits, interval bounds and backward sums of cells, to the last unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from tests.proofs import rejects
from verify.kernel.cells import ONE, Cell, Cells
from verify.kernel.networks import Program, Row, Unit

F = Fraction
Side = Fraction | int | None
WIDE = 1 << 64  # bounds are kept at least this fine


def make_unit(kind: str, bias: Fraction | int, *weights: tuple[int, int]) -> Unit:
    return Unit(kind, F(bias), tuple((v, F(w)) for v, w in weights))


def make_cells(
    units: Sequence[Unit], *box: tuple[Side, Side], rows: Sequence[Row] = ()
) -> Cells:
    sides = tuple(
        (None if low is None else F(low), None if high is None else F(high))
        for low, high in box
    )
    return Cells(Program(tuple(units), tuple(rows), sides))


def identity(kind: str, low: Side, high: Side) -> Cells:
    """One unit that takes the one input."""
    return make_cells([make_unit(kind, 0, (0, 1))], (low, high))


def bounded(cells: Cells, **phases: int) -> Cell:
    """The root with its units bounded; z1=-1 says that what unit 1 takes is at most 0."""
    cell = cells.root()
    cell.phases.update({int(name[1:]): sign for name, sign in phases.items()})
    assert cells.forward(cell)
    return cell


# scales


def test_without_units_bounds_are_over_the_denominator_of_the_box_times_2_to_64() -> (
    None
):
    cells = make_cells([], (F(1, 6), F(3, 4)), rows=[Row(F(1, 5), (), False)])
    assert (cells.bound, cells.scale, cells.step) == (12 * WIDE, 5, 2**16)
    cell = cells.root()
    assert (cell.low, cell.high) == ([2 * WIDE], [9 * WIDE])
    assert [type(bound) for bound in (*cell.low, *cell.high)] == [int, int]


def test_without_variables_there_are_scales_of_constants() -> None:
    cells = make_cells([], rows=[Row(F(1, 5), (), False)])
    assert (cells.bound, cells.scale, cells.step) == (WIDE, 5, 2**16)
    assert cells.backward(cells.root(), [(cells.rows[0], 1)], {}) == WIDE * 2**16


def test_each_layer_gives_the_scales_one_factor_more() -> None:
    """A unit that takes nothing is in the first layer, one that takes it in the second."""
    constant = make_unit("linear", F(1, 3))
    first = make_cells([constant])
    assert (first.bound, first.scale, first.step) == (3 * WIDE, 3 * ONE, 3 * ONE)
    second = make_cells([constant, make_unit("relu", 0, (0, 1))])
    assert (second.bound, second.scale) == (9 * WIDE, (3 * ONE) ** 2)
    beside = make_cells([constant, make_unit("relu", 0, (0, 1))], (0, 1))
    assert (beside.bound, beside.scale) == (3 * WIDE, 3 * ONE)


@pytest.mark.parametrize(("bits", "power"), [(446, 510), (447, 64)])
def test_scales_have_at_most_512_bits(bits: int, power: int) -> None:
    """65 bits of the box and 447 of the unit are allowed; with one more none is added."""
    assert make_cells([make_unit("linear", F(1, 2**bits))]).bound == 2**power


def test_a_common_denominator_has_at_most_20000_bits() -> None:
    longest = F(1, 2**19_999)
    assert make_cells([], (0, longest)).bound == WIDE << 19_999
    with rejects("a common denominator of at most 20000 bits", "a longer one"):
        make_cells([], (0, longest / 2))


# work


def test_forward_costs_two_multiplications_a_weight() -> None:
    units = [make_unit("relu", 0, (0, 1), (1, 1)), make_unit("linear", 3, (2, 1))]
    cells = make_cells(units, (0, 1), (0, 1))
    for work in (6, 12):
        bounded(cells)
        assert cells.work == work


@pytest.mark.parametrize("beyond", [0, 1])
def test_the_work_of_a_tree_is_at_most_500_million(beyond: int) -> None:
    cells = identity("relu", -1, 1)
    cells.work = 500_000_000 - 2 + beyond
    if beyond:
        with rejects("at most 500000000 multiplications", "more"):
            cells.forward(cells.root())
    else:
        assert cells.forward(cells.root())
        assert cells.work == 500_000_000


def test_backward_costs_the_weights_of_the_units_that_give_way_to_what_they_take() -> (
    None
):
    """Of three relus one is never positive: it is 0, and its weights cost nothing."""
    units = [
        make_unit("relu", 0, (0, 1), (1, -1)),  # from -2 to 2
        make_unit("relu", -1, (0, -1), (1, -1)),  # from -4 to 0
        make_unit("relu", 2, (0, 1)),  # from 1 to 4
        make_unit("linear", 0, (2, 1), (3, 1), (4, -1)),
    ]
    cells = make_cells(units, (-1, 2), (0, 1))
    cell = bounded(cells)
    assert cells.work == 2 * 8
    total = cells.backward(cell, [cells.taken(5, 1)], {})
    # (x - y)/2 + 1 + 0 - (x + 2) = -x/2 - y/2 - 1, which is most at x = -1, y = 0
    assert total == F(-1, 2) * cells.scale * cells.step * cells.bound
    assert cells.work == 2 * 8 + (2 + 0 + 1)


# forward


@pytest.mark.parametrize(
    ("sign", "taken", "given"), [(1, (0, 2), (0, 2)), (-1, (-1, 0), (0, 0))]
)
def test_a_phase_cuts_what_the_relu_takes_at_0(
    sign: int, taken: tuple[int, int], given: tuple[int, int]
) -> None:
    cells = identity("relu", -1, 2)
    cell = bounded(cells, z1=sign)
    assert (cell.below[1], cell.above[1]) == tuple(b * cells.bound for b in taken)
    assert (cell.low[1], cell.high[1]) == tuple(b * cells.bound for b in given)


@pytest.mark.parametrize(
    ("sign", "low", "high"), [(1, None, -1), (-1, 1, None), (1, -2, -1), (-1, 1, 2)]
)
def test_a_phase_against_the_box_contradicts(sign: int, low: Side, high: Side) -> None:
    cells = identity("relu", low, high)
    cell = cells.root()
    cell.phases[1] = sign
    assert not cells.forward(cell)


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("linear", None, None), ("relu", 0, None), ("sigmoid", 0, 1), ("sign", -1, 1)],
)
def test_a_unit_that_may_take_anything_has_the_range_of_its_kind(
    kind: str, least: int | None, most: int | None
) -> None:
    cells = identity(kind, None, None)
    cell = bounded(cells)
    assert (cell.below[1], cell.above[1]) == (None, None)
    assert cell.low[1] == (None if least is None else least * WIDE)
    assert cell.high[1] == (None if most is None else most * WIDE)


@pytest.mark.parametrize(("value", "sign"), [(-1, -1), (0, 0), (1, 1)])
def test_the_sign_of_the_smallest_numbers_is_still_theirs(
    value: int, sign: int
) -> None:
    cells = identity("sign", None, None)
    cell = cells.root()
    cell.low[0] = cell.high[0] = value
    assert cells.forward(cell)
    assert (cell.low[1], cell.high[1]) == (sign * WIDE, sign * WIDE)


@pytest.mark.parametrize("value", [-3, -1, 1, 4])
def test_a_sigmoid_lies_between_neighbouring_integers(value: int) -> None:
    """Over 2^64 no value but that of 0 is an integer: rounded down and up they differ by 1."""
    cells = identity("sigmoid", value, value)
    cell = bounded(cells)
    with localcontext() as context:
        context.prec = 60
        exact = WIDE / (1 + Decimal(-value).exp())
    assert (cell.low[1], cell.high[1]) == (int(exact), int(exact) + 1)


def test_a_sigmoid_of_an_interval_is_bounded_at_its_ends() -> None:
    cell, first, last = (
        bounded(identity("sigmoid", *box)) for box in [(-1, 2), (-1, -1), (2, 2)]
    )
    assert (cell.low[1], cell.high[1]) == (first.low[1], last.high[1])


# backward


@pytest.mark.parametrize(
    ("weight", "end"), [(1, 3), (2, 6), (7, 21), (-1, 2), (-5, 10), (0, 0)]
)
def test_a_row_over_inputs_is_most_at_a_corner(weight: int, end: int) -> None:
    """However small the weight; bounds that it does not ask for are not needed."""
    row = (0, [(0, weight)])
    for box in ((-2, 3), (-2 if weight < 0 else None, 3 if weight > 0 else None)):
        cells = make_cells([], box)
        assert cells.backward(cells.root(), [(row, 1)], {}) == end * WIDE


@pytest.mark.parametrize("kind", ["relu", "linear", "sigmoid", "sign"])
def test_less_than_a_step_of_a_unit_is_taken_at_its_upper_bound(kind: str) -> None:
    """Too little for a line with integer coefficients."""
    cells = identity(kind, -1, 2)
    cell = bounded(cells)
    top = cell.high[1]
    assert top is not None
    for rest in (1, 3, cells.step - 1):
        assert cells.backward(cell, [((5, [(1, rest)]), 1)], {}) == (
            rest * top + 5 * cells.bound
        )
    assert cells.work == 2


def test_a_step_and_a_rest_are_taken_by_the_line_and_the_bound() -> None:
    """z is at most x/2 + 1 and 2, and at least x, its slope being 1 by default."""
    cells = identity("relu", -2, 2)
    cell = bounded(cells)
    up = cells.backward(cell, [((0, [(1, ONE + 3)]), 1)], {})
    assert up == (ONE * 2 + 3 * 2) * cells.bound
    down = cells.backward(cell, [((0, [(1, -3)]), 1)], {})  # a step down, ONE - 3 up
    assert down == (ONE * 2 + (ONE - 3) * 2) * cells.bound


def test_a_rest_of_a_unit_without_upper_bound_has_no_bound() -> None:
    cells = identity("relu", -1, None)
    cell = bounded(cells)
    assert cell.high[1] is None
    assert cells.backward(cell, [((0, [(1, 1)]), 1)], {}) is None
    # a whole number of steps down, without a rest, asks for the lower bound only
    assert cells.backward(cell, [((0, [(1, -ONE)]), 1)], {}) == ONE * cells.bound
