"""The table on the screen, written while the verdicts arrive.

A document's lines come first, then a paragraph a problem. When several documents are
checked, only what was not expected gets a paragraph; the rest is a `verify explain` away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verify.cli.exits import MEANING, Exit
from verify.cli.ledger import Ledger, Listener
from verify.cli.screen import Screen
from verify.language.verdicts import Audit, Verdict
from verify.reports.characters import escape
from verify.reports.jsonlines import Record
from verify.reports.lines import Line, Span, line
from verify.reports.paragraphs import in_order, render_audit, render_problem
from verify.reports.terminal import (
    Columns,
    plan_columns,
    render_header,
    render_row,
    render_total,
)
from verify.reports.words import duration

if TYPE_CHECKING:
    from verify.language.document import Document


class Table(Listener):
    """Writes the table; `brief` leaves out the paragraphs of what was expected."""

    def __init__(self, screen: Screen, *, brief: bool) -> None:
        self._screen = screen
        self._brief = brief
        self._header: tuple[Line, ...] = ()
        self._columns = Columns(4, 4, 40)
        self._verdicts: list[Verdict] = []
        self._audits: list[Audit] = []

    def document(self, document: Document) -> None:
        gap = [line()] if self._paragraphs() else []
        self._header = (*gap, render_header(document.path))
        rows = [(s.name, s.kind, s.label or s.source) for s in document.statements]
        self._columns = plan_columns(rows, self._screen.look)

    def failure(self, verdict: Verdict) -> None:
        self._paragraphs()
        place = (
            f"{verdict.document}:{verdict.line}" if verdict.line else verdict.document
        )
        said = f": {escape(verdict.message)}"
        self._screen.write([line(Span(f"! {escape(place)}", "error"), said)])

    def line(self, verdict: Verdict) -> None:
        row = render_row(verdict, self._columns, self._screen.look)
        self._screen.write([*self._header, row])
        self._header = ()

    def record(self, record: Record) -> None:
        if isinstance(record, Verdict):
            self._verdicts.append(record)
        elif isinstance(record, Audit):
            self._audits.append(record)
        else:
            self._paragraphs()

    def _paragraphs(self) -> bool:
        """Write what is left to say about the last document; whether there was any."""
        look = self._screen.look
        said: list[Line] = []
        for audit in self._audits:
            if not self._brief or audit.result in ("inconsistent", "alarm"):
                said += render_audit(audit, look)
        for verdict in in_order(self._verdicts):
            if not (self._brief and verdict.as_expected):
                said += [line(), *render_problem(verdict, look)]
        self._screen.write(said)
        self._verdicts, self._audits = [], []
        return bool(said)

    def total(self, ledger: Ledger, code: Exit) -> None:
        """Write the sums, and what the exit code means unless all is as expected."""
        decided = [v for v in ledger.verdicts if v.kind != "premise"]
        spans = render_total(decided, self._screen.look)
        if ledger.run and ledger.run.seconds:
            spans = (*spans, Span(f"   {duration(ledger.run.seconds)}", "time"))
        lines = [line(), spans]
        if code != Exit.AS_EXPECTED:
            lines.append(line(f"exit {int(code)}: {MEANING[code]}"))
        self._screen.write(lines)
