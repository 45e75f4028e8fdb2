"""The order in which engines are asked, and what is made of what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.solvers.questions import BY_NAME, DECLARATIONS, QUESTIONS, Question
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.solvers import decide as module
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.decide import GOAL, decide
from verify.solvers.models import ModelResult

GROUND = BY_NAME["linear reals"]
QUANTIFIED = BY_NAME["for every natural"]
NOTHING = ModelResult(None)

Say = Callable[..., None]


class Engines:
    """Engines that say what they are told to, and remember what they were asked."""

    def __init__(self) -> None:
        self.answer: Answer = Unknown("incomplete", "not told")
        self.certificates: list[str | None] = []
        self.model = NOTHING
        self.asked: list[tuple[str, Budget, Any]] = []

    def solve(self, question: Any, budget: Budget) -> Answer:
        self.asked.append(("solve", budget, question))
        return self.answer

    def find_certificate(self, problem: Any, hints: Any, budget: Budget) -> str | None:
        self.asked.append(("certificate", budget, hints))
        return self.certificates.pop(0) if self.certificates else None

    def find_countermodel(
        self, problem: Any, budget: Budget, scope: Any
    ) -> ModelResult:
        self.asked.append(("model", budget, scope))
        return self.model

    def order(self) -> list[str]:
        return [name for name, _, _ in self.asked]


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    made = Engines()
    monkeypatch.setattr(module, "solve", made.solve)
    monkeypatch.setattr(module.refute, "find_certificate", made.find_certificate)
    monkeypatch.setattr(module.models, "find_countermodel", made.find_countermodel)
    return made


def run(question: Question, **payload: Any) -> dict[str, Any]:
    return decide({"problem": question.problem().text(), "seconds": 9, **payload})


def test_unsat_leads_to_a_certificate(engines: Engines) -> None:
    engines.answer, engines.certificates = Unsat(("P2", GOAL)), ["proof"]
    assert run(GROUND) == {
        "answer": "unsat", "reason": "", "core": ["P2"], "certificate": "proof",
        "potential": None,
    }  # fmt: skip
    assert engines.order() == ["solve", "certificate"]


def test_unsat_without_a_certificate_says_so(engines: Engines) -> None:
    engines.answer = Unsat(("P1",))
    result = run(GROUND)
    assert (result["answer"], result["reason"]) == ("unsat", "no_certificate")
    assert result["certificate"] is None
    assert engines.order() == [
        "solve",
        "certificate",
    ]  # no quantifier, nothing to harvest


def test_where_the_plain_search_fails_it_is_tried_along_z3_s_instances(
    engines: Engines,
) -> None:
    engines.answer, engines.certificates = Unsat(("P1", GOAL)), [None, "proof"]
    result = run(QUANTIFIED, hints={"method": "cases"})
    assert result["certificate"] == "proof"
    assert engines.order() == ["solve", "certificate", "certificate"]
    first, second = (hints for name, _, hints in engines.asked if name == "certificate")
    assert first == {"method": "cases", "core": ["P1"]}
    assert {**second, **first} == second
    assert second["instances"] == [["P1", ["3"]]]


def test_without_instances_there_is_no_second_search(engines: Engines) -> None:
    engines.answer = Unsat(("P1", GOAL))
    result = run(
        BY_NAME["not for every integer"]
    )  # nothing follows, nothing is harvested
    assert result["reason"] == "no_certificate"
    assert engines.order() == ["solve", "certificate"]


def test_sat_leads_to_a_countermodel(engines: Engines) -> None:
    engines.answer, engines.model = Sat({}), ModelResult("model")
    result = run(GROUND, scope={"Model": 3})
    assert (result["answer"], result["reason"]) == ("sat", "")
    assert (result["certificate"], result["potential"]) == ("model", None)
    assert engines.order() == ["solve", "model"]
    assert engines.asked[1][2] == {"Model": 3}


def test_a_potential_countermodel_is_no_certificate(engines: Engines) -> None:
    engines.answer, engines.model = (
        Sat({}),
        ModelResult(None, ("P2",), "model of all but P2"),
    )
    result = run(GROUND)
    assert (result["answer"], result["reason"]) == ("sat", "incomplete")
    assert result["certificate"] is None
    assert result["potential"] == {
        "certificate": "model of all but P2",
        "truncated": ["P2"],
    }


def test_without_an_answer_everything_is_tried(engines: Engines) -> None:
    engines.answer = Unknown("timeout", "max. resource limit exceeded")
    engines.model = ModelResult(None, ("P1",), "model")
    result = run(GROUND)
    assert engines.order() == ["solve", "certificate", "model", "solve"]
    assert result["answer"] == "unknown"
    assert result["reason"] == "timeout: max. resource limit exceeded"
    assert result["certificate"] is None
    assert result["potential"] == {"certificate": "model", "truncated": ["P1"]}


@pytest.mark.parametrize(
    ("model", "certificates", "answer", "evidence", "order"),
    [
        (ModelResult("model"), ["proof"], "unsat", "proof", ["solve", "certificate"]),
        (ModelResult("model"), [], "sat", "model", ["solve", "certificate", "model"]),
    ],
)
def test_evidence_decides_where_z3_does_not_know(
    engines: Engines,
    model: ModelResult,
    certificates: list[str | None],
    answer: str,
    evidence: str,
    order: list[str],
) -> None:
    engines.model, engines.certificates = model, certificates
    result = run(GROUND)
    assert (result["answer"], result["certificate"]) == (answer, evidence)
    assert result["reason"] == ""
    assert engines.order() == order


def test_of_inductions_z3_is_asked_last(engines: Engines) -> None:
    run(GROUND, hints={"method": "induction"})
    assert engines.order() == ["certificate", "model", "solve"]


def test_everybody_gets_a_share(engines: Engines) -> None:
    run(GROUND, seconds=9, resources=900, seed=5)
    first, proof, model, last = (budget for _, budget, _ in engines.asked)
    assert first.seconds <= 9 / 20 and first.resources == 900 // 20
    assert 4 < proof.seconds <= 9 / 2
    assert 5 < model.seconds <= 6
    assert 8 < last.seconds <= 9 and last.resources == 900  # nobody has used any
    assert {budget.seed for _, budget, _ in engines.asked} == {5}


def test_the_question_is_the_facts_and_the_negated_goal(engines: Engines) -> None:
    run(GROUND)
    problem = GROUND.problem()
    assert [name for name, _ in engines.asked[0][2]] == ["P1", "P2", GOAL]
    assert engines.asked[0][2][-1][1].args == (problem.goal,)


def test_a_text_that_is_no_problem_is_refused() -> None:
    with pytest.raises(Rejected, match="canonical"):
        decide({"problem": "(problem 1)\n(goal  true)\n"})


def test_a_fact_may_be_called_goal() -> None:
    text = DECLARATIONS + "(premise goal (< x y))\n(premise P (< y x))\n(goal p)\n"
    result = decide({"problem": text, "seconds": 9})
    assert sorted(result["core"]) == ["P", "goal"]
    assert check(text, result["certificate"]).claim == "proved"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_answers_are_those_known(question: Question) -> None:
    """With the engines as they are; where there is evidence, the kernel has the last word."""
    result = run(question)
    assert result["answer"] == ("unsat" if question.follows else "sat")
    if result["certificate"]:
        accepted = check(question.problem().text(), result["certificate"])
        assert accepted.claim == ("proved" if question.follows else "refuted")
