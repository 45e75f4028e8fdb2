"""Runs in the store: begun, taken up again, recorded job by job, and looked back at.

A job is recorded with everything said about it in one transaction, so it is there whole
or not at all. A run that was interrupted is taken up by the next one that is asked for the
same thing; whoever does so first has it, and nobody takes a run from a process that is
still alive.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from verify.language.verdicts import Verdict
from verify.suites.database import Database, digest_of
from verify.suites.machine import describe_machine, is_alive, name_owner
from verify.suites.records import Told, read_record, write_record

RUNNING: Final = "running"
STOPPED: Final = "stopped"
COMPLETE: Final = "complete"


class Finished(NamedTuple):
    """A job as it was recorded: how it ended, what it read, and what it said."""

    outcome: str
    sources: Mapping[str, str]
    told: tuple[Told, ...]


class RunRow(NamedTuple):
    """A run as it stands in the store."""

    id: int
    library: str
    begun: str
    ended: str
    state: str
    code: int
    seconds: float
    options: Mapping[str, Any]
    versions: Mapping[str, str]
    machine: Mapping[str, Any]


class Past(NamedTuple):
    """What one run said about one statement."""

    run: int
    begun: str
    status: str
    reason: str
    seconds: float


class History:
    """The runs of a store. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(
        self,
        key: str,
        library: str,
        jobs: Sequence[tuple[str, str]],
        options: Mapping[str, Any],
        versions: Mapping[str, str],
    ) -> int:
        """Open a run of these jobs (kind and name) and return its number."""
        with self.database.transaction() as store:
            row = store.execute(
                "INSERT INTO runs (key, library, begun, state, owner, options, versions,"
                " machine) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key, library, _now(), RUNNING, name_owner(), json.dumps(options),
                    json.dumps(versions), json.dumps(describe_machine()),
                ),
            )  # fmt: skip
            number = int(row.lastrowid or 0)
            store.executemany(
                "INSERT INTO jobs (run, position, kind, name) VALUES (?, ?, ?, ?)",
                [(number, place, *job) for place, job in enumerate(jobs)],
            )
        return number

    def note_layers(self, number: int, layers: Sequence[str]) -> None:
        """Note with the machine which layers of protection a run has."""
        with self.database.transaction() as store:
            described = {**describe_machine(), "layers": list(layers)}
            store.execute(
                "UPDATE runs SET machine = ? WHERE id = ?",
                (json.dumps(described), number),
            )

    def take_up(self, key: str, jobs: Sequence[tuple[str, str]]) -> int | None:
        """The last run of the same jobs, if it was interrupted; it is ours from now on."""
        with self.database.transaction() as store:
            found = store.execute(
                "SELECT id, state, owner FROM runs WHERE key = ? ORDER BY id DESC LIMIT 1",
                (key,),
            ).fetchone()
            if found is None or found[1] == COMPLETE:
                return None
            number, state, owner = found
            if state == RUNNING and is_alive(owner):
                return None
            query = "SELECT kind, name FROM jobs WHERE run = ? ORDER BY position"
            if store.execute(query, (number,)).fetchall() != [tuple(j) for j in jobs]:
                return None
            store.execute(
                "UPDATE runs SET state = ?, owner = ? WHERE id = ?",
                (RUNNING, name_owner(), number),
            )
        return int(number)

    def record(self, number: int, position: int, name: str, finished: Finished) -> None:
        """Write a finished job; inside a transaction of the caller."""
        store = self.database.connection
        store.execute(
            "DELETE FROM records WHERE run = ? AND position = ?", (number, position)
        )
        store.executemany(
            "INSERT INTO records (run, position, sequence, type, job, name, status,"
            " seconds, record, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, position, place, *_columns(name, told))
                for place, told in enumerate(finished.told)
            ],
        )
        sources = json.dumps(dict(finished.sources), sort_keys=True)
        count = len(finished.told)
        store.execute(
            "UPDATE jobs SET outcome = ?, sources = ?, digest = ?"
            " WHERE run = ? AND position = ?",
            (
                finished.outcome, sources,
                digest_of(number, position, finished.outcome, sources, count),
                number, position,
            ),
        )  # fmt: skip

    def finished(self, number: int) -> dict[int, Finished]:
        """The jobs of a run that are done, by position; damaged ones are left out."""
        said: dict[int, list[Told | None]] = {}
        for position, one in self._records(number):
            said.setdefault(position, []).append(one)
        done: dict[int, Finished] = {}
        for position, outcome, sources, digest in self.database.rows(
            "SELECT position, outcome, sources, digest FROM jobs"
            " WHERE run = ? AND outcome != '' ORDER BY position",
            (number,),
        ):
            told = said.get(position, [])
            whole = tuple(item for item in told if item is not None)
            expected = digest_of(number, position, outcome, sources, len(told))
            if len(whole) == len(told) and digest == expected:
                done[position] = Finished(outcome, json.loads(sources), whole)
        return done

    def _records(self, number: int) -> Iterator[tuple[int, Told | None]]:
        """Everything said in a run, with None for what does not match its digest."""
        for position, _, kind, *columns, digest in self.database.rows(
            "SELECT position, sequence, type, job, name, status, seconds, record, digest"
            " FROM records WHERE run = ? ORDER BY position, sequence",
            (number,),
        ):
            intact = digest_of(kind, *columns) == digest
            yield position, read_record(columns[-1]) if intact else None

    def end(self, number: int, state: str, code: int, seconds: float) -> None:
        """Close a run: COMPLETE, or STOPPED when it may be taken up again."""
        with self.database.transaction() as store:
            store.execute(
                "UPDATE runs SET state = ?, ended = ?, code = ?, seconds = seconds + ?"
                " WHERE id = ?",
                (state, _now(), code, seconds, number),
            )

    def runs(self) -> list[RunRow]:
        """Every run, the oldest first."""
        return [
            RunRow(*row[:7], *map(_object, row[7:]))
            for row in self.database.rows(
                "SELECT id, library, begun, ended, state, code, seconds, options,"
                " versions, machine FROM runs ORDER BY id"
            )
        ]

    def names(self, number: int) -> list[str]:
        """The names of a run's jobs, in order."""
        query = "SELECT name FROM jobs WHERE run = ? ORDER BY position"
        return [name for (name,) in self.database.rows(query, (number,))]

    def statements(self) -> list[tuple[str, str]]:
        """Task and name of every statement that a run has spoken of."""
        return [
            (job, name)
            for job, name in self.database.rows(
                "SELECT DISTINCT job, name FROM records WHERE type = 'verdict'"
                " AND name != '' ORDER BY job, name"
            )
        ]

    def past(self, job: str, name: str) -> list[Past]:
        """What every run said about a statement: verdict and cost, the oldest first."""
        rows = self.database.rows(
            "SELECT run, begun, type, job, name, status, records.seconds, record, digest"
            " FROM records JOIN runs ON runs.id = run"
            " WHERE job = ? AND name = ? AND type = 'verdict' ORDER BY run, sequence",
            (job, name),
        )
        return [
            Past(run, begun, status, json.loads(record)["reason"], seconds)
            for run, begun, kind, job, name, status, seconds, record, digest in rows
            if digest_of(kind, job, name, status, seconds, record) == digest
        ]


def _columns(job: str, told: Told) -> tuple[Any, ...]:
    record = write_record(told)
    status = told.status if isinstance(told, Verdict) else told.result
    seconds = told.seconds if isinstance(told, Verdict) else 0.0
    row = (told.type, job, told.name, status, seconds, record)
    return (*row, digest_of(*row))


def _object(text: str) -> dict[str, Any]:
    """A run's own description; one that is damaged describes nothing."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
