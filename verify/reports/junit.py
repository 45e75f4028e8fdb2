"""JUnit XML: a suite a document, a case a statement, for build services.

What was refuted, vacuous or against its expectation is a failure; so is what is
undecided, with that as its type: it is never skipped, for a skip counts as fine. What
could not be read or stopped on an internal error is an error, and so is a run that is
not complete. XML has no way to write most control characters, so they are spelt out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape as escape_xml
from xml.sax.saxutils import quoteattr

from verify.language.verdicts import Audit, Run, Verdict
from verify.reports import words
from verify.reports.characters import cut, escape
from verify.reports.lines import Look, plain
from verify.reports.paragraphs import render_problem

NAME: Final = 500  # cells of one name
LOOK: Final = Look(width=100, symbols=False)
PLACEHOLDER: Final = "complete"


def render_junit(records: Sequence[Verdict | Audit], run: Run) -> str:
    """The XML of a run. Premises claim nothing and are no cases."""
    groups: dict[str, list[str]] = {}
    for record in records:
        if isinstance(record, Verdict) and (
            record.kind != "premise" or record.status == "error"
        ):
            groups.setdefault(record.document, []).append(_case(record))
        elif isinstance(record, Audit) and record.result in ("alarm", "inconsistent"):
            groups.setdefault(record.document, []).append(_audit(record))
    if not run.complete:
        why = "the run was not complete; run it again to take it up"
        groups[""] = [_wrap("run", PLACEHOLDER, 0.0, _element("error", "partial", why))]
    suites = [_suite(document, cases) for document, cases in groups.items()]
    total = [case for cases in groups.values() for case in cases]
    head = f"<testsuites name={_attribute('verify')} {_counts(total)}>"
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>", ""]
    )


def _suite(document: str, cases: Sequence[str]) -> str:
    head = f"  <testsuite name={_attribute(document or 'run')} {_counts(cases)}>"
    return "\n".join([head, *cases, "  </testsuite>"])


def _counts(cases: Iterable[str]) -> str:
    listed = list(cases)
    failures = sum("<failure " in case for case in listed)
    errors = sum("<error " in case for case in listed)
    return f'tests="{len(listed)}" failures="{failures}" errors="{errors}" skipped="0"'


def _case(verdict: Verdict) -> str:
    name = verdict.name or f"{verdict.kind}, line {verdict.line}"
    return _wrap(verdict.document, name, verdict.seconds, _outcome(verdict))


def _outcome(verdict: Verdict) -> str:
    said = f"{words.describe(verdict)}, expected {verdict.expected}"
    told = [plain(text) for text in render_problem(verdict, LOOK)]
    body = "\n".join([f"{escape(verdict.document)}:{verdict.line}", *told])
    if verdict.status == "error" or verdict.reason == "crash":
        return _element("error", verdict.diagnosis or verdict.status, said, body)
    if verdict.as_expected and verdict.overall in (verdict.status, "admitted"):
        return ""
    return _element("failure", verdict.status, said, body)


def _audit(audit: Audit) -> str:
    kind = "error" if audit.result == "alarm" else "failure"
    element = _element(kind, audit.check, audit.message)
    return _wrap(audit.document, f"{audit.check} {audit.name}", 0.0, element)


def _wrap(group: str, name: str, seconds: float, inner: str) -> str:
    head = (
        f"    <testcase classname={_attribute(group)} name={_attribute(name)} "
        f'time="{seconds:.3f}"'
    )
    return f"{head}>\n{inner}\n    </testcase>" if inner else f"{head}/>"


def _element(kind: str, word: str, message: str, body: str = "") -> str:
    text = escape_xml(body or escape(message))
    return (
        f"      <{kind} type={_attribute(word)} message={_attribute(message)}>"
        f"{text}</{kind}>"
    )


def _attribute(text: str) -> str:
    return quoteattr(cut(escape(text), NAME))
