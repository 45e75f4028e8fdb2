"""Decimals are exact both ways, and their size is known before they are built."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.properties.numerals import (
    MAX_BITS,
    bounded,
    read_decimal,
    round_decimal,
    write_decimal,
)
from verify.networks.properties.property_errors import LIMIT, PropertyError

THIRD = Fraction(1, 3)


@pytest.mark.parametrize(
    "text, value",
    [
        ("0", Fraction(0)),
        ("-0.0", Fraction(0)),
        ("12.50", Fraction(25, 2)),
        ("-1e-3", Fraction(-1, 1000)),
        ("2E+2", Fraction(200)),
        ("5.", Fraction(5)),
        (".5", Fraction(1, 2)),
        ("1e-400", Fraction(1, 10**400)),
        ("007", Fraction(7)),
    ],
)
def test_numerals_are_read_exactly(text: str, value: Fraction) -> None:
    assert read_decimal(text) == value


@pytest.mark.parametrize(
    "text",
    ["", ".", "-", "e5", "1e", "+1", "--1", "1_0", "0x1", "inf", "nan", "1.2.3", " 1",
     "1\n", "\uff11", "\u0661", "1e5.0"],
)  # fmt: skip
def test_other_texts_are_no_numerals(text: str) -> None:
    assert read_decimal(text) is None


@pytest.mark.parametrize(
    "text, reason",
    [
        ("1e401", "an exponent of 401; the limit is 400"),
        ("1e-999999999", "an exponent of -999999999"),
        ("1e" + "9" * 500, "(500 digits)"),
        ("1" * 1001, "1,001 digits"),
    ],
)
def test_large_numerals_are_refused_before_they_are_built(
    text: str, reason: str
) -> None:
    with pytest.raises(PropertyError) as caught:
        read_decimal(text)
    assert reason in str(caught.value) and caught.value.kind == LIMIT


def test_arithmetic_is_bounded() -> None:
    assert bounded(Fraction(1, 2 ** (MAX_BITS - 1))).denominator > 1
    with pytest.raises(PropertyError, match="more than 8,192 bits"):
        bounded(Fraction(1, 2**MAX_BITS))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_is_written_exactly(value: float) -> None:
    text = write_decimal(Fraction(value))
    assert Fraction(text) == Fraction(value)
    assert "." in text and "e" not in text


@given(st.integers(), st.integers(0, 60))
def test_a_decimal_is_written_exactly(digits: int, places: int) -> None:
    value = Fraction(digits, 10**places)
    assert read_decimal(write_decimal(value)) == value


def test_what_has_no_short_decimal_is_rounded() -> None:
    assert write_decimal(THIRD) == "0.33333333333333333"
    assert write_decimal(Fraction(1, 2**1100)) == "7.3621518290228627e-332"


@given(st.fractions().filter(bool), st.integers(1, 20))
def test_a_rounded_decimal_is_within_half_a_unit(value: Fraction, digits: int) -> None:
    near = Fraction(round_decimal(value, digits))
    assert abs(near - value) <= abs(value) / 2 / Fraction(10) ** (digits - 1)


@pytest.mark.parametrize(
    "value, text",
    [
        (THIRD, "0.33333333333333333"),
        (-2 * THIRD / 10**9, "-6.6666666666666667e-10"),
        (Fraction(0), "0.0"),
        (Fraction(10) ** 30 + THIRD, "1.0e30"),
        (Fraction(999999999999999999, 10), "1.0e17"),
        (Fraction(1, 2**1100), "7.3621518290228627e-332"),
    ],
)
def test_rounded_decimals(value: Fraction, text: str) -> None:
    assert round_decimal(value) == text
