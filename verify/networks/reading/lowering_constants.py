"""Operators that give constants: Constant, ConstantOfShape, and Shape of what is static."""

from __future__ import annotations

import numpy as np

from verify.networks.reading.arrays import make_array
from verify.networks.reading.graph import FLOAT_KINDS, Tensor
from verify.networks.reading.operations import Fixed, Operation, Value, Whole


def make_value(array: Tensor) -> Value:
    """An initialiser as a value."""
    kind = array.dtype.name
    if kind in FLOAT_KINDS:
        return Fixed(make_array(array), kind)
    return Whole(array.astype(np.int64), kind)


def lower_constant(op: Operation) -> tuple[Value, ...]:
    if len(op.node.attributes) != 1:
        raise op.refuse("needs one attribute, its value")
    name, value = op.node.attributes[0]
    if name == "value" and isinstance(value, np.ndarray):
        return (make_value(value),)
    kind = "float32" if name in ("value_float", "value_floats") else "int64"
    return (make_value(np.array(value, dtype=kind)),)


def lower_constant_of_shape(op: Operation) -> tuple[Value, ...]:
    shape = op.wholes(0)
    op.check(shape)
    value = op.attribute("value", np.zeros(1, dtype=np.float32))
    if value.size != 1:
        raise op.refuse(f"has {value.size} numbers as its value")
    return (make_value(np.full(shape, value.ravel()[0], dtype=value.dtype)),)


def lower_shape(op: Operation) -> tuple[Value, ...]:
    shape = op.value(0).shape
    start, end = op.attribute("start", 0), op.attribute("end", len(shape))
    return (Whole(np.array(shape[start:end], dtype=np.int64), "int64"),)
