"""From a graph of operators to a network of layers.

The nodes are walked once, in order. What is known when the file is read (weights,
shapes, axes) is computed at once and exactly; what depends on the input becomes layers.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from verify.networks.errors import ModelError, UnsupportedLayer, show
from verify.networks.network import Network
from verify.networks.reading.arrays import fractions_of
from verify.networks.reading.assembly import MAX_VARIABLES, Assembly, References
from verify.networks.reading.fusing import make_network
from verify.networks.reading.graph import Graph, Node, Port, size_of
from verify.networks.reading.lowering_constants import make_value
from verify.networks.reading.operations import Computed, Operation, Value, Whole
from verify.networks.reading.operators import OPERATORS

MAX_TOTAL: Final = 2**27  # elements of all tensors that nodes make


def lower(graph: Graph) -> tuple[Network, tuple[str, ...]]:
    """The network of a graph, and notes on what is not exact in it.

    Inputs and outputs are laid flat, in the order of the graph. Raises UnsupportedLayer
    for operators without a lowering, ModelError for shapes and sizes that do not fit.
    """
    inputs = sum(size_of(port.shape) for port in graph.inputs)
    if inputs > MAX_VARIABLES:
        raise ModelError(f"the model has over {MAX_VARIABLES} inputs")
    assembly = Assembly(inputs)
    values: dict[str, Value] = {}
    start = 0
    for port in graph.inputs:
        size = size_of(port.shape)
        references = np.arange(start, start + size, dtype=np.int64)
        values[port.name] = Computed(references.reshape(port.shape), port.kind)
        start += size
    for name, array in graph.constants:
        values[name] = make_value(array)
    total = 0
    for node in graph.nodes:
        made = _lower_node(graph, assembly, node, values)
        total += sum(size_of(value.shape) for value in made)
        if total > MAX_TOTAL:
            raise ModelError(
                f"the nodes make over {MAX_TOTAL} numbers", node=node.title
            )
        for name, value in zip(node.outputs, made, strict=False):
            if name:
                values[name] = value
    outputs = [_output(assembly, values, port) for port in graph.outputs]
    network = make_network(assembly, np.concatenate(outputs))
    return network, tuple(assembly.notes)


def _lower_node(
    graph: Graph, assembly: Assembly, node: Node, values: dict[str, Value]
) -> tuple[Value, ...]:
    operator = OPERATORS.get(node.operator)
    if operator is None:
        raise UnsupportedLayer(
            f"the operator {show(node.operator)} is not supported",
            operator=node.operator,
            node=node.title,
            supported=OPERATORS,
        )
    for name in node.inputs:
        if name and name not in values:
            raise ModelError(
                "is an output of its node that is not computed",
                node=node.title,
                tensor=name,
            )
    inputs = tuple(values[name] if name else None for name in node.inputs)
    op = Operation(node, graph.opset, assembly, inputs)
    for name, _ in node.attributes:
        if name not in operator.attributes:
            raise op.refuse(f"has the attribute {show(name)}, which is not read")
    if not operator.least <= len(inputs) <= operator.most:
        raise op.refuse(f"has {len(inputs)} inputs")
    if not 1 <= len(node.outputs) <= operator.outputs:
        raise op.refuse(f"has {len(node.outputs)} outputs")
    try:
        return operator.lowering(op)
    except ModelError as error:
        if error.node:
            raise
        raise ModelError(
            f"{node.operator}: {error.reason}",
            node=node.title,
            tensor=error.tensor,
            fix=error.fix,
        ) from None


def _output(assembly: Assembly, values: dict[str, Value], port: Port) -> References:
    name, value = port.name, values.get(port.name)
    if value is None:
        raise ModelError("is an output that is not computed", tensor=name)
    if isinstance(value, Whole):
        raise ModelError(f"is an output of {value.kind}", tensor=name)
    if port.kind not in ("", value.kind):
        raise ModelError(
            f"is an output declared as {port.kind}, but is {value.kind}", tensor=name
        )
    if not size_of(value.shape):
        raise ModelError("is an output without elements", tensor=name)
    if isinstance(value, Computed):
        return value.references.ravel()
    return assembly.constants(fractions_of(value.array)).ravel()
