"""JSON lines into a file or standard output, a record at a time.

Lines are written as they come and the run's record comes last, so a file that was cut
short says so by its missing last line.
"""

from __future__ import annotations

import sys
from typing import IO

from verify.cli.ledger import Listener
from verify.cli.paths import Refusal, quoted
from verify.cli.screen import hang_up
from verify.language.verdicts import Verdict
from verify.reports.jsonlines import Record, render_record


class JsonFile(Listener):
    """Writes every record; raises Refusal when the file cannot be written."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._file: IO[str] = (
                sys.stdout if path == "-" else open(path, "w", encoding="utf-8")  # noqa: SIM115 -- until the end
            )
        except OSError as error:
            raise self._refusal(error) from None

    def failure(self, verdict: Verdict) -> None:
        self.record(verdict)

    def record(self, record: Record) -> None:
        try:
            self._file.write(render_record(record))
            self._file.flush()
        except BrokenPipeError:
            hang_up(self._file)
        except OSError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: OSError) -> Refusal:
        why = error.strerror or type(error).__name__
        return Refusal(
            f"Cannot write {quoted(self._path)}: {why}; choose another file."
        )
