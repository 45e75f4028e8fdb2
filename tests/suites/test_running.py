"""Whole runs: the same report however it came about, and nothing lost on the way."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.suites.libraries import (
    are_gone,
    command,
    descendants,
    finished,
    kill,
    make_library,
    start,
    statuses,
    untimed,
    wait_for,
)
from verify.cli.exits import Exit
from verify.cli.suite import Request, make_report
from verify.language.verdicts import Verdict
from verify.suites.database import Database, digest_of
from verify.suites.history import History


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("suite") / "lib", 4)


@pytest.fixture(scope="module")
def undisturbed(library: Path) -> Path:
    """The store after one whole run, with the reports beside it."""
    folder = library.parent
    ran = run(
        "run", library, "-j", "2", "--store", folder / "s.sqlite", "--json",
        folder / "r.jsonl", "--junit", folder / "r.xml", "--sarif", folder / "r.sarif",
        "--markdown", folder / "r.md",
    )  # fmt: skip
    assert ran.code == 0, ran
    return folder / "s.sqlite"


def report(folder: Path) -> list[object]:
    return list(untimed((folder / "r.jsonl").read_text()))


EXPECTED = {
    (f"d{i:03}.md", name): status
    for i in range(4)
    for name, status in (("good", "proved"), ("bad", "refuted"))
}


def test_a_run_says_what_was_expected(undisturbed: Path) -> None:
    text = undisturbed.with_name("r.jsonl").read_text()
    assert statuses(text) == EXPECTED
    closing = json.loads(text.splitlines()[-1])
    assert (closing["type"], closing["complete"], closing["unexpected"]) == (
        "run",
        True,
        0,
    )


def test_reports_are_the_same_whatever_the_workers_and_the_hashes(
    library: Path, undisturbed: Path, tmp_path: Path
) -> None:
    for seed, jobs in (("1", "1"), ("2", "3")):
        ran = run(
            "run", library, "-j", jobs, "--store", tmp_path / f"{seed}.sqlite",
            "--json", tmp_path / "r.jsonl", "--markdown", tmp_path / "r.md",
            "--sarif", tmp_path / "r.sarif", PYTHONHASHSEED=seed,
        )  # fmt: skip
        assert ran.code == 0, ran
        assert report(tmp_path) == report(undisturbed.parent)
        for name in ("r.md", "r.sarif"):
            expected = undisturbed.with_name(name).read_bytes()
            assert (tmp_path / name).read_bytes() == expected


def test_the_second_run_searches_for_nothing(library: Path, undisturbed: Path) -> None:
    done = make_report(Request(library=(str(library),), store=str(undisturbed)))
    assert done.code == Exit.AS_EXPECTED
    verdicts = [r for r in done.records if isinstance(r, Verdict) and r.kind == "step"]
    assert len(verdicts) == 8
    assert all(v.search_seconds == 0 and v.trust == "certified" for v in verdicts)


def test_recheck_searches_again_and_compares(library: Path, undisturbed: Path) -> None:
    request = Request(
        library=(str(library),), store=str(undisturbed), recheck=True, fresh=True
    )
    done = make_report(request)
    verdicts = [r for r in done.records if isinstance(r, Verdict) and r.kind == "step"]
    assert done.code == Exit.AS_EXPECTED
    assert all(v.search_seconds > 0 for v in verdicts)


def test_a_killed_run_is_taken_up_where_it_stopped(
    library: Path, undisturbed: Path, tmp_path: Path
) -> None:
    store = tmp_path / "s.sqlite"
    arguments = ("run", library, "-j", "1", "--store", store)
    process = start(*arguments)
    assert wait_for(lambda: finished(store) >= 1)
    children = descendants(process.pid)
    kill(process.pid)
    process.communicate()
    assert are_gone(children), "a process was left behind"
    before = finished(store)
    assert 1 <= before < 4
    ran = run(*arguments, "--json", tmp_path / "r.jsonl")
    assert ran.code == 0, ran
    assert f"run 1: 4 tasks, {before} of them finished before" in ran.out
    assert report(tmp_path) == report(undisturbed.parent)
    history = History(Database(store, writing=False))
    assert [row.state for row in history.runs()] == ["complete"]
    assert sum(len(done.told) for done in history.finished(1).values()) == 16


def test_an_interruption_saves_what_there_is_and_ends_soon(
    library: Path, tmp_path: Path
) -> None:
    store = tmp_path / "s.sqlite"
    process = start(
        "run", library, "-j", "1", "--store", store, "--json", tmp_path / "r.jsonl"
    )
    assert wait_for(lambda: finished(store) >= 1)
    children = descendants(process.pid)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - begun < 2
    assert process.returncode == 130
    assert are_gone(children)
    assert "Not complete" in out
    lines = [
        json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()
    ]
    assert lines[-1]["type"] == "run" and lines[-1]["complete"] is False
    told = {
        (r["document"], r["name"]): r["status"] for r in lines if r["type"] == "verdict"
    }
    assert (
        EXPECTED.items()
        >= {k: v for k, v in told.items() if k[1] in ("good", "bad")}.items()
    )
    again = run("run", library, "--store", store)
    assert again.code == 0 and "finished before" in again.out


def test_workers_that_die_cost_time_only(
    library: Path, undisturbed: Path, tmp_path: Path
) -> None:
    process = start(
        "run", library, "-j", "2", "--store", tmp_path / "s.sqlite", "--json",
        tmp_path / "r.jsonl",
    )  # fmt: skip
    chosen = random.Random(1)
    killed = 0
    while process.poll() is None:
        below = sorted(descendants(process.pid))
        if len(below) > 3 and killed < 4:
            kill(chosen.choice(below[2:]))
            killed += 1
        time.sleep(0.3)
    assert killed and process.wait() == 0
    assert report(tmp_path) == report(undisturbed.parent)


def test_two_runs_at_once_share_a_store(
    library: Path, undisturbed: Path, tmp_path: Path
) -> None:
    store = tmp_path / "s.sqlite"
    both = [
        start("run", library, "-j", "1", "--store", store, "--json", tmp_path / f"{n}")
        for n in range(2)
    ]
    assert [process.wait(120) for process in both] == [0, 0]
    for number in range(2):
        shutil.move(tmp_path / f"{number}", tmp_path / "r.jsonl")
        assert report(tmp_path) == report(undisturbed.parent)
    states = [row.state for row in History(Database(store, writing=False)).runs()]
    assert states == ["complete", "complete"]


def forge(store: Path, chosen: random.Random, count: int) -> None:
    """Rows that claim what is false, each with a digest that fits."""
    with sqlite3.connect(store) as raw:
        raw.execute("UPDATE runs SET state = 'stopped'")
        texts = [t for (t,) in raw.execute("SELECT text FROM certificates")]
        problems = [
            p for (p,) in raw.execute("SELECT DISTINCT problem FROM certificates")
        ]
        rows = raw.execute(
            "SELECT run, position, sequence, type, job, name, seconds, record FROM records"
            " WHERE name = 'bad'"
        ).fetchall()
        for run_, position, sequence, kind, job, name, seconds, record in rows:
            fields = {**json.loads(record), "status": "proved", "overall": "proved",
                      "as_expected": True, "expected": "proved"}  # fmt: skip
            row = (kind, job, name, "proved", seconds, json.dumps(fields))
            raw.execute(
                "UPDATE records SET status = ?, record = ?, digest = ?"
                " WHERE run = ? AND position = ? AND sequence = ?",
                ("proved", row[5], digest_of(*row), run_, position, sequence),
            )
        raw.execute("DELETE FROM certificates")
        for number in range(count):
            text = chosen.choice(texts)
            if number % 3 == 0:
                text = text[: chosen.randrange(len(text))]
            row = (chosen.choice(problems), chosen.choice(["proved", "refuted"]),
                   f"d{chosen.randrange(4):03}.md", text)  # fmt: skip
            raw.execute(
                "INSERT OR REPLACE INTO certificates (problem, claim, home, run, text,"
                " digest) VALUES (?, ?, ?, 1, ?, ?)",
                (*row, digest_of(*row)),
            )
        answers = [
            {"status": "done", "answer": "unsat", "reason": "", "certificate": None},
            {"status": "done", "answer": "unsat", "certificate": texts[0]},
            {
                "status": "done",
                "answer": "sat",
                "reason": "incomplete",
                "certificate": "",
            },
        ]
        for key in [k for (k,) in raw.execute("SELECT key FROM queries")]:
            text = json.dumps(chosen.choice(answers))
            raw.execute(
                "UPDATE queries SET result = ?, digest = ? WHERE key = ?",
                (text, digest_of(key, text), key),
            )
    raw.close()


@pytest.mark.parametrize("count", [60, pytest.param(1_000, marks=pytest.mark.campaign)])
def test_forged_rows_change_no_verdict(
    library: Path, undisturbed: Path, tmp_path: Path, count: int
) -> None:
    store = tmp_path / "s.sqlite"
    with sqlite3.connect(undisturbed) as raw:
        raw.execute("VACUUM INTO ?", (str(store),))
    forge(store, random.Random(count), count)
    ran = run(
        "run", library, "-j", "2", "--store", store, "--json", tmp_path / "r.jsonl"
    )
    assert ran.code == 0, ran
    assert statuses((tmp_path / "r.jsonl").read_text()) == EXPECTED


def test_an_edited_document_is_not_taken_up(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "lib"
    shutil.copytree(library, copy)
    store = tmp_path / "s.sqlite"
    arguments = ("run", copy, "-j", "1", "--store", store)
    assert run(*arguments).code == 0
    with sqlite3.connect(store) as raw:
        raw.execute("UPDATE runs SET state = 'stopped'")
    raw.close()
    path = copy / "d001.md"
    path.write_text(path.read_text().replace("step good: y >= 4", "step good: y >= 5"))
    ran = run(*arguments)
    assert ran.code == 1
    assert "4 tasks, 3 of them finished before" in ran.out
    assert "d001.md" in ran.out


def test_a_store_that_cannot_be_written_claims_nothing(
    library: Path, tmp_path: Path
) -> None:
    small = tmp_path / "full"
    small.mkdir()
    script = f"mount -t tmpfs -o size=150k none {small} && exec " + " ".join(
        command("run", library, "--store", small / "s.sqlite")
    )
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no mount namespaces on this system")
    assert done.returncode == Exit.SUSPICIOUS, done
    assert "what was finished is kept" in done.stderr
    assert "proved" not in done.stdout


KILLS = 300


@pytest.mark.campaign
def test_three_hundred_kills_of_the_runner(
    library: Path, undisturbed: Path, tmp_path: Path
) -> None:
    chosen = random.Random(300)
    kills = runs = 0
    while kills < KILLS:
        runs += 1
        store = tmp_path / f"{runs}.sqlite"
        arguments = (
            "run",
            library,
            "-j",
            "2",
            "--store",
            store,
            "--json",
            tmp_path / "r.jsonl",
        )
        most = 0
        while True:
            process = start(*arguments)
            try:
                process.communicate(timeout=chosen.uniform(0.3, 4.0))
                assert process.returncode == 0
                break
            except subprocess.TimeoutExpired:
                children = descendants(process.pid)
                kill(process.pid)
                process.communicate()
                kills += 1
                assert are_gone(children)
                assert finished(store) >= most
                most = finished(store)
        assert report(tmp_path) == report(undisturbed.parent)
    assert kills >= KILLS


@pytest.mark.campaign
def test_three_hundred_kills_of_workers(
    library: Path, undisturbed: Path, tmp_path: Path
) -> None:
    chosen = random.Random(301)
    kills = runs = 0
    while kills < KILLS:
        runs += 1
        process = start(
            "run", library, "-j", "2", "--store", tmp_path / f"{runs}.sqlite",
            "--json", tmp_path / "r.jsonl",
        )  # fmt: skip
        mine = 0
        while process.poll() is None:
            time.sleep(chosen.uniform(0.05, 0.8))
            below = sorted(descendants(process.pid))
            if len(below) > 2 and mine < 6:
                kill(chosen.choice(below[1:]))
                mine += 1
        kills += mine
        assert process.wait() == 0
        assert report(tmp_path) == report(undisturbed.parent)
