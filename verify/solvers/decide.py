"""The job "decide": does the goal follow from the facts, and what shows it?

z3 is asked first, briefly: not because it is believed, but because it says quickly where
to look. After an unsat comes the search for a certificate, plainly and then along the
instances z3 used; after a sat the search for a countermodel. Where z3 does not know (of
inductions it never does, and is not asked) a proof is looked for, then a countermodel,
and then z3 has what is left. What this returns decides nothing: the caller hands the
certificate to the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from verify.kernel.problem import Problem, read_problem
from verify.kernel.terms import FALSE, Binder, make_not, subterms
from verify.solvers import harvest, models, refute
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.z3_backend import solve

BRIEFLY: Final = 20  # the share of the budget for z3's first answer
GOAL: Final = "(not goal)"  # no fact can have this name


def decide(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What was found about the problem in `payload`; see the module.

    `answer` is z3's, or what the evidence shows where z3 did not know; `reason` a closed
    reason when there is no certificate, with the engine's own word after a colon; `core`
    names facts that suffice; `potential`, where no countermodel was accepted, a model of
    all but some facts as `certificate` text and the names that were `truncated`.
    """
    problem = read_problem(payload["problem"])
    search = _Search(problem, payload)
    answer: Answer = Unknown("incomplete")
    if not search.by_induction:
        answer = search.ask(BRIEFLY)
    result = None
    if isinstance(answer, Unknown):
        if problem.goal == FALSE:
            # facts rarely contradict each other: a world is the likelier find
            result = search.countermodel()
        settled = result is not None and result.certificate
        certificate = None if settled else search.certificate(share=2)
        if certificate:
            return _found("unsat", "", certificate)
        result = result or search.countermodel()
        if result.certificate:
            return _found("sat", "", result.certificate)
        answer = search.ask()
    match answer:
        case Unsat():
            core = [name for name in answer.core if name != GOAL]
            certificate = search.certificate({"core": core})
            reason = "" if certificate else "no_certificate"
            return _found("unsat", reason, certificate, core=core)
        case Sat():
            result = result or search.countermodel()
            reason = "" if result.certificate else "incomplete"
            return _found("sat", reason, result.certificate, result)
        case Unknown(word, detail):
            reason = f"{word}: {detail}" if detail else word
            return _found("unknown", reason, None, result)


def _found(
    answer: str,
    reason: str,
    certificate: str | None,
    result: models.ModelResult | None = None,
    core: list[str] | None = None,
) -> dict[str, Any]:
    potential = None
    if result is not None and not certificate and result.potential:
        truncated = list(result.truncated)
        potential = {"certificate": result.potential, "truncated": truncated}
    return {
        "answer": answer,
        "reason": reason,
        "core": core or [],
        "certificate": certificate,
        "potential": potential,
    }


class _Search:
    """The engines, each given what is left of the job's time when its turn comes."""

    def __init__(self, problem: Problem, payload: Mapping[str, Any]) -> None:
        budget = Budget()
        self._budget = budget._replace(
            seconds=float(payload.get("seconds", budget.seconds)),
            resources=int(payload.get("resources", budget.resources)),
            seed=int(payload.get("seed", budget.seed)),
        )
        self._end = time.monotonic() + self._budget.seconds
        self._problem = problem
        self._hints: Mapping[str, Any] = payload.get("hints") or {}
        self._scope: Mapping[str, int] = payload.get("scope") or {}
        self.by_induction = self._hints.get("method") == "induction"

    def _left(self, share: int = 1) -> Budget:
        """A share of the resources, and of the time that is left."""
        seconds = max(self._end - time.monotonic(), 0.0) / share
        resources = self._budget.resources // share
        return self._budget._replace(seconds=seconds, resources=resources)

    def ask(self, share: int = 1) -> Answer:
        """z3's answer to whether the facts and the negated goal can hold together."""
        question = [(fact.name, fact.formula) for fact in self._problem.facts]
        question.append((GOAL, make_not(self._problem.goal)))
        return solve(question, self._left(share))

    def certificate(
        self, more: Mapping[str, Any] | None = None, share: int = 1
    ) -> str | None:
        """A certificate of a proof, first without and then with z3's instances.

        `more` are hints besides those of the payload: "core", the facts z3 used. Without
        a core nothing is known to be there, and z3's instances are not asked for.
        """
        hints = {**self._hints, **(more or {})}
        harvested = more is not None and self._is_quantified()
        plain = self._left(2 if harvested else share)
        found = refute.find_certificate(self._problem, hints, plain)
        if found or not harvested:
            return found
        hints = harvest.extend_hints(self._problem, hints, self._left(2))
        if not hints["steps"]:
            return None
        return refute.find_certificate(self._problem, hints, self._left())

    def countermodel(self) -> models.ModelResult:
        """A countermodel, with at most two thirds of the time that is left."""
        left = self._left()
        left = left._replace(seconds=left.seconds * 2 / 3)
        return models.find_countermodel(self._problem, left, self._scope)

    def _is_quantified(self) -> bool:
        formulas = [*(fact.formula for fact in self._problem.facts), self._problem.goal]
        parts = (part for formula in formulas for part in subterms(formula))
        return any(isinstance(part.value, Binder) for part in parts)
