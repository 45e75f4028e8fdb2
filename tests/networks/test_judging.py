"""A judgement: what a search says counts only after exact evaluation agrees."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from tests.networks.samples import give_up, tent, try_points
from verify.kernel.certificate import read_certificate
from verify.kernel.check import check
from verify.networks import judging
from verify.networks.certificates.certifying import (
    NoCertificate,
    find_evidence,
    is_usual,
)
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.judging import Decide, Judgement, judge
from verify.networks.network import RELU, Activation
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Empty, Finding, Open, Query, Witness

HALF, ONE = Fraction(1, 2), Fraction(1)
HEAD = "(declare-const X_0 Real)(declare-const Y_0 Real)"
BOX = "(assert (>= X_0 -2)) (assert (<= X_0 2))"


def make_query(asserted: str) -> Query:
    return read_property(HEAD + asserted).make_query(tent())


def ask(
    asserted: str, *, decide: Decide = try_points, certify: bool = False
) -> Judgement:
    stated = read_property(HEAD + asserted)
    query = stated.make_query(tent())
    end = time.monotonic() + 20
    return judge(query, end, decide, empty=stated.empty, certify=certify)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network counts as large, so that the search is asked before anything else."""
    monkeypatch.setattr(judging, "is_usual", lambda network: False)


def test_a_reached_condition_refutes_with_a_certificate() -> None:
    made = ask(BOX + "(assert (>= Y_0 1))")
    assert (made.status, made.trust) == ("refuted", "certified")
    assert made.found is not None and made.found.point == (Fraction(0),)
    assert made.found.outputs == ((ONE, ONE),)
    assert made.evidence is not None
    problem = read_certificate(made.evidence.text).text
    assert check(problem, made.evidence.text).sha == made.evidence.sha


def test_an_unreachable_condition_is_proved_with_a_certificate() -> None:
    made = ask(BOX + "(assert (> Y_0 1))")
    assert (made.status, made.trust, made.found) == ("proved", "certified", None)
    assert made.aftermath is not None and made.aftermath.points > 1_000
    assert made.float32 is not None and made.float32.status == "not checked"
    assert made.refusal is not None and "--semantics real" in made.refusal


@pytest.mark.usefixtures("large")
def test_a_false_witness_is_an_alarm() -> None:
    def lie(query: Query, deadline: float) -> Finding:
        return Witness(0, (HALF,), (Fraction(7),))

    with pytest.raises(SoundnessAlarm, match="exact evaluation does not find it"):
        ask(BOX + "(assert (>= Y_0 1))", decide=lie)


@pytest.mark.usefixtures("large")
def test_a_false_proof_is_an_alarm() -> None:
    def lie(query: Query, deadline: float) -> Finding:
        return Empty("rigorous", margin=1.0)

    with pytest.raises(SoundnessAlarm, match="exact evaluation finds a point"):
        ask(BOX + "(assert (>= Y_0 0.5))", decide=lie)


@pytest.mark.usefixtures("large")
def test_a_false_proof_that_sampling_misses_is_caught_by_its_certificate() -> None:
    """The output is within 1e-12 of 2/3 on so few inputs that no sample is there."""

    def lie(query: Query, deadline: float) -> Finding:
        return Empty("rigorous")

    narrow = (
        "(assert (and (<= (* 3 Y_0) 2.000000000003) (>= (* 3 Y_0) 1.999999999997)))"
    )
    with pytest.raises(
        SoundnessAlarm, match="search for its certificate finds a point"
    ):
        ask(BOX + narrow, decide=lie, certify=True)


@pytest.mark.usefixtures("large")
def test_what_the_search_leaves_open_stays_open() -> None:
    made = ask(BOX + "(assert (> Y_0 1))", decide=give_up)
    assert (made.status, made.reason, made.trust) == ("undecided", "timeout", "")
    assert (made.detail, made.cells) == ("the time was over", 7)


@pytest.mark.usefixtures("large")
def test_an_unknown_reason_is_no_verdict() -> None:
    def strange(query: Query, deadline: float) -> Finding:
        return Open("tired", "")

    with pytest.raises(ValueError, match="no known reason: tired"):
        ask(BOX + "(assert (> Y_0 1))", decide=strange)


@pytest.mark.parametrize(
    "asserted, detail",
    [
        ("(assert (>= X_0 2)) (assert (<= X_0 1))", "at least 2 and at most 1"),
        ("(assert (> X_0 1)) (assert (<= X_0 1))", "an open end"),
        (BOX + "(assert (< Y_0 Y_0))", "contradicts itself"),
    ],
)
def test_no_input_in_question_is_vacuous(asserted: str, detail: str) -> None:
    made = ask(asserted, decide=give_up)
    assert made.status == "vacuous" and detail in made.detail
    assert made.trust == "" and made.evidence is None


def test_a_small_network_is_one_of_few_units() -> None:
    assert is_usual(tent())
    first, affine, _, *rest = tent().layers
    wide = tent()._replace(layers=(first, affine, Activation(RELU, 1, 101), *rest))
    assert not is_usual(wide)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("asserted", ["(assert (> Y_0 1))", "(assert (>= Y_0 1))"])
def test_large_networks_are_certified_on_request_only(asserted: str) -> None:
    plain = ask(BOX + asserted)
    assert (plain.trust, plain.evidence, plain.uncertified) == ("rigorous", None, "")
    asked = ask(BOX + asserted, certify=True)
    assert asked.trust == "certified" and asked.evidence is not None
    assert asked.status == plain.status


def test_a_knife_edge_is_settled_although_the_search_gives_up() -> None:
    made = ask(BOX + "(assert (> Y_0 1))", decide=give_up)
    assert (made.status, made.trust) == ("proved", "certified")


def test_the_search_is_asked_when_there_is_no_quick_certificate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And its proof keeps its own trust, with the reason for the missing certificate."""
    monkeypatch.setattr(
        judging, "find_evidence", lambda query, deadline: NoCertificate("too hard")
    )
    made = ask(BOX + "(assert (> Y_0 1))")
    assert (made.status, made.trust) == ("proved", "rigorous")
    assert made.uncertified == "too hard"
    made = ask(BOX + "(assert (> Y_0 1))", decide=give_up)
    assert made.status == "undecided"


def test_a_certificate_that_takes_too_long_is_said_to_be_missing() -> None:
    query = make_query(BOX + "(assert (> Y_0 1))")
    made = find_evidence(query, time.monotonic() - 1)
    assert isinstance(made, NoCertificate) and made.detail
