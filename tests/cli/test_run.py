"""`verify run` and `verify diff`: what is refused, what each code means, what is written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.suites.libraries import make_library
from verify.cli import suite
from verify.cli.diff import read_run
from verify.cli.exits import Exit
from verify.cli.paths import Refusal
from verify.cli.suite import Request, make_report
from verify.language.verdicts import Run, Verdict
from verify.suites import nursing
from verify.suites.database import VERSION, Database, StoreError


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("run") / "lib", 2)


@pytest.fixture(scope="module")
def store(library: Path) -> Path:
    """A store with one run, and its JSON lines beside it."""
    path = library.parent / "s.sqlite"
    files = {"json": str(library.parent / "main.jsonl")}
    request = Request(library=(str(library),), store=str(path), files=files)
    assert make_report(request).code == Exit.AS_EXPECTED
    return path


def refused(request: Request, fragment: str, code: Exit = Exit.USAGE) -> None:
    with pytest.raises(Refusal) as caught:
        make_report(request)
    assert fragment in caught.value.sentence
    assert caught.value.code == code


def test_an_empty_selection_is_nothing_with_the_nearest_names(
    library: Path, store: Path, tmp_path: Path
) -> None:
    whole = Request(library=(str(library),), store=str(store))
    for changed, fragment in (
        (replace(whole, select=("d0001",)), "nearest: `d001`"),
        (replace(whole, only=("godo",)), "nearest: `good`"),
        (replace(whole, library=(str(tmp_path),)), "No document was found"),
    ):
        refused(changed, fragment, Exit.NOTHING)
    ran = run("run", library, "--only", "godo", "--store", store)
    assert ran.code == 5 and "nearest: `good`" in ran.err


def test_what_cannot_be_done_is_refused_before_anything_runs(
    library: Path, store: Path, tmp_path: Path
) -> None:
    base = {"library": (str(library),), "store": str(store)}
    (tmp_path / "bad.jsonl").write_text('{"type": "verdict", "status": "verified"}\n')
    (tmp_path / "empty.jsonl").write_text("")
    for changes, fragment in (
        (
            {"baseline": str(tmp_path / "bad.jsonl")},
            "line 1` is no record".replace("`", ""),
        ),
        ({"baseline": str(tmp_path / "empty.jsonl")}, "is empty"),
        ({"baseline": str(tmp_path / "none.jsonl")}, "There is no"),
        ({"allow": ("remove",)}, "nearest: `removed`"),
        (
            {"files": {"junit": str(tmp_path / "no" / "out.xml")}},
            "no folder to write in",
        ),
    ):
        refused(Request(**{**base, **changes}), fragment)  # type: ignore[arg-type]


def test_a_sandbox_that_is_required_must_be_there(
    library: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = _without_namespaces(nursing.Nursing._launch)
    monkeypatch.setattr(nursing.Nursing, "_launch", launch)
    request = Request(library=(str(library),), store=str(store), require_sandbox=True)
    refused(request, "--require-sandbox asks for one")
    assert make_report(Request(library=(str(library),), store=str(store))).code == 0


Launch = Callable[[nursing.Nursing, bool], tuple[str, ...]]


def _without_namespaces(launch: Launch) -> Launch:
    return lambda self, _: launch(self, False)


def test_a_newer_store_ends_with_2_and_a_broken_place_with_4(
    library: Path, tmp_path: Path
) -> None:
    path = tmp_path / "new.sqlite"
    Database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    raw.close()
    ran = run("run", library, "--store", path)
    assert ran.code == 2 and "newer verify" in ran.err and not ran.out
    (tmp_path / "file").write_text("")
    ran = run("run", library, "--store", tmp_path / "file" / "s.sqlite")
    assert ran.code == 4 and "--store FILE" in ran.err and "proved" not in ran.out


def test_a_baseline_makes_worse_things_fail(
    library: Path, store: Path, tmp_path: Path
) -> None:
    lines = (library.parent / "main.jsonl").read_text().splitlines()
    edited = []
    for line in lines:
        record = json.loads(line)
        if record.get("name") == "bad":
            record |= {"expected": "proved", "status": "proved", "overall": "proved"}
        edited.append(json.dumps(record))
    baseline = tmp_path / "b.jsonl"
    baseline.write_text("\n".join(edited) + "\n")
    request = Request(library=(str(library),), store=str(store), baseline=str(baseline))
    report = make_report(request)
    assert report.code == Exit.REFUTED
    assert [(c.name, c.what) for c in report.changes] == [
        ("bad", "status"), ("bad", "expectation"),
    ] * 2  # fmt: skip
    same = str(library.parent / "main.jsonl")
    report = make_report(
        Request(library=(str(library),), store=str(store), baseline=same)
    )
    assert report.code == Exit.AS_EXPECTED and report.changes == ()
    part = Request(
        library=(str(library),), store=str(store), baseline=same, only=("good",)
    )
    assert make_report(part).changes == ()


def test_runs_are_compared_from_files_and_from_the_store(
    library: Path, store: Path, tmp_path: Path
) -> None:
    main = library.parent / "main.jsonl"
    ran = run(
        "diff", main, "1", "--store", store, "--json", "-", "--markdown", tmp_path / "d"
    )
    assert ran.code == 0 and ran.out == "" and "nothing changed" in ran.err
    assert "0 changes, 0 for the worse" in (tmp_path / "d").read_text()
    lines = main.read_text().splitlines()
    part = tmp_path / "part.jsonl"
    part.write_text("\n".join(line for line in lines if '"good"' not in line) + "\n")
    ran = run("diff", main, part)
    assert ran.code == 1 and ran.out.count("removed") == 2
    assert run("diff", main, part, "--allow", "removed").code == 0
    cut = tmp_path / "cut.jsonl"
    cut.write_text("\n".join(lines[:-1]) + "\n")
    ran = run("diff", main, cut)
    assert ran.code == 3 and "not complete" in ran.out
    with pytest.raises(Refusal, match="no run `99`; the last are"):
        read_run("99", str(store))
    *told, closing = read_run("last", str(store))
    assert isinstance(closing, Run) and told


def test_a_summary_is_appended_where_a_service_wants_one(
    library: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv(suite.SUMMARY, str(page))
    make_report(Request(library=(str(library),), store=str(store)))
    assert page.read_text().startswith("before\n## Claims: as expected")


def test_audits_are_made_when_asked_for(library: Path, store: Path) -> None:
    request = Request(
        library=(str(library),), store=str(store), audits=True, select=("d000",)
    )
    report = make_report(request)
    good = next(
        r for r in report.records if isinstance(r, Verdict) and r.name == "good"
    )
    assert {ablation.without for ablation in good.breaks} == {"P1", "P2"}
    assert any(r.type == "audit" for r in report.records)


def test_a_store_that_fails_is_told_in_one_sentence(
    library: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        make_report(Request(library=(str(library),), store=str(tmp_path)))
