"""Makes dial.onnx: a generator with two dials draws two pixels, a classifier compares them.

    inputs     a, b, u, v: two pixels of an image, and two dials (latent inputs)
    generator  p = relu(a + u + 1/2),  q = relu(b + v - 3)
    classifier Y_0 = 1 + relu(p - q),  Y_1 = relu(q - p)

Where a = 0.9 and b = 0.3, the dials in the middle at u = -1/2 and v = 3, class 1 wins once
q - p is at least 1. Every weight is a binary fraction. Run it in this folder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def make_dial() -> bytes:
    """The bytes of the file."""
    weights = {
        "dials": np.array([[1, 0, 1, 0], [0, 1, 0, 1]], np.float32),
        "zeros": np.array([0.5, -3], np.float32),
        "contrast": np.array([[1, -1], [-1, 1]], np.float32),
        "scores": np.eye(2, dtype=np.float32),
        "lead": np.array([1, 0], np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "dials", "zeros"], ["turned"], transB=1),
            helper.make_node("Relu", ["turned"], ["image"]),
            helper.make_node("Gemm", ["image", "contrast"], ["compared"], transB=1),
            helper.make_node("Relu", ["compared"], ["units"]),
            helper.make_node("Gemm", ["units", "scores", "lead"], ["y"], transB=1),
        ],
        "dial",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    imports = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    return bytes(model.SerializeToString())


if __name__ == "__main__":
    Path("dial.onnx").write_bytes(make_dial())
