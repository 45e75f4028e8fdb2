"""What one ReLU can be on given points: cells of its parameters, as cones of outputs.

The sign of w.x_i + b at each point cuts the parameters u = (w, b) into finitely many
polyhedral cones; on each of them u -> relu(u.(x_i, 1)) is linear, so the outputs on the
points fill a cone with one generator for each extreme ray. That turns a search over real
parameters into one over cells. Cells are made by cutting one hyperplane at a time, with
the double description method (Motzkin et al. 1953; Fukuda and Prodon 1996) in integers.
Parameters that no point sees are fixed at 0 first, so no cone contains a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import gcd, lcm
from typing import Final, NamedTuple

MAX_CELLS: Final = 5_000
MAX_RAYS: Final = 40_000  # of all cells, as in the kernel

Vector = tuple[int, ...]
Cone = tuple[Vector, ...]  # its extreme rays


class Cell(NamedTuple):
    """A cone of parameters: the points where the unit may be above 0, and the cone's
    extreme rays by number. Outputs are linear on it."""

    active: tuple[int, ...]
    rays: tuple[int, ...]


class Cells(NamedTuple):
    """`rays` are parameters (w_1..w_d, b); `values` says for each ray what the unit gives
    at the points, times `scale`. Every parameter vector is in a cell, up to parts that no
    point sees."""

    rays: tuple[Vector, ...]
    values: tuple[Vector, ...]
    cells: tuple[Cell, ...]
    scale: int


def make_cells(
    points: Sequence[Sequence[Fraction]], limit: int = MAX_CELLS
) -> Cells | None:
    """The cells of a unit on the points (rationals, each of length d); None when there
    are more than `limit` of them, or they have more than MAX_RAYS rays together."""
    scale = lcm(*(x.denominator for point in points for x in point))
    rows = [(*(int(x * scale) for x in point), scale) for point in points]
    chosen = _independent(rows)
    columns = _independent(list(zip(*rows, strict=True)))
    seen = [tuple(row[at] for at in columns) for row in rows]
    order = [*chosen, *(at for at in range(len(rows)) if at not in chosen)]
    cones = _cut([seen[at] for at in order], len(columns), limit)
    if cones is None:
        return None
    return _collect(cones, seen, columns, len(rows[0]), scale)


def _independent(rows: Sequence[Vector]) -> list[int]:
    """The first rows that span all of them."""
    chosen: list[int] = []
    reduced: list[tuple[int, list[int]]] = []
    for at, row in enumerate(rows):
        left = list(row)
        for place, other in reduced:
            if left[place]:
                left = _combine(other[place], left, -left[place], other)
        place = next((place for place, entry in enumerate(left) if entry), -1)
        if place >= 0:
            chosen.append(at)
            reduced.append((place, left))
    return chosen


def _combine(
    first: int, row: Sequence[int], second: int, other: Sequence[int]
) -> list[int]:
    """first * row + second * other, over its common divisor; `first` is not 0."""
    made = [first * a + second * b for a, b in zip(row, other, strict=True)]
    divisor = gcd(*made) or 1
    return [entry // divisor for entry in made]


def _cut(rows: Sequence[Vector], rank: int, limit: int) -> list[Cone] | None:
    """The full-dimensional cones between the hyperplanes; the first `rank` rows are
    independent."""
    edges = _edges(rows[:rank])
    cones: list[Cone] = [
        tuple(
            edge if sign > 0 else tuple(-entry for entry in edge)
            for sign, edge in zip(signs, edges, strict=True)
        )
        for signs in product((1, -1), repeat=rank)
    ]
    zeros: dict[Vector, int] = {}
    for at in range(rank, len(rows)):
        cones = [part for cone in cones for part in _split(cone, rows, at, zeros)]
        if len(cones) > limit or sum(map(len, cones)) > MAX_RAYS:
            return None
    return cones


def _edges(rows: Sequence[Vector]) -> list[Vector]:
    """For each of these independent rows the direction in which only it grows."""
    size = len(rows)
    wide = [[*row, *(int(at == k) for k in range(size))] for at, row in enumerate(rows)]
    for place in range(size):
        pivot = next(at for at in range(place, size) if wide[at][place])
        wide[place], wide[pivot] = wide[pivot], wide[place]
        for at in range(size):
            if at != place and wide[at][place]:
                entry = wide[at][place]
                own = wide[place]
                wide[at] = _combine(own[place], wide[at], -entry, own)
    common = lcm(*(wide[at][at] for at in range(size)))
    edges = []
    for k in range(size):
        column = [row[size + k] * (common // row[at]) for at, row in enumerate(wide)]
        edges.append(_primitive(column))
    return edges


def _primitive(row: Sequence[int]) -> Vector:
    divisor = gcd(*row)
    return tuple(entry // divisor for entry in row)


def _dot(row: Sequence[int], other: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(row, other, strict=True))


def _split(
    cone: Cone, rows: Sequence[Vector], at: int, zeros: dict[Vector, int]
) -> Iterator[Cone]:
    """The cone, or its two sides where the hyperplane of row `at` passes through it."""
    values = [_dot(rows[at], ray) for ray in cone]
    above = [k for k, value in enumerate(values) if value > 0]
    below = [k for k, value in enumerate(values) if value < 0]
    if not above or not below:
        yield cone
        return
    masks = [_zeros(ray, rows, at, zeros) for ray in cone]
    shared = [ray for ray, value in zip(cone, values, strict=True) if not value]
    for high in above:
        for low in below:
            common = masks[high] & masks[low]
            if all(
                mask & common != common
                for k, mask in enumerate(masks)
                if k not in (high, low)
            ):
                ray = _combine(values[high], cone[low], -values[low], cone[high])
                shared.append(tuple(ray))
    yield (*(cone[k] for k in above), *shared)
    yield (*(cone[k] for k in below), *shared)


def _zeros(
    ray: Vector, rows: Sequence[Vector], count: int, known: dict[Vector, int]
) -> int:
    """The rows before `count` that vanish on the ray, as bits. `known` has what was found
    for a smaller count, with a bit above it that tells how far that was."""
    mask = known.get(ray, 1)
    done = mask.bit_length() - 1
    if done < count:
        mask ^= 1 << done
        for at in range(done, count):
            if not _dot(rows[at], ray):
                mask |= 1 << at
        mask |= 1 << count
        known[ray] = mask
    return mask


def _collect(
    cones: Sequence[Cone],
    seen: Sequence[Vector],
    columns: Sequence[int],
    width: int,
    scale: int,
) -> Cells:
    numbers: dict[Vector, int] = {}
    for cone in cones:
        for ray in cone:
            numbers.setdefault(ray, len(numbers))
    values = [tuple(max(0, _dot(row, ray)) for row in seen) for ray in numbers]
    cells = []
    for cone in cones:
        rays = tuple(sorted(numbers[ray] for ray in cone))
        active = {at for k in rays for at, value in enumerate(values[k]) if value}
        cells.append(Cell(tuple(sorted(active)), rays))
    return Cells(
        tuple(_widen(ray, columns, width) for ray in numbers),
        tuple(values),
        tuple(cells),
        scale,
    )


def _widen(ray: Vector, columns: Sequence[int], width: int) -> Vector:
    full = [0] * width
    for column, entry in zip(columns, ray, strict=True):
        full[column] = entry
    return tuple(full)
