"""SARIF 2.1.0: what a code host shows beside the lines of a document.

Only findings are results: what is not as expected, and warnings worth a look. The rules
are the closed list below, so a host can group and mute them. A document's path is
encoded as a URI below the root, so no name can point anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from verify.language.verdicts import Audit, Run, Verdict
from verify.reports import words
from verify.reports.characters import cut, escape

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
ROOM: Final = 1_000
RULES: Final = {
    "refuted": "A statement does not follow, and a world shows it.",
    "unexpected": "A statement has another verdict than the one it expects.",
    "undecided": "A statement was neither proved nor refuted.",
    "vacuous": "What a statement cites contradicts itself, so anything would follow.",
    "error": "A document or statement has no meaning as written.",
    "underneath": "A statement follows, but from something that is not proved.",
    "alarm": "The machinery contradicts itself; believe nothing of this run.",
    "warning": "A finding that changes no verdict.",
}
LEVELS: Final = {"undecided": "warning", "underneath": "warning", "warning": "note"}


def render_sarif(records: Sequence[Verdict | Audit], run: Run, code: int) -> str:
    """The log of a run that ended with this exit code."""
    results = [_of_verdict(r) for r in records if isinstance(r, Verdict) and _rule(r)]
    results += [_of_audit(r) for r in records if isinstance(r, Audit) and _matters(r)]
    invocation: dict[str, Any] = {
        "executionSuccessful": run.complete and code < 70,
        "exitCode": code,
    }
    if not run.complete:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": "The run was not complete."}}
        ]
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(run)},
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _driver(run: Run) -> dict[str, Any]:
    rules = [
        {"id": name, "shortDescription": {"text": text}} for name, text in RULES.items()
    ]
    version = run.versions.get("verify", "")
    known = {"semanticVersion": version} if version else {}
    return {"name": "verify", **known, "rules": rules}


def _rule(verdict: Verdict) -> str:
    """The rule a verdict falls under; empty when there is nothing to report."""
    if verdict.diagnosis == "soundness_alarm":
        return "alarm"
    if verdict.status == "error":
        return "error"
    if verdict.kind == "premise":
        return ""
    if verdict.as_expected:
        spoilt = verdict.overall not in (verdict.status, "admitted")
        return "underneath" if spoilt else ""
    if verdict.expected != "proved" or verdict.status not in RULES:
        return "unexpected"
    return verdict.status


def _matters(audit: Audit) -> bool:
    return audit.result not in ("consistent", "established")


def _of_verdict(verdict: Verdict) -> dict[str, Any]:
    said = f"{verdict.name or verdict.kind}: {words.describe(verdict)}"
    if verdict.expected != verdict.status:
        said += f", expected {verdict.expected}"
    if verdict.message:
        said += f". {verdict.message}"
    return _result(_rule(verdict), said, verdict.document, verdict.line, verdict.name)


def _of_audit(audit: Audit) -> dict[str, Any]:
    rule = "alarm" if audit.result == "alarm" else "warning"
    said = f"{audit.name}: {audit.message}" if audit.name else audit.message
    return _result(rule, said, audit.document, audit.line, audit.name)


def _result(
    rule: str, said: str, document: str, line: int, name: str
) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(document)},
            "region": {"startLine": max(line, 1)},
        }
    }
    if name:
        full = cut(escape(f"{document}#{name}"), ROOM)
        place["logicalLocations"] = [{"fullyQualifiedName": full}]
    return {
        "ruleId": rule,
        "ruleIndex": list(RULES).index(rule),
        "level": LEVELS.get(rule, "error"),
        "message": {"text": _inert(said)},
        "locations": [place],
    }


def _inert(text: str) -> str:
    """Message text: SARIF reads `[text](link)` in it, unless the bracket is escaped."""
    shown = cut(escape(text), ROOM)
    return shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _uri(document: str) -> str:
    """A relative reference; `./` keeps a colon or a slash from meaning anything."""
    parts: Iterable[str] = document.split("/")
    if document.startswith("/"):
        return "file://" + "/".join(
            quote(part, safe="", errors="replace") for part in parts
        )
    uri = "/".join(quote(part, safe="", errors="replace") for part in parts)
    return uri or "."
