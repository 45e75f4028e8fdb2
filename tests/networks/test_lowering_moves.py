"""Operators that move elements and take tensors apart: where each element ends up."""

from __future__ import annotations

import numpy as np
import pytest

from tests.networks.onnx_text import compute, fractions, read
from verify.networks.errors import ModelError, UnsupportedLayer
from verify.networks.network import Affine

X = [1, 2, 3, 4, 5, 6]
INPUT = "float[2,3] x"
ROW = "float[1,6] x"

COMPUTED = [
    ("Identity", "y = Identity(x)", "", 13, X),
    ("Dropout", "y = Dropout(x)", "", 10, X),
    ("Dropout with ratio", "y = Dropout(x, r, t)", "float r = {0.5}, bool t = {0}", 13, X),
    ("Cast", "a = Cast <to=11> (x) y = Cast <to=1> (a)", "", 13, X),
    ("Flatten", "y = Flatten <axis=0> (x)", "", 13, X),
    ("Flatten back", "y = Flatten <axis=-1> (x)", "", 13, X),
    ("Reshape", "a = Reshape(x, s) y = Transpose(a)", "int64[2] s = {3, -1}", 13, [1, 3, 5, 2, 4, 6]),
    ("Reshape keeping", "y = Reshape(x, s)", "int64[2] s = {0, -1}", 13, X),
    ("Transpose", "y = Transpose(x)", "", 13, [1, 4, 2, 5, 3, 6]),
    ("Transpose perm", "y = Transpose <perm=[0,1]> (x)", "", 13, X),
    ("Unsqueeze, Squeeze", "a = Unsqueeze(x, s) y = Squeeze(a, s)", "int64[1] s = {-1}", 13, X),
    ("Unsqueeze old", "a = Unsqueeze <axes=[0]> (x) y = Squeeze(a)", "", 11, X),
    ("Concat", "y = Concat <axis=1> (x, c)", "float[2,1] c = {7, 8}", 13, [1, 2, 3, 7, 4, 5, 6, 8]),
    ("Concat of constants", "a = Concat <axis=0> (c, c) y = Concat <axis=1> (a, x)", "float[1,1] c = {7}", 13, [7, 1, 2, 3, 7, 4, 5, 6]),
    ("Slice", "y = Slice(x, s, e, a)", "int64[1] s = {1}, int64[1] e = {9}, int64[1] a = {-1}", 13, [2, 3, 5, 6]),
    ("Slice back", "y = Slice(x, s, e, a, t)", "int64[1] s = {-1}, int64[1] e = {-9}, int64[1] a = {1}, int64[1] t = {-2}", 13, [3, 1, 6, 4]),
    ("Slice old", "y = Slice <axes=[0], starts=[-1], ends=[2]> (x)", "", 9, [4, 5, 6]),
    ("Slice without axes", "y = Slice(x, s, e)", "int64[2] s = {0, 1}, int64[2] e = {1, 2}", 13, [2]),
    ("Split", "y, w = Split <axis=1> (x, s)", "int64[2] s = {1, 2}", 13, [1, 4]),
    ("Split old", "a, y = Split <axis=0> (x)", "", 11, [4, 5, 6]),
    ("Split unevenly", "a, y = Split <axis=1, num_outputs=2> (x)", "", 18, [3, 6]),
    ("Gather", "y = Gather <axis=1> (x, i)", "int64[2] i = {-1, 0}", 13, [3, 1, 6, 4]),
    ("Gather one", "y = Gather(x, i)", "int64 i = {1}", 13, [4, 5, 6]),
    ("Pad", "y = Pad(x, p, c)", "int64[4] p = {0, 1, 0, -1}, float c = {9}", 13, [9, 1, 2, 9, 4, 5]),
    ("Pad old", "y = Pad <pads=[1, 0, 0, 0]> (x)", "", 9, [0, 0, 0, *X]),
    ("Pad some axes", "y = Pad(x, p, , a)", "int64[2] p = {0, 1}, int64[1] a = {1}", 18, [1, 2, 3, 0, 4, 5, 6, 0]),
    ("Pad of a constant", "a = Pad(c, p) y = Add(x, a)", "float[1] c = {1}, int64[2] p = {1, 1}", 13, [1, 3, 3, 4, 6, 6]),
    ("Shape, Gather, Concat", "a = Shape(x) b = Gather(a, i) c = Unsqueeze(b, i0) d = Concat <axis=0> (c, m) y = Reshape(x, d)", "int64 i = {1}, int64[1] i0 = {0}, int64[1] m = {-1}", 13, X),
    ("Shape with bounds", "a = Shape <start=1, end=2> (x) y = ReduceSum(x, k) b = Neg(a)", "int64[2] k = {0, 1}", 15, [21]),
    ("Constant", "c = Constant <value_floats=[1.0, 0.0, 0.0]> () y = Mul(x, c)", "", 13, [1, 0, 0, 4, 0, 0]),
    ("Constant int", "c = Constant <value_ints=[6]> () y = Reshape(x, c)", "", 13, X),
    ("ConstantOfShape", "c = ConstantOfShape(s) y = Concat <axis=1> (x, c)", "int64[2] s = {2, 1}", 13, [1, 2, 3, 0, 4, 5, 6, 0]),
    ("Cast of shapes", "a = Shape(x) b = Cast <to=1> (a) c = ReduceSum(b) y = Mul(x, c)", "", 13, [5 * x for x in X]),
    ("whole division", "a = Div(m, k) b = Neg(a) c = Add(b, b) y = Reshape(x, c)", "int64[1] m = {-7}, int64 k = {2}", 13, X),
]  # fmt: skip


@pytest.mark.parametrize(
    "nodes, constants, opset, expected",
    [row[1:] for row in COMPUTED],
    ids=[row[0] for row in COMPUTED],
)
def test_computes(nodes: str, constants: str, opset: int, expected: list[int]) -> None:
    model = read(nodes, INPUT, constants, opset=opset)
    assert compute(model, X) == fractions(expected)


@pytest.mark.parametrize("name", ["Transpose", "Slice back", "Gather", "Split"])
def test_moving_costs_one_layer_at_most(name: str) -> None:
    """Where the output is not a whole layer, one selection is the network's output."""
    (row,) = (row for row in COMPUTED if row[0] == name)
    network = read(row[1], INPUT, row[2], opset=row[3]).network
    assert len(network.layers) == 2 and isinstance(network.layers[1], Affine)


REFUSED = [
    ("y = Dropout(x, r, t)", "float r = {0.5}, bool t = {1}", "in training mode is random"),
    ("y = Dropout(x, r, x)", "float r = {0.5}", "needs a constant training mode"),
    ("y = Cast <to=7> (x)", "", "Cast of a computed tensor to int64"),
    ("y = Cast <to=8> (x)", "", "Cast to type 8 is not read"),
    ("a = Cast <to=10> (c) y = Add(x, c)", "float c = {1e10}", "Cast to float16 gives a number that is not finite"),
    ("y = Flatten <axis=3> (x)", "", "has the axis 3 for 2 dimensions"),
    ("y = Reshape(x, s)", "int64[2] s = {-1, -1}", "means nothing"),
    ("y = Reshape(x, s)", "int64[2] s = {4, -1}", "of (2, 3) to [4, -1] does not fit"),
    ("y = Reshape(x, s)", "int64[2] s = {4, 2}", "of (2, 3) to [4, 2] does not fit"),
    ("y = Reshape(x, s)", "int64[3] s = {2, 3, 0}", "keeps dimension 2, which is not there"),
    ("y = Reshape(x, x)", "", "needs a constant list of whole numbers"),
    ("y = Transpose <perm=[0,0]> (x)", "", "has the order (0, 0) for 2 dimensions"),
    ("y = Squeeze(x, a)", "int64[1] a = {1}", "not all of size 1"),
    ("y = Unsqueeze(x, a)", "int64[2] a = {0, 0}", "has an axis twice"),
    ("y = Concat <axis=0> (x, c)", "float[2,2] c = {1, 2, 3, 4}", "joins shapes (2, 3), (2, 2)"),
    ("y = Concat <axis=2> (x, x)", "", "has the axis 2 for 2 dimensions"),
    ("y = Slice(x, s, e, a, t)", "int64[1] s = {0}, int64[1] e = {1}, int64[1] a = {0}, int64[1] t = {0}", "has the step 0"),
    ("y = Slice(x, s, e)", "int64[1] s = {0}, int64[2] e = {1, 1}", "of different number"),
    ("y, a = Split <axis=1> (x)", "", "of size 3 into 2 parts does not fit"),
    ("y, a = Split <axis=1> (x, s)", "int64[2] s = {1, 1}", "of size 3 into [1, 1] does not fit"),
    ("y = Gather <axis=1> (x, i)", "int64[1] i = {3}", "has an index beyond the size 3"),
    ("y = Gather(x, x)", "", "needs constant indices"),
    ("y = Pad <mode=\"reflect\"> (x, p)", "int64[4] p = {1, 0, 0, 0}", "in mode 'reflect' is not read"),
    ("y = Pad(x, p)", "int64[2] p = {1, 0}", "has 2 amounts for 2 axes"),
]  # fmt: skip


@pytest.mark.parametrize("nodes, constants, reason", REFUSED)
def test_refuses(nodes: str, constants: str, reason: str) -> None:
    with pytest.raises(UnsupportedLayer) as caught:
        read(nodes, INPUT, constants)
    assert reason in str(caught.value)


def test_a_zero_is_a_size_where_the_file_says_so() -> None:
    nodes = "y = Reshape <allowzero=1> (x, s)"
    with pytest.raises(UnsupportedLayer, match="does not fit"):
        read(nodes, INPUT, "int64[2] s = {0, -1}", opset=14)


def test_an_output_without_elements_is_refused() -> None:
    constants = "int64[1] s = {1}, int64[1] e = {1}"
    with pytest.raises(ModelError, match="is an output without elements"):
        read("y = Slice(x, s, e)", INPUT, constants)


def test_a_constant_output_is_a_layer_of_constants() -> None:
    model = read("y = Identity(c)", INPUT, "float[2] c = {0.5, -1}")
    assert compute(model, X) == fractions([0.5, -1])


def test_an_output_of_whole_numbers_is_refused() -> None:
    with pytest.raises(ModelError, match="is an output of int64"):
        read("y = Shape(x)", INPUT)


def test_cast_of_a_constant_rounds() -> None:
    constants = "double[1] c = {0.1}"
    model = read("a = Cast <to=1> (c) y = Mul(x, a)", "float[1] x", constants)
    assert compute(model, [1]) == fractions([float(np.float32(0.1))])


def test_inputs_and_outputs_are_joined_in_the_order_of_the_graph() -> None:
    nodes = "z = Sub(x, w) y = Add(x, w)"
    model = read(nodes, "float[2] x, float[2] w")
    assert compute(model, [1, 2, 30, 40]) == fractions([31, 42, -29, -38])
    assert [port.name for port in model.graph.inputs] == ["x", "w"]
