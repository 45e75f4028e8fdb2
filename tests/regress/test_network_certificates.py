"""What random queries found while certificates of networks were being written."""

from __future__ import annotations

import time
from fractions import Fraction

from tests.networks.small_queries import at_least, box_query, dense
from verify.kernel.check import check
from verify.networks.certificates.certify import Certificate, certify_query
from verify.networks.query import Case, Query, Row


def decide(query: Query) -> Certificate:
    found = certify_query(query, time.monotonic() + 20)
    assert isinstance(found, Certificate), found
    assert check(found.problem, found.text).claim == "proved"
    return found


def test_a_unit_that_takes_at_most_0_may_be_decided_active() -> None:
    """The kernel takes it for 0 and not for its argument: a tight leaf must know."""
    network = dense(([[1]], [0]), ([[-1], [1]], [0, 0]), ([[1, -1]], [0]))
    assert decide(box_query(network, at_least(0, strict=True), -2, 2)).witness is None
    assert decide(box_query(network, at_least(0), -2, 2)).witness is not None


def test_a_box_of_one_point_is_no_contradiction() -> None:
    """Float bounds crossed by a hair, and the leaf was written as an empty cell."""
    third = Fraction(1, 3)
    network = dense(([[third], [third]], [0, third]), ([[1, third]], [third]))
    curved = network.layers[2]._replace(kind="sigmoid")  # type: ignore[union-attr]
    layers = (*network.layers[:2], curved, *network.layers[3:])
    query = box_query(network._replace(layers=layers), at_least(2), third, third)
    assert decide(query).witness is None


def test_rows_without_variables_are_no_literals() -> None:
    """They are true or false at once, which a `network` step may not be handed."""
    network = dense(([[1]], [0]), ([[1]], [0]))
    side = (Fraction(1),)
    sides = tuple(-one for one in side), side
    false, true = (Row((), (), Fraction(value)) for value in (-1, 1))
    for rows, answer in (
        ((false,), False), ((true,), True), ((false, at_least(0)), False),
        ((true, at_least(2)), False), ((true, at_least(1)), True),
    ):  # fmt: skip
        found = decide(Query(network, (Case(*sides, rows),)))
        assert (found.witness is not None) == answer


def test_rows_that_contradict_each_other_have_modest_multipliers() -> None:
    """Multipliers grew until rounding drowned the bound they gave."""
    network = dense(([[1]], [0]), ([[1]], [0]))
    tight = Row(((0, Fraction(1)),), ((0, Fraction(-1)),), Fraction(0), strict=True)
    below = Row(((0, Fraction(-10)),), (), Fraction(-1, 10**6))
    query = box_query(network, tight)
    case = query.cases[0]._replace(rows=(tight, below))
    assert decide(query._replace(cases=(case,))).witness is None


def test_an_input_without_a_bound_cancels_exactly() -> None:
    """A unit stable on half a line was split all the same, and the leaf had no bound."""
    network = dense(([[1], [-1]], [0, 0]), ([[1, 1]], [0]))
    falling = Row(((0, Fraction(-1)),), ((0, Fraction(1)),), Fraction(0), strict=True)
    assert decide(box_query(network, falling, 0, 10**9)).witness is None
