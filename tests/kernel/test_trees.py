"""Trees of cells: what a node hands to its children, and what that costs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.proofs import rejects
from verify.kernel import cells as cells_module
from verify.kernel.networks import Program, Row, Unit
from verify.kernel.rejections import Rejected
from verify.kernel.trees import check_tree

F = Fraction
ONE = (F(-1), F(1))
Node = list[Any]
BELOW = "a sum that is below 0 in the cell"
RELU = Unit("relu", F(0), ((0, F(1)),))


def leaf(first: list[Any] | None = None, row: int = 0) -> Node:
    return ["leaf", first or [], [[row, 1]], [], []]


def test_each_side_of_a_split_input_is_cut_exactly() -> None:
    """x/2 - relu(x) > 0 fails on either side of 0; on both, the line of slope 1 below
    relu leaves -x/2, which is positive at -1."""
    row = Row(F(0), ((0, F(1, 2)), (1, F(-1))), True)
    program = Program((RELU,), (row,), (ONE,))
    check_tree(program, [["input", 0, "0", []], leaf(), leaf()])
    with rejects(BELOW, "more"):
        check_tree(program, [["input", 0, "1/64", []], leaf()])
    with rejects("both children of every node", "1 missing"):
        check_tree(program, [["input", 0, "-1/64", []], leaf()])
    with rejects(BELOW, "more"):
        check_tree(program, [["input", 0, "-1/64", []], leaf(), leaf()])


def test_a_split_between_two_scaled_numbers_loses_no_point() -> None:
    """A point less than a step below where 1/3 is rounded to lies in one of the halves."""
    scale = 1 << 64
    below = F(2 * (scale // 3) - 1, 2 * scale)
    up, down = (Row(-sign * below, ((0, F(sign)),), False) for sign in (1, -1))
    program = Program((), (up, down), ((F(0), F(1)),))
    with rejects(BELOW, "more"):
        check_tree(program, [["input", 0, "1/3", []], leaf(row=0), leaf(row=1)])


# relu(relu(x) - x) > 1, beside relu(y): by intervals relu(x) - x is at most 2, by lines 1
FOLDED = Program(
    (RELU, Unit("relu", F(0), ((0, F(-1)), (2, F(1)))), Unit("relu", F(0), ((1, F(1)),))),
    (Row(F(-1), ((3, F(1)),), True),),
    (ONE, ONE),
)  # fmt: skip
FIRST = [[3, 1, [], [], []]]


def test_a_tightening_passes_through_units_bounded_before_it() -> None:
    check_tree(FOLDED, [leaf(FIRST)])
    with rejects(BELOW, "more"):
        check_tree(FOLDED, [leaf()])


@pytest.mark.parametrize("node", [["input", 1, "0"], ["unit", 4]])
def test_what_a_node_tightens_is_known_to_its_children(node: Node) -> None:
    check_tree(FOLDED, [[*node, FIRST], leaf(), leaf()])
    with rejects(BELOW, "more"):
        check_tree(FOLDED, [[*node, []], leaf(), leaf()])


@pytest.mark.parametrize(
    ("tree", "work"),
    [
        ([leaf()], 2),  # forward: the one weight, for both bounds
        ([leaf(row=1)], 2 + 1),  # backward from the unit: its weight once
        ([leaf([[1, 1, [], [], []]])], 2 + 2),  # forward before a tightening too
        ([["unit", 1, []], leaf(), leaf()], 2 + 2),  # else it is left to the leaves
    ],
)
def test_work_is_counted_exactly(
    monkeypatch: pytest.MonkeyPatch, tree: list[Node], work: int
) -> None:
    rows = (Row(F(-1), (), False), Row(F(-2), ((1, F(1)),), False))
    program = Program((RELU,), rows, (ONE,))
    monkeypatch.setattr(cells_module, "MAX_WORK", work)
    check_tree(program, tree)
    monkeypatch.setattr(cells_module, "MAX_WORK", work - 1)
    with rejects(f"at most {work - 1} multiplications", "more"):
        check_tree(program, tree)


def test_as_many_cells_wait_as_the_limit_says() -> None:
    """A million bounds: 100 cells of 10,000 inputs; 101 of 9,901 are one more."""
    wide = [Program((), (), ((None, None),) * count) for count in (10_000, 9_901)]
    nodes = [["input", 0, "0", []]] * 100
    with rejects("both children of every node", "100 missing"):
        check_tree(wide[0], nodes[:99])
    with rejects("a tree that opens fewer cells at once", "101"):
        check_tree(wide[1], nodes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(F(0), ((1, F(1)),), False), "no bound"),
        (Row(F(0), ((0, F(1)),), False), "0 and no strict row"),
        (Row(F(1), (), False), "more"),
    ],
)
def test_an_open_leaf_says_why(row: Row, words: str) -> None:
    program = Program((), (row,), ((F(-1), F(0)), (None, None)))
    with pytest.raises(Rejected) as caught:
        check_tree(program, [leaf()])
    assert str(caught.value) == f"expected {BELOW}, got {words}"


def test_a_tightening_of_an_unknown_unit_says_which_there_are() -> None:
    with pytest.raises(Rejected) as caught:
        check_tree(FOLDED, [leaf([[5, 1, [], [], []]])])
    assert str(caught.value) == "expected the number of a unit, from 2 to 4, got 5"
