"""Regions as texts: what each means, point by point, and what is refused with which words."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from verify.language.things import Unreadable
from verify.training.circuits.acting import is_inhabited
from verify.training.circuits.regions import find_names, make_points, read_region

COLUMNS = ("x1", "flag")
POINTS = [[Fraction(0), Fraction(0)], [Fraction(2), Fraction(1)]]
GRID = [Fraction(k, 2) for k in range(-3, 8)]


@pytest.mark.parametrize(
    "text, holds",
    [
        ("box", lambda a, b: 0 <= a <= 2 and 0 <= b <= 1),
        ("box + 1/2", lambda a, b: -0.5 <= a <= 2.5 and -0.5 <= b <= 1.5),
        ("-1:1", lambda a, b: -1 <= a <= 1 and -1 <= b <= 1),
        ("-1:1 ; x1 + flag <= 1", lambda a, b: abs(a) <= 1 >= abs(b) and a + b <= 1),
        ("box; flag = 1 or flag = 0", lambda a, b: 0 <= a <= 2 and b in (0, 1)),
        ("0 <= x1 and x1 < 2 and 0 < x2 <= 1", lambda a, b: 0 <= a < 2 and 0 < b <= 1),
        ("box; not (x1 <= 1 and flag <= 1/2)",
         lambda a, b: 0 <= a <= 2 and 0 <= b <= 1 and not (a <= 1 and b <= 0.5)),
        ("box; x1 <= 1 implies flag >= 1",
         lambda a, b: 0 <= a <= 2 and 0 <= b <= 1 and (a > 1 or b >= 1)),
        ("box; x1 <= 1 iff flag >= 1",
         lambda a, b: 0 <= a <= 2 and 0 <= b <= 1 and (a <= 1) == (b >= 1)),
        ("box; 2*x1 - 3*(flag - 1) > 1/2 * x1",
         lambda a, b: 0 <= a <= 2 and 0 <= b <= 1 and 2 * a - 3 * (b - 1) > a / 2),
    ],
)  # fmt: skip
def test_what_a_region_means(text: str, holds) -> None:  # noqa: ANN001 -- a lambda
    region = read_region(text, COLUMNS, POINTS)
    assert region.text == text
    for a, b in product(GRID, GRID):
        assert region.contains([a, b]) == holds(a, b), (a, b)


@pytest.mark.parametrize(
    "text, message, fix",
    [
        ("x1 <= 3", "x1 has no lower bound", "add box"),
        ("box;", "a part of the region is empty", "write box"),
        ("5:1", "has no point", "widen"),
        ("0:one", "expected a number, got 'one'", "write a decimal"),
        ("box + a", "expected a number, got 'a'", "write a decimal"),
        ("box; q > 1", "unknown name `q`", "the inputs are called x1, flag, x2, ..."),
        ("box; x1 * flag <= 1", "not linear in the inputs", "by inequalities"),
        ("box; abs(x1) <= 1", "not linear in the inputs", "not abs(x1) <= 1"),
        ("box; x1 / flag <= 1", "not linear", "by inequalities"),
        ("box; forall k: Nat. x1 <= 1", "no place for `forall`", "use and, or"),
        ("box; (((", "expected a term", "the inputs are called"),
        ("box; x1 + 1", "expected a formula", "the inputs are called"),
        ("nowhere.csv", "there is no file 'nowhere.csv'", ""),
        ("box nowhere.csv", "there is no file 'nowhere.csv'", ""),
        ("nowhere.vnnlib", "there is no file 'nowhere.vnnlib'", ""),
        ("0:" + "9" * 200_001, "more than 100,000 characters", "use a file"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str, fix: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_region(text, COLUMNS, POINTS)
    assert message in caught.value.message
    assert fix in caught.value.fix


def test_files_of_points_boxes_and_properties(tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("x1,flag,y\n-1,0,0\n1/2,3,0\n")
    region = read_region(str(more), COLUMNS, POINTS)
    assert region.contains([Fraction(1, 2), Fraction(3)])
    assert not region.contains([Fraction(0), Fraction(1)])
    region = read_region(f"box {more} + 1", COLUMNS, POINTS)
    assert [list(map(int, region.cases[0].lower)), region.cases[0].upper[0]] == [
        [-2, -1],
        Fraction(3, 2),
    ]
    more.write_text("flag,x1\n-1,0\n")
    with pytest.raises(Unreadable, match="are not those of the data"):
        read_region(f"box {more}", COLUMNS, POINTS)
    stated = tmp_path / "r.vnnlib"
    head = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
    bounds = "".join(f"(assert (>= X_{k} 0))(assert (<= X_{k} 1))" for k in range(2))
    stated.write_text(head + bounds + "(assert (<= (+ X_0 X_1) 1))")
    region = read_region(str(stated), COLUMNS, POINTS)
    assert region.contains([Fraction(1), Fraction(0)])
    assert not region.contains([Fraction(1), Fraction(1, 9)])
    stated.write_text(head + bounds + "(assert (>= Y_0 0))")
    with pytest.raises(Unreadable, match="speaks of outputs"):
        read_region(str(stated), COLUMNS, POINTS)


def test_inputs_go_by_name_where_that_is_one_and_by_place() -> None:
    assert find_names(("width (cm)", "x1", "and", "abs", "q")) == {
        "x1": 1, "q": 4, "x2": 1, "x3": 2, "x4": 3, "x5": 4,
    }  # fmt: skip


def test_a_region_without_a_point_is_seen() -> None:
    empty = read_region("box; x1 + flag >= 100", COLUMNS, POINTS)
    assert is_inhabited(empty, 1e12) is False
    assert is_inhabited(read_region("box; x1 + flag >= 3", COLUMNS, POINTS), 1e12)
    assert is_inhabited(make_points(POINTS), 0.0)
