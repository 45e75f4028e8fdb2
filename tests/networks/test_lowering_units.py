"""Operators with a bend, at both sides of it and on it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.networks.onnx_text import compute, fractions, read
from verify.networks.errors import UnsupportedLayer
from verify.networks.network import SIGMOID, Activation
from verify.networks.values import exact, floats

X = [-2, -0.5, 0, 0.5, 3]
INPUT = "float[5] x"
SLOPE = Fraction(float(np.float32(0.01)))
BOUNDS = "float low = {-1}, float high = {1}"

COMPUTED = [
    ("Relu", "y = Relu(x)", "", [0, 0, 0, 0.5, 3]),
    ("Abs", "y = Abs(x)", "", [2, 0.5, 0, 0.5, 3]),
    ("Sign", "y = Sign(x)", "", [-1, -1, 0, 1, 1]),
    ("LeakyRelu", "y = LeakyRelu <alpha=0.25> (x)", "", [-0.5, -0.125, 0, 0.5, 3]),
    ("LeakyRelu steep", "y = LeakyRelu <alpha=-2.0> (x)", "", [4, 1, 0, 0.5, 3]),
    ("Clip", "y = Clip(x, low, high)", BOUNDS, [-1, -0.5, 0, 0.5, 1]),
    ("Clip low", "y = Clip(x, low)", BOUNDS, [-1, -0.5, 0, 0.5, 3]),
    ("Clip high", "y = Clip(x, , high)", BOUNDS, [-2, -0.5, 0, 0.5, 1]),
    ("Clip nothing", "y = Clip(x)", "", X),
    ("Clip crossed", "y = Clip(x, high, low)", BOUNDS, [-1] * 5),
    ("Max of two", "a = Neg(x) y = Max(x, a)", "", [2, 0.5, 0, 0.5, 3]),
    ("Min of two", "a = Neg(x) y = Min(x, a)", "", [-2, -0.5, 0, -0.5, -3]),
    ("Max of one", "y = Max(x)", "", X),
    ("Max of the same", "y = Max(x, x, x)", "", X),
    ("Max of three", "a = Neg(x) y = Max(x, low, a)", BOUNDS, [2, 0.5, 0, 0.5, 3]),
    ("Min and constants", "y = Min(low, x, high)", BOUNDS, [-2, -1, -1, -1, -1]),
    ("Relu of a constant", "a = Relu(low) y = Add(x, a)", BOUNDS, X),
    ("Abs of a constant", "a = Abs(low) y = Sub(x, a)", BOUNDS, [-3, -1.5, -1, -0.5, 2]),
    ("Sign of a constant", "a = Sign(low) y = Mul(x, a)", BOUNDS, [2, 0.5, 0, -0.5, -3]),
    ("LeakyRelu of a constant", "a = LeakyRelu(low) y = Mul(x, a)", BOUNDS, [-SLOPE * Fraction(x) for x in X]),
    ("Clip of a constant", "a = Clip(c, low, high) y = Mul(x, a)", BOUNDS + ", float c = {7}", X),
    ("Max of constants", "a = Max(low, high) y = Mul(x, a)", BOUNDS, X),
]  # fmt: skip


@pytest.mark.parametrize(
    "nodes, constants, expected",
    [row[1:] for row in COMPUTED],
    ids=[row[0] for row in COMPUTED],
)
def test_computes(nodes: str, constants: str, expected: list[float]) -> None:
    assert compute(read(nodes, INPUT, constants), X) == fractions(expected)


def test_clip_bounds_are_attributes_in_old_opsets() -> None:
    model = read("y = Clip <min=-1.0, max=1.0> (x)", INPUT, opset=6 + 3)
    assert compute(model, X) == fractions([-1, -0.5, 0, 0.5, 1])


def test_clip_bounds_of_all_float32_are_none() -> None:
    largest = float(np.finfo(np.float32).max)
    nodes = f"y = Clip <min=-{largest!r}, max={largest!r}> (x)"
    network = read(nodes, INPUT, opset=9).network
    assert not any(isinstance(layer, Activation) for layer in network.layers)


@pytest.mark.parametrize("operator, function", [
    ("Sigmoid", lambda x: 1 / (1 + np.exp(-x))), ("Tanh", np.tanh),
])  # fmt: skip
def test_sigmoid_and_tanh(operator: str, function: np.ufunc) -> None:
    network = read(f"y = {operator}(x)", INPUT).network
    expected = function(np.array(X, dtype=np.float64))
    assert floats.evaluate(network, np.array([X]))[0] == pytest.approx(expected, 1e-15)
    enclosed = exact.enclose(network, fractions(X))
    for (low, high), value in zip(enclosed, expected, strict=True):
        assert low <= high <= low + Fraction(1, 2**75)
        assert float(low) == pytest.approx(value, rel=1e-15)


def test_tanh_is_made_of_sigmoid_exactly() -> None:
    """tanh(x) = 2 sigmoid(2 x) - 1, number for number."""
    tanh, half = (read(text, INPUT).network for text in (
        "y = Tanh(x)", "a = Add(x, x) b = Sigmoid(a) y = Add(b, b)"
    ))  # fmt: skip
    point = fractions(X)
    for (low, high), ends in zip(
        exact.enclose(tanh, point), exact.enclose(half, point), strict=True
    ):
        assert (low + 1, high + 1) == ends


def test_units_are_the_layers_of_activations() -> None:
    network = read("a = Relu(x) b = Neg(a) c = Tanh(b) y = Neg(c)", INPUT).network
    assert len(network.units) == 2
    first, second = (network.layers[index] for index in network.units)
    assert isinstance(first, Activation)
    sources = [network.layers[source] for source in second.sources]
    assert [source.kind for source in sources] == [SIGMOID]


def test_a_part_of_a_layer_may_go_through_a_unit() -> None:
    nodes = "a, b = Split <axis=0> (x, s) c = Relu(b) y = Concat <axis=0> (c, a)"
    model = read(nodes, INPUT, "int64[2] s = {2, 3}")
    assert compute(model, X) == fractions([0, 0.5, 3, -2, -0.5])


@pytest.mark.parametrize("nodes, constants, reason", [
    ("y = Clip(x, low)", "float[2] low = {1, 2}", "has a bound of shape"),
    ("y = Clip(x, x)", "", "needs constant numbers"),
    ("y = Max(x, k)", "int64 k = {1}", "mixes float32 and int64"),
])  # fmt: skip
def test_refuses(nodes: str, constants: str, reason: str) -> None:
    with pytest.raises(UnsupportedLayer, match=reason):
        read(nodes, INPUT, constants)
