"""Where a statement stands once everything underneath it is counted in.

A step can follow from its by-list and still be worth nothing, because what it cites is
refuted, admitted or unknown. The local decision and the overall standing are kept apart:
a wrong s1 makes s2 neither wrong nor right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from verify.arguments.decisions import Decision
from verify.arguments.problems import home_of
from verify.language.document import Document, Statement
from verify.language.verdicts import (
    TRUST_ORDER,
    Ablation,
    Certificate,
    Status,
    Suggestion,
    Trust,
    Verdict,
)

Key = tuple[str, str]  # document path, statement name


class Standing(NamedTuple):
    """The overall status, what is underneath, and the direct citations that spoil it.

    `trust` is the least of the statement's own and of what it uses.
    """

    overall: Status
    rests_on: tuple[str, ...]
    spoilt_by: tuple[tuple[str, Status], ...] = ()
    trust: Trust = ""


def stand(
    document: Document,
    statement: Statement,
    decision: Decision,
    known: Mapping[Key, tuple[Decision, Standing]],
) -> Standing:
    """The standing of a statement whose cited facts have theirs in `known`."""
    names = decision.uses if decision.status == "proved" else decision.names
    rests: dict[str, None] = dict.fromkeys(f"def {d}" for d in statement.definitions)
    if statement.kind in ("premise", "admit"):
        rests = {statement.name: None, **rests}
    spoilt: list[tuple[str, Status]] = []
    trust = decision.trust
    for name in names:
        home, local = home_of(document, name)
        entry = known.get((home.path, local))
        if entry is None:
            continue
        cited, below = entry
        prefix = name[: len(name) - len(local)]
        rests.update(dict.fromkeys(_prefixed(prefix, item) for item in below.rests_on))
        if decision.status == "proved" and cited.status == "proved":
            trust = min(trust, below.trust, key=TRUST_ORDER.index)
        fact = home.statement(local)
        if fact is not None and fact.kind != "premise" and below.overall != "proved":
            is_blocked = below.overall == "blocked"
            spoilt.append((name, "blocked" if is_blocked else cited.status))
            if cited.status == "proved" and not is_blocked:
                spoilt[-1] = (name, below.overall)
    facts = [item for item in rests if not item.startswith("def ")]
    definitions = [item for item in rests if item.startswith("def ")]
    overall: Status = decision.status
    if decision.status == "proved" and spoilt:
        admitted = all(status == "admitted" for _, status in spoilt)
        overall = "admitted" if admitted else "blocked"
    return Standing(overall, (*facts, *definitions), tuple(spoilt), trust)


def _prefixed(prefix: str, item: str) -> str:
    """`start` as `ogd.start`, `def d` as `def ogd.d`."""
    if item.startswith("def "):
        return f"def {prefix}{item[4:]}"
    return prefix + item


def _spoilt(decision: Decision, standing: Standing) -> tuple[str, str]:
    """Diagnosis and message of a proved statement with something wrong underneath."""
    if decision.status != "proved" or not standing.spoilt_by:
        return decision.diagnosis, decision.message
    listed = ", ".join(f"{name} ({status})" for name, status in standing.spoilt_by)
    statuses = {status for _, status in standing.spoilt_by}
    code = "rests_on_refuted" if "refuted" in statuses else "rests_on_unproved"
    advice = "mend that first"
    if statuses == {"admitted"}:
        code, advice = "rests_on_admitted", "prove it, or keep it admitted knowingly"
    message = f"It follows, but rests on {listed}; {advice}."
    return code, f"{decision.message} {message}".strip()


def as_expected(statement: Statement, decision: Decision) -> bool:
    """Whether the status is the one the document expects."""
    if statement.kind == "premise":
        return decision.status == "admitted"
    if statement.kind == "admit" and statement.expected == "proved":
        return decision.status == "admitted"
    return decision.status == statement.expected


def make_verdict(
    document: Document,
    statement: Statement,
    decision: Decision,
    standing: Standing,
    *,
    versions: Mapping[str, str],
    suggestions: tuple[Suggestion, ...] = (),
    breaks: tuple[Ablation, ...] = (),
) -> Verdict:
    """The one record of everything known about a statement."""
    diagnosis, message = _spoilt(decision, standing)
    settled = decision.status in ("proved", "vacuous")
    certificate = None
    if decision.evidence:
        certificate = Certificate(sha=decision.evidence[0].problem.sha())
    expected = statement.expected
    if statement.kind in ("premise", "admit") and expected == "proved":
        expected = "admitted"
    return Verdict(
        document=document.path,
        line=statement.span.line,
        name=statement.name,
        kind=statement.kind,
        label=statement.label,
        statement=statement.source,
        status=decision.status,
        overall=standing.overall,
        reason=decision.reason,
        message=message,
        diagnosis=diagnosis,
        trust=standing.trust,
        scope=decision.scope,
        expected=expected,
        as_expected=as_expected(statement, decision),
        uses=decision.uses,
        unused=tuple(n for n in decision.names if settled and n not in decision.uses),
        rests_on=standing.rests_on,
        counterexample=decision.counterexample,
        suggestions=suggestions,
        breaks=breaks,
        table=decision.table,
        data=dict(decision.data or {}),
        seconds=decision.search_seconds + decision.kernel_seconds,
        search_seconds=decision.search_seconds,
        kernel_seconds=decision.kernel_seconds,
        certificate=certificate,
        versions=dict(versions),
    )
