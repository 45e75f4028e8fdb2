"""Replays in onnxruntime: what it is given, and what comes back."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

from tests.networks.onnx_text import compute, make_bytes, read
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.values import replay
from verify.networks.values.replay import ReplayError

pytest.importorskip("onnxruntime")

F = Fraction


def session(model: Model, *, optimised: bool = False) -> replay.Session:
    return replay.make_session(model.graph, optimised=optimised)


@pytest.mark.parametrize("optimised", [False, True])
def test_outputs_come_back_exactly(optimised: bool) -> None:
    model = read("y = MatMul(x, w)", constants="float[2,1] w = {0.5, 3}")
    done = replay.replay(session(model, optimised=optimised), [F(1, 4), F(-2)])
    assert done.outputs == (F(-47, 8),) == tuple(compute(model, [F(1, 4), F(-2)]))
    assert done.version.startswith("onnxruntime ") and done.optimised is optimised


def test_float32_rounds_where_the_reals_do_not() -> None:
    """2^24 + 1 is no float32: the replay loses the one."""
    model = read("y = Add(x, c)", "float[1] x", "float[1] c = {1}")
    assert replay.replay(session(model), [F(2**24)]).outputs == (F(2**24),)
    assert compute(model, [2**24]) == [2**24 + 1]


def test_what_overflows_is_not_a_number() -> None:
    model = read("y = Mul(x, c)", "float[2] x", "float[1] c = {3e38}")
    done = replay.replay(session(model), [F(2), F(0)])
    assert done.outputs == (None, F(0))
    assert compute(model, [2, 0])[0] > 0


def test_many_points_and_several_ports() -> None:
    nodes = "z = Sub(x, w) y = Add(x, w)"
    model = read(nodes, "float[2] x, float[2] w")
    points = np.array([[1, 2, 30, 40], [0, 0, 1, 1]], np.float32)
    found = replay.run(session(model), points)
    assert found.dtype == np.float32
    assert found.tolist() == [[31, 42, -29, -38], [1, 1, -1, -1]]


def test_float64_models_are_replayed_in_float64() -> None:
    model = read("y = Add(x, x)", "double[1] x")
    assert replay.replay(session(model), [F(0.1)]).outputs == (F(0.2),)


def test_the_engine_sees_no_name_and_no_text_of_the_file() -> None:
    data = make_bytes("evil = Relu(x) y = Neg(evil)")
    made = replay.make_model(read_network(data).graph)
    text = made.SerializeToString()
    assert b"evil" not in text
    assert [node.op_type for node in made.graph.node] == ["Relu", "Neg"]
    assert not made.metadata_props and not made.functions and not made.doc_string


def test_constants_and_missing_inputs_survive() -> None:
    nodes = "c = Constant <value_floats=[1.0, 2.0]> () a = Clip(x, , h) y = Add(a, c)"
    model = read(nodes, constants="float h = {3}")
    assert replay.replay(session(model), [F(7), F(-7)]).outputs == (F(4), F(-5))


@pytest.mark.parametrize("point, reason", [
    ([F(1, 3), F(0)], "expected a float32 number, got 1/3"),
    ([F(2**24 + 1), F(0)], "expected a float32 number, got 16777217"),
    ([F(2**200), F(0)], "expected a float32 number"),
    ([F(2**2_000), F(0)], "expected a float32 number"),
    ([F(0)], "expected 2 numbers, got 1"),
])  # fmt: skip
def test_refuses_points_that_are_not_of_the_models_kind(
    point: list[Fraction], reason: str
) -> None:
    model = read("y = Relu(x)")
    with pytest.raises(ValueError, match=reason):
        replay.replay(session(model), point)


def test_refuses_points_of_another_shape() -> None:
    with pytest.raises(ValueError, match=r"expected points of shape \(n, 2\)"):
        replay.run(session(read("y = Relu(x)")), np.zeros((1, 3), np.float32))


def test_says_when_onnxruntime_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ReplayError) as caught:
        session(read("y = Relu(x)"))
    assert "onnxruntime is not installed" in str(caught.value)
    assert "verify[ort]" in caught.value.fix


def test_says_when_onnxruntime_refuses_a_model() -> None:
    """Bounds that cross are an error there; ONNX says that all becomes `max`."""
    model = read("y = Clip <min=1.0, max=-1.0> (x)", opset=10)
    assert compute(model, [0, 5]) == [-1, -1]
    with pytest.raises(ReplayError, match="onnxruntime does not load it") as caught:
        session(model)
    assert str(caught.value).isprintable()
