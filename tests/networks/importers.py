"""Files that two importers read as two functions, with what is to become of each (W14).

A file is refused in a sentence, or its outputs at a point are those that the standard gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tests.networks.onnx_making import make_model


class Refused(NamedTuple):
    """A file that is not read; the message matches `pattern`."""

    name: str
    data: bytes
    pattern: str


class Meant(NamedTuple):
    """A file that is read; its outputs at `point` are these numbers, exactly."""

    name: str
    data: bytes
    point: tuple[Fraction, ...]
    outputs: tuple[Fraction, ...]


def _data(model: ModelProto) -> bytes:
    return bytes(model.SerializeToString())


def _single(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def _scaled() -> ModelProto:
    """y = w x with w = 100."""
    node = helper.make_node("Mul", ["x", "w"], ["y"])
    return make_model([node], {"w": _single(100)}, (1, 1), (1, 1))


def refused() -> Iterator[Refused]:
    """Files in which a name, a number or an import means two things."""
    model = _scaled()
    model.graph.initializer.append(numpy_helper.from_array(_single(1), "w"))
    yield Refused("two initialisers", _data(model), "'w': is the name of two initial")
    model = _scaled()
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [1]))
    yield Refused("overridable", _data(model), "'w': is an initialiser and an input")
    model = _scaled()
    model.graph.initializer[0].float_data.append(1.0)
    yield Refused("data twice", _data(model), "'w': has data in both")
    model = _scaled()
    model.graph.node.append(helper.make_node("Relu", ["x"], ["y"]))
    yield Refused("made twice", _data(model), "'y': is made twice")
    model = _scaled()
    model.opset_import.append(helper.make_opsetid("", 11))
    yield Refused("two opsets", _data(model), r"imports opsets \[11, 13\]")
    yield Refused("two models", _data(_scaled()) * 2, "two models in one file")
    model = _scaled()
    body = [helper.make_node("Neg", ["a"], ["b"])]
    opsets = [helper.make_opsetid("", 13)]
    model.functions.append(helper.make_function("", "Relu", ["a"], ["b"], body, opsets))
    yield Refused("own Relu", _data(model), "defines the function 'Relu' of its own")


def not_finite() -> Iterator[Refused]:
    """W5: a weight that is infinite or NaN, with tensor and index."""
    for number, place in ((np.inf, 2), (-np.inf, 0), (np.nan, 1)):
        weights = np.ones((3, 1), np.float32)
        weights[place] = number
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        model = make_model([node], {"w": weights}, (1, 3), (1, 1))
        pattern = rf"tensor 'w': has the weight {number} at index \[?{place}\b"
        yield Refused(f"weight {number}", _data(model), pattern)


def meant() -> Iterator[Meant]:
    """Defaults and orders that importers have got wrong."""
    matrix = np.array([[1, 2], [3, 4]], np.float32)
    half, two = Fraction(1, 2), Fraction(2)
    for trans_b, alpha, beta in ((0, 1.0, 1.0), (1, 0.5, 2.0), (1, 2.0, 0.0)):
        node = helper.make_node(
            "Gemm", ["x", "w", "b"], ["y"], transB=trans_b, alpha=alpha, beta=beta
        )
        weights = {"w": matrix, "b": _single(1, -1)}
        model = make_model([node], weights, (1, 2), (1, 2))
        used = matrix.T if trans_b else matrix
        outputs = tuple(
            Fraction(alpha) * (half * int(used[0, k]) + two * int(used[1, k]))
            + Fraction(beta) * (1, -1)[k]
            for k in (0, 1)
        )
        name = f"Gemm {trans_b} {alpha} {beta}"
        yield Meant(name, _data(model), (half, two), outputs)
    nodes = [helper.make_node("Reshape", ["x", "s"], ["h"]),
             helper.make_node("MatMul", ["h", "w"], ["y"])]  # fmt: skip
    for sizes in ((-1, 2), (0, -1), (1, 2)):
        weights = {"s": np.array(sizes, np.int64), "w": matrix}
        model = make_model(nodes, weights, (1, 2), (1, 2))
        yield Meant(
            f"Reshape {sizes}", _data(model), (half, two), (half + 6, Fraction(9))
        )
    clip = helper.make_node("Clip", ["x"], ["y"], min=-1.0, max=1.0)
    older = make_model([clip], {}, (1, 2), (1, 2), opset=10)
    yield Meant("old Clip", _data(older), (half, two), (half, Fraction(1)))
    plain = helper.make_node("Clip", ["x", "", "m"], ["y"])
    newer = make_model([plain], {"m": np.float32(1)}, (1, 2), (1, 2), opset=13)
    yield Meant("one-sided Clip", _data(newer), (-half, two), (-half, Fraction(1)))
    # Kept as a float: 0.1 in float64 or float16 is neither 1/10 nor a float32.
    cast = helper.make_node("Cast", ["w"], ["v"], to=TensorProto.FLOAT)
    times = helper.make_node("Mul", ["x", "v"], ["y"])
    short = make_model([cast, times], {"w": np.float16([0.1])}, (1, 1), (1, 1))
    tenth = Fraction(float(np.float16(0.1)))
    yield Meant("float16 weight", _data(short), (two,), (two * tenth,))
    mul = helper.make_node("Mul", ["x", "w"], ["y"])
    long = make_model(
        [mul], {"w": np.array([0.1])}, (1, 1), (1, 1), kind=TensorProto.DOUBLE
    )
    yield Meant("float64 weight", _data(long), (two,), (two * Fraction(0.1),))
    unused = _scaled()
    unused.graph.initializer.append(numpy_helper.from_array(_single(5), "loose"))
    yield Meant("unused initialiser", _data(unused), (half,), (Fraction(50),))
    listed = _scaled()
    listed.ir_version = 3
    listed.graph.input.append(
        helper.make_tensor_value_info("w", TensorProto.FLOAT, [1])
    )
    yield Meant("listed by IR 3", _data(listed), (half,), (Fraction(50),))
    doubled = _scaled()
    doubled.opset_import.append(helper.make_opsetid("", 13))
    yield Meant("doubled import", _data(doubled), (half,), (Fraction(50),))
