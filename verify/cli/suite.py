"""One run of the suite from request to reports, for the command line and for Python.

The screen hears of each task in order; the reports are written at the end, from the same
records, interrupted or not. A file that is written appears whole or not at all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from verify.cli import suite_files
from verify.cli.exits import Exit, code_of_run, gravest
from verify.cli.interrupting import held_off, interruptions
from verify.cli.paths import Refusal, find_paths, quoted, suggest
from verify.cli.screen import Screen
from verify.language.verdicts import Audit, Run, Verdict
from verify.reports.changes import WHATS, Change, Versions
from verify.reports.terminal import render_total
from verify.reports.words import duration
from verify.suites.database import Database
from verify.suites.records import Record
from verify.suites.running import Done, Settings, Suite
from verify.suites.store import default_folder
from verify.suites.tasks import Task, collect_tasks, find_root, name_in
from verify.suites.unreadable import DOCUMENT

STORE: Final = "suite.sqlite"
STRESS: Final = "stress"  # the check of audits about answers to repeated queries
PROPERTY: Final = "property"  # the kind of what is said of networks
SUMMARY: Final = "GITHUB_STEP_SUMMARY"
SANDBOX: Final = ("user namespace", "network namespace", "process namespace")

Told = Verdict | Audit


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for; see the options of `verify run`."""

    library: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    workers: int = 2
    baseline: str = ""
    allow: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    trust: str = "agreed"
    timeout: float | None = None
    seconds: float = 900.0
    megabytes: int = 8_192
    audits: bool = False
    reading: bool = True
    recheck: bool = False
    fresh: bool = False
    require_sandbox: bool = False
    store: str = ""
    executor: str = "local"
    scheduler: str = ""
    split: float = 0.0
    stress: int = 0

    def settings(self) -> Settings:
        """The part that concerns how tasks are run."""
        options: dict[str, Any] = {
            "timeout": self.timeout, "minimum_trust": self.trust,
            "only": list(self.only), "quick": not self.audits,
        }  # fmt: skip
        if self.split:
            options["split"] = self.split
        if self.stress:
            options["stress"] = self.stress
        return Settings(
            options=options, workers=self.workers, seconds=self.seconds,
            megabytes=self.megabytes, reading=self.reading, recheck=self.recheck,
            fresh=self.fresh, required=self.require_sandbox, executor=self.executor,
            scheduler=self.scheduler,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything a run said: `number` in the store, records, the run's own, the code."""

    number: int
    records: tuple[Told, ...]
    run: Run
    code: Exit
    changes: tuple[Change, ...] = ()
    versions: tuple[Versions, ...] = ()


def store_path(given: str) -> Path:
    """The file of the store: as given, or in the user's cache directory."""
    return Path(given) if given else default_folder() / STORE


def find_tasks(request: Request) -> tuple[Path, list[Task]]:
    """The library's root and the tasks selected.

    Raises Refusal with the nearest names where nothing matches.
    """
    paths = find_paths(request.library or ("claims",))
    root = find_root(paths[0])
    tasks = collect_tasks(paths, root)
    if not tasks:
        raise Refusal(
            f"No document was found in {', '.join(quoted(str(p)) for p in paths)}; a "
            "claim stands in a block fenced as `claim`, a property of a network beside "
            "it or in an `instances.csv`.",
            Exit.NOTHING,
        )
    if not request.select:
        return root, tasks
    chosen = [
        task for task in tasks if any(part in task.name for part in request.select)
    ]
    if not chosen:
        wanted = ", ".join(map(quoted, request.select))
        near = suggest(request.select[0], _parts(tasks))
        raise Refusal(f"No document has {wanted} in its path; {near}.", Exit.NOTHING)
    return root, chosen


def _is_covered(record: Verdict | Audit | Run, request: Request, root: Path) -> bool:
    """Whether a record of the baseline is about something that was selected now."""
    if isinstance(record, Run):
        return True
    if request.only and record.name and record.name not in request.only:
        return False
    where = record.document
    if isinstance(record, Verdict) and record.kind == PROPERTY:
        where = f"{where} {record.name}"
    if request.select and not any(part in where for part in request.select):
        return False
    places = [name_in(root, Path(path)) for path in request.library or ("claims",)]
    return any(
        place == "."
        or record.document == place
        or record.document.startswith(f"{place}/")
        for place in places
    )


def _parts(tasks: Sequence[Task]) -> Iterator[str]:
    for task in tasks:
        yield task.name
        yield from Path(task.name).with_suffix("").parts


def run_suite(request: Request) -> Exit:
    """Run, show and write; the code to end with. Raises Refusal and StoreError."""
    to_stdout = request.files.get("json") == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    return make_report(request, screen).code


def make_report(request: Request, screen: Screen | None = None) -> Report:
    """Run the suite; shown on `screen`, written to the files that were asked for.

    Raises Refusal, StoreError and PoolError.
    """
    from verify.reports.suites import render_beginning

    refuse_unknown_changes(request.allow)
    root, tasks = find_tasks(request)
    before = None
    if request.baseline:
        baseline = suite_files.read_baseline(request.baseline)
        before = [r for r in baseline if _is_covered(r, request, root)]
    sinks = suite_files.open_files(request.files)
    lines = suite_files.JsonLines(request.files.get("json", ""))
    database = Database(store_path(request.store))
    with Suite(database, root, tasks, request.settings()) as suite, interruptions():
        beginning = suite.begin()
        _require(request, beginning.layers)
        if screen:
            screen.write(render_beginning(*beginning, screen.look))
        with lines:
            with _progress(screen, suite, len(tasks)) as pulse:
                suite.go(lambda done: _hear(screen, lines, done), pulse)
            with held_off():
                return _finish(request, suite, screen, sinks, lines, before, database)


def _finish(
    request: Request,
    suite: Suite,
    screen: Screen | None,
    sinks: Sequence[suite_files.Sink],
    lines: suite_files.JsonLines,
    before: Sequence[Record] | None,
    database: Database,
) -> Report:
    """Conclude, close the run, and write and show the reports."""
    from verify.reports.suites import render_changes

    records = [record for done in suite.done for record in done.told]
    records += suite.unfinished() if not suite.complete else ()
    remark = _refuse_empty(request, records, suite)
    report = _conclude(request, suite, records, before)
    suite.end(int(report.code))
    lines.finish(report)
    suite_files.write_files(sinks, report)
    _write_summary(report)
    if screen:
        if before is not None:
            changed = render_changes(report.changes, report.versions, screen.look)
            screen.write(changed)
        failure = f"Stopped: {suite.failure}." if suite.failure else ""
        remarks = filter(None, [remark, failure])
        _show_end(screen, report, [*database.remarks, *remarks])
    database.close()
    return report


def _conclude(
    request: Request,
    suite: Suite,
    records: Sequence[Told],
    before: Sequence[Record] | None,
) -> Report:
    from verify.reports.changes import compare, compare_versions

    verdicts = [r for r in records if isinstance(r, Verdict)]
    audits = [r for r in records if isinstance(r, Audit)]
    claims = [v for v in verdicts if v.kind != "premise" or v.status == "error"]
    counts: dict[str, int] = {}
    for verdict in claims:
        counts[verdict.status] = counts.get(verdict.status, 0) + 1
    run = Run(
        counts=counts, unexpected=sum(not v.as_expected for v in claims),
        complete=suite.complete, seconds=suite.seconds, versions=suite.versions,
    )  # fmt: skip
    codes = [code_of_run(verdicts, audits)]
    changes: tuple[Change, ...] = ()
    versions: tuple[Versions, ...] = ()
    if before is not None:
        changes = compare(before, records)
        old = next((r.versions for r in before if isinstance(r, Run)), {})
        versions = compare_versions(old, suite.versions)
        if any(change.worse and change.what not in request.allow for change in changes):
            codes.append(Exit.REFUTED)
    if any(audit.result in ("differs", "flaky") for audit in audits):
        codes.append(Exit.SUSPICIOUS)
    if not suite.complete:
        codes.append(Exit.INTERRUPTED)
    return Report(
        number=suite.number, records=tuple(records), run=run, code=gravest(codes),
        changes=changes, versions=versions,
    )  # fmt: skip


def _require(request: Request, layers: Sequence[str]) -> None:
    missing = [layer for layer in SANDBOX if layer not in layers]
    if request.require_sandbox and missing:
        raise Refusal(
            f"This system gives no {missing[0]}, and --require-sandbox asks for one; "
            "allow unprivileged user namespaces, or leave the option out."
        )


def refuse_unknown_changes(names: Sequence[str]) -> None:
    """Raises Refusal on a word that names no change."""
    for name in names:
        if name not in WHATS:
            raise Refusal(
                f"There is no change called {quoted(name)}; {suggest(name, WHATS)}."
            )


def _refuse_empty(request: Request, records: Sequence[Told], suite: Suite) -> str:
    """A selection of statements that matches none is nothing, not success.

    Beside documents that cannot be read it is only remarked on. Raises Refusal.
    """
    told = [r for r in records if isinstance(r, Verdict)]
    if any(verdict.kind != DOCUMENT for verdict in told) or not suite.complete:
        return ""
    if not request.only:
        sentence = "Nothing is claimed in these documents."
    else:
        near = suggest(request.only[0], _statements(suite.tasks))
        sentence = (
            f"No statement is called {', '.join(map(quoted, request.only))}; {near}."
        )
    if not told:
        suite.end(int(Exit.NOTHING))
        raise Refusal(sentence, Exit.NOTHING)
    return sentence


def _statements(tasks: Sequence[Task]) -> Iterator[str]:
    """The names of all statements in the documents that can be read."""
    from verify.language.errors import ClaimError
    from verify.language.reader import read_document
    from verify.suites.documents import look_at_model

    for task in tasks:
        if task.kind != "document":
            yield str(task.data["name"])
            continue
        try:
            document = read_document(task.data["path"], look_at_model)
        except ClaimError:
            continue
        yield from (one.name for one in document.statements if one.name)


def _hear(screen: Screen | None, lines: suite_files.JsonLines, done: Done) -> None:
    """Pass a finished task on to the screen and to whoever reads along."""
    from verify.reports.suites import render_task

    lines.add(done.told)
    if screen is not None:
        screen.write(render_task(done.task.name, done.told, screen.look))


def _show_end(screen: Screen, report: Report, remarks: Sequence[str]) -> None:
    from verify.cli.exits import MEANING
    from verify.reports.lines import Span, line
    from verify.reports.suites import render_stability

    claims = [
        r for r in report.records if isinstance(r, Verdict) and r.kind != "premise"
    ]
    asked = [r for r in report.records if isinstance(r, Audit) and r.check == STRESS]
    if asked:
        screen.write(render_stability(asked, screen.look))
    total = (
        *render_total(claims, screen.look),
        Span(f"   {duration(report.run.seconds)}", "time"),
    )
    screen.write([line(), total])
    screen.say(*remarks)
    if not report.run.complete:
        screen.say("Not complete: run the same command again to take it up.")
    if report.code != Exit.AS_EXPECTED:
        screen.say(f"exit {int(report.code)}: {MEANING[report.code]}")


def _write_summary(report: Report) -> None:
    """Append the summary to the step's page, where a build service has one."""
    path = os.environ.get(SUMMARY, "")
    if path:
        from verify.reports.markdown import render_summary

        text = render_summary(report.records, report.run, report.changes)
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Refusal(f"Cannot write the step summary: {why}.") from error


@contextmanager
def _progress(screen: Screen | None, suite: Suite, total: int) -> Iterator[Any]:
    if screen is None:
        yield lambda: None
        return
    with screen.counting(total) as show:
        yield lambda: show(len(suite.done))
