"""A suite on the terminal: what it will do, what was not as expected, what changed.

What went as expected is counted and not listed; a thousand such lines hide the one that
matters. Protection that was asked for and is not there is said at the top and the bottom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from verify.language.verdicts import Audit, Verdict
from verify.reports import words
from verify.reports.changes import Change, Versions
from verify.reports.characters import cut, escape, pad, width
from verify.reports.lines import Line, Look, Span, line
from verify.reports.paragraphs import in_order, render_audit, render_problem

STABILITY: Final = ("stable", "slow", "flaky", "alarm")
MAX_CHANGES: Final = 40
NAME: Final = 48  # cells of `document name` in a list of changes


def render_beginning(
    number: int, tasks: int, taken_up: int, layers: Sequence[str], look: Look
) -> tuple[Line, ...]:
    """The head of a run: its number, its size, what it takes up, its protection."""
    count = f"{tasks} task" if tasks == 1 else f"{tasks} tasks"
    text = f"run {number}: {count}"
    if taken_up:
        text += f", {taken_up} of them finished before the interruption"
    shown = ", ".join(layers) or "none on this system"
    return (line(Span(text, "document")), line(Span(f"  protection: {shown}", "notes")))


def render_task(
    name: str, records: Sequence[Verdict | Audit], look: Look
) -> tuple[Line, ...]:
    """What was not as expected in a task; nothing when everything was."""
    out: list[Line] = []
    for record in records:
        if isinstance(record, Audit) and record.result in (
            "inconsistent", "alarm", "differs", "flaky", "slow",
        ):  # fmt: skip
            out += render_audit(record, look)
    told = [record for record in records if isinstance(record, Verdict)]
    for verdict in in_order(v for v in told if not v.as_expected):
        if verdict.name:
            out += [line(), *render_problem(verdict, look)]
        else:
            place = f"{name}:{verdict.line}" if verdict.line else name
            said = f"! {escape(place)}: {escape(verdict.message)}"
            out += [line(Span(said, verdict.status))]
    return (line(), line(Span(escape(name), "document")), *out) if out else ()


def render_stability(audits: Sequence[Audit], look: Look) -> tuple[Line, ...]:
    """How the answers to repeated queries agree, counted."""
    counts = Counter(audit.result for audit in audits)
    queries = "1 query" if len(audits) == 1 else f"{len(audits)} queries"
    said = " · ".join(f"{counts[word]} {word}" for word in STABILITY if counts[word])
    return (line(), line(f"{queries}, each asked in other words: {said}"))


def render_changes(
    changes: Sequence[Change], versions: Sequence[Versions], look: Look
) -> tuple[Line, ...]:
    """What changed, the worse first; at most so many lines."""
    if not changes and not versions:
        return (line("nothing changed"),)
    engines = ", ".join(
        f"{escape(v.name)} {escape(v.before) or 'absent'} -> {escape(v.after) or 'absent'}"
        for v in versions
    )
    out = [line(f"changed{f' ({engines})' if engines else ''}:")]
    ordered = sorted(changes, key=lambda change: not change.worse)
    room = max((width(_name(c)) for c in ordered[:MAX_CHANGES]), default=0)
    out += [_row(change, min(room, NAME), look) for change in ordered[:MAX_CHANGES]]
    if len(ordered) > MAX_CHANGES:
        out.append(line(f"  and {len(ordered) - MAX_CHANGES} more"))
    return tuple(out)


def _name(change: Change) -> str:
    return escape(f"{change.document} {change.name}")


def _row(change: Change, room: int, look: Look) -> Line:
    sign = words.either(words.WARNING, look) if change.worse else " "
    said = f"{change.before or 'absent'} -> {change.after or 'absent'}"
    text = f"{change.what}: {escape(said)}"
    return line(
        Span(f"  {sign} ", "warning"),
        Span(pad(_name(change), room) + "  ", "name"),
        cut(text, max(look.width - room - 6, NAME)),
    )
