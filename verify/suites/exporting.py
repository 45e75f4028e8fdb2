"""A statement's obligation as a script for other tools, with the answer to expect.

What is exported is what decided the statement: the whole cited facts when it follows,
exactly what was cited when it does not. Other tools have no induction rule, so a proof
by induction is exported with its own instance of induction among the facts. Evidence is
exported with its networks, every unit a defined function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verify.arguments.formulas import induction_parts
from verify.arguments.problems import Unavailable, add_fact, make_dossier
from verify.kernel import terms
from verify.kernel.problem import Problem
from verify.kernel.rejections import Declined
from verify.language.document import Document, Statement
from verify.language.verdicts import Verdict
from verify.solvers.pysmt_backend import write_smtlib

STATUS: Final = {"proved": "unsat", "vacuous": "unsat", "refuted": "sat"}
INDUCTION: Final = "induction"


class _AnyProof(Mapping[tuple[str, str], str]):
    """A hash for every lemma: a script has no use for where a fact was proved."""

    def __getitem__(self, key: tuple[str, str]) -> str:
        return "0" * 64

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def get(self, key: object, default: object = None) -> str:
        return "0" * 64


def write_script(document: Document, statement: Statement, verdict: Verdict) -> str:
    """The SMT-LIB script of a statement that has this verdict; raises Unavailable."""
    if statement.kind == "evidence":
        return _write_evidence(document, statement, verdict)
    names = None if statement.by.citations is not None else verdict.uses
    dossier = make_dossier(document, statement, _AnyProof(), names)
    problem = dossier.cited if verdict.status == "refuted" else dossier.full
    if statement.by.method == "induction":
        problem = _with_induction(document, statement, problem)
    return write_smtlib(problem, STATUS.get(verdict.status, "unknown"))


def _write_evidence(document: Document, statement: Statement, verdict: Verdict) -> str:
    """The script of an evidence statement."""
    from verify.networks.statements.models import Missing
    from verify.suites.evidence import make_problem

    if statement.formula is None:
        why = statement.unsupported or "it has no formula"
        raise Unavailable(f"{statement.name} cannot be exported: {why}.")
    try:
        problem = make_problem(document, statement.formula)
        if problem.quantities:
            what = "an optimum, a risk or a count, for which SMT-LIB has no words"
            raise Unavailable(
                f"{statement.name} cannot be exported: it speaks of {what}."
            )
        return write_smtlib(problem, STATUS.get(verdict.status, "unknown"))
    except (Missing, Declined) as error:
        raise Unavailable(f"{statement.name} cannot be exported: {error}.") from None


def _with_induction(
    document: Document, statement: Statement, problem: Problem
) -> Problem:
    parts = induction_parts(problem.goal, statement.by.variable)
    if parts is None:
        raise Unavailable(
            f"{statement.name} has no induction on {statement.by.variable}."
        )
    onward = terms.make_implies(terms.make_and(*parts), problem.goal)
    return add_fact(document, problem, INDUCTION, onward)
