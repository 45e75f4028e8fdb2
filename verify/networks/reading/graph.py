"""An ONNX graph after the guards: plain frozen data, every tensor's kind and shape known.

What lowers, evaluates or replays a model reads this and never the file's own message.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.networks.errors import show

FLOAT_KINDS: Final = ("float32", "float64", "float16")
WHOLE_KINDS: Final = ("int64", "int32", "bool")

Tensor: TypeAlias = NDArray[Any]
Attribute: TypeAlias = (
    int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...] | Tensor
)


class Port(NamedTuple):
    """An input or output of the graph: its name, NumPy kind and shape.

    A symbolic batch dimension of an input is 1. The shape of an output is as declared,
    -1 where it is symbolic or absent.
    """

    name: str
    kind: str
    shape: tuple[int, ...]


class Node(NamedTuple):
    """One operator; a missing optional input is the empty name."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[tuple[str, Attribute], ...] = ()

    @property
    def title(self) -> str:
        """The node's name, or that of its output."""
        return self.name or next((name for name in self.outputs if name), "")

    @property
    def label(self) -> str:
        """The operator with the node's title, for messages and layer names."""
        return f"{self.operator} {show(self.title)}"

    def attribute(self, name: str, default: Any = None) -> Any:
        """The attribute of that name, or the default."""
        return next((value for key, value in self.attributes if key == name), default)


class Graph(NamedTuple):
    """Nodes in order of evaluation; `constants` are the initialisers, read-only arrays."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    constants: tuple[tuple[str, Tensor], ...]
    nodes: tuple[Node, ...]
    opset: int


def size_of(shape: tuple[int, ...]) -> int:
    """How many elements a shape has; exact, unlike a product of 64-bit numbers."""
    size = 1
    for dimension in shape:
        size *= dimension
    return size


def freeze(array: Tensor) -> Tensor:
    """The array, contiguous and read-only."""
    made = np.ascontiguousarray(array).reshape(array.shape)
    made.flags.writeable = False
    return made
