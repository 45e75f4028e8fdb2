"""From a protobuf model to a graph: what this tool does not read is refused by name.

Refused are the doors through which one file becomes two functions or reaches outside
itself: local functions (one may be called Relu), foreign domains, sub-graphs, sparse and
external tensors, initialisers that a caller may override, names that are given twice, and
nodes that use what is not made yet.
"""

from __future__ import annotations

from typing import Any, Final

from verify.networks.errors import ModelError, show
from verify.networks.reading.graph import FLOAT_KINDS, Graph, Node, Port, Tensor
from verify.networks.reading.onnx_nodes import DOMAINS, MAX_NAME, read_node
from verify.networks.reading.onnx_tensors import check_shape, kind_of, read_tensor

MIN_OPSET: Final = 7  # before it, broadcasting was an attribute
MAX_OPSET: Final = 25
MIN_IR: Final = 3  # the first version with opset imports
OVERRIDABLE_IR: Final = 4  # from it on, an initialiser that is an input may be replaced
UNUSED_DOMAINS: Final = ("ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training",
                         "com.microsoft")  # fmt: skip  # exporters import them always
MAX_NODES: Final = 20_000


def make_graph(model: Any) -> Graph:
    """The graph of a ModelProto; raises ModelError for all that is not read."""
    _check_model(model)
    proto = model.graph
    if len(proto.node) > MAX_NODES:
        raise ModelError(f"the graph has more than {MAX_NODES} nodes")
    if proto.sparse_initializer:
        raise ModelError(
            "is a sparse initialiser",
            tensor=proto.sparse_initializer[0].values.name,
            fix="save it as a dense tensor",
        )
    constants: dict[str, Tensor] = {}
    for tensor in proto.initializer:
        name = _name(tensor.name, "an initialiser")
        if name in constants:
            raise ModelError("is the name of two initialisers", tensor=name)
        constants[name] = read_tensor(tensor, name)
    inputs = _read_inputs(model, constants)
    opset = _read_opset(model)
    nodes = tuple(read_node(node, opset) for node in proto.node)
    _check_names(inputs, constants, nodes)
    outputs = tuple(_read_output(value) for value in proto.output)
    made = {name for node in nodes for name in node.outputs}
    known = made | set(constants) | {port.name for port in inputs}
    if not outputs:
        raise ModelError("the graph has no output")
    for port in outputs:
        if port.name not in known:
            raise ModelError("is an output that no node makes", tensor=port.name)
    if len({port.name for port in outputs}) < len(outputs):
        raise ModelError("the graph lists an output twice")
    return Graph(inputs, outputs, tuple(constants.items()), nodes, opset)


def _check_model(model: Any) -> None:
    if not model.HasField("graph"):
        raise ModelError("the file holds no graph", fix="is it an ONNX model?")
    if model.ir_version < MIN_IR:
        raise ModelError(
            f"IR version {model.ir_version} is older than {MIN_IR}",
            fix="export again with a newer tool",
        )
    if model.functions:
        raise ModelError(
            f"the model defines the function {show(model.functions[0].name)} of its own",
            fix="inline the functions",
        )
    if model.training_info:
        raise ModelError("the model holds training information")


def _read_opset(model: Any) -> int:
    """The one version of the default domain; repeating the same import is harmless."""
    versions = set()
    for entry in model.opset_import:
        if entry.domain in DOMAINS:
            versions.add(entry.version)
        elif entry.domain not in UNUSED_DOMAINS:
            raise ModelError(
                f"the model imports operators of the domain {show(entry.domain)}",
                fix="export with standard operators only",
            )
    if not versions:
        raise ModelError("the model does not say which opset it uses")
    if len(versions) > 1:
        raise ModelError(f"the model imports opsets {sorted(versions)} at once")
    version = int(versions.pop())
    if not MIN_OPSET <= version <= MAX_OPSET:
        raise ModelError(
            f"opset {version} is not among {MIN_OPSET} to {MAX_OPSET}",
            fix="export for an opset of that range",
        )
    return version


def _name(name: str, what: str) -> str:
    if not name:
        raise ModelError(f"{what} has no name")
    if len(name) > MAX_NAME:
        raise ModelError(f"{what} has a name of {len(name)} characters", tensor=name)
    return name


def _read_inputs(model: Any, constants: dict[str, Tensor]) -> tuple[Port, ...]:
    ports: list[Port] = []
    seen: set[str] = set()
    for value in model.graph.input:
        name = _name(value.name, "an input")
        if name in seen:
            raise ModelError("is the name of two inputs", tensor=name)
        seen.add(name)
        if name in constants:
            if model.ir_version >= OVERRIDABLE_IR:
                raise ModelError(
                    "is an initialiser and an input, so that a caller may replace it",
                    tensor=name,
                    fix="remove it from the inputs",
                )
            continue
        ports.append(_read_input(value, name))
    if not ports:
        raise ModelError("the graph has no input")
    return tuple(ports)


def _read_input(value: Any, name: str) -> Port:
    kind, dimensions = _tensor_type(value, name)
    if kind not in FLOAT_KINDS:
        raise ModelError(f"is an input of {kind}", tensor=name, fix="use float32")
    if dimensions is None:
        raise ModelError("is an input without a shape", tensor=name)
    shape = []
    for place, size in enumerate(dimensions):
        if size < 0 and place:
            raise ModelError(
                f"is an input whose dimension {place} is not fixed",
                tensor=name,
                fix="export with fixed sizes; only the batch, dimension 0, may be open",
            )
        shape.append(1 if size < 0 else size)
    check_shape(tuple(shape), name)
    if 0 in shape:
        raise ModelError("is an input without elements", tensor=name)
    return Port(name, kind, tuple(shape))


def _read_output(value: Any) -> Port:
    name = _name(value.name, "an output")
    if not value.HasField("type"):
        return Port(name, "", ())
    kind, dimensions = _tensor_type(value, name)
    return Port(name, kind, tuple(dimensions or ()))


def _tensor_type(value: Any, name: str) -> tuple[str, list[int] | None]:
    """Kind and dimensions, -1 where symbolic; None for no shape at all."""
    which = value.type.WhichOneof("value") if value.HasField("type") else None
    if which != "tensor_type":
        said = which.removesuffix("_type") if which else "nothing known"
        raise ModelError(f"is {said.replace('_', ' ')}, not a tensor", tensor=name)
    tensor = value.type.tensor_type
    kind = kind_of(tensor.elem_type, name).name
    if not tensor.HasField("shape"):
        return kind, None
    dimensions = [
        int(d.dim_value) if d.HasField("dim_value") else -1 for d in tensor.shape.dim
    ]
    return kind, [max(d, -1) for d in dimensions]


def _check_names(
    inputs: tuple[Port, ...], constants: dict[str, Tensor], nodes: tuple[Node, ...]
) -> None:
    """Each name is made once, and before it is used."""
    known = {port.name for port in inputs} | set(constants)
    later = {name for node in nodes for name in node.outputs}
    for node in nodes:
        for name in node.inputs:
            if name and name not in known:
                raise ModelError(
                    "is used before it is made: a cycle, or nodes out of order"
                    if name in later
                    else "is made nowhere",
                    node=node.title,
                    tensor=name,
                )
        for name in node.outputs:
            if name and name in known:
                raise ModelError("is made twice", node=node.title, tensor=name)
            if name:
                known.add(name)
