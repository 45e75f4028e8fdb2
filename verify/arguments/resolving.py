"""The first phase: every statement decided, side by side, told in the order written.

A statement with a by-list can start as soon as the hashes of what it cites are known; one
without waits until everything provable above it is decided, because only what holds may
be found for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from verify.arguments.cuts import decide_cuts
from verify.arguments.deciding import decide_statement
from verify.arguments.decisions import Decision
from verify.arguments.findings import Findings
from verify.arguments.lattice import decide_lattice
from verify.arguments.order import Item, key_of
from verify.arguments.plans import Plan, Runner
from verify.arguments.problems import (
    Unavailable,
    cited_names,
    facts_above,
    has_proof,
    home_of,
    make_dossier,
)
from verify.language.document import Document, Statement


def resolve(findings: Findings, runner: Runner) -> Iterator[Item]:
    """Decide every item; yield each, in order, once all before it are decided."""
    waiting = list(findings.items)
    unsaid = list(findings.items)
    while unsaid:
        waiting = [item for item in waiting if not _begin(findings, runner, item)]
        before = len(unsaid)
        while unsaid and key_of(*unsaid[0]) in findings.decisions:
            item = unsaid.pop(0)
            findings.stand(item)
            yield item
        if len(unsaid) == before:
            key, decision = next(runner.results())
            findings.decisions[key] = decision
            if key not in findings.proofs:
                full = decision.dossier.full if decision.dossier else None
                findings.proofs[key] = full.sha() if full else ""


def _begin(findings: Findings, runner: Runner, item: Item) -> bool:
    """Start deciding an item if all it waits for is there; whether it was started."""
    document, statement = item
    key = key_of(*item)
    plan: Plan[Decision]
    match statement.kind:
        case "premise" | "admit":
            findings.decisions[key] = Decision("admitted")
            return True
        case "evidence":
            plan = findings.evidence(findings.bench, document, statement)
        case "lattice":
            plan = decide_lattice(findings.bench, document, statement)
        case "cuts":
            plan = decide_cuts(findings.bench, document, statement, findings.proofs)
        case _:
            candidates = _candidates(findings, document, statement)
            if candidates is None:
                return False
            _file(findings, item)
            plan = decide_statement(
                findings.bench, document, statement, findings.proofs, candidates
            )
    runner.start(key, plan)
    return True


def _candidates(
    findings: Findings, document: Document, statement: Statement
) -> tuple[Statement, ...] | None:
    """Facts to search among (none with a by-list); None while some are undecided."""
    if statement.by.citations is not None:
        for name in cited_names(statement):
            home, local = home_of(document, name)
            cited = home.statement(local)
            known = (home.path, local) in findings.proofs
            if cited is not None and has_proof(cited) and not known:
                return None
        return ()
    found = []
    for other in facts_above(document, statement):
        entry = findings.known.get(key_of(document, other))
        if has_proof(other) and entry is None:
            return None
        if other.kind == "premise" or (entry and entry[1].overall == "proved"):
            found.append(other)
    return tuple(found)


def _file(findings: Findings, item: Item) -> None:
    """Note the hash of the problem that a statement with a by-list stands for."""
    document, statement = item
    if statement.by.citations is not None:
        try:
            sha = make_dossier(document, statement, findings.proofs).full.sha()
        except Unavailable:
            sha = ""
        findings.proofs[key_of(*item)] = sha
