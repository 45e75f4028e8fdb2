"""One query, one judgement: search, confirm, certify, and say what is known of float32.

The order is fixed here and nowhere else. What a search found is settled by exact evaluation;
whatever contradicts that is an alarm and leaves this module as an exception, never as a
verdict. Small networks get a certificate without being asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from verify.language.verdicts import Reason, Status, Trust
from verify.networks.certificates.certifying import (
    Evidence,
    NoCertificate,
    find_evidence,
    find_evidence_of,
    is_usual,
)
from verify.networks.float32.aftermath import Aftermath
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.semantics import Float32, refuse_real_only
from verify.networks.float32.settling import settle
from verify.networks.float32.witnesses import Counterexample
from verify.networks.network import Network
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.reading.graph import Graph


class Decide(Protocol):
    """A search: it answers by `deadline`, a time.monotonic() value."""

    def __call__(self, query: Query, deadline: float) -> Finding: ...


EARLY_SECONDS: Final = 1.0  # of a small network's first search


class Judgement(NamedTuple):
    """What is known of a query's property, before anybody renders it.

    `detail` is a sentence, empty when the status says it all. `found` is there when it is
    refuted, `aftermath` when it is proved. `refusal` says why a verdict over the reals does
    not answer a question about float32; None if it does.
    """

    status: Status
    reason: Reason = ""
    trust: Trust = ""
    detail: str = ""
    float32: Float32 | None = None
    found: Counterexample | None = None
    aftermath: Aftermath | None = None
    evidence: Evidence | None = None
    uncertified: str = ""  # why there is no certificate although one was wanted
    cells: int = 0
    seconds: float = 0.0
    refusal: str | None = None


def judge(
    query: Query,
    deadline: float,
    decide: Decide,
    *,
    graph: Graph | None = None,
    empty: Sequence[int] = (),
    certify: bool = False,
    floats: bool = False,
    known: tuple[Finding, Evidence | None] | None = None,
) -> Judgement:
    """Decide a query by `deadline` (time.monotonic()).

    `decide` is the search, `empty` lists cases that no input meets. `certify` asks for a
    certificate whatever the network's size, `floats` for a second search about float32 in
    any order, where the first leaves that open. `known` is what was found before, with
    its certificate if there is one: it is put through the same checks, and nothing is
    searched for. Raises SoundnessAlarm when something contradicts exact evaluation.
    """
    if len(empty) == len(query.cases):
        return Judgement("vacuous", detail=_vacuous(query))
    begun = time.monotonic()
    finding, evidence = known or _search(query, deadline, decide)
    seconds = time.monotonic() - begun
    settled = settle(
        query, finding, graph, decide=_again(query.network, deadline, decide, floats)
    )
    if isinstance(finding, Open):
        return Judgement(
            "undecided",
            _reason(finding.reason),
            detail=finding.detail,
            cells=finding.cells,
            seconds=seconds,
        )
    proved = isinstance(finding, Empty)
    float32 = settled.float32
    made = Judgement(
        "proved" if proved else "refuted",
        trust="rigorous",
        float32=float32,
        found=settled.counterexample,
        aftermath=settled.aftermath,
        cells=finding.cells if isinstance(finding, Empty) else 0,
        seconds=seconds,
        refusal=None if float32 is None else refuse_real_only(float32, proved=proved),
    )
    if evidence is None and (certify or is_usual(query.network)):
        found = _certify(query, finding, deadline)
        if isinstance(found, NoCertificate):
            return made._replace(uncertified=found.detail)
        evidence = found
    if evidence is None:
        return made
    return made._replace(trust="certified", evidence=evidence)


def _again(
    network: Network, deadline: float, decide: Decide, floats: bool
) -> Callable[[Query], Finding] | None:
    """The search that is asked about float32 in any order; None where that takes long."""
    if is_usual(network):
        return partial(_decide_exactly, deadline=deadline)
    return partial(decide, deadline=deadline) if floats else None


def _decide_exactly(query: Query, deadline: float) -> Finding:
    evidence = find_evidence(query, min(deadline, time.monotonic() + EARLY_SECONDS))
    if isinstance(evidence, Evidence):
        return evidence.finding
    return Open("incomplete", evidence.detail)


def _search(
    query: Query, deadline: float, decide: Decide
) -> tuple[Finding, Evidence | None]:
    """What is found, by a certificate at once where the network is small.

    Exact arithmetic also settles what lies on a knife's edge, where no search in floating
    point can: so it is asked again, should that leave time.
    """
    if not is_usual(query.network):
        return decide(query, deadline), None
    early = find_evidence(query, min(deadline, time.monotonic() + EARLY_SECONDS))
    if isinstance(early, Evidence):
        return early.finding, early
    finding = decide(query, deadline)
    if isinstance(finding, Open):
        late = find_evidence(query, deadline)
        if isinstance(late, Evidence):
            return late.finding, late
    return finding, None


def _certify(
    query: Query, finding: Empty | Witness, deadline: float
) -> Evidence | NoCertificate:
    """A certificate of what was found; raises SoundnessAlarm when it says the opposite."""
    if isinstance(finding, Witness):
        return find_evidence_of(query, finding)
    evidence = find_evidence(query, deadline)
    if isinstance(evidence, Evidence) and evidence.witness is not None:
        raise SoundnessAlarm(
            "the query was said to be empty, but the search for its certificate finds a "
            "point; please report it",
            evidence.witness.point,
        )
    return evidence


def _vacuous(query: Query) -> str:
    if not query.cases:
        return "what the file asserts contradicts itself, whatever the network gives"
    for case in query.cases:
        for index, (low, high) in enumerate(zip(case.lower, case.upper, strict=True)):
            if low > high:
                return (
                    f"no input is in question: input {index} must be at least {low} and "
                    f"at most {high}"
                )
    return "no input is in question: an open end of the box leaves an input no value"


def _reason(reason: str) -> Reason:
    match reason:
        case "timeout" | "memory" | "incomplete" | "unsupported":
            return reason
        case _:
            raise ValueError(f"a search gave no known reason: {reason}")
