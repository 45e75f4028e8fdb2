"""Exact evaluation against fractions computed plainly, and enclosures against limits."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.networks.network import (
    RELU,
    SIGMOID,
    SIGN,
    Activation,
    Affine,
    Input,
    Layer,
    Network,
    Numbers,
)
from verify.networks.query import Case, Row
from verify.networks.values import exact, floats
from verify.networks.values.exponentials import enclose_decay, enclose_sigmoid

F = Fraction
WHOLE = st.integers(-3, 3).map(float)
WEIGHTS = st.one_of(
    WHOLE,
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.floats(-1e3, 1e3),
    st.sampled_from([5e-324, -1e-310, 2.0**-149, 1e300, -0.0]),
)
RATIONALS = st.one_of(
    st.fractions(max_denominator=10**6).map(lambda x: x % 7 - 3),
    st.floats(-5, 5, width=32).map(Fraction),
)


def numbers(values: object, exactly: tuple[Fraction, ...] | None = None) -> Numbers:
    return Numbers(np.array(values, dtype=np.float64), exactly)


@st.composite
def networks(
    draw: st.DrawFn,
    kinds: tuple[str, ...] = (RELU, SIGN),
    weights: st.SearchStrategy[float] = WEIGHTS,
    *,
    rational: bool = True,
) -> Network:
    """Up to three blocks with skips; some weights are fractions if `rational`."""
    arrays = partial(_numbers, weights=weights, rational=rational)
    layers: list[Layer] = [Input(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 3))
        sources = draw(
            st.lists(
                st.integers(0, len(layers) - 1), min_size=1, max_size=2, unique=True
            )
        )
        matrices = [draw(arrays((size, layers[source].size))) for source in sources]
        layers.append(Affine(tuple(sources), tuple(matrices), draw(arrays((size,)))))
        if draw(st.booleans()):
            layers.append(
                Activation(draw(st.sampled_from(kinds)), len(layers) - 1, size)
            )
    return Network(tuple(layers), len(layers) - 1)


@st.composite
def _numbers(
    draw: st.DrawFn,
    shape: tuple[int, ...],
    weights: st.SearchStrategy[float],
    *,
    rational: bool,
) -> Numbers:
    count = int(np.prod(shape))
    if not rational or draw(st.booleans()):
        floating = draw(st.lists(weights, min_size=count, max_size=count))
        return numbers(np.array(floating).reshape(shape))
    exactly = draw(st.lists(RATIONALS, min_size=count, max_size=count))
    return numbers(np.array([float(x) for x in exactly]).reshape(shape), tuple(exactly))


def plain(network: Network, point: list[Fraction]) -> list[list[Fraction]]:
    """Every layer, with nothing but fractions."""
    layers: list[list[Fraction]] = []
    for layer in network.layers:
        match layer:
            case Input():
                layers.append(point)
            case Affine(sources, matrices, bias):
                total = list(values(bias))
                for source, matrix in zip(sources, matrices, strict=True):
                    flat = values(matrix)
                    width = len(layers[source])
                    for i in range(layer.size):
                        row = flat[i * width : (i + 1) * width]
                        total[i] += sum(map(Fraction.__mul__, row, layers[source]))
                layers.append(total)
            case Activation(kind, source, _):
                layers.append([bent(kind, x) for x in layers[source]])
    return layers


def values(given: Numbers) -> tuple[Fraction, ...]:
    return given.exact or tuple(map(Fraction, given.floats.ravel().tolist()))


def bent(kind: str, x: Fraction) -> Fraction:
    return max(x, F(0)) if kind == RELU else F((x > 0) - (x < 0))


@settings(max_examples=60)
@given(networks(), st.data())
def test_evaluation_is_that_of_fractions(network: Network, data: st.DataObject) -> None:
    size = network.inputs
    point = data.draw(st.lists(RATIONALS, min_size=size, max_size=size))
    expected = plain(network, point)
    assert [list(layer) for layer in exact.evaluate_layers(network, point)] == expected
    assert list(exact.evaluate(network, point)) == expected[network.output]
    ends = exact.enclose(network, point)
    assert ends == tuple((x, x) for x in expected[network.output])


@settings(max_examples=60)
@given(networks((RELU, SIGMOID)), st.data())
def test_enclosures_shrink_around_one_number(
    network: Network, data: st.DataObject
) -> None:
    """More bits give an enclosure inside the coarser one, as both hold the truth."""
    size = network.inputs
    point = data.draw(st.lists(RATIONALS, min_size=size, max_size=size))
    layers = exact.enclose_layers(network, point, 40)
    for wide, narrow in zip(
        layers, exact.enclose_layers(network, point, 200), strict=True
    ):
        for (low, high), (inner_low, inner_high) in zip(wide, narrow, strict=True):
            assert low <= inner_high and inner_low <= high
            assert inner_low <= inner_high
            assert inner_high - inner_low <= high - low
    assert exact.enclose(network, point, 40) == layers[network.output]


def test_layers_after_sigmoid_widen_by_the_sizes_of_weights() -> None:
    """y = s - 3 s lies within 4 widths: the enclosure is of sums, not of one number."""
    layers = (
        Input(1), Activation(SIGMOID, 0, 1),
        Affine((1, 1), (numbers([[1.0]]), numbers([[-3.0]])), numbers([0.0])),
    )  # fmt: skip
    network = Network(layers, 2)
    (low, high), *_ = exact.enclose(network, [F(0)], 20)
    assert low <= -1 <= high and high - low <= F(8, 2**20)
    (low, high), *_ = exact.enclose(network, [F(1, 3)], 20)
    assert 0 < high - low <= F(8, 2**20)


LOG2 = (F(6931471805599453094, 10**19), F(6931471805599453095, 10**19))


@pytest.mark.parametrize("bits", [1, 8, 53, 80, 300])
@pytest.mark.parametrize("power", [0, 1, 2, 5, 30, 200])
def test_exponentials_of_logarithms_of_two(power: int, bits: int) -> None:
    """e^-(k ln 2) = 2^-k, with ln 2 between two fractions."""
    top, bottom = (end * power for end in LOG2)
    low, _, p = enclose_decay(bottom.numerator, bottom.denominator, bits)
    assert F(low, 2**p) <= F(1, 2**power)
    _, high, p = enclose_decay(top.numerator, top.denominator, bits)
    assert F(high, 2**p) >= F(1, 2**power)


@given(st.fractions(-300, 300, max_denominator=10**9), st.integers(4, 200))
def test_sigmoid_is_enclosed(x: Fraction, bits: int) -> None:
    low, high = enclose_sigmoid(x.numerator, x.denominator, bits)
    assert 0 <= low <= high <= low + 2 and high <= 2**bits
    mirrored_low, mirrored_high = enclose_sigmoid(-x.numerator, x.denominator, bits)
    assert low + mirrored_low <= 2**bits <= high + mirrored_high
    value = (
        1 / (1 + np.exp(-float(x)))
        if x >= 0
        else np.exp(float(x)) / (1 + np.exp(float(x)))
    )
    assert float(F(low, 2**bits)) <= value * (1 + 1e-14) + 1e-300
    assert float(F(high, 2**bits)) >= value * (1 - 1e-14)


def test_sigmoid_of_huge_numbers_costs_nothing() -> None:
    assert enclose_sigmoid(10**5_000, 1, 80) == (2**80 - 1, 2**80)
    assert enclose_sigmoid(-(10**5_000), 1, 80) == (0, 1)


def case(*rows: Row, low: int = 0, high: int = 1) -> Case:
    return Case((F(low),), (F(high),), rows)


AT_LEAST = Row((), ((0, F(1)),), F(-1))
ABOVE = AT_LEAST._replace(strict=True)
BELOW = Row((), ((0, F(-1)),), F(1))
WITH_INPUT = Row(((0, F(2)),), ((0, F(1)),), F(-2), True)


@pytest.mark.parametrize("rows, point, outputs, holds", [
    ((AT_LEAST,), 0, F(1), True),
    ((AT_LEAST,), 0, 1 - F(1, 10**30), False),
    ((ABOVE,), 0, F(1), False),
    ((ABOVE,), 0, 1 + F(1, 10**30), True),
    ((AT_LEAST, BELOW), 0, F(1), True),
    ((AT_LEAST,), 2, F(1), False),
    ((AT_LEAST,), -1, F(1), False),
    ((WITH_INPUT,), F(1, 2), F(1), False),
    ((WITH_INPUT,), F(1, 2), F(2), True),
    ((AT_LEAST,), 0, (F(1), F(2)), True),
    ((AT_LEAST,), 0, (F(1, 2), F(2)), False),
    ((BELOW,), 0, (F(1, 2), F(1)), True),
    ((BELOW,), 0, (F(1, 2), F(2)), False),
    ((), 1, F(5), True),
])  # fmt: skip
def test_holds_at_tolerance_0(
    rows: tuple[Row, ...], point: int, outputs: Fraction, holds: bool
) -> None:
    assert exact.holds(case(*rows), [F(point)], [outputs]) is holds


def test_an_empty_box_has_no_point() -> None:
    assert not exact.holds(case(low=1, high=0), [F(1)], [])


NET = Network((Input(1), Affine((0,), (numbers([[2.0]]),), numbers([1.0]))), 1)


def test_refuses_points_of_another_size() -> None:
    for function in (exact.evaluate, exact.evaluate_layers, exact.enclose):
        with pytest.raises(ValueError, match="expected 1 numbers, got 2"):
            function(NET, [F(0), F(0)])
    with pytest.raises(ValueError, match="expected a point of 1 numbers"):
        exact.holds(case(), [F(0), F(0)], [])
    with pytest.raises(ValueError, match=r"expected points of shape \(n, 1\)"):
        floats.evaluate(NET, np.zeros((3, 2)))


def test_refuses_sigmoid_where_numbers_must_be_rational() -> None:
    network = Network((Input(1), Activation(SIGMOID, 0, 1)), 1)
    with pytest.raises(ValueError, match="has sigmoid units"):
        exact.evaluate(network, [F(1)])


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_refuses_weights_that_are_not_finite(number: float) -> None:
    network = Network(
        (Input(1), Affine((0,), (numbers([[number]]),), numbers([1.0]))), 1
    )
    with pytest.raises(ValueError, match="weights that are not finite"):
        exact.evaluate(network, [F(1)])


def test_refuses_an_unknown_kind() -> None:
    network = Network((Input(1), Activation("softplus", 0, 1)), 1)
    with pytest.raises(
        ValueError, match="expected relu, sigmoid or sign, got 'softplus'"
    ):
        exact.evaluate(network, [F(1)])
    with pytest.raises(
        ValueError, match="expected relu, sigmoid or sign, got 'softplus'"
    ):
        floats.evaluate(network, np.zeros((1, 1)))


def test_equal_networks_are_not_mixed_up() -> None:
    """Scaled weights are kept by identity: a new network is scaled anew."""
    for factor in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        affine = Affine((0,), (numbers([[factor]]),), numbers([0.0]))
        network = Network((Input(1), affine), 1)
        assert exact.evaluate(network, [F(1)]) == (F(factor),)


@settings(max_examples=50)
@given(networks(weights=WHOLE, rational=False), st.data())
def test_floats_of_small_whole_numbers_are_exact(
    network: Network, data: st.DataObject
) -> None:
    rows = st.lists(WHOLE, min_size=network.inputs, max_size=network.inputs)
    points = data.draw(st.lists(rows, min_size=1, max_size=3))
    layers = floats.evaluate_layers(network, np.array(points))
    for index, point in enumerate(points):
        expected = exact.evaluate_layers(network, [F(x) for x in point])
        for layer, truth in zip(layers, expected, strict=True):
            assert layer[index].tolist() == [float(x) for x in truth]


@pytest.mark.parametrize("x", [-800.0, -30.0, -1.0, 0.0, 1.0, 30.0, 800.0])
def test_float_sigmoid_is_near_and_quiet(x: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        value = floats.activate(SIGMOID, np.array([x]))[0]
    low, high = enclose_sigmoid(int(x), 1, 2_000)
    assert value == pytest.approx(float(F(low + high, 2**2_001)), rel=4e-16, abs=0)
