"""Documents from end to end on the real engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.arguments.conftest import Checked
from tests.arguments.scripted import DONE, Maker, Scripted
from verify.arguments.checking import check_document
from verify.arguments.settings import Options
from verify.kernel.terms import BOOL, INT, NAT, REAL, Sort, Symbol
from verify.language.document import Citation, Document, Justification, Obligation, Span
from verify.language.verdicts import Run, Verdict
from verify.solvers.jobs import JobServer

P, Q, R = (Symbol(name, (), BOOL) for name in "pqr")
X, Y = (Symbol(name, (), REAL) for name in "xy")
THING = Sort("Thing")
LIKES = Symbol("likes", (THING, THING), BOOL)
GOOD = Symbol("good", (THING,), BOOL)
Check = Callable[..., Checked]


def test_overall_follows_from_everything_underneath(check: Check) -> None:
    maker = Maker(P, Q, R)
    maker.add("premise", "A", "p")
    maker.add("step", "wrong", "q", by=("A",))
    maker.add("step", "on_wrong", "(or q r)", by=("wrong",))
    maker.add("step", "on_on", "(or r q)", by=("on_wrong",))
    maker.add("admit", "believed", "q")
    maker.add("step", "on_believed", "(and p q)", by=("A", "believed"))
    maker.add("step", "fine", "(or p r)", by=("A", "on_believed"))
    verdicts, _ = check(maker.document())
    local = {name: verdict.status for name, verdict in verdicts.items()}
    overall = {name: verdict.overall for name, verdict in verdicts.items()}
    assert local == {
        "A": "admitted", "wrong": "refuted", "on_wrong": "proved", "on_on": "proved",
        "believed": "admitted", "on_believed": "proved", "fine": "proved",
    }  # fmt: skip
    assert overall["on_wrong"] == overall["on_on"] == "blocked"
    assert verdicts["on_wrong"].diagnosis == "rests_on_refuted"
    assert verdicts["on_on"].diagnosis == "rests_on_unproved"
    assert overall["on_believed"] == "admitted"
    assert set(verdicts["on_believed"].rests_on) == {"A", "believed"}
    assert (verdicts["fine"].uses, overall["fine"]) == (("A",), "proved")


def test_lines_come_in_order_and_before_any_record(server: JobServer) -> None:
    maker = Maker(P, Q)
    maker.add("premise", "A", "p")
    for place in range(6):
        maker.add("step", f"s{place}", "(or p q)" if place % 2 else "q", by=("A",))
    events = list(check_document(maker.document(), server=server))
    said = [(kind, value.name) for kind, value in events if isinstance(value, Verdict)]
    names = ["A", *(f"s{place}" for place in range(6))]
    assert said == [("line", n) for n in names] + [("record", n) for n in names]
    run = events[-1][1]
    assert isinstance(run, Run) and run.complete
    assert run.counts == {"proved": 3, "refuted": 3} and run.unexpected == 3


def test_a_statement_without_a_list_is_given_one(check: Check) -> None:
    maker = Maker(P, Q, R)
    maker.add("premise", "A", "(implies p q)")
    maker.add("premise", "B", "(implies q r)")
    maker.add("premise", "C", "(not r)")
    maker.add("step", "wrong", "p", by=("A",))
    maker.add("step", "s", "(not p)", by=None)
    maker.add("step", "t", "(not (and p q))", by=("s",))
    verdicts, _ = check(maker.document())
    assert verdicts["s"].status == "proved"
    assert verdicts["s"].message == "Found by searching; add: by A, B, C"
    assert verdicts["t"].overall == "proved"
    assert set(verdicts["t"].rests_on) == {"A", "B", "C"}


def test_expectations(check: Check) -> None:
    maker = Maker(P, Q)
    maker.add("premise", "A", "p")
    maker.add("step", "a", "q", by=("A",), expected="refuted")
    maker.add("step", "b", "p", by=("A",), expected="refuted")
    maker.add("admit", "c", "q")
    maker.add("admit", "d", "q", expected="refuted")
    verdicts, _ = check(maker.document())
    met = {name: verdict.as_expected for name, verdict in verdicts.items()}
    assert met == {"A": True, "a": True, "b": False, "c": True, "d": False}


def test_only_some_statements_and_what_they_cite(server: JobServer) -> None:
    maker = Maker(P, Q)
    maker.add("premise", "A", "p")
    maker.add("lemma", "l", "(or p q)", by=("A",))
    maker.add("step", "s", "(or q p)", by=("l",))
    maker.add("step", "other", "q", by=("A",))
    options = Options(only=("s",), quick=True)
    events = list(check_document(maker.document(), server=server, options=options))
    lines = [v for kind, v in events if kind == "line" and isinstance(v, Verdict)]
    assert [verdict.name for verdict in lines] == ["s"]
    assert lines[0].overall == "proved" and lines[0].rests_on == ("A",)


def test_imported_lemmas_are_decided_in_the_same_run(check: Check) -> None:
    other = Maker(P, Q)
    other.add("premise", "A", "p")
    other.add("lemma", "good", "(or p q)", by=("A",))
    other.add("lemma", "bad", "q", by=("A",))
    maker = Maker(P, Q)
    maker.add("step", "s", "(or q p)", by=("o.good",))
    maker.add("step", "t", "(or q p)", by=("o.bad",))
    verdicts, _ = check(maker.document(o=other.document("other.md")))
    assert set(verdicts) == {"s", "t"}
    assert (verdicts["s"].overall, verdicts["s"].rests_on) == ("proved", ("o.A",))
    assert (verdicts["t"].status, verdicts["t"].overall) == ("proved", "blocked")


def obligation(maker: Maker, text: str, reason: str) -> Obligation:
    return Obligation(maker.term(text), reason, Span(1, 1, 1, 2))


def test_a_divisor_that_may_be_zero_is_an_error_at_the_step(check: Check) -> None:
    maker = Maker(X, Y)
    owed = obligation(maker, "(not (= x 0/1))", "the divisor x may be 0")
    maker.add("premise", "positive", "(< 0/1 x)")
    maker.add("premise", "other", "(< 0/1 y)")
    goal = "(= (/ x x) 1/1)"
    maker.add("step", "careless", goal, by=("other",), obligations=(owed,))
    maker.add("step", "careful", goal, by=("positive",), obligations=(owed,))
    verdicts, _ = check(maker.document())
    careless = verdicts["careless"]
    assert (careless.status, careless.diagnosis) == ("error", "division_by_zero")
    assert "The divisor x may be 0" in careless.message
    assert careless.counterexample is not None
    assert ("x", "0") in careless.counterexample.constants
    assert verdicts["careful"].status == "proved"


def test_a_premise_passes_its_obligation_on_to_what_cites_it(check: Check) -> None:
    maker = Maker(X, Y)
    owed = obligation(maker, "(not (= x 0/1))", "the divisor x may be 0")
    maker.add("premise", "defined", "(= y (/ 1/1 x))", obligations=(owed,))
    maker.add("step", "s", "(= (/ 1/1 x) y)", by=("defined",))
    verdicts, _ = check(maker.document())
    assert verdicts["s"].diagnosis == "division_by_zero"
    assert "in defined" in verdicts["s"].message
    helped = Maker(X, Y)
    helped.add("premise", "positive", "(< 0/1 x)")
    helped.add("premise", "defined", "(= y (/ 1/1 x))", obligations=(owed,))
    helped.add("step", "s", "(= (/ 1/1 x) y)", by=("defined",))
    verdicts, _ = check(helped.document())
    assert verdicts["s"].status == "proved"


def test_a_negative_index_is_named(check: Check) -> None:
    k = Symbol("k", (), NAT)
    maker = Maker(k, Symbol("f", (NAT,), REAL))
    owed = obligation(maker, "(<= 1 k)", "k - 1 may be negative where f takes a Nat")
    maker.add("premise", "A", "(<= 0/1 (f 0))")
    maker.add("step", "s", "(<= 0/1 (f 0))", by=("A",), obligations=(owed,))
    verdicts, _ = check(maker.document())
    assert verdicts["s"].diagnosis == "negative_index"


def test_induction_on_a_real_is_an_error(check: Check) -> None:
    maker = Maker(Symbol("g", (REAL,), REAL))
    statement = maker.add("lemma", "l", "(forall (?x Real) (<= (g ?x) (g ?x)))")
    by = Justification((), "induction", "x")
    maker.statements[-1] = statement._replace(by=by)
    verdicts, _ = check(maker.document())
    assert (verdicts["l"].status, verdicts["l"].diagnosis) == (
        "error", "induction_not_on_nat",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "facts", "goal"),
    [
        ("converse", ["(forall (?a Thing) (implies (good ?a) (likes ?a ?a)))",
                      "(forall (?a Thing) (likes ?a ?a))"],
         "(forall (?a Thing) (good ?a))"),
        ("swapped_quantifiers",
         ["(forall (?a Thing) (exists (?b Thing) (likes ?a ?b)))"],
         "(exists (?b Thing) (forall (?a Thing) (likes ?a ?b)))"),
        ("not_entailed", ["(exists (?a Thing) (good ?a))"],
         "(forall (?a Thing) (good ?a))"),
    ],
)  # fmt: skip
def test_the_usual_mistake_is_named(
    check: Check, code: str, facts: list[str], goal: str
) -> None:
    maker = Maker(LIKES, GOOD, sorts=(THING,))
    for place, fact in enumerate(facts):
        maker.add("premise", f"P{place}", fact)
    maker.add("step", "s", goal, by=tuple(f"P{i}" for i in range(len(facts))))
    verdicts, _ = check(maker.document())
    assert (verdicts["s"].status, verdicts["s"].diagnosis) == ("refuted", code)


@pytest.mark.parametrize(
    ("code", "goal"),
    [
        ("integer_read_as_real", "(exists (?n Int) (= (* 2 ?n) 1))"),
        ("real_read_as_integer", "(forall (?x Real) (or (<= ?x 0/1) (<= 1/1 ?x)))"),
        ("not_entailed", "(forall (?x Real) (<= 0/1 ?x))"),
    ],
)
def test_one_kind_of_number_taken_for_another(
    check: Check, code: str, goal: str
) -> None:
    maker = Maker(X, Symbol("n", (), INT))
    maker.add("step", "s", goal)
    verdicts, _ = check(maker.document())
    assert (verdicts["s"].status, verdicts["s"].diagnosis) == ("refuted", code)


def test_single_cases_are_no_proof_of_all(check: Check) -> None:
    maker = Maker(Symbol("h", (NAT,), BOOL))
    for n in range(3):
        maker.add("premise", f"case{n}", f"(h {n})")
    maker.add("step", "s", "(forall (?n Nat) (h ?n))", by=("case0", "case1", "case2"))
    verdicts, _ = check(maker.document())
    assert (verdicts["s"].status, verdicts["s"].diagnosis) == (
        "refuted",
        "finite_scope",
    )


def test_instances_and_openings(check: Check) -> None:
    maker = Maker(LIKES, GOOD, sorts=(THING,))
    one = Symbol("one", (), THING)
    maker.add("premise", "some", "(exists (?a Thing) (good ?a))")
    maker.add("premise", "all", "(forall (?a Thing) (implies (good ?a) (likes ?a ?a)))")
    term = maker.term("one", (one,))
    by = (Citation("some", (), (one,)), Citation("all", (term,)))
    maker.add("step", "s", "(exists (?a Thing) (likes ?a ?a))", by=by)
    maker.add("step", "t", "(exists (?a Thing) (likes ?a ?a))", by=by[1:])
    verdicts, _ = check(maker.document())
    assert verdicts["s"].status == "proved"
    assert {a.without: a.status for a in verdicts["s"].breaks} == {
        "some": "refuted", "all": "refuted",
    }  # fmt: skip
    assert verdicts["t"].status == "refuted"


def test_suggestions_are_tested_and_never_the_goal(check: Check) -> None:
    maker = Maker(X, Y)
    maker.add("premise", "A", "(<= y x)")
    maker.add("step", "s", "(<= 0/1 x)", by=("A",), expected="refuted")
    verdicts, _ = check(maker.document())
    found = [suggestion.formula for suggestion in verdicts["s"].suggestions]
    assert {"0 <= y", "y >= 0"} & set(found)
    assert not {"0 <= x", "x >= 0"} & set(found)
    assert all(s.trust == "certified" for s in verdicts["s"].suggestions)
    assert len(found) <= 5


def test_events_suggest_the_missing_link(check: Check) -> None:
    maker = Maker(P, Q, R)
    maker.add("premise", "A", "(implies p q)")
    maker.add("step", "s", "(implies p r)", by=("A",))
    verdicts, _ = check(maker.document())
    found = [suggestion.formula for suggestion in verdicts["s"].suggestions]
    assert "q implies r" in found


def test_evidence_is_not_decided_in_this_room(check: Check) -> None:
    maker = Maker(P)
    maker.add("evidence", "e", unsupported="networks are not read yet")
    maker.add("step", "s", "p", by=("e",))
    verdicts, _ = check(maker.document())
    for name in ("e", "s"):
        assert (verdicts[name].status, verdicts[name].reason) == (
            "undecided", "unsupported",
        )  # fmt: skip
        assert "networks are not read yet" in verdicts[name].message


def test_a_document_without_statements_is_a_run_of_nothing(server: JobServer) -> None:
    document: Document = Maker(P).document()
    events = list(check_document(document, server=server))
    assert [kind for kind, _ in events] == ["record"]
    assert isinstance(events[0][1], Run) and events[0][1].counts == {}


def test_an_alarm_in_a_late_question_is_not_lost() -> None:
    def answer(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        if "(goal false)" in payload["problem"]:
            return {**DONE, "answer": "sat", "certificate": "{}\n{}\n"}
        return {**DONE, "answer": "unknown", "reason": "incomplete"}

    maker = Maker(P)
    maker.add("premise", "A", "p")
    maker.add("step", "s", "p", by=("A",))
    events = check_document(maker.document(), server=Scripted(answer))
    checks = [getattr(value, "check", "") for _, value in events]
    assert "soundness_alarm" in checks


def test_nothing_is_suggested_that_contradicts_what_is_underneath(check: Check) -> None:
    maker = Maker(X, Y)
    maker.add("premise", "A", "(< 5/1 x)")
    maker.add("lemma", "l", "(< 0/1 x)", by=("A",))
    maker.add("step", "s", "(<= x y)", by=("l",))
    verdicts, _ = check(maker.document(), suggesting=60.0)
    assert verdicts["s"].status == "refuted"
    found = [suggestion.formula for suggestion in verdicts["s"].suggestions]
    assert not any("x <= 0" in text or "x < 0" in text for text in found), found
