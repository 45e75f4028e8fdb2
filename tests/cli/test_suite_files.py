"""JSON lines are written as a run goes on, and a file is whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.suites.libraries import make_library, start, wait_for
from verify.cli.paths import Refusal
from verify.cli.suite_files import JsonLines, open_files


def test_lines_are_there_before_the_run_has_ended(tmp_path: Path) -> None:
    library, file = make_library(tmp_path / "lib", 3), tmp_path / "r.jsonl"
    part = tmp_path / "r.jsonl.part"
    process = start(
        "run", library, "-j", "1", "--store", tmp_path / "s", "--json", file
    )
    seen = wait_for(lambda: part.exists() and part.read_text().count("\n") >= 1)
    whole = file.exists()
    process.communicate(timeout=60)
    assert process.returncode == 0 and seen and not whole
    assert not part.exists()
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert told[-1]["type"] == "run" and told[-1]["complete"] is True
    assert len([one for one in told if one["type"] == "verdict"]) == 12
    again = run("run", library, "--store", tmp_path / "s", "--json", "-")
    kinds = [json.loads(line)["type"] for line in again.out.splitlines()]
    assert kinds == [one["type"] for one in told] and "proved" in again.err


def test_only_one_report_goes_to_standard_output(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="Only one report"):
        open_files({"json": "-", "markdown": "-"})
    with pytest.raises(Refusal, match="a folder is there"):
        open_files({"json": str(tmp_path)})
    with pytest.raises(Refusal, match="Cannot write"):
        JsonLines(str(tmp_path / "none" / "r.jsonl"))
