"""The model in onnxruntime, as one deployed engine would run it.

onnxruntime never sees the user's file: it gets a model rebuilt from the checked graph,
with names of our own, everything inside, one thread. What it returns is float arithmetic
of one engine and one build; exact evaluation is what a verdict rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.errors import ModelError
from verify.networks.reading.graph import Attribute, Graph, Port, size_of
from verify.networks.reading.onnx_tensors import KINDS

IR_VERSION: Final = 8
SILENT: Final = 4  # onnxruntime's log level: fatal only
NUMBERS: Final = {kind.name: number for number, kind in KINDS.items()}


class ReplayError(ModelError):
    """onnxruntime is missing, or does not run the model."""


class Session(NamedTuple):
    """A model loaded into onnxruntime; `engine` is its session object."""

    engine: Any
    graph: Graph
    version: str
    optimised: bool


class Replayed(NamedTuple):
    """Outputs of one run, exactly as returned; None stands for one that is not finite."""

    outputs: tuple[Fraction | None, ...]
    version: str
    optimised: bool


def make_session(graph: Graph, *, optimised: bool) -> Session:
    """Load the graph with graph optimisations on or off.

    Raises ReplayError when onnxruntime is not installed or refuses the model.
    """
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state
    except ImportError:
        raise ReplayError(
            "onnxruntime is not installed, so nothing is replayed",
            fix="install the extra: pip install 'verify[ort]'",
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if optimised else levels.ORT_DISABLE_ALL
    )
    try:
        engine = onnxruntime.InferenceSession(
            make_model(graph).SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
        )
    except _errors(state) as error:
        raise ReplayError(f"onnxruntime does not load it: {_line(error)}") from None
    return Session(engine, graph, f"onnxruntime {onnxruntime.__version__}", optimised)


def run(session: Session, points: NDArray[Any]) -> NDArray[Any]:
    """Outputs (n, outputs) at points (n, inputs), in the model's own kind of numbers.

    Raises ReplayError when onnxruntime fails, ValueError for points of another shape.
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    ports = session.graph.inputs
    ends = np.cumsum([size_of(port.shape) for port in ports])
    if points.ndim != 2 or points.shape[1] != ends[-1]:
        raise ValueError(
            f"expected points of shape (n, {ends[-1]}), got {points.shape}"
        )
    rows = []
    for point in points:
        parts = np.split(point, ends[:-1])
        feed = {
            f"x{index}": part.astype(port.kind).reshape(port.shape)
            for index, (port, part) in enumerate(zip(ports, parts, strict=True))
        }
        try:
            outputs = session.engine.run(None, feed)
        except _errors(state) as error:
            raise ReplayError(f"onnxruntime does not run it: {_line(error)}") from None
        rows.append(np.concatenate([output.ravel() for output in outputs]))
    return np.array(rows)


def replay(session: Session, point: Sequence[Fraction]) -> Replayed:
    """One run at a point whose numbers the model's inputs can hold exactly.

    Raises ReplayError when onnxruntime fails, ValueError when a number of the point is
    not one of the input's kind.
    """
    kinds = [
        port.kind for port in session.graph.inputs for _ in range(size_of(port.shape))
    ]
    if len(point) != len(kinds):
        raise ValueError(f"expected {len(kinds)} numbers, got {len(point)}")
    given = np.array(
        [_stored(number, kind) for number, kind in zip(point, kinds, strict=True)]
    )
    outputs = run(session, given[None])[0].tolist()
    return Replayed(
        tuple(Fraction(value) if np.isfinite(value) else None for value in outputs),
        session.version,
        session.optimised,
    )


def _stored(number: Fraction, kind: str) -> float:
    """The number, which must be one of that kind."""
    if abs(number) <= Fraction(float(np.finfo(kind).max)):
        rounded = float(np.dtype(kind).type(float(number)))
        if Fraction(rounded) == number:
            return rounded
    raise ValueError(f"expected a {kind} number, got {number}")


def make_model(graph: Graph) -> Any:
    """The graph as an ONNX ModelProto with names x0, x1, ... only, weights as stored."""
    from onnx import helper

    names = {"": ""}
    for name in _all_names(graph):
        names.setdefault(name, f"x{len(names) - 1}")
    nodes = [
        helper.make_node(
            node.operator,
            [names[name] for name in node.inputs],
            [names[name] for name in node.outputs],
            **{key: _attribute(value) for key, value in node.attributes},
        )
        for node in graph.nodes
    ]
    made = helper.make_graph(
        nodes,
        "network",
        [_port(port, names, port.shape) for port in graph.inputs],
        [_port(port, names, None) for port in graph.outputs],
        [_tensor(array, names[name]) for name, array in graph.constants],
    )
    opsets = [helper.make_opsetid("", graph.opset)]
    return helper.make_model(made, opset_imports=opsets, ir_version=IR_VERSION)


def _all_names(graph: Graph) -> list[str]:
    """Inputs first, so that they are x0, x1, ... in order."""
    names = [port.name for port in graph.inputs]
    names += [name for name, _ in graph.constants]
    return names + [name for node in graph.nodes for name in node.outputs]


def _port(port: Port, names: dict[str, str], shape: tuple[int, ...] | None) -> Any:
    from onnx import ValueInfoProto, helper

    if not port.kind:
        return ValueInfoProto(name=names[port.name])
    return helper.make_tensor_value_info(names[port.name], NUMBERS[port.kind], shape)


def _tensor(array: NDArray[Any], name: str) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(array, name)


def _attribute(value: Attribute) -> Any:
    return _tensor(value, "value") if isinstance(value, np.ndarray) else value


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _errors(state: Any) -> tuple[type[Exception], ...]:
    """onnxruntime's own exceptions, which have no common base."""
    found = (v for v in vars(state).values() if isinstance(v, type))
    return (*(v for v in found if issubclass(v, Exception)), RuntimeError, ValueError)
