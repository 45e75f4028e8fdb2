"""Statements about optima and membership, decided as a document's job does it."""

from __future__ import annotations

from typing import NamedTuple

from tests.language.reading import read
from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.problem import Problem
from verify.language.document import Document, Statement
from verify.suites.deciders import job
from verify.suites.evidence import make_payload, make_problem
from verify.suites.exhibiting import show_constants


class Decided(NamedTuple):
    """What became of a statement; `accepted` says that the kernel took its certificate."""

    value: bool | None
    reason: str
    detail: str
    accepted: bool
    shown: tuple[tuple[str, str], ...]


def decide(document: Document, statement: Statement, seconds: float = 20.0) -> Decided:
    """The ruling on a statement, its certificate checked."""
    if statement.formula is None:
        raise ValueError(statement.unsupported)
    problem = make_problem(document, statement.formula)
    found = job(make_payload(document, problem, seconds))
    side, text = find_side(problem, found["value"]), found["certificate"]
    accepted = bool(text) and check(side.text(), text).claim == "proved"
    shown = tuple(show_constants(document, problem, text)) if text else ()
    return Decided(found["value"], found["reason"], found["detail"], accepted, shown)


def find_side(problem: Problem, value: bool | None) -> Problem:
    """The problem that a certificate of this answer is about."""
    if value is False:
        return problem._replace(goal=terms.make_not(problem.goal))
    return problem


def decide_last(text: str, seconds: float = 20.0) -> Decided:
    """The ruling on the last statement of a claim text."""
    document = read(text, "")
    return decide(document, document.statements[-1], seconds)
