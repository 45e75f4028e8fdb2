"""The whole certificate path against z3, and against cvc5 where it is installed.

Random problems by fragment: a proof that we find and a model that z3 finds, or the other
way round, would be a bug in one of them. What we find neither for is counted.
"""

from __future__ import annotations

import faulthandler
import importlib.util
import os
import warnings
from collections import Counter

import pytest

from tests.laws.fragments import FRAGMENTS, ask_z3, make_problem
from tests.laws.judges import is_model
from tests.proofs import lines_of
from verify.kernel.check import check
from verify.kernel.problem import Problem
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.models import find_countermodel
from verify.solvers.pysmt_backend import second_opinion
from verify.solvers.refute import find_certificate

BUDGET = Budget(seconds=5)
HAS_CVC5 = importlib.util.find_spec("cvc5") is not None
TARGETS = ("propositional", "linear real", "linear integer", "functions")
SHARE = 0.02  # of what z3 proves may be left without a certificate there


def ours(problem: Problem) -> str:
    """certified, refuted or nothing; what is found must be what the kernel accepts."""
    text = problem.text()
    proof = find_certificate(problem, {}, BUDGET)
    if proof is not None:
        assert check(text, proof).claim == "proved"
        return "certified"
    model = find_countermodel(problem, BUDGET).certificate
    if model is None:
        return "nothing"
    assert check(text, model).claim == "refuted"
    assert is_model(text, "refuted", lines_of(model)[2:]) is not False, text
    return "refuted"


def ask_cvc5(problem: Problem) -> Answer:
    """cvc5's answer, asked in a child process: a few of its errors end the process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        word = "Unknown"
        try:
            word = type(second_opinion(problem, BUDGET)).__name__
        finally:
            os.write(writing, word.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        word = answer.read()
    os.waitpid(child, 0)
    return {"Sat": Sat({}), "Unsat": Unsat(())}.get(word) or Unknown("crash", word)


def compare(fragment: str, seed: int, counts: Counter[str], *, cvc5: bool) -> None:
    """One problem; its outcome is counted, disagreement fails."""
    problem = make_problem(fragment, seed)
    found, answer = ours(problem), ask_z3(problem)
    answers = [answer]
    if cvc5 and HAS_CVC5:
        answers.append(ask_cvc5(problem))
        counts["cvc5 crashed"] += answers[-1] == Unknown("crash", "")
    for one in answers:
        agreed = {
            "certified": not isinstance(one, Sat),
            "refuted": not isinstance(one, Unsat),
            "nothing": True,
        }[found]
        assert agreed, f"{found}, but {one}:\n{problem.text()}"
    kinds = {type(one) for one in answers} - {Unknown}
    assert len(kinds) <= 1, f"z3 and cvc5 disagree: {answers}\n{problem.text()}"
    if found == "nothing":
        missed = {Unsat: "no_certificate", Sat: "no_model"}
        found = missed.get(type(answer), "open")
        counts[f"{found}: {seed}"] += 1
    counts[found] += 1


def row(fragment: str, counts: Counter[str]) -> str:
    names = ("certified", "refuted", "no_certificate", "no_model", "open")
    return f"| {fragment} | " + " | ".join(str(counts[name]) for name in names) + " |"


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_ours_agrees_with_z3_and_cvc5(fragment: str) -> None:
    counts: Counter[str] = Counter()
    for seed in range(30):
        compare(fragment, seed, counts, cvc5=seed < 10)
    assert counts["certified"] >= 8, counts
    assert counts["refuted"] >= 5, counts
    if fragment in TARGETS:
        assert not counts["no_certificate"], counts
        assert not counts["no_model"], counts


def test_cvc5_took_part() -> None:
    if not HAS_CVC5:
        warnings.warn("cvc5 is not installed: z3 alone was compared", stacklevel=1)
        return
    answers = {
        type(ask_cvc5(make_problem("propositional", seed))) for seed in range(10)
    }
    assert answers == {Sat, Unsat}


@pytest.mark.campaign
@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_twenty_thousand_problems(fragment: str) -> None:
    """The rows go into docs/evidence.md."""
    counts: Counter[str] = Counter()
    for seed in range(1_000, 1_000 + 20_000 // len(FRAGMENTS) + 1):
        compare(fragment, seed, counts, cvc5=seed % 4 == 0)
    print(f"\n{row(fragment, counts)}")  # noqa: T201
    print([name for name in counts if ":" in name or "cvc5" in name])  # noqa: T201
    if fragment in TARGETS:
        missed = counts["no_certificate"]
        assert missed <= SHARE * (missed + counts["certified"]), counts
