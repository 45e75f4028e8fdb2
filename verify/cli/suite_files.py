"""The files around a run: baselines that are read, reports that are written."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from verify.cli.paths import Refusal, find_paths, quoted
from verify.cli.screen import hang_up
from verify.suites.records import NotARecord, Record, read_any

if TYPE_CHECKING:
    from verify.cli.suite import Report

MAX_BYTES = 1_000_000_000
JSON = "json"


class Sink(NamedTuple):
    """A report to be written: its format and its file."""

    format: str
    path: str


def read_baseline(path: str) -> list[Record]:
    """The records of a file of JSON lines. Raises Refusal on anything else."""
    (found,) = find_paths([path])
    records: list[Record] = []
    try:
        if not found.is_file() or found.stat().st_size > MAX_BYTES:
            raise Refusal(f"{quoted(path)} is no file of JSON lines from --json.")
        with found.open(encoding="utf-8") as file:
            for text in file:
                records.append(read_any(text))
    except (NotARecord, UnicodeDecodeError) as error:
        place = f"{quoted(path)}, line {len(records) + 1}"
        raise Refusal(
            f"{place} is no record of a run ({str(error)[:200]}); give the file that "
            "verify run --json wrote."
        ) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(f"Cannot read {quoted(path)}: {why}.") from error
    if not records:
        raise Refusal(f"{quoted(path)} is empty; give the file of a run.")
    return records


def open_files(files: Mapping[str, str]) -> list[Sink]:
    """The reports that were asked for; raises Refusal where none could be written."""
    sinks = [Sink(name, path) for name, path in files.items() if path]
    if sum(sink.path == "-" for sink in sinks) > 1:
        raise Refusal("Only one report can go to standard output; name a file.")
    for sink in sinks:
        folder = Path(sink.path).parent
        if sink.path != "-" and not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise Refusal(f"Cannot write {quoted(sink.path)}: no folder to write in.")
        if sink.path != "-" and Path(sink.path).is_dir():
            raise Refusal(f"Cannot write {quoted(sink.path)}: a folder is there.")
    return sinks


def write_files(sinks: Sequence[Sink], report: Report) -> None:
    """Write every report but JSON lines, which are written as they come.

    A file appears whole or not at all. Raises Refusal.
    """
    for sink in sinks:
        if sink.format != JSON:
            write_text(sink.path, _render(sink.format, report))


class JsonLines:
    """JSON lines, written while the run goes on: to `FILE.part`, which becomes FILE when
    the run has ended, or to standard output for `-`; nowhere without a path.

    Every method raises Refusal when they cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._count = 0
        if path == "-":
            self._file = sys.stdout
        elif path:
            with self._told():
                self._file = open(self._part, "w", encoding="utf-8")  # noqa: SIM115 -- until the end

    @property
    def _part(self) -> str:
        return f"{self._path}.part"

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None and self._file is not sys.stdout:
            self._file.close()

    def add(self, records: Sequence[Any]) -> None:
        """Write some records."""
        from verify.reports.jsonlines import render_record

        if self._file is None:
            return
        self._count += len(records)
        try:
            with self._told():
                self._file.write("".join(map(render_record, records)))
                self._file.flush()
        except BrokenPipeError:
            hang_up(sys.stdout)

    def finish(self, report: Report) -> None:
        """Write what has not been written, the run's own record last."""
        self.add([*report.records[self._count :], report.run])
        if self._file is not None and self._file is not sys.stdout:
            with self._told():
                os.replace(self._part, self._path)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Refusal(f"Cannot write {quoted(self._path)}: {why}.") from error


def write_text(path: str, text: str) -> None:
    """Write a text to a file, or for `-` to standard output. Raises Refusal."""
    if path != "-":
        write_whole(Path(path), text)
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        hang_up(sys.stdout)


def _render(name: str, report: Report) -> str:
    from verify.reports import junit, markdown, sarif

    match name:
        case "junit":
            return junit.render_junit(report.records, report.run)
        case "sarif":
            return sarif.render_sarif(report.records, report.run, int(report.code))
        case "markdown":
            return markdown.render_summary(report.records, report.run, report.changes)
        case _:
            raise KeyError(name)


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and move it there. Raises Refusal."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(
                handle, "w", encoding="utf-8", errors="backslashreplace"
            ) as f:
                f.write(text)
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except OSError:
            os.unlink(name)
            raise
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(f"Cannot write {quoted(str(path))}: {why}.") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
