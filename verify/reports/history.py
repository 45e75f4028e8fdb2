"""What the runs of a store said, the oldest first: for a person, and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from verify.reports.characters import escape, pad
from verify.reports.lines import Line, Look, Span, line
from verify.reports.words import duration

ROOM = 26  # cells of a verdict


class Past(Protocol):
    """What one run said about one statement."""

    @property
    def run(self) -> int: ...

    @property
    def begun(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def reason(self) -> str: ...

    @property
    def seconds(self) -> float: ...


class Row(Protocol):
    """A run as a store has it."""

    @property
    def id(self) -> int: ...

    @property
    def library(self) -> str: ...

    @property
    def begun(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def code(self) -> int: ...

    @property
    def seconds(self) -> float: ...

    @property
    def machine(self) -> Mapping[str, Any]: ...


def render_past(
    document: str, name: str, rows: Sequence[Past], look: Look
) -> tuple[Line, ...]:
    """A statement's verdict and cost, run by run; a change of verdict is marked."""
    shown = document if document.endswith(f" {name}") else f"{document} {name}"
    out = [line(), line(Span(escape(shown), "document"))]
    before = ""
    for row in rows:
        said = f"{row.status} ({row.reason})" if row.reason else row.status
        mark = "changed" if before and said != before else ""
        out.append(
            line(
                Span(f"  run {row.run:<5}{row.begun}  ", "notes"),
                Span(pad(said, ROOM), row.status),
                Span(f"{duration(row.seconds):>9}  {mark}".rstrip(), "time"),
            )
        )
        before = said
    return tuple(out)


def write_past(document: str, name: str, rows: Iterable[Past]) -> str:
    """The same as JSON lines."""
    return "".join(
        json.dumps(
            {
                "type": "past", "document": document, "name": name, "run": row.run,
                "begun": row.begun, "status": row.status, "reason": row.reason,
                "seconds": row.seconds,
            }
        ) + "\n"
        for row in rows
    )  # fmt: skip


def render_runs(rows: Sequence[Row], look: Look) -> tuple[Line, ...]:
    """The runs, the oldest first."""
    if not rows:
        return (line("no run yet"),)
    return tuple(
        line(
            Span(f"run {row.id:<5}{row.begun}  ", "notes"),
            f"{pad(row.state, 9)} exit {row.code:<4}{duration(row.seconds):>9}  ",
            Span(escape(row.library), "document"),
        )
        for row in rows
    )
