"""Operators that add many products, for the walk over a graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final, NamedTuple

import numpy as np

from verify.networks.float32.walking import NotWalked, Operator, Step, Value, scalar
from verify.networks.float32.walking_elements import ELEMENTS, aligned
from verify.networks.float32.walking_shapes import SHAPES, pad
from verify.networks.reading.graph import Tensor


def _matmul(step: Step) -> tuple[Value, ...]:
    """A computed tensor times a constant matrix, or the reverse, transposed."""
    left, right = step.value(0), step.value(1)
    if not left.constant:
        return (Value(_product(step, left.array, step.constant(1))),)
    array = right.array
    if array.ndim == 2:  # a vector to the right of a matrix
        made = _product(step, array[:, np.newaxis, :], step.constant(0).T)
        return (Value(made[:, 0, :]),)
    turned = _product(step, array.swapaxes(-1, -2), step.constant(0).T)
    return (Value(turned.swapaxes(-1, -2)),)


def _product(step: Step, values: Tensor, weights: Tensor) -> Tensor:
    if weights.ndim not in (1, 2):
        raise NotWalked(
            f"{step.node.label} has a constant of {weights.ndim} dimensions"
        )
    columns = weights.reshape(len(weights), -1)
    rows = values.reshape(len(values), -1, values.shape[-1])
    made = step.arithmetic.dot(rows, columns, None)
    last = (columns.shape[1],) if weights.ndim == 2 else ()
    return made.reshape(*values.shape[:-1], *last)


def _gemm(step: Step) -> tuple[Value, ...]:
    """alpha * A B + beta * C; one sum a number when alpha and beta are 1."""
    arithmetic, node = step.arithmetic, step.node
    values, weights = step.lifted(0), step.constant(1)
    values = values.swapaxes(1, 2) if node.attribute("transA", 0) else values
    weights = weights.T if node.attribute("transB", 0) else weights
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    given = step.given(2)
    bias = given.array[0] if given is not None and given.constant else None
    merged = bias is not None and alpha == beta == 1.0 and bias.ndim < 3
    if bias is not None and merged and (bias.ndim < 2 or len(bias) == 1):
        flat = np.broadcast_to(bias.ravel(), weights.shape[1:])
        return (Value(arithmetic.dot(values, weights, flat)),)
    made = arithmetic.dot(values, weights, None)
    if alpha != 1.0:
        made = _scaled(step, made, alpha)
    if given is not None:
        added = step.lifted(2)
        added = added if beta == 1.0 else _scaled(step, added, beta)
        made = arithmetic.add(*aligned(made, added))
    return (Value(made),)


def _scaled(step: Step, values: Tensor, factor: float) -> Tensor:
    lifted = step.arithmetic.lift(scalar(factor))
    return step.arithmetic.multiply(*aligned(values, lifted))


def _convolve(step: Step) -> tuple[Value, ...]:
    values, weights = step.value(0), step.constant(1)
    groups = step.node.attribute("group", 1)
    kernel = weights.shape[2:]
    patches = _windows(step, values, kernel, 0.0)  # axis, batch, channel, K, out...
    axis, batch, channels = patches.shape[:3]
    out = patches.shape[4:]
    share, made = channels // groups, weights.shape[0] // groups
    bias = step.constant(2) if step.given(2) is not None else None
    parts = []
    for group in range(groups):
        mine = patches[:, :, group * share : (group + 1) * share]
        rows = np.moveaxis(mine.reshape(axis, batch, -1, prod(out)), 2, 3)
        filters = weights[group * made : (group + 1) * made].reshape(made, -1)
        sums = step.arithmetic.dot(
            rows.reshape(axis, -1, rows.shape[-1]),
            filters.T,
            None if bias is None else bias[group * made : (group + 1) * made],
        )
        parts.append(np.moveaxis(sums.reshape(len(sums), batch, -1, made), 3, 2))
    joined = np.concatenate(step.arithmetic.alike(parts), axis=2)
    return (Value(joined.reshape(len(joined), batch, -1, *out)),)


def _max_pool(step: Step) -> tuple[Value, ...]:
    kernel = tuple(step.node.attribute("kernel_shape"))
    patches = _windows(step, step.value(0), kernel, -np.inf)
    made = patches[:, :, :, 0]
    for place in range(1, patches.shape[3]):
        made = step.arithmetic.maximum(made, patches[:, :, :, place])
    return (Value(made),)


def _average_pool(step: Step) -> tuple[Value, ...]:
    """The sum of each window, divided by how many numbers count."""
    kernel = tuple(step.node.attribute("kernel_shape"))
    value = step.value(0)
    patches = _windows(step, value, kernel, 0.0)
    sums = _total(step, np.moveaxis(patches, 3, -1))
    if step.node.attribute("count_include_pad", 0):
        if step.node.attribute("ceil_mode", 0):
            raise NotWalked(f"{step.node.label} counts padding and rounds up")
        count = np.full((1, 1, *sums.shape[3:]), prod(kernel), np.float32)
    else:
        slide = _plan(step, value.shape[2:], kernel)
        ones = np.ones((1, 1, 1, *value.shape[2:]), np.float32)
        inside = np.pad(ones, [(0, 0), (0, 0), (0, 0), *slide.pads])
        count = _seen(inside, slide)[0].sum(axis=2)
    divisor = step.arithmetic.lift(count)
    return (Value(step.arithmetic.divide(*aligned(sums, divisor))),)


def _global_average(step: Step) -> tuple[Value, ...]:
    values = step.lifted(0)
    spatial = values.shape[3:]
    sums = _total(step, values.reshape(*values.shape[:3], -1))
    sums = sums.reshape(*values.shape[:3], *(1,) * len(spatial))
    divisor = step.arithmetic.lift(scalar(prod(spatial)))
    return (Value(step.arithmetic.divide(*aligned(sums, divisor))),)


def _reduce(mean: bool) -> Operator:
    def run(step: Step) -> tuple[Value, ...]:
        values = step.lifted(0)
        shape = values.shape[1:]
        axes = step.whole("axes", 1)
        if not axes and step.node.attribute("noop_with_empty_axes", 0):
            return (Value(values),)
        chosen = {axis % len(shape) for axis in axes or range(len(shape))}
        kept = [axis for axis in range(len(shape)) if axis not in chosen]
        order = (0, *(axis + 1 for axis in (*kept, *sorted(chosen))))
        moved = values.transpose(order)
        size = prod(shape[axis] for axis in chosen)
        sums = _total(step, moved.reshape(*moved.shape[: len(kept) + 1], size))
        if mean:
            divisor = step.arithmetic.lift(scalar(size))
            sums = step.arithmetic.divide(*aligned(sums, divisor))
        keep = step.node.attribute("keepdims", 1)
        final = [
            1 if axis in chosen else length
            for axis, length in enumerate(shape)
            if keep or axis not in chosen
        ]
        return (Value(sums.reshape(len(sums), *final)),)

    return run


def _total(step: Step, values: Tensor) -> Tensor:
    """The sum over the last axis, in the arithmetic's order."""
    rows = values.reshape(len(values), -1, values.shape[-1])
    ones = np.ones((values.shape[-1], 1), np.float32)
    return step.arithmetic.dot(rows, ones, None).reshape(values.shape[:-1])


class Slide(NamedTuple):
    """How a kernel moves over a tensor: sizes for each of its dimensions."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    spread: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]


def _plan(step: Step, shape: Sequence[int], kernel: Sequence[int]) -> Slide:
    node, rank = step.node, len(kernel)
    strides = tuple(node.attribute("strides", (1,) * rank))
    spread = tuple(node.attribute("dilations", (1,) * rank))
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, spread, strict=True)]
    pads = tuple(_paddings(step, shape, reach, strides))
    return Slide(tuple(kernel), strides, spread, pads)


def _windows(step: Step, value: Value, kernel: Sequence[int], fill: float) -> Tensor:
    """What each place of the kernel sees: (axis, batch, channel, places, out...)."""
    slide = _plan(step, value.shape[2:], kernel)
    return _seen(pad(step, value, [(0, 0), (0, 0), *slide.pads], fill), slide)


def _seen(padded: Tensor, slide: Slide) -> Tensor:
    sizes = [
        (size - (k - 1) * d - 1) // s + 1
        for size, k, d, s in zip(
            padded.shape[3:], slide.kernel, slide.spread, slide.strides, strict=True
        )
    ]
    seen = []
    for place in product(*(range(k) for k in slide.kernel)):
        region = tuple(
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, d, n, s in zip(
                place, slide.spread, sizes, slide.strides, strict=True
            )
        )
        seen.append(padded[(slice(None), slice(None), slice(None), *region)])
    return np.stack(seen, axis=3)


def _paddings(
    step: Step, shape: Sequence[int], reach: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    node, rank = step.node, len(shape)
    how = node.attribute("auto_pad", "NOTSET")
    flat = tuple(node.attribute("pads", (0,) * (2 * rank)))
    pads = list(zip(flat[:rank], flat[rank:], strict=True))
    if how in ("SAME_UPPER", "SAME_LOWER"):
        pads = []
        for size, r, s in zip(shape, reach, strides, strict=True):
            missing = max((-(-size // s) - 1) * s + r - size, 0)
            less, more = missing // 2, missing - missing // 2
            pads.append((less, more) if how == "SAME_UPPER" else (more, less))
    elif how == "VALID":
        pads = [(0, 0)] * rank
    elif node.attribute("ceil_mode", 0):
        for axis, (before, after) in enumerate(pads):
            size = shape[axis] + before + after
            windows = -(-(size - reach[axis]) // strides[axis]) + 1
            if (windows - 1) * strides[axis] >= shape[axis] + before:
                windows -= (
                    1  # a window must start inside the tensor or its left padding
                )
            lacking = (windows - 1) * strides[axis] + reach[axis] - size
            pads[axis] = (before, after + max(lacking, 0))
    return pads


SUMS: Final[dict[str, Operator]] = {
    "AveragePool": _average_pool,
    "Conv": _convolve,
    "Gemm": _gemm,
    "GlobalAveragePool": _global_average,
    "MatMul": _matmul,
    "MaxPool": _max_pool,
    "ReduceMean": _reduce(mean=True),
    "ReduceSum": _reduce(mean=False),
}

OPERATORS: Final[dict[str, Operator]] = {**SHAPES, **ELEMENTS, **SUMS}
