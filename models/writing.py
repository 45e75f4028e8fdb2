"""Writing tiny networks and data sets to files, for the scripts beside them.

Weights are rounded to sixty-fourths, so that what a file holds is short and exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Layers = Sequence[
    tuple[NDArray[np.float64], NDArray[np.float64]]
]  # weights (out, in), bias
GRID = 64


def round_layers(layers: Layers) -> Layers:
    """The layers with every weight a multiple of 1/64."""
    return [
        (np.round(weights * GRID) / GRID, np.round(bias * GRID) / GRID)
        for weights, bias in layers
    ]


def write_network(path: Path, layers: Layers) -> None:
    """An ONNX file of these layers, with a ReLU after each but the last."""
    nodes, stored = [], []
    name = "x"
    for place, (weights, bias) in enumerate(layers, 1):
        for kind, values in (("weights", weights), ("bias", bias)):
            array = values.astype(np.float32)
            stored.append(numpy_helper.from_array(array, f"{kind}_{place}"))
        last = place == len(layers)
        out = "y" if last else f"sum_{place}"
        inputs = [name, f"weights_{place}", f"bias_{place}"]
        nodes.append(helper.make_node("Gemm", inputs, [out], f"gemm_{place}", transB=1))
        if not last:
            name = f"hidden_{place}"
            nodes.append(helper.make_node("Relu", [out], [name], f"relu_{place}"))
    sizes = layers[0][0].shape[1], layers[-1][0].shape[0]
    ends = [
        helper.make_tensor_value_info(end, TensorProto.FLOAT, [1, size])
        for end, size in zip("xy", sizes, strict=True)
    ]
    graph = helper.make_graph(nodes, path.stem, ends[:1], ends[1:], stored)
    opset = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    model.producer_name = ""
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def train(
    inputs: NDArray[np.float64],
    targets: NDArray[np.float64],
    hidden: int,
    *,
    seed: int,
    steps: int,
    rate: float,
) -> Layers:
    """One hidden layer of ReLUs fitted by full-batch gradient descent with momentum.

    `inputs` is (points, inputs), `targets` (points, outputs); the loss is the mean square.
    """
    random = np.random.default_rng(seed)
    shapes = [(hidden, inputs.shape[1]), (hidden,), (targets.shape[1], hidden)]
    weights = [random.normal(0, 1, shape) for shape in shapes]
    weights.append(np.zeros(targets.shape[1]))
    speeds = [np.zeros_like(one) for one in weights]
    for _ in range(steps):
        first, bias, second, last = weights
        taken = inputs @ first.T + bias
        given = np.maximum(taken, 0)
        error = 2 * (given @ second.T + last - targets) / len(inputs)
        back = (error @ second) * (taken > 0)
        slopes = [back.T @ inputs, back.sum(axis=0), error.T @ given, error.sum(axis=0)]
        for place, slope in enumerate(slopes):
            speeds[place] = 0.9 * speeds[place] - rate * slope
            weights[place] = weights[place] + speeds[place]
    return round_layers([(weights[0], weights[1]), (weights[2], weights[3])])


def write_data(path: Path, header: str, rows: NDArray[np.float64]) -> None:
    """A CSV file of these rows, each number as short as it is exact."""
    lines = [",".join(f"{value:g}" for value in row) for row in rows]
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
