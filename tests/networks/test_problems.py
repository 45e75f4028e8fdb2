from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given

from tests.networks.small_queries import (
    at_least,
    box_query,
    dense,
    grid,
    numbers,
    random_network,
    random_query,
)
from tests.strategies import seeds
from verify.kernel.networks import Program
from verify.kernel.problem import read_problem
from verify.kernel.text import write_term
from verify.networks.certificates import problems, regions
from verify.networks.network import Activation, Affine, Input, Network
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact

TWO = dense(([[1, -1], [2, 0]], [0, -1]), ([[1, 3]], [Fraction(1, 2)]))


def outputs_of(network: Network, point: tuple[Fraction, ...]) -> list[Fraction]:
    declaration = problems.declare(network, "f")
    box = tuple((value, value) for value in point)
    values = regions.evaluate(Program(declaration.units, (), box), point)
    found = [values[place] for _, place in declaration.outputs]
    assert all(low == high for low, high in found)
    return [low for low, _ in found]


@given(seeds())
def test_a_declaration_means_what_the_network_means(random: Random) -> None:
    network = random_network(random, ("relu", "sign"))
    point = tuple(Fraction(random.randint(-8, 8), 3) for _ in range(network.inputs))
    assert outputs_of(network, point) == list(exact.evaluate(network, point))


def test_sums_are_folded_into_the_relus_that_take_them() -> None:
    declaration = problems.declare(TWO, "f")
    assert declaration.text() == (
        "(network 2 (relu 0 0 1 1 -1) (relu -1 0 2) (linear 1/2 2 1 3 3) (outputs (f 4)))"
    )


def test_sums_of_sums_are_one_sum() -> None:
    one = numbers([1, 2], 1, 2), numbers([3])
    two = numbers([5], 1, 1), numbers([7])
    layers = (
        Input(2), Affine((0,), (one[0],), one[1]), Affine((1,), (two[0],), two[1]),
        Activation("relu", 2, 1),
    )  # fmt: skip
    declaration = problems.declare(Network(layers, 3), "f")
    assert [unit.kind for unit in declaration.units] == ["relu", "linear"]
    assert declaration.units[0].weights == ((0, 5), (1, 10))
    assert declaration.units[0].bias == 22


def test_a_sum_that_many_take_stays_a_unit() -> None:
    wide = numbers([1] * 30, 1, 30), numbers([0])
    fan = numbers([1] * 20, 20, 1), numbers([0] * 20)
    layers = (
        Input(30), Affine((0,), (wide[0],), wide[1]), Affine((1,), (fan[0],), fan[1]),
        Activation("relu", 2, 20),
    )  # fmt: skip
    declaration = problems.declare(Network(layers, 3), "f")
    assert [unit.kind for unit in declaration.units[:2]] == ["linear", "relu"]
    assert sum(len(unit.weights) for unit in declaration.units) == 30 + 20 + 20


def test_a_residual_connection_adds_up() -> None:
    matrix = numbers([1, 0, 0, 1], 2, 2)
    layers = (
        Input(2), Affine((0,), (matrix,), numbers([1, -1])), Activation("relu", 1, 2),
        Affine((0, 2), (matrix, matrix), numbers([0, 0])),
    )  # fmt: skip
    network = Network(layers, 3)
    assert outputs_of(network, (Fraction(2), Fraction(-3))) == [5, -3]


def test_outputs_and_units_have_names() -> None:
    network = dense(([[1]], [0]), ([[1], [2]], [0, 0]))._replace(units=(2,))
    declaration = problems.declare(network, "f", units=True)
    assert declaration.outputs == (("f.1", 2), ("f.2", 3), ("f.1.1", 1))
    assert problems.declare(TWO, "g").outputs == (("g", 4),)


def test_an_output_that_is_an_input_is_a_unit_of_its_own() -> None:
    network = Network((Input(2),), 0)
    assert outputs_of(network, (Fraction(1), Fraction(2))) == [1, 2]


def test_the_statement_reads_as_the_query() -> None:
    query = box_query(TWO, at_least(7, strict=True))
    problem = problems.make_problem(query)
    assert write_term(problem.goal) == (
        "(forall (?X_0 Real) (forall (?X_1 Real) (implies (and (<= -1/1 ?X_0) (<= ?X_0 1/1)"
        " (<= -1/1 ?X_1) (<= ?X_1 1/1)) (not (< 7/1 (f ?X_0 ?X_1))))))"
    )


@given(seeds())
def test_a_problem_is_canonical_text(random: Random) -> None:
    problem = problems.make_problem(random_query(random))
    assert read_problem(problem.text()) == problem


@given(seeds())
def test_a_statement_about_a_point_holds_as_the_query_does(random: Random) -> None:
    query = random_query(random)
    case = random.choice(query.cases)
    (point,) = grid(case, random, 1)
    values = exact.evaluate(query.network, point)
    inside = exact.holds(case, point, values)
    program_rows = [
        row.constant
        + sum(w * point[i] for i, w in row.inputs)
        + sum(w * values[k] for k, w in row.outputs)
        for row in case.rows
    ]
    met = all(
        total > 0 or (total == 0 and not row.strict)
        for total, row in zip(program_rows, case.rows, strict=True)
    )
    assert inside == met


def test_cases_with_boxes_of_their_own_say_so() -> None:
    low = Case(
        (Fraction(0),), (Fraction(1),), (Row((), ((0, Fraction(1)),), Fraction(0)),)
    )
    other = low._replace(upper=(Fraction(2),))
    query = Query(dense(([[1]], [0])), (low, other))
    text = write_term(problems.make_problem(query).goal)
    assert text.count("(<= ?X_0 1/1)") == text.count("(<= ?X_0 2/1)") == 1
    assert "implies" not in text


def test_what_the_kernel_could_not_nest_is_refused() -> None:
    wide = dense(([[1] * 301], [0]))
    with pytest.raises(problems.TooLarge, match="301 inputs, more than 300"):
        problems.make_problem(box_query(wide, at_least(0)))
