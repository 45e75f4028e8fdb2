"""Running an ONNX graph node by node in whatever arithmetic is given.

The lowered network says what a model means; what happens to float32 numbers on the way is
a matter of the file's own operators, so rounding is followed here, operator by operator,
without sharing the lowering. Values have a leading axis in front of the tensor's own: the
points of a batch, or the parts of a bound. Reshaping, slicing and joining never look at
that axis, which is why one walk serves them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np

from verify.networks.errors import show
from verify.networks.reading.graph import Graph, Node, Tensor, size_of


class NotWalked(ValueError):
    """An operator, or a way of using it, that is not followed; the message names it."""


class Value(NamedTuple):
    """A tensor behind a leading axis; of length 1 and exact if `constant`."""

    array: Tensor
    constant: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's own shape."""
        return tuple(self.array.shape[1:])


class Arithmetic(Protocol):
    """What the walk needs of numbers: arrays with the leading axis, tensors of one shape.

    Leading axes may differ in length between the values of an operation.
    """

    def lift(self, constant: Tensor) -> Tensor:
        """Exact float32 numbers as values, the leading axis added."""

    def alike(self, arrays: Sequence[Tensor]) -> list[Tensor]:
        """The same values with leading axes of one length."""

    def dot(self, values: Tensor, weights: Tensor, bias: Tensor | None) -> Tensor:
        """(axis, rows, k) times (k, columns), plus (columns,): one sum a number."""

    def add(self, left: Tensor, right: Tensor) -> Tensor: ...
    def subtract(self, left: Tensor, right: Tensor) -> Tensor: ...
    def multiply(self, left: Tensor, right: Tensor) -> Tensor: ...
    def divide(self, left: Tensor, right: Tensor) -> Tensor: ...
    def negate(self, values: Tensor) -> Tensor: ...
    def relu(self, values: Tensor) -> Tensor: ...
    def sign(self, values: Tensor) -> Tensor: ...
    def absolute(self, values: Tensor) -> Tensor: ...
    def minimum(self, left: Tensor, right: Tensor) -> Tensor: ...
    def maximum(self, left: Tensor, right: Tensor) -> Tensor: ...

    def function(self, name: str, values: Tensor) -> Tensor:
        """sigmoid, tanh or sqrt: functions that libraries round as they like."""

    def differ(self, reason: str) -> None:
        """Called where engines differ by more than the order of a sum."""


class Step(NamedTuple):
    """What an operator has to work with."""

    node: Node
    values: tuple[Value | None, ...]
    arithmetic: Arithmetic
    opset: int

    def given(self, index: int) -> Value | None:
        """Input number `index`, None where it is left out."""
        return self.values[index] if index < len(self.values) else None

    def value(self, index: int) -> Value:
        """Input number `index`; raises NotWalked if it is left out."""
        found = self.given(index)
        if found is None:
            raise NotWalked(f"{self.node.label} lacks input {index + 1}")
        return found

    def lifted(self, index: int) -> Tensor:
        """Input number `index` in the arithmetic, also when it is a constant."""
        return self.raise_up(self.value(index))

    def raise_up(self, value: Value) -> Tensor:
        """A value in the arithmetic."""
        if not value.constant:
            return value.array
        return self.arithmetic.lift(value.array[0].astype(np.float32))

    def constant(self, index: int) -> Tensor:
        """Input number `index` as a constant; raises NotWalked if it is computed."""
        found = self.value(index)
        if not found.constant:
            raise NotWalked(f"{self.node.label}: input {index + 1} is not a constant")
        return np.asarray(found.array[0])

    def whole(self, name: str, index: int) -> tuple[int, ...] | None:
        """Whole numbers from an input, or from the attribute that older files use."""
        if self.given(index) is not None:
            return tuple(int(number) for number in self.constant(index).ravel())
        found = self.node.attribute(name)
        if found is None:
            return None
        return (int(found),) if isinstance(found, int) else tuple(map(int, found))


Operator = Callable[[Step], tuple[Value, ...]]
KEPT: Final = ("float32", "int64", "int32", "bool")


def walk(
    graph: Graph, points: Tensor, arithmetic: Arithmetic, operators: dict[str, Operator]
) -> Tensor:
    """The outputs, (axis, numbers), for inputs (axis, numbers).

    Several inputs lie one after the other in a point, and so do several outputs. Raises
    NotWalked for an operator that is not among `operators`, or for numbers that are not
    float32.
    """
    known = {name: _keep(name, array) for name, array in graph.constants}
    start = 0
    for port in graph.inputs:
        if port.kind != "float32":
            raise NotWalked(f"the input is {port.kind}, not float32")
        size = size_of(port.shape)
        part = points[:, start : start + size]
        known[port.name] = Value(part.reshape(len(points), *port.shape))
        start += size
    for node in graph.nodes:
        if node.operator not in operators:
            raise NotWalked(f"{node.label} is not followed in float32")
        values = tuple(known[name] if name else None for name in node.inputs)
        made = operators[node.operator](Step(node, values, arithmetic, graph.opset))
        known.update(
            (name, value)
            for name, value in zip(node.outputs, made, strict=False)
            if name
        )
    parts = [_flat(known[port.name], arithmetic) for port in graph.outputs]
    *spread, _ = arithmetic.alike([*parts, points])
    return np.concatenate(spread, axis=1)


def _keep(name: str, array: Tensor) -> Value:
    if array.dtype.name not in KEPT:
        raise NotWalked(f"tensor {show(name)} is {array.dtype.name}, not float32")
    return Value(array[np.newaxis], constant=True)


def _flat(value: Value, arithmetic: Arithmetic) -> Tensor:
    array = value.array
    if value.constant:
        array = arithmetic.lift(array[0].astype(np.float32))
    return array.reshape(len(array), -1)


def scalar(number: float) -> Tensor:
    """The float32 number as an array without dimensions."""
    return np.full((), number, np.float32)
