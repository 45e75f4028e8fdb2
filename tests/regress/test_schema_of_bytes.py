"""A flipped bit turned a table's definition into bytes, and opening the store raised TypeError."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from verify.suites.database import Database


def test_a_store_whose_definitions_are_bytes_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute(
            "UPDATE sqlite_schema SET sql = CAST(sql AS BLOB) WHERE name = 'records_of_name'"
        )
    raw.close()
    database = Database(path)
    assert database.rows("SELECT COUNT(*) FROM runs") == [(0,)]
    assert "was damaged" in database.remarks[0]
    assert path.with_name("s.sqlite.damaged-1").exists()
