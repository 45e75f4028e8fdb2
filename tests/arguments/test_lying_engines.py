"""An engine that lies, breaks or falls silent never makes anything proved or refuted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.arguments.scripted import (
    DONE,
    Maker,
    Scripted,
    certificate,
    proof_from,
    world,
)
from verify.arguments.deciding import decide_statement
from verify.arguments.decisions import Decision
from verify.arguments.evidence import Bench
from verify.arguments.plans import Runner
from verify.arguments.settings import Nothing, Options
from verify.kernel.terms import BOOL, INT, Symbol

P, Q, N = Symbol("p", (), BOOL), Symbol("q", (), BOOL), Symbol("n", (), INT)
Reply = Callable[[dict[str, Any]], Mapping[str, Any]]


def decide(
    goal: str, facts: Mapping[str, str], replies: Mapping[str, Reply], **options: Any
) -> tuple[Decision, Bench]:
    """The decision on a step citing all facts, with these engines."""
    maker = Maker(P, Q, N)
    for name, text in facts.items():
        maker.add("premise", name, text)
    step = maker.add("step", "s", goal, by=tuple(facts))

    def answer(kind: str, payload: dict[str, Any]) -> Mapping[str, Any]:
        if kind == "decide" and "(goal false)" in payload["problem"]:
            return {**DONE, "answer": "unknown", "reason": "incomplete"}
        return replies.get(kind, lambda _: {"status": "crash", "detail": "none"})(
            payload
        )

    bench = Bench(Options(**options), Nothing(), [])
    runner = Runner(Scripted(answer))
    runner.start("s", decide_statement(bench, maker.document(), step, {}))
    ((_, decision),) = runner.results()
    return decision, bench


def says(**result: Any) -> Reply:
    return lambda _: {**DONE, **result}


def test_a_true_proof_is_certified() -> None:
    decision, bench = decide(
        "p", {"P1": "p"},
        {"decide": lambda job: {**DONE, "answer": "unsat",
                                "certificate": proof_from(job["problem"], "P1")}},
    )  # fmt: skip
    assert (decision.status, decision.trust, decision.uses) == (
        "proved", "certified", ("P1",),
    )  # fmt: skip
    assert not bench.alarms


def test_a_true_countermodel_is_certified_and_told() -> None:
    decision, _ = decide(
        "p", {"Q1": "q"},
        {"decide": lambda job: {**DONE, "answer": "sat",
                                "certificate": world(job["problem"], p="false", q="true")}},
    )  # fmt: skip
    assert (decision.status, decision.trust) == ("refuted", "certified")
    assert decision.counterexample is not None
    assert decision.counterexample.constants == (("p", "false"), ("q", "true"))


def test_a_bare_wrong_unsat_ends_as_no_certificate() -> None:
    decision, _ = decide(
        "p", {"Q1": "q"}, {"decide": says(answer="unsat", core=["Q1"])}
    )
    assert (decision.status, decision.reason) == ("undecided", "no_certificate")
    assert "trust: solver" in decision.message


def test_a_bare_wrong_sat_ends_as_no_certificate() -> None:
    decision, _ = decide("p", {"P1": "p"}, {"decide": says(answer="sat")})
    assert (decision.status, decision.reason) == ("undecided", "no_certificate")
    assert decision.counterexample is None


@pytest.mark.parametrize("answer", ["unsat", "sat", "unknown"])
def test_a_garbage_certificate_is_an_alarm(answer: str) -> None:
    reply = says(answer=answer, certificate="{}\n{}\n")
    decision, bench = decide("p", {"P1": "p"}, {"decide": reply})
    assert (decision.status, decision.diagnosis) == ("error", "soundness_alarm")
    assert "rejected" in bench.alarms[0]


def test_a_model_that_does_not_hold_is_an_alarm() -> None:
    decision, bench = decide(
        "p", {"P1": "p"},
        {"decide": lambda job: {**DONE, "answer": "sat",
                                "certificate": world(job["problem"], p="false")}},
    )  # fmt: skip
    assert (decision.status, decision.diagnosis) == ("error", "soundness_alarm")
    assert "expected P1" in bench.alarms[0]


def test_a_proof_of_another_problem_is_an_alarm() -> None:
    other = "(problem 1)\n(symbol p () Bool)\n(premise P1 p)\n(goal p)\n"
    decision, _ = decide(
        "q", {"P1": "p"},
        {"decide": says(answer="unsat", certificate=proof_from(other, "P1"))},
    )  # fmt: skip
    assert (decision.status, decision.diagnosis) == ("error", "soundness_alarm")


def test_evidence_against_what_was_said_is_an_alarm() -> None:
    decision, _ = decide(
        "p", {"P1": "p"},
        {"decide": lambda job: {**DONE, "answer": "sat",
                                "certificate": proof_from(job["problem"], "P1")}},
    )  # fmt: skip
    assert (decision.status, decision.diagnosis) == ("error", "soundness_alarm")
    assert "sat" in decision.message


def test_a_certificate_of_a_newer_version_decides_nothing() -> None:
    def reply(job: dict[str, Any]) -> Mapping[str, Any]:
        newer = certificate(job["problem"], "proved").replace(
            '"version": 1', '"version": 2'
        )
        return {**DONE, "answer": "unsat", "certificate": newer}

    decision, bench = decide("p", {"P1": "p"}, {"decide": reply})
    assert (decision.status, decision.reason) == ("undecided", "no_certificate")
    assert not bench.alarms


@pytest.mark.parametrize("word", ["timeout", "memory", "crash"])
def test_a_job_that_dies_leaves_its_reason(word: str) -> None:
    dead = {"status": word, "detail": "gone"}
    decision, _ = decide("p", {"P1": "p"}, {"decide": lambda _: dead})
    assert (decision.status, decision.reason) == ("undecided", word)


@pytest.mark.parametrize("word", ["timeout", "memory", "incomplete", "unsupported"])
def test_what_the_engine_does_not_know_stays_undecided(word: str) -> None:
    decision, _ = decide(
        "p", {"P1": "p"}, {"decide": says(answer="unknown", reason=word)}
    )
    assert (decision.status, decision.reason) == ("undecided", word)
    assert decision.message.endswith(".")


def test_an_unknown_reason_is_read_as_incomplete() -> None:
    reply = says(answer="unknown", reason="smt tactic failed to show goal")
    decision, _ = decide("p", {"P1": "p"}, {"decide": reply})
    assert decision.reason == "incomplete"


def test_two_engines_that_agree_are_trusted_so_far_and_no_further() -> None:
    engines = {
        "decide": says(answer="unsat", core=["P1"]),
        "second": says(answer="unsat"),
    }
    decision, _ = decide("p", {"P1": "p"}, engines)
    assert (decision.status, decision.trust) == ("proved", "agreed")
    strict, _ = decide("p", {"P1": "p"}, engines, minimum_trust="certified")
    assert (strict.status, strict.reason) == ("undecided", "no_certificate")
    assert "trust: agreed" in strict.message


def test_two_engines_that_contradict_each_other_are_an_alarm() -> None:
    engines = {"decide": says(answer="unsat"), "second": says(answer="sat")}
    decision, bench = decide("p", {"P1": "p"}, engines)
    assert (decision.status, decision.diagnosis) == ("error", "soundness_alarm")
    assert len(bench.alarms) == 1


@pytest.mark.parametrize("second", ["unknown", "unsupported", None])
def test_a_silent_second_engine_changes_nothing(second: str | None) -> None:
    engines = {"decide": says(answer="unsat"), "second": says(answer=second)}
    decision, _ = decide("p", {"P1": "p"}, engines)
    assert (decision.status, decision.reason) == ("undecided", "no_certificate")


def test_refuted_when_the_negation_is_proved_from_facts_with_a_model() -> None:
    def reply(job: dict[str, Any]) -> Mapping[str, Any]:
        if "(goal (not p))" in job["problem"]:
            return {**DONE, "answer": "unsat",
                    "certificate": proof_from(job["problem"], "P1")}  # fmt: skip
        return {**DONE, "answer": "unknown", "reason": "incomplete"}

    maker = Maker(P)
    maker.add("premise", "P1", "(not p)")
    step = maker.add("step", "s", "p", by=("P1",))

    def answer(kind: str, payload: dict[str, Any]) -> Mapping[str, Any]:
        if "(goal false)" in payload["problem"]:
            return {**DONE, "answer": "sat",
                    "certificate": world(payload["problem"], p="false")}  # fmt: skip
        return reply(payload)

    bench = Bench(Options(), Nothing(), [])
    runner = Runner(Scripted(answer))
    runner.start("s", decide_statement(bench, maker.document(), step, {}))
    ((_, decision),) = runner.results()
    assert (decision.status, decision.trust) == ("refuted", "certified")
    claims = {o.accepted.claim for o in decision.evidence if o.accepted}
    assert claims == {"proved", "refuted"}


def test_a_kept_certificate_that_fails_is_a_miss_and_not_an_alarm() -> None:
    class Planted(Nothing):
        def find(self, sha: str) -> tuple[str, ...]:
            return ("{}\n{}\n", "", "nonsense")

    maker = Maker(P)
    maker.add("premise", "P1", "p")
    step = maker.add("step", "s", "p", by=("P1",))
    bench = Bench(Options(), Planted(), [])
    dead = {"status": "timeout", "detail": ""}
    runner = Runner(Scripted(lambda *_: dead))
    runner.start("s", decide_statement(bench, maker.document(), step, {}))
    ((_, decision),) = runner.results()
    assert (decision.status, decision.reason) == ("undecided", "timeout")
    assert not bench.alarms
