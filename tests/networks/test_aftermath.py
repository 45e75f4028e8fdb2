"""After a proof: points of every box, decided in float64 or exactly; a lie is an alarm."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from tests.networks.families import FAMILIES, at_least, at_most, box, instances
from tests.networks.onnx_making import dense, make_model
from verify.networks.float32 import aftermath
from verify.networks.float32.aftermath import CORNERS, SAMPLES, examine_proof
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Case, Query
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import exact

SAME = read_network(dense(([[1]], [0]))).network
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "acasxu"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_empty_raises_no_alarm(family: str, seed: int) -> None:
    for instance in instances(family, seed):
        if instance.point is None:
            network = read_network(instance.model).network
            found = examine_proof(Query(network, (instance.case,)))
            assert found.points >= 1 and not found.unsettled


@pytest.mark.parametrize("place", ["0", "1/2", "1"])
def test_midpoint_and_corners_are_looked_at_exactly(place: str) -> None:
    """The only point of the case is one number, which no random sample meets."""
    number = Fraction(place)
    case = box((0, 1), rows=(at_least(number), at_most(number)))
    with pytest.raises(SoundnessAlarm, match="exact evaluation finds a point") as alarm:
        examine_proof(Query(SAME, (case,)), samples=0)
    assert alarm.value.point == (number,)


@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_lie_about_a_hundredth_of_any_box_is_found(where: int) -> None:
    low = Fraction(1, 3)
    cases = [box((0, 1), rows=(at_least(2),))] * 3
    cases[where] = box((0, 1), rows=(at_least(low), at_most(low + Fraction(1, 100))))
    with pytest.raises(SoundnessAlarm, match=f"case {where + 1}") as alarm:
        examine_proof(Query(SAME, tuple(cases)))
    assert exact.holds(cases[where], alarm.value.point, alarm.value.point)


def test_a_box_that_no_float_fits_in_is_sampled_as_what_it_is() -> None:
    third = Fraction(1, 3)
    case = box((third, third), (0, 1), rows=(at_least(third),))
    network = read_network(dense(([[1, 0]], [0]))).network
    with pytest.raises(SoundnessAlarm) as alarm:
        examine_proof(Query(network, (case,)))
    assert alarm.value.point[0] == third
    over = box((third, third), (0, 1), rows=(at_least(third, strict=True),))
    found = examine_proof(Query(network, (over,)))
    assert found.exactly == found.points  # float64 cannot tell 1/3 from its neighbour


def test_a_narrow_gap_is_sampled_exactly_where_pinned() -> None:
    """The box's first side lies between two float64 numbers."""
    step = Fraction(1, 2**60)
    sides = ((1 + step, 1 + 2 * step), (0, 1))
    network = read_network(dense(([[1, 1]], [0]))).network
    case = box(*sides, rows=(at_least(1 + step), at_most(2 + 2 * step)))
    with pytest.raises(SoundnessAlarm) as alarm:
        examine_proof(Query(network, (case,)), corners=2)
    assert case.lower[0] <= alarm.value.point[0] <= case.upper[0]


def test_the_closest_point_bounds_every_margin() -> None:
    """The box touches 1 at a corner, 1 below the limit of 2."""
    rows = (at_least(2), at_least(3))
    found = examine_proof(Query(SAME, (box((0, 1), rows=rows),)))
    assert 2 <= found.closest < 2 + 1e-9  # the row that fails more


def test_cases_of_one_box_share_its_points() -> None:
    cases = [box((0, 1), rows=(at_least(2),)), box((0, 1), rows=(at_most(-1),))] * 3
    assert examine_proof(Query(SAME, tuple(cases))).points == SAMPLES + 3
    lie = box((0, 1), rows=(at_least(0),))
    with pytest.raises(SoundnessAlarm, match="case 7"):
        examine_proof(Query(SAME, (*cases, lie)))


def test_many_boxes_have_fewer_points_each() -> None:
    cases = tuple(box((n, n + 1), rows=(at_most(-1),)) for n in range(1_000))
    found = examine_proof(Query(SAME, cases))
    assert found.points == 1_000 * (aftermath.MOST // 1_000 + 3)


def test_an_empty_box_has_no_points() -> None:
    case = Case((Fraction(1),), (Fraction(0),), ())
    assert examine_proof(Query(SAME, (case,))) == aftermath.Aftermath(0, 0)


def test_most_points_cost_no_exact_evaluation() -> None:
    generator = np.random.default_rng(0)
    layers = [(generator.normal(size=(50, 50)) / 5, [0.1] * 50) for _ in range(6)]
    network = read_network(dense(*layers)).network
    case = box(*[(-1, 1)] * 50, rows=(at_least(100),))
    found = examine_proof(Query(network, (case,)))
    assert found.points == SAMPLES + CORNERS + 1 and found.exactly == 0


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftermath, "EFFORT", 0)
    tie = box((0, 1), rows=(at_least(0, strict=True), at_most(0)))
    found = examine_proof(Query(read_network(dense(([[0]], [0]))).network, (tie,)))
    assert found.exactly == 16 and found.unsettled == found.points - 16


def test_points_that_look_worst_are_evaluated_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With 16 exact evaluations for thousands of close points, the lie is still found."""
    monkeypatch.setattr(aftermath, "EFFORT", 0)
    nodes = [helper.make_node("Gemm", ["x", "w"], ["s"]),
             helper.make_node("Relu", ["s"], ["y"])]  # fmt: skip
    data = make_model(nodes, {"w": np.ones((1, 1), np.float32)}, (1, 1), (1, 1))
    network = read_network(data.SerializeToString()).network
    case = box((-1000, 1), rows=(at_least(0, strict=True),))
    with pytest.raises(SoundnessAlarm):
        examine_proof(Query(network, (case,)), samples=10_000)


def test_sigmoid_is_examined_through_enclosures() -> None:
    node = helper.make_node("Sigmoid", ["x"], ["y"])
    data = make_model([node], {}, (1, 1), (1, 1)).SerializeToString()
    network = read_network(data).network
    half = Fraction(1, 2)
    assert examine_proof(Query(network, (box((-1, 1), rows=(at_least(1),)),))).points
    with pytest.raises(SoundnessAlarm):
        examine_proof(Query(network, (box((-1, 1), rows=(at_most(half),)),)))


def test_it_is_quick_on_a_network_of_300_relus() -> None:
    """Compared with evaluating a hundred of its points exactly, on the same machine."""
    if not DATA.exists():
        pytest.skip("../shared/data is not there")
    network = read_network(DATA / "onnx/ACASXU_run2a_1_1_batch_2000.onnx").network
    query = read_property(DATA / "vnnlib/prop_3.vnnlib").make_query(network)
    exact.evaluate(network, query.cases[0].lower)
    start = time.perf_counter()
    found = examine_proof(query)
    middle = time.perf_counter()
    for share in range(100):
        exact.evaluate(network, tuple(
            low + (high - low) * share / 100
            for low, high in zip(query.cases[0].lower, query.cases[0].upper, strict=True)
        ))  # fmt: skip
    assert found.points == 1_033 and found.exactly < 20
    assert middle - start < time.perf_counter() - middle
