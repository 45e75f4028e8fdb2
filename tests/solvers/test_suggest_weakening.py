"""Neighbours of the statements: what is listed, and that the good ones are good."""

from __future__ import annotations

import pytest

from tests.solvers.argument_problems import (
    LITERAL,
    REFUTED,
    S1,
    make_problem,
    reals,
    truths,
)
from verify.kernel.problem import Problem
from verify.kernel.terms import Term, make_not
from verify.kernel.text import write_term
from verify.solvers.answers import Budget, Unsat
from verify.solvers.models import find_model
from verify.solvers.weakening import MOST, job, propose_by_weakening
from verify.solvers.z3_backend import solve

BUDGET = Budget(seconds=10.0)
PRUNED = (
    "(exists (?N Model) (and (= (size ?N) (+ K (* -1 c))) (= (loss ?N) (loss M_d))))"
)


def texts(problem: Problem) -> list[str]:
    return [write_term(one) for one in propose_by_weakening(problem)]


def suffices(problem: Problem, premise: Term) -> bool:
    question = [(fact.name, fact.formula) for fact in problem.facts]
    question += [("premise", premise), ("not goal", make_not(problem.goal))]
    return isinstance(solve(question, BUDGET), Unsat)


def is_consistent(problem: Problem, premise: Term) -> bool:
    fact = problem.facts[0]._replace(name="suggested", formula=premise)
    with_it = problem._replace(facts=(*problem.facts, fact))
    return find_model(with_it, BUDGET).certificate is not None


def test_the_missing_model_of_the_deceptive_circuit_is_listed() -> None:
    assert PRUNED in texts(S1)
    good = [
        one
        for one in propose_by_weakening(S1)
        if one.op == "exists" and suffices(S1, one) and is_consistent(S1, one)
    ]
    assert PRUNED in [write_term(one) for one in good]
    assert S1.goal not in good


def test_the_premise_above_K_is_wanted_at_K() -> None:
    good = [one for one in propose_by_weakening(LITERAL) if suffices(LITERAL, one)]
    assert any(
        one.op == "forall" and "(= (size ?N) K)" in write_term(one) for one in good
    )


def test_the_converse_of_an_implication_is_listed() -> None:
    affirmed = REFUTED["affirmed consequent"]
    assert texts(affirmed) == ["(implies q p)"]
    assert suffices(affirmed, propose_by_weakening(affirmed)[0])


def test_the_link_between_two_implications_is_listed() -> None:
    declared = ["(sort T)", *(f"(symbol {name} (T) Bool)" for name in "pqr")]
    problem = make_problem(
        declared,
        {"a": "(forall (?x T) (implies (p ?x) (q ?x)))"},
        "(forall (?x T) (implies (p ?x) (r ?x)))",
    )
    assert "(forall (?x T) (implies (q ?x) (r ?x)))" in texts(problem)
    other = make_problem(
        declared,
        {"a": "(forall (?x T) (implies (q ?x) (r ?x)))"},
        "(forall (?x T) (implies (p ?x) (r ?x)))",
    )
    assert "(forall (?x T) (implies (p ?x) (q ?x)))" in texts(other)


def test_swapped_quantifiers_are_listed_with_their_variables_in_place() -> None:
    declared = ["(sort T)", "(symbol r (T T) Bool)", "(symbol q (T) Bool)"]
    fact = "(forall (?x T) (exists (?y T) (and (r ?x ?y) (q ?y))))"
    problem = make_problem(declared, {"a": fact}, "(exists (?y T) (r ?y ?y))")
    assert "(exists (?y T) (forall (?x T) (and (r ?x ?y) (q ?y))))" in texts(problem)


def test_the_goal_the_facts_and_empty_statements_are_left_out() -> None:
    swapped = REFUTED["swapped quantifiers"]
    assert write_term(swapped.goal) not in texts(swapped)
    for problem in REFUTED.values():
        stated = {write_term(fact.formula) for fact in problem.facts}
        assert not {write_term(problem.goal), "true", "false", *stated} & {
            *texts(problem)
        }


@pytest.mark.parametrize("name", REFUTED)
def test_there_are_few_and_the_short_ones_come_first(name: str) -> None:
    found = propose_by_weakening(REFUTED[name])
    assert len(found) <= MOST
    assert [one.size for one in found] == sorted(one.size for one in found)
    assert len(set(found)) == len(found)


def test_a_named_object_may_be_the_witness() -> None:
    declared = ["(sort M)", "(symbol a () M)", "(symbol v (M) Real)"]
    itself = make_problem(declared, {}, "(exists (?N M) (< (v ?N) (v a)))")
    assert not any(text.startswith("(<") for text in texts(itself))  # v(a) < v(a)
    known = {"h": "(< (v a) 2/1)"}
    problem = make_problem(declared, known, "(exists (?N M) (< (v ?N) 1/1))")
    assert "(< (v a) 1/1)" in texts(problem)


def test_differences_take_only_what_is_known_to_be_positive() -> None:
    declared = ["(sort M)", *reals("b", "d"), "(symbol v (M) Real)"]
    goal = "(exists (?N M) (< (v ?N) b))"
    plain = make_problem(declared, {}, goal)
    assert not any("+" in text for text in texts(plain))
    positive = make_problem(declared, {"h": "(< 0/1 d)"}, goal)
    assert "(exists (?N M) (= (v ?N) (+ b (* -1/1 d))))" in texts(positive)


def test_nothing_is_listed_where_nothing_is_near() -> None:
    assert texts(make_problem(truths("p", "q"), {"a": "p"}, "q")) == []


def test_the_job_answers_in_texts() -> None:
    answer = job({"problem": S1.text()})
    assert answer["kind"] == "weakening"
    assert PRUNED in answer["formulas"]
