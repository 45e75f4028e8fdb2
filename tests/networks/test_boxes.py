"""Branch and bound against exact answers found by other means."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.teeth import (
    extremes,
    make_case,
    threshold_query,
    tooth_network,
)
from verify.networks.boxes.batches import Batch, deal, join, read_batches, write_batches
from verify.networks.boxes.bounds import bound_layers
from verify.networks.boxes.boxes import Search, search_boxes
from verify.networks.boxes.goals import bound_goals, list_mixtures, make_goals
from verify.networks.boxes.program import make_program
from verify.networks.boxes.recording import Recorder
from verify.networks.boxes.rounding import DOUBLE
from verify.networks.network import Input, Network
from verify.networks.query import Case, Empty, Open, Query, Row, Witness
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact

QUICK = NetworkOptions(seconds=20, processes=1)


def check_witness(query: Query, found: Witness) -> None:
    case = query.cases[found.case]
    outputs = exact.evaluate(query.network, found.point)
    assert exact.holds(case, found.point, outputs)
    assert outputs == found.outputs


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    inputs=st.integers(1, 3),
    above=st.booleans(),
    digits=st.integers(1, 9),
)
def test_thresholds_around_the_exact_maximum(
    seed: int, inputs: int, above: bool, digits: int
) -> None:
    network = tooth_network(Random(seed), inputs, 4)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    gap = Fraction(1, 10**digits)
    query = threshold_query(network, most + gap if above else most - gap, strict=False)
    found = search_boxes(query, QUICK)
    if above:
        assert isinstance(found, Empty)
        assert found.trust == "rigorous"
        assert found.margin <= gap
    else:
        assert isinstance(found, Witness)
        check_witness(query, found)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_the_recorded_tree_covers_the_box_and_every_leaf_is_closed(seed: int) -> None:
    network = tooth_network(Random(seed), 2, 3)
    least, most = extremes(network, Fraction(-1), Fraction(1))
    high = Row((), ((0, Fraction(1)),), -most - Fraction(1, 50))
    low = Row((), ((0, Fraction(-1)),), least - Fraction(1, 50))
    case = make_case(2, Fraction(-1), Fraction(1), (high,))
    other = make_case(2, Fraction(-1), Fraction(1), (low,))
    recorder = Recorder()
    query = Query(network, (case, other))
    assert isinstance(search_boxes(query, QUICK, recorder), Empty)
    assert [root.cases for root in recorder.roots] == [(0, 1)]
    root = recorder.roots[0]
    waiting = [(root.node, list(root.lower), list(root.upper), {0, 1})]
    area = Fraction(0)
    while waiting:
        node, lower, upper, cases = waiting.pop()
        closed = {c for c in cases if (node, c) in recorder.closings}
        for c in closed:
            check_closing(network, query, c, recorder.closings[node, c], lower, upper)
        if cases == closed:
            sides = (
                Fraction(b) - Fraction(a) for a, b in zip(lower, upper, strict=True)
            )
            area += next(sides) * next(sides)
            continue
        split = recorder.splits[node]
        assert lower[split.input] < split.at < upper[split.input]
        left, right = list(upper), list(lower)
        left[split.input] = right[split.input] = split.at
        waiting.append((split.left, lower, left, cases - closed))
        waiting.append((split.right, right, upper, cases - closed))
    assert area == 4


def check_closing(
    network: Network,
    query: Query,
    case: int,
    weights: tuple[int, ...],
    lower: list[float],
    upper: list[float],
) -> None:
    """The multipliers rule the case out at the box, bounded afresh in float64."""
    ranges = bound_layers(
        make_program(network, DOUBLE),
        np.array(lower)[:, None],
        np.array(upper)[:, None],
    )
    goals = make_goals(query, DOUBLE)
    places = [
        k
        for k, (owner, given) in enumerate(
            zip(goals.owner, goals.multipliers, strict=True)
        )
        if owner == case and given == weights
    ]
    assert bound_goals(ranges, goals).bound[places[0], 0] < 0


def test_a_row_met_only_on_the_boundary() -> None:
    # y = x on [0, 1]: y >= 1 at the end alone, y > 1 nowhere; both ends belong.
    network = Network((Input(1),), 0)
    at_end = threshold_query(network, Fraction(1), strict=False, low=0)
    found = search_boxes(at_end, QUICK)
    assert isinstance(found, Witness)
    assert found.point == (1,)
    beyond = threshold_query(network, Fraction(1), strict=True, low=0)
    assert isinstance(search_boxes(beyond, QUICK), Empty)


def test_ends_that_floats_do_not_hold() -> None:
    # x <= 1/10: the float next to it is larger, and must not count.
    network = Network((Input(1),), 0)
    row = Row((), ((0, Fraction(1)),), -Fraction(1, 10))
    case = Case((Fraction(0),), (Fraction(1, 10),), (row,))
    found = search_boxes(Query(network, (case,)), QUICK)
    assert isinstance(found, Witness)
    assert found.point == (Fraction(1, 10),)
    beyond = row._replace(constant=-Fraction(1, 10) - Fraction(1, 10**30))
    found = search_boxes(Query(network, (case._replace(rows=(beyond,)),)), QUICK)
    assert isinstance(found, Empty)


def test_no_time_is_a_timeout() -> None:
    network = tooth_network(Random(1), 3, 4)
    query = threshold_query(network, Fraction(1), strict=False)
    found = search_boxes(query, NetworkOptions(seconds=0, processes=1))
    assert isinstance(found, Open)
    assert (found.reason, found.cells) == ("timeout", 0)


def test_no_memory_is_said() -> None:
    network = tooth_network(Random(1), 3, 4)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    query = threshold_query(network, most + Fraction(1, 10**9), strict=False)
    search = Search(query, QUICK._replace(megabytes=0))
    while search.stack and search.chunks < 64:
        search.step()
    if search.stack:
        search.full = True
        found = search.conclude()
        assert isinstance(found, Open)
        assert found.reason == "memory"


def test_cases_with_boxes_of_their_own() -> None:
    network = Network((Input(1),), 0)
    row = Row((), ((0, Fraction(1)),), Fraction(-5))
    cases = tuple(
        Case((Fraction(k),), (Fraction(k) + Fraction(1, 2),), (row,))
        for k in range(-3, 7)
    )
    found = search_boxes(Query(network, cases), QUICK)
    assert isinstance(found, Witness)
    assert found.case in (8, 9)
    assert isinstance(search_boxes(Query(network, cases[:8]), QUICK), Empty)


def test_an_empty_box_has_no_point() -> None:
    network = Network((Input(1),), 0)
    empty = Case((Fraction(1),), (Fraction(0),), ())
    found = search_boxes(Query(network, (empty,)), QUICK)
    assert found == Empty("rigorous", 0, float("inf"))


def test_a_case_without_rows_is_met_anywhere() -> None:
    network = Network((Input(1),), 0)
    free = Case((Fraction(0),), (Fraction(1),), ())
    assert isinstance(search_boxes(Query(network, (free,)), QUICK), Witness)


def test_weights_too_large_for_floats_are_refused() -> None:
    from verify.networks.network import Affine, Numbers

    layer = Affine((0,), (Numbers(np.array([[np.inf]])),), Numbers(np.zeros(1)))
    query = threshold_query(Network((Input(1), layer), 1), Fraction(1), strict=False)
    found = search_boxes(query, QUICK)
    assert isinstance(found, Open)
    assert found.reason == "unsupported"


@pytest.mark.parametrize("rows, count", [(0, 0), (1, 1), (2, 3), (4, 11), (9, 10)])
def test_mixtures(rows: int, count: int) -> None:
    mixtures = list_mixtures(rows)
    assert len(mixtures) == len(set(mixtures)) == count
    assert all(len(weights) == rows and sum(weights) > 0 for weights in mixtures)


def make_batch(count: int, first: int) -> Batch:
    node = np.arange(first, first + count)
    ends = np.stack([node, node + 1]).astype(np.float64)
    known = np.stack([node] * 3).astype(np.float32)
    return Batch(ends, ends + 1, known, known + 2, node[None] % 2 == 0, node, False)


def test_batches_survive_dealing_joining_and_writing() -> None:
    batches = [make_batch(5, 0), make_batch(1, 5), make_batch(4, 6)]
    hands = deal(batches, 3)
    nodes = sorted(int(n) for hand in hands for batch in hand for n in batch.node)
    assert nodes == list(range(10))
    whole = join(batches)
    assert whole.lower[0].tolist() == list(range(10))
    again = read_batches(write_batches(batches))
    for one, two in zip(batches, again, strict=True):
        for left, right in zip(one[:6], two[:6], strict=True):
            assert left.dtype == right.dtype
            assert (left == right).all()
        assert one.fine is two.fine
    assert read_batches(write_batches([])) == []
