"""Operators that move, drop or repeat elements: NumPy on references, no layer at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.networks.errors import ModelError
from verify.networks.reading.arrays import Array, make_array
from verify.networks.reading.graph import FLOAT_KINDS, size_of
from verify.networks.reading.onnx_tensors import kind_of
from verify.networks.reading.operations import (
    Computed,
    Fixed,
    Operation,
    Value,
    Whole,
    move,
)


def lower_identity(op: Operation) -> tuple[Value, ...]:
    return (op.value(0),)


def lower_dropout(op: Operation) -> tuple[Value, ...]:
    """At inference nothing is dropped; the mask, a second output, is not made."""
    training = op.get(2)
    if training is not None:
        if not isinstance(training, Whole) or training.values.size != 1:
            raise op.refuse("needs a constant training mode", 2)
        if training.values.any():
            raise op.refuse("in training mode is random", 2, "export for inference")
    return (op.numbers(0),)


def lower_cast(op: Operation) -> tuple[Value, ...]:
    """Constants are converted; over the reals a computed float stays what it is."""
    try:
        kind = kind_of(op.attribute("to", 0)).name
    except ModelError:
        raise op.refuse(f"to type {op.attribute('to')} is not read") from None
    value = op.value(0)
    match value:
        case Computed(references, _) if kind in FLOAT_KINDS:
            return (Computed(references, kind),)
        case Computed():
            raise op.refuse(f"of a computed tensor to {kind} is not piecewise linear")
        case Whole(values, _) if kind in FLOAT_KINDS:
            numbers = values.astype(kind)
            return (Fixed(make_array(numbers), kind),)
        case Whole(values, _):
            made = values.astype(bool if kind == "bool" else kind).astype(np.int64)
            return (Whole(made, kind),)
        case Fixed(array, _) if kind in FLOAT_KINDS:
            return (Fixed(_rounded(op, array, kind), kind),)
        case Fixed(array, _):
            return (Whole(_truncated(op, array, kind), kind),)


def _rounded(op: Operation, array: Array, kind: str) -> Array:
    with np.errstate(over="ignore"):
        numbers = array.floats.astype(kind).astype(np.float64)
    if not np.isfinite(numbers).all():
        raise op.refuse(f"to {kind} gives a number that is not finite")
    return make_array(numbers)


def _truncated(op: Operation, array: Array, kind: str) -> Any:
    if kind == "bool":
        return (array.floats != 0).astype(np.int64)
    whole = np.trunc(array.floats)
    if (np.abs(whole) >= 2.0 ** (31 if kind == "int32" else 53)).any():
        raise op.refuse(f"to {kind} of numbers that are too large")
    return whole.astype(np.int64)


def lower_flatten(op: Operation) -> tuple[Value, ...]:
    value = op.value(0)
    rank = len(value.shape)
    axis = op.attribute("axis", 1)
    if not -rank <= axis <= rank:
        raise op.refuse(f"has the axis {axis} for {rank} dimensions")
    axis = axis + rank if axis < 0 else axis
    shape = (size_of(value.shape[:axis]), size_of(value.shape[axis:]))
    return (move(value, lambda v: v.reshape(shape)),)


def lower_reshape(op: Operation) -> tuple[Value, ...]:
    """0 keeps a dimension, unless `allowzero`; one -1 takes what is left."""
    value, wanted = op.value(0), op.wholes(1)
    shape = list(wanted)
    for place, size in enumerate(wanted):
        if size == 0 and not op.attribute("allowzero", 0):
            if place >= len(value.shape):
                raise op.refuse(f"keeps dimension {place}, which is not there", 1)
            shape[place] = value.shape[place]
    if shape.count(-1) > 1 or any(size < -1 for size in shape):
        raise op.refuse(f"to the shape {list(wanted)} means nothing", 1)
    size = size_of(value.shape)
    if -1 in shape:
        rest = size_of(tuple(s for s in shape if s != -1))
        if not rest or size % rest:
            raise op.refuse(f"of {value.shape} to {list(wanted)} does not fit", 1)
        shape[shape.index(-1)] = size // rest
    if size_of(tuple(shape)) != size:
        raise op.refuse(f"of {value.shape} to {list(wanted)} does not fit", 1)
    op.check(tuple(shape))
    return (move(value, lambda v: v.reshape(tuple(shape))),)


def lower_transpose(op: Operation) -> tuple[Value, ...]:
    value = op.value(0)
    rank = len(value.shape)
    order = tuple(op.attribute("perm", tuple(reversed(range(rank)))))
    if sorted(order) != list(range(rank)):
        raise op.refuse(f"has the order {order} for {rank} dimensions")
    return (move(value, lambda v: np.transpose(v, order)),)


def read_axes(op: Operation) -> tuple[int, ...] | None:
    """Axes are an attribute before opset 13, an input from it on."""
    if op.opset < 13:
        known = op.attribute("axes")
        return None if known is None else tuple(known)
    return None if op.get(1) is None else op.wholes(1)


def lower_squeeze(op: Operation) -> tuple[Value, ...]:
    value = op.value(0)
    axes = read_axes(op)
    if axes is None:
        chosen = tuple(i for i, size in enumerate(value.shape) if size == 1)
    else:
        chosen = op.axes(axes, len(value.shape))
    if any(value.shape[axis] != 1 for axis in chosen):
        raise op.refuse(f"removes axes {chosen} of {value.shape}, not all of size 1")
    return (move(value, lambda v: np.squeeze(v, chosen)),)


def lower_unsqueeze(op: Operation) -> tuple[Value, ...]:
    value = op.value(0)
    axes = read_axes(op)
    if axes is None:
        raise op.refuse("has no axes")
    rank = len(value.shape) + len(axes)
    chosen = op.axes(axes, rank)
    rest = iter(value.shape)
    shape = tuple(1 if axis in chosen else next(rest) for axis in range(rank))
    op.check(shape)
    return (move(value, lambda v: v.reshape(shape)),)
