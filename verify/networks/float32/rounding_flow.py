"""Numbers that carry how far float32 can be from them, for the walk over a graph.

What a relu outputs depends on few inputs, and rounding done once reaches the output on many
paths whose signs differ. So both the real value and its error are zonotopes: sums of
symbols, each any number in [-1, 1], that linear operators add and scale and in which equal
symbols cancel (Goubault and Putot, Static analysis of finite precision computations, 2011;
Singh et al., Fast and effective robustness certification, 2018). Plain intervals run
beside them, and the better of the two counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

import numpy as np

from verify.networks.float32.walking import NotWalked
from verify.networks.network import Floats
from verify.networks.reading.graph import Tensor

UNIT: Final = 2.0**-24
FLUSH: Final = 2.0**-126  # what a flush to zero may take
LARGEST: Final = float(np.finfo(np.float32).max)
MAX_ROUNDINGS: Final = 2**20
MAX_NUMBERS: Final = 4_000_000  # of one value with its symbols
TINY: Final = 2.0**-1000  # above the underflow of any float64 operation here
ABOVE: Final = 1 + 2.0**-40  # pays for float64 sums of symbols

LOWER, UPPER, ERROR, FLOW, ROUNDINGS, CENTRE, RADIUS, LOOSE = range(8)
FIRST: Final = 8  # the planes of the symbols start here


class NoBound(NotWalked):
    """There is no a-priori bound; the message says why."""


class RoundingArithmetic:
    """Values are planes: bounds, errors, rounding to come, and one plane a symbol.

    The real number lies in [LOWER, UPPER] and in CENTRE + its own symbols + RADIUS. The
    float32 number is within ERROR + gamma(ROUNDINGS) (FLOW + ERROR) of it, however the
    linear operators since the last settling are arranged; FLOW bounds the sum of sizes of
    the float32 numbers that meet in it. ERROR is also within the error's symbols + LOOSE.
    Symbols are numbered as they arise, so a shorter value has none of the later ones.
    """

    def __init__(self) -> None:
        self.is_error = np.zeros(0, np.bool_)

    def start(self, low: Floats, high: Floats) -> Tensor:
        """Exact float32 inputs anywhere in a box: (planes, inputs)."""
        made = _interval(low, high, 0 * low)
        reach = made[RADIUS].copy()
        made[RADIUS] = 0.0
        return self._grow(made, reach, is_error=False)

    def lift(self, constant: Tensor) -> Tensor:
        """An exact number."""
        exact = np.asarray(constant, np.float64)
        zero = np.zeros_like(exact)
        return np.stack([exact, exact, zero, np.abs(exact), zero, exact, zero, zero])

    def alike(self, arrays: Sequence[Tensor]) -> list[Tensor]:
        """The values with planes of zero for the symbols that others have."""
        length = max(len(array) for array in arrays)
        return [_longer(array, length) for array in arrays]

    def dot(self, values: Tensor, weights: Tensor, bias: Tensor | None) -> Tensor:
        """Weighted sums of k terms and a bias, in any order."""
        matrix = weights.astype(np.float64)
        shift = np.zeros(matrix.shape[1]) if bias is None else bias.astype(np.float64)
        sizes, positive = np.abs(matrix), np.maximum(matrix, 0.0)
        negative = matrix - positive
        rows, length = values.shape[1:]
        made = (values.reshape(-1, length) @ matrix).reshape(len(values), rows, -1)
        made[LOWER] = values[LOWER] @ positive + values[UPPER] @ negative + shift
        made[UPPER] = values[UPPER] @ positive + values[LOWER] @ negative + shift
        made[CENTRE] += shift
        made[FLOW] = values[FLOW] @ sizes + np.abs(shift)
        terms = np.count_nonzero(matrix, axis=0) + (bias is not None)
        arrived = (values[FLOW] + values[ERROR]).sum(1, keepdims=True)
        flushed = FLUSH * (3.0 * terms + 2 * sizes.sum(0) + arrived)
        made[ERROR] = values[ERROR] @ sizes + flushed
        made[RADIUS], made[LOOSE] = (
            values[RADIUS] @ sizes,
            values[LOOSE] @ sizes + flushed,
        )
        most = values[ROUNDINGS].max(axis=1, initial=0.0)[:, np.newaxis]
        made[ROUNDINGS] = most + terms + 1
        spread, noise = self._totals(values)
        value_size = (np.abs(values[CENTRE]) + spread) @ sizes + np.abs(shift)
        return self._rounded(made, value_size, noise @ sizes, len(matrix))

    def add(self, left: Tensor, right: Tensor) -> Tensor:
        one, other = self.alike((left, right))
        made = one + other
        made[ERROR] += 3 * FLUSH
        made[LOOSE] += 3 * FLUSH
        made[ROUNDINGS] += 1
        return self._rounded_alone(made, one, other)

    def subtract(self, left: Tensor, right: Tensor) -> Tensor:
        return self.add(left, self.negate(right))

    def multiply(self, left: Tensor, right: Tensor) -> Tensor:
        """By an exact number within the chain; of two others, settled first."""
        if _is_exact(left) and not _is_exact(right):
            left, right = right, left
        if not _is_exact(right):
            return self._product(self.settle(left), self.settle(right))
        factor = right[LOWER]
        made, size = left * factor, np.abs(factor)
        ends = left[LOWER] * factor, left[UPPER] * factor
        made[LOWER], made[UPPER] = np.minimum(*ends), np.maximum(*ends)
        flushed = FLUSH * (3 + left[FLOW] + left[ERROR] + size)
        made[FLOW], made[RADIUS] = left[FLOW] * size, left[RADIUS] * size
        made[ERROR] = left[ERROR] * size + flushed
        made[LOOSE] = left[LOOSE] * size + flushed
        made[ROUNDINGS] = left[ROUNDINGS] + 1
        return self._rounded_alone(made, made)

    def _product(self, left: Tensor, right: Tensor) -> Tensor:
        ends = np.stack([left[i] * right[k] for i in (0, 1) for k in (0, 1)])
        flow = left[FLOW] * right[FLOW]
        error = left[ERROR] * right[FLOW] + right[ERROR] * left[FLOW]
        error += left[ERROR] * right[ERROR]
        error += FLUSH * (3 + left[FLOW] + right[FLOW] + left[ERROR] + right[ERROR])
        made = _interval(ends.min(0), ends.max(0), error)
        made[FLOW], made[ROUNDINGS] = flow, 1.0
        return self._rounded_alone(made, made)

    def divide(self, left: Tensor, right: Tensor) -> Tensor:
        """By an exact number: one rounding, or two through its reciprocal."""
        if not _is_exact(right) or (right[LOWER] == 0).any():
            raise NoBound("a divisor is computed")
        made = self.multiply(left, self.lift(1.0 / right[LOWER]))
        made[ROUNDINGS] += 1
        return self._rounded_alone(made, made)

    def negate(self, values: Tensor) -> Tensor:
        made = -values
        made[LOWER], made[UPPER] = -values[UPPER], -values[LOWER]
        for plane in (ERROR, FLOW, ROUNDINGS, RADIUS, LOOSE):
            made[plane] = values[plane]
        return made

    def relu(self, values: Tensor) -> Tensor:
        """Value between two parallel lines; error times a slope between 0 and 1."""
        values = self.settle(values)
        low, high, error = values[LOWER], values[UPPER], values[ERROR]
        slope = np.where(low >= 0, 1.0, np.where(high <= 0, 0.0, high / (high - low)))
        slope = np.clip(np.nan_to_num(slope), 0.0, 1.0)
        gap = np.maximum(-slope * low, (1 - slope) * high).clip(0.0) * ABOVE / 2
        opened, closed = low - error * ABOVE >= 0, high + error * ABOVE <= 0
        share = np.where(opened, 1.0, np.where(closed, 0.0, 0.5))
        made = values * slope
        made[FIRST:][self._errors(values)] = (
            values[FIRST:][self._errors(values)] * share
        )
        made[CENTRE] += gap
        made[RADIUS] += 2.0**-48 * (self._totals(made)[0] + np.abs(made[CENTRE])) + TINY
        made[LOOSE] = values[LOOSE] * share
        made[LOWER], made[UPPER] = np.maximum(low, 0.0), np.maximum(high, 0.0)
        reached = np.maximum(high + error, 0.0) * ABOVE
        made[ERROR] = np.where(closed, 0.0, np.minimum(error, reached))
        made[FLOW], made[ROUNDINGS] = made[UPPER] + made[ERROR], 0.0
        made = self._grow(made, gap, is_error=False)
        rest = np.where(opened | closed, 0.0, 0.5 * error)
        return self._grow(made, rest, is_error=True)

    def sign(self, values: Tensor) -> Tensor:
        low, high, error = self.settle(values)[:3]
        reach = error * ABOVE + FLUSH
        certain = (low > reach) | (high < -reach)
        return _interval(np.sign(low), np.sign(high), np.where(certain, 0.0, 2.0))

    def absolute(self, values: Tensor) -> Tensor:
        return self.maximum(values, self.negate(values))

    def minimum(self, left: Tensor, right: Tensor) -> Tensor:
        return self.negate(self.maximum(self.negate(left), self.negate(right)))

    def maximum(self, left: Tensor, right: Tensor) -> Tensor:
        one, other = self.settle(left), self.settle(right)
        return _interval(
            np.maximum(one[LOWER], other[LOWER]),
            np.maximum(one[UPPER], other[UPPER]),
            np.maximum(one[ERROR], other[ERROR]),
        )

    def function(self, name: str, values: Tensor) -> NoReturn:
        raise NoBound(f"{name} is rounded as each library likes")

    def differ(self, reason: str) -> NoReturn:
        raise NoBound(reason)

    def settle(self, values: Tensor) -> Tensor:
        """The same numbers, all rounding made symbols, as what is not linear sees them."""
        roundings = values[ROUNDINGS]
        if not roundings.any():
            return values
        gamma = roundings * UNIT / (1 - roundings * UNIT) * (1 + 2.0**-48)
        added = np.where(roundings > 0, gamma * (values[FLOW] + values[ERROR]), 0.0)
        made = values.copy()
        made[ERROR] = (values[ERROR] + added) * (1 + 2.0**-48)
        size = np.maximum(np.abs(values[LOWER]), np.abs(values[UPPER]))
        made[FLOW] = size + made[ERROR]
        made[ROUNDINGS] = 0.0
        return self._grow(made, added * (1 + 2.0**-48), is_error=True)

    def _rounded_alone(self, made: Tensor, *parts: Tensor) -> Tensor:
        totals = [self._totals(part) for part in parts]
        value_size = sum(
            (np.abs(p[CENTRE]) + t[0] for p, t in zip(parts, totals, strict=True)),
            np.zeros(made.shape[1:]),
        )
        noise = sum((total[1] for total in totals), np.zeros(made.shape[1:]))
        return self._rounded(made, value_size, noise, 4)

    def _rounded(
        self, made: Tensor, value_size: Floats, noise: Floats, terms: int
    ) -> Tensor:
        """Widened by what float64 did in sums of `terms`, and narrowed by the symbols."""
        slack = (2 * terms + 16) * 2.0**-52
        made[FLOW] = made[FLOW] * (1 + slack) + TINY
        made[ERROR] = made[ERROR] * (1 + slack) + TINY
        made[RADIUS] += slack * (value_size + made[RADIUS]) + TINY
        made[LOOSE] += slack * (noise + made[LOOSE]) + TINY
        spread, error = self._totals(made)
        around = 2.0**-48 * np.abs(made[CENTRE])
        low, high = made[LOWER] - slack * made[FLOW], made[UPPER] + slack * made[FLOW]
        made[LOWER] = np.maximum(low, made[CENTRE] - spread * ABOVE - around)
        made[UPPER] = np.minimum(high, made[CENTRE] + spread * ABOVE + around)
        made[ERROR] = np.minimum(made[ERROR], error * ABOVE)
        if not (made[FLOW] + made[ERROR] < LARGEST / 2).all():
            raise NoBound("a sum may overflow in float32")
        if (made[ROUNDINGS] > MAX_ROUNDINGS).any():
            raise NoBound(f"a number is rounded more than {MAX_ROUNDINGS} times")
        return made

    def _totals(self, values: Tensor) -> tuple[Floats, Floats]:
        """How far symbols and RADIUS reach from the centre; the same of the error."""
        errors = self._errors(values)
        sizes = np.abs(values[FIRST:])
        spread = sizes[~errors].sum(0) + values[RADIUS]
        return spread, sizes[errors].sum(0) + values[LOOSE]

    def _errors(self, values: Tensor) -> Tensor:
        return self.is_error[: len(values) - FIRST]

    def _grow(self, values: Tensor, amounts: Floats, *, is_error: bool) -> Tensor:
        """A new symbol for every number that has an amount, unless that is too many."""
        places = np.nonzero(amounts)
        count, known = len(places[0]), FIRST + len(self.is_error)
        if (known + count) * amounts.size > MAX_NUMBERS:
            made = values.copy()
            made[LOOSE if is_error else RADIUS] += amounts * ABOVE
            return made
        made = _longer(values, known + count)
        made[(np.arange(known, known + count), *places)] = amounts[places]
        self.is_error = np.append(self.is_error, np.full(count, is_error))
        return made


def _longer(values: Tensor, length: int) -> Tensor:
    made = np.zeros((length, *values.shape[1:]))
    made[: len(values)] = values
    return made


def _interval(low: Floats, high: Floats, error: Floats) -> Tensor:
    """Values of which nothing else is known."""
    size = np.maximum(np.abs(low), np.abs(high))
    radius = np.where(high > low, (high - low) / 2 + 2.0**-50 * size + TINY, 0.0)
    zero, flow = np.zeros_like(low), size + error
    return np.stack([low, high, error, flow, zero, (low + high) / 2, radius, error])


def _is_exact(values: Tensor) -> bool:
    same = (values[LOWER] == values[UPPER]).all() and not values[ROUNDINGS].any()
    return bool(same and not values[ERROR].any())
