"""What a VNN-LIB 2.0 query declares: networks with typed tensors, and files for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Final, NamedTuple

from verify.networks.network import Network
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.smtlib import shown
from verify.networks.reading.graph import Graph, Port

REAL: Final = "real"
FLOAT32: Final = "float32"


class Tensor(NamedTuple):
    """A declared input or output: its name, element type and shape ([] is a scalar)."""

    name: str
    element: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


class Declaration(NamedTuple):
    """A declared network; `equal_to` names the one whose file it shares, or is empty."""

    name: str
    equal_to: str
    isomorphic_to: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def element_names(tensor: Tensor) -> list[str]:
    """`A[0,1]` for every element in row-major order; a scalar is `A`."""
    if not tensor.shape:
        return [tensor.name]
    spans = product(*(range(size) for size in tensor.shape))
    return [f"{tensor.name}[{','.join(map(str, place))}]" for place in spans]


def check_files(declared: Sequence[Declaration], given: Mapping[str, object]) -> None:
    """Raises PropertyError unless `given` names each network without `equal-to`, once."""
    wanted = [net.name for net in declared if not net.equal_to]
    for name in wanted:
        if name not in given:
            raise PropertyError(
                f"no file is given for the network {name}",
                fix=f"add --network {name}=FILE.onnx",
            )
    for name in given:
        if name not in wanted:
            raise PropertyError(
                f"a file is given for {shown(name)}, and the query needs none for it",
                fix=f"it needs {', '.join(wanted)}",
            )


def check_sizes(net: Declaration, network: Network) -> None:
    for role, tensors, had in (
        ("input", net.inputs, network.inputs),
        ("output", net.outputs, network.outputs),
    ):
        declared = sum(tensor.size for tensor in tensors)
        if declared != had:
            raise PropertyError(
                f"the query declares {declared} {role} number(s) for {net.name}, "
                f"and its file has {had}",
                fix="take the network that the query was written for",
            )


def check_ports(net: Declaration, graph: Graph) -> None:
    """Raises PropertyError unless the model's tensors are as declared, in order.

    A symbolic dimension of the model fits any; `real` fits every element type.
    """
    for role, tensors, ports in (
        ("input", net.inputs, graph.inputs),
        ("output", net.outputs, graph.outputs),
    ):
        if len(tensors) != len(ports):
            raise PropertyError(
                f"the query declares {len(tensors)} {role}(s) for {net.name}, and its "
                f"file has {len(ports)}",
                fix=f"declare all {role}s, in the order of the file",
            )
        for tensor, port in zip(tensors, ports, strict=True):
            _check_port(role, tensor, port)


def _check_port(role: str, tensor: Tensor, port: Port) -> None:
    if tensor.element not in (REAL, port.kind):
        raise PropertyError(
            f"{tensor.name} is declared as {tensor.element}, and the file's {role} "
            f"is {port.kind}",
            fix=f"declare it as {port.kind} or {REAL}",
        )
    fits = len(tensor.shape) == len(port.shape) and all(
        size in (-1, declared)
        for declared, size in zip(tensor.shape, port.shape, strict=True)
    )
    if not fits:
        raise PropertyError(
            f"{tensor.name} has the shape {list(tensor.shape)}, and the file's {role} "
            f"has {list(port.shape)}",
            fix="declare the shape of the file",
        )
