"""Constants of the rounding theorem, and numbers rounded to a side."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.boxes.rounding import (
    DOUBLE,
    SINGLE,
    Precision,
    round_down,
    round_up,
)

fractions = st.fractions() | st.builds(
    lambda sign, power, number: sign * number * Fraction(10) ** power,
    st.sampled_from((-1, 1)),
    st.integers(-400, 400),
    st.fractions(min_value=0, max_value=2),
)


@given(fractions)
def test_rounding_to_a_side_encloses_and_is_tight(number: Fraction) -> None:
    low, high = round_down(number), round_up(number)
    assert low == -np.inf or Fraction(low) <= number
    assert high == np.inf or number <= Fraction(high)
    assert low == high or high == np.nextafter(low, np.inf)
    assert (low == high) == (np.isfinite(low) and Fraction(low) == number)


@pytest.mark.parametrize("precision", [SINGLE, DOUBLE])
@pytest.mark.parametrize("terms", [1, 50, 4000])
def test_growth_is_above_gamma(precision: Precision, terms: int) -> None:
    unit = Fraction(precision.unit)
    gamma = terms * unit / (1 - terms * unit)
    assert gamma < Fraction(precision.growth(terms)) < Fraction(102, 100) * gamma


def test_units_are_those_of_the_formats() -> None:
    assert np.finfo(np.float32).eps == 2 * SINGLE.unit
    assert np.finfo(np.float64).eps == 2 * DOUBLE.unit
    assert np.finfo(np.float32).tiny == SINGLE.smallest
    assert np.finfo(np.float64).tiny == DOUBLE.smallest


def test_sums_too_long_for_the_argument_are_refused() -> None:
    with pytest.raises(ValueError, match="sums of 40000 terms are too long"):
        SINGLE.growth(40_000)
    assert DOUBLE.growth(40_000) < 1e-11


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=60))
def test_inner_products_obey_the_model(numbers: list[float]) -> None:
    values = np.array(numbers, np.float32)
    exact = sum((Fraction(float(x)) ** 2 for x in values), Fraction(0))
    bound = Fraction(SINGLE.growth(len(values))) * exact
    bound += 4 * len(values) * Fraction(SINGLE.smallest)
    for found in (values @ values, np.einsum("i,i->", values, values)):
        assert abs(Fraction(float(found)) - exact) <= bound
