"""Reading ONNX files: what a model knows of itself, and files as they come in practice."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tests.networks.onnx_text import compute, make_bytes, read
from verify.networks.errors import MAX_SHOWN, ModelError, UnsupportedLayer, show
from verify.networks.reading import onnx_wire
from verify.networks.reading.onnx_reader import read_network
from verify.networks.reading.operators import OPERATORS

ISSUE = """Gemm, MatMul, Add, Sub, Mul, Div, Neg, Relu, LeakyRelu, Abs, Sign, Clip, Min, Max,
Sigmoid, Tanh, Conv, AveragePool, MaxPool, BatchNormalization, Flatten, Reshape, Transpose,
Squeeze, Unsqueeze, Concat, Slice, Split, Gather, Pad, ReduceSum, ReduceMean, Pow, Identity,
Constant, Cast, Dropout"""


def test_every_operator_asked_for_has_a_row() -> None:
    assert set(ISSUE.replace("\n", " ").split(", ")) <= set(OPERATORS)


def test_a_model_knows_its_ports_and_its_hash(tmp_path: Path) -> None:
    data = make_bytes("y = Relu(x)", "float[N,1,2] x")
    path = tmp_path / "model.onnx"
    path.write_bytes(data)
    model = read_network(path)
    (port,) = model.graph.inputs
    assert port == ("x", "float32", (1, 1, 2))
    assert [port.name for port in model.graph.outputs] == ["y"]
    assert model.graph.opset == 13
    assert model.sha256 == hashlib.sha256(data).hexdigest()
    assert model.notes == ()
    assert model.network.names == ("input", "Relu 'y'")


def test_a_packed_model_is_the_same_model(tmp_path: Path) -> None:
    data = make_bytes("y = Relu(x)")
    path = tmp_path / "model.onnx.gz"
    path.write_bytes(gzip.compress(data))
    assert read_network(path).sha256 == read_network(data).sha256


def test_weights_are_read_only() -> None:
    model = read("y = MatMul(x, w)", constants="float[2,1] w = {1, 2}")
    with pytest.raises(ValueError, match="read-only"):
        model.graph.constants[0][1][0] = 3


def weights_model(tensor: TensorProto, **more: int) -> bytes:
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", more.get("kind", 1), [1, 2])],
        [helper.make_tensor_value_info("y", more.get("kind", 1), [1, 1])],
        [tensor],
    )
    opsets = [helper.make_opsetid("", 9)] * 2
    model = helper.make_model(graph, opset_imports=opsets, ir_version=more.get("ir", 3))
    if more.get("listed"):
        model.graph.input.append(helper.make_tensor_value_info("w", 1, [2, 1]))
    return bytes(model.SerializeToString())


def test_old_files_list_initialisers_as_inputs() -> None:
    """IR version 3, the same opset imported twice: files from practice."""
    tensor = numpy_helper.from_array(np.array([[0.1], [2]], np.float32), "w")
    model = read_network(weights_model(tensor, listed=1))
    assert [port.name for port in model.graph.inputs] == ["x"]
    assert compute(model, [1, 0]) == [Fraction(float(np.float32(0.1)))]


def test_float_data_is_read_as_raw_data_is() -> None:
    listed = TensorProto(name="w", data_type=1, dims=[2, 1], float_data=[0.1, 2])
    raw = numpy_helper.from_array(np.array([[0.1], [2]], np.float32), "w")
    networks = [read_network(weights_model(t)).network for t in (listed, raw)]
    first, second = (network.layers[1].matrices[0].floats for network in networks)
    assert (first == second).all()


def test_float64_weights_are_exact() -> None:
    tensor = numpy_helper.from_array(np.array([[0.1], [2]]), "w")
    model = read_network(weights_model(tensor, kind=11))
    assert compute(model, [1, 0]) == [Fraction(0.1)]


@pytest.mark.parametrize("bits", ["raw", "listed"])
def test_float16_weights_are_exact(bits: str) -> None:
    halves = np.array([[0.1], [2]], np.float16)
    tensor = numpy_helper.from_array(halves, "w")
    if bits == "listed":
        tensor.ClearField("raw_data")
        tensor.int32_data.extend(halves.view(np.uint16).ravel().tolist())
    model = read_network(weights_model(tensor, kind=10))
    assert compute(model, [1, 0]) == [Fraction(float(np.float16(0.1)))]


def test_an_unsupported_operator_is_named_with_those_supported() -> None:
    with pytest.raises(UnsupportedLayer) as caught:
        read("a = Relu(x) y = Softmax(a)")
    error = caught.value
    assert (error.operator, error.node) == ("Softmax", "y")
    assert error.supported == tuple(OPERATORS)
    assert "the operator 'Softmax' is not supported" in str(error)
    assert all(name in str(error) for name in OPERATORS)


def test_messages_name_node_tensor_reason_and_remedy() -> None:
    error = ModelError("is wrong", node="n", tensor="t", fix="mend it")
    assert str(error) == "node 'n', tensor 't': is wrong; mend it"
    assert (error.node, error.tensor, error.reason, error.fix) == (
        "n", "t", "is wrong", "mend it",
    )  # fmt: skip
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("text, shown", [
    ("fc1.weight", "'fc1.weight'"),
    ("\x1b[2J", r"'\x1b[2J'"),
    ("it's", r"'it\x27s'"),
    ("\u202egnp", r"'\u202egnp'"),
    ("x" * (MAX_SHOWN + 1), "'" + "x" * MAX_SHOWN + "...'"),
])  # fmt: skip
def test_foreign_text_is_shown_harmless(text: str, shown: str) -> None:
    assert show(text) == shown


def test_reading_a_model_is_what_imports_onnx() -> None:
    code = "import sys, verify.networks.reading.onnx_reader, verify.networks.values.replay; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"onnx", "onnxruntime", "google", "scipy"}


def test_the_walk_knows_protobuf_descriptors_old_and_new() -> None:
    """Before protobuf 6.31 a field had a label instead of `is_repeated`."""

    class Old:
        LABEL_REPEATED = 3
        label = 3

    assert onnx_wire._is_repeated(Old())
    repeated = ModelProto.DESCRIPTOR.fields_by_name["opset_import"]
    assert onnx_wire._is_repeated(repeated)
    assert not onnx_wire._is_repeated(ModelProto.DESCRIPTOR.fields_by_name["graph"])
