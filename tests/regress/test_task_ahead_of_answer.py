"""A checker took the task it was given ahead for the answer to its question, and crashed."""

from __future__ import annotations

from pathlib import Path

from tests.suites.libraries import make_library
from verify.cli.exits import Exit
from verify.cli.suite import Request, make_report


def test_a_task_given_ahead_does_not_disturb_the_one_at_work(tmp_path: Path) -> None:
    library = make_library(tmp_path / "lib", 6)
    request = Request(
        library=(str(library),), workers=1, store=str(tmp_path / "s.sqlite")
    )
    assert make_report(request).code == Exit.AS_EXPECTED
