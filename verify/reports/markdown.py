"""Markdown for a pull request or a step summary: tables, with strangers' words inert.

Names and messages come from documents, and what shows this text renders Markdown and
HTML. So every such word stands in a `<code>` element with each character that could mean
anything as its number: no link, no mention, no image, no tag and no cell can come of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from verify.language.verdicts import Audit, Run, Verdict
from verify.reports import words
from verify.reports.changes import Change, Versions
from verify.reports.characters import cut, escape

ROOM: Final = 200  # cells of one stranger's word
ROWS: Final = 200  # rows of one table
HEADINGS: Final = {
    "status": "Verdicts", "expectation": "Expectations", "statement": "Statements",
    "meaning": "Same words, another problem", "cost": "Cost more than tripled",
    "added": "Added", "removed": "Removed",
}  # fmt: skip


def inert(text: str) -> str:
    """A stranger's text as code that does nothing."""
    shown = cut(escape(text), ROOM)
    plain = "".join(
        char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in shown
    )
    return f"<code>{plain}</code>" if shown.strip() else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    listed = list(rows)
    out = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    out += [f"| {' | '.join(row)} |" for row in listed[:ROWS]]
    if len(listed) > ROWS:
        out += ["", f"and {len(listed) - ROWS} more"]
    return [*out, ""]


def render_summary(
    records: Sequence[Verdict | Audit], run: Run, changes: Sequence[Change] = ()
) -> str:
    """The step summary of a run: the sums, what was not expected, what changed."""
    verdicts = [r for r in records if isinstance(r, Verdict) and r.kind != "premise"]
    bad = [verdict for verdict in verdicts if not verdict.as_expected]
    head = "as expected" if run.complete and not bad else "not as expected"
    if not run.complete:
        head = "not complete: nothing may be concluded from what is missing"
    out = [f"## Claims: {head}", ""]
    sums = Counter((words.ORDER.index(v.status), words.describe(v)) for v in verdicts)
    out += _table(
        ("verdict", "statements"),
        [(said, str(count)) for (_, said), count in sorted(sums.items())],
    )
    if bad:
        out += ["### Not as expected", ""]
        out += _table(
            ("statement", "line", "verdict", "expected", "why"), map(_row, bad)
        )
    warnings = [r for r in records if isinstance(r, Audit) and _is_grave(r)]
    if warnings:
        out += ["### Warnings", ""]
        rows = [(inert(f"{a.document} {a.name}"), inert(a.message)) for a in warnings]
        out += _table(("where", "what"), rows)
    if changes:
        out += ["### Since the baseline", "", *_changes(changes)]
    return "\n".join(out)


def _is_grave(audit: Audit) -> bool:
    return audit.result in ("inconsistent", "alarm", "differs")


def _row(verdict: Verdict) -> tuple[str, ...]:
    return (
        inert(f"{verdict.document} {verdict.name}"),
        str(verdict.line),
        words.describe(verdict),
        inert(verdict.expected),
        inert(verdict.message),
    )


def render_diff(
    changes: Sequence[Change], versions: Sequence[Versions], *, complete: bool
) -> str:
    """The comparison of two runs, for a pull request."""
    worse = sum(change.worse for change in changes)
    out = [f"## Claims: {_count(len(changes), 'change')}, {worse} for the worse", ""]
    if not complete:
        out += [
            "One of the runs is not complete; what is missing counts as removed.",
            "",
        ]
    if versions:
        rows = [(inert(v.name), inert(v.before), inert(v.after)) for v in versions]
        out += _table(("version of", "before", "after"), rows)
    return "\n".join([*out, *_changes(changes)])


def _changes(changes: Sequence[Change]) -> list[str]:
    out: list[str] = []
    for what, heading in HEADINGS.items():
        chosen = [change for change in changes if change.what == what]
        if chosen:
            chosen.sort(key=lambda change: not change.worse)
            out += [f"#### {heading}", ""]
            out += _table(
                ("statement", "before", "after", "", "why"), map(_cells, chosen)
            )
    return out


def _cells(change: Change) -> tuple[str, ...]:
    return (
        inert(f"{change.document} {change.name}"),
        inert(change.before),
        inert(change.after),
        "worse" if change.worse else "",
        inert(change.message),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
