"""What `verify net` does: read, decide, write what was asked for, and tell."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import NamedTuple

from verify.cli.answering import (
    apply_semantics,
    find_answer,
    make_record,
    render_result,
    write_file,
)
from verify.cli.choices import Format, Semantics
from verify.cli.exits import Exit, code_of_verdict
from verify.cli.jsonfile import JsonFile
from verify.cli.moving import explain, read_most
from verify.cli.querying import read_asked
from verify.cli.screen import Screen
from verify.language.verdicts import Run, Verdict
from verify.networks.records import Question
from verify.reports.lines import Line
from verify.reports.moves import render_moves
from verify.reports.networks import (
    render_network,
    render_next,
    render_property,
    render_verdict,
)


class Request(NamedTuple):
    """The arguments of `verify net`; `deadline` is a time.monotonic() value."""

    model: str
    stated: str
    deadline: float
    result: str
    format: Format
    certificate: str
    semantics: Semantics
    shift: str
    json: str


def decide_request(request: Request, begun: float) -> Exit:
    """Decide and report; the code to end with. Raises Refusal and SoundnessAlarm."""
    most = read_most(request.shift)
    if request.result:
        write_file(request.result, "error\n")  # what a run leaves that never ends
    records = JsonFile(request.json) if request.json else None
    to_stdout = request.json == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    asked = read_asked(request.stated, {"": request.model})
    if not to_stdout:
        screen.write([render_network(request.model, asked.question.network)])
        screen.write([_property(request.stated, asked.question)])
    with screen.progress(f"searching, for at most {request.deadline - begun:g} s"):
        judgement = find_answer(
            asked, request.deadline, request.semantics,
            certify=bool(request.certificate),
        )  # fmt: skip
    seconds = time.monotonic() - begun
    moves: dict[str, object] = {}
    if most is not None:
        with screen.progress("measuring how far inputs may move"):
            moves = explain(asked, judgement, most, request.deadline)
    judgement = apply_semantics(asked, judgement, request.semantics)
    kept = request.certificate if judgement.evidence else ""
    if kept and judgement.evidence:
        write_file(kept, judgement.evidence.text)
    verdict = make_record(asked, judgement, seconds, request.semantics, kept)
    if moves:
        verdict = replace(verdict, data={**verdict.data, "shift": moves})
    if request.result:
        text = render_result(asked, judgement, request.format, request.semantics)
        write_file(request.result, text)
    if records is not None:
        _record(records, verdict)
    if not to_stdout:
        screen.write(render_verdict(verdict, screen.look))
        screen.write(render_moves(verdict, screen.look))
        screen.write(render_next(verdict, kept=kept))
    return code_of_verdict(verdict)


def _property(stated: str, question: Question) -> Line:
    varying = [question.inputs[index] for index in question.varying]
    first = question.varying[0] if varying else 0
    in_a_row = question.varying == tuple(range(first, first + len(varying)))
    return render_property(
        stated, question.cases, len(question.inputs), varying, in_a_row=in_a_row
    )


def _record(records: JsonFile, verdict: Verdict) -> None:
    records.record(verdict)
    records.record(
        Run(
            counts={verdict.status: 1},
            unexpected=int(not verdict.as_expected),
            complete=True,
            seconds=verdict.seconds,
            versions=verdict.versions,
        )
    )
