"""Elementwise operators that are affine in what is computed: sums and scalings.

A product of two computed tensors is not piecewise linear and is refused. Constants are
folded exactly.
"""

from __future__ import annotations

from typing import Final

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
)
from verify.networks.reading.assembly import Sparse
from verify.networks.reading.operations import (
    Computed,
    Fixed,
    Operation,
    Value,
    Whole,
    widen,
)

ZERO: Final = make_array(0.0)
ONE: Final = make_array(1.0)


def lower_add(op: Operation) -> tuple[Value, ...]:
    return (combine(op, ONE),)


def lower_subtract(op: Operation) -> tuple[Value, ...]:
    return (combine(op, make_array(-1.0)),)


def combine(op: Operation, sign: Array) -> Value:
    """left + sign * right."""
    kind = op.same_kind()
    match op.value(0), op.value(1):
        case Whole(left, _), Whole(right, _):
            return _fold(op, left, right, sign.floats.item())
        case Fixed(a, _), Fixed(b, _):
            op.broadcast(a.shape, b.shape)
            return Fixed(add(a, multiply(b, sign)), kind)
        case Computed(references, _), Fixed(b, _):
            return Computed(op.affine(references, ONE, multiply(b, sign)), kind)
        case Fixed(a, _), Computed(references, _):
            return Computed(op.affine(references, sign, a), kind)
    shape = op.broadcast(op.numbers(0).shape, op.numbers(1).shape)
    size = int(np.prod(shape, dtype=np.int64))
    rows = np.arange(size)
    left, right = (
        np.broadcast_to(op.references(place), shape).ravel() for place in (0, 1)
    )
    terms = (
        Sparse(rows, left, make_array(np.ones(size))),
        Sparse(rows, right, widen(sign, (size,))),
    )
    made = op.assembly.sum(terms, make_array(np.zeros(size)), op.node.label)
    return Computed(made.reshape(shape), kind)


def _fold(op: Operation, left: object, right: object, sign: float) -> Whole:
    a = np.asarray(left, dtype=object)
    b = np.asarray(right, dtype=object) * int(sign)
    op.broadcast(a.shape, b.shape)
    return whole(op, a + b)


def whole(op: Operation, values: object) -> Whole:
    """Whole numbers of any size as a value; raises ModelError beyond 64 bits."""
    exact = np.asarray(values, dtype=object)
    if any(not -(2**63) <= value < 2**63 for value in exact.ravel()):
        raise op.refuse("gives a whole number of more than 64 bits")
    return Whole(exact.astype(np.int64), op.same_kind())


def lower_multiply(op: Operation) -> tuple[Value, ...]:
    kind = op.same_kind()
    left, right = op.value(0), op.value(1)
    if isinstance(left, Whole) and isinstance(right, Whole):
        op.broadcast(left.shape, right.shape)
        return (whole(op, left.values.astype(object) * right.values.astype(object)),)
    if isinstance(left, Computed) and isinstance(right, Computed):
        raise op.refuse("of two computed tensors is not piecewise linear")
    if isinstance(left, Fixed) and isinstance(right, Fixed):
        op.broadcast(left.shape, right.shape)
        return (Fixed(multiply(left.array, right.array), kind),)
    place = 0 if isinstance(left, Computed) else 1
    scale = op.fixed(1 - place).array
    return (Computed(op.affine(op.references(place), scale, ZERO), kind),)


def lower_divide(op: Operation) -> tuple[Value, ...]:
    kind = op.same_kind()
    left, right = op.value(0), op.value(1)
    if isinstance(left, Whole) and isinstance(right, Whole):
        if not right.values.all():
            raise op.refuse("divides by zero", 1)
        op.broadcast(left.shape, right.shape)
        a, b = left.values.astype(object), right.values.astype(object)
        quotient = np.abs(a) // np.abs(b) * np.sign(a) * np.sign(b)  # toward zero
        return (whole(op, quotient),)
    if isinstance(right, Computed):
        raise op.refuse("by a computed tensor is not piecewise linear", 1)
    divisor = op.fixed(1).array
    if not np.all(fractions_of(divisor) != 0):
        raise op.refuse("divides by zero", 1)
    if isinstance(left, Fixed):
        op.broadcast(left.shape, right.shape)
        return (Fixed(divide(left.array, divisor), kind),)
    scale = divide(ONE, divisor)
    return (Computed(op.affine(op.references(0), scale, ZERO), kind),)


def lower_negate(op: Operation) -> tuple[Value, ...]:
    value = op.value(0)
    match value:
        case Whole(values, _):
            return (whole(op, -values.astype(object)),)
        case Fixed(array, kind):
            return (Fixed(negate(array), kind),)
        case Computed(references, kind):
            return (Computed(op.affine(references, make_array(-1.0), ZERO), kind),)


def lower_power(op: Operation) -> tuple[Value, ...]:
    """x ^ n for a constant whole n: 0 and 1 of anything, 2 to 8 of constants."""
    value, exponents = op.numbers(0), op.value(1)
    powers = (
        exponents.values if isinstance(exponents, Whole) else op.fixed(1).array.floats
    )
    known = set(np.unique(powers).tolist())
    shape = op.broadcast(value.shape, exponents.shape)
    if not known <= {float(n) for n in range(9)}:
        raise op.refuse("has exponents other than 0 to 8", 1)
    if isinstance(value, Fixed):
        bases = np.broadcast_to(fractions_of(value.array), shape)
        made = np.empty(shape, dtype=object)
        made[...] = bases ** np.broadcast_to(powers, shape).astype(object).astype(int)
        return (Fixed(make_exact(made), value.kind),)
    if not known <= {0.0, 1.0}:
        raise op.refuse(
            "of a computed tensor with an exponent of 2 or more is not piecewise linear"
        )
    spread = np.broadcast_to(value.references, shape)
    ones = op.assembly.constants(fractions_of(make_array(np.ones(shape))))
    return (Computed(np.where(powers == 0, ones, spread), value.kind),)
