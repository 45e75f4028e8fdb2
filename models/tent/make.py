"""Makes tent.onnx: 1 - |x - 1/4| where that is positive, else 0, of three relu units.

    f(x) = relu(x + 3/4) - 2 relu(x - 1/4) + relu(x - 5/4)

Every weight is a binary fraction, so the file says exactly this. Run it in this folder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def make_tent() -> bytes:
    """The bytes of the file."""
    weights = {
        "slopes": np.ones((3, 1), np.float32),
        "corners": np.array([0.75, -0.25, -1.25], np.float32),
        "heights": np.array([[1, -2, 1]], np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "slopes", "corners"], ["bent"], transB=1),
            helper.make_node("Relu", ["bent"], ["units"]),
            helper.make_node("Gemm", ["units", "heights"], ["y"], transB=1),
        ],
        "tent",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    imports = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    return bytes(model.SerializeToString())


if __name__ == "__main__":
    Path("tent.onnx").write_bytes(make_tent())
