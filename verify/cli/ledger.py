"""What a run said, kept while it is being said, and the code it ends with.

Events come from the suite one by one; whoever reports them listens. An interruption ends
the events, not the report: what was decided until then is still told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from verify.cli.exits import Exit, code_of_run, gravest
from verify.language.verdicts import Audit, Run, Verdict
from verify.reports.jsonlines import Record
from verify.suites.unreadable import unreadable

if TYPE_CHECKING:
    from verify.language.document import Document


class Listener:
    """Hears what happens; the methods do nothing unless overridden."""

    def document(self, document: Document) -> None:
        """A document was read, and its statements come next."""

    def failure(self, verdict: Verdict) -> None:
        """A document cannot be read; the verdict is about the whole of it."""

    def line(self, verdict: Verdict) -> None:
        """A statement was decided; more may become known about it."""

    def record(self, record: Record) -> None:
        """All that is known about a statement, a document's audit, or the run."""


class Ledger(Listener):
    """Remembers the run."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.lines: list[Verdict] = []
        self.records: list[Record] = []
        self.interrupted = False

    def document(self, document: Document) -> None:
        self.documents.append(document)

    def failure(self, verdict: Verdict) -> None:
        self.records.append(verdict)

    def line(self, verdict: Verdict) -> None:
        self.lines.append(verdict)

    def record(self, record: Record) -> None:
        self.records.append(record)

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts, as complete as they became."""
        known = {(v.document, v.name): v for v in self.lines}
        known |= {
            (r.document, r.name): r for r in self.records if isinstance(r, Verdict)
        }
        return list(known.values())

    @property
    def run(self) -> Run | None:
        """The closing record, once there is one."""
        return next((r for r in self.records if isinstance(r, Run)), None)

    def code(self) -> Exit:
        """What the run ends with."""
        audits = [r for r in self.records if isinstance(r, Audit)]
        code = code_of_run(self.verdicts, audits)
        return gravest([code, Exit.INTERRUPTED]) if self.interrupted else code


def follow(
    events: Iterable[tuple[str, Any]], listeners: Sequence[Listener], ledger: Ledger
) -> None:
    """Pass every event on; an interruption is noted and ends in a closing record."""
    everyone = (ledger, *listeners)
    try:
        for kind, value in events:
            _pass_on(kind, value, everyone)
    except KeyboardInterrupt:
        ledger.interrupted = True
        for record in _unfinished(ledger):
            for listener in everyone:
                listener.record(record)


def _pass_on(kind: str, value: Any, listeners: Sequence[Listener]) -> None:
    for listener in listeners:
        match kind:
            case "document":
                listener.document(value)
            case "failure":
                listener.failure(unreadable(value))
            case "line":
                listener.line(value)
            case "record":
                listener.record(value)


def _unfinished(ledger: Ledger) -> Iterator[Record]:
    """Records for the lines that have none yet, and a run that is not complete."""
    told = {(r.document, r.name) for r in ledger.records if isinstance(r, Verdict)}
    yield from [v for v in ledger.lines if (v.document, v.name) not in told]
    verdicts = [v for v in ledger.verdicts if v.kind != "premise"]
    yield Run(
        counts=dict(Counter(verdict.status for verdict in verdicts)),
        unexpected=sum(not verdict.as_expected for verdict in verdicts),
        complete=False,
        versions=verdicts[0].versions if verdicts else {},
    )
