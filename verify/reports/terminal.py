"""The table on the terminal: a line a statement, and the sums at the end.

    claims/deceptive/circuit.md
      28  s1    step        a smaller model has ...   ✗ refuted (certified)    12 ms  ...

The line starts with the line number in the author's file, so an editor can jump there,
and ends with whatever does not fit a column: what was expected, what was used, what it
rests on. The columns are fixed before the first verdict is known, because lines are
written as the verdicts arrive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from verify.language.verdicts import TRUST_ORDER, Verdict
from verify.reports import words
from verify.reports.characters import cut, escape, pad, width
from verify.reports.lines import Line, Look, Span, cells, line

MAX_NAME: Final = 16
VERDICT: Final = 21
TIME: Final = 6
MIN_LABEL: Final = 14
NOTES: Final = 14


class Columns(NamedTuple):
    """The widths, in cells, of the columns that depend on the document."""

    name: int
    kind: int
    label: int


def plan_columns(rows: Iterable[tuple[str, str, str]], look: Look) -> Columns:
    """Widths that fit rows of (name, kind, label) into the look's width."""
    known = tuple(rows)
    name = min(max((width(escape(row[0])) for row in known), default=4), MAX_NAME)
    kind = max((len(row[1]) for row in known), default=4)
    labels = (width(escape(row[2])) for row in known if row[1] != "premise")
    label = max(labels, default=MIN_LABEL)
    fixed = 4 + 2 + name + 2 + kind + 2 + 2 + VERDICT + 1 + TIME + 2 + NOTES
    return Columns(name, kind, min(label, max(look.width - fixed, MIN_LABEL)))


def render_header(path: str) -> Line:
    """The line that names a document."""
    return line(Span(escape(path), "document"))


def render_row(verdict: Verdict, columns: Columns, look: Look) -> Line:
    """The line of one statement; a premise claims nothing and has no verdict."""
    label = escape(verdict.label or verdict.statement)
    row = line(
        f"{verdict.line:>4}  ",
        Span(pad(escape(verdict.name), columns.name) + "  ", "name"),
        Span(f"{verdict.kind:<{columns.kind}}  ", "kind"),
    )
    if verdict.kind == "premise" and verdict.status == "admitted":
        return (*row, Span(cut(label, look.width - cells(row))))
    said = f"{words.symbol(verdict.status, look)} {words.describe(verdict)}"
    time = words.duration(verdict.seconds) if verdict.seconds else ""
    row += line(
        pad(label, columns.label) + "  ",
        Span(f"{said:<{VERDICT}}", verdict.status),
        Span(f" {time:>{TIME}}  ", "time"),
    )
    room = max(look.width - cells(row), NOTES - 2)
    notes = fit(tuple(_notes(verdict)), f" {words.either(words.DOT, look)} ", room)
    return (*row, Span(notes, "notes"))


def fit(notes: Sequence[str], between: str, room: int) -> str:
    """As many notes as fit; the one that does not is cut if enough of it is left."""
    text = ""
    for note in notes:
        longer = text + between * bool(text) + escape(note)
        if width(longer) > room:
            is_worth_it = room - width(text) - len(between) >= MIN_LABEL
            return cut(longer, room) if is_worth_it or not text else text
        text = longer
    return text


def _notes(verdict: Verdict) -> Iterable[str]:
    if verdict.expected != "proved" and verdict.kind != "admit":
        yield "as expected" if verdict.as_expected else f"expected {verdict.expected}"
    if verdict.overall != verdict.status:
        yield f"overall {verdict.overall}"
    if verdict.scope != "unbounded":
        yield verdict.scope
    if verdict.uses:
        yield "uses " + ", ".join(verdict.uses)


def render_total(verdicts: Sequence[Verdict], look: Look) -> Line:
    """`7 proved (certified) · 2 refuted as expected`: the sums of a run.

    Proved statements are counted by trust, never without it.
    """
    tally = Counter(
        (words.ORDER.index(v.status), -_trust(v), v.as_expected, _unit(v))
        for v in verdicts
    )
    spans: list[Span] = []
    for (status, _, _, unit), count in sorted(tally.items()):
        if spans:
            spans.append(Span(f" {words.either(words.DOT, look)} "))
        spans.append(Span(f"{count} {unit}", words.ORDER[status]))
    return tuple(spans) or line("no statement was checked")


def _trust(verdict: Verdict) -> int:
    return TRUST_ORDER.index(verdict.trust) if verdict.status == "proved" else 0


def _unit(verdict: Verdict) -> str:
    if verdict.status == "proved":
        said = words.describe(verdict)
        return said if verdict.as_expected else f"{said}, not as expected"
    if verdict.as_expected:
        return f"{verdict.status} as expected"
    return verdict.status
