"""A server of jobs imported the installed package where another copy of it was running."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from verify.solvers import jobs
from verify.suites import far_jobs, nursing


@pytest.mark.parametrize(
    ("boot", "module"),
    [
        (jobs.BOOT, "verify/solvers/server.py"),
        (nursing.BOOT, "verify/suites/nursery.py"),
        (far_jobs.BOOT, "verify/suites/far_jobs.py"),
    ],
)
def test_what_is_told_comes_first(tmp_path: Path, boot: str, module: str) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True)
    for folder in (path.parent, path.parents[1]):
        (folder / "__init__.py").write_text("")
    path.write_text("def main(*_): print('the copy')\n")
    given = {"path": [str(tmp_path)], "socket": 0, "workers": 1, "kinds": ""}
    done = subprocess.run(
        [sys.executable, "-P", "-c", boot, json.dumps(given)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "the copy\n", done.stderr
