"""Statements about inline networks, decided and weighed as documents have it done."""

from __future__ import annotations

from typing import NamedTuple

from tests.language.reading import read
from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.problem import Problem
from verify.networks.statements.evidence import Ruling, decide_evidence
from verify.networks.statements.models import find_declarations


class Decided(NamedTuple):
    """A ruling, the problem of its certificate, and whether the kernel accepted it."""

    ruling: Ruling
    problem: Problem
    accepted: bool

    @property
    def value(self) -> bool | None:
        return self.ruling.value


def make_problem(text: str) -> Problem:
    """The problem of the last statement of a claim text."""
    document = read(text, "")
    formula = document.statements[-1].formula
    if formula is None:
        raise ValueError(document.statements[-1].unsupported)
    return Problem((), (), (), formula, find_declarations(document, formula))


def decide(text: str, seconds: float = 20.0) -> Decided:
    """The ruling on the last statement of a claim text, its certificate checked."""
    problem = make_problem(text)
    ruling = decide_evidence(problem, seconds)
    if ruling.value is False:
        problem = problem._replace(goal=terms.make_not(problem.goal))
    accepted = bool(ruling.certificate)
    if accepted:
        found = check(problem.text(), ruling.certificate)
        accepted = found.claim == "proved" and found.uses == ()
    return Decided(ruling, problem, accepted)
