"""Findings about a document that change no verdict: what a careful reader would ask.

Does one premise already say what is to be concluded? Can the condition of an implication
ever hold? Is a premise used anywhere? The answers are warnings, except that contradictory
facts make a statement vacuous, which its own decision says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from verify.arguments.decisions import Decision
from verify.arguments.evidence import Bench, decide
from verify.arguments.formulas import conjuncts, never_applies
from verify.arguments.plans import Plan, together
from verify.arguments.premises import rank
from verify.arguments.problems import (
    Proofs,
    Unavailable,
    make_fact,
    premises_of,
    problem_of,
)
from verify.arguments.settings import probe
from verify.arguments.standing import Standing
from verify.arguments.worlds import refutes
from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.terms import Term
from verify.language.document import PROVABLE_KINDS, Document, Statement
from verify.language.verdicts import Audit

Decided = Mapping[str, tuple[Decision, Standing]]  # by statement name


def audit_vacuous(document: Document, decided: Decided) -> Iterator[Audit]:
    """A line for each statement whose cited facts contradict each other."""
    for statement in document.statements:
        entry = decided.get(statement.name)
        if entry and entry[0].status == "vacuous":
            yield Audit(
                document=document.path, line=statement.span.line, name=statement.name,
                check="inconsistent_premises", result="inconsistent",
                message=entry[0].message,
            )  # fmt: skip


def audit_notes(document: Document) -> Iterator[Audit]:
    """A line for each declaration of which a reader would want to know something."""
    for note in document.notes:
        yield Audit(
            document=document.path, line=note.span.line, name=note.name,
            check="data", result="contradictory_targets", message=note.message,
        )  # fmt: skip


def audit_unused(document: Document, decided: Decided) -> Iterator[Audit]:
    """A line for each premise that no proof uses and nothing unproved cites."""
    needed: set[str] = set()
    seen = False
    for statement in document.statements:
        entry = decided.get(statement.name)
        if entry is None or statement.kind in ("premise", "admit"):
            continue
        seen = seen or statement.kind in PROVABLE_KINDS
        decision = entry[0]
        needed.update(decision.uses if decision.status == "proved" else decision.names)
    for premise in premises_of(document) if seen else ():
        if premise.name not in needed:
            citing = [
                s.name
                for s in document.statements
                if s.name in decided and premise.name in decided[s.name][0].names
            ]
            cited = (
                f"Cited by {', '.join(citing)}, but needed by no proof"
                if citing
                else ("No proof needs it")
            )
            yield Audit(
                document=document.path, line=premise.span.line, name=premise.name,
                check="unused_premise", result="unused", message=f"{cited}; drop it.",
            )  # fmt: skip


def audit_scopes(document: Document, decided: Decided) -> Iterator[Audit]:
    """A line for each statement that was only searched up to a finite size."""
    for statement in document.statements:
        entry = decided.get(statement.name)
        if entry and entry[0].scope != "unbounded":
            yield Audit(
                document=document.path, line=statement.span.line, name=statement.name,
                check="finite_scope", result=entry[0].scope,
                message="Nothing was found up to this size; that is no proof.",
            )  # fmt: skip


def audit_begging(
    bench: Bench, document: Document, decided: Decided
) -> Plan[list[Audit]]:
    """A line for each conclusion that one premise alone already says.

    A step may restate part of a premise; only the very same statement is reported there.
    """
    premises = {
        p.name: p.formula for p in premises_of(document) if p.formula is not None
    }
    audits: list[Audit] = []
    for statement in document.statements:
        entry = decided.get(statement.name)
        if entry is None or entry[0].status != "proved" or statement.formula is None:
            continue
        if statement.kind not in PROVABLE_KINDS:
            continue
        under = [name for name in entry[1].rests_on if name in premises]
        guilty = [n for n in under if _says(statement, premises[n])]
        if not guilty and len(under) == 1 and statement.kind == "conclusion":
            premise = premises[under[0]]
            same = yield from _equivalent(bench, document, statement.formula, premise)
            guilty = under if same else []
        audits += [_begging(document, statement, name) for name in guilty]
    return audits


def _says(statement: Statement, premise: Term) -> bool:
    """Whether the premise is the statement, or for a conclusion contains it as a part."""
    if statement.formula is None:
        return False
    goal = normal(statement.formula).key
    if goal == normal(premise).key:
        return True
    parts = {normal(part).key for part in conjuncts(premise)}
    return statement.kind == "conclusion" and goal in parts


def _equivalent(bench: Bench, document: Document, one: Term, other: Term) -> Plan[bool]:
    small = probe(bench.options)
    problems = [
        problem_of(document, (), terms.make_implies(left, right))
        for left, right in ((one, other), (other, one))
    ]
    forth, back = yield from together(decide(bench, p, small) for p in problems)
    return forth.finding == back.finding == "proved"


def _begging(document: Document, statement: Statement, name: str) -> Audit:
    return Audit(
        document=document.path, line=statement.span.line, name=statement.name,
        check="begs_the_question", result="begs the question",
        message=f"{name} alone already says it; argue for {name}, or drop the step.",
    )  # fmt: skip


def audit_antecedents(
    bench: Bench, document: Document, proofs: Proofs, decided: Decided, witness: str
) -> Plan[list[Audit]]:
    """A line for each implication whose condition never holds, given the premises."""
    chosen = [
        (statement, goal)
        for statement in document.statements
        if statement.formula is not None
        and (statement.kind == "premise" or _is_proved(statement, decided))
        for goal in never_applies(statement.formula)
    ]
    results = yield from together(
        _antecedent(bench, document, proofs, statement, goal, witness)
        for statement, goal in chosen
    )
    return [audit for audit in results if audit is not None]


def _is_proved(statement: Statement, decided: Decided) -> bool:
    entry = decided.get(statement.name)
    return entry is not None and entry[0].status == "proved"


def _antecedent(
    bench: Bench,
    document: Document,
    proofs: Proofs,
    statement: Statement,
    goal: Term,
    witness: str,
) -> Plan[Audit | None]:
    others = [p for p in premises_of(document) if p.name != statement.name]
    asked = statement._replace(formula=goal)
    near = [name for name, distance in rank(asked, others) if distance == 1]
    try:
        facts = [make_fact(document, p.name, proofs) for p in others if p.name in near]
        problem = problem_of(document, facts, goal)
    except Unavailable:
        return None
    if witness and refutes(witness, problem) is not None:
        return None
    outcome = yield from decide(bench, problem, probe(bench.options))
    if outcome.finding != "proved":
        return None
    because = f" given {', '.join(outcome.uses)}" if outcome.uses else ""
    return Audit(
        document=document.path, line=statement.span.line, name=statement.name,
        check="never_applies", result="never",
        message=f"Its condition can never hold{because}, so it says nothing; check it.",
    )  # fmt: skip


def audit_alarm(document: Document, detail: str) -> Audit:
    """The line that says the machinery itself is wrong, wherever it showed."""
    return Audit(
        document=document.path, line=1, name="", check="soundness_alarm", result="alarm",
        message=f"{detail}; trust no verdict of this run and report it.",
    )  # fmt: skip


def in_order(audits: Iterable[Audit]) -> list[Audit]:
    """Audits by line, the ones about the same line in the order of their checks."""
    return sorted(audits, key=lambda audit: (audit.line, audit.check, audit.name))
