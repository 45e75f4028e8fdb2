"""Missing premises by cvc5's abduction, and what happens without cvc5."""

from __future__ import annotations

import json

import pytest

from tests.solvers.argument_problems import AS_WRITTEN, STILL_CUT, make_problem, reals
from verify.kernel.problem import Problem
from verify.kernel.text import write_term
from verify.solvers import abduction
from verify.solvers.abduction import Translation, job, propose_by_abduction
from verify.solvers.answers import Budget

BUDGET = Budget(seconds=10.0)
needs_cvc5 = pytest.mark.skipif(abduction.cvc5 is None, reason="cvc5 is not installed")

ORDER = make_problem(reals("x", "y"), {"a": "(<= y x)"}, "(<= 0/1 x)")


def texts(problem: Problem) -> list[str]:
    found, _ = propose_by_abduction(problem, BUDGET)
    return [write_term(one) for one in found]


@needs_cvc5
def test_comparisons_of_what_occurs_are_proposed() -> None:
    assert texts(ORDER) == ["(<= 0/1 y)"]
    best = make_problem(
        ["(symbol best (Nat) Real)"],
        {"a": "(< (best 3) (best 2))", "b": "(< (best 2) (best 1))"},
        "(< (best 4) (best 1))",
    )
    found = texts(best)
    assert any(
        text in found for text in ("(< (best 4) (best 3))", "(<= (best 4) (best 3))")
    )


@needs_cvc5
def test_no_suggestion_is_the_goal_or_a_point() -> None:
    assert "(<= 0/1 x)" not in texts(ORDER)
    assert not any(text.startswith("(= ") and "0/1" in text for text in texts(ORDER))


@needs_cvc5
def test_truth_values_are_proposed() -> None:
    assert "(not deployed)" in texts(STILL_CUT)


@needs_cvc5
def test_objects_and_functions_are_compared() -> None:
    declared = ["(sort M)", "(symbol a () M)", "(symbol b () M)", "(symbol v (M) Real)"]
    linked = make_problem(declared, {"h": "(<= (v a) 1/1)"}, "(<= (v b) 1/1)")
    assert texts(linked) == ["(<= (v b) (v a))"]  # what a = b would say is more


@needs_cvc5
def test_universal_facts_are_understood() -> None:
    assert texts(AS_WRITTEN) in (["(= (best 0) (real_ T))"], ["(= (real_ T) (best 0))"])


@needs_cvc5
def test_ground_terms_come_back_as_they_went() -> None:
    manager = abduction.cvc5.TermManager()
    translation = Translation(manager)
    formula = STILL_CUT.facts[1].formula
    for name in ("bad2", "unanticipated", "deployed"):
        leaf = next(
            part for part in (*formula.args, *formula.args[1].args)
            if part.op == "app" and write_term(part) == name
        )  # fmt: skip
        translation.leaves[translation.encode(leaf)] = leaf
    either = formula.args[1]
    assert translation.decode(translation.encode(either)) == either
    assert translation.decode(translation.encode(formula)) is None  # no `implies` in it


@needs_cvc5
def test_a_problem_without_terms_has_nothing_to_say() -> None:
    everything = "(forall (?x T) (exists (?y T) (r ?x ?y)))"
    problem = make_problem(["(sort T)", "(symbol r (T T) Bool)"], {}, everything)
    found, reason = propose_by_abduction(problem, BUDGET)
    assert found == ()
    assert reason.startswith("unsupported")


@needs_cvc5
def test_the_job_answers_in_texts() -> None:
    answer = job({"problem": ORDER.text(), "seconds": 5, "count": 3})
    assert json.loads(json.dumps(answer)) == answer
    assert answer["formulas"] == ["(<= 0/1 y)"]
    assert answer["kind"] == "abduction"


def test_without_cvc5_the_reason_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(abduction, "cvc5", None)
    answer = job({"problem": ORDER.text(), "seconds": 5})
    assert answer["formulas"] == []
    assert answer["reason"].startswith("unsupported: ")
    assert "cross" in answer["reason"]
