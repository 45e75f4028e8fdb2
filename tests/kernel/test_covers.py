"""Cells of a unit's parameters, and covers by duals: against counting by brute force."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import combinations, combinations_with_replacement, count
from operator import and_, mul
from random import Random

import pytest
from hypothesis import given

from tests.proofs import rejects
from tests.strategies import seeds
from verify.kernel import covers
from verify.kernel.covers import (
    check_cover,
    common_duals,
    good_duals,
    make_cells,
    meets_all,
    whole_numbers,
)

Point = tuple[Fraction, ...]


def draw_points(random: Random, size: int) -> list[Point]:
    count = random.randint(1, 6)
    return [
        tuple(
            Fraction(random.randint(-3, 3), random.randint(1, 2)) for _ in range(size)
        )
        for _ in range(count)
    ]


def unit_values(points: list[Point], parameters: list[int]) -> list[Fraction]:
    return [
        sum(map(mul, point, parameters[:-1]), Fraction(parameters[-1]))
        for point in points
    ]


@given(seeds())
def test_every_unit_is_a_combination_of_the_rays_of_one_cell(random: Random) -> None:
    """Whatever is at most 0 on the rays of its cell is at most 0 for the unit."""
    points = draw_points(random, random.randint(1, 3))
    cells = make_cells(points)
    duals = [[random.randint(-3, 3) for _ in points] for _ in range(6)]
    for _ in range(20):
        parameters = [random.randint(-5, 5) for _ in range(len(points[0]) + 1)]
        raw = unit_values(points, parameters)
        values = [max(value, Fraction(0)) for value in raw]
        active = {i for i, value in enumerate(raw) if value > 0}
        inactive = {i for i, value in enumerate(raw) if value < 0}
        pairs = [(c, {i for ray in c for i, v in enumerate(ray) if v}) for c in cells]
        own = [c for c, found in pairs if active <= found and not inactive & found]
        assert own
        for dual in duals:
            if sum(map(mul, dual, values)) > 0:
                assert all(any(sum(map(mul, dual, ray)) > 0 for ray in c) for c in own)


@given(seeds())
def test_rays_are_values_of_units(random: Random) -> None:
    """Each ray's values are those of some unit, on the cell's side at every point."""
    points = draw_points(random, 1)
    for cell in make_cells(points):
        for ray in cell:
            assert any(
                [max(v, Fraction(0)) for v in unit_values(points, [w, b])]
                == [scale * value for value in map(Fraction, ray)]
                for w, b, scale in _units_of(points, ray)
            )


def _units_of(
    points: list[Point], ray: tuple[int, ...]
) -> list[tuple[Fraction, Fraction, Fraction]]:
    """Units through 0 at one of the points, or along an axis, scaled to fit the ray."""
    found = []
    directions = [(0, 1), (0, -1), (1, 0), (-1, 0)]
    directions += [(s, -s * x[0]) for x in points for s in (1, -1)]
    for w, b in directions:
        values = [max(x[0] * w + b, Fraction(0)) for x in points]
        pairs = [(v, r) for v, r in zip(values, ray, strict=True) if v and r]
        scale = pairs[0][0] / pairs[0][1] if pairs else Fraction(1)
        found.append((w, b, scale))
    return found


def patterns(points: list[Point]) -> set[frozenset[int]]:
    """All sets of points strictly on one side of a line, in general position too."""
    found = set()
    for angle in range(360):
        turn = complex(1, 0) * pow(
            complex(0.9998476951563913, 0.01745240643728351), angle
        )
        along = sorted(
            (float(p[0]) * turn.real + float(p[1]) * turn.imag, i)
            for i, p in enumerate(points)
        )
        found |= {frozenset(i for _, i in along[k:]) for k in range(len(along) + 1)}
    return found


def test_cells_of_points_in_general_position_are_counted() -> None:
    """n points of the plane, no three on a line: 2 (1 + (n - 1) + (n - 1)(n - 2)/2)."""
    points = [
        (Fraction(x), Fraction(y))
        for x, y in ((0, 1), (2, 5), (3, -4), (-5, 2), (1, 9))
    ]
    cells = make_cells(points)
    active = {frozenset(i for ray in c for i, v in enumerate(ray) if v) for c in cells}
    assert len(cells) == len(active) == 2 * (1 + 4 + 6)
    assert patterns(points) == active


def test_a_line_of_points_has_two_cells_a_gap() -> None:
    points = [(Fraction(x),) for x in (0, 1, 2, 3)]
    assert len(make_cells(points)) == 2 * 4
    assert len(make_cells([*points, *points])) == 2 * 4


@given(seeds())
def test_covers_are_those_of_brute_force(random: Random) -> None:
    duals = random.randint(1, 4)
    drawn = (random.randrange(1 << duals) for _ in range(random.randint(1, 4)))
    sets, hidden, whole = frozenset(drawn), random.randint(0, 3), (1 << duals) - 1
    choices = combinations_with_replacement(sorted(sets), hidden)
    common = {reduce(and_, chosen, whole) for chosen in choices}
    assert common_duals(sets, whole, hidden) == common
    if all(common):
        check_cover(sets, whole, hidden)
    else:
        with rejects("a dual vector for each choice of cells", "none for one"):
            check_cover(sets, whole, hidden)


def test_without_duals_nothing_is_covered() -> None:
    for hidden in (0, 1):
        with rejects("a dual vector", "none"):
            check_cover(frozenset((0,)), 0, hidden)


@given(seeds())
def test_good_duals_are_minimal_sets(random: Random) -> None:
    points = draw_points(random, 1)
    duals = [tuple(Fraction(random.randint(-2, 2)) for _ in points) for _ in range(4)]
    cells = make_cells(points)
    sets = set()
    for cell in cells:
        for side in (1, -1):
            good = [
                all(side * sum(map(mul, dual, ray)) <= 0 for ray in cell)
                for dual in duals
            ]
            sets.add(sum(1 << i for i, fine in enumerate(good) if fine))
    least = {s for s in sets if not any(o != s and o & s == o for o in sets)}
    assert good_duals(cells, duals) == least


@given(seeds())
def test_hitting_sets_are_those_of_brute_force(random: Random) -> None:
    supports = [random.randrange(1, 32) for _ in range(random.randint(0, 4))]
    smallest = next(
        size
        for size in range(6)
        for chosen in combinations(range(5), size)
        if all(any(s >> i & 1 for i in chosen) for s in supports)
    )
    for size in range(6):
        assert meets_all(supports, size, count()) == (size <= smallest)


def test_whole_numbers_keep_the_direction() -> None:
    assert whole_numbers([Fraction(1, 2), Fraction(-1, 3)]) == (3, -2)


LINE = [(Fraction(x),) for x in range(4)]


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [
        ("MAX_RAYS", 11, "at most 11 rays of cells"),
        ("MAX_CONE", 1, "at most 40000 rays of cells, 1 of one"),
        ("MAX_SIZE", 1, "at most 0 inputs"),
        ("MAX_POINTS", 3, "at most 3 points"),
    ],
)
def test_cells_are_limited(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, expected: str
) -> None:
    monkeypatch.setattr(covers, limit, value)
    with rejects(expected):
        make_cells(LINE)


def test_work_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    duals = [tuple(map(Fraction, (1, -1, 0, 0)))]
    cells = make_cells(LINE)
    products = 4 * len({ray for cell in cells for ray in cell})
    monkeypatch.setattr(covers, "MAX_PRODUCTS", products)
    good_duals(cells, duals)
    monkeypatch.setattr(covers, "MAX_PRODUCTS", products - 1)
    with rejects(f"at most {products - 1} products", str(products)):
        good_duals(cells, duals)
    monkeypatch.setattr(covers, "MAX_CHOICES", 2)
    check_cover(frozenset((1, 3)), 3, 2)
    with rejects("at most 2 choices", "3"):
        common_duals(frozenset((1, 2, 4)), 7, 1)
    monkeypatch.setattr(covers, "MAX_STEPS", 2)
    check_cover(frozenset((1, 3)), 3, 2)  # one step each for two of them
    monkeypatch.setattr(covers, "MAX_STEPS", 1)
    with rejects("at most 1 steps", "more"):
        check_cover(frozenset((1, 3)), 3, 2)
    monkeypatch.setattr(covers, "MAX_SEARCH", 3)
    assert meets_all([1], 1, count())
    with rejects("at most 3 sets of points", "more"):
        meets_all([7], 1, count())
