"""A graph in float32, every sum in a chosen order.

IEEE 754 fixes each operation and leaves the order of a sum to the engine, so one network
has many float32 functions. Sequential, reversed and pairwise are what engines really do;
random trees and fused multiply-add stand for the rest. A fused operation is simulated
without double rounding: the float64 sum is rounded to odd before it becomes a float32
(Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from verify.networks.float32.singles import Singles
from verify.networks.float32.walking import walk
from verify.networks.float32.walking_sums import OPERATORS
from verify.networks.reading.graph import Graph, Tensor

SEQUENTIAL: Final = "sequential"
REVERSED: Final = "reversed"
PAIRWISE: Final = "pairwise"
SHUFFLED: Final = "shuffled"
ORDERS: Final = (SEQUENTIAL, PAIRWISE, REVERSED)


class Engine(NamedTuple):
    """An order of summation; `seed` picks the one that `shuffled` uses."""

    order: str = SEQUENTIAL
    fused: bool = False
    seed: int = 0


def run_in_order(graph: Graph, points: Singles, engine: Engine) -> Singles:
    """float32 outputs (n, outputs) at float32 points (n, inputs).

    What overflows becomes infinite or NaN, as in the engines. Raises NotWalked for a
    graph that is not float32 throughout, or an operator that is not followed.
    """
    with np.errstate(all="ignore"):
        made = walk(graph, points, SingleArithmetic(engine), OPERATORS)
    return made.astype(np.float32, copy=False)


class SingleArithmetic:
    """float32 arithmetic for the walk; the leading axis counts points."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.random = np.random.default_rng(engine.seed)

    def lift(self, constant: Tensor) -> Tensor:
        """The constant for every point."""
        return constant[np.newaxis]

    def alike(self, arrays: Sequence[Tensor]) -> list[Tensor]:
        """Constants repeated for every point."""
        length = max(len(array) for array in arrays)
        return [np.broadcast_to(a, (length, *a.shape[1:])) for a in arrays]

    def dot(self, values: Tensor, weights: Tensor, bias: Tensor | None) -> Tensor:
        """Each sum in the engine's order, the bias one of its terms."""
        terms = values.shape[2] + (bias is not None)
        shape = (*values.shape[:2], weights.shape[1])
        if not terms:
            return np.zeros(shape, np.float32)

        def multiplied(index: int, total: Tensor | None) -> Tensor:
            if bias is not None and index == values.shape[2]:
                made = np.broadcast_to(bias, shape).astype(np.float32)
                return made if total is None else total + made
            one, other = values[:, :, index, np.newaxis], weights[index]
            if self.engine.fused and total is not None:
                return fuse(one, other, total)
            product: Tensor = one * other
            return product if total is None else total + product

        if self.engine.order == PAIRWISE:
            return _halved(multiplied, 0, terms)
        if self.engine.order == SHUFFLED and self.random.integers(2):
            places = self.random.permutation(terms)
            return _halved(lambda i, t: multiplied(int(places[i]), t), 0, terms)
        total: Tensor | None = None
        for index in self._sequence(terms):
            total = multiplied(index, total)
        return np.zeros(shape, np.float32) if total is None else total

    def _sequence(self, terms: int) -> list[int]:
        match self.engine.order:
            case "reversed":
                return list(reversed(range(terms)))
            case "shuffled":
                return [int(index) for index in self.random.permutation(terms)]
            case _:
                return list(range(terms))

    def add(self, left: Tensor, right: Tensor) -> Tensor:
        return left + right

    def subtract(self, left: Tensor, right: Tensor) -> Tensor:
        return left - right

    def multiply(self, left: Tensor, right: Tensor) -> Tensor:
        return left * right

    def divide(self, left: Tensor, right: Tensor) -> Tensor:
        return left / right

    def negate(self, values: Tensor) -> Tensor:
        return -values

    def relu(self, values: Tensor) -> Tensor:
        return np.maximum(values, np.float32(0))

    def sign(self, values: Tensor) -> Tensor:
        return np.sign(values)

    def absolute(self, values: Tensor) -> Tensor:
        return np.abs(values)

    def minimum(self, left: Tensor, right: Tensor) -> Tensor:
        return np.minimum(left, right)

    def maximum(self, left: Tensor, right: Tensor) -> Tensor:
        return np.maximum(left, right)

    def function(self, name: str, values: Tensor) -> Tensor:
        """As NumPy's library has it."""
        if name == "sigmoid":
            return np.float32(1) / (np.float32(1) + np.exp(-values))
        known: dict[str, Callable[[Tensor], Tensor]] = {
            "tanh": np.tanh,
            "sqrt": np.sqrt,
        }
        return known[name](values)

    def differ(self, reason: str) -> None:
        """Nothing to say: this is one engine among many."""


def _halved(
    multiplied: Callable[[int, Tensor | None], Tensor], start: int, end: int
) -> Tensor:
    """The sum of terms start to end - 1, as the sum of the sums of both halves."""
    if end - start == 1:
        return multiplied(start, None)
    if end - start == 2:
        return multiplied(start + 1, multiplied(start, None))
    middle = (start + end) // 2
    return _halved(multiplied, start, middle) + _halved(multiplied, middle, end)


def fuse(one: Tensor, other: Tensor, added: Tensor) -> Tensor:
    """one * other + added with one rounding, for float32 numbers."""
    product = one.astype(np.float64) * other.astype(np.float64)  # 48 bits: exact
    addend = np.broadcast_to(added.astype(np.float64), product.shape)
    total = product + addend
    moved = total - product
    lost = (product - (total - moved)) + (addend - moved)
    even = (total.view(np.int64) & 1) == 0
    nudged = np.nextafter(total, np.where(lost > 0, np.inf, -np.inf))
    odd = np.where((lost != 0) & even & np.isfinite(total), nudged, total)
    return odd.astype(np.float32)
