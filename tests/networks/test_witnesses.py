"""Counterexamples: exact first, then what float32 engines make of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from onnx import helper

from tests.networks.families import at_least, at_most, box
from tests.networks.onnx_making import dense, make_model
from verify.networks.float32 import executions
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.semantics import (
    NO_INPUT,
    NOT_CHECKED,
    NOT_REPRODUCED,
    REPLAYED,
    describe_refutation,
)
from verify.networks.float32.witnesses import (
    BOTH,
    FLOAT_ONLY,
    REAL_ONLY,
    Counterexample,
    confirm,
    examine,
)
from verify.networks.query import Case, Query, Witness
from verify.networks.reading.graph import Graph
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import replay
from verify.networks.values.replay import ReplayError

SAME = dense(([[1]], [0]))
TENTH = Fraction(1, 10)


def reported(model: bytes, case: Case, *point: Fraction | int) -> Counterexample:
    query = Query(read_network(model).network, (case,))
    witness = Witness(0, tuple(map(Fraction, point)), (Fraction(999),))
    return confirm(query, witness, read_network(model).graph)


def test_everything_tried_is_in_the_record() -> None:
    found = reported(SAME, box((0, 1), rows=(at_least(TENTH),)), TENTH)
    assert found.outcome == BOTH and found.single is not None
    assert found.outputs == ((TENTH, TENTH),)  # not the 999 that was reported
    assert found.single.point == (Fraction(13421773, 2**27),)  # next above 1/10
    assert found.single.violates and not found.single.missing
    engines = [replay.engine for replay in found.single.replays]
    version = engines[0].partition(",")[0]
    assert engines == [
        f"{version}, not optimised", f"{version}, optimised",
        "NumPy, sequential", "NumPy, pairwise", "NumPy, reversed",
    ]  # fmt: skip
    for one in found.single.replays:
        assert one.violates and one.outputs == found.single.point
    known = describe_refutation(found, read_network(SAME).graph)
    assert known.status == REPLAYED and known.phrase == "float32: replayed"


def test_a_float32_neighbour_is_taken_when_the_nearest_does_not_violate() -> None:
    """13421773/2^27 is nearest to 1/10, and above it; the next below it violates."""
    found = reported(SAME, box((0, 1), rows=(at_most(TENTH),)), TENTH)
    assert found.outcome == BOTH and found.single is not None
    assert found.single.point == (Fraction(13421772, 2**27),)


def test_a_box_without_float32_numbers_is_said_to_have_none() -> None:
    found = reported(SAME, box((TENTH, TENTH), rows=(at_least(TENTH),)), TENTH)
    assert found.single is None and found.outcome == REAL_ONLY
    known = describe_refutation(found, read_network(SAME).graph)
    assert known.status == NO_INPUT
    assert known.detail == "no float32 input lies in the box of the counterexample"


def test_a_counterexample_that_rounding_hides_is_real_only() -> None:
    big = dense(([[1]], [2.0**30]), ([[1]], [-(2.0**30)]))
    found = reported(big, box((1, 2), rows=(at_least(1),)), 1)
    assert found.outcome == REAL_ONLY
    assert found.single is not None and found.single.violates
    assert not any(replay.violates for replay in found.single.replays)
    known = describe_refutation(found, read_network(big).graph)
    assert known.status == NOT_REPRODUCED


def test_a_point_that_only_floats_violate_is_told_apart() -> None:
    big = dense(([[1]], [2.0**30]), ([[1]], [-(2.0**30)]))
    model, case = read_network(big), box((1, 2), rows=(at_most(0),))
    query = Query(model.network, (case,))
    found = examine(query, 0, (Fraction(1),), model.graph)
    assert found is not None and found.outcome == FLOAT_ONLY
    with pytest.raises(SoundnessAlarm, match="float32 engines do violate it"):
        confirm(query, Witness(0, (Fraction(1),), ()), model.graph)


@pytest.mark.parametrize(
    "point", [(Fraction(1, 2),), (Fraction(2),), (), (Fraction(1), Fraction(1))]
)
def test_a_point_that_violates_nothing_is_an_alarm(point: Sequence[Fraction]) -> None:
    model, case = read_network(SAME), box((0, 1), rows=(at_least(1),))
    query = Query(model.network, (case,))
    assert examine(query, 0, point, model.graph) is None
    with pytest.raises(SoundnessAlarm, match="exact evaluation does not find it there"):
        confirm(query, Witness(0, tuple(point), ()), model.graph)


def test_a_float32_neighbour_that_violates_takes_the_place_of_one_that_does_not() -> (
    None
):
    model, case = read_network(SAME), box((0, 1), rows=(at_least(1),))
    query = Query(model.network, (case,))
    near = (1 - Fraction(1, 10**40),)
    found = examine(query, 0, near, model.graph)
    assert found is not None and found.point == (Fraction(1),)
    assert found.outputs == ((1, 1),) and found.outcome == BOTH


def test_almost_is_not_a_counterexample() -> None:
    near = 1 - Fraction(1, 10**40)
    model, case = read_network(SAME), box((0, 1), rows=(at_least(1),))
    with pytest.raises(SoundnessAlarm):
        confirm(Query(model.network, (case,)), Witness(0, (near,), ()), model.graph)


def test_sigmoid_counts_only_if_the_whole_enclosure_violates() -> None:
    node = helper.make_node("Sigmoid", ["x"], ["y"])
    data = make_model([node], {}, (1, 1), (1, 1)).SerializeToString()
    far = box((1, 2), rows=(at_least(Fraction(3, 4)),))
    found = reported(data, far, Fraction(3, 2))
    low, high = found.outputs[0]
    assert Fraction(3, 4) < low < high < low + Fraction(1, 2**70)
    assert found.outcome == BOTH
    inside = (low + high) / 2
    sharp = box((1, 2), rows=(at_least(inside),))
    with pytest.raises(SoundnessAlarm):
        reported(data, sharp, Fraction(3, 2))


def test_without_a_graph_nothing_is_replayed() -> None:
    query = Query(read_network(SAME).network, (box((0, 1), rows=(at_least(1),)),))
    found = confirm(query, Witness(0, (Fraction(1),), ()))
    assert found.outcome == REAL_ONLY and found.single is not None
    assert found.single.replays == ()
    known = describe_refutation(found, None)
    assert known.status == known.phrase == NOT_CHECKED
    assert known.detail == "the network was not read from an ONNX file"


def test_without_onnxruntime_numpy_still_replays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(graph: Graph, *, optimised: bool) -> None:
        raise ReplayError("onnxruntime is not installed")

    monkeypatch.setattr(replay, "make_session", absent)
    found = reported(SAME, box((0, 1), rows=(at_least(1),)), 1)
    assert found.single is not None and len(found.single.replays) == 3
    assert found.single.missing == ("onnxruntime is not installed",)
    assert found.outcome == BOTH


def test_outputs_that_are_not_finite_meet_nothing() -> None:
    model = dense(([[3e38]], [0]), ([[3e38]], [0]))
    found = reported(model, box((1, 2), rows=(at_least(1),)), 1)
    assert found.outcome == REAL_ONLY and found.single is not None
    assert all(replay.outputs is None for replay in found.single.replays)


def test_float_outputs_are_compared_as_rationals() -> None:
    """float32(0.1) is above 1/10, which no comparison of floats shows."""
    model = read_network(dense(([[0.1]], [0])))
    case = box((1, 1), rows=(at_most(TENTH),))
    import numpy as np

    point = np.ones((1, 1), np.float32)
    for execution in executions.execute(model.graph, point)[0]:
        assert np.float32(0.1) == execution.outputs[0, 0]
        assert not executions.meets(case, point, execution)[0]
