"""Pinned inputs put in: the same question about fewer inputs, certified where many are
pinned."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings

from tests.networks.small_queries import dense
from tests.strategies import seeds
from verify.kernel.check import check
from verify.kernel.problem import read_problem
from verify.networks.certificates.certify import (
    Certificate,
    certify_query,
    certify_witness,
)
from verify.networks.certificates.pinning import pin
from verify.networks.certificates.problems import MAX_INPUTS, TooLarge, make_problem
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact

TENTH = Fraction(1, 10)
COUNT = MAX_INPUTS + 20


def make_query(random: Random, count: int, free: Sequence[int]) -> Query:
    """Small whole weights; some inputs from -1 to 1, the others pinned at tenths."""
    weights = [[random.randint(-2, 2) for _ in range(count)] for _ in range(3)]
    network = dense((weights, [1, 0, -1]), ([[1, -2, 1]], [0]))
    pinned = [random.randint(-90, 90) * TENTH for _ in range(count)]
    lower = tuple(Fraction(-1) if i in free else pinned[i] for i in range(count))
    upper = tuple(Fraction(1) if i in free else pinned[i] for i in range(count))
    inputs = tuple((i, Fraction(random.choice((-1, 1)))) for i in range(0, count, 2))
    rows = (Row(inputs, ((0, Fraction(1)),), Fraction(random.randint(-9, 9))),)
    return Query(network, (Case(lower, upper, rows),))


@settings(max_examples=20)
@given(seeds())
def test_a_point_is_in_one_case_just_where_it_is_in_the_other(random: Random) -> None:
    free = sorted(random.sample(range(6), random.randint(1, 5)))
    query = make_query(random, 6, free)
    found = pin(query, 0)
    assert found.kept == tuple(free) and found.query.network.inputs == len(free)
    (case,), (less,) = query.cases, found.query.cases
    for _ in range(8):
        point = list(case.lower)
        for index in free:
            point[index] = Fraction(random.randint(-4, 4), 4)
        outputs = exact.evaluate(query.network, point)
        taken = found.take(point)
        assert exact.evaluate(found.query.network, taken) == outputs
        assert exact.holds(less, taken, outputs) == exact.holds(case, point, outputs)


def test_small_queries_and_what_is_not_pinned_everywhere_are_left_alone() -> None:
    query = make_query(Random(3), 6, (1,))
    assert pin(query, 6).query is query
    (case,) = query.cases
    everywhere = query._replace(cases=(case._replace(upper=case.lower),))
    assert pin(everywhere, 0).query is everywhere
    other = case._replace(
        lower=tuple(x + 1 for x in case.lower), upper=tuple(x + 1 for x in case.upper)
    )
    assert pin(query._replace(cases=(case, other)), 0).kept == tuple(range(6))


@pytest.mark.parametrize("constant, met", [(-10_000, False), (10_000, True)])
def test_many_pinned_inputs_are_certified(constant: int, met: bool) -> None:
    query = make_query(Random(5), COUNT, (4, 200))
    (case,) = query.cases
    (row,) = case.rows
    rows = (row._replace(constant=Fraction(constant)),)
    query = query._replace(cases=(case._replace(rows=rows),))
    found = certify_query(query, time.monotonic() + 20)
    assert isinstance(found, Certificate), found
    assert check(found.problem, found.text).claim == "proved"
    stated = read_problem(found.problem)
    assert stated.networks[0].inputs == 2
    assert (found.witness is not None) == met
    if found.witness is None:
        assert make_problem(query).text() == found.problem
        return
    assert len(found.witness.point) == COUNT
    outputs = exact.evaluate(query.network, found.witness.point)
    assert found.witness.outputs == outputs
    assert exact.holds(query.cases[0], found.witness.point, outputs)
    again = certify_witness(query, 0, found.witness.point)
    assert isinstance(again, Certificate) and again.witness == found.witness


def test_too_many_inputs_that_vary_are_too_large() -> None:
    query = make_query(Random(5), COUNT, range(MAX_INPUTS + 1))
    with pytest.raises(TooLarge, match="301 inputs, more than 300"):
        make_problem(query)
