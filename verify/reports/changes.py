"""What changed between two runs, statement by statement, and whether it is for the worse.

Statements are matched by document and name. Besides the verdict, what is compared is what
could hide a change of verdict: the words of the statement, what is expected of it, and
the problem behind the same words. Costs are compared only where both runs searched,
because a hit in the store costs next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from verify.language.verdicts import TRUST_ORDER, Audit, Run, Verdict
from verify.reports import words
from verify.reports.schemas import make_line_schema, write_schema

What = Literal[
    "status", "expectation", "statement", "meaning", "cost", "added", "removed"
]
WHATS: Final = (
    "status", "expectation", "statement", "meaning", "cost", "added", "removed",
)  # fmt: skip
TRIPLED: Final = 3.0
NOTICEABLE: Final = 1.0  # seconds: what is quicker is noise
SCHEMA_ID: Final = "verify/changes.schema.json"

Record = Verdict | Audit | Run
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference; `worse` is one that a run on a baseline does not accept."""

    type: str = "change"
    document: str
    name: str
    line: int
    what: What
    before: str
    after: str
    worse: bool
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """An engine or a program of another version than before."""

    type: str = "version"
    name: str
    before: str
    after: str


def compare(before: Iterable[Record], after: Iterable[Record]) -> tuple[Change, ...]:
    """The changes, in the order of the later run, what was removed last."""
    old, new = _statements(before), _statements(after)
    found: list[Change] = []
    for key, verdict in new.items():
        if key in old:
            found += _differences(old[key], verdict)
        else:
            found.append(_added(verdict))
    found += [_removed(verdict) for key, verdict in old.items() if key not in new]
    return tuple(found)


def compare_versions(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[Versions, ...]:
    """The versions that differ, by name."""
    names = sorted(before.keys() | after.keys())
    return tuple(
        Versions(name=n, before=before.get(n, ""), after=after.get(n, ""))
        for n in names
        if before.get(n, "") != after.get(n, "")
    )


def _statements(records: Iterable[Record]) -> dict[Key, Verdict]:
    """The claims by document and name; a nameless one by its kind and number."""
    found: dict[Key, Verdict] = {}
    counts: dict[Key, int] = {}
    for record in records:
        if isinstance(record, Verdict) and (
            record.kind != "premise" or record.status == "error"
        ):
            name = record.name
            if not name:
                base = (record.document, record.kind)
                counts[base] = counts.get(base, 0) + 1
                name = f"({record.kind} {counts[base]})"
            found[record.document, name] = record
    return found


def _differences(old: Verdict, new: Verdict) -> Iterator[Change]:
    if (old.status, old.reason, old.trust, old.overall) != (
        new.status, new.reason, new.trust, new.overall,
    ):  # fmt: skip
        yield _change(
            new, "status", _said(old), _said(new), worse=_is_worse(old, new),
            message=new.message if _is_worse(old, new) else "",
        )  # fmt: skip
    if old.expected != new.expected:
        yield _change(new, "expectation", old.expected, new.expected, worse=True)
    if old.statement != new.statement:
        yield _change(new, "statement", old.statement, new.statement, worse=True)
    elif (
        old.certificate and new.certificate
        and old.certificate.sha != new.certificate.sha and old.status == new.status
    ):  # fmt: skip
        yield _change(
            new, "meaning", old.certificate.sha[:12], new.certificate.sha[:12],
            worse=False,
            message="The words are the same; a definition, or what it cites, is not.",
        )  # fmt: skip
    if _has_tripled(old, new):
        shown = words.duration(old.search_seconds), words.duration(new.search_seconds)
        yield _change(new, "cost", *shown, worse=False)


def _said(verdict: Verdict) -> str:
    said = words.describe(verdict)
    if verdict.overall != verdict.status:
        return f"{said}, overall {verdict.overall}"
    return said


def _is_worse(old: Verdict, new: Verdict) -> bool:
    """Whether less is known than before, or something unexpected is."""
    if old.as_expected and not new.as_expected:
        return True
    if old.status == "proved" and new.status != "proved":
        return True
    if old.overall == "proved" and new.overall != "proved":
        return True
    if old.status == new.status:
        return TRUST_ORDER.index(new.trust) < TRUST_ORDER.index(old.trust)
    return not new.as_expected and new.status in ("vacuous", "error", "refuted")


def _has_tripled(old: Verdict, new: Verdict) -> bool:
    if not old.search_seconds or not new.search_seconds:
        return False
    more = new.search_seconds - old.search_seconds
    return new.search_seconds > TRIPLED * old.search_seconds and more >= NOTICEABLE


def _added(verdict: Verdict) -> Change:
    worse = not verdict.as_expected
    message = verdict.message if worse else ""
    return _change(verdict, "added", "", _said(verdict), worse=worse, message=message)


def _removed(verdict: Verdict) -> Change:
    return _change(verdict, "removed", _said(verdict), "", worse=True)


def _change(
    verdict: Verdict,
    what: What,
    before: str,
    after: str,
    *,
    worse: bool,
    message: str = "",
) -> Change:
    return Change(
        document=verdict.document, name=verdict.name, line=verdict.line, what=what,
        before=before, after=after, worse=worse, message=message,
    )  # fmt: skip


def render_change(change: Change | Versions) -> str:
    """The change on one line of ASCII JSON, newline included."""
    return json.dumps(asdict(change), ensure_ascii=True, allow_nan=False) + "\n"


def make_schema() -> dict[str, Any]:
    """The JSON schema of a line of `verify diff --json`."""
    return make_line_schema((Change, Versions), SCHEMA_ID, "verify diff --json")


def render_schema() -> str:
    """The schema as the text of its file."""
    return write_schema(make_schema())
