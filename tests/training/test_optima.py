"""Least l1, linf and hinge losses: known ones, brute force, z3, laws, and lies."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import combinations_with_replacement
from random import Random
from typing import Any

import numpy
import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.proofs import rejects
from tests.training.fitting import make, random_fit, require_proof, signed_cones
from verify.training.optima.duals import bound_of
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.optimum import find_below, find_optimum, find_witness
from verify.training.optima.results import Cover, Open, Optimum

LINEAR = ("l1", "linf", "hinge")


def solve(fit: Fit, seconds: float = 120) -> Optimum:
    return find_optimum(fit, deadline=time.monotonic() + seconds)


def require_both_sides(fit: Fit, found: Optimum) -> None:
    """The witness has the loss, and the kernel accepts the bound."""
    assert found.lower == found.upper == evaluate(fit, found.witness), found.reason
    require_proof(fit, found.upper, found.duals)


def least(fit: Fit) -> float:
    """The least loss by brute force: a linear programme for every choice of cells."""
    return min(
        least_in(fit, list(choice))
        for choice in combinations_with_replacement(signed_cones(fit), fit.hidden)
    )


def least_in(fit: Fit, choice: list[Any]) -> float:
    """Shares of the rays from 0 on, a free constant, and the errors they leave."""
    size = len(fit.points)
    free = [numpy.ones((1, size)), -numpy.ones((1, size))] if fit.constant else []
    shares = numpy.vstack([numpy.zeros((1, size)), *free, *choice])
    count = 1 if fit.loss == "linf" else size
    slack = numpy.ones((size, 1)) if fit.loss == "linf" else numpy.eye(size)
    gaps = numpy.array(
        [float(y - o) for y, o in zip(fit.targets, fit.offsets, strict=True)]
    )
    labels = numpy.array([float(y) for y in fit.targets])[:, None]
    if fit.loss == "hinge":
        left = numpy.hstack([-labels * shares.T, -slack])
        right = -labels[:, 0] * gaps
    else:
        left = numpy.vstack(
            [numpy.hstack([shares.T, -slack]), numpy.hstack([-shares.T, -slack])]
        )
        right = numpy.concatenate([gaps, -gaps])
    price = numpy.concatenate([numpy.zeros(len(shares)), numpy.ones(count)])
    return float(linprog(price, A_ub=left, b_ub=right).fun)


HAT = [0, 1, 0]
LABELS = [-1, 1, -1]
SPIKE = [0, 0, 0, 1, 0, 0, 0]
ALTERNATING = [0, 1, 0, 1, 0, 1, 0]

TABLE = {
    "hat": ("l1", HAT, "1 1 0"),
    "hat, worst point": ("linf", HAT, "1/2 1/2 0"),
    "hat, labels": ("hinge", LABELS, "2 2 0"),
    "spike of seven": ("l1", SPIKE, "1 1 1 0"),
    "spike of five": ("l1", SPIKE[1:6], "1 1 1/2 0"),
    "spike of nine": ("l1", [0, *SPIKE, 0], "1 1 1 0"),
    "staircase of four": ("l1", ALTERNATING[:4], "2 1 1 0"),
    "staircase of five": ("l1", ALTERNATING[:5], "2 2 1 0"),
    "staircase of six": ("l1", ALTERNATING[:6], "3 2 2 1 0"),
    "staircase of seven": ("l1", ALTERNATING, "3 3 2 4/3 1 0"),
}


@pytest.mark.parametrize("name", TABLE)
def test_known_optima(name: str) -> None:
    loss, targets, values = TABLE[name]
    for hidden, value in enumerate(values.split()):
        fit = make(loss, range(len(targets)), targets, hidden)
        found = solve(fit)
        require_both_sides(fit, found)
        assert found.upper == Fraction(value)


@pytest.mark.parametrize("loss", LINEAR)
@pytest.mark.parametrize("seed", range(30))
def test_random_fits_agree_with_brute_force(loss: str, seed: int) -> None:
    compare(random_fit(Random(f"{loss} {seed}"), loss))


@pytest.mark.campaign
@pytest.mark.parametrize("loss", LINEAR)
@pytest.mark.parametrize("seed", range(100, 600))
def test_many_random_fits_agree_with_brute_force(loss: str, seed: int) -> None:
    compare(random_fit(Random(f"{loss} {seed}"), loss))


def compare(fit: Fit) -> None:
    found = solve(fit)
    require_both_sides(fit, found)
    assert float(found.upper) == pytest.approx(least(fit), abs=1e-6)


def z3_below(fit: Fit, value: Fraction, signs: tuple[int, ...]) -> bool:
    """Whether z3 finds a loss below `value` with these signs (encoding without big-M)."""
    solver = z3.Solver()
    constant = z3.Real("c") if fit.constant else z3.RealVal(0)
    errors = []
    for at, point in enumerate(fit.points):
        total = constant + z3.Q(*fit.offsets[at].as_integer_ratio())
        for unit, sign in enumerate(signs):
            before = z3.Real(f"b{unit}") + z3.Sum(
                [
                    z3.Q(*x.as_integer_ratio()) * z3.Real(f"w{unit}_{k}")
                    for k, x in enumerate(point)
                ]
            )
            after = z3.Real(f"z{unit}_{at}")
            solver.add(after >= 0, after >= before, z3.Or(after <= 0, after <= before))
            total = total + sign * after
        target = z3.Q(*fit.targets[at].as_integer_ratio())
        error = z3.Real(f"e{0 if fit.loss == 'linf' else at}")
        errors.append(error)
        if fit.loss == "hinge":
            solver.add(error >= 0, error >= 1 - target * total)
        else:
            solver.add(error >= total - target, error >= target - total)
    goal = errors[0] if fit.loss == "linf" else z3.Sum(errors)
    solver.add(goal < z3.Q(*value.as_integer_ratio()))
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


@pytest.mark.parametrize("loss", LINEAR)
@pytest.mark.parametrize("seed", range(6))
def test_z3_finds_nothing_below_and_something_just_above(loss: str, seed: int) -> None:
    fit = random_fit(Random(f"z3 {loss} {seed}"), loss)
    value = solve(fit).upper
    signs = list(combinations_with_replacement((1, -1), fit.hidden))
    assert not any(z3_below(fit, value, one) for one in signs)
    assert any(z3_below(fit, value + Fraction(1, 10**6), one) for one in signs)


def test_two_inputs_and_three_units() -> None:
    random = Random(1)
    points = [(random.randint(-5, 5), random.randint(-5, 5)) for _ in range(12)]
    fit = make("l1", points, [random.randint(-5, 5) for _ in points], 3)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper > 0


@pytest.mark.parametrize("loss", LINEAR)
def test_equal_points_with_different_targets_cost_what_they_must(loss: str) -> None:
    fit = make(loss, [0, 1, 1, 2], [1, 1, -1, 1], 3)
    found = solve(fit)
    require_both_sides(fit, found)
    assert found.upper == {"l1": 2, "linf": 1, "hinge": 2}[loss]


@pytest.mark.parametrize("loss", LINEAR)
def test_a_lower_bound_above_the_optimum_is_not_accepted(loss: str) -> None:
    fit = make(loss, range(5), [1, -1, 1, -1, 1], 2)
    found = solve(fit)
    assert found.upper > 0
    more = found.upper + Fraction(1, 1000)
    with rejects("dual vectors of value", str(found.upper), rule="fit", step=1):
        require_proof(fit, more, found.duals)


def test_half_of_the_duals_do_not_cover() -> None:
    fit = make("l1", range(7), ALTERNATING, 3)
    found = solve(fit)
    assert len(found.duals) > 2
    with rejects("a dual vector for each choice of cells", rule="fit", step=1):
        require_proof(fit, found.upper, found.duals[::2])


SMALL = st.integers(-3, 3)
DATA = st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=5)
POSITIVE = st.fractions(Fraction(1, 9), 9, max_denominator=9)


@given(DATA, st.sampled_from(("l1", "linf")), st.integers(0, 2), POSITIVE)
def test_scaling_targets_scales_the_optimum(
    data: list[tuple[int, int]], loss: str, hidden: int, factor: Fraction
) -> None:
    points, targets = zip(*data, strict=True)
    value = solve(make(loss, points, targets, hidden)).upper
    scaled = solve(make(loss, points, [factor * y for y in targets], hidden))
    assert scaled.lower == scaled.upper == factor * value


@given(DATA, st.integers(0, 2), POSITIVE, SMALL, st.randoms(use_true_random=False))
def test_inputs_may_be_moved_scaled_and_put_in_another_order(
    data: list[tuple[int, int]],
    hidden: int,
    factor: Fraction,
    shift: int,
    random: Random,
) -> None:
    points, targets = zip(*data, strict=True)
    value = solve(make("l1", points, targets, hidden)).upper
    random.shuffle(data)
    moved = make(
        "l1", [factor * x + shift for x, _ in data], [y for _, y in data], hidden
    )
    assert solve(moved).upper == value


@given(DATA, st.integers(0, 2))
def test_every_point_twice_costs_twice_as_much(
    data: list[tuple[int, int]], hidden: int
) -> None:
    points, targets = zip(*data, strict=True)
    value = solve(make("l1", points, targets, hidden)).upper
    assert solve(make("l1", points * 2, targets * 2, hidden)).upper == 2 * value
    worst = solve(make("linf", points, targets, hidden)).upper
    assert solve(make("linf", points * 2, targets * 2, hidden)).upper == worst


@given(DATA, st.sampled_from(LINEAR), st.integers(0, 1), st.booleans())
def test_more_units_never_cost_and_offsets_shift_targets(
    data: list[tuple[int, int]], loss: str, hidden: int, constant: bool
) -> None:
    points, targets = zip(*data, strict=True)
    if loss == "hinge":
        targets = tuple(1 if y > 0 else -1 for y in targets)
    value = solve(make(loss, points, targets, hidden, constant=constant)).upper
    assert (
        solve(make(loss, points, targets, hidden + 1, constant=constant)).upper <= value
    )
    if loss != "hinge":
        shifted = make(
            loss, points, [y + x for x, y in data], hidden,
            offsets=points, constant=constant,
        )  # fmt: skip
        assert solve(shifted).upper == value


@pytest.mark.parametrize("loss", LINEAR)
@pytest.mark.parametrize("seed", range(5))
def test_below_or_not_agrees_with_the_optimum(loss: str, seed: int) -> None:
    fit = random_fit(Random(f"below {loss} {seed}"), loss)
    value = solve(fit).upper
    later = time.monotonic() + 60
    cover = find_below(fit, value, deadline=later)
    assert isinstance(cover, Cover)
    require_proof(fit, value, cover.duals)
    found = find_below(fit, value + Fraction(1, 1000), deadline=later)
    assert isinstance(found, Parameters)
    assert evaluate(fit, found) < value + Fraction(1, 1000)
    assert find_witness(fit, deadline=later)[1] >= value


@pytest.mark.parametrize("power", [-40, -9, 9, 40, 400])
def test_numbers_far_from_one_are_no_trouble(power: int) -> None:
    """Targets, then coordinates too, beyond what floats resolve or even hold."""
    factor = Fraction(10) ** power
    targets = [factor * y for y in ALTERNATING]
    found = solve(make("l1", range(7), targets, 2))
    assert found.lower == found.upper == 2 * factor
    places = [factor * x for x in range(7)]
    found = solve(make("l1", places, targets, 3))
    assert found.lower == found.upper == Fraction(4, 3) * factor


def test_a_witness_is_as_good_as_it_says() -> None:
    fit = make("l1", range(7), ALTERNATING, 3)
    witness, loss = find_witness(fit, deadline=time.monotonic() + 60)
    assert evaluate(fit, witness) == loss == Fraction(4, 3)


def test_no_time_is_said_and_nothing_is_claimed() -> None:
    fit = make("l1", range(9), [0, 3, 0, 2, 0, 3, 0, 2, 0], 3)
    found = find_optimum(fit, deadline=time.monotonic() - 1)
    assert found.reason == "timeout"
    assert found.lower == 0 < found.upper == evaluate(fit, found.witness)
    require_proof(fit, found.lower, found.duals)
    answer = find_below(fit, Fraction(2), deadline=time.monotonic() - 1)
    assert isinstance(answer, Open) and answer.reason == "timeout"


def test_too_many_cells_are_said() -> None:
    random = Random(0)
    points = [tuple(random.randint(-9, 9) for _ in range(6)) for _ in range(18)]
    fit = make("l1", points, range(18), 1)
    found = solve(fit)
    assert (found.reason, found.lower) == ("incomplete", 0)
    assert found.upper == evaluate(fit, found.witness)
    answer = find_below(fit, Fraction(1), deadline=time.monotonic() + 60)
    assert isinstance(answer, Open) and "too many cells" in answer.message


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (make("l1", [], [], 1), "the data set is empty"),
        (make("l1", [(1, 2), (3,)], [0, 0], 1), "point 2 has 1 coordinates"),
        (
            make("hinge", [0, 1], [1, 2], 1),
            "point 2 has the label 2; hinge needs 1 or -1",
        ),
        (make("l1", [0, 1], [1], 1, offsets=[0, 0]), "2 points but 1 targets"),
        (make("l1", [0], [1], -1), "-1 hidden units"),
        (make("cubic", [0], [1], 1), "unknown loss 'cubic'"),
    ],
    ids=range(6),
)
def test_fits_without_meaning_are_refused(fit: Fit, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_optimum(fit, deadline=time.monotonic() + 1)


def test_duals_outside_the_rules_prove_nothing() -> None:
    half = Fraction(1, 2)
    l1 = make("l1", range(2), [1, -1], 1)
    assert bound_of(l1, (Fraction(1), Fraction(-1))) == 2
    assert bound_of(l1, (Fraction(2), Fraction(-2))) is None
    assert bound_of(l1, (Fraction(1), Fraction(1))) is None
    assert bound_of(l1._replace(constant=False), (Fraction(1), Fraction(1))) == 0
    assert bound_of(l1, (Fraction(0),)) is None
    linf = l1._replace(loss="linf")
    assert bound_of(linf, (half, -half)) == 1
    assert bound_of(linf, (Fraction(1), Fraction(-1))) is None
    hinge = l1._replace(loss="hinge")
    assert bound_of(hinge, (half, -half)) == 1
    assert bound_of(hinge, (-half, half)) is None
    assert bound_of(l1._replace(loss="squared"), (Fraction(2), Fraction(-2))) == 2
    with pytest.raises(ValueError, match="zero_one"):
        bound_of(l1._replace(loss="zero_one"), (half, -half))
