"""The runner's side of the cache: certificates and open answers, by content.

A certificate lies under the hash of its problem and needs no other key: whoever takes it
out has the kernel check it again. An engine's answer that is no evidence lies under
everything it depends on, the code included. While a run goes on it sees what earlier runs
filed, and what the same task filed, but nothing of other tasks: so its verdicts do not
depend on which task happens to end first. Rows that do not match their digest are moved
to the quarantine and count as absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from verify.kernel.certificate import CLAIMS
from verify.suites.database import Database, digest_of

MAX_BUNDLE: Final = 6_000_000  # characters of certificates sent along with a task
MAX_TEXT: Final = 64_000_000
HASH: Final = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """What one run takes out of the store and files in it.

    `reading` off: nothing is taken out, though everything is filed. What is filed is
    written by `flush`, inside a transaction of the caller.
    """

    def __init__(self, database: Database, run: int, *, reading: bool = True) -> None:
        self._database = database
        self._run = run
        self._reading = reading
        self._certificates: list[tuple[str, str, str, str]] = []
        self._queries: dict[str, str] = {}
        self._damaged: list[tuple[str, tuple[str, ...]]] = []
        self.hits = 0

    def stop_reading(self) -> None:
        """Take nothing out from now on."""
        self._reading = False

    @property
    def is_waiting(self) -> bool:
        """Whether there is anything to be written."""
        return bool(self._certificates or self._queries or self._damaged)

    def bundle(self, home: str) -> dict[str, list[str]]:
        """The certificates a task filed earlier, by problem, as far as they fit."""
        found: dict[str, list[str]] = {}
        if not self._reading:
            return found
        size = 0
        for row in self._database.rows(
            "SELECT problem, claim, home, text, digest FROM certificates WHERE home = ?"
            " ORDER BY problem, claim",
            (home,),
        ):
            text = self._intact(row)
            if text is not None and size + len(text) <= MAX_BUNDLE:
                size += len(text)
                found.setdefault(row[0], []).append(text)
        return found

    def find(self, problem: str, home: str) -> list[str]:
        """The certificates about a problem: the task's own first, then the oldest."""
        if not self._reading:
            return []
        rows = self._database.rows(
            "SELECT problem, claim, home, text, digest FROM certificates"
            " WHERE problem = ? AND (home = ? OR run < ?)"
            " ORDER BY home != ?, run, claim LIMIT 8",
            (problem, home, self._run, home),
        )
        texts = (self._intact(row) for row in rows)
        return [text for text in dict.fromkeys(texts) if text is not None]

    def _intact(self, row: tuple[str, ...]) -> str | None:
        *values, digest = row
        if all(isinstance(v, str) for v in row) and digest_of(*values) == digest:
            self.hits += 1
            return values[3]
        self._damaged.append(("certificates", tuple(map(str, values[:3]))))
        return None

    def keep(self, problem: str, claim: str, home: str, text: str) -> None:
        """File a certificate that a checker's kernel accepted."""
        if claim in CLAIMS and len(text) <= MAX_TEXT:
            self._certificates.append((problem, claim, home, text))

    def recall(self, key: str) -> dict[str, Any] | None:
        """The answer filed under a key, if there is one."""
        if not self._reading:
            return None
        if key in self._queries:
            return _object(self._queries[key])
        query = "SELECT result, digest FROM queries WHERE key = ?"
        for result, digest in self._database.rows(query, (key,)):
            if isinstance(result, str) and digest_of(key, result) == digest:
                return _object(result)
            self._damaged.append(("queries", (key,)))
        return None

    def remember(self, key: str, result: Mapping[str, Any]) -> None:
        """File an answer."""
        self._queries[key] = json.dumps(result, sort_keys=True, allow_nan=False)

    def flush(self) -> None:
        """Write what was filed; inside a transaction."""
        store = self._database.connection
        for table, key in self._damaged:
            columns = {"certificates": "problem, claim, home", "queries": "key"}[table]
            marks = ", ".join("?" * len(key))
            store.execute(f"DELETE FROM {table} WHERE ({columns}) = ({marks})", key)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._database.quarantine(table, " ".join(key), now)
        store.executemany(
            "INSERT OR REPLACE INTO certificates (problem, claim, home, run, text, digest)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    problem,
                    claim,
                    home,
                    self._run,
                    text,
                    digest_of(problem, claim, home, text),
                )
                for problem, claim, home, text in self._certificates
            ],
        )
        store.executemany(
            "INSERT OR REPLACE INTO queries (key, result, digest) VALUES (?, ?, ?)",
            [(key, text, digest_of(key, text)) for key, text in self._queries.items()],
        )
        self._damaged, self._certificates, self._queries = [], [], {}


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def export_certificates(
    database: Database, homes: Iterable[str] | None = None
) -> list[tuple[str, str, str, str]]:
    """Home, problem, claim and text of every intact certificate, or of some tasks'.

    Problem and claim are such that a file may be named after them.
    """
    wanted = None if homes is None else set(homes)
    rows = database.rows(
        "SELECT problem, claim, home, text, digest FROM certificates"
        " ORDER BY home, problem, claim"
    )
    return [
        (home, problem, claim, text)
        for problem, claim, home, text, digest in rows
        if (wanted is None or home in wanted)
        and HASH.fullmatch(problem)
        and claim in CLAIMS
        and digest_of(problem, claim, home, text) == digest
    ]
