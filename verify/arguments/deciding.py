"""From a statement to its decision: the flow every lemma, step and conclusion goes through.

First whether it has a meaning; then whether it follows from what it cites, or from what
the tool finds when it cites nothing; then, for what follows, whether the cited facts have
a contradiction among themselves, because then anything would.
"""

from __future__ import annotations

from verify.arguments import premises
from verify.arguments.decisions import (
    Decision,
    alarm,
    budget_of,
    conclude,
    undecided,
    world_of,
)
from verify.arguments.definedness import (
    Undefined,
    check_defined,
    diagnose_undefined,
    tell_undefined,
)
from verify.arguments.entailment import settle
from verify.arguments.evidence import Bench
from verify.arguments.formulas import induction_parts
from verify.arguments.plans import Plan
from verify.arguments.problems import (
    Dossier,
    Proofs,
    Unavailable,
    cited_names,
    make_dossier,
)
from verify.arguments.vacuity import look_for_contradiction
from verify.kernel.rejections import Rejected
from verify.language.document import Document, Statement


def decide_statement(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    candidates: tuple[Statement, ...] = (),
) -> Plan[Decision]:
    """The decision about a lemma, step or conclusion.

    `candidates` are the facts to search among when it has no by-list.
    """
    if statement.unsupported:
        return undecided("unsupported", _unsupported(statement))
    if _inducts_on_no_nat(statement):
        return Decision(
            "error",
            message=f"{statement.by.variable} is no Nat, so there is no induction on it; "
            "declare it as Nat.",
            diagnosis="induction_not_on_nat",
        )
    names = cited_names(statement)
    if statement.by.citations is None:
        names = tuple(other.name for other in candidates)
    try:
        decision = yield from _decide(
            bench, document, statement, proofs, names, candidates
        )
        if decision.status == "proved":
            decision = yield from look_for_contradiction(
                bench, document, statement, proofs, decision
            )
    except Unavailable as unavailable:
        return undecided("unsupported", str(unavailable))
    return decision


def _decide(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    names: tuple[str, ...],
    candidates: tuple[Statement, ...],
) -> Plan[Decision]:
    budget = budget_of(bench, statement)
    dossier = make_dossier(document, statement, proofs, names)
    missing = yield from check_defined(
        bench, document, statement, proofs, names, budget
    )
    if missing:
        return _undefined(document, missing[0], names, dossier)
    if statement.by.citations is not None:
        answer = yield from settle(bench, dossier, budget, statement.scope)
        return conclude(bench, document, statement, dossier, answer)
    found = yield from premises.search(
        bench, document, statement, proofs, candidates, budget
    )
    dossier = make_dossier(document, statement, proofs, found.names)
    decision = conclude(bench, document, statement, dossier, found.answer)
    if decision.status == "proved":
        return decision._replace(message=premises.paste(found.names), uses=found.names)
    given = tuple(other.name for other in candidates if other.kind == "premise")
    return decision._replace(names=given, uses=given if decision.uses else ())


def _inducts_on_no_nat(statement: Statement) -> bool:
    if statement.by.method != "induction" or statement.formula is None:
        return False
    try:
        induction_parts(statement.formula, statement.by.variable)
    except Rejected:
        return True
    return False


def _unsupported(statement: Statement) -> str:
    text = statement.unsupported.rstrip(".")
    return f"It needs a part of the language that is not available here: {text}."


def _undefined(
    document: Document, undefined: Undefined, names: tuple[str, ...], dossier: Dossier
) -> Decision:
    answer = undefined.answer
    if answer.outcome.finding == "alarm":
        return alarm(answer.outcome.detail)
    return Decision(
        "error",
        message=tell_undefined(undefined),
        diagnosis=diagnose_undefined(undefined),
        names=names,
        dossier=dossier,
        counterexample=world_of(document, answer),
        search_seconds=answer.search_seconds,
        kernel_seconds=answer.kernel_seconds,
    )
