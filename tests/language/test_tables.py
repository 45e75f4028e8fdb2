"""CSV files: exact decimals, targets by name, and refusals that name the line."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.language import tables
from verify.language.tables import read_columns, read_number
from verify.language.things import Unreadable


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("-1.50", Fraction(-3, 2)),
        ("+.5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("2.5e-3", Fraction(1, 400)),
        ("1E2", Fraction(100)),
        ("-1/3", Fraction(-1, 3)),
        ("0.1", Fraction(1, 10)),
        ("1e400", Fraction(10**400)),
    ],
)
def test_numbers_are_exact(text: str, value: Fraction) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", ".", "-", "e5", "nan", "inf", "1e401", "1e99999999", "1/0", "0x1", "1_0", "1,5",
     "\u0661", "--1", "1e", "1" * 1001, "9" * 5000, "1/" + "2" * 1001, '"1"'],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert read_number(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_decimals_mean_themselves(number: object) -> None:
    assert read_number(str(number)) == Fraction(str(number))


def test_columns_named_y_are_targets() -> None:
    found = read_columns("\ufeffx1, y_a, x2 ,y\r\n1,2,3,4\r\n\r\n5,6,7,8", "p.csv")
    assert found.inputs == ((1, 3), (5, 7))
    assert found.targets == ((2, 4), (6, 8))


def test_weights_and_groups_have_columns_of_their_own() -> None:
    found = read_columns("x,weight,y,group\n1,1/2,3, a b\n5,0,7,c\n", "p.csv")
    assert found.inputs == ((1,), (5,)) and found.targets == ((3,), (7,))
    assert found.weights == (Fraction(1, 2), 0) and found.groups == ("a b", "c")
    plain = read_columns("x,weights,y\n1,2,3\n", "p.csv")
    assert plain.inputs == ((1, 2),) and plain.weights == () and plain.groups == ()


def test_there_may_be_no_targets() -> None:
    assert read_columns("a\n1\n", "p.csv").targets == ((),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line of p.csv is no header: ''"),
        ("1,2\n3,4\n", "the first line of p.csv is no header: '1'"),
        ("a,,b\n", "is no header"),
        ("a,a\n1,2\n", "two columns of p.csv have one name"),
        ("y,y2\n1,2\n", "no column of p.csv is an input"),
        ("a\n", "p.csv has no points"),
        ("a,b\n1\n", "p.csv, line 2: expected 2 numbers, one for each column, got 1"),
        ("a\n1\n\nx\n", "p.csv, line 4: expected a number, got 'x'"),
        ("weight,y,group\n1,2,3\n", "no column of p.csv is an input"),
        ("x,weight\n1,-1\n", "p.csv, line 2: a weight is 0 or more, got -1"),
        ("x,weight\n1,0\n2,0\n", "every weight in p.csv is 0"),
        ("x,weight\n1,heavy\n", "line 2: expected a number, got 'heavy'"),
        ("x,group\n1,a\n2,\n", "p.csv, line 3: expected the name of a group"),
        ("x,group\n1,\u202ea\n", "p.csv, line 2: expected the name of a group"),
        ("a\u202e\n1\n", "a character that does not print: U+202E"),
        ("a" * 201 + "\n1\n", "is no header"),
    ],
)
def test_what_is_no_table(text: str, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_columns(text, "p.csv")
    assert message in caught.value.message
    assert caught.value.message.isprintable()


def test_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    monkeypatch.setattr(tables, "MAX_FIELDS", 8)
    monkeypatch.setattr(tables, "MAX_COLUMNS", 4)
    for text, message in (
        ("a\n" + "1\n" * 4, "p.csv has more than 3 rows"),
        ("a,b,c,d\n" + "1,2,3,4\n" * 3, "or 8 numbers"),
        ("a,b,c,d,e\n1,2,3,4,5\n", "more than 4 columns"),
    ):
        with pytest.raises(Unreadable, match=message):
            read_columns(text, "p.csv")
    assert len(read_columns("a\n1\n2\n3\n", "p.csv").inputs) == 3
