"""Convolution and pooling: small windows worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.networks.onnx_text import compute, fractions, read
from verify.networks.errors import UnsupportedLayer
from verify.networks.network import Activation

LINE = "float[1,1,5] x"
SQUARE = "float[1,1,3,3] x"
PAIR = "float[1,2,3] x"
X = [1, 2, 3, 4, 5]
GRID = [1, 2, 3, 4, 5, 6, 7, 8, 9]
K = "float[1,1,2] w = {10, 1}"

COMPUTED = [
    ("Conv", "y = Conv(x, w)", LINE, K, [12, 23, 34, 45]),
    ("Conv with bias", "y = Conv(x, w, b)", LINE, K + ", float[1] b = {0.5}", [12.5, 23.5, 34.5, 45.5]),
    ("Conv strides", "y = Conv <strides=[2]> (x, w)", LINE, K, [12, 34]),
    ("Conv dilations", "y = Conv <dilations=[3]> (x, w)", LINE, K, [14, 25]),
    ("Conv pads", "y = Conv <pads=[1, 0]> (x, w)", LINE, K, [1, 12, 23, 34, 45]),
    ("Conv same upper", "y = Conv <auto_pad=\"SAME_UPPER\"> (x, w)", LINE, K, [12, 23, 34, 45, 50]),
    ("Conv same lower", "y = Conv <auto_pad=\"SAME_LOWER\"> (x, w)", LINE, K, [1, 12, 23, 34, 45]),
    ("Conv valid", "y = Conv <auto_pad=\"VALID\", strides=[3]> (x, w)", LINE, K, [12, 45]),
    ("Conv 2d", "y = Conv(x, w)", SQUARE, "float[1,1,2,2] w = {1, 10, 100, 1000}", [5421, 6532, 8754, 9865]),
    ("Conv channels", "y = Conv(x, w)", PAIR, "float[1,2,1] w = {1, 10}", [41, 52, 63]),
    ("Conv groups", "y = Conv <group=2> (x, w)", PAIR, "float[2,1,1] w = {1, 10}", [1, 2, 3, 40, 50, 60]),
    ("Conv of two outputs", "y = Conv(x, w)", PAIR, "float[2,2,1] w = {1, 0, 0, 1}", [1, 2, 3, 4, 5, 6]),
    ("AveragePool", "y = AveragePool <kernel_shape=[2]> (x)", LINE, "", [1.5, 2.5, 3.5, 4.5]),
    ("AveragePool of 3", "y = AveragePool <kernel_shape=[3], pads=[1,1]> (x)", LINE, "", [1.5, 2, 3, 4, 4.5]),
    ("AveragePool counting", "y = AveragePool <kernel_shape=[3], pads=[1,1], count_include_pad=1> (x)", LINE, "", [1, 2, 3, 4, 3]),
    ("AveragePool ceil", "y = AveragePool <kernel_shape=[2], strides=[2], ceil_mode=1> (x)", LINE, "", [1.5, 3.5, 5]),
    ("AveragePool 2d", "y = AveragePool <kernel_shape=[3,3]> (x)", SQUARE, "", [5]),
    ("MaxPool", "y = MaxPool <kernel_shape=[2]> (x)", LINE, "", [2, 3, 4, 5]),
    ("MaxPool pads", "y = MaxPool <kernel_shape=[3], pads=[1,1], strides=[2]> (x)", LINE, "", [2, 4, 5]),
    ("MaxPool ceil", "y = MaxPool <kernel_shape=[2], strides=[2], ceil_mode=1> (x)", LINE, "", [2, 4, 5]),
    ("MaxPool of negatives ignores padding", "a = Neg(x) y = MaxPool <kernel_shape=[2], pads=[1,0]> (a)", LINE, "", [-1, -1, -2, -3, -4]),
    ("MaxPool 2d", "y = MaxPool <kernel_shape=[2,2], strides=[1,2], pads=[0,0,0,1]> (x)", SQUARE, "", [5, 6, 8, 9]),
    ("MaxPool of padded zeros", "a = Neg(x) b = Pad(a, p) y = MaxPool <kernel_shape=[2]> (b)", LINE, "int64[6] p = {0, 0, 1, 0, 0, 0}", [0, -1, -2, -3, -4]),
]  # fmt: skip


@pytest.mark.parametrize(
    "nodes, inputs, constants, expected",
    [row[1:] for row in COMPUTED],
    ids=[row[0] for row in COMPUTED],
)
def test_computes(
    nodes: str, inputs: str, constants: str, expected: list[float]
) -> None:
    point = GRID if inputs == SQUARE else X if inputs == LINE else GRID[:6]
    assert compute(read(nodes, inputs, constants), point) == fractions(expected)


def test_thirds_of_an_average_are_exact() -> None:
    model = read("y = AveragePool <kernel_shape=[3]> (x)", LINE)
    assert compute(model, [1, 0, 0, 1, 0])[0] == Fraction(1, 3)
    matrix = model.network.layers[1].matrices[0]
    assert matrix.exact is not None and matrix.exact[0] == Fraction(1, 3)


def test_a_window_takes_one_unit_less_than_its_elements() -> None:
    network = read("y = MaxPool <kernel_shape=[4]> (x)", LINE).network
    layers = (layer for layer in network.layers if isinstance(layer, Activation))
    assert sum(layer.size for layer in layers) == 2 * 3


REFUSED = [
    ("y = Conv <auto_pad=\"SAME_UPPER\", dilations=[2]> (x, w)", K, "is padded differently by different engines"),
    ("y = MaxPool <kernel_shape=[1], strides=[3], auto_pad=\"SAME_UPPER\"> (x)", "", "is padded differently"),
    ("y = Conv <auto_pad=\"OTHER\"> (x, w)", K, "has the unknown auto_pad 'OTHER'"),
    ("y = Conv <kernel_shape=[3]> (x, w)", K, "has a kernel shape other than its weights'"),
    ("y = Conv <group=2> (x, w)", K, "of 1 channels in 2 groups does not fit"),
    ("y = Conv <strides=[1,1]> (x, w)", K, "has windows that do not fit 1 dimensions"),
    ("y = Conv <strides=[0]> (x, w)", K, "that is too small"),
    ("y = Conv <pads=[-1,0]> (x, w)", K, "that is too small"),
    ("y = Conv <dilations=[5]> (x, w)", K, "has windows larger than the dimension 2"),
    ("y = Conv(x, w, b)", K + ", float[2] b = {1, 2}", "has a bias of shape (2,) for 1 channels"),
    ("y = Conv(x, x)", "", "needs constant numbers here"),
    ("y = MaxPool <kernel_shape=[1], pads=[1,0]> (x)", "", "has a window that lies wholly in the padding"),
    ("y = AveragePool <kernel_shape=[1], pads=[1,0]> (x)", "", "has a window that lies wholly in the padding"),
    ("y = AveragePool <kernel_shape=[2], strides=[2], ceil_mode=1, count_include_pad=1> (x)", "", "counts padding in windows that reach beyond it"),
    ("y = MaxPool <kernel_shape=[2,2]> (x)", "", "has windows that do not fit 1 dimensions"),
]  # fmt: skip


@pytest.mark.parametrize("nodes, constants, reason", REFUSED)
def test_refuses(nodes: str, constants: str, reason: str) -> None:
    with pytest.raises(UnsupportedLayer) as caught:
        read(nodes, LINE, constants)
    assert reason in str(caught.value)
