"""A search that lies, breaks or hands back garbage never gets a verdict past the door."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.networks.families import (
    FAMILIES,
    absorb,
    at_least,
    at_most,
    box,
    instances,
    make_query,
)
from tests.networks.onnx_making import dense
from verify.cli.exits import MEANING, Exit
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.networks.certificates import certify
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.settling import settle
from verify.networks.query import Empty, Open, Query, Witness
from verify.networks.reading.onnx_reader import read_network

SAME = read_network(dense(([[1]], [0])))
HALF = Fraction(1, 2)
ONE_HALF = Query(SAME.network, (box((0, 1), rows=(at_least(HALF),)),))
NONE = Query(SAME.network, (box((0, 1), rows=(at_least(2),)),))


def test_an_honest_finding_passes() -> None:
    settled = settle(ONE_HALF, Witness(0, (HALF,), (HALF,)), SAME.graph)
    assert settled.counterexample is not None and settled.aftermath is None
    settled = settle(NONE, Empty("rigorous", margin=1.0), SAME.graph)
    assert settled.aftermath is not None and settled.counterexample is None
    left = Open("timeout", "after 1 s")
    assert settle(NONE, left, SAME.graph).finding is left


@pytest.mark.parametrize("trust", ["certified", "rigorous"])
@pytest.mark.parametrize("margin", [0.0, 1.0, float("inf"), float("nan")])
def test_a_wrong_empty_is_an_alarm_whatever_it_claims(
    trust: str, margin: float
) -> None:
    with pytest.raises(SoundnessAlarm, match="said to be empty, but exact evaluation"):
        settle(ONE_HALF, Empty(trust, 10, margin), SAME.graph)


@pytest.mark.parametrize("finding", [
    Empty("solver"), Empty(""), None, True, "unsat", (), 0, {"finding": "empty"},
])  # fmt: skip
def test_what_is_no_finding_is_an_alarm(finding: Any) -> None:
    with pytest.raises(SoundnessAlarm, match="neither a point nor a proof of a known"):
        settle(NONE, finding, SAME.graph)


@pytest.mark.parametrize("case, point", [
    (0, (Fraction(1, 4),)),  # a row fails
    (0, (Fraction(3, 2),)),  # outside the box
    (0, (HALF, HALF)),
    (0, ()),
    (1, (HALF,)),  # no such case
    (-1, (HALF,)),  # Python would take the last
    (0, (0.75,)),  # not exact
    (0, (float("nan"),)),
    (0, ("1/2",)),
    (0, (None,)),
])  # fmt: skip
def test_a_wrong_witness_is_an_alarm(case: int, point: Any) -> None:
    with pytest.raises(SoundnessAlarm, match="exact evaluation does not find it"):
        settle(ONE_HALF, Witness(case, point, (Fraction(1),)), SAME.graph)


def test_outputs_that_a_search_reports_are_not_looked_at() -> None:
    lie = Witness(0, (Fraction(1, 4),), (Fraction(1),))
    with pytest.raises(SoundnessAlarm):
        settle(ONE_HALF, lie, SAME.graph)
    odd = Witness(0, (HALF,), (Fraction(-7),))
    found = settle(ONE_HALF, odd, SAME.graph).counterexample
    assert found is not None and found.outputs == ((HALF, HALF),)


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_margin_is_an_alarm_where_floats_diverge(seed: int) -> None:
    """W1 is empty over the reals; only a lie about the margin makes it any order."""
    instance = next(iter(instances("W1", seed)))
    query, model = make_query(instance)
    with pytest.raises(SoundnessAlarm, match="claims that rows fail by"):
        settle(query, Empty("rigorous", margin=float("inf")), model.graph)


@pytest.mark.parametrize("margin", [1.01, float("inf")])
def test_a_margin_that_a_point_contradicts_is_an_alarm(margin: float) -> None:
    """y = x <= 1 in the box, so y >= 2 fails by 1 at the corner."""
    with pytest.raises(SoundnessAlarm, match="claims that rows fail by"):
        settle(NONE, Empty("rigorous", margin=margin), SAME.graph)
    assert settle(NONE, Empty("rigorous", margin=0.99), SAME.graph).float32 is not None


@pytest.mark.parametrize("family", FAMILIES)
def test_the_opposite_of_the_truth_is_never_believed(family: str) -> None:
    """Where the lie is gross: a fifth of the box at least. Narrow ones are left to search."""
    for instance in instances(family, 7):
        query, model = make_query(instance)
        if instance.point is None:
            lie = Witness(0, query.cases[0].lower, ())
            with pytest.raises(SoundnessAlarm):
                settle(query, lie, model.graph)
        elif family not in ("W10", "W11"):
            with pytest.raises(SoundnessAlarm):
                settle(query, Empty("rigorous"), model.graph)


def test_a_certificate_of_another_query_is_rejected() -> None:
    """What is certified rests on the kernel, which sees the problem and not the search."""
    deadline = time.monotonic() + 60
    honest = certify.certify_query(NONE, deadline)
    other = certify.certify_query(
        Query(SAME.network, (box((0, 1), rows=(at_most(-1),)),)), deadline
    )
    assert isinstance(honest, certify.Certificate)
    assert isinstance(other, certify.Certificate)
    check(honest.problem, honest.text)
    with pytest.raises(Rejected):
        check(honest.problem, other.text)


def test_the_alarm_has_an_exit_code_of_its_own() -> None:
    assert Exit.ALARM == 70 and MEANING[Exit.ALARM].startswith("soundness alarm")
    assert not issubclass(SoundnessAlarm, (ValueError, ArithmeticError, AssertionError))


def test_absorbed_witnesses_are_tagged_not_believed_of_float32() -> None:
    *_, instance = absorb(Random(0))
    query, model = make_query(instance)
    assert instance.point is not None
    settled = settle(query, Witness(0, instance.point, ()), model.graph)
    assert settled.float32 is not None
    assert settled.float32.status == "not reproduced"
