"""Matrix products of what is computed with what is constant: Gemm and MatMul."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from verify.networks.reading.arrays import (
    Array,
    add,
    fractions_of,
    make_array,
    make_exact,
    multiply,
    rearrange,
)
from verify.networks.reading.assembly import MAX_PAIRS, Dense, References, Sparse, Term
from verify.networks.reading.graph import size_of
from verify.networks.reading.lowering_affine import ONE, ZERO, combine
from verify.networks.reading.operations import (
    Computed,
    Fixed,
    Operation,
    Value,
    constant,
    move_numbers,
    widen,
)

MAX_FOLD: Final = 1_000_000  # products in a constant matrix product
BATCH: Final = 2  # the last dimensions of a matrix product are not batch dimensions


def lower_gemm(op: Operation) -> tuple[Value, ...]:
    """alpha * A' * B' + beta * C, with A' and B' perhaps transposed."""
    left, right = op.numbers(0), op.numbers(1)
    if len(left.shape) != 2 or len(right.shape) != 2:
        raise op.refuse(f"multiplies shapes {left.shape} and {right.shape}")
    kind = op.same_kind()
    if op.attribute("transA", 0):
        left = move_numbers(left, np.transpose)
    if op.attribute("transB", 0):
        right = move_numbers(right, np.transpose)
    alpha, beta = (constant(op.attribute(name, 1.0)) for name in ("alpha", "beta"))
    product = _product(op, left, right, alpha)
    if op.get(2) is None:
        return (product,)
    bias = op.numbers(2)
    if op.broadcast(product.shape, bias.shape) != product.shape:
        raise op.refuse(f"adds the shape {bias.shape} to {product.shape}", 2)
    if isinstance(bias, Fixed):
        shift = multiply(bias.array, beta)
        if isinstance(product, Fixed):
            return (Fixed(add(product.array, shift), kind),)
        return (Computed(op.affine(product.references, ONE, shift), kind),)
    term = op.affine(np.broadcast_to(bias.references, product.shape), beta, ZERO)
    joined = op._replace(inputs=(product, Computed(term, kind)))
    return (combine(joined, ONE),)


def lower_matmul(op: Operation) -> tuple[Value, ...]:
    """NumPy's matrix product, one of the two constant."""
    op.same_kind()
    left, right = op.numbers(0), op.numbers(1)
    if not left.shape or not right.shape:
        raise op.refuse("has an input without dimensions")
    a = left if len(left.shape) > 1 else _grow(left, 0)
    b = right if len(right.shape) > 1 else _grow(right, 1)
    made = _product(op, a, b, ONE)
    shape = made.shape
    if len(left.shape) == 1:
        shape = (*shape[:-2], shape[-1])
    if len(right.shape) == 1:
        shape = shape[:-1]
    return (move_numbers(made, lambda v: v.reshape(shape)),)


def _grow(value: Fixed | Computed, axis: int) -> Fixed | Computed:
    return move_numbers(value, lambda v: np.expand_dims(v, axis))


def _turn(value: Fixed | Computed) -> Fixed | Computed:
    return move_numbers(value, lambda v: v.swapaxes(-1, -2))


def _product(
    op: Operation, left: Fixed | Computed, right: Fixed | Computed, factor: Array
) -> Fixed | Computed:
    """factor * left @ right over the last two dimensions, the others broadcast."""
    rows, inner = left.shape[-BATCH:]
    columns = right.shape[-1]
    if right.shape[-2] != inner:
        raise op.refuse(f"multiplies shapes {left.shape} and {right.shape}")
    batch = op.broadcast(left.shape[:-BATCH], right.shape[:-BATCH])
    shape = (*batch, rows, columns)
    op.check(shape)
    count = size_of((*shape, inner))
    if isinstance(left, Fixed) and isinstance(right, Fixed):
        if count > MAX_FOLD:
            raise op.refuse(f"of constants has over {MAX_FOLD} products")
        folded = np.matmul(fractions_of(left.array), fractions_of(right.array))
        array = make_exact(np.asarray(folded + Fraction(0), dtype=object))
        return Fixed(multiply(array, factor), left.kind)
    if count > MAX_PAIRS:
        raise op.refuse(f"has over {MAX_PAIRS} products")
    if isinstance(left, Fixed):  # (A B)' = B' A'
        return _turn(_product(op, _turn(right), _turn(left), factor))
    if isinstance(left, Computed) and isinstance(right, Fixed):
        term = _term(left.references, right.array, factor, (*shape, inner))
        zeros = make_array(np.zeros(size_of(shape)))
        made = op.assembly.sum((term,), zeros, op.node.label)
        return Computed(made.reshape(shape), left.kind)
    raise op.refuse("of two computed tensors is not piecewise linear")


def _term(
    references: References, weights: Array, factor: Array, shape: tuple[int, ...]
) -> Term:
    """references @ weights, the last dimension of `shape` being the one summed over."""
    *batch, rows, columns, inner = shape
    if rows == 1 and size_of(tuple(batch)) == 1:
        flat = rearrange(weights, lambda v: v.reshape(inner, columns).T)
        return Dense(references.ravel(), multiply(flat, factor))
    turned = rearrange(weights, lambda v: v.swapaxes(-1, -2)[..., None, :, :])
    spread = np.broadcast_to(references[..., :, None, :], shape).ravel()
    return Sparse(
        np.repeat(np.arange(size_of(shape[:-1])), inner),
        spread,
        multiply(widen(turned, shape), factor),
    )
