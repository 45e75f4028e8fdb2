"""What is said of float32 beside a verdict over the reals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.networks.families import at_least, at_most, box
from tests.networks.onnx_making import dense
from verify.networks.float32 import anyorder, semantics
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.semantics import (
    ANY_ORDER,
    NO_INPUT,
    NOT_CHECKED,
    NOT_FINITE,
    NOT_KNOWN,
    NOT_REPRODUCED,
    REPLAYED,
    STATUSES,
    VIOLATED,
    Float32,
    describe_proof,
    refuse_real_only,
)
from verify.networks.query import Case, Empty, Finding, Open, Query, Row, Witness
from verify.networks.reading.graph import Graph
from verify.networks.reading.onnx_reader import Model, read_network

SAME = read_network(dense(([[1]], [0])))


def ask(model: Model, *cases: Case) -> Query:
    return Query(model.network, cases)


def test_a_margin_above_rounding_holds_in_any_order() -> None:
    query = ask(SAME, box((0, 1), rows=(at_least(2),)))
    known = describe_proof(query, SAME.graph, margin=1.0)
    assert known.status == ANY_ORDER and known.phrase == "float32: any order"
    assert known.detail.startswith("proved margin 1, rounding at most ")


@pytest.mark.parametrize("share, status", [(0.99, NOT_KNOWN), (1.01, ANY_ORDER)])
def test_the_margin_is_compared_with_the_largest_row_error(
    share: float, status: str
) -> None:
    thousandfold = Row((), ((0, Fraction(1000)),), Fraction(-2000))
    query = ask(SAME, box((0, 1), rows=(at_least(2), thousandfold)))
    small, large = anyorder.row_errors(query, SAME.graph)[0]
    assert large == 1000 * small
    assert describe_proof(query, SAME.graph, float(large) * share).status == status


def test_a_proof_of_the_widened_query_will_do() -> None:
    query = ask(SAME, box((0, 1), rows=(at_least(2),)))
    asked: list[Query] = []

    def decide(wider: Query) -> Finding:
        asked.append(wider)
        return Empty("rigorous")

    known = describe_proof(query, SAME.graph, decide=decide)
    assert known.status == ANY_ORDER
    assert known.detail == "proved with every limit moved by the rounding bound"
    (wider,) = asked
    assert len(wider.cases) == semantics.PIECES
    for case in wider.cases:
        bound = anyorder.rounding_bound(SAME.graph, case.lower, case.upper)
        assert case.rows[0].constant == -2 + bound[0]


@pytest.mark.parametrize(
    "finding", [Open("timeout", ""), Witness(0, (Fraction(1),), ())]
)
def test_anything_else_about_the_widened_query_proves_nothing(finding: Finding) -> None:
    query = ask(SAME, box((0, 1), rows=(at_least(2),)))
    known = describe_proof(query, SAME.graph, decide=lambda _: finding)
    assert known.status == NOT_KNOWN


def test_what_a_replay_contradicts_is_not_decided_again() -> None:
    model = read_network(dense(([[1]], [2.0**30]), ([[1]], [-(2.0**30)])))
    query = ask(model, box((1, 2), rows=(at_most(0),)))
    known = describe_proof(query, model.graph, decide=lambda _: Empty("rigorous"))
    assert known.status == VIOLATED


def test_no_margin_means_not_known() -> None:
    query = ask(SAME, box((0, 1), rows=(at_least(2),)))
    known = describe_proof(query, SAME.graph)
    assert known.status == NOT_KNOWN and known.phrase == "float32: not known"
    assert known.detail.startswith("proved margin 0, ")


def test_rows_of_inputs_alone_are_not_rounded() -> None:
    """An open end of a box is a row; float32 inputs meet it or not, exactly."""
    above = at_least(0)._replace(inputs=((0, Fraction(1)),), outputs=(), strict=True)
    query = ask(SAME, box((-1, 0), rows=(above,)))
    assert anyorder.row_errors(query, SAME.graph) == ((0,),)


def test_a_float_violation_of_a_proof_is_loud() -> None:
    model = read_network(dense(([[1]], [2.0**30]), ([[1]], [-(2.0**30)])))
    query = ask(
        model, box((1, 2), rows=(at_least(3),)), box((1, 2), rows=(at_most(0),))
    )
    known = describe_proof(query, model.graph, margin=0.5)
    assert known.status == VIOLATED and known.divergence is not None
    assert known.divergence.case == 1 and known.divergence.replay.outputs == (0,)
    engine = known.divergence.replay.engine
    assert known.detail == f"proved over the reals, yet violated in float32 by {engine}"


def test_overflow_is_told_from_violation() -> None:
    model = read_network(dense(([[3e38, 3e38, -3e38, -3e38]], [0])))
    query = ask(model, box(*[(1, 1)] * 4, rows=(at_least(1),)))
    known = describe_proof(query, model.graph, margin=1.0)
    assert known.status == NOT_FINITE


def test_no_float32_number_in_the_box() -> None:
    tenth = Fraction(1, 10)
    query = ask(SAME, box((tenth, tenth), rows=(at_least(1),)))
    assert describe_proof(query, SAME.graph, margin=0.9).status == NO_INPUT
    mixed = ask(SAME, *query.cases, box((0, 1), rows=(at_least(2),)))
    assert describe_proof(mixed, SAME.graph, margin=0.9).status == ANY_ORDER


def test_an_inline_network_is_not_checked() -> None:
    query = ask(SAME, box((0, 1), rows=(at_least(2),)))
    known = describe_proof(query, None, margin=1.0)
    assert known.status == known.phrase == NOT_CHECKED


def test_a_wrong_proof_found_at_a_float32_point_is_an_alarm() -> None:
    query = ask(SAME, box((0, 1), rows=(at_least(1),)))
    with pytest.raises(SoundnessAlarm, match="exact evaluation finds a float32 point"):
        describe_proof(query, SAME.graph, margin=0.0)


def test_a_bound_that_a_replay_leaves_is_an_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absurd(query: Query, graph: Graph) -> tuple[tuple[Fraction, ...], ...]:
        return ((Fraction(0),),)

    monkeypatch.setattr(anyorder, "row_errors", absurd)
    model = read_network(dense(([[1]], [2.0**30]), ([[1]], [-(2.0**30)])))
    query = ask(model, box((1, 2), rows=(at_most(0),)))
    with pytest.raises(SoundnessAlarm, match="the bound on rounding is wrong"):
        describe_proof(query, model.graph, margin=0.5)


@pytest.mark.parametrize("proved", [True, False])
@pytest.mark.parametrize("status", STATUSES)
def test_only_what_is_known_of_float32_answers_a_float32_query(
    status: str, proved: bool
) -> None:
    refusal = refuse_real_only(Float32(status, "because"), proved=proved)
    answers = {ANY_ORDER, NO_INPUT} if proved else {REPLAYED}
    assert (refusal is None) == (status in answers)
    if refusal is not None:
        assert "because" in refusal and "--semantics real" in refusal


def test_the_statuses_are_a_closed_list() -> None:
    assert len(set(STATUSES)) == len(STATUSES) == 8
    assert {NOT_REPRODUCED, REPLAYED, NOT_CHECKED} < set(STATUSES)


def test_samples_after_a_proof_are_float32_points_of_the_box() -> None:
    case = box((Fraction(1, 10), Fraction(2, 10)), (1, 1), rows=())
    points = semantics._float_points(case, np.random.default_rng(0))
    assert points is not None and points.dtype == np.float32
    assert len(points) == semantics.SAMPLES
    for point in points:
        for value, low, high in zip(point, case.lower, case.upper, strict=True):
            assert low <= Fraction(float(value)) <= high
