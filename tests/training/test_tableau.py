"""The float simplex against another solver, and the exact one against both."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy
import pytest
from scipy.optimize import linprog

from tests.training.fitting import make, random_fit
from verify.training.optima.cells import make_cells
from verify.training.optima.choices import make_signed
from verify.training.optima.duals import bound_of
from verify.training.optima.exactly import decide_choice
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.programs import Program
from verify.training.optima.solving import solve_square
from verify.training.optima.tableau import Tableau


def random_numbers(random: Random, count: int, width: int) -> numpy.ndarray:
    return numpy.array(
        [[float(random.randint(-5, 5)) for _ in range(width)] for _ in range(count)]
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_optimum_is_the_one_of_another_solver(seed: int) -> None:
    """Limits come one after another, each asked from where the last one ended."""
    random = Random(seed)
    width, count = random.randint(1, 7), random.randint(1, 12)
    rows = random_numbers(random, count, width)
    objective = random_numbers(random, 1, width)[0]
    bounds = -numpy.ones(width), numpy.ones(width)
    free = numpy.full(count, numpy.inf)
    tableau = Tableau(rows, objective, bounds, (-free, free))
    upper: list[int] = []
    for row in range(count):
        state = tableau.save()
        tableau.limit_above(numpy.array([row]))
        upper.append(row)
        value = tableau.run()
        expected = -linprog(
            -objective, A_ub=rows[upper], b_ub=numpy.zeros(len(upper)), bounds=(-1, 1)
        ).fun
        assert value == pytest.approx(expected, abs=1e-7)
        found = tableau.everything()
        assert found[width:] == pytest.approx(rows @ found[:width], abs=1e-7)
        if random.random() < 0.5:
            tableau.restore(state)
            upper.pop()
    tableau.reset()
    assert tableau.run() == pytest.approx(numpy.abs(objective).sum())


def test_a_floor_or_limits_that_cannot_be_kept_give_minus_infinity() -> None:
    one = numpy.ones(1)
    tableau = Tableau(one[None, :], one, (one, 3 * one), (-numpy.inf * one, 2 * one))
    assert tableau.run(1.5) == 2
    assert tableau.run(2.5) == -numpy.inf
    tableau.limit_below(numpy.array([0]))
    assert tableau.run() == 2
    tableau.reset()
    tableau.limit_above(numpy.array([0]))
    assert tableau.run() == -numpy.inf


@pytest.mark.parametrize("seed", range(20))
def test_square_systems_are_solved_exactly(seed: int) -> None:
    random = Random(seed)
    size = random.randint(0, 6)
    rows = [[random.randint(-9, 9) for _ in range(size)] for _ in range(size)]
    right = [random.randint(-99, 99) for _ in range(size)]
    found = solve_square(rows, right)
    unique = not size or abs(numpy.linalg.det(numpy.array(rows, dtype=float))) > 1e-6
    assert (found is not None) == unique
    if found is not None:
        assert [
            sum((a * x for a, x in zip(row, found, strict=True)), Fraction(0))
            for row in rows
        ] == right


def test_a_singular_system_has_no_unique_solution() -> None:
    assert solve_square([[1, 2], [2, 4]], [1, 2]) is None
    assert solve_square([[0, 1], [1, 0]], [3, 5]) == [5, 3]


FITS = [
    *(random_fit(Random(f"{loss} {seed}"), loss) for loss in ("l1", "linf", "hinge") for seed in range(8)),
    make("l1", [(0, 0), (1, 2), (2, 1), (3, 3), (1, 1)], [1, -2, 3, 0, 5], 3),
]  # fmt: skip


@pytest.mark.parametrize("fit", FITS, ids=range(len(FITS)))
def test_floats_basis_and_exact_simplex_agree_on_both_sides(fit: Fit) -> None:
    """For random choices: the float value, the exact dual, the exact network, and the
    exact simplex just below, at and just above the value."""
    cells = make_cells(fit.points)
    assert cells is not None
    signed = make_signed(cells)
    program, random = Program(fit, signed), Random(0)
    for _ in range(4):
        choice = [random.randrange(len(signed.cells)) for _ in range(fit.hidden)]
        value = program.begin(choice)
        dual, network = program.dual(), program.parameters(choice)
        assert dual is not None and network is not None
        exact = bound_of(fit, dual)
        assert exact == evaluate(fit, network)
        assert float(exact / program.unit) == pytest.approx(value, abs=1e-7)
        for bound in (exact, exact - 1):
            found = decide_choice(fit, signed, choice, bound)
            assert found is not None and not isinstance(found, Parameters)
            proved = bound_of(fit, found)
            assert proved is not None and proved >= bound
        above = exact + Fraction(1, 10**9)
        better = decide_choice(fit, signed, choice, above)
        assert isinstance(better, Parameters)
        assert evaluate(fit, better) < above
