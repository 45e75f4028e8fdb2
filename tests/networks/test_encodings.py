from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings

from tests.networks.small_queries import at_least, box_query, dense, random_query
from tests.strategies import seeds
from verify.kernel.check import check
from verify.kernel.terms import make_not
from verify.networks.certificates import certify, encodings
from verify.networks.query import Query
from verify.networks.values import exact
from verify.solvers import pysmt_backend, z3_backend
from verify.solvers.answers import Budget, Sat, Unknown, Unsat
from verify.solvers.linear import Infeasible, Optimal, solve_linear

pytest.importorskip("highspy")

BUDGET = Budget(seconds=20)


def ours(query: Query) -> bool:
    """Whether a case has a point, from a certificate that the kernel accepted."""
    found = certify.certify_query(query, time.monotonic() + 20)
    assert isinstance(found, certify.Certificate), found
    assert check(found.problem, found.text).claim == "proved"
    return found.witness is not None


def weakened(query: Query) -> Query:
    """With every strict row taken as a weak one, as a linear programme must."""
    cases = tuple(
        case._replace(rows=tuple(row._replace(strict=False) for row in case.rows))
        for case in query.cases
    )
    return query._replace(cases=cases)


@settings(max_examples=15)
@given(seeds())
def test_z3_and_cvc5_agree_with_the_certificates(random: Random) -> None:
    query = random_query(random)
    problem = encodings.encode_query(query)
    formulas = [(fact.name, fact.formula) for fact in problem.facts]
    formulas.append((encodings.GOAL, make_not(problem.goal)))
    expected = Sat if ours(query) else Unsat
    first = z3_backend.solve(formulas, BUDGET, logic="QF_LRA")
    assert isinstance(first, expected)
    if isinstance(first, Sat):
        names = [f"X_{i}" for i in range(query.network.inputs)]
        point = tuple(Fraction(first.values.get(name, 0)) for name in names)
        values = exact.evaluate(query.network, point)
        assert any(exact.holds(case, point, values) for case in query.cases)
    second = pysmt_backend.second_opinion(problem, BUDGET)
    if isinstance(second, Unknown) and second.reason == "unsupported":
        pytest.skip(second.detail)
    assert isinstance(second, expected)


@settings(max_examples=30)
@given(seeds())
def test_highs_agrees_with_the_certificates(random: Random) -> None:
    query = weakened(random_query(random))
    answers = [
        solve_linear(encodings.encode_mixed(query, case).program, BUDGET)
        for case in query.cases
    ]
    assert all(isinstance(one, Optimal | Infeasible) for one in answers)
    found = any(isinstance(one, Optimal) for one in answers)
    if found != ours(query):
        # floats decide what exactness does not where a threshold is met exactly
        shifted = [
            case._replace(
                rows=tuple(
                    row._replace(
                        constant=row.constant
                        + (1 if found else -1) * Fraction(-1, 10**5)
                    )
                    for row in case.rows
                )
            )
            for case in query.cases
        ]
        assert ours(query._replace(cases=tuple(shifted))) != found


def test_the_largest_value_of_a_row_is_found() -> None:
    hat = dense(([[3], [3]], [0, -1]), ([[1, -2]], [0]))
    query = box_query(hat, at_least(0), 0)
    mixed = encodings.encode_mixed(query, query.cases[0], objective=True)
    found = solve_linear(mixed.program, BUDGET)
    assert isinstance(found, Optimal)
    assert abs(found.values[0] - Fraction(1, 3)) < Fraction(1, 10**6)
    assert abs(found.value + 1) < Fraction(1, 10**6)


def test_what_is_not_piecewise_linear_is_refused() -> None:
    network = dense(([[1]], [0]), ([[1]], [0]))
    curved = network.layers[2]._replace(kind="sigmoid")  # type: ignore[union-attr]
    layers = (*network.layers[:2], curved, *network.layers[3:])
    query = box_query(network._replace(layers=layers), at_least(0))
    with pytest.raises(encodings.Unencodable, match="sigmoid is not piecewise linear"):
        encodings.encode_query(query)
    with pytest.raises(encodings.Unencodable, match="sigmoid is not a relu"):
        encodings.encode_mixed(query, query.cases[0])


def test_weights_stay_exact_in_the_formulas() -> None:
    tenth = Fraction(1, 10)
    network = dense(([[tenth]], [tenth]), ([[tenth]], [0]))
    text = encodings.encode_query(box_query(network, at_least(tenth))).text()
    assert "1/10" in text and "3602879701896397" not in text
