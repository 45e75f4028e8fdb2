"""Operators with a bend, in terms of relu, sigmoid and sign between affine layers.

    |x| = 2 relu(x) - x                 leaky(x) = a x + (1 - a) relu(x)
    max(a, b) = a + relu(b - a)         min(a, b) = a - relu(a - b)
    clip(x, l, u) = l + relu(x - l) - relu(x - u) for l <= u
    tanh(x) = 2 sigmoid(2 x) - 1

Each holds exactly over the reals. The operators work on constants too.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import numpy as np

from verify.networks.network import RELU, SIGMOID, SIGN
from verify.networks.reading.arrays import (
    Array,
    Fractions,
    add,
    fractions_of,
    make_array,
    make_exact,
    negate,
)
from verify.networks.reading.assembly import References, Sparse
from verify.networks.reading.lowering_affine import ONE, ZERO
from verify.networks.reading.operations import (
    Computed,
    Fixed,
    Operation,
    Value,
    constant,
    widen,
)

FLOAT32_MAX: Final = float(np.finfo(np.float32).max)


def lower_relu(op: Operation) -> tuple[Value, ...]:
    value = op.numbers(0)
    if isinstance(value, Fixed):
        return (_fold(value, lambda x: max(x, Fraction(0))),)
    return (_units(op, op.assembly.unit(RELU, value.references, op.node.label)),)


def lower_sigmoid(op: Operation) -> tuple[Value, ...]:
    return (_units(op, op.assembly.unit(SIGMOID, op.references(0), op.node.label)),)


def lower_sign(op: Operation) -> tuple[Value, ...]:
    value = op.numbers(0)
    if isinstance(value, Fixed):
        return (_fold(value, lambda x: Fraction((x > 0) - (x < 0))),)
    return (_units(op, op.assembly.unit(SIGN, value.references, op.node.label)),)


def lower_tanh(op: Operation) -> tuple[Value, ...]:
    doubled = op.affine(op.references(0), make_array(2.0), ZERO)
    halves = op.assembly.unit(SIGMOID, doubled, op.node.label)
    return (_units(op, op.affine(halves, make_array(2.0), make_array(-1.0))),)


def lower_abs(op: Operation) -> tuple[Value, ...]:
    value = op.numbers(0)
    if isinstance(value, Fixed):
        return (_fold(value, abs),)
    x = value.references
    bent = op.assembly.unit(RELU, x, op.node.label)
    return (_units(op, _weigh(op, (x, make_array(-1.0)), (bent, make_array(2.0)))),)


def lower_leaky(op: Operation) -> tuple[Value, ...]:
    slope = constant(op.attribute("alpha", float(np.float32(0.01))))
    value = op.numbers(0)
    if isinstance(value, Fixed):
        a = fractions_of(slope).item()
        return (_fold(value, lambda x: x if x >= 0 else a * x),)
    x = value.references
    bent = op.assembly.unit(RELU, x, op.node.label)
    rest = add(ONE, negate(slope))
    return (_units(op, _weigh(op, (x, slope), (bent, rest))),)


def lower_clip(op: Operation) -> tuple[Value, ...]:
    """Bounds are attributes before opset 11; those beyond float32 bound nothing."""
    low, high = (
        _bound(op, name, place) for place, name in enumerate(("min", "max"), 1)
    )
    value = op.numbers(0)
    if isinstance(value, Fixed):

        def fold(x: Fraction) -> Fraction:
            raised = x if low is None else max(x, low)
            return raised if high is None else min(raised, high)

        return (_fold(value, fold),)
    if low is None and high is None:
        return (value,)
    x = value.references
    if low is not None and high is not None and low >= high:  # ONNX: all are `max`
        made = np.empty(x.shape, dtype=object)
        made[...] = high
        return (Computed(op.assembly.constants(made), value.kind),)
    parts: list[tuple[References, Array]] = []
    shift = ZERO
    if low is None:
        parts.append((x, ONE))
    else:
        above = op.affine(x, ONE, constant(-low))
        parts.append((op.assembly.unit(RELU, above, op.node.label), ONE))
        shift = constant(low)
    if high is not None:
        above = op.affine(x, ONE, constant(-high))
        bent = op.assembly.unit(RELU, above, op.node.label)
        parts.append((bent, make_array(-1.0)))
    if len(parts) == 1:
        return (_units(op, op.affine(parts[0][0], ONE, shift)),)
    return (_units(op, _weigh(op, *parts, shift=shift)),)


def _bound(op: Operation, name: str, place: int) -> Fraction | None:
    if op.get(place) is None:
        known = op.attribute(name)
        number = None if known is None else Fraction(known)
    else:
        array = op.fixed(place).array
        if array.floats.size != 1:
            raise op.refuse(f"has a bound of shape {array.shape}", place)
        number = fractions_of(array).item()
    return None if number is None or abs(number) >= FLOAT32_MAX else number


def lower_max(op: Operation) -> tuple[Value, ...]:
    return (_extreme(op, 1),)


def lower_min(op: Operation) -> tuple[Value, ...]:
    return (_extreme(op, -1),)


def _extreme(op: Operation, sign: int) -> Value:
    kind = op.same_kind()
    values = [op.numbers(place) for place in range(len(op.inputs))]
    shape = op.broadcast(*(value.shape for value in values))
    fixed = [v for v in values if isinstance(v, Fixed)]
    parts = [
        np.broadcast_to(op.references(place), shape).ravel()
        for place, value in enumerate(values)
        if isinstance(value, Computed)
    ]
    if fixed:
        choose = np.maximum if sign > 0 else np.minimum
        known: Fractions = np.broadcast_to(fractions_of(fixed[0].array), shape)
        for value in fixed[1:]:
            known = choose(known, fractions_of(value.array))
        array = make_exact(np.array(known, dtype=object).reshape(shape))
        if not parts:
            return Fixed(array, kind)
        parts.append(op.assembly.constants(fractions_of(array)).ravel())
    return Computed(extreme_of(op, parts, sign).reshape(shape), kind)


def extreme_of(op: Operation, parts: list[References], sign: int) -> References:
    """The elementwise maximum (sign 1) or minimum (-1) of flat arrays of one length."""
    while len(parts) > 1:
        pairs = [
            _extreme_of_two(op, parts[i], parts[i + 1], sign)
            for i in range(0, len(parts) - 1, 2)
        ]
        parts = pairs + parts[len(parts) - len(parts) % 2 :]
    return parts[0]


def _extreme_of_two(
    op: Operation, left: References, right: References, sign: int
) -> References:
    """left + sign * relu(sign * (right - left)), where the two are not the same."""
    differ = left != right
    made = left.copy()
    if not differ.any():
        return made
    a, b = left[differ], right[differ]
    gap = _weigh(op, (b, make_array(float(sign))), (a, make_array(-float(sign))))
    bent = op.assembly.unit(RELU, gap, op.node.label)
    made[differ] = _weigh(op, (a, ONE), (bent, make_array(float(sign))))
    return made


def _weigh(
    op: Operation, *parts: tuple[References, Array], shift: Array = ZERO
) -> References:
    """The weighted sum of references of one shape, each part with one weight."""
    shape = parts[0][0].shape
    size = int(np.prod(shape, dtype=np.int64))
    rows = np.arange(size)
    terms = [
        Sparse(rows, references.ravel(), _repeat(weight, size))
        for references, weight in parts
    ]
    made = op.assembly.sum(terms, _repeat(shift, size), op.node.label)
    return made.reshape(shape)


def _repeat(number: Array, size: int) -> Array:
    return widen(number, (size,))


def _units(op: Operation, references: References) -> Computed:
    """The result of an activation: if it is a layer of its own, claims may name it."""
    stage = op.assembly.whole(references.ravel())
    if stage is not None and stage not in op.assembly.units:
        op.assembly.units.append(stage)
    return op.computed(references)


def _fold(value: Fixed, function: Callable[[Fraction], Fraction]) -> Fixed:
    made = np.empty(value.shape, dtype=object)
    flat = made.reshape(-1)
    for index, number in enumerate(fractions_of(value.array).ravel()):
        flat[index] = function(number)
    return Fixed(make_exact(made), value.kind)
