"""What a checker has said of a task so far: a record of every statement, or it has crashed.

Records come as a task finds them and count when it has ended. A task may not end without a
word on each of its statements; what was lost is told of each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from verify.language.verdicts import Audit, Verdict
from verify.suites.history import Finished
from verify.suites.lost import make_lost
from verify.suites.records import NotARecord, Told, make_record
from verify.suites.tasks import Task


class Said:
    """What a checker has said of a task so far, under the task's own name."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._outlines: list[Mapping[str, Any]] = []
        self._lines: list[Verdict] = []
        self._told: list[Told] = []

    def add(self, word: str, body: Mapping[str, Any]) -> None:
        """Note one message. Raises NotARecord on what is none."""
        if word == "outline":
            self._outlines = list(body["statements"])
            return
        record = make_record(body)
        if not isinstance(record, Verdict | Audit):
            raise NotARecord("a run's own record among the verdicts")
        if record.document == self._task.data.get("path"):
            record = replace(record, document=self._task.name)
        if word == "told":
            self._told.append(record)
        elif isinstance(record, Verdict):
            self._lines.append(record)

    def finish(self, word: str, body: Mapping[str, Any]) -> Finished:
        """The task as it ended; what was lost is told of every statement of it.

        A task that says it is done without having spoken of each of its statements has
        crashed, whatever it says.
        """
        if word == "done":
            named = {(v.line, v.name) for v in self._told if isinstance(v, Verdict)}
            missing = [o for o in self._outlines if (o["line"], o["name"]) not in named]
            if not missing and (self._told or self._outlines == []):
                return Finished("done", dict(body["sources"]), tuple(self._told))
            body = {"reason": "crash", "detail": "it ended without a result"}
        return Finished(
            str(body["reason"]),
            {},
            tuple(make_lost(self._task, self._outlines, self.so_far(), body)),
        )

    def so_far(self) -> tuple[Told, ...]:
        """The final records, and the lines of statements that have none."""
        named = {(v.line, v.name) for v in self._told if isinstance(v, Verdict)}
        early = [v for v in self._lines if (v.line, v.name) not in named]
        return (*self._told, *early)
