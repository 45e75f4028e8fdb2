"""The cells of a unit, against the kernel's own and against random parameters."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb
from random import Random

import pytest

from verify.kernel import covers
from verify.solvers.simplex import Simplex
from verify.training.optima.cells import Cells, make_cells

Points = list[tuple[Fraction, ...]]


def make_points(*rows: tuple[int | str, ...]) -> Points:
    return [tuple(Fraction(x) for x in row) for row in rows]


def random_points(random: Random, count: int, width: int, reach: int = 3) -> Points:
    """Small whole numbers: many of them on common lines, some of them equal."""
    return [
        tuple(Fraction(random.randint(-reach, reach)) for _ in range(width))
        for _ in range(count)
    ]


def made(points: Points) -> Cells:
    found = make_cells(points)
    assert found is not None
    return found


def outputs(points: Points, parameters: tuple[int, ...]) -> tuple[Fraction, ...]:
    *weights, bias = parameters
    return tuple(
        max(
            Fraction(0),
            sum((w * x for w, x in zip(weights, p, strict=True)), bias + Fraction(0)),
        )
        for p in points
    )


def patterns(points: Points) -> set[tuple[int, ...]]:
    """The active sets of the kernel's cells."""
    return {
        tuple(at for at in range(len(points)) if any(ray[at] for ray in cell))
        for cell in covers.make_cells(points)
    }


def is_combination(
    vectors: list[tuple[int, ...]], target: tuple[Fraction, ...]
) -> bool:
    """Whether the target is a sum of the vectors with multipliers from 0 on."""
    solver = Simplex()
    numbers = [solver.variable() for _ in vectors]
    limits = [(">=", {k: Fraction(1)}, Fraction(0)) for k in numbers]
    for at, value in enumerate(target):
        form = {
            k: Fraction(v[at]) for k, v in zip(numbers, vectors, strict=True) if v[at]
        }
        limits.append(("=", form, -value))
    for literal, (kind, form, constant) in enumerate(limits):
        if solver.assert_literal(literal, kind, form, constant):
            return False
    return solver.check() is None


DEGENERATE = {
    "one point": make_points((3,)),
    "one point of two inputs": make_points((3, -1)),
    "the same point twice": make_points((1, 2), (1, 2)),
    "two points of three inputs": make_points((1, 0, 0), (0, 1, 0)),
    "all on a line": make_points((0, 0), (1, 1), (2, 2), (4, 4)),
    "a feature that is constant": make_points((0, 5), (1, 5), (3, 5)),
    "a feature that is 0": make_points((0, 0), (1, 0), (2, 0)),
    "a grid": make_points(*((a, b) for a in range(3) for b in range(3))),
    "fractions": make_points(("1/3", "-2/7"), ("5/2", 0), (1, "1/9"), (0, 0)),
}


@pytest.mark.parametrize("points", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_points_have_the_kernels_cells(points: Points) -> None:
    check_cells(points, Random(1))


@pytest.mark.parametrize("seed", range(20))
def test_random_points_have_the_kernels_cells(seed: int) -> None:
    random = Random(seed)
    check_cells(
        random_points(random, random.randint(1, 7), random.randint(1, 3)), random
    )


def check_cells(points: Points, random: Random) -> None:
    found = made(points)
    assert {cell.active for cell in found.cells} == patterns(points)
    assert len({cell.active for cell in found.cells}) == len(found.cells)
    for ray, values in zip(found.rays, found.values, strict=True):
        assert tuple(found.scale * v for v in outputs(points, ray)) == values
    by_pattern = {cell.active: cell for cell in found.cells}
    for cell in found.cells:
        shares = [random.randint(0, 3) for _ in cell.rays]
        total = tuple(
            sum(
                share * found.rays[k][at]
                for share, k in zip(shares, cell.rays, strict=True)
            )
            for at in range(len(points[0]) + 1)
        )
        summed = tuple(
            sum(
                share * found.values[k][at]
                for share, k in zip(shares, cell.rays, strict=True)
            )
            for at in range(len(points))
        )
        assert tuple(found.scale * v for v in outputs(points, total)) == summed
    for _ in range(10):
        parameters = tuple(random.randint(-9, 9) for _ in range(len(points[0]) + 1))
        target = outputs(points, parameters)
        active = tuple(at for at, value in enumerate(target) if value)
        if active in by_pattern:
            vectors = [found.values[k] for k in by_pattern[active].rays]
            assert is_combination(vectors, target)


@pytest.mark.parametrize(("count", "width"), [(5, 1), (6, 2), (7, 2), (6, 3)])
def test_points_in_general_position_have_the_known_number_of_cells(
    count: int, width: int
) -> None:
    points = make_points(
        *(tuple(t**k for k in range(1, width + 1)) for t in range(count))
    )
    expected = 2 * sum(comb(count - 1, k) for k in range(width + 1))
    assert len(made(points).cells) == expected


def test_no_ray_of_a_cell_is_a_sum_of_the_others() -> None:
    found = made(random_points(Random(5), 6, 2))
    for cell in found.cells:
        rays = [found.rays[k] for k in cell.rays]
        for one in rays:
            others = [ray for ray in rays if ray != one]
            assert not is_combination(others, tuple(map(Fraction, one)))


def test_every_pair_of_rays_is_distinct() -> None:
    found = made(DEGENERATE["a grid"])
    assert all(one != other for one, other in combinations(found.rays, 2))


def test_too_many_cells_are_refused() -> None:
    points = random_points(Random(2), 12, 2, 9)
    cells = len(made(points).cells)
    assert make_cells(points, limit=cells) is not None
    assert make_cells(points, limit=cells - 1) is None


def test_too_many_rays_are_refused() -> None:
    assert make_cells(random_points(Random(0), 11, 6, 9)) is None
