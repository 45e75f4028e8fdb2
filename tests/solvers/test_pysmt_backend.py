"""The second engine, and scripts that other people's solvers must understand."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.solvers.questions import BY_NAME, QUESTIONS, Question
from verify.kernel.problem import read_problem
from verify.solvers import pysmt_backend
from verify.solvers.answers import Budget, Sat, Unknown, Unsat
from verify.solvers.pysmt_backend import second, second_opinion, write_smtlib

# cvc5 has no models of these: quantifiers over what is infinite, or functions on it
UNKNOWN_TO_CVC5 = {
    "not for every integer",
    "some is not every",
    "a type may have one element",
}
NAMES_ONLY = lambda question: question.name  # noqa: E731

HAND_TO_Z3 = """
import json, sys, z3
for text in json.load(sys.stdin):
    context = z3.Context()
    print(json.dumps(z3.Z3_eval_smtlib2_string(context.ref(), text)))
"""
HAND_TO_CVC5 = """
import json, sys, cvc5
def run(text, options):
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    for name in options:
        solver.setOption(name, "true")
    solver.setOption("tlimit-per", "2000")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "script")
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += str(command.invoke(solver, parser.getSymbolManager()) or "")
    return said
for text in json.load(sys.stdin):
    said = run(text, ["strict-parsing"])
    for option in ("full-saturate-quant", "finite-model-find"):
        if said.strip() == "unknown":
            said = run(text, [option])
    print(json.dumps(said))
"""


def hand_over(code: str, texts: list[str]) -> list[str]:
    """What a solver's own reader says to each script, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(texts), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line).strip() for line in done.stdout.splitlines()]


def status_of(question: Question) -> str:
    return "unsat" if question.follows else "sat"


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    return {one.name: write_smtlib(one.problem(), status_of(one)) for one in QUESTIONS}


def test_z3_reads_every_script_and_says_as_stated(scripts: dict[str, str]) -> None:
    said = dict(
        zip(scripts, hand_over(HAND_TO_Z3, list(scripts.values())), strict=True)
    )
    assert said == {one.name: status_of(one) for one in QUESTIONS}


def test_cvc5_reads_every_script_and_says_as_stated(scripts: dict[str, str]) -> None:
    pytest.importorskip("cvc5", reason="the extra `cross` is not installed")
    said = dict(
        zip(scripts, hand_over(HAND_TO_CVC5, list(scripts.values())), strict=True)
    )
    expected = {one.name: status_of(one) for one in QUESTIONS}
    unknown = {name for name, word in said.items() if word == "unknown"}
    assert unknown <= UNKNOWN_TO_CVC5
    assert said == {**expected, **dict.fromkeys(unknown, "unknown")}


def test_a_wrong_status_would_be_noticed() -> None:
    """The status is a comment to a solver: what counts is what it says."""
    question = BY_NAME["modus ponens"]
    (said,) = hand_over(HAND_TO_Z3, [write_smtlib(question.problem(), "unknown")])
    assert said == "unsat"


def test_a_script_from_top_to_bottom() -> None:
    problem = BY_NAME["for every natural"].problem()
    assert write_smtlib(problem, "unsat") == (
        "(set-info :smt-lib-version 2.6)\n"
        "(set-logic ALL)\n"
        f"(set-info :source |verify, problem {problem.sha()}|)\n"
        "(set-info :status unsat)\n"
        "(declare-fun f (Int) Int)\n"
        "(assert (! (forall ((k Int)) (=> (<= 0 k) (<= (f k) 7))) :named P1))\n"
        "(assert (! (not (<= (f 3) 7)) :named negated_goal))\n"
        "(check-sat)\n"
        "(exit)\n"
    )


def test_names_that_collide_are_kept_apart() -> None:
    problem = read_problem(
        "(problem 1)\n(sort Set)\n(finite Bag select store)\n(symbol P1 () Int)\n"
        "(symbol negated_goal () Real)\n(symbol ite (Set) Set)\n(symbol x (Int) Bag)\n"
        "(premise P1 (forall (?P1 Set) (= (ite ?P1) ?P1)))\n"
        "(premise let (and (= negated_goal 1/3) (= (x P1) select)))\n"
        "(goal (exists (?abs Set) (exists (?x Int) "
        "(and (= (ite ?abs) ?abs) (= (x ?x) select)))))\n"
    )
    script = write_smtlib(problem, "unsat")
    assert ":named P1!)" in script and ":named let!)" in script
    assert ":named negated_goal!)" in script
    assert "(declare-sort Set! 0)" in script and "(select!) (store!)" in script
    assert hand_over(HAND_TO_Z3, [script]) == ["unsat"]
    assert isinstance(second_opinion(problem, Budget(seconds=5)), Unsat)


def test_variables_of_one_name_and_two_sorts_are_kept_apart() -> None:
    problem = read_problem(
        "(problem 1)\n(symbol f (Int) Real)\n"
        "(premise P1 (forall (?x Int) (exists (?x.1 Real) (< (f ?x) ?x.1))))\n"
        "(premise P2 (forall (?x Real) (exists (?x.1 Int) (< ?x (f ?x.1)))))\n"
        "(goal (exists (?x Int) (< 0/1 (f ?x))))\n"
    )
    script = write_smtlib(problem, "unsat")
    assert "(forall ((x Int)) (exists ((x! Real)) (< (f x) x!)))" in script
    assert hand_over(HAND_TO_Z3, [script]) == ["unsat"]


@pytest.mark.parametrize(
    ("name", "logic"),
    [
        ("modus ponens", "QF_UF"),
        ("models are compared", "QF_UF"),
        ("linear reals", "QF_LRA"),
        ("integers have gaps", "QF_LIA"),
        ("products", "QF_NRA"),
        ("division by 0 is free", "QF_NRA"),
        ("functions agree", "QF_UFLIA"),
        ("a name that is taken", "QF_UFLRA"),
        ("sizes are natural", "QF_UFLIA"),
        ("real() keeps integers", "ALL"),
        ("lights are distinct", "ALL"),
        ("every and some", "ALL"),
    ],
)
def test_the_logic_is_the_narrowest(
    name: str, logic: str, scripts: dict[str, str]
) -> None:
    assert f"(set-logic {logic})" in scripts[name].splitlines()


def test_another_status_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of sat, unsat, unknown"):
        write_smtlib(BY_NAME["modus ponens"].problem(), "proved")


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES_ONLY)
def test_a_second_opinion(question: Question) -> None:
    pytest.importorskip("cvc5", reason="the extra `cross` is not installed")
    answer = second_opinion(question.problem(), Budget(seconds=1))
    if question.name in UNKNOWN_TO_CVC5:
        assert isinstance(answer, Unknown) and answer.reason in (
            "incomplete",
            "timeout",
        )
    else:
        assert isinstance(answer, Unsat if question.follows else Sat)


def test_the_second_engine_is_stopped_in_time() -> None:
    pytest.importorskip("cvc5", reason="the extra `cross` is not installed")
    problem = read_problem(
        "(problem 1)\n(symbol i () Int)\n(symbol j () Int)\n(symbol n () Int)\n"
        "(premise P (= (+ (* i i i) (* j j j) (* n n n)) 114))\n(goal false)\n"
    )
    answer = second_opinion(problem, Budget(seconds=0.5))
    assert isinstance(answer, Unknown) and answer.reason == "timeout"


def test_without_cvc5_there_is_no_second_opinion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cvc5", None)
    monkeypatch.delitem(sys.modules, "pysmt.solvers.cvcfive", raising=False)
    problem = BY_NAME["modus ponens"].problem()
    answer = second_opinion(problem, Budget(seconds=5))
    assert isinstance(answer, Unknown)
    assert answer.reason == "unsupported" and "pip install" in answer.detail
    result = second({"problem": problem.text(), "seconds": 5})
    assert result["answer"] == "unknown"
    assert result["reason"].startswith("unsupported: cvc5 is not installed")


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("modus ponens", "unsat", ""),
        ("strictness", "sat", ""),
        ("a type may have one element", "unknown", "incomplete: cvc5 answered unknown"),
    ],
)
def test_the_job(name: str, answer: str, reason: str) -> None:
    pytest.importorskip("cvc5", reason="the extra `cross` is not installed")
    result = second({"problem": BY_NAME[name].problem().text(), "seconds": 5})
    assert result == {"answer": answer, "reason": reason}


def test_what_the_engine_throws_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cvc5", reason="the extra `cross` is not installed")
    monkeypatch.setattr(pysmt_backend, "GROUND_TERMS", {"no-such-option": "1"})
    answer = second_opinion(BY_NAME["some is not every"].problem(), Budget(seconds=0.5))
    assert isinstance(answer, Unknown) and answer.reason == "unsupported"
