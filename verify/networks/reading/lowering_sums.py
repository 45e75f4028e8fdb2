"""Sums over axes, and normalisation by stored statistics."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isqrt

import numpy as np

from verify.networks.reading.arrays import (
    Array,
    add,
    divide,
    fractions_of,
    make_array,
    make_exact,
    multiply,
    negate,
    rearrange,
)
from verify.networks.reading.assembly import Sparse
from verify.networks.reading.graph import Tensor, size_of
from verify.networks.reading.lowering_affine import ONE, whole
from verify.networks.reading.operations import (
    Computed,
    Fixed,
    Operation,
    Value,
    Whole,
    constant,
    widen,
)

ROOT_BITS = 256  # of a root before it is rounded to 53


def lower_reduce_sum(op: Operation) -> tuple[Value, ...]:
    """Axes are an attribute before opset 13, an input from it on."""
    return (_reduce(op, axes_input=13, is_mean=False),)


def lower_reduce_mean(op: Operation) -> tuple[Value, ...]:
    """Axes are an attribute before opset 18, an input from it on."""
    return (_reduce(op, axes_input=18, is_mean=True),)


def _reduce(op: Operation, *, axes_input: int, is_mean: bool) -> Value:
    value = op.value(0)
    rank = len(value.shape)
    if op.opset < axes_input:
        given = op.attribute("axes")
    else:
        given = None if op.get(1) is None else op.wholes(1)
    if not given and op.opset >= axes_input and op.attribute("noop_with_empty_axes", 0):
        return value
    axes = op.axes(tuple(given), rank) if given else tuple(range(rank))
    kept = tuple(axis for axis in range(rank) if axis not in axes)
    inner = size_of(tuple(value.shape[axis] for axis in axes))
    if not inner:
        raise op.refuse("sums over no elements", 0)
    shape = tuple(
        1 if axis in axes else size
        for axis, size in enumerate(value.shape)
        if op.attribute("keepdims", 1) or axis not in axes
    )

    def lay_out(values: Tensor) -> Tensor:
        return np.transpose(values, kept + axes).reshape(size_of(shape), inner)

    factor = divide(ONE, make_array(float(inner))) if is_mean else ONE
    match value:
        case Whole(values, _) if not is_mean:
            return whole(op, lay_out(values.astype(object)).sum(axis=1).reshape(shape))
        case Fixed(array, kind):
            total = lay_out(fractions_of(array)).sum(axis=1)
            exact = make_exact(np.asarray(total, dtype=object).reshape(shape))
            return Fixed(multiply(exact, factor), kind)
        case Computed(references, kind):
            columns = lay_out(references)
            rows = np.repeat(np.arange(len(columns)), inner)
            weights = widen(factor, (rows.size,))
            made = op.assembly.sum(
                (Sparse(rows, columns.ravel(), weights),),
                make_array(np.zeros(len(columns))),
                op.node.label,
            )
            return Computed(made.reshape(shape), kind)
        case _:
            raise op.refuse(f"of {value.kind} numbers is not read", 0)


def lower_batch_normalisation(op: Operation) -> tuple[Value, ...]:
    """scale * (x - mean) / sqrt(variance + epsilon) + shift, channel by channel.

    The factor scale / sqrt(...) is irrational as a rule: then the nearest float64 is
    taken in its place, and a note says so.
    """
    if op.attribute("training_mode", 0) or op.attribute("spatial", 1) != 1:
        raise op.refuse("in training or per position is not read", 0)
    value = op.numbers(0)
    op.same_kind()
    if len(value.shape) < 2:
        raise op.refuse(f"of the shape {value.shape} has no channels", 0)
    stored = [op.fixed(place).array for place in range(1, 5)]
    if any(array.shape != (value.shape[1],) for array in stored):
        raise op.refuse(f"has statistics that do not fit {value.shape[1]} channels")
    scale, shift, mean, variance = stored
    epsilon = constant(op.attribute("epsilon", float(np.float32(1e-5))))
    total = fractions_of(add(variance, epsilon))
    if any(number <= 0 for number in total):
        raise op.refuse("has a variance plus epsilon that is not positive", 4)
    factors = _factors(op, fractions_of(scale), total)
    rest = add(shift, negate(multiply(mean, factors)))
    wide = (value.shape[1], *(1,) * (len(value.shape) - 2))
    factors, rest = (
        rearrange(array, lambda v: v.reshape(wide)) for array in (factors, rest)
    )
    if isinstance(value, Fixed):
        return (Fixed(add(multiply(value.array, factors), rest), value.kind),)
    return (Computed(op.affine(value.references, factors, rest), value.kind),)


def _factors(op: Operation, scale: Iterable[Fraction], total: Tensor) -> Array:
    made = np.empty(total.shape, dtype=object)
    is_exact = True
    for index, (number, square) in enumerate(zip(scale, total, strict=True)):
        root, is_root = _root(number * number / square)
        made[index] = root if number >= 0 else -root
        is_exact = is_exact and is_root
    if not is_exact:
        op.assembly.notes.append(
            f"{op.node.label}: the factors scale / sqrt(variance + epsilon) are "
            "irrational; the network has the float64 numbers nearest to them"
        )
    return make_exact(made)


def _root(square: Fraction) -> tuple[Fraction, bool]:
    """The square root if it is rational, else the float64 nearest to it."""
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    if top * top == square.numerator and bottom * bottom == square.denominator:
        return Fraction(top, bottom), True
    room = 2 * max(ROOT_BITS - square.numerator.bit_length(), 0)
    room += 2 * square.denominator.bit_length()
    root = isqrt((square.numerator << room) // square.denominator)
    # The root lies strictly between this and the next whole number.
    return Fraction(float(Fraction(2 * root + 1, 2 << (room // 2)))), False
