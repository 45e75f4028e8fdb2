"""Operators that take tensors apart and put them together: NumPy on references."""

from __future__ import annotations

from functools import partial

import numpy as np

from verify.networks.errors import show
from verify.networks.reading.arrays import Array, fractions_of, join, make_exact
from verify.networks.reading.graph import Tensor
from verify.networks.reading.operations import (
    Computed,
    Fixed,
    Operation,
    Value,
    Whole,
    constant,
    move,
)


def lower_concat(op: Operation) -> tuple[Value, ...]:
    kind = op.same_kind()
    values = [op.value(place) for place in range(len(op.inputs))]
    rank = len(values[0].shape)
    axis = op.axis(op.attribute("axis"), rank)
    shapes = {v.shape[:axis] + v.shape[axis + 1 :] for v in values}
    if len(shapes) > 1 or any(len(v.shape) != rank for v in values):
        raise op.refuse(f"joins shapes {', '.join(str(v.shape) for v in values)}")
    size = sum(v.shape[axis] for v in values)
    op.check((*values[0].shape[:axis], size, *values[0].shape[axis + 1 :]))
    if all(isinstance(v, Whole) for v in values):
        parts = [v.values for v in values if isinstance(v, Whole)]
        return (Whole(np.concatenate(parts, axis), kind),)
    if all(isinstance(v, Fixed) for v in values):
        arrays = [v.array for v in values if isinstance(v, Fixed)]
        return (Fixed(join(arrays, axis), kind),)
    references = [op.references(place) for place in range(len(values))]
    return (Computed(np.concatenate(references, axis), kind),)


def lower_slice(op: Operation) -> tuple[Value, ...]:
    """Bounds are attributes before opset 10, inputs from it on; they are clamped."""
    value = op.value(0)
    rank = len(value.shape)
    if op.opset < 10:
        starts, ends = (tuple(op.attribute(name, ())) for name in ("starts", "ends"))
        axes, steps = op.attribute("axes"), None
    else:
        starts, ends = op.wholes(1), op.wholes(2)
        axes = None if op.get(3) is None else op.wholes(3)
        steps = None if op.get(4) is None else op.wholes(4)
    axes = tuple(range(len(starts))) if axes is None else tuple(axes)
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise op.refuse("has bounds, axes and steps of different number")
    cut = [slice(None)] * rank
    for start, end, axis, step in zip(
        starts, ends, op.axes(axes, rank), steps, strict=True
    ):
        if step == 0:
            raise op.refuse("has the step 0", 4)
        size = value.shape[axis]
        first = start + size if start < 0 else start
        last = end + size if end < 0 else end
        first = min(max(first, 0), size - (step < 0))
        last = min(max(last, -(step < 0)), size)
        cut[axis] = slice(first, None if last < 0 else last, step)
    return (move(value, lambda v: v[tuple(cut)]),)


def lower_split(op: Operation) -> tuple[Value, ...]:
    value = op.value(0)
    count = len(op.node.outputs)
    axis = op.axis(op.attribute("axis", 0), len(value.shape))
    size = value.shape[axis]
    if op.opset < 13:
        given = op.attribute("split")
    else:
        given = None if op.get(1) is None else op.wholes(1)
    if given is None:
        wanted = op.attribute("num_outputs", count)
        if wanted != count or (op.opset < 18 and size % count):
            raise op.refuse(f"of size {size} into {count} parts does not fit")
        part = -(-size // count)
        sizes = [part] * (count - 1) + [size - part * (count - 1)]
    else:
        sizes = list(given)
    if len(sizes) != count or sum(sizes) != size or any(s < 0 for s in sizes):
        raise op.refuse(f"of size {size} into {sizes} does not fit")
    ends = np.cumsum(sizes).tolist()
    return tuple(
        move(value, partial(_part, axis=axis, start=end - size, end=end))
        for size, end in zip(sizes, ends, strict=True)
    )


def _part(values: Tensor, axis: int, start: int, end: int) -> Tensor:
    return values[(slice(None),) * axis + (slice(start, end),)]


def lower_gather(op: Operation) -> tuple[Value, ...]:
    """Constant indices along one axis; negative ones count from the end."""
    value, indices = op.value(0), op.value(1)
    if not isinstance(indices, Whole) or indices.kind == "bool":
        raise op.refuse("needs constant indices", 1)
    axis = op.axis(op.attribute("axis", 0), len(value.shape))
    size = value.shape[axis]
    if ((indices.values < -size) | (indices.values >= size)).any():
        raise op.refuse(f"has an index beyond the size {size}", 1)
    op.check((*value.shape[:axis], *indices.shape, *value.shape[axis + 1 :]))
    return (move(value, lambda v: np.take(v, indices.values % max(size, 1), axis)),)


def lower_pad(op: Operation) -> tuple[Value, ...]:
    """Padding with a constant, 0 by default; negative amounts crop."""
    value = op.numbers(0)
    rank = len(value.shape)
    mode = op.attribute("mode", "constant")
    if mode != "constant":
        raise op.refuse(f"in mode {show(mode)} is not read", fix="pad with a constant")
    if op.opset < 11:
        pads = tuple(op.attribute("pads", ()))
        filling = constant(op.attribute("value", 0.0))
    else:
        pads = op.wholes(1)
        filling = constant(0) if op.get(2) is None else op.fixed(2).array
    axes = tuple(range(rank)) if op.get(3) is None else op.axes(op.wholes(3), rank)
    if len(pads) != 2 * len(axes) or filling.floats.size != 1:
        raise op.refuse(f"has {len(pads)} amounts for {len(axes)} axes")
    amounts = [(0, 0)] * rank
    for place, axis in enumerate(axes):
        amounts[axis] = (pads[place], pads[place + len(axes)])
    shape = tuple(
        size + low + high
        for size, (low, high) in zip(value.shape, amounts, strict=True)
    )
    op.check(shape)
    padded = _pad(op, value, amounts, filling)
    return (padded,)


def _pad(
    op: Operation,
    value: Fixed | Computed,
    amounts: list[tuple[int, int]],
    filling: Array,
) -> Value:
    cut = tuple(
        slice(max(-low, 0), size - max(-high, 0))
        for size, (low, high) in zip(value.shape, amounts, strict=True)
    )
    grow = [(max(low, 0), max(high, 0)) for low, high in amounts]
    number = fractions_of(filling).reshape(())
    if isinstance(value, Fixed):
        exact = fractions_of(value.array)[cut]
        padded = np.pad(exact, grow, constant_values=number.item())
        return Fixed(make_exact(padded), value.kind)
    place = int(op.assembly.constants(number))
    references = np.pad(value.references[cut], grow, constant_values=place)
    return Computed(references, value.kind)
