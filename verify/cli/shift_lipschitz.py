"""`verify shift --lipschitz`: how fast a network's outputs change over its data's region.

It is a question about a shift: a Lipschitz constant is the multiplier at which transport
costs more than any output gains, whatever the data. So it shares the region, the distance
and the data of `verify shift`; budgets and losses take no part.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Final

from verify.cli.answering import write_file
from verify.cli.exits import Exit
from verify.cli.paths import Refusal, quoted
from verify.cli.screen import Screen
from verify.cli.shift_reading import Request
from verify.networks.certificates.certifying import Evidence
from verify.networks.questions import find_versions
from verify.networks.settings import count_cores
from verify.reports.lipschitz_lines import render_json
from verify.reports.shift_lipschitz import (
    CERTIFIED,
    RIGOROUS,
    Constant,
    ToldLipschitz,
    render_lipschitz,
)
from verify.shift.lipschitz.constants import find_lipschitz, find_local, plain_region
from verify.shift.lipschitz.proofs import SECONDS, certify_constant, is_small
from verify.shift.lipschitz.steepest import Steepness
from verify.shift.pointwise.worst import Around, check_inside_parts
from verify.shift.questions import Effort, Question
from verify.shift.regions import Point

ZERO: Final = Fraction(0)


def tell_lipschitz(
    request: Request, question: Question, around: Around, screen: Screen, begun: float
) -> Exit:
    """Find, certify where that is quick, and report. Raises ShiftError and Refusal."""
    points = [sample.point for sample in question.samples]
    check_inside_parts(around.parts, points)
    left = max(1.0, request.deadline - time.monotonic())
    effort = Effort(ZERO, left, processes=count_cores())
    with screen.progress(f"searching around {len(points)} data points"):
        whole = around.within is None
        found: list[tuple[int | None, Steepness]]
        if whole:
            found = [(None, find_lipschitz(question.network, around, points, effort))]
        else:
            local = find_local(question.network, around, points, effort)
            found = [(one.sample, one.found) for one in local]
        shown, texts = _certify(request, question, around, points, found)
    told = ToldLipschitz(
        request.model, request.data, request.region, request.ground, around.within,
        shown, time.monotonic() - begun,
    )  # fmt: skip
    written = _write(request, texts)
    if request.json == "-":
        sys.stdout.write(render_json(told, find_versions()))
    elif request.json:
        write_file(request.json, render_json(told, find_versions()))
    screen.write(render_lipschitz(told, screen.look, written))
    bounded = all(one.found.upper is not None for one in shown)
    return Exit.AS_EXPECTED if bounded else Exit.UNDECIDED


def _certify(
    request: Request,
    question: Question,
    around: Around,
    points: list[Point],
    found: list[tuple[int | None, Steepness]],
) -> tuple[tuple[Constant, ...], list[str]]:
    """The constants with their trust, and the certificates of those that have one."""
    network, until = question.network, time.monotonic() + SECONDS
    until = min(until, max(request.deadline, time.monotonic()))
    shown, texts = [], []
    for sample, one in found:
        trust = RIGOROUS if one.upper is not None else ""
        if is_small(network) and one.is_exact and time.monotonic() < until:
            point = points[0 if sample is None else sample]
            region = plain_region(around, point)
            if region is not None:
                made = certify_constant(network, region, around.norm, one.lower, until)
                if isinstance(made, Evidence) and made.witness is None:
                    trust = CERTIFIED
                    texts.append(made.text)
        shown.append(Constant(sample, one, trust))
    return tuple(shown), texts


def _write(request: Request, texts: list[str]) -> tuple[str, ...]:
    if not request.evidence:
        return ()
    folder = Path(request.evidence)
    if not texts:
        return ("no certificate: the bound rests on the search alone",)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(texts, 1):
            (folder / f"constant-{number:04d}.jsonl").write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(f"Cannot write {quoted(request.evidence)}: {why}.") from None
    return (f"{len(texts)} certificates: {request.evidence}",)
