"""How far inputs may move: brackets around thresholds that are known by hand."""

from __future__ import annotations

import runpy
import time
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.families import at_least, box
from tests.networks.onnx_making import dense
from verify.networks.deciding import decide_query
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.judging import Judgement, judge
from verify.networks.moves.axes import (
    Axis,
    NoRegion,
    Region,
    find_region,
    find_varying,
    make_moved,
)
from verify.networks.moves.brackets import CLOSE, Bracket, learn
from verify.networks.moves.describing import describe_explanation
from verify.networks.moves.explaining import Explanation, explain_moves
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Empty, Finding, Open, Query, Row
from verify.networks.reading.onnx_reader import read_network
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact

DIAL = Path(__file__).resolve().parents[2] / "models/dial"
U, V = 2, 3
SECONDS = 20.0


def decide(query: Query, deadline: float) -> Finding:
    seconds = max(0.0, deadline - time.monotonic())
    return decide_query(query, NetworkOptions(seconds=seconds, processes=1))


def read_dial(stated: str) -> Query:
    network = read_network(DIAL / "dial.onnx").network
    return read_property(DIAL / f"{stated}.vnnlib").make_query(network)


@cache
def explain_dial(stated: str, most: Fraction) -> Explanation:
    return explain(read_dial(stated), most)


def explain(
    query: Query, most: Fraction | int, seconds: float = SECONDS
) -> Explanation:
    deadline = time.monotonic() + seconds
    known = judge(query, time.monotonic() + SECONDS, decide)
    region = find_region(query)
    return explain_moves(query, region, known, Fraction(most), decide, deadline)


def make_sum(slopes: Sequence[tuple[int, int]], threshold: int) -> Query:
    """Sum of up * relu(x) + down * relu(-x) of inputs from -1 to 1, and one pinned at 1.

    Its largest value within a part p is p times the sum of the larger slopes.
    """
    count = len(slopes)
    rows, heights = [], []
    for place, pair in enumerate(slopes):
        for sign, slope in zip((1, -1), pair, strict=True):
            rows.append([sign * (i == place) for i in range(count + 1)])
            heights.append(slope)
    rows.append([0] * count + [1])
    layers = (rows, [0] * len(rows)), ([[*heights, 1]], [0])
    ends = [(-1, 1)] * count + [(1, 1)]
    network = read_network(dense(*layers)).network
    return Query(network, (box(*ends, rows=(at_least(threshold + 1),)),))


def encloses(bracket: Bracket, threshold: Fraction) -> bool:
    """Whether a bracket is narrow and its ends are on the right sides of the truth."""
    assert bracket.holds is not None and bracket.broken is not None
    return bracket.holds < threshold <= bracket.broken <= bracket.holds + CLOSE


def test_the_dial_is_what_its_script_makes() -> None:
    made = read_network(runpy.run_path(str(DIAL / "make.py"))["make_dial"]()).network
    kept = read_network(DIAL / "dial.onnx").network
    for u, v in ((-1, 2), (0, 5), (1, 9), (-3, 3)):
        point = [Fraction(9, 10), Fraction(3, 10), Fraction(u), Fraction(v)]
        p = max(Fraction(0), point[0] + u + Fraction(1, 2))
        q = max(Fraction(0), point[1] + v - 3)
        wanted = (1 + max(p - q, 0), max(q - p, 0))
        assert exact.evaluate(kept, point) == exact.evaluate(made, point) == wanted


def test_a_refuted_property_is_told_by_its_brackets() -> None:
    """By hand: q - p = 3 s - 3/5 reaches 1 at s = 8/15; with v alone at 4/5."""
    found = explain_dial("wins", Fraction(1))
    assert found.region.varying == (U, V)
    assert encloses(found.together, Fraction(8, 15))
    assert found.together.holds_trust == found.together.broken_trust == "certified"
    first, *rest = found.alone
    assert first.axis == Axis(V, up=True) and encloses(first.bracket, Fraction(4, 5))
    assert {one.axis for one in rest} == {Axis(U, True), Axis(U, False), Axis(V, False)}
    for one in rest:
        assert one.bracket == Bracket(Fraction(1), "certified")
    assert found.enough is None, "one move alone breaks it"


def test_its_points_break_it_within_what_is_said() -> None:
    query = read_dial("wins")
    found = explain_dial("wins", Fraction(1))
    for axes, bracket in (
        (found.region.axes, found.together),
        ((found.alone[0].axis,), found.alone[0].bracket),
    ):
        assert bracket.point is not None and bracket.broken is not None
        (case,) = make_moved(query, found.region, axes, bracket.broken).cases
        ends = zip(case.lower, bracket.point, case.upper, strict=True)
        assert all(low <= value <= high for low, value, high in ends)
        outputs = exact.evaluate(query.network, bracket.point)
        assert exact.holds(case, bracket.point, outputs)
        assert found.region.reach(bracket.point) == bracket.broken


def test_a_proved_property_is_followed_outwards_to_the_moves_it_takes() -> None:
    """By hand: together at 11/10, v alone at 31/20, u never."""
    found = explain_dial("leads", Fraction(3, 2))
    assert encloses(found.together, Fraction(11, 10))
    assert all(one.bracket.holds == Fraction(3, 2) for one in found.alone)
    assert found.enough is not None
    assert found.enough.axes == found.enough.needed == (Axis(U, False), Axis(V, True))
    assert encloses(found.enough.bracket, Fraction(11, 10))
    further = explain_dial("leads", Fraction(2))
    assert further.alone[0].axis == Axis(V, up=True) and further.enough is None
    assert encloses(further.alone[0].bracket, Fraction(31, 20))


def test_what_holds_as_far_as_was_asked_costs_one_query() -> None:
    found = explain(read_dial("leads"), 1)
    assert found.queries == 0 and found.together == Bracket(Fraction(1), "certified")
    assert not found.alone and found.enough is None
    assert explain(read_dial("leads"), Fraction(21, 20)).queries == 1


SLOPES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=3
)


@settings(max_examples=3, deadline=None)
@given(SLOPES, st.integers(1, 9))
def test_brackets_enclose_the_truth(
    slopes: list[tuple[int, int]], threshold: int
) -> None:
    check_truth(slopes, threshold)


@pytest.mark.campaign
@settings(max_examples=60, deadline=None)
@given(SLOPES, st.integers(1, 9))
def test_brackets_enclose_the_truth_of_many(
    slopes: list[tuple[int, int]], threshold: int
) -> None:
    check_truth(slopes, threshold)


def check_truth(slopes: list[tuple[int, int]], threshold: int) -> None:
    query = make_sum(slopes, threshold)
    found = explain(query, 2)
    total = sum(max(pair) for pair in slopes)
    breaks = total and Fraction(threshold, total)
    if not total or breaks > 2:
        assert found.together.holds == 2 and found.together.broken is None
        assert not found.alone
        return
    if breaks < 2:
        assert encloses(found.together, breaks)
    assert len(found.alone) == 2 * len(slopes)
    for one in found.alone:
        slope = slopes[one.axis.input][0 if one.axis.up else 1]
        if 2 * slope < threshold:
            assert one.bracket.holds == 2 and one.bracket.broken is None
        elif 2 * slope > threshold:
            assert encloses(one.bracket, Fraction(threshold, slope))
    if found.enough is not None:
        _check_enough(found, slopes, threshold)


def _check_enough(
    found: Explanation, slopes: Sequence[tuple[int, int]], threshold: int
) -> None:
    assert found.enough is not None
    most = [slopes[axis.input][0 if axis.up else 1] for axis in found.enough.axes]
    assert sum(most) * found.enough.within >= threshold
    assert found.enough.needed == found.enough.axes
    for slope in most:
        assert (sum(most) - slope) * found.enough.within < threshold


def test_a_middle_that_breaks_the_property_ends_the_questions() -> None:
    found = explain(make_sum([(1, 1)], 0), 1)
    assert found.together.broken == 0 and found.together.holds is None
    assert not found.alone and not found.together.reason


def test_a_search_without_an_answer_moves_no_end() -> None:
    query = read_dial("wins")
    network = read_network(
        dense(([[1, 0, 1, 0], [0, 1, 0, 1]] * 60, [0] * 120), ([[1] * 120] * 2, [0, 1]))
    ).network  # too large to be certified unasked
    query = query._replace(network=network)
    found = explain_moves(
        query, find_region(query), Judgement("undecided", "incomplete"), Fraction(1),
        lambda query, deadline: Open("incomplete", "none"), time.monotonic() + SECONDS,
    )  # fmt: skip
    assert found.together == Bracket(reason="incomplete")
    assert {one.bracket for one in found.alone} == {Bracket(reason="incomplete")}


def test_no_time_asks_nothing() -> None:
    found = explain(read_dial("wins"), 1, seconds=0.0)
    assert found.queries == 0 and found.together.holds is None
    assert found.together.broken == 1 and found.together.reason == "timeout"


def test_a_search_that_lies_raises_the_alarm() -> None:
    query = make_sum([(1, 2)] * 60, 1)
    with pytest.raises(SoundnessAlarm, match="exact evaluation finds a point"):
        explain_moves(
            query, find_region(query), Judgement("undecided", "incomplete"), Fraction(1),
            lambda query, deadline: Empty("rigorous"), time.monotonic() + SECONDS,
        )  # fmt: skip


def test_a_point_within_what_was_proved_raises_the_alarm() -> None:
    query = read_dial("wins")
    broken = judge(query, time.monotonic() + SECONDS, decide)
    known = Bracket(Fraction(2), "rigorous")
    with pytest.raises(SoundnessAlarm, match="said to hold within 2 of a region"):
        learn(known, find_region(query), Fraction(1), broken)


@pytest.mark.parametrize(
    "ends, rows, reason",
    [
        ([(0, 0), (1, 1)], (at_least(9),), "every input is pinned"),
        ([(1, 0), (1, 1)], (at_least(9),), "no input is in question"),
        (
            [(0, 1), (1, 1)],
            (at_least(9), Row(((0, Fraction(1)),), (), Fraction(0), strict=True)),
            "cut by inequalities over inputs",
        ),
    ],
)
def test_what_is_no_box_around_a_middle_is_said(
    ends: list[tuple[int, int]], rows: tuple[Row, ...], reason: str
) -> None:
    query = make_sum([(1, 1)], 0)
    with pytest.raises(NoRegion, match=reason):
        find_region(query._replace(cases=(box(*ends, rows=rows),)))


def test_cases_of_several_boxes_have_no_region() -> None:
    query = make_sum([(1, 1)], 0)
    cases = [box((0, end), (1, 1), rows=(at_least(1),)) for end in (1, 2)]
    with pytest.raises(NoRegion, match="2 different regions"):
        find_region(query._replace(cases=tuple(cases)))
    assert find_varying(query._replace(cases=tuple(cases))) == (0,)
    other = box((0, 1), (1, 2), rows=(at_least(1),))
    assert find_varying(query._replace(cases=(*cases, other))) == ()


@pytest.mark.parametrize("count, asked", [(24, 48), (25, 0)])
def test_up_to_a_limit_inputs_are_asked_about_one_by_one(
    count: int, asked: int
) -> None:
    found = explain(make_sum([(1, 0)] * count, 1), 1, seconds=0.0)
    told = describe_explanation(found, [f"X_{i}" for i in range(count + 1)])
    assert len(found.alone) == len(told["alone"]) == asked
    assert told["alone_limit"] == 24 and told["pinned"] == 1


def test_a_region_measures_in_parts_of_its_radii() -> None:
    region = Region((Fraction(0), Fraction(3)), (Fraction(0), Fraction(2)))
    point = (Fraction(0), Fraction(2))
    assert region.varying == (1,) and region.reach(point) == Fraction(1, 2)
    assert region.axes_of(point) == (Axis(1, up=False),)
    assert region.part(1, point[1]) == Fraction(-1, 2)
