"""Countermodels of the example documents, and what is found where there is none."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from tests.solvers.argument_problems import (
    AS_WRITTEN,
    DESCENT,
    MODELS,
    P1,
    P2,
    P3,
    P4,
    PROVABLE,
    REFUTED,
    ROUNDS,
    TUNED,
    make_problem,
    reals,
    truths,
)
from tests.solvers.questions import QUESTIONS
from verify.kernel.check import check
from verify.kernel.problem import Problem
from verify.solvers.answers import Budget
from verify.solvers.definitions import Rows, read_definition
from verify.solvers.models import find_countermodel, find_model, job

BUDGET = Budget(seconds=20.0)
NOT_INTERPRETED = {"division by 0 is free"}  # a model says nothing about x / 0


class Told(NamedTuple):
    """A model as its certificate tells it."""

    sizes: dict[str, int]
    functions: dict[str, Rows]

    def value(self, name: str, *args: str) -> str:
        rows = self.functions[name]
        return dict(rows.table).get(args, str(rows.default))


def tell(problem: Problem, certificate: str | None) -> Told:
    assert certificate is not None
    lines = [json.loads(line) for line in certificate.splitlines()[2:]]
    sizes = {line["sort"]: line["size"] for line in lines if "sort" in line}
    functions = {
        line["symbol"]: read_definition(problem, sizes, line)
        for line in lines
        if "symbol" in line
    }
    return Told(sizes, functions)


def refute(problem: Problem) -> Told:
    return tell(problem, find_countermodel(problem, BUDGET).certificate)


@pytest.mark.parametrize("name", REFUTED)
def test_statements_that_fail_have_an_accepted_countermodel(name: str) -> None:
    problem = REFUTED[name]
    found = find_countermodel(problem, BUDGET).certificate
    assert found is not None
    assert check(problem.text(), found).claim == "refuted"


@pytest.mark.parametrize("name", PROVABLE)
def test_statements_that_hold_have_none(name: str) -> None:
    found = find_countermodel(PROVABLE[name], BUDGET)
    assert found.certificate is None
    assert found.potential is None


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_small_questions(question: Any) -> None:
    found = find_countermodel(question.problem(), BUDGET).certificate
    expected = not question.follows and question.name not in NOT_INTERPRETED
    assert (found is not None) == expected


def test_the_deceptive_circuit_is_one_model_with_one_parameter() -> None:
    model = refute(REFUTED["s1"])
    assert model.sizes == {"Model": 1}
    assert (model.value("K"), model.value("c")) == ("1", "1")
    assert model.value("size", "Model!0") == "1"


def test_the_argument_as_it_was_stated_needs_three_models() -> None:
    model = refute(REFUTED["literal"])
    assert model.sizes == {"Model": 3}
    assert model.value("size", model.value("M_d")) == model.value("K")
    sizes = [int(model.value("size", f"Model!{i}")) for i in range(3)]
    assert max(sizes) <= 2


def test_numbers_are_small_and_whole_where_they_can_be() -> None:
    model = refute(REFUTED["wrong"])
    assert {model.value(name) for name in ("D", "G", "eta", "s", "T")} == {"1"}
    tight = refute(REFUTED["tighter"])
    assert [tight.value(name) for name in ("p1", "p2", "p3")] == ["1", "1/5", "1/10"]
    assert refute(REFUTED["between roots"]).value("x") == "17/12"


def test_tables_hold_only_what_the_rule_outside_does_not_say() -> None:
    assert refute(REFUTED["counting"]).functions["x"] == Rows((), None, (0, 1))
    assert refute(REFUTED["decreasing"]).functions["f"] == Rows((), "-1")
    triangular = (0, Fraction(-1, 2), Fraction(1, 2))
    assert refute(REFUTED["summing"]).functions["x"] == Rows((), None, triangular)
    written = refute(AS_WRITTEN).functions
    assert sum(len(written[name].table) for name in ("best", "real_", "S")) <= 2


def test_only_symbols_that_occur_are_interpreted() -> None:
    problem = make_problem(truths("p", "q", "unused"), {"a": "p"}, "q")
    assert refute(problem).functions.keys() == {"p", "q"}


def test_different_names_are_different_objects() -> None:
    declared = ["(sort M)", "(symbol a () M)", "(symbol b () M)", "(symbol v (M) Nat)"]
    apart = refute(make_problem(declared, {"h": "(= (v a) 3)"}, "(= (v b) 5)"))
    assert apart.value("a") != apart.value("b")
    alike = refute(make_problem(declared, {"h": "(= a b)"}, "(= (v b) 5)"))
    assert alike.sizes == {"M": 1}


def test_an_irrational_solution_is_no_countermodel() -> None:
    problem = make_problem(reals("x"), {"h": "(= (* x x) 2/1)"}, "false")
    found = find_countermodel(problem, BUDGET)
    assert found.certificate is None
    assert found.potential is None


def test_a_rational_point_among_irrational_ones_is_found() -> None:
    circle = "(and (< 0/1 x) (< 0/1 y) (= (+ (* x x) (* y y)) 1/1))"
    model = refute(make_problem(reals("x", "y"), {"h": circle}, "(= x y)"))
    assert {model.value("x"), model.value("y")} == {"3/5", "4/5"}


def test_only_infinite_models_give_a_potential_one() -> None:
    climbing = "(forall (?x T) (exists (?y T) (< (v ?x) (v ?y))))"
    declared = ["(sort T)", "(symbol v (T) Nat)"]
    problem = make_problem(declared, {"climb": climbing, "zero": "true"}, "false")
    found = find_countermodel(problem, BUDGET)
    assert found.certificate is None
    assert found.truncated == ("climb",)
    without_it = problem._replace(facts=problem.facts[1:])
    assert find_countermodel(without_it, BUDGET).certificate is not None


def test_what_the_kernel_cannot_evaluate_gives_a_potential_one() -> None:
    symmetric = "(forall (?n Nat) (forall (?m Nat) (= (f ?n ?m) (f ?m ?n))))"
    declared = ["(symbol f (Nat Nat) Real)"]
    problem = make_problem(declared, {"h": symmetric}, "(= (f 0 1) 0/1)")
    found = find_countermodel(problem, BUDGET)
    assert found.certificate is None
    assert found.truncated == ("h",)
    model = tell(problem, found.potential)
    assert dict(model.functions["f"].table) == {("0", "1"): "1", ("1", "0"): "1"}


def test_scope_says_how_many_elements_there_may_be() -> None:
    names = [f"c{i}" for i in range(6)]
    declared = ["(sort A)", *(f"(symbol {name} () A)" for name in names)]
    apart = [f"(not (= {a} {b}))" for a in names for b in names if a < b]
    problem = make_problem(declared, {"apart": f"(and {' '.join(apart)})"}, "false")
    assert find_countermodel(problem, BUDGET).certificate is None
    assert find_countermodel(problem, BUDGET, {"A": 5}).certificate is None
    found = find_countermodel(problem, BUDGET, {"A": 6}).certificate
    assert tell(problem, found).sizes == {"A": 6}


def test_consistent_facts_have_a_model() -> None:
    problem = make_problem(MODELS, {"P1": P1, "P2": P2, "P3": P3, "P4": P4}, "false")
    found = find_model(problem, BUDGET).certificate
    assert found is not None
    assert check(problem.text(), found).claim == "consistent"
    descent = make_problem(DESCENT, {**ROUNDS, **TUNED}, "false")
    assert find_model(descent, BUDGET).certificate is not None


def test_contradictory_facts_have_none() -> None:
    problem = make_problem(truths("p"), {"a": "p", "b": "(not p)"}, "true")
    assert find_model(problem, BUDGET).certificate is None


def test_expansion_gives_up_on_what_would_be_too_large() -> None:
    elements = " ".join(f"e{i}" for i in range(30))
    declared = [f"(finite E {elements})", "(symbol r (E E E E E) Bool)"]
    names = [f"?x{i}" for i in range(5)]
    formula = f"(r {' '.join(names)})"
    for name in reversed(names):
        formula = f"(forall ({name} E) {formula})"
    found = find_countermodel(make_problem(declared, {"h": formula}, "false"), BUDGET)
    assert found.certificate is None


def test_the_job_answers_in_plain_values() -> None:
    payload = {"problem": REFUTED["still_cut"].text(), "seconds": 5}
    answer = job(payload)
    assert json.loads(json.dumps(answer)) == answer
    assert check(payload["problem"], answer["certificate"]).claim == "refuted"
    assert (answer["truncated"], answer["potential"]) == ([], None)
    facts = job({**payload, "claim": "consistent"})
    assert check(payload["problem"], facts["certificate"]).claim == "consistent"


@pytest.mark.parametrize("name", ["literal", "wrong", "right_goal", "tighter"])
def test_the_same_question_gets_the_same_model(name: str) -> None:
    first = find_countermodel(REFUTED[name], BUDGET).certificate
    assert find_countermodel(REFUTED[name], BUDGET).certificate == first
