"""Operators that work number by number, for the walk over a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from verify.networks.float32.walking import Operator, Step, Value, scalar
from verify.networks.reading.graph import Tensor

Two = Callable[[Tensor, Tensor], Tensor]
LOWEST: Final = float(np.finfo(np.float32).min)
HIGHEST: Final = float(np.finfo(np.float32).max)


def binary(name: str) -> Operator:
    """An operator of two tensors, broadcast; of whole numbers exactly."""

    def run(step: Step) -> tuple[Value, ...]:
        left, right = step.value(0), step.value(1)
        if _whole(left) and _whole(right):
            return (_of_whole_numbers(name, left, right),)
        operate: Two = getattr(step.arithmetic, name)
        return (Value(operate(*aligned(step.lifted(0), step.lifted(1)))),)

    return run


def aligned(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Two arrays whose tensors are broadcast, each behind its own leading axis."""
    shape = np.broadcast_shapes(left.shape[1:], right.shape[1:])
    one, other = (
        np.broadcast_to(
            array.reshape(
                len(array), *(1,) * (len(shape) + 1 - array.ndim), *array.shape[1:]
            ),
            (len(array), *shape),
        )
        for array in (left, right)
    )
    return one, other


def _whole(value: Value) -> bool:
    return value.constant and value.array.dtype.kind == "i"


def _of_whole_numbers(name: str, left: Value, right: Value) -> Value:
    one, other = aligned(left.array, right.array)
    if name == "divide":  # toward zero, as ONNX has it
        quotient = np.abs(one) // np.abs(other)
        return Value(np.sign(one) * np.sign(other) * quotient, constant=True)
    return Value(getattr(np, name)(one, other), constant=True)


def _unary(name: str) -> Operator:
    def run(step: Step) -> tuple[Value, ...]:
        return (Value(getattr(step.arithmetic, name)(step.lifted(0))),)

    return run


def _function(name: str) -> Operator:
    def run(step: Step) -> tuple[Value, ...]:
        return (Value(step.arithmetic.function(name, step.lifted(0))),)

    return run


def _folded(name: str) -> Operator:
    """Min and Max of any number of tensors."""

    def run(step: Step) -> tuple[Value, ...]:
        made = step.lifted(0)
        for index in range(1, len(step.values)):
            operate: Two = getattr(step.arithmetic, name)
            made = operate(*aligned(made, step.lifted(index)))
        return (Value(made),)

    return run


def _leaky_relu(step: Step) -> tuple[Value, ...]:
    """slope * min(x, 0) + max(x, 0), where one of the two is zero."""
    arithmetic, values = step.arithmetic, step.lifted(0)
    slope = arithmetic.lift(scalar(step.node.attribute("alpha", 0.01)))
    zero = arithmetic.lift(scalar(0.0))
    low = arithmetic.minimum(*aligned(values, zero))
    low = arithmetic.multiply(*aligned(low, slope))
    return (Value(arithmetic.add(low, arithmetic.relu(values))),)


def _clip(step: Step) -> tuple[Value, ...]:
    arithmetic, made = step.arithmetic, step.lifted(0)
    for index, name, missing, operate in (
        (1, "min", LOWEST, arithmetic.maximum),
        (2, "max", HIGHEST, arithmetic.minimum),
    ):
        if step.given(index) is not None:
            bound = step.lifted(index)
        else:
            bound = arithmetic.lift(scalar(step.node.attribute(name, missing)))
        made = operate(*aligned(made, bound))
    return (Value(made),)


def _power(step: Step) -> tuple[Value, ...]:
    """A small whole power, by multiplying; libraries have their own ways."""
    step.arithmetic.differ(f"{step.node.label} is rounded as each library likes")
    base, exponent = step.lifted(0), int(step.constant(1).ravel()[0])
    made = base
    for _ in range(exponent - 1):
        made = step.arithmetic.multiply(made, base)
    return (Value(made),)


def _normalise(step: Step) -> tuple[Value, ...]:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift, folded as ever one likes."""
    arithmetic = step.arithmetic
    arithmetic.differ(
        f"{step.node.label} is folded into its neighbours by some engines"
    )
    values = step.lifted(0)
    shape = (1, -1, *(1,) * (values.ndim - 3))
    scale, shift, mean, variance = (
        arithmetic.lift(step.constant(index).reshape(shape)) for index in range(1, 5)
    )
    epsilon = scalar(step.node.attribute("epsilon", 1e-5))
    deviation = arithmetic.function(
        "sqrt", arithmetic.add(*aligned(variance, arithmetic.lift(epsilon)))
    )
    factor = arithmetic.divide(scale, deviation)
    made = arithmetic.subtract(*aligned(values, mean))
    made = arithmetic.multiply(*aligned(made, factor))
    return (Value(arithmetic.add(*aligned(made, shift))),)


ELEMENTS: Final[dict[str, Operator]] = {
    "Abs": _unary("absolute"),
    "Add": binary("add"),
    "BatchNormalization": _normalise,
    "Clip": _clip,
    "Div": binary("divide"),
    "LeakyRelu": _leaky_relu,
    "Max": _folded("maximum"),
    "Min": _folded("minimum"),
    "Mul": binary("multiply"),
    "Neg": _unary("negate"),
    "Pow": _power,
    "Relu": _unary("relu"),
    "Sigmoid": _function("sigmoid"),
    "Sign": _unary("sign"),
    "Sub": binary("subtract"),
    "Tanh": _function("tanh"),
}
