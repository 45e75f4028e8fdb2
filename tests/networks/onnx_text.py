"""Small models written as text, in onnx's own notation, and what they compute."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from onnx import helper, parser

from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.values import exact

Numbers = Sequence[int | float | str | Fraction]


def make_bytes(
    nodes: str, inputs: str = "float[1,2] x", constants: str = "", *, opset: int = 13
) -> bytes:
    """A model from `inputs` to y (and z, if a node makes it); attributes as `<axis=1>`.

    The outputs are of the first input's kind.
    """
    kind = inputs.partition("[")[0]
    outputs = f"{kind} y, {kind} z" if " z = " in f" {nodes}" else f"{kind} y"
    text = f"g ({inputs}) => ({outputs}) <{constants}> {{ {nodes} }}"
    graph = parser.parse_graph(text)
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return bytes(model.SerializeToString())


def read(
    nodes: str, inputs: str = "float[1,2] x", constants: str = "", *, opset: int = 13
) -> Model:
    """The model, read."""
    return read_network(make_bytes(nodes, inputs, constants, opset=opset))


def compute(model: Model, point: Numbers) -> list[Fraction]:
    """The outputs at a point, exactly."""
    return list(exact.evaluate(model.network, [Fraction(x) for x in point]))


def fractions(numbers: Numbers) -> list[Fraction]:
    """For tables: 0.5 and "1/3" as fractions."""
    return [Fraction(number) for number in numbers]
