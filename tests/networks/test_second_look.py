"""Bounds with chosen slopes and mixtures hold, and close what the first ones do not."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.teeth import (
    SCALES,
    extremes,
    random_boxes,
    random_network,
    sample_points,
    threshold_query,
    tooth_network,
)
from verify.networks.boxes.bounds import bound_layers
from verify.networks.boxes.goals import bound_goals, bound_mixture, make_goals
from verify.networks.boxes.program import make_program
from verify.networks.boxes.rounding import DOUBLE, SINGLE
from verify.networks.boxes.second_look import first_shares, look_again, move_shares
from verify.networks.network import RELU, SIGN
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact

Point = tuple[Fraction, ...]


def make_query(random: Random, scale: str) -> Query:
    network = random_network(random, scale, (RELU, RELU, SIGN))
    box = (Fraction(0),) * network.inputs

    def draw() -> Fraction:
        return Fraction(random.randint(-9, 9), random.choice((1, 3)))

    cases = []
    for _ in range(2):
        rows = tuple(
            Row(((0, draw()),), ((k % network.outputs, draw()),), draw())
            for k in range(3)
        )
        cases.append(Case(box, box, rows))
    return Query(network, tuple(cases))


def row_values(query: Query, case: int, point: Point) -> list[Fraction]:
    outputs = exact.evaluate(query.network, point)
    return [
        row.constant
        + sum(c * point[k] for k, c in row.inputs)
        + sum(c * outputs[k] for k, c in row.outputs)
        for row in query.cases[case].rows
    ]


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), single=st.booleans())
def test_no_point_of_a_case_lies_in_a_closed_box(seed: int, single: bool) -> None:
    """Where every row holds, no mixture of rows may be bounded below zero."""
    random = Random(seed)
    query = make_query(random, random.choice(SCALES))
    precision = SINGLE if single else DOUBLE
    program, goals = (
        make_program(query.network, precision),
        make_goals(query, precision),
    )
    lower, upper = random_boxes(random, query.network.inputs, 4)
    ranges = bound_layers(program, lower, upper)
    form = bound_goals(ranges, goals)
    boxes = np.array([0, 2, 3])
    for case in range(2):
        sight = look_again(ranges, goals, form, boxes, np.full(3, case))
        for place, box in enumerate(boxes):
            for point in sample_points(random, lower[:, box], upper[:, box]):
                least = min(row_values(query, case, point))
                bound = float(sight.bound[place])
                assert bound == np.inf or least <= Fraction(bound)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), single=st.booleans())
def test_mixtures_of_their_own_are_bounded(seed: int, single: bool) -> None:
    random = Random(seed)
    query = make_query(random, random.choice(SCALES))
    precision = SINGLE if single else DOUBLE
    program, goals = (
        make_program(query.network, precision),
        make_goals(query, precision),
    )
    rows = goals.take(np.flatnonzero((goals.totals == 1) & (goals.owner == 0)))
    lower, upper = random_boxes(random, query.network.inputs, 2)
    ranges = bound_layers(program, lower, upper)
    shares = np.array([[random.random() ** 3 for _ in range(2)] for _ in range(3)])
    held = shares.astype(precision.dtype).astype(float)
    form = bound_mixture(ranges, rows, shares)
    for box in range(2):
        for point in sample_points(random, lower[:, box], upper[:, box]):
            values = row_values(query, 0, point)
            mixed = sum(
                Fraction(held[k, box]) * value for k, value in enumerate(values)
            )
            bound = float(form.bound[0, box])
            assert bound == np.inf or mixed <= Fraction(bound)


def test_a_second_look_closes_more() -> None:
    closed = [0, 0]
    for seed in range(40):
        network = tooth_network(Random(seed), 2, 4)
        _, most = extremes(network, Fraction(-1), Fraction(1))
        query = threshold_query(network, most + Fraction(1, 4), strict=False)
        program, goals = make_program(network, SINGLE), make_goals(query, SINGLE)
        ranges = bound_layers(program, np.full((2, 1), -1.0), np.full((2, 1), 1.0))
        form = bound_goals(ranges, goals)
        sight = look_again(ranges, goals, form, np.array([0]), np.array([0]))
        closed[0] += bool(form.bound[0, 0] < 0)
        closed[1] += bool(min(sight.bound[0], form.bound[0, 0]) < 0)
    assert closed[0] < closed[1]


def test_shares_start_at_the_best_mixture_and_move_to_small_rows() -> None:
    network = tooth_network(Random(0), 1, 2)
    row = Row((), ((0, Fraction(1)),), Fraction(0))
    box = (Fraction(0),)
    query = Query(network, (Case(box, box, (row,) * 3), Case(box, box, (row,))))
    goals = make_goals(query, DOUBLE)
    single = np.flatnonzero(goals.totals == 1)
    bound = np.ones((len(goals.owner), 2))
    bound[goals.multipliers.index((1, 0, 1)), 0] = 0
    cases = np.array([0, 1])
    shares = first_shares(goals, single, bound, cases)
    assert shares.sum(0) == pytest.approx([1, 1])
    assert shares[:, 1].tolist() == [0, 0, 0, 1]
    assert shares[0, 0] == shares[2, 0] > shares[1, 0] > 0
    values = np.array([[1.0, 0], [-1.0, 0], [1.0, 0], [0, np.nan]])
    moved = move_shares(goals.take(single), shares, values, cases)
    assert moved.sum(0) == pytest.approx([1, 1])
    assert moved[1, 0] > shares[1, 0]
    assert moved[0, 0] < shares[0, 0]
