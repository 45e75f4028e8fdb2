"""Whether the facts a statement cites contradict each other.

From a contradiction anything follows, so a proof from contradictory facts says nothing,
and the statement is vacuous. The question is put once for every proved statement, with a
small budget; an answer names the fewest facts that already contradict each other.
"""

from __future__ import annotations

from verify.arguments import premises
from verify.arguments.decisions import Decision, alarm
from verify.arguments.entailment import Answer
from verify.arguments.evidence import Bench, decide
from verify.arguments.plans import Plan
from verify.arguments.problems import Proofs, make_dossier
from verify.arguments.settings import probe
from verify.kernel import terms
from verify.language.document import Document, Statement


def look_for_contradiction(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    decision: Decision,
) -> Plan[Decision]:
    """The decision, vacuous if its facts alone entail false; a small budget each time."""
    if not decision.names:
        return decision._replace(consistent=True)
    small = probe(bench.options)

    def attempt(names: tuple[str, ...]) -> Plan[Answer]:
        dossier = make_dossier(document, statement, proofs, names, terms.FALSE)
        hints = {**dossier.hints, "method": ""}
        outcome = yield from decide(
            bench, dossier.full, small, hints=hints, scope=statement.scope
        )
        return Answer(
            outcome, (outcome,), outcome.search_seconds, outcome.kernel_seconds
        )

    answer = yield from attempt(decision.names)
    finding = answer.outcome.finding
    decision = decision._replace(
        search_seconds=decision.search_seconds + answer.search_seconds,
        kernel_seconds=decision.kernel_seconds + answer.kernel_seconds,
    )
    if finding == "alarm":
        return alarm(answer.outcome.detail, decision)
    if finding != "proved":
        known = True if finding in ("refuted", "consistent") else None
        return decision._replace(consistent=known)
    culprits = yield from premises.shrink(
        premises.used(decision.names, answer), attempt
    )
    listed = " and ".join(culprits) if len(culprits) < 3 else ", ".join(culprits)
    several = "contradict each other" if len(culprits) > 1 else "contradicts itself"
    return decision._replace(
        status="vacuous", trust="certified", uses=culprits, consistent=False,
        diagnosis="inconsistent_premises",
        message=f"{listed} {several}, so anything follows; change one of them.",
        evidence=(*answer.evidence, *decision.evidence),
    )  # fmt: skip
