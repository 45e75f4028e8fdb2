"""What to report of a task that was lost: every statement of it, none silently.

A task killed by the clock, by memory or by a crash has said something before, and that
stays. Each other statement is undecided, with the reason; if not even its statements are
known, the task itself is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from verify.language.verdicts import Reason, Verdict
from verify.suites.records import Told
from verify.suites.tasks import Task

ADVICE: Final[dict[str, str]] = {
    "timeout": "split the document, or raise --limit",
    "memory": "split the document, or raise --memory",
    "crash": "run it again, and report it if it happens twice",
}


def make_lost(
    task: Task,
    outlines: Iterable[Mapping[str, Any]],
    said: Iterable[Told],
    why: Mapping[str, Any],
) -> Iterator[Told]:
    """The records of a lost task: what it said, then the rest as undecided."""
    known = tuple(said)
    yield from known
    reason = str(why["reason"])
    if reason not in ADVICE:
        reason = "crash"
    detail = str(why.get("detail", "")) or "no detail"
    message = f"Its task was lost ({detail}); {ADVICE[reason]}."
    named = {(v.line, v.name) for v in known if isinstance(v, Verdict)}
    rows = list(outlines)
    for row in rows:
        if (row["line"], row["name"]) not in named:
            yield _undecided(task, row, reason, message)
    if not rows:
        yield _undecided(task, {"kind": "document"}, reason, message)


def _undecided(
    task: Task, row: Mapping[str, Any], reason: str, message: str
) -> Verdict:
    premise = row["kind"] == "premise"
    closed: Reason = reason  # type: ignore[assignment]  # ADVICE has the closed list
    expected = str(row.get("expected", "proved"))
    return Verdict(
        document=str(task.data.get("document", task.name)),
        line=int(row.get("line", 0)), name=str(row.get("name", "")),
        kind=str(row["kind"]), label=str(row.get("label", "")),
        statement=str(row.get("statement", "")),
        status="admitted" if premise else "undecided",
        overall="admitted" if premise else "undecided",
        reason="" if premise else closed,
        message="" if premise else message,
        expected="admitted" if premise else expected,
        as_expected=premise,
    )  # fmt: skip
