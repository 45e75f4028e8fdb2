"""Cells of a unit's parameters, and whether dual vectors cover every choice of them.

The parameters u = (w, b) of a unit are cut by the planes on which its value at a point
changes sign, and by the coordinate planes, so that every piece is a pointed cone, generated
by its extreme rays. Pieces are made plane by plane (double description; Motzkin et al.
1953): a new extreme ray lies between two old ones that are adjacent, that is, no third ray
lies on every plane that both lie on (Fukuda and Prodon 1996, proposition 7). Pieces with
the same points on the positive side are one cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import gcd, lcm
from operator import mul
from typing import Final

from verify.kernel.rejections import require

MAX_SIZE: Final = 10  # numbers in a unit's parameters
MAX_POINTS: Final = 500
MAX_RAYS: Final = 40_000  # of all cells
MAX_CONE: Final = 200  # rays of one cell
MAX_PRODUCTS: Final = 300_000_000  # numbers multiplied to find which duals are good
MAX_SEARCH: Final = 1_000_000  # sets of points tried
MAX_CHOICES: Final = 1_000_000  # of what is common to some cells
MAX_STEPS: Final = 50_000_000  # duals looked at for them
Ray = tuple[int, ...]
Vector = tuple[Fraction, ...]


def whole_numbers(vector: Iterable[Fraction]) -> Ray:
    """The vector times the least positive number that makes it integral."""
    known = tuple(vector)
    scale = lcm(*(value.denominator for value in known))
    return tuple(int(value * scale) for value in known)


def _primitive(ray: Iterable[int]) -> Ray:
    known = tuple(ray)
    common = gcd(*known)
    return tuple(value // common for value in known)


def split(rays: dict[Ray, int], plane: Ray, bit: int) -> tuple[dict[Ray, int], ...]:
    """The parts of a pointed cone on the sides of a plane that have inner points.

    A cone is its extreme rays, each with the planes it lies on as a set of bits.
    """
    sides: dict[Ray, int] = {ray: sum(map(mul, ray, plane)) for ray in rays}
    above = [ray for ray in rays if sides[ray] > 0]
    below = [ray for ray in rays if sides[ray] < 0]
    on = {ray: planes | bit for ray, planes in rays.items() if not sides[ray]}
    for up, down in product(above, below):
        common = rays[up] & rays[down]
        others = (planes for ray, planes in rays.items() if ray not in (up, down))
        if not any(planes & common == common for planes in others):
            pair = zip(up, down, strict=True)
            rise, fall = sides[up], -sides[down]
            between = (rise * y + fall * x for x, y in pair)
            on[_primitive(between)] = common | bit
    return tuple(
        {**{ray: rays[ray] for ray in side}, **on} for side in (above, below) if side
    )


def _orthant(signs: Sequence[int]) -> dict[Ray, int]:
    """The cone with these signs; the ray along an axis lies on all other planes."""
    size = len(signs)
    return {
        tuple(sign * (i == k) for k in range(size)): (1 << size) - 1 - (1 << i)
        for i, sign in enumerate(signs)
    }


def make_cells(points: Sequence[Vector]) -> tuple[tuple[Ray, ...], ...]:
    """For each cell, the values of the unit at the points, on each of its rays.

    Values are relu(w . x + b), up to one positive factor for each ray.
    """
    size = len(points[0]) + 1
    require(size <= MAX_SIZE, f"at most {MAX_SIZE - 1} inputs", size - 1)
    require(len(points) <= MAX_POINTS, f"at most {MAX_POINTS} points", len(points))
    scale = lcm(*(value.denominator for point in points for value in point))
    planes = [tuple(int(value * scale) for value in (*x, Fraction(1))) for x in points]
    cones = [_orthant(signs) for signs in product((1, -1), repeat=size)]
    for place, plane in enumerate(planes, size):
        cones = [part for cone in cones for part in split(cone, plane, 1 << place)]
        sizes = [*map(len, cones)]
        few = sum(sizes) <= MAX_RAYS and max(sizes) <= MAX_CONE
        limits = f"at most {MAX_RAYS} rays of cells, {MAX_CONE} of one"
        require(few, limits, f"{sum(sizes)}, {max(sizes)}")
    cells: dict[int, dict[Ray, None]] = {}
    for cone in cones:
        values = [[sum(map(mul, ray, plane)) for plane in planes] for ray in cone]
        pattern = sum(
            1 << i for i in range(len(planes)) if any(value[i] > 0 for value in values)
        )
        cell = cells.setdefault(pattern, {})
        for value in values:
            cell[tuple(max(number, 0) for number in value)] = None
    return tuple(tuple(cell) for cell in cells.values())


def good_duals(
    cells: Iterable[Iterable[Ray]], duals: Sequence[Vector]
) -> frozenset[int]:
    """For each cell and sign the set of duals that are good for it, as bits; where one
    such set contains another, only the smaller is kept."""
    numbered: dict[Ray, int] = {}
    members = [
        sum({1 << numbered.setdefault(ray, len(numbered)) for ray in cell})
        for cell in cells
    ]
    work = len(duals) * sum(map(len, numbered))
    require(work <= MAX_PRODUCTS, f"at most {MAX_PRODUCTS} products", work)
    good = {(cell, side): 0 for cell in range(len(members)) for side in (1, -1)}
    for number, dual in enumerate(map(whole_numbers, duals)):
        products = [sum(map(mul, dual, ray)) for ray in numbered]
        for side in (1, -1):
            wrong = sum(1 << i for i, p in enumerate(products) if side * p > 0)
            for cell, rays in enumerate(members):
                if not rays & wrong:
                    good[cell, side] |= 1 << number
    least: list[int] = []
    for found in sorted(set(good.values()), key=int.bit_count):
        if not any(other & found == other for other in least):
            least.append(found)
    return frozenset(least)


def common_duals(sets: frozenset[int], whole: int, count: int) -> set[int]:
    """What is common to each choice of `count` of the sets, repeats allowed.

    `whole` contains every set.
    """
    common = {whole}
    for _ in range(count):
        common = {one & other for one in common for other in sets}
        few = len(common)
        require(few <= MAX_CHOICES, f"at most {MAX_CHOICES} choices of cells", few)
    return common


def check_cover(sets: frozenset[int], whole: int, hidden: int) -> None:
    """Require that any `hidden` of the sets have a dual in common, repeats allowed."""
    require(whole > 0, "a dual vector", "none")
    if not hidden:
        return
    members: dict[int, int] = {}  # a dual, as a bit -> the sets it is in, as bits
    for place, one in enumerate(sets):
        for dual in _bits(one):
            members[dual] = members.get(dual, 0) | 1 << place
    steps = 0
    for common in common_duals(sets, whole, hidden - 1):
        missed = (1 << len(sets)) - 1
        for dual in _bits(common):
            missed &= ~members.get(dual, 0)
            steps += 1
            if not missed:
                break
        require(not missed, "a dual vector for each choice of cells", "none for one")
        require(steps <= MAX_STEPS, f"at most {MAX_STEPS} steps", "more")


def _bits(number: int) -> Iterator[int]:
    """The bits of a number from 0 on, each as a number."""
    while number:
        low = number & -number
        yield low
        number ^= low


def meets_all(supports: Iterable[int], size: int, tried: Iterator[int]) -> bool:
    """Whether every set of points that meets all of these has at least `size` points.

    `tried` counts the sets of points tried here and in other calls.
    """
    order = sorted(set(supports), key=int.bit_count)
    waiting = [(0, 0)]
    while waiting:
        few = next(tried) < MAX_SEARCH
        require(few, f"at most {MAX_SEARCH} sets of points", "more")
        chosen, count = waiting.pop()
        if count >= size:
            continue
        missed = next((s for s in order if not s & chosen), 0)
        if not missed:
            return False
        waiting += ((chosen | point, count + 1) for point in _bits(missed))
    return True
