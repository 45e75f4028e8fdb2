"""`verify history`: what every run said about a statement, and what it cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.suites.libraries import make_library


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two runs; in the second, `good` claims more and is refuted."""
    folder = tmp_path_factory.mktemp("past")
    library, path = make_library(folder / "lib", 1), folder / "s.sqlite"
    assert run("run", library, "--store", path).code == 0
    document = library / "d000.md"
    text = document.read_text()
    document.write_text(text.replace("step good: y >= 2", "step good: y >= 20"))
    assert run("run", library, "--store", path).code == 1
    return path


def test_a_statement_has_a_line_a_run_and_changes_are_marked(store: Path) -> None:
    ran = run("history", "good", "--store", store, "--json", store.with_name("h.jsonl"))
    lines = ran.out.splitlines()
    assert ran.code == 0 and "d000.md good" in ran.out
    (first,) = [line for line in lines if "run 1 " in line]
    (second,) = [line for line in lines if "run 2 " in line]
    assert "proved" in first and "changed" not in first
    assert "refuted" in second and second.endswith("changed")
    told = [
        json.loads(line) for line in store.with_name("h.jsonl").read_text().splitlines()
    ]
    assert [(one["run"], one["status"]) for one in told] == [
        (1, "proved"),
        (2, "refuted"),
    ]
    assert all(one["document"] == "d000.md" and one["seconds"] > 0 for one in told)


def test_without_a_name_the_runs_are_listed(store: Path) -> None:
    ran = run("history", "--store", store)
    assert ran.code == 0
    assert [("complete" in line, "exit" in line) for line in ran.out.splitlines()] == [
        (True, True)
    ] * 2


def test_an_unknown_name_is_nothing_with_the_nearest(
    store: Path, tmp_path: Path
) -> None:
    ran = run("history", "god", "--store", store)
    assert ran.code == 5 and "nearest: `good`" in ran.err
    ran = run("history", "--store", tmp_path / "none.sqlite")
    assert ran.code == 2 and "There is no store" in ran.err
