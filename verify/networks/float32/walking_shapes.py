"""Operators that move numbers and change none, for the walk over a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from verify.networks.float32.walking import NotWalked, Operator, Step, Value
from verify.networks.reading.graph import Tensor


def pad(
    step: Step, value: Value, pads: Sequence[tuple[int, int]], fill: float
) -> Tensor:
    """The value in the arithmetic with `fill` around it; negative pads cut."""
    inner = step.raise_up(value)
    shape = [
        size + before + after
        for size, (before, after) in zip(value.shape, pads, strict=True)
    ]
    lifted = step.arithmetic.lift(np.full(shape, fill, np.float32))
    around, inner = step.arithmetic.alike([lifted, inner])
    made = np.array(around)
    target, source = [slice(None)], [slice(None)]
    for size, (before, after) in zip(value.shape, pads, strict=True):
        target.append(slice(max(before, 0), max(before, 0) + size + min(before, 0)
                            + min(after, 0)))  # fmt: skip
        source.append(slice(max(-before, 0), size - max(-after, 0)))
    made[tuple(target)] = inner[tuple(source)]
    return made


def _unchanged(step: Step) -> tuple[Value, ...]:
    return (step.value(0),)


def _constant(step: Step) -> tuple[Value, ...]:
    for name in ("value", "value_float", "value_floats", "value_int", "value_ints"):
        found = step.node.attribute(name)
        if found is not None:
            array = np.asarray(found)
            if array.dtype == np.float64:
                array = array.astype(np.float32)
            return (Value(array[np.newaxis], constant=True),)
    raise NotWalked(f"{step.node.label} has no number")


def _shape(step: Step) -> tuple[Value, ...]:
    shape = step.value(0).shape
    start = step.node.attribute("start", 0)
    end = step.node.attribute("end", len(shape))
    sizes = np.array([shape[start:end]], np.int64)
    return (Value(sizes, constant=True),)


def _constant_of_shape(step: Step) -> tuple[Value, ...]:
    fill = step.node.attribute("value", np.zeros(1, np.float32))
    sizes = (1, *(int(size) for size in step.constant(0)))
    made: Tensor = np.full(sizes, fill.ravel()[0], fill.dtype)
    return (Value(made, constant=True),)


def _cast(step: Step) -> tuple[Value, ...]:
    value, to = step.value(0), step.node.attribute("to")
    kinds = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_}
    if value.constant and to in kinds:
        made: Tensor = value.array.astype(kinds[to])
        if np.array_equal(made.astype(np.float64), value.array.astype(np.float64)):
            return (Value(made, constant=True),)
    if not value.constant and to == 1:
        return (value,)
    raise NotWalked(f"{step.node.label} rounds to another kind of number")


def _dropout(step: Step) -> tuple[Value, ...]:
    value = step.value(0)
    kept = np.ones((1, *value.shape), np.bool_)
    return value, Value(kept, constant=True)


def _flatten(step: Step) -> tuple[Value, ...]:
    value = step.value(0)
    axis = _index(step.node.attribute("axis", 1), len(value.shape) + 1)
    rows = int(np.prod(value.shape[:axis], dtype=np.int64))
    columns = int(np.prod(value.shape[axis:], dtype=np.int64))
    return (_shaped(value, (rows, columns)),)


def _reshape(step: Step) -> tuple[Value, ...]:
    value, wanted = step.value(0), list(step.whole("shape", 1) or ())
    if not step.node.attribute("allowzero", 0):
        for index, size in enumerate(wanted):
            if size == 0:
                wanted[index] = value.shape[index]
    if -1 in wanted:
        rest = int(np.prod([size for size in wanted if size != -1], dtype=np.int64))
        total = int(np.prod(value.shape, dtype=np.int64))
        wanted[wanted.index(-1)] = total // rest if rest else 0
    return (_shaped(value, tuple(wanted)),)


def _transpose(step: Step) -> tuple[Value, ...]:
    value = step.value(0)
    order = step.node.attribute("perm") or tuple(reversed(range(len(value.shape))))
    axes = (0, *(axis + 1 for axis in order))
    return (value._replace(array=value.array.transpose(axes)),)


def _squeeze(step: Step) -> tuple[Value, ...]:
    value, axes = step.value(0), step.whole("axes", 1)
    rank = len(value.shape)
    dropped = (
        {index for index, size in enumerate(value.shape) if size == 1}
        if axes is None
        else {_index(axis, rank) for axis in axes}
    )
    kept = [size for index, size in enumerate(value.shape) if index not in dropped]
    return (_shaped(value, tuple(kept)),)


def _unsqueeze(step: Step) -> tuple[Value, ...]:
    value, axes = step.value(0), step.whole("axes", 1) or ()
    rank = len(value.shape) + len(axes)
    added = {_index(axis, rank) for axis in axes}
    sizes = iter(value.shape)
    shape = tuple(1 if index in added else next(sizes) for index in range(rank))
    return (_shaped(value, shape),)


def _concat(step: Step) -> tuple[Value, ...]:
    values = [step.value(index) for index in range(len(step.values))]
    axis = _index(step.node.attribute("axis"), len(values[0].shape)) + 1
    constant = all(value.constant for value in values)
    arrays = [v.array if constant else step.raise_up(v) for v in values]
    if not constant:
        arrays = step.arithmetic.alike(arrays)
    return (Value(np.concatenate(arrays, axis), constant),)


def _slice(step: Step) -> tuple[Value, ...]:
    value = step.value(0)
    starts, ends = step.whole("starts", 1) or (), step.whole("ends", 2) or ()
    axes = step.whole("axes", 3) or tuple(range(len(starts)))
    steps = step.whole("steps", 4) or (1,) * len(starts)
    places = [np.arange(size) for size in value.shape]
    for start, end, axis, stride in zip(starts, ends, axes, steps, strict=True):
        index = _index(axis, len(value.shape))
        size = value.shape[index]
        low, high = (0, size) if stride > 0 else (-1, size - 1)
        first = min(max(start + size * (start < 0), max(low, 0)), high)
        last = min(max(end + size * (end < 0), low), size if stride > 0 else size - 1)
        places[index] = np.arange(first, last, stride)
    return (_picked(value, places),)


def _split(step: Step) -> tuple[Value, ...]:
    value = step.value(0)
    axis = _index(step.node.attribute("axis", 0), len(value.shape))
    sizes = step.whole("split", 1)
    if sizes is None:
        parts, size = len(step.node.outputs), value.shape[axis]
        each = -(-size // parts)
        sizes = tuple(min(each, size - each * part) for part in range(parts))
    ends = np.cumsum(sizes)[:-1]
    return tuple(
        value._replace(array=part) for part in np.split(value.array, ends, axis + 1)
    )


def _gather(step: Step) -> tuple[Value, ...]:
    value, indices = step.value(0), step.constant(1)
    axis = _index(step.node.attribute("axis", 0), len(value.shape))
    places = np.where(indices < 0, indices + value.shape[axis], indices)
    return (value._replace(array=np.take(value.array, places, axis + 1)),)


def _pad(step: Step) -> tuple[Value, ...]:
    value, sizes = step.value(0), step.whole("pads", 1) or ()
    if step.node.attribute("mode", "constant") != "constant":
        raise NotWalked(f"{step.node.label} does not pad with a constant")
    fill = step.node.attribute("value", 0.0)
    if step.given(2) is not None:
        fill = float(step.constant(2).ravel()[0])
    rank = len(value.shape)
    axes = step.whole("axes", 3) or tuple(range(rank))
    pads = [(0, 0)] * rank
    for number, axis in enumerate(axes):
        pads[_index(axis, rank)] = (sizes[number], sizes[number + len(axes)])
    return (Value(pad(step, value, pads, fill)),)


def _shaped(value: Value, shape: tuple[int, ...]) -> Value:
    return value._replace(array=value.array.reshape(len(value.array), *shape))


def _picked(value: Value, places: Sequence[Tensor]) -> Value:
    array = value.array
    for axis, place in enumerate(places, 1):
        array = np.take(array, place, axis)
    return value._replace(array=array)


def _index(axis: int, rank: int) -> int:
    return axis + rank if axis < 0 else axis


SHAPES: Final[dict[str, Operator]] = {
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": _unchanged,
    "Pad": _pad,
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
