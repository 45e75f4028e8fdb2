"""Missing premises by elimination: the measured table, and laws on random problems."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.solvers import random_problems
from tests.solvers.argument_problems import (
    AS_WRITTEN,
    REFUTED,
    S1,
    STILL_CUT,
    make_problem,
    reals,
    truths,
)
from verify.kernel.problem import Fact, Problem
from verify.kernel.terms import Term, make_not
from verify.kernel.text import write_term
from verify.solvers.answers import Budget, Unsat
from verify.solvers.weakest import job, propose_by_elimination
from verify.solvers.z3_backend import solve

BUDGET = Budget(seconds=20.0)


def texts(problem: Problem, *keep: set[str]) -> list[str]:
    found = propose_by_elimination(problem, keep or None, BUDGET)
    return [write_term(one) for one in found]


def follows(problem: Problem, *premises: Term) -> bool:
    question = [(fact.name, fact.formula) for fact in problem.facts]
    question += [("premise", one) for one in premises]
    return isinstance(
        solve([*question, ("not", make_not(problem.goal))], BUDGET), Unsat
    )


ORDER = make_problem(reals("x", "y"), {"a": "(<= y x)"}, "(<= 0/1 x)")
SUM = make_problem(
    reals("x", "y", "z"), {"a": "(<= (+ x y) z)", "b": "(<= z 10/1)"}, "(<= x 5/1)"
)
BEST = make_problem(
    ["(symbol best (Nat) Real)"],
    {"a": "(< (best 3) (best 2))", "b": "(< (best 2) (best 1))"},
    "(< (best 4) (best 1))",
)
REGRET = make_problem(
    reals("a", "b", "c", "r"),
    {"a": "(<= r (+ a b))", "b": "(<= a c)"},
    "(<= r (* 2/1 c))",
)


@pytest.mark.parametrize(
    ("problem", "keep", "expected"),
    [
        (ORDER, {"y"}, ["(<= 0/1 y)"]),
        (SUM, {"y"}, ["(<= 5/1 y)"]),
        (BEST, {"(best 3)", "(best 4)"}, ["(<= (best 4) (best 3))"]),
        (REGRET, {"b", "c"}, ["(<= b c)"]),
        (REGRET, {"a", "b"}, ["(<= b a)"]),
    ],
)
def test_the_measured_table(
    problem: Problem, keep: set[str], expected: list[str]
) -> None:
    assert texts(problem, keep) == expected


def test_small_sets_are_tried_when_none_is_given() -> None:
    assert texts(ORDER) == ["(<= 0/1 y)"]
    assert texts(SUM)[0] == "(<= 5/1 y)"
    assert "(<= (best 4) (best 3))" in texts(BEST)


def test_the_goal_itself_is_no_suggestion() -> None:
    assert texts(ORDER, {"x"}) == []


def test_what_only_restates_the_implication_is_none() -> None:
    assert texts(ORDER, {"x", "y"}) == []


def test_equations_do_not_hide_the_answer() -> None:
    equal = make_problem(reals("x", "y"), {"a": "(= x y)"}, "(<= 0/1 x)")
    assert texts(equal, {"y"}) == ["(<= 0/1 y)"]


def test_truth_values_are_eliminated_by_cases() -> None:
    assert "(implies deployed shifted)" in texts(STILL_CUT)
    linked = make_problem(
        truths("p", "q", "r"), {"a": "(implies p q)"}, "(implies p r)"
    )
    assert "(implies q r)" in texts(linked, {"q", "r"})


def test_naturals_stay_natural() -> None:
    declared = [f"(symbol {name} () Nat)" for name in "abc"]
    assert texts(make_problem(declared, {"a": "(< a b)"}, "(< a c)")) == ["(<= b c)"]
    below = make_problem(declared, {"a": "(<= (+ a b) 0)"}, "(<= c 0)")
    assert texts(below, {"a", "c"}) == []


def test_universal_facts_are_used_at_the_arguments_that_occur() -> None:
    declared = ["(symbol f (Nat) Real)", "(symbol T () Nat)"]
    falling = {"a": "(forall (?n Nat) (<= (f (+ ?n 1)) (f ?n)))"}
    assert texts(make_problem(declared, falling, "(<= (f (+ T 1)) 7/1)")) == [
        "(<= (f T) 7/1)"
    ]
    assert texts(AS_WRITTEN) == ["(= (real_ T) (best 0))"]


def test_an_arbitrary_constant_is_never_spoken_about() -> None:
    every = "(forall (?x Real) (implies (<= ?x a) (<= ?x c)))"
    problem = make_problem(reals("a", "b", "c"), {"h": "(<= b c)"}, every)
    assert texts(problem) == ["(<= a b)"]


def test_existential_goals_are_left_to_others() -> None:
    assert texts(S1) == []


def test_values_for_one_symbol_are_left_out() -> None:
    equal = make_problem(reals("x", "y"), {"a": "(= (+ x y) 1/1)"}, "(= x 1/1)")
    assert texts(equal, {"y"}) == []


def test_products_are_unknowns_of_their_own() -> None:
    declared = reals("x", "y", "z")
    product = make_problem(declared, {"a": "(<= (* x y) z)"}, "(<= (* y x) 1/1)")
    assert texts(product, {"z"}) == ["(<= z 1/1)"]


def test_the_job_answers_in_texts() -> None:
    payload = {"problem": ORDER.text(), "keep": ["y"], "seconds": 5}
    assert job(payload) == {"formulas": ["(<= 0/1 y)"], "kind": "elimination"}
    assert job({**payload, "keep": None})["formulas"] == ["(<= 0/1 y)"]


@settings(max_examples=25, deadline=None)
@given(random_problems.linear)
def test_every_suggestion_is_sufficient_and_consistent(problem: Problem) -> None:
    for premise in propose_by_elimination(problem, None, Budget(seconds=1.0)):
        assert follows(problem, premise)
        added = Fact("premise", "suggested", premise)
        facts = problem._replace(facts=(*problem.facts, added), goal=premise)
        assert not follows(facts._replace(goal=make_not(premise)))
        assert premise != problem.goal


def test_the_probabilities_get_a_bound() -> None:
    found = texts(REFUTED["bounded without q1"])
    assert found == ["(<= (* 5/1 p2) 1/1)"]
