"""A flipped bit that turned a text of the store into bytes ended the run with a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.samples import verdict
from verify.suites.database import Database
from verify.suites.history import Finished, History


@pytest.mark.parametrize("value", [b"x", float("inf"), None])
def test_a_row_of_another_type_is_a_damaged_row(tmp_path: Path, value: object) -> None:
    history = History(Database(tmp_path / "s.sqlite"))
    run = history.begin("k", "lib", [("document", "d.md")], {}, {})
    with history.database.transaction() as store:
        history.record(run, 0, "d.md", Finished("done", {}, (verdict(),)))
        column = "seconds" if value is None else "status"
        store.execute(f"UPDATE OR IGNORE records SET {column} = ?", (value or b"y",))
    assert history.finished(run) == {}
    assert history.past("d.md", "s1") == []
