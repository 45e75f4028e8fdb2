"""One accepted world, asked more than one question.

A countermodel found for one pair of definitions often refutes other pairs as well, and a
world that survives one set of exclusions says which events happened in it. Instead of
another search, the same model is handed to the kernel as evidence for the other problem;
symbols it does not speak about get the plainest value first. What the kernel does not
accept is simply not known.
"""

from __future__ import annotations

from typing import Any

from verify.arguments.countermodels import is_thing
from verify.arguments.evidence import Outcome, weigh
from verify.kernel import terms
from verify.kernel.certificate import read_certificate
from verify.kernel.problem import Problem
from verify.kernel.terms import BOOL, Sort, Symbol
from verify.solvers.definitions import Rows, write_definition
from verify.solvers.prooflog import write_certificate


def rebind(certificate: str, problem: Problem, claim: str) -> str:
    """The model of a certificate, completed, as evidence for another problem."""
    lines: list[dict[str, Any]] = list(read_certificate(certificate).lines)
    declared = {symbol.name for symbol in problem.symbols}
    sorts = {sort.name for sort in problem.sorts}
    sized = [line for line in lines if line.get("sort") in sorts]
    kept = [line for line in lines if line.get("symbol") in declared]
    known = {line.get("symbol") or line.get("sort") for line in (*sized, *kept)}
    missing_sorts = [
        {"sort": sort.name, "size": 1}
        for sort in problem.sorts
        if is_thing(sort) and sort.name not in known
    ]
    missing = [_plain(symbol) for symbol in problem.symbols if symbol.name not in known]
    return write_certificate(problem, claim, [*missing_sorts, *sized, *kept, *missing])


def _plain(symbol: Symbol) -> dict[str, Any]:
    return write_definition(symbol, Rows((), _plain_value(symbol.result)))


def _plain_value(sort: Sort) -> str:
    if sort == BOOL:
        return "false"
    if terms.is_numeric(sort):
        return "0"
    return sort.elements[0] if sort.elements else f"{sort.name}!0"


def refutes(certificate: str, problem: Problem) -> Outcome | None:
    """The accepted refutation of `problem` by the model of a certificate, if it is one."""
    outcome = weigh(problem, problem.text(), rebind(certificate, problem, "refuted"))
    return outcome if outcome.finding == "refuted" else None
