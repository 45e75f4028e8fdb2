"""Convolution and pooling: windows of references, then sums or maxima of them.

A window is a row of references, so padding, strides, dilations and groups are index
arithmetic, written once. Padding is marked apart from zero: a maximum ignores it, an
average may or may not count it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.errors import show
from verify.networks.reading.arrays import make_array, make_exact, rearrange, take
from verify.networks.reading.assembly import MAX_PAIRS, References, Sparse
from verify.networks.reading.graph import size_of
from verify.networks.reading.lowering_units import extreme_of
from verify.networks.reading.operations import Computed, Operation, Value, widen

PADDING: Final = -(2**62)  # the mark of a padded place
BEYOND: Final = PADDING - 1  # of a place behind the padding, which ceil_mode reaches
AUTO: Final = ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")


class Frame(NamedTuple):
    """How windows slide over one spatial dimension."""

    size: int
    kernel: int
    stride: int
    dilation: int
    low: int
    high: int
    number: int

    @property
    def places(self) -> NDArray[np.int64]:
        """(number, kernel): the padded place of each element of each window."""
        starts = np.arange(self.number)[:, None] * self.stride
        made: NDArray[np.int64] = starts + np.arange(self.kernel) * self.dilation
        return made


def make_frames(
    op: Operation, sizes: tuple[int, ...], kernel: tuple[int, ...]
) -> tuple[Frame, ...]:
    """The frames of all spatial dimensions, from the operator's attributes."""
    rank = len(sizes)
    strides = tuple(op.attribute("strides", (1,) * rank))
    dilations = tuple(op.attribute("dilations", (1,) * rank))
    pads = tuple(op.attribute("pads", (0,) * (2 * rank)))
    auto = op.attribute("auto_pad", "NOTSET")
    if not len(kernel) == len(strides) == len(dilations) == rank == len(pads) / 2:
        raise op.refuse(f"has windows that do not fit {rank} dimensions")
    if min((*kernel, *strides, *dilations), default=1) < 1 or min(pads, default=0) < 0:
        raise op.refuse("has a window, stride, dilation or padding that is too small")
    if auto not in AUTO:
        raise op.refuse(f"has the unknown auto_pad {show(auto)}")
    if auto != "NOTSET" and any(pads):
        raise op.refuse(f"has both pads and auto_pad {auto}")
    frames = []
    for axis, size in enumerate(sizes):
        span = dilations[axis] * (kernel[axis] - 1) + 1
        stride = strides[axis]
        low, high = pads[axis], pads[axis + rank]
        if auto == "VALID":
            low = high = 0
        elif auto != "NOTSET":
            total = (-(-size // stride) - 1) * stride + span - size
            if dilations[axis] > 1 or total < 0:
                raise op.refuse(
                    f"with auto_pad {auto} is padded differently by different engines",
                    fix="write the pads out",
                )
            half, rest = total // 2, total - total // 2
            low, high = (half, rest) if auto == "SAME_UPPER" else (rest, half)
        room = size + low + high - span
        if room < 0:
            raise op.refuse(f"has windows larger than the dimension {axis + 2}")
        count = room // stride + 1
        is_ceil = op.attribute("ceil_mode", 0) and room % stride
        if is_ceil and count * stride < size + low:  # not wholly in the padding
            count += 1
        frames.append(
            Frame(size, kernel[axis], stride, dilations[axis], low, high, count)
        )
    return tuple(frames)


def make_windows(references: References, frames: tuple[Frame, ...]) -> References:
    """(N, C, *counts, elements of a window) from (N, C, *sizes)."""
    made = references
    for axis, frame in enumerate(frames):
        at = 2 + 2 * axis
        places = frame.places
        beyond = max(int(places.max(initial=0)) + 1 - frame.size - frame.low, 0)
        grow = [(0, 0)] * made.ndim
        grow[at] = (frame.low, beyond)
        padded = np.pad(made, grow, constant_values=PADDING)
        behind = frame.low + frame.size + frame.high
        padded[(slice(None),) * at + (slice(behind, None),)] = BEYOND
        made = np.take(padded, places, axis=at)
    rank = len(frames)
    order = (0, 1, *(2 + 2 * i for i in range(rank)), *(3 + 2 * i for i in range(rank)))
    counts = tuple(frame.number for frame in frames)
    elements = size_of(tuple(frame.kernel for frame in frames))
    return np.transpose(made, order).reshape(*references.shape[:2], *counts, elements)


def lower_convolution(op: Operation) -> tuple[Value, ...]:
    kind = op.same_kind()
    weights = op.fixed(1).array
    shape = op.numbers(0).shape
    if len(shape) not in (3, 4) or len(weights.shape) != len(shape):
        raise op.refuse(f"of shapes {shape} and {weights.shape} is not read")
    groups = op.attribute("group", 1)
    kernel = weights.shape[2:]
    if tuple(op.attribute("kernel_shape", kernel)) != kernel:
        raise op.refuse("has a kernel shape other than its weights'")
    made, inner = weights.shape[:2]
    if groups < 1 or shape[1] != groups * inner or made % groups or not made:
        raise op.refuse(f"of {shape[1]} channels in {groups} groups does not fit")
    frames = make_frames(op, shape[2:], kernel)
    counts = tuple(frame.number for frame in frames)
    out = (shape[0], made, *counts)
    op.check(out)
    places, elements = size_of(counts), inner * size_of(kernel)
    pairs = (shape[0], groups, made // groups, places, elements)
    if size_of(pairs) > MAX_PAIRS:
        raise op.refuse(f"has over {MAX_PAIRS} products")
    windows = make_windows(op.references(0), frames)
    windows = np.where(windows <= PADDING, -1, windows)
    # (N, groups, channels of a group, places, kernel) -> elements last
    windows = windows.reshape(shape[0], groups, inner, places, size_of(kernel))
    windows = windows.swapaxes(2, 3)
    spread = windows.reshape(shape[0], groups, 1, places, elements)
    flat = rearrange(weights, lambda v: v.reshape(groups, made // groups, 1, elements))
    term = Sparse(
        np.repeat(np.arange(size_of(pairs[:-1])), elements),
        np.broadcast_to(spread, pairs).ravel(),
        widen(flat, pairs),
    )
    bias = make_array(np.zeros(made)) if op.get(2) is None else op.fixed(2).array
    if bias.shape != (made,):
        raise op.refuse(f"has a bias of shape {bias.shape} for {made} channels", 2)
    shift = widen(rearrange(bias, lambda v: v[:, None]), (shape[0], made, places))
    references = op.assembly.sum((term,), shift, op.node.label)
    return (Computed(references.reshape(out), kind),)


def _pool(op: Operation) -> tuple[References, tuple[int, ...]]:
    """Windows, a row each, and the shape of the result."""
    shape = op.numbers(0).shape
    if len(shape) not in (3, 4):
        raise op.refuse(f"of the shape {shape} is not read", 0)
    kernel = tuple(op.attribute("kernel_shape", ()))
    frames = make_frames(op, shape[2:], kernel)
    out = (*shape[:2], *(frame.number for frame in frames))
    op.check(out)
    if size_of((*out, *kernel)) > MAX_PAIRS:
        raise op.refuse(f"has over {MAX_PAIRS} elements in its windows")
    windows = make_windows(op.references(0), frames)
    return windows.reshape(size_of(out), size_of(kernel)), out


def lower_max_pool(op: Operation) -> tuple[Value, ...]:
    """The maximum of each window; padding does not take part."""
    windows, shape = _pool(op)
    inside = windows > PADDING
    if not inside.any(axis=1).all():
        raise op.refuse("has a window that lies wholly in the padding")
    first = np.take_along_axis(windows, inside.argmax(axis=1)[:, None], axis=1)
    filled = np.where(inside, windows, first)
    parts = [filled[:, i] for i in range(filled.shape[1])]
    return (op.computed(extreme_of(op, parts, 1).reshape(shape)),)


def lower_average_pool(op: Operation) -> tuple[Value, ...]:
    """The mean of each window; `count_include_pad` counts padding as zeros."""
    windows, shape = _pool(op)
    inside = windows > PADDING
    counted = inside
    if op.attribute("count_include_pad", 0):
        if (windows == BEYOND).any():
            raise op.refuse("counts padding in windows that reach beyond it")
        counted = np.ones_like(inside)
    counts = counted.sum(axis=1)
    if not counts.all():
        raise op.refuse("has a window that lies wholly in the padding")
    rows = np.repeat(np.arange(len(windows)), windows.shape[1])[inside.ravel()]
    shares = np.empty(len(windows), dtype=object)
    shares[:] = [Fraction(1, count) for count in counts.tolist()]
    weights = take(make_exact(shares), rows)
    term = Sparse(rows, windows[inside], weights)
    made = op.assembly.sum((term,), make_array(np.zeros(len(windows))), op.node.label)
    return (op.computed(made.reshape(shape)),)
