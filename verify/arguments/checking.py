"""A document from end to end: verdicts as they become known, then everything about them.

Three kinds of events. ("line", verdict) comes for each statement in the order written, as
early as possible. ("record", verdict or audit) comes once more for each when everything
about it is known, and the run's own record is the last. ("evidence", kept) names the
accepted certificates behind a statement, those of imports included, for whoever keeps
them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from verify.arguments import audits
from verify.arguments.evidence import Bench
from verify.arguments.examining import examine
from verify.arguments.findings import (
    DecideEvidence,
    Findings,
    Kept,
    leave_evidence,
)
from verify.arguments.order import Item, items_of, wanted_items
from verify.arguments.plans import Runner, Server
from verify.arguments.resolving import resolve
from verify.arguments.settings import Archive, Nothing, Options
from verify.language.document import Document
from verify.language.verdicts import Audit, Run, Verdict

Event = tuple[str, Verdict | Audit | Run | Kept]


def check_document(
    document: Document,
    *,
    server: Server,
    options: Options | None = None,
    archive: Archive | None = None,
    versions: Mapping[str, str] | None = None,
    evidence: DecideEvidence = leave_evidence,
) -> Iterator[Event]:
    """The events of one document, decided on `server`.

    Certificates in `archive` are checked again before they count. `evidence` decides the
    evidence statements.
    """
    begun = time.perf_counter()
    chosen = options or Options()
    versions = dict(versions or {})
    bench = Bench(chosen, archive or Nothing(), [])
    items = wanted_items(items_of(document), document, chosen.only)
    findings = Findings(document, bench, items, versions, evidence)
    runner = Runner(server)
    told: list[Item] = []
    for item in resolve(findings, runner):
        yield "evidence", findings.kept(item)
        if item[0] is document and (not chosen.only or item[1].name in chosen.only):
            told.append(item)
            yield "line", findings.verdict(item)
    if told and not chosen.quick:
        examine(findings, runner)
    verdicts = [findings.verdict(item) for item in told]
    yield from (("record", verdict) for verdict in verdicts)
    yield from (("record", audit) for audit in audits.in_order(findings.audits))
    for detail in dict.fromkeys(bench.alarms):
        yield "record", audits.audit_alarm(document, detail)
    yield "record", make_run(verdicts, time.perf_counter() - begun, versions)


def make_run(
    verdicts: list[Verdict], seconds: float, versions: Mapping[str, str]
) -> Run:
    """The closing record: what premises say is counted nowhere, they claim nothing."""
    counts: dict[str, int] = {}
    for verdict in verdicts:
        if verdict.kind != "premise":
            counts[verdict.status] = counts.get(verdict.status, 0) + 1
    return Run(
        counts=counts,
        unexpected=sum(not verdict.as_expected for verdict in verdicts),
        complete=True,
        seconds=seconds,
        versions=dict(versions),
    )
