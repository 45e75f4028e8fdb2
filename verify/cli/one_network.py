"""What `verify net` does: read, decide, write what was asked for, and tell."""

from __future__ import annotations

import sys
import time
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
from verify.cli.querying import read_asked
from verify.cli.screen import Screen
from verify.language.verdicts import Run, Verdict
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
    json: str


def decide_request(request: Request, begun: float) -> Exit:
    """Decide and report; the code to end with. Raises Refusal and SoundnessAlarm."""
    if request.result:
        write_file(request.result, "error\n")  # what a run leaves that never ends
    records = JsonFile(request.json) if request.json else None
    to_stdout = request.json == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    asked = read_asked(request.stated, {"": request.model})
    if not to_stdout:
        screen.write([render_network(request.model, asked.question.network)])
        screen.write([render_property(request.stated, asked.question.cases)])
    with screen.progress(f"searching, for at most {request.deadline - begun:g} s"):
        judgement = find_answer(
            asked, request.deadline, request.semantics,
            certify=bool(request.certificate),
        )  # fmt: skip
    judgement = apply_semantics(asked, judgement, request.semantics)
    kept = request.certificate if judgement.evidence else ""
    if kept and judgement.evidence:
        write_file(kept, judgement.evidence.text)
    seconds = time.monotonic() - begun
    verdict = make_record(asked, judgement, seconds, request.semantics, kept)
    if request.result:
        text = render_result(asked, judgement, request.format, request.semantics)
        write_file(request.result, text)
    if records is not None:
        _record(records, verdict)
    if not to_stdout:
        screen.write(render_verdict(verdict, screen.look))
        screen.write(render_next(verdict, kept=kept))
    return code_of_verdict(verdict)


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
