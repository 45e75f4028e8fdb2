"""An engine that rounds as badly as it may, for the walk over a graph.

Float64 plays the reals; every operation errs by a full unit, coarse enough to matter, in a
direction chosen to hurt. What real float32 engines never reach, this one does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Direction = Callable[[Array, np.random.Generator], Array]

DIRECTIONS: dict[str, Direction] = {
    "none": lambda values, _: np.zeros_like(values),
    "up": lambda values, _: np.sign(values),
    "down": lambda values, _: -np.sign(values),
    "away": lambda values, _: np.ones_like(values),
    "toward": lambda values, _: -np.ones_like(values),
    "any": lambda values, random: random.choice((-1.0, 1.0), values.shape),
}


class Adversary:
    """Each result times 1 + unit, 1 - unit or 1, as `direction` says."""

    def __init__(self, direction: str, unit: float, seed: int) -> None:
        self.direction, self.unit = DIRECTIONS[direction], unit
        self.random = np.random.default_rng(seed)

    def spoil(self, values: Array) -> Array:
        return values * (1 + self.unit * self.direction(values, self.random))

    def lift(self, constant: Array) -> Array:
        return constant.astype(np.float64)[np.newaxis]

    def alike(self, arrays: Sequence[Array]) -> list[Array]:
        length = max(len(array) for array in arrays)
        return [np.broadcast_to(a, (length, *a.shape[1:])) for a in arrays]

    def dot(self, values: Array, weights: Array, bias: Array | None) -> Array:
        """Terms in a random order, the bias among them; zero weights cost nothing."""
        terms = [
            np.where(w == 0, 0.0, self.spoil(values[:, :, i, np.newaxis] * w))
            for i, w in enumerate(weights.astype(np.float64))
        ]
        if bias is not None:
            terms.append(np.broadcast_to(bias.astype(np.float64), terms[0].shape))
        self.random.shuffle(terms)
        total = terms[0]
        for term in terms[1:]:
            both = (total != 0) & (term != 0)
            total = np.where(both, self.spoil(total + term), total + term)
        return total

    def add(self, left: Array, right: Array) -> Array:
        return self.spoil(left + right)

    def subtract(self, left: Array, right: Array) -> Array:
        return self.spoil(left - right)

    def multiply(self, left: Array, right: Array) -> Array:
        return self.spoil(left * right)

    def divide(self, left: Array, right: Array) -> Array:
        return self.spoil(left * self.spoil(1 / right))

    def negate(self, values: Array) -> Array:
        return -values

    def relu(self, values: Array) -> Array:
        return np.maximum(values, 0.0)

    def sign(self, values: Array) -> Array:
        return np.sign(values)

    def absolute(self, values: Array) -> Array:
        return np.abs(values)

    def minimum(self, left: Array, right: Array) -> Array:
        return np.minimum(left, right)

    def maximum(self, left: Array, right: Array) -> Array:
        return np.maximum(left, right)

    def function(self, name: str, values: Array) -> Array:
        raise AssertionError(name)

    def differ(self, reason: str) -> None:
        raise AssertionError(reason)
