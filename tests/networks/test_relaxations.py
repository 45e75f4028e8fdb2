"""Lines lie above and below their activation, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.boxes.relaxations import activation_range, make_lines
from verify.networks.boxes.rounding import DOUBLE, SINGLE, Precision
from verify.networks.network import RELU, SIGMOID, SIGN
from verify.networks.values.exponentials import enclose_sigmoid

BITS = 90


def enclose(kind: str, point: Fraction) -> tuple[Fraction, Fraction]:
    """The activation's value, exactly or within 2^-90."""
    if kind == RELU:
        return max(point, Fraction(0)), max(point, Fraction(0))
    if kind == SIGN:
        sign = Fraction((point > 0) - (point < 0))
        return sign, sign
    low, high = enclose_sigmoid(point.numerator, point.denominator, BITS)
    return Fraction(low, 2**BITS), Fraction(high, 2**BITS)


def ordinary(precision: Precision) -> st.SearchStrategy[float]:
    width = 32 if precision is SINGLE else 64
    return st.floats(-30, 30, width=width) | st.sampled_from(
        (0.0, -0.0, 1.0, -1.0, precision.smallest, -precision.smallest, 1e-20, -1e-9)
    )


def check(
    kind: str, low: float, high: float, precision: Precision, below: float | None = None
) -> None:
    lower, upper = np.array([[low], [high]], precision.dtype)[:, :, None]
    given = None if below is None else np.array([[below]], precision.dtype)
    lines = make_lines(kind, lower, upper, precision, given)
    slope, spread, offset, gap = (Fraction(float(part[0, 0])) for part in lines)
    ends = Fraction(float(lower[0, 0])), Fraction(float(upper[0, 0]))
    least, most = activation_range(kind, lower, upper)
    for share in range(17):
        point = ends[0] + Fraction(share, 16) * (ends[1] - ends[0])
        points = [point]
        if kind != RELU and ends[0] <= 0 <= ends[1]:
            points.append(Fraction(0))
        for z in points:
            value = enclose(kind, z)
            assert value[0] <= (slope + spread) * z + offset + gap
            assert value[1] >= (slope - spread) * z + offset - gap
            assert Fraction(float(least[0, 0])) <= value[1]
            assert value[0] <= Fraction(float(most[0, 0]))


@pytest.mark.parametrize("kind", [RELU, SIGN, SIGMOID])
@pytest.mark.parametrize("precision", [SINGLE, DOUBLE], ids=["single", "double"])
@given(data=st.data())
def test_lines_enclose_the_activation(
    kind: str, precision: Precision, data: st.DataObject
) -> None:
    low, high = sorted((data.draw(ordinary(precision)), data.draw(ordinary(precision))))
    check(kind, low, high, precision)


@given(st.floats(-9, 0, width=32), st.floats(0, 9, width=32), st.floats(0, 1, width=32))
def test_any_lower_slope_in_the_unit_interval_holds(
    low: float, high: float, slope: float
) -> None:
    check(RELU, low, high, SINGLE, slope)
    check(RELU, low, high, DOUBLE, slope)


@pytest.mark.parametrize("far", [1e30, 1e38])
def test_huge_relu_intervals_hold(far: float) -> None:
    check(RELU, -far, far, SINGLE)
    check(RELU, -1.0, far, SINGLE)
    check(RELU, -far, 1e-30, SINGLE)


@pytest.mark.parametrize("low, high", [(-700.0, 700.0), (-1e5, -40.0), (30.0, 31.0)])
def test_saturated_sigmoid_holds(low: float, high: float) -> None:
    check(SIGMOID, low, high, DOUBLE)
    check(SIGMOID, low, high, SINGLE)


def test_infinite_bounds_give_no_line() -> None:
    ends = np.array([[-np.inf]]), np.array([[np.inf]])
    with np.errstate(invalid="ignore"):
        lines = make_lines(RELU, *ends, DOUBLE)
    assert not np.isfinite(lines.gap).any()


def test_stable_relus_are_exact() -> None:
    lower = np.array([[0.0], [2.0], [-3.0], [-3.0], [0.0]], np.float32)
    upper = np.array([[1.0], [3.0], [-1.0], [0.0], [0.0]], np.float32)
    lines = make_lines(RELU, lower, upper, SINGLE)
    assert lines.slope[:, 0].tolist() == [1, 1, 0, 0, 0]
    for part in (lines.spread, lines.offset, lines.gap):
        assert not part.any()
