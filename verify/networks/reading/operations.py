"""What an operator's lowering works with: values, and one operation to carry out.

A value is fixed (exact numbers), whole (shapes, axes, flags) or computed (references to
numbers of the network). A lowering takes an operation and returns its outputs; what has
no exact lowering it refuses in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.networks.errors import ModelError, UnsupportedLayer
from verify.networks.reading.arrays import Array, fractions_of, make_array, rearrange
from verify.networks.reading.assembly import Assembly, References
from verify.networks.reading.graph import Node, size_of
from verify.networks.reading.onnx_tensors import check_shape

MAX_RESULT: Final = 2**20  # elements that an operator may make of smaller tensors


class Fixed(NamedTuple):
    """A tensor of known numbers."""

    array: Array
    kind: str

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape


class Whole(NamedTuple):
    """A tensor of known whole numbers or truth values."""

    values: NDArray[np.int64]
    kind: str

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape


class Computed(NamedTuple):
    """A tensor of the network's numbers."""

    references: References
    kind: str

    @property
    def shape(self) -> tuple[int, ...]:
        return self.references.shape


Value: TypeAlias = Fixed | Whole | Computed


class Operation(NamedTuple):
    """A node with the values of its inputs, None where an optional one is missing."""

    node: Node
    opset: int
    assembly: Assembly
    inputs: tuple[Value | None, ...]

    def attribute(self, name: str, default: Any = None) -> Any:
        return self.node.attribute(name, default)

    def refuse(
        self, reason: str, place: int | None = None, fix: str = ""
    ) -> ModelError:
        """The error for a way of using the operator that has no lowering."""
        return UnsupportedLayer(
            f"{self.node.operator} {reason}",
            operator=self.node.operator,
            node=self.node.title,
            tensor="" if place is None else self.node.inputs[place],
            fix=fix,
        )

    def get(self, place: int) -> Value | None:
        """The input at a place, None if it is missing."""
        return self.inputs[place] if place < len(self.inputs) else None

    def value(self, place: int) -> Value:
        """The input at a place, which must be there."""
        value = self.get(place)
        if value is None:
            raise self.refuse(f"has no input {place}")
        return value

    def numbers(self, place: int) -> Fixed | Computed:
        """A float input."""
        value = self.value(place)
        if isinstance(value, Whole):
            raise self.refuse(f"of {value.kind} numbers is not read", place)
        return value

    def fixed(self, place: int) -> Fixed:
        """A float input whose numbers are known."""
        value = self.value(place)
        if not isinstance(value, Fixed):
            raise self.refuse("needs constant numbers here", place)
        return value

    def wholes(self, place: int) -> tuple[int, ...]:
        """A list of known whole numbers."""
        value = self.value(place)
        if not isinstance(value, Whole) or value.kind == "bool" or len(value.shape) > 1:
            raise self.refuse("needs a constant list of whole numbers here", place)
        return tuple(value.values.ravel().tolist())

    def computed(self, references: References, place: int = 0) -> Computed:
        """References as a value of the kind of the input at a place."""
        return Computed(references, self.value(place).kind)

    def references(self, place: int) -> References:
        """A float input as references, constants among them."""
        value = self.numbers(place)
        if isinstance(value, Computed):
            return value.references
        return self.assembly.constants(fractions_of(value.array))

    def same_kind(self) -> str:
        """The one kind of all inputs."""
        kinds = {value.kind for value in self.inputs if value is not None}
        if not kinds:
            raise self.refuse("has no input 0")
        if len(kinds) != 1:
            raise self.refuse(f"mixes {' and '.join(sorted(kinds))}")
        return kinds.pop()

    def broadcast(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """The common shape of NumPy's broadcasting."""
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            said = " and ".join(str(shape) for shape in shapes if shape)
            raise self.refuse(f"has inputs of shapes {said} that do not fit") from None
        self.check(shape)
        return shape

    def check(self, shape: tuple[int, ...]) -> None:
        """Raises ModelError for a result of that shape beyond the caps.

        It may be as large as an input: weights are often reshaped or transposed.
        """
        check_shape(shape, node=self.node.title)
        known = [size_of(value.shape) for value in self.inputs if value is not None]
        if size_of(shape) > max(MAX_RESULT, *known, 0):
            raise self.refuse(f"makes {size_of(shape)} numbers, over {MAX_RESULT}")

    def axis(self, number: int, rank: int) -> int:
        """An axis counted from the front; negative ones count from the end."""
        if not -rank <= number < rank:
            raise self.refuse(f"has the axis {number} for {rank} dimensions")
        return number % rank

    def axes(self, numbers: tuple[int, ...], rank: int) -> tuple[int, ...]:
        """Several axes, none twice."""
        found = tuple(self.axis(number, rank) for number in numbers)
        if len(set(found)) < len(found):
            raise self.refuse(f"has an axis twice: {numbers}")
        return found

    def affine(self, references: References, scale: Array, shift: Array) -> References:
        """scale * references + shift, broadcast; no layer where that changes nothing."""
        shape = self.broadcast(references.shape, scale.shape, shift.shape)
        spread = np.broadcast_to(references, shape)
        if scale.exact is None and (scale.floats == 1).all() and not any_left(shift):
            return spread
        made = self.assembly.scaled(
            spread.ravel(), widen(scale, shape), widen(shift, shape), self.node.label
        )
        return made.reshape(shape)


Lowering: TypeAlias = Callable[[Operation], tuple[Value, ...]]


def any_left(array: Array) -> bool:
    """Is any number not zero?"""
    return bool(array.floats.any()) or array.exact is not None


def widen(array: Array, shape: tuple[int, ...]) -> Array:
    """Broadcast to a shape and made flat."""
    return rearrange(array, lambda values: np.broadcast_to(values, shape).ravel())


def constant(number: float | Fraction) -> Array:
    """One exact number without dimensions."""
    value = np.empty((), dtype=object)
    value[()] = Fraction(number)
    floats = make_array(float(number))
    is_exact = Fraction(float(number)) == number
    return floats if is_exact else Array(floats.floats, value)


def move_numbers(
    value: Fixed | Computed, function: Callable[[Any], Any]
) -> Fixed | Computed:
    """Apply what only moves, drops or repeats elements, to a float value."""
    match value:
        case Fixed(array, kind):
            return Fixed(rearrange(array, function), kind)
        case Computed(references, kind):
            return Computed(function(references), kind)


def move(value: Value, function: Callable[[Any], Any]) -> Value:
    """Apply what only moves, drops or repeats elements, to any kind of value."""
    if isinstance(value, Whole):
        return Whole(function(value.values), value.kind)
    return move_numbers(value, function)
