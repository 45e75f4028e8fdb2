from __future__ import annotations

import sys
from fractions import Fraction

import pytest

from verify.solvers.answers import Budget, Unknown
from verify.solvers.linear import (
    BASIC,
    LOWER,
    UPPER,
    Infeasible,
    LinearProgram,
    LinearRow,
    Optimal,
    solve_linear,
)

ONE = Fraction(1)
BOX = (Fraction(0), Fraction(4))
SUM = LinearRow(((0, ONE), (1, ONE)), lower=Fraction(3))


def test_an_optimum_comes_with_duals_and_a_basis() -> None:
    pytest.importorskip("highspy")
    program = LinearProgram((BOX, BOX), (SUM,), ((0, ONE), (1, 2 * ONE)))
    found = solve_linear(program, Budget())
    assert isinstance(found, Optimal)
    assert (found.value, found.values, found.duals) == (3, (3, 0), (1,))
    assert (found.variables, found.rows) == ((BASIC, LOWER), (LOWER,))


def test_whole_numbers_are_whole() -> None:
    pytest.importorskip("highspy")
    row = LinearRow(((0, 2 * ONE),), lower=Fraction(3))
    found = solve_linear(
        LinearProgram((BOX,), (row,), ((0, ONE),), frozenset({0})), Budget()
    )
    assert isinstance(found, Optimal) and found.values == (2,) and found.duals == ()


def test_an_upper_side_is_told_from_a_lower() -> None:
    pytest.importorskip("highspy")
    row = LinearRow(((0, ONE), (1, ONE)), upper=Fraction(3))
    found = solve_linear(LinearProgram((BOX, BOX), (row,), ((0, -ONE),)), Budget())
    assert isinstance(found, Optimal) and found.value == -3 and found.rows == (UPPER,)


def test_contradictory_rows_are_infeasible() -> None:
    pytest.importorskip("highspy")
    low = LinearRow(((0, ONE), (1, ONE)), upper=Fraction(1))
    found = solve_linear(LinearProgram((BOX, BOX), (SUM, low)), Budget())
    assert isinstance(found, Infeasible)


def test_no_time_is_no_answer() -> None:
    pytest.importorskip("highspy")
    rows = tuple(
        LinearRow(
            tuple((j, Fraction((i * j) % 7 + 1)) for j in range(30)),
            upper=Fraction(60 + i),
        )
        for i in range(20)
    )
    aims = tuple((j, Fraction(-(j % 5) - 1)) for j in range(30))
    program = LinearProgram((BOX,) * 30, rows, aims, frozenset(range(30)))
    found = solve_linear(program, Budget(seconds=0))
    assert isinstance(found, Unknown) and found.reason == "timeout"


def test_without_highs_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    found = solve_linear(LinearProgram((BOX,), ()), Budget())
    assert found == Unknown("unsupported", "highspy is not installed")
