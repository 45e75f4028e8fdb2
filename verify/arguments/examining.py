"""The second phase: everything worth saying about verdicts that are known already.

Minimal premises and what breaks without each, the mistake behind a refutation, premises
that would mend it, and the audits. None of it changes a status; so it may come late, and
each question gets a small budget.
"""

from __future__ import annotations

from typing import Any

from verify.arguments import audits
from verify.arguments.consistency import Consistency, audit_consistency
from verify.arguments.diagnoses import diagnose
from verify.arguments.findings import Findings
from verify.arguments.order import Item, key_of
from verify.arguments.plans import Runner
from verify.arguments.premises import ablate
from verify.arguments.problems import is_provable, make_fact
from verify.arguments.standing import Key
from verify.arguments.suggestions import suggest
from verify.kernel.problem import Fact


def examine(findings: Findings, runner: Runner) -> None:
    """Add to the findings what the second phase establishes."""
    bench, document, proofs = findings.bench, findings.document, findings.proofs
    for item in findings.own_items():
        _examine_statement(findings, runner, item)
    runner.start("consistency", audit_consistency(bench, document, proofs))
    consistency: Consistency | None = None
    for key, value in runner.results():
        if key == "consistency":
            consistency = value
        else:
            _note(findings, key[0], key[1], value)
    for item in findings.own_items():
        findings.stand(item)
    decided = findings.decided()
    if consistency is not None:
        findings.audits.append(consistency.audit)
    if consistency is None or not consistency.contradictory:
        witness = consistency.witness if consistency else ""
        runner.start(
            "antecedents",
            audits.audit_antecedents(bench, document, proofs, decided, witness),
        )
        runner.start("begging", audits.audit_begging(bench, document, decided))
        for _, found in runner.results():
            findings.audits += found
    findings.audits += audits.audit_vacuous(document, decided)
    findings.audits += audits.audit_scopes(document, decided)
    findings.audits += audits.audit_notes(document)
    if not bench.options.only:
        findings.audits += audits.audit_unused(document, decided)


def _examine_statement(findings: Findings, runner: Runner, item: Item) -> None:
    bench, proofs = findings.bench, findings.proofs
    document, statement = item
    key = key_of(document, statement)
    decision = findings.decisions[key]
    if not is_provable(statement):
        return
    if decision.status == "proved" and decision.uses:
        runner.start(
            ("ablate", key),
            ablate(bench, document, statement, proofs, decision.names, decision.uses),
        )
    if decision.status in ("refuted", "undecided"):
        runner.start(("diagnose", key), diagnose(bench, document, statement, decision))
    if decision.status == "refuted":
        below = _underneath(findings, item)
        runner.start(("suggest", key), suggest(bench, document, decision, below))


def _underneath(findings: Findings, item: Item) -> list[Fact]:
    """The premises and admitted statements that an item rests on, as facts."""
    document, _ = item
    _, standing = findings.known[key_of(*item)]
    names = [name for name in standing.rests_on if not name.startswith("def ")]
    return [make_fact(document, name, findings.proofs) for name in names]


def _note(findings: Findings, task: str, key: Key, value: Any) -> None:
    match task, value:
        case "ablate", (uses, breaks):
            findings.decisions[key] = findings.decisions[key]._replace(uses=uses)
            findings.breaks[key] = breaks
        case "diagnose", (diagnosis, decision):
            findings.decisions[key] = decision._replace(
                diagnosis=diagnosis.code, message=diagnosis.message
            )
        case "suggest", tuple(found):
            findings.suggestions[key] = found
