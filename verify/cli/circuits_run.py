"""What `verify circuits` does: read, analyse, write what was asked for, and tell."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from verify.cli.answering import write_file
from verify.cli.exits import Exit
from verify.cli.paths import Refusal, find_paths, quoted
from verify.cli.screen import Screen
from verify.language.things import Unreadable
from verify.networks.errors import ModelError
from verify.networks.files import read_bytes
from verify.networks.questions import describe, find_versions
from verify.networks.reading.onnx_reader import read_network
from verify.reports.circuits import render_end, render_report, render_subject
from verify.reports.circuits_lines import render_lines
from verify.reports.circuits_picture import render_picture
from verify.reports.paragraphs import quote
from verify.training.circuits.acting import is_inhabited
from verify.training.circuits.analysing import Asked, Found, Listener, analyse
from verify.training.circuits.evidence import Kept, Source, render_evidence
from verify.training.circuits.examples import Examples, read_examples
from verify.training.circuits.records import Report, UnitSet
from verify.training.circuits.regions import Region, read_region


class Request(NamedTuple):
    """The arguments of `verify circuits`; `deadline` is a time.monotonic() value."""

    model: str
    data: str
    train: str
    deploy: str
    loss: str
    out: str
    picture: str
    deadline: float
    json: str


def run_request(request: Request) -> Exit:
    """Report on the request; the code to end with. Raises Refusal and SoundnessAlarm."""
    to_stdout = request.json == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    with _telling(screen) as tell:
        tell("reading")
        asked = _read(request)
        folder = _make_folder(request.out) if request.out else None
        found = analyse(asked, tell)
    report = found.report
    if folder is not None:
        report = _write_kept(report, found, folder, Path(request.model).name)
    if request.picture:
        write_file(request.picture, render_picture(asked.source.model.network, report))
    text = render_lines(report, find_versions()) if request.json else ""
    if to_stdout:
        sys.stdout.write(text)
    elif request.json:
        write_file(request.json, text)
    screen.write(render_subject(report.subject))
    screen.write(render_report(report, screen.look))
    screen.write(render_end(report, _again(request), written=folder is not None))
    return Exit.AS_EXPECTED


@contextmanager
def _telling(screen: Screen) -> Iterator[Listener]:
    """Shows on a terminal what is being done, the last thing that was told."""
    with ExitStack() as shown:

        def tell(text: str) -> None:
            shown.close()
            shown.enter_context(screen.progress(text))

        yield tell


def _read(request: Request) -> Asked:
    (model_path,) = find_paths([request.model])
    (data_path,) = find_paths([request.data])
    try:
        model_bytes = read_bytes(model_path)
        model = read_network(model_bytes)
    except ModelError as error:
        raise Refusal(f"{quoted(request.model)}: {error}.") from None
    try:
        data = read_bytes(data_path)
    except ModelError as error:
        raise Refusal(f"{quoted(request.data)}: {error}.") from None
    network = model.network
    try:
        examples = read_examples(
            data, request.data, network.inputs, network.outputs, request.loss
        )
        train = _read_region(request.train, examples, request.deadline)
        deploy = _read_region(request.deploy, examples, request.deadline)
    except Unreadable as error:
        fix = f"; {error.fix}" if error.fix else ""
        raise Refusal(f"{error.message}{fix}.") from None
    if not network.units:
        raise Refusal(
            f"{quoted(request.model)} has no hidden units; there is nothing to find."
        )
    return Asked(
        source=Source(model, request.model, model_bytes, request.data, examples.sha256),
        examples=examples,
        sizes=describe([model]),
        loss=request.loss,
        train=train,
        deploy=deploy,
        deadline=request.deadline,
    )


def _read_region(text: str, examples: Examples, deadline: float) -> Region | None:
    if not text:
        return None
    region = read_region(text, examples.columns, examples.points)
    if is_inhabited(region, deadline) is False:
        raise Unreadable(f"the region {text!a} has no point", "loosen what it asks")
    return region


def _make_folder(path: str) -> Path:
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(f"Cannot make the folder {quoted(path)}: {why}.") from None
    return folder


def _write_kept(report: Report, found: Found, folder: Path, name: str) -> Report:
    """Write models, evidence and certificates; the report with the files' names."""
    for sha, text in report.certificates.items():
        write_file(str(folder / f"{sha[:16]}.jsonl"), text)
    stem = name.removesuffix(".gz").removesuffix(".onnx")
    sets = list(report.sets)
    for place, kept in found.kept.items():
        sets[place] = _write_one(sets[place], kept, folder, stem)
    return replace(report, sets=tuple(sets))


def _write_one(set_: UnitSet, kept: Kept, folder: Path, stem: str) -> UnitSet:
    units = "-".join(map(str, set_.units))
    if len(units) > 60:
        units = hashlib.sha256(units.encode()).hexdigest()[:12]
    base = folder / f"{stem}-{set_.layer}-{units}"
    model, evidence = f"{base}.onnx", f"{base}.json"
    _write_bytes(model, kept.model)
    stated = {
        **kept.evidence,
        "replaced": {"file": Path(model).name, "sha256": kept.sha256},
    }
    write_file(evidence, render_evidence(stated))
    made = replace(set_.replacement, file=model, evidence=evidence)
    return replace(set_, replacement=made)


def _write_bytes(path: str, data: bytes) -> None:
    """Write, and read again what was written; raises Refusal."""
    try:
        Path(path).write_bytes(data)
        same = Path(path).read_bytes() == data
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(f"Cannot write {quoted(path)}: {why}; choose another.") from None
    if not same:
        raise Refusal(f"{quoted(path)} is not what was written to it; choose another.")


def _again(request: Request) -> str:
    words = ["verify", "circuits", request.model, request.data]
    for option, value, usual in (
        ("--train", request.train, ""),
        ("--deploy", request.deploy, ""),
        ("--loss", request.loss, "squared"),
    ):
        if value != usual:
            words += [option, value]
    return " ".join(map(quote, words))
