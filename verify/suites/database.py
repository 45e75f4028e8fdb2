"""The suite's store: one SQLite file that several runs may use at once.

    runs          every run ever made, with versions, machine and what it ended with
    jobs          what a run consists of, and which of it is done
    records       what was said about every statement: the history of verdict and cost
    certificates  what the kernel accepted, by the hash of its problem
    queries       what an engine answered without evidence that is worth remembering
    quarantine    what was found damaged, and when

The file is in WAL mode, so readers never wait, and every commit is flushed to disk: what
was reported is there after a power cut. Every row carries a digest of itself; a row that
does not match it is treated as absent. None of this is trusted with a verdict: digests
find accidents, the kernel finds lies. A file whose pages are damaged is set aside under
another name and a new one begun; one that a newer version wrote is left alone.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

APPLICATION: Final = 0x76726679  # "vrfy"
VERSION: Final = 1
PATIENCE: Final = 30.0  # seconds to wait for another run's commit
COMPANIONS: Final = ("", "-wal", "-shm")
EMPTY: Final = 100  # a file shorter than SQLite's header holds nothing

SCHEMA: Final = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL, library TEXT NOT NULL, begun TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, owner TEXT NOT NULL,
    code INTEGER NOT NULL DEFAULT -1, seconds REAL NOT NULL DEFAULT 0,
    options TEXT NOT NULL, versions TEXT NOT NULL, machine TEXT NOT NULL
);
CREATE TABLE jobs (
    run INTEGER NOT NULL, position INTEGER NOT NULL,
    kind TEXT NOT NULL, name TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT '',
    sources TEXT NOT NULL DEFAULT '{}', digest TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE records (
    run INTEGER NOT NULL, position INTEGER NOT NULL, sequence INTEGER NOT NULL,
    type TEXT NOT NULL, job TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
    seconds REAL NOT NULL, record TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (run, position, sequence)
) WITHOUT ROWID;
CREATE INDEX records_of_name ON records (job, name, run);
CREATE TABLE certificates (
    problem TEXT NOT NULL, claim TEXT NOT NULL, home TEXT NOT NULL,
    run INTEGER NOT NULL, text TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (problem, claim, home)
) WITHOUT ROWID;
CREATE INDEX certificates_of_home ON certificates (home);
CREATE TABLE queries (
    key TEXT PRIMARY KEY, result TEXT NOT NULL, digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY, found TEXT NOT NULL, what TEXT NOT NULL, row TEXT NOT NULL
);
"""


class StoreError(Exception):
    """A store that cannot be used, in one sentence that ends with what to do.

    `is_ours` is False when the file is somebody else's or a newer version's; True when
    the disk, or what is on it, is at fault.
    """

    def __init__(self, sentence: str, *, is_ours: bool = True) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_ours = is_ours


def digest_of(*values: object) -> str:
    """A short digest of a row's values, to find accidents with.

    A flipped bit may have turned text into bytes, or a number into none.
    """
    text = json.dumps(values, ensure_ascii=True, default=repr)
    return sha256(text.encode()).hexdigest()[:32]


class Database:
    """One connection to the store. `remarks` says in sentences what was set aside."""

    def __init__(self, path: Path, *, writing: bool = True) -> None:
        self.path = path
        self.remarks: list[str] = []
        _refuse_odd_files(path, writing)
        with told(path):
            if writing:
                path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = self._open(writing)

    def _open(self, writing: bool) -> sqlite3.Connection:
        try:
            connection = _connect(self.path, writing)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or not writing:
                raise
            aside = _set_aside(self.path)
            self.remarks.append(
                f"The store was damaged ({error}); it lies in {aside.name} now, and a "
                "new one was begun."
            )
            connection = _connect(self.path, writing)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in the body, or nothing. Raises StoreError when it fails."""
        with told(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query selects. Raises StoreError."""
        with told(self.path):
            return self.connection.execute(query, values).fetchall()

    def quarantine(self, what: str, row: str, found: str) -> None:
        """Note that a row was damaged; it must have been deleted by the caller."""
        self.connection.execute(
            "INSERT INTO quarantine (found, what, row) VALUES (?, ?, ?)",
            (found, what, row),
        )

    def close(self) -> None:
        self.connection.close()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns what the system says about the file into a sentence."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        said = (
            error.strerror or str(error) if isinstance(error, OSError) else str(error)
        )
        raise StoreError(
            f"The store {path} failed ({said}); mend the disk or use --store FILE, then "
            "run again: what was finished is kept."
        ) from error


def _refuse_odd_files(path: Path, writing: bool) -> None:
    if path.is_symlink():
        raise StoreError(f"The store {path} is a link; name the file itself.")
    if path.exists() and not path.is_file():
        kind = "folder" if path.is_dir() else "device, pipe or socket"
        raise StoreError(
            f"The store {path} is a {kind}; --store names one file.", is_ours=False
        )
    if not writing and not path.exists():
        raise StoreError(
            f"There is no store {path}; verify run makes one.", is_ours=False
        )


def _connect(path: Path, writing: bool) -> sqlite3.Connection:
    # check_same_thread: a pytest plugin may close the store in another thread
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if path.stat().st_size < EMPTY and writing:
            _create(connection)
        _refuse_strangers(connection, path)
        if writing:
            connection.execute("PRAGMA journal_mode = WAL")
        else:
            connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA synchronous = FULL")
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(str(found).splitlines()[-1])
        if _shape(connection) != _expected_shape():
            raise sqlite3.DatabaseError("its tables are not those of a store")
        if writing:  # find out now whether it can be written at all
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    if not connection.execute("SELECT * FROM sqlite_schema LIMIT 1").fetchone():
        for statement in SCHEMA.split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise StoreError(
            f"{path} is a database, but no store of verify; use another --store FILE.",
            is_ours=False,
        )
    if version < VERSION:
        raise sqlite3.DatabaseError(f"its schema is {version}, which never was")
    if version > VERSION:
        raise StoreError(
            f"The store {path} was written by a newer verify (schema {version}, this one "
            f"reads {VERSION}); upgrade verify or use another --store FILE.",
            is_ours=False,
        )


def _shape(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Names and definitions of all tables and indexes.

    Raises DatabaseError on one that is no text: a flipped bit may have made it bytes.
    """
    query = "SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name"
    found = [row for row in connection.execute(query) if row[0] != "sqlite_sequence"]
    if not all(isinstance(value, str) for row in found for value in row):
        raise sqlite3.DatabaseError("its tables have definitions that are no text")
    return [(name, " ".join(sql.split())) for name, sql in found]


def _expected_shape() -> list[tuple[str, str]]:
    statements = [" ".join(text.split()) for text in SCHEMA.split(";") if text.strip()]
    return sorted((text.split()[2], text) for text in statements)


def _set_aside(path: Path) -> Path:
    """Rename a damaged store with its companions to the first free name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for ending in COMPANIONS:
        file = path.with_name(path.name + ending)
        if file.exists():
            os.replace(file, aside.with_name(aside.name + ending))
    return aside
