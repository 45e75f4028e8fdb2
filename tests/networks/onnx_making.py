"""Small ONNX files as bytes, made with onnx's own helper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Weights = dict[str, Any]


def make_model(
    nodes: Iterable[NodeProto],
    weights: Weights,
    inputs: Sequence[int],
    outputs: Sequence[int],
    *,
    opset: int = 13,
    kind: int = TensorProto.FLOAT,
) -> ModelProto:
    """A model from `x` of shape (1, inputs) to `y`, or of the shapes given."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", kind, list(inputs))],
        [helper.make_tensor_value_info("y", kind, list(outputs))],
        [numpy_helper.from_array(np.asarray(w), name) for name, w in weights.items()],
    )
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def dense(*layers: tuple[Any, Any]) -> bytes:
    """Gemm of (rows = outputs) matrices and biases, relu between; the last is linear."""
    nodes, weights, name = [], {}, "x"
    for number, (matrix, bias) in enumerate(layers):
        last = number == len(layers) - 1
        weights[f"w{number}"] = np.array(matrix, np.float32)
        weights[f"b{number}"] = np.array(bias, np.float32)
        made = "y" if last else f"s{number}"
        given = [name, f"w{number}", f"b{number}"]
        nodes.append(helper.make_node("Gemm", given, [made], transB=1))
        name = f"h{number}"
        if not last:
            nodes.append(helper.make_node("Relu", [made], [name]))
    inputs = np.array(layers[0][0]).shape[1]
    outputs = np.array(layers[-1][0]).shape[0]
    model = make_model(nodes, weights, (1, inputs), (1, outputs))
    return bytes(model.SerializeToString())
