"""Jobs about networks: decide a question, or a part of it, from the bytes of its files.

"instance" decides a question, or puts what was found before (a point, a certificate, the
answers of all parts) through the same checks as a new finding. "part" searches some cases
in a part of their box and says no more than what it found. Neither is believed: points
are evaluated again and certificates checked by whoever asked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from verify.networks.certificates.certifying import Evidence
from verify.networks.deciding import decide_query
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.semantics import NOT_CHECKED, Float32
from verify.networks.judging import Judgement, judge
from verify.networks.query import Case, Empty, Finding, Open, Query, Witness
from verify.networks.questions import Asked, find_point, find_versions
from verify.networks.records import make_verdict
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact
from verify.suites.question_files import ask, receive_files
from verify.suites.variants import shuffle_query

MEGABYTES = 1_200  # for the boxes of a search, within the limit of its process
MAX_CERTIFICATE = 8_000_000  # characters that a result has room for
SHARE = 0.9  # of a job's time for its search, the rest for confirming what it finds


def job(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The record of the question's verdict as `verdict`, with `certificate` and `point`.

    `alarm` is a sentence when a search and exact evaluation contradict each other.
    """
    begun = time.monotonic()
    asked = ask(receive_files(payload))
    if payload.get("shuffle"):
        query, _ = shuffle_query(asked.query, int(payload["shuffle"]))
        asked = asked._replace(query=query)
    try:
        judgement = _judge(asked, payload, begun)
    except SoundnessAlarm as raised:
        return {"alarm": str(raised)}
    text = judgement.evidence.text if judgement.evidence else ""
    if len(text) > MAX_CERTIFICATE:
        text = ""
        judgement = judgement._replace(
            trust="rigorous", evidence=None,
            uncertified="the certificate is too long to be handed on",
        )  # fmt: skip
    verdict = make_verdict(
        asked.question, judgement, point=find_point(asked, judgement),
        seconds=time.monotonic() - begun, versions=find_versions(),
        semantics="float32" if asked.needs_float32 else "real",
    )  # fmt: skip
    return {
        "alarm": "", "verdict": asdict(verdict), "certificate": text,
        "found": _write(judgement), "refusal": judgement.refusal or "",
    }  # fmt: skip


def _judge(asked: Asked, payload: Mapping[str, Any], begun: float) -> Judgement:
    seconds = float(payload["seconds"])
    options = _options(payload)

    def decide(query: Query, deadline: float) -> Finding:
        left = max(deadline - time.monotonic(), 0.0)
        return decide_query(query, options._replace(seconds=left))

    judgement = judge(
        asked.query, begun + SHARE * seconds, decide,
        graph=asked.models[0].graph if asked.is_whole else None,
        empty=() if payload.get("shuffle") else asked.empty,
        floats=asked.needs_float32, known=_known(asked.query, payload.get("known")),
    )  # fmt: skip
    if asked.is_whole or judgement.float32 is None:
        return judgement
    known = Float32(NOT_CHECKED, "a query over several networks is not run in float32")
    return judgement._replace(float32=known)


def _options(payload: Mapping[str, Any]) -> NetworkOptions:
    return NetworkOptions(
        seconds=float(payload["seconds"]), processes=int(payload.get("processes", 1)),
        seed=int(payload.get("seed", 0)), megabytes=MEGABYTES,
    )  # fmt: skip


def _known(
    query: Query, found: Mapping[str, Any] | None
) -> tuple[Finding, Evidence | None] | None:
    """What was found before, as a search would say it."""
    if found is None:
        return None
    witness = read_witness(query, found)
    if witness is not None:
        return witness, None
    if found.get("sha"):
        evidence = Evidence(str(found["text"]), str(found["sha"]), found["cells"], None)
        return evidence.finding, evidence
    return Empty("rigorous", int(found["cells"]), float(found["margin"])), None


def read_witness(query: Query, found: Mapping[str, Any]) -> Witness | None:
    """The point in what was found, evaluated here; None without one, or if it fails."""
    if "point" not in found:
        return None
    point = tuple(Fraction(text) for text in found["point"])
    number = int(found["case"])
    if not 0 <= number < len(query.cases) or len(point) != query.network.inputs:
        return None
    case = query.cases[number]
    sides = zip(case.lower, point, case.upper, strict=True)
    outputs = exact.enclose(query.network, point)
    if not all(low <= x <= high for low, x, high in sides):
        return None
    if not exact.holds(case, point, outputs):
        return None
    return Witness(number, point, tuple(low for low, _ in outputs))


def _write(judgement: Judgement) -> dict[str, Any]:
    """What was found, so that it can be put to the same checks another time."""
    if judgement.found is not None:
        found = judgement.found
        return {"case": found.case, "point": [str(value) for value in found.point]}
    return {"cells": judgement.cells, "margin": 0.0}


def part(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a search finds in a part of a question: `found` is point, empty or open."""
    asked = ask(receive_files(payload))
    numbers = [int(number) for number in payload["cases"]]
    query = narrow(asked.query, numbers, payload["lower"], payload["upper"])
    finding = decide_query(query, _options(payload))
    match finding:
        case Witness(case, point, _):
            texts = [str(value) for value in point]
            return {"found": "point", "case": numbers[case], "point": texts}
        case Empty(_, cells, margin):
            return {"found": "empty", "cells": cells, "margin": min(margin, 1e300)}
        case Open(reason, detail, cells):
            said = {"reason": reason, "detail": detail, "cells": cells}
            return {"found": "open", **said}


def narrow(
    query: Query, numbers: list[int], lower: list[str], upper: list[str]
) -> Query:
    """The query about some of its cases, in a smaller box."""
    low, high = tuple(map(Fraction, lower)), tuple(map(Fraction, upper))
    cases = tuple(Case(low, high, query.cases[number].rows) for number in numbers)
    return Query(query.network, cases)
