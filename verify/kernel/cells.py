"""Cells of a program, bounded: forward by intervals, backward by lines, in scaled integers.

A cell is a box of inputs with relu units whose sign is taken to be known, and
the bounds of all units so far. Forward, each unit is bounded from those it takes. Backward,
a sum of rows over inputs and units is bounded from above: from the last to the first, units
give way to what they take. A relu whose sign is known is 0 or z. Otherwise it is at most
s*z + t with s a multiple of 2^-16 near u / (u - l) and t = max(-s*l, u - s*u), which by
convexity holds from l to u, and at least a*z for any slope a from 0 to 1, by default 1 if
u >= -l and else 0. Sigmoid and sign, being monotone, give way to their bounds. What is left
is bounded on the box. (Weng et al. 2018, Zhang et al. 2018; Wang et al. 2021 for rows of
known sign.) By linear programming duality a cell with every sign known needs no more.

Numbers are integers over common scales, chosen so that all of this is exact while they
stay below MAX_BITS; beyond, coefficients and bounds are rounded outward.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Final, NamedTuple

from verify.kernel.exponential import bound_sigmoid
from verify.kernel.networks import Program, Row, Unit, Weights
from verify.kernel.rejections import require

MAX_BITS: Final = 512
MAX_DENOMINATOR: Final = 20_000
MAX_WORK: Final = 500_000_000
ONE: Final = 1 << 16

Bound = int | None  # over the scale of bounds; None is infinite
Scaled = tuple[int, list[tuple[int, int]]]  # constant, pairs of variable and weight


class Cell(NamedTuple):
    """Bounds of the variables, of what the units take (`below`, `above`), and phases."""

    low: list[Bound]
    high: list[Bound]
    below: list[Bound]
    above: list[Bound]
    phases: dict[int, int]  # relu unit -> 1 (takes at least 0) or -1 (at most 0)

    def copy(self) -> Cell:
        low, high, below, above, phases = self
        return Cell(low[:], high[:], below[:], above[:], phases.copy())


class Cells:
    """A program as integer rows over common scales.

    Bounds are over `bound`, the units' own rows over `unit`, coefficients of a backward
    pass over `scale`, and what they gather from rows over `scale * unit * ONE`.
    """

    def __init__(self, program: Program) -> None:
        self.inputs, self.box = len(program.box), program.box
        self.count = self.inputs + len(program.units)
        self.kinds = [unit.kind for unit in program.units]
        self.strict = [row.strict for row in program.rows]
        self.work = 0
        self.unit = _denominator(_numbers(program.units))
        depth = [0] * self.count
        for j, unit in enumerate(program.units, self.inputs):
            depth[j] = 1 + max((depth[v] for v, _ in unit.weights), default=0)
        deepest = max(depth, default=0)
        sides = [side for pair in self.box for side in pair if side is not None]
        sided = _denominator(sides) << 64
        self.bound = _scale(sided, self.unit, deepest)
        base = _denominator(_numbers(program.rows))
        self.scale = _scale(base, self.unit * ONE, deepest)
        self.step = self.unit * ONE
        self.units = [_scaled(u.bias, u.weights, self.unit) for u in program.units]
        fine = self.scale * self.step
        self.weights = sum(len(pairs) for _, pairs in self.units)
        self.rows = [_scaled(row.constant, row.weights, fine) for row in program.rows]

    def root(self) -> Cell:
        """The whole box, with nothing known of the units."""

        def nothing() -> list[Bound]:
            return [None] * self.count

        cell = Cell(nothing(), nothing(), nothing(), nothing(), {})
        for i, (low, high) in enumerate(self.box):
            cell.low[i] = None if low is None else floor(low * self.bound)
            cell.high[i] = None if high is None else ceil(high * self.bound)
        return cell

    def taken(self, j: int, factor: int) -> tuple[Scaled, int]:
        """What unit j takes, `factor` times, as a row and its multiplier."""
        return self.units[j - self.inputs], factor * self.scale * ONE

    def forward(self, cell: Cell) -> bool:
        """Bound each unit from those before it; False when some bounds contradict."""
        low, high, below, above, phases = cell
        self._spend(2 * self.weights)
        for j, row in enumerate(self.units, self.inputs):
            bottom, top = self._interval(row, low, high)
            if bottom is not None:
                below[j] = most(below[j], bottom // self.unit)
            if top is not None:
                above[j] = least(above[j], -(-top // self.unit))
            if phases.get(j) == 1:
                below[j] = most(below[j], 0)
            elif phases.get(j) == -1:
                above[j] = least(above[j], 0)
            low[j] = self._value(j, below[j], -1)
            high[j] = self._value(j, above[j], 1)
        pairs = (*zip(low, high, strict=True), *zip(below, above, strict=True))
        return all(a is None or b is None or a <= b for a, b in pairs)

    def _interval(
        self, row: Scaled, low: list[Bound], high: list[Bound]
    ) -> tuple[Bound, Bound]:
        """The least and the most that a row can be, over unit * bound."""
        constant, pairs = row
        bottom: Bound = constant * self.bound
        top: Bound = bottom
        for v, w in pairs:
            start, end = (low[v], high[v]) if w > 0 else (high[v], low[v])
            bottom = None if bottom is None or start is None else bottom + w * start
            top = None if top is None or end is None else top + w * end
        return bottom, top

    def _value(self, j: int, bound: Bound, side: int) -> Bound:
        """The least (side -1) or most (1) that a unit gives whose argument has a bound."""
        kind = self.kinds[j - self.inputs]
        if kind == "linear":
            return bound
        if bound is None:
            infinite = {"relu": (0, None), "sigmoid": (0, 1), "sign": (-1, 1)}[kind]
            end = infinite[side == 1]
            return None if end is None else end * self.bound
        if kind == "relu":
            return max(bound, 0)
        if kind == "sign":
            return ((bound > 0) - (bound < 0)) * self.bound
        value = bound_sigmoid(Fraction(bound, self.bound), side) * self.bound
        return floor(value) if side == -1 else ceil(value)

    def backward(
        self, cell: Cell, given: Iterable[tuple[Scaled, int]], slopes: Mapping[int, int]
    ) -> Bound:
        """The most that a sum of rows times multipliers can be in the cell, None if
        infinite, over scale * step * bound; `slopes` are over ONE."""
        total, work, sums = 0, 0, [0] * self.count
        for (constant, pairs), factor in given:
            total += factor * constant * self.bound
            for v, w in pairs:
                sums[v] += factor * w
        for j in range(self.count - 1, self.inputs - 1, -1):
            if not sums[j]:
                continue
            coefficient, rest = divmod(sums[j], self.step)
            line = self._line(cell, j, coefficient, slopes) if coefficient else (0, 0)
            slope, offset = line
            top = cell.high[j] if rest else 0
            if offset is None or top is None:
                return None
            constant, pairs = self.units[j - self.inputs]
            factor = coefficient * slope
            total += rest * top + coefficient * offset * self.unit
            total += factor * constant * self.bound
            if factor:
                work += len(pairs)
                for v, w in pairs:
                    sums[v] += factor * w
        for i in range(self.inputs):
            end = (cell.high[i] if sums[i] > 0 else cell.low[i]) if sums[i] else 0
            if end is None:
                return None
            total += sums[i] * end
        self._spend(work)
        return total

    def _line(
        self, cell: Cell, j: int, coefficient: int, slopes: Mapping[int, int]
    ) -> tuple[int, Bound]:
        """A line, as slope over ONE and offset over ONE * bound, that is above unit j if
        the coefficient is positive and below it if negative."""
        kind, bottom, top = self.kinds[j - self.inputs], cell.below[j], cell.above[j]
        if kind == "linear":
            return ONE, 0
        if kind != "relu":
            end = cell.high[j] if coefficient > 0 else cell.low[j]
            return 0, None if end is None else end * ONE
        if top is not None and top <= 0:
            return 0, 0
        if bottom is not None and bottom >= 0:
            return ONE, 0
        if coefficient < 0:
            steep = top is None or (bottom is not None and top >= -bottom)
            return slopes.get(j, ONE if steep else 0), 0
        if top is None:
            return ONE, None if bottom is None else -bottom * ONE
        if bottom is None:
            return 0, top * ONE
        slope = (2 * top * ONE + top - bottom) // (2 * (top - bottom))
        return slope, max(-slope * bottom, (ONE - slope) * top)

    def tighten(
        self,
        cell: Cell,
        j: int,
        side: int,
        given: Iterable[tuple[Scaled, int]],
        slopes: Mapping[int, int],
    ) -> None:
        """Improve the upper (side 1) or lower (-1) bound of what unit j takes, `given`
        being ONE times that (negated for -1) and rows that are at least 0."""
        total = self.backward(cell, given, slopes)
        if total is None:
            return
        value = -(-total // (self.scale * self.step * ONE))
        if side == 1:
            cell.above[j] = least(cell.above[j], value)
            cell.high[j] = self._value(j, cell.above[j], 1)
        else:
            cell.below[j] = most(cell.below[j], -value)
            cell.low[j] = self._value(j, cell.below[j], -1)

    def _spend(self, work: int) -> None:
        self.work += work
        require(self.work <= MAX_WORK, f"at most {MAX_WORK} multiplications", "more")


def least(one: Bound, other: Bound) -> Bound:
    """The smaller of two upper bounds."""
    return one if other is None or (one is not None and one <= other) else other


def most(one: Bound, other: Bound) -> Bound:
    """The larger of two lower bounds."""
    return one if other is None or (one is not None and one >= other) else other


def _denominator(numbers: Iterable[Fraction]) -> int:
    """The least common denominator, which must not be long."""
    common = 1
    for number in numbers:
        common = lcm(common, number.denominator)
        short = common.bit_length() <= MAX_DENOMINATOR
        limit = f"a common denominator of at most {MAX_DENOMINATOR} bits"
        require(short, limit, "a longer one")
    return common


def _numbers(rows: Iterable[Unit | Row]) -> Iterable[Fraction]:
    for row in rows:
        yield row.bias if isinstance(row, Unit) else row.constant
        yield from (weight for _, weight in row.weights)


def _scale(base: int, factor: int, times: int) -> int:
    """base * factor^times, or with fewer factors while that has at most MAX_BITS."""
    while times and base.bit_length() + factor.bit_length() <= MAX_BITS:
        base, times = base * factor, times - 1
    return base


def _scaled(constant: Fraction, weights: Weights, scale: int) -> Scaled:
    """A row over `scale`, a multiple of its denominators."""
    pairs = [(v, w.numerator * (scale // w.denominator)) for v, w in weights]
    return constant.numerator * (scale // constant.denominator), pairs
