"""Cells against all rays of an arrangement, and the limits of covers at their numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, count, permutations, product
from math import gcd
from operator import mul
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from tests.proofs import rejects
from tests.strategies import seeds
from verify.kernel import covers
from verify.kernel.covers import (
    common_duals,
    good_duals,
    make_cells,
    meets_all,
    split,
    whole_numbers,
)

Ray = tuple[int, ...]
Point = tuple[Fraction, ...]


def times(one: Ray, other: Ray) -> int:
    return sum(map(mul, one, other))


def primitive(ray: Ray) -> Ray:
    return tuple(value // (gcd(*ray) or 1) for value in ray)


def determinant(rows: list[Ray]) -> int:
    """By Leibniz's formula."""
    total = 0
    for order in permutations(range(len(rows))):
        turns = sum(a > b for a, b in combinations(order, 2))
        part = -1 if turns % 2 else 1
        for row, place in zip(rows, order, strict=True):
            part *= row[place]
        total += part
    return total


def rays_of(planes: list[Ray]) -> set[Ray]:
    """Both directions of each line in which planes meet."""
    size, found = len(planes[0]), set()
    units = [tuple(int(i == k) for k in range(size)) for i in range(size)]
    for chosen in combinations(planes, size - 1):
        line = tuple(determinant([unit, *chosen]) for unit in units)
        if any(line):
            found |= {primitive(line), primitive(tuple(-x for x in line))}
    return found


def cells_by_signs(points: list[Point]) -> set[frozenset[Ray]]:
    """The cells, from every choice of a side of every plane: a piece has inner points
    exactly where the sum of its rays is on those sides."""
    size = len(points[0]) + 1
    axes = [tuple(int(i == k) for k in range(size)) for i in range(size)]
    inner = [whole_numbers((*point, Fraction(1))) for point in points]
    planes = [*axes, *inner]
    rays = rays_of(planes)
    cells: dict[tuple[bool, ...], set[Ray]] = {}
    for signs in product((1, -1), repeat=len(planes)):
        sides = [*zip(planes, signs, strict=True)]
        piece = [r for r in rays if all(s * times(p, r) >= 0 for p, s in sides)]
        middle = tuple(map(sum, zip(*piece, strict=True)))
        if all(s * times(p, middle) > 0 for p, s in sides) and piece:
            cell = cells.setdefault(tuple(s > 0 for s in signs[size:]), set())
            cell |= {tuple(max(times(p, ray), 0) for p in inner) for ray in piece}
    return {frozenset(map(primitive, cell)) for cell in cells.values()}


@given(seeds())
@settings(max_examples=20)
def test_cells_have_the_rays_of_their_planes(random: Random) -> None:
    size = random.randint(1, 3)
    points = [
        tuple(Fraction(random.randint(-2, 2)) for _ in range(size))
        for _ in range(random.randint(1, 5 - size))
    ]
    found = make_cells(points)
    assert {frozenset(map(primitive, cell)) for cell in found} == cells_by_signs(points)


def test_the_cells_of_two_points_by_hand() -> None:
    """Units w*x + b at 1/2 and -1/2, twice: w + 2b and -w + 2b, on the rays that are
    the axes and those where one of the values is 0; the cells in order of their making."""
    assert make_cells([(Fraction(1, 2),), (Fraction(-1, 2),)]) == (
        ((2, 2), (4, 0), (0, 4)),
        ((1, 0), (4, 0), (0, 0)),
        ((0, 0),),
        ((0, 1), (0, 4), (0, 0)),
    )


def test_a_plane_cuts_between_adjacent_rays() -> None:
    """Here bit 0 is the plane x = 0, bit 1 the plane y = 0, bit 2 the new one."""
    quadrant: dict[Ray, int] = {(1, 0): 0b10, (0, 1): 0b01}
    assert split(quadrant, (1, -2), 0b100) == (
        {(1, 0): 0b10, (2, 1): 0b100},
        {(0, 1): 0b01, (2, 1): 0b100},
    )
    assert split(quadrant, (0, -1), 0b100) == ({(0, 1): 0b01, (1, 0): 0b110},)
    assert split(quadrant, (3, 1), 0b100) == (quadrant,)


def test_whole_numbers_are_made_of_anything_once_through() -> None:
    assert whole_numbers(iter([Fraction(1, 2), Fraction(1, 3)])) == (3, 2)


SIGNED = ((0b1001, 0b0110), (0b0001, 0b1110), (0b0011, 0b1100))


@pytest.mark.parametrize(
    "order", [order for size in (2, 3) for order in permutations((0, 1, 2), size)]
)
def test_smaller_sets_of_duals_win_in_any_order(order: tuple[int, ...]) -> None:
    """Each cell is one axis, so a dual is good for it on one side: see `SIGNED`."""
    axes = [[(1, 0, 0)], [(0, 1, 0)], [(0, 0, 1)]]
    signs = [(-1, -1, -1), (1, 1, -1), (1, 1, 1), (-1, 1, 1)]
    duals = [tuple(map(Fraction, dual)) for dual in signs]
    good = {found for place in order for found in SIGNED[place]}
    least = {s for s in good if not any(o != s and o & s == o for o in good)}
    assert good_duals([axes[place] for place in order], duals) == least


def test_points_are_tried_for_the_least_support_first() -> None:
    """One point for {2}, and it is one too many: two sets are tried, not four."""
    tried = count()
    assert meets_all([0b11001, 0b00100], 1, tried)
    assert next(tried) == 2


def test_as_many_points_and_inputs_as_the_limit_says() -> None:
    same = [(Fraction(1),)] * 501
    assert len(make_cells(same[:500])) == 2
    with rejects("at most 500 points", "501"):
        make_cells(same)
    origin = [(Fraction(0),) * 10]
    assert len(make_cells([origin[0][:9]])) == 2
    with rejects("at most 9 inputs", "10"):
        make_cells(origin)


def test_as_many_rays_as_the_limit_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plane through two of the four quadrants makes six cones of two rays."""
    points = [(Fraction(1),)]
    monkeypatch.setattr(covers, "MAX_RAYS", 12)
    assert len(make_cells(points)) == 2
    monkeypatch.setattr(covers, "MAX_RAYS", 11)
    with rejects("at most 11 rays of cells, 200 of one", "12, 2"):
        make_cells(points)
    monkeypatch.undo()
    monkeypatch.setattr(covers, "MAX_CONE", 2)
    assert len(make_cells(points)) == 2
    monkeypatch.setattr(covers, "MAX_CONE", 1)
    with rejects("at most 40000 rays of cells, 1 of one", "12, 2"):
        make_cells(points)


def test_as_many_products_as_the_limit_says() -> None:
    """A range stands for a long ray, of which nothing but one number is looked at."""
    duals = [(Fraction(1),)]
    rays: list[Any] = [range(300_000_000), range(300_000_001)]
    assert good_duals([rays[:1]], duals) == {1}
    with rejects("at most 300000000 products", "300000001"):
        good_duals([rays[1:]], duals)


def test_as_many_choices_and_sets_as_the_limit_says() -> None:
    sets = range(1_000_001)
    assert len(common_duals(frozenset(sets[1:]), (1 << 20) - 1, 1)) == 1_000_000
    with rejects("at most 1000000 choices of cells", "1000001"):
        common_duals(frozenset(sets), (1 << 20) - 1, 1)
    assert meets_all([1], 0, count(999_999))
    with rejects("at most 1000000 sets of points", "more"):
        meets_all([1], 0, count(1_000_000))
