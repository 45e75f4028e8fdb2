"""Arrays of exact numbers that stay in float64 for as long as that is exact.

The sum or product of two floats is exact when its rounding error is zero, and the error
itself is computed without error (Knuth 1969; Dekker 1971). Only when it is not zero are
the elements turned into fractions. So the weights of nearly every file go through
scaling, folding and fusing at NumPy's speed, and none of them is ever rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.networks.errors import ModelError
from verify.networks.network import Floats, Numbers

Fractions: TypeAlias = NDArray[np.object_]

MAX_BITS: Final = 4096  # of a numerator or denominator
MAX_EXACT: Final = 2**20  # elements that are fractions
ROUNDS: Final = 32
LOW, HIGH = 2.0**-480, 2.0**480  # within them no product or error term is rounded
SPLIT: Final = 2.0**27 + 1


class Array(NamedTuple):
    """Exact numbers of any shape; `exact` is None when the floats are exact."""

    floats: Floats
    exact: Fractions | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.floats.shape

    @property
    def numbers(self) -> Numbers:
        """The same as the network's data type."""
        exact = self.exact
        return Numbers(self.floats, None if exact is None else tuple(exact.ravel()))


def make_array(floats: Any) -> Array:
    """Floats, each of which is meant exactly as it is."""
    return Array(np.asarray(floats, dtype=np.float64))


def make_exact(values: Fractions) -> Array:
    """Fractions; they are dropped again if floats can say the same.

    Raises ModelError for more than MAX_EXACT of them, or one beyond MAX_BITS or float64.
    """
    if values.size > MAX_EXACT:
        raise ModelError(f"more than {MAX_EXACT} weights are not exact in float64")
    floats = np.empty(values.shape)
    flat = floats.reshape(-1)
    same = True
    for index, value in enumerate(values.ravel()):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            raise ModelError(f"a weight has more than {MAX_BITS} bits")
        try:
            flat[index] = nearest = float(value)
        except OverflowError:
            raise ModelError("a weight is beyond the range of float64") from None
        same = same and Fraction(nearest) == value
    return Array(floats, None if same else values)


def fractions_of(array: Array) -> Fractions:
    """The numbers as an array of Fraction of the same shape.

    Raises ModelError for more than MAX_EXACT of them.
    """
    if array.exact is not None:
        return array.exact
    if array.floats.size > MAX_EXACT:
        raise ModelError(f"needs fractions for more than {MAX_EXACT} numbers")
    made = np.empty(array.shape, dtype=object)
    flat = made.reshape(-1)
    for index, value in enumerate(array.floats.ravel().tolist()):
        flat[index] = Fraction(value)
    return made


def rearrange(array: Array, function: Callable[[Any], Any]) -> Array:
    """Apply what only moves, drops or repeats elements."""
    exact = array.exact
    return Array(function(array.floats), None if exact is None else function(exact))


def take(array: Array, chosen: NDArray[Any]) -> Array:
    """The elements at an index or mask along the first axis."""
    exact = array.exact
    return Array(array.floats[chosen], None if exact is None else exact[chosen])


def join(arrays: Sequence[Array], axis: int) -> Array:
    """The arrays one after the other along an axis."""
    floats = np.concatenate([array.floats for array in arrays], axis)
    if all(array.exact is None for array in arrays):
        return Array(floats)
    return Array(floats, np.concatenate([fractions_of(a) for a in arrays], axis))


def add(left: Array, right: Array) -> Array:
    """left + right, broadcast."""
    if left.exact is None and right.exact is None:
        a, b = left.floats, right.floats
        with np.errstate(all="ignore"):
            total = a + b
            moved = total - a
            error = (a - (total - moved)) + (b - moved)
        if np.isfinite(total).all() and not error.any():
            return Array(total)
    return make_exact(_objects(fractions_of(left) + fractions_of(right)))


def scatter(size: int, places: NDArray[np.int64], values: Array) -> Array:
    """A flat array with values[k] at places[k], 0 elsewhere; those that meet are added.

    Vectorised for what meets up to ROUNDS times; the rest is added as fractions.
    """
    spots, ranks = np.unique(places, return_inverse=True)
    if len(spots) == len(places):
        return _spread(size, places, values)
    total = make_array(np.zeros(len(spots)))
    for _ in range(ROUNDS):
        _, first = np.unique(ranks, return_index=True)
        made = _spread(len(spots), ranks[first], take(values, first))
        total = add(total, made)
        rest = np.ones(len(ranks), dtype=bool)
        rest[first] = False
        if not rest.any():
            return _spread(size, spots, total)
        ranks, values = ranks[rest], take(values, rest)
    exact = fractions_of(total).copy()
    known = fractions_of(values)
    for rank, value in zip(ranks.tolist(), known.tolist(), strict=True):
        exact[rank] += value
    return _spread(size, spots, make_exact(exact))


def _spread(size: int, places: NDArray[np.int64], values: Array) -> Array:
    floats = np.zeros(size)
    floats[places] = values.floats
    if values.exact is None:
        return Array(floats)
    if size > MAX_EXACT:
        raise ModelError(f"more than {MAX_EXACT} weights are not exact in float64")
    exact = np.full(size, Fraction(0), dtype=object)
    exact[places] = values.exact
    return Array(floats, exact)


def multiply(left: Array, right: Array) -> Array:
    """left * right, broadcast."""
    if left.exact is None and right.exact is None:
        a, b = left.floats, right.floats
        if b.size == 1 and b.item() == 1.0:
            return Array(np.broadcast_to(a, np.broadcast_shapes(a.shape, b.shape)))
        if _is_moderate(a) and _is_moderate(b):
            product = a * b
            ah, al = _halves(a)
            bh, bl = _halves(b)
            if not (((ah * bh - product) + ah * bl + al * bh) + al * bl).any():
                return Array(product)
    return make_exact(_objects(fractions_of(left) * fractions_of(right)))


def divide(left: Array, right: Array) -> Array:
    """left / right, broadcast; raises ModelError for a division by zero."""
    if not right.floats.all() and not np.all(fractions_of(right) != 0):
        raise ModelError("is a division by zero")
    return make_exact(_objects(fractions_of(left) / fractions_of(right)))


def negate(array: Array) -> Array:
    """-array."""
    return rearrange(array, lambda values: -values)


def _is_moderate(values: Floats) -> bool:
    size = np.abs(values)
    return bool((((size >= LOW) & (size <= HIGH)) | (size == 0)).all())


def _halves(values: Floats) -> tuple[Floats, Floats]:
    spread = SPLIT * values
    high = spread - (spread - values)
    return high, values - high


def _objects(values: Any) -> Fractions:
    """NumPy gives a bare Fraction for arrays without dimensions."""
    made: Fractions = np.asarray(values, dtype=object)
    return made
