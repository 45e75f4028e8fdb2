"""Sums, scalings, matrix products and normalisation, against numbers worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.networks.onnx_text import compute, fractions, read
from verify.networks.errors import UnsupportedLayer
from verify.networks.network import Affine

W = "float[2,3] w = {1, 2, 3, 4, 5, 6}"  # x @ w
TENTH = Fraction(float(np.float32(0.1)))

COMPUTED = [
    ("Add", "y = Add(x, c)", "float[2] c = {1, -2}", [3, 5], [4, 3]),
    ("Add a row and a column", "y = Add(x, c)", "float[2,1] c = {1, 10}", [3, 5], [4, 6, 13, 15]),
    ("Add of two", "a = Relu(x) y = Add(a, x)", "", [3, -5], [6, -5]),
    ("Add of the same", "y = Add(x, x)", "", [3, -5], [6, -10]),
    ("Sub from a constant", "y = Sub(c, x)", "float[2] c = {1, -2}", [3, 5], [-2, -7]),
    ("Sub of two", "a = Relu(x) y = Sub(x, a)", "", [3, -5], [0, -5]),
    ("Sub of the same", "y = Sub(x, x)", "", [3, -5], [0, 0]),
    ("Mul", "y = Mul(c, x)", "float[2] c = {0.5, 0}", [3, 5], [1.5, 0]),
    ("Div by 3", "y = Div(x, c)", "float[1] c = {3}", [1, 2], ["1/3", "2/3"]),
    ("Div of constants", "a = Div(c, d) y = Mul(x, a)", "float[1] c = {1}, float[1] d = {3}", [1, 2], ["1/3", "2/3"]),
    ("Neg", "y = Neg(x)", "", [3, -5], [-3, 5]),
    ("Pow 0 and 1", "y = Pow(x, n)", "float[2] n = {0, 1}", [3, -5], [1, -5]),
    ("Pow of a constant", "a = Pow(c, n) y = Add(x, a)", "float[2] c = {2, -3}, float[1] n = {3}", [0, 0], [8, -27]),
    ("MatMul", "y = MatMul(x, w)", W, [1, -1], [-3, -3, -3]),
    ("MatMul, Add", "a = MatMul(x, w) y = Add(a, b)", W + ", float[3] b = {1, 0, 0}", [1, -1], [-2, -3, -3]),
    ("Gemm", "y = Gemm <alpha=0.5, beta=2.0> (x, w, b)", W + ", float[3] b = {1, 0, 0}", [2, -2], [-1, -3, -3]),
    ("Gemm transB", "y = Gemm <transB=1> (x, v)", "float[3,2] v = {1, 4, 2, 5, 3, 6}", [1, -1], [-3, -3, -3]),
    ("Gemm transA", "y = Gemm <transA=1> (x, v)", "float[1,2] v = {10, 1}", [1, 2], [10, 1, 20, 2]),
    ("Gemm constant left", "y = Gemm <transA=1, transB=1> (v, x)", "float[2,1] v = {10, 1}", [1, 2], [12]),
    ("ReduceSum", "y = ReduceSum <keepdims=0> (x, a)", "int64[1] a = {1}", [3, 5], [8]),
    ("ReduceMean", "y = ReduceMean <axes=[1]> (x)", "", [3, 5], [4]),
]  # fmt: skip


@pytest.mark.parametrize(
    "nodes, constants, point, expected",
    [row[1:] for row in COMPUTED],
    ids=[row[0] for row in COMPUTED],
)
def test_computes(
    nodes: str, constants: str, point: list[int], expected: list[str]
) -> None:
    assert compute(read(nodes, "float[1,2] x", constants), point) == fractions(expected)


REFUSED = [
    ("y = Mul(x, x)", "", "Mul of two computed tensors is not piecewise linear"),
    ("y = Div(c, x)", "float[1] c = {3}", "Div by a computed tensor"),
    ("y = Div(x, c)", "float[2] c = {3, 0}", "Div divides by zero"),
    ("y = Pow(x, n)", "float[1] n = {2}", "exponent of 2 or more is not piecewise linear"),
    ("y = Pow(x, n)", "float[1] n = {0.5}", "has exponents other than 0 to 8"),
    ("y = MatMul(x, x)", "", "multiplies shapes"),
    ("a = Transpose(x) y = MatMul(x, a)", "", "MatMul of two computed tensors"),
    ("y = Add(x, c)", "float[3] c = {1, 2, 3}", "has inputs of shapes (1, 2) and (3,)"),
    ("y = Gemm(x, w)", "float[3,2] w = {1, 4, 2, 5, 3, 6}", "multiplies shapes (1, 2) and (3, 2)"),
    ("y = Gemm(x, w, b)", "float[2,2] w = {1, 4, 2, 5}, float[2,2] b = {1, 4, 2, 5}", "adds the shape (2, 2) to (1, 2)"),
    ("y = ReduceSum(x, a)", "int64[1] a = {2}", "has the axis 2 for 2 dimensions"),
    ("y = ReduceSum(x, a)", "int64[2] a = {0, -2}", "has an axis twice"),
]  # fmt: skip


@pytest.mark.parametrize("nodes, constants, reason", REFUSED)
def test_refuses(nodes: str, constants: str, reason: str) -> None:
    with pytest.raises(UnsupportedLayer) as caught:
        read(nodes, "float[1,2] x", constants)
    assert reason in str(caught.value)
    assert caught.value.node


def test_a_bias_is_fused_into_its_product() -> None:
    constants = W + ", float[3] b = {1, 0, 0}"
    network = read("a = MatMul(x, w) y = Add(a, b)", constants=constants).network
    assert len(network.layers) == 2
    assert network.layers[1].bias.floats.tolist() == [1, 0, 0]


def test_what_is_read_twice_is_not_fused_away() -> None:
    nodes = "a = MatMul(x, w) y = Add(a, b) z = Relu(a)"
    model = read(nodes, constants="float[2,1] w = {1, 1}, float[1] b = {5}")
    assert compute(model, [1, -3]) == [3, 0]


def test_subtracting_zeros_is_no_layer() -> None:
    network = read("a = Sub(x, c) y = Relu(a)", constants="float[2] c = {0, 0}").network
    assert [type(layer).__name__ for layer in network.layers] == ["Input", "Activation"]


def test_a_fused_product_that_would_round_is_kept_apart() -> None:
    """Two float32 numbers times a third do not fit in 53 bits."""
    nodes = "a = MatMul(x, w) b = Mul(a, c) y = Mul(b, c)"
    constants = "float[2,1] w = {0.1, 0.3}, float[1] c = {0.1}"
    model = read(nodes, constants=constants)
    affine = [layer for layer in model.network.layers if isinstance(layer, Affine)]
    assert len(affine) == 2
    assert all(m.exact is None for layer in affine for m in layer.matrices)
    assert compute(model, [1, 0]) == [TENTH * TENTH * TENTH]


def test_alpha_times_weights_is_exact() -> None:
    model = read("y = Gemm <alpha=0.1> (x, w)", constants="float[2,1] w = {0.1, 3}")
    assert compute(model, [1, 0]) == [TENTH * TENTH]


def test_thirds_are_kept_as_fractions() -> None:
    network = read("y = Div(x, c)", constants="float[1] c = {3}").network
    matrix = network.layers[1].matrices[0]
    third = Fraction(1, 3)
    assert matrix.exact == (third, 0, 0, third)
    assert matrix.floats.tolist() == [[1 / 3, 0], [0, 1 / 3]]


def test_normalisation_with_rational_roots_is_exact() -> None:
    nodes = "y = BatchNormalization <epsilon=0.0> (x, s, b, m, v)"
    constants = "float[2] s = {1, -2}, float[2] b = {5, 0}, float[2] m = {1, 1}, float[2] v = {9, 4}"
    model = read(nodes, constants=constants)
    assert compute(model, [4, 4]) == [6, -3]
    assert compute(model, [2, 1]) == [Fraction(16, 3), 0]
    assert not model.notes


def test_normalisation_with_an_irrational_root_is_noted() -> None:
    nodes = "y = BatchNormalization <epsilon=0.0> (x, s, b, m, v)"
    constants = "float[2] s = {1, 1}, float[2] b = {0, 0}, float[2] m = {0, 0}, float[2] v = {2, 9}"
    model = read(nodes, constants=constants)
    (note,) = model.notes
    assert "BatchNormalization 'y'" in note and "irrational" in note
    factor, third = compute(model, [1, 1])
    assert factor == Fraction(float(factor)) and third == Fraction(1, 3)
    above, below = (Fraction(np.nextafter(float(factor), side)) for side in (2, 0))
    assert abs(factor**2 - Fraction(1, 2)) < min(
        abs(above**2 - Fraction(1, 2)), abs(below**2 - Fraction(1, 2))
    )


@pytest.mark.parametrize(
    "constants, reason",
    [
        ("float[2] v = {1, -1}, float[2] s = {1, 1}", "is not positive"),
        ("float[3] v = {1, 1, 1}, float[2] s = {1, 1}", "do not fit 2 channels"),
    ],
)
def test_refuses_statistics(constants: str, reason: str) -> None:
    with pytest.raises(UnsupportedLayer, match=reason):
        read("y = BatchNormalization(x, s, s, s, v)", constants=constants)


@pytest.mark.parametrize(
    "attribute, opset", [("training_mode=1", 14), ("spatial=0", 7)]
)
def test_refuses_normalisation_in_training(attribute: str, opset: int) -> None:
    nodes = f"y = BatchNormalization <{attribute}> (x, s, s, s, s)"
    with pytest.raises(UnsupportedLayer, match="in training or per position"):
        read(nodes, constants="float[2] s = {1, 1}", opset=opset)
