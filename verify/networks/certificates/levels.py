"""A compiled program in floats: units by level, so that few products bound many cells.

The kernel numbers units in order of evaluation; here they are sorted by depth, and each
level takes all variables before it. A linear unit that only rows speak of is put into the
rows, and units that no row reaches are left out: neither changes what the kernel finds. All
of this is search; nothing found with it counts before the kernel has accepted it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isfinite
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.kernel.networks import Program
from verify.networks.network import Floats

Mask: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]
Which: TypeAlias = Mask | Places
Combination = dict[int, Fraction]

MAX_ENTRIES: Final = 40_000_000  # of all matrices together: 320 MB


class Level(NamedTuple):
    """Units `start` to `stop`, counted from the inputs on, over the variables before.

    `matrix` is (units, start), `turned` its transpose laid out in rows, `sizes` the
    absolute values of that. `flat` marks sigmoid and sign, `straight` linear units; None
    where there are none.
    """

    start: int
    stop: int
    matrix: Floats
    bias: Floats
    turned: Floats
    sizes: Floats
    kinds: tuple[str, ...]
    flat: Mask | None
    straight: Mask | None


class Levels(NamedTuple):
    """Units in order of depth; `numbers[k]` is the kernel's number of variable k."""

    inputs: int
    levels: tuple[Level, ...]
    numbers: tuple[int, ...]

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.numbers) - self.inputs


class Rows(NamedTuple):
    """The rows that are no part of the box, (rows, variables) and constants.

    Each is divided by its `scales`, its largest weight. `indices` are the kernel's;
    `driven` marks the rows that a unit takes part in.
    """

    matrix: Floats
    constants: Floats
    scales: Floats
    indices: tuple[int, ...]
    driven: Mask


class TooWide(ValueError):
    """The program is too large for this search, or its numbers for floats."""


def substitute(program: Program, weights: Iterable[tuple[int, Fraction]]) -> tuple[
    Fraction, Combination
]:  # fmt: skip
    """A row without its linear units: a constant and weights of the rest."""
    constant, sums, inputs = Fraction(0), dict(weights), len(program.box)
    for number in range(inputs + len(program.units) - 1, inputs - 1, -1):
        unit = program.units[number - inputs]
        if unit.kind == "linear" and number in sums:
            factor = sums.pop(number)
            constant += factor * unit.bias
            for variable, weight in unit.weights:
                sums[variable] = sums.get(variable, Fraction(0)) + factor * weight
    return constant, {variable: value for variable, value in sums.items() if value}


def _reached(program: Program, wanted: set[int]) -> list[int]:
    """The units that these variables depend on, themselves included, in order."""
    inputs = len(program.box)
    for number in range(inputs + len(program.units) - 1, inputs - 1, -1):
        if number in wanted:
            wanted.update(v for v, _ in program.units[number - inputs].weights)
    return sorted(number for number in wanted if number >= inputs)


def make_levels(program: Program) -> Levels:
    """The units that the program's rows depend on. Raises TooWide."""
    wanted: set[int] = set()
    for row in program.rows:
        wanted.update(substitute(program, row.weights)[1])
    units, inputs = _reached(program, wanted), len(program.box)
    depth = dict.fromkeys(range(inputs), 0)
    for number in units:
        takes = program.units[number - inputs].weights
        depth[number] = 1 + max((depth[v] for v, _ in takes), default=0)
    numbers = (*range(inputs), *sorted(units, key=lambda number: depth[number]))
    places = {number: place for place, number in enumerate(numbers)}
    levels: list[Level] = []
    start, entries = inputs, 0
    for height in range(1, max(depth.values(), default=0) + 1):
        members = [number for number in numbers[start:] if depth[number] == height]
        entries += start * len(members)
        if entries > MAX_ENTRIES:
            raise TooWide(f"matrices of more than {MAX_ENTRIES} numbers")
        levels.append(_make_level(program, members, places, start))
        start += len(members)
    return Levels(inputs, tuple(levels), numbers)


def _make_level(
    program: Program, members: list[int], places: dict[int, int], start: int
) -> Level:
    units = [program.units[number - len(program.box)] for number in members]
    matrix = np.zeros((len(members), start))
    for row, unit in zip(matrix, units, strict=True):
        for variable, weight in unit.weights:
            row[places[variable]] = to_float(weight)
    bias = np.array([to_float(unit.bias) for unit in units])
    kinds = tuple(unit.kind for unit in units)
    flat = np.array([kind in ("sigmoid", "sign") for kind in kinds])
    straight = np.array([kind == "linear" for kind in kinds])
    turned = np.ascontiguousarray(matrix.T)
    return Level(
        start, start + len(members), matrix, bias, turned, np.abs(turned), kinds,
        flat if flat.any() else None, straight if straight.any() else None,
    )  # fmt: skip


def make_rows(program: Program, levels: Levels) -> Rows:
    """The rows over the variables of `levels`; those of the box left out."""
    places = {number: place for place, number in enumerate(levels.numbers)}
    matrix, constants, indices = [], [], []
    for index, row in enumerate(program.rows):
        constant, sums = substitute(program, row.weights)
        if len(row.weights) == 1 and row.weights[0][0] < levels.inputs:
            continue
        line = np.zeros(len(levels.numbers))
        for variable, weight in sums.items():
            line[places[variable]] = to_float(weight)
        matrix.append(line)
        constants.append(to_float(row.constant + constant))
        indices.append(index)
    stacked = np.array(matrix).reshape(len(matrix), len(levels.numbers))
    shift = np.array(constants)
    scales = np.abs(stacked).max(axis=1, initial=0.0)
    scales = np.where(scales > 0.0, scales, 1.0)
    stacked, shift = stacked / scales[:, None], shift / scales
    driven = (stacked[:, levels.inputs :] != 0).any(axis=1)
    return Rows(stacked, shift, scales, tuple(indices), driven)


def to_float(value: Fraction) -> float:
    """The nearest float. Raises TooWide beyond the range of floats."""
    try:
        found = float(value)
    except OverflowError:
        found = float("inf")
    if not isfinite(found):
        raise TooWide("a number beyond the range of floats")
    return found
