"""The store as a file: what is refused, what is set aside, what is never lost."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.suites.libraries import make_library
from verify.cli.exits import Exit
from verify.cli.suite import Request, make_report
from verify.language.verdicts import Verdict
from verify.suites.database import APPLICATION, VERSION, Database, StoreError
from verify.suites.history import Finished, History
from verify.suites.shelf import Shelf, export_certificates


def refused(path: Path, fragment: str, *, writing: bool = True) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Database(path, writing=writing)
    assert fragment in caught.value.sentence
    assert caught.value.sentence.endswith((".", "again: what was finished is kept."))
    return caught.value


def test_a_new_store_is_wal_versioned_and_flushed(tmp_path: Path) -> None:
    database = Database(tmp_path / "new" / "suite.sqlite")
    pragmas = {
        name: database.rows(f"PRAGMA {name}")[0][0]
        for name in ("journal_mode", "user_version", "application_id", "synchronous")
    }
    assert pragmas == {
        "journal_mode": "wal", "user_version": VERSION,
        "application_id": APPLICATION, "synchronous": 2,
    }  # fmt: skip


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "suite.sqlite"
    Database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    raw.close()
    before = path.read_bytes()
    error = refused(path, f"a newer verify (schema {VERSION + 1}")
    assert not error.is_ours
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE precious (x)")
    raw.close()
    assert not refused(path, "no store of verify").is_ours


def test_odd_files_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, "is a folder")
    real = tmp_path / "real.sqlite"
    Database(real).close()
    link = tmp_path / "link.sqlite"
    link.symlink_to(real)
    refused(link, "is a link")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused(pipe, "device, pipe or socket")
    refused(tmp_path / "absent", "There is no store", writing=False)
    file = tmp_path / "file"
    file.write_text("x")
    refused(file / "suite.sqlite", "failed")


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "suite.sqlite"
    path.write_bytes(b"certificates, honestly " * 100)
    database = Database(path)
    assert "was damaged" in database.remarks[0]
    assert (
        (tmp_path / "suite.sqlite.damaged-1").read_bytes().startswith(b"certificates")
    )
    assert database.rows("SELECT COUNT(*) FROM runs") == [(0,)]


def verdict(name: str, status: str = "proved", **more: object) -> Verdict:
    fields: dict[str, object] = {
        "document": "d.md", "line": 1, "name": name, "kind": "step", "label": "",
        "statement": "x = x", "status": status, "overall": status, "trust": "certified",
        **more,
    }  # fmt: skip
    return Verdict(**fields)  # type: ignore[arg-type]


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "s.sqlite")
    history = History(database)
    run = history.begin("k", "lib", [("document", "d.md")], {}, {})
    with pytest.raises(ZeroDivisionError), database.transaction():
        history.record(run, 0, "d.md", Finished("done", {}, (verdict("a"),)))
        raise ZeroDivisionError
    assert history.finished(run) == {}
    assert database.rows("SELECT COUNT(*) FROM records") == [(0,)]


def test_what_was_recorded_is_read_back_and_its_history_is_kept(tmp_path: Path) -> None:
    history = History(Database(tmp_path / "s.sqlite"))
    for number, status in enumerate(("proved", "undecided"), 1):
        run = history.begin(
            "k", "lib", [("document", "d.md")], {"quick": True}, {"z": "1"}
        )
        told = (verdict("a", status, seconds=float(number), reason=""),)
        with history.database.transaction():
            history.record(run, 0, "d.md", Finished("done", {"/d.md": "ff"}, told))
        history.end(run, "complete", 0, 1.5)
        assert history.finished(run) == {0: Finished("done", {"/d.md": "ff"}, told)}
    past = history.past("d.md", "a")
    assert [(p.run, p.status, p.seconds) for p in past] == [
        (1, "proved", 1.0), (2, "undecided", 2.0),
    ]  # fmt: skip
    (first, second) = history.runs()
    assert (first.state, first.code, first.options["quick"]) == ("complete", 0, True)
    assert second.versions == {"z": "1"} and "cores" in second.machine


def test_only_an_interrupted_run_of_the_same_tasks_is_taken_up(tmp_path: Path) -> None:
    history = History(Database(tmp_path / "s.sqlite"))
    jobs = [("document", "d.md")]
    run = history.begin("k", "lib", jobs, {}, {})
    assert history.take_up("k", jobs) is None  # its owner, this process, is alive
    with history.database.transaction() as store:
        store.execute("UPDATE runs SET owner = ?", ('{"process": 1, "boot": "x"}',))
    assert history.take_up("other", jobs) is None
    assert history.take_up("k", [("document", "e.md")]) is None
    assert history.take_up("k", jobs) == run
    assert history.take_up("k", jobs) is None  # it is ours now
    history.end(run, "stopped", 130, 1.0)
    assert history.take_up("k", jobs) == run
    history.end(run, "complete", 0, 1.0)
    assert history.take_up("k", jobs) is None


@pytest.mark.parametrize("column", ["record", "status", "name", "seconds"])
def test_a_damaged_row_makes_its_task_unfinished(tmp_path: Path, column: str) -> None:
    history = History(Database(tmp_path / "s.sqlite"))
    run = history.begin("k", "lib", [("document", "d.md")], {}, {})
    with history.database.transaction() as store:
        history.record(
            run, 0, "d.md", Finished("done", {}, (verdict("a"), verdict("b")))
        )
        store.execute(f"UPDATE records SET {column} = '9' WHERE sequence = 1")
    assert history.finished(run) == {}


def test_certificates_are_seen_by_their_own_task_and_by_later_runs(
    tmp_path: Path,
) -> None:
    database = Database(tmp_path / "s.sqlite")
    shelf = Shelf(database, 1)
    shelf.keep("p1", "proved", "a.md", "text")
    shelf.keep("p2", "nonsense", "a.md", "text")
    with database.transaction():
        shelf.flush()
    assert shelf.find("p1", "a.md") == ["text"] and shelf.find("p1", "b.md") == []
    later = Shelf(database, 2)
    assert later.find("p1", "b.md") == ["text"] and later.find("p2", "a.md") == []
    assert later.bundle("a.md") == {"p1": ["text"]}
    assert Shelf(database, 2, reading=False).find("p1", "a.md") == []


def test_a_damaged_certificate_is_absent_and_quarantined(tmp_path: Path) -> None:
    database = Database(tmp_path / "s.sqlite")
    shelf = Shelf(database, 1)
    shelf.keep("p1", "proved", "a.md", "text")
    shelf.remember("k", {"answer": "unknown"})
    with database.transaction() as store:
        shelf.flush()
        store.execute("UPDATE certificates SET text = 'tExt'")
        store.execute("UPDATE queries SET result = '{}'")
    later = Shelf(database, 2)
    assert later.find("p1", "a.md") == [] and later.recall("k") is None
    with database.transaction():
        later.flush()
    assert database.rows("SELECT what, row FROM quarantine") == [
        ("certificates", "p1 proved a.md"), ("queries", "k"),
    ]  # fmt: skip
    assert database.rows("SELECT COUNT(*) FROM certificates") == [(0,)]


def test_several_writers_lose_and_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Database(path).close()

    def write(number: int) -> None:
        history = History(Database(path))
        run = history.begin(f"k{number}", "lib", [("document", "d.md")] * 20, {}, {})
        for position in range(20):
            with history.database.transaction():
                told = (verdict(f"{number}-{position}"),)
                history.record(run, position, "d.md", Finished("done", {}, told))
        history.end(run, "complete", 0, 1.0)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = History(Database(path, writing=False))
    assert len(history.runs()) == 4
    names = {
        record.name
        for row in history.runs()
        for finished in history.finished(row.id).values()
        for record in finished.told
    }
    assert names == {f"{n}-{p}" for n in range(4) for p in range(20)}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A library of one document, and a small store of a run over it."""
    folder = tmp_path_factory.mktemp("small")
    library = make_library(folder / "lib", 1)
    report = make_report(
        Request(library=(str(library),), store=str(folder / "s.sqlite"))
    )
    assert report.code == Exit.AS_EXPECTED
    return library, folder / "s.sqlite"


def flipped(path: Path, source: bytes, bit: int) -> None:
    data = bytearray(source)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def examine(path: Path) -> None:
    """A store with a flipped bit is refused, set aside, or read without a lie."""
    try:
        database = Database(path)
    except StoreError:
        return
    try:
        history = History(database)
        for row in history.runs():
            for finished in history.finished(row.id).values():
                assert [(r.name, r.status) for r in finished.told[2:] if r] == [
                    ("good", "proved"), ("bad", "refuted"),
                ]  # fmt: skip
    except StoreError:
        return
    finally:
        database.close()


def bits_of(path: Path, source: bytes, bits: list[int]) -> None:
    for bit in bits:
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()
        flipped(path, source, bit)
        examine(path)


def test_flipped_bits_never_change_a_verdict(
    small: tuple[Path, Path], tmp_path: Path
) -> None:
    source = compact(small[1], tmp_path)
    chosen = random.Random(0).sample(range(len(source) * 8), 150)
    bits_of(tmp_path / "f.sqlite", source, sorted(chosen))


def compact(store: Path, folder: Path) -> bytes:
    """The bytes of the store without its log."""
    with sqlite3.connect(store) as raw:
        raw.execute("PRAGMA page_size = 512")
        raw.execute("VACUUM INTO ?", (str(folder / "compact"),))
    raw.close()
    return (folder / "compact").read_bytes()


@pytest.mark.campaign
def test_every_flipped_bit(small: tuple[Path, Path], tmp_path: Path) -> None:
    source = compact(small[1], tmp_path)
    bits_of(tmp_path / "f.sqlite", source, list(range(len(source) * 8)))


def test_only_what_can_name_a_file_is_written_out(tmp_path: Path) -> None:
    database = Database(tmp_path / "s.sqlite")
    shelf = Shelf(database, 1)
    for problem in ("../../etc/x", "f" * 64, "F" * 64, "f" * 64 + "\n"):
        shelf.keep(problem, "proved", "a.md", "text")
    with database.transaction():
        shelf.flush()
    assert export_certificates(database) == [("a.md", "f" * 64, "proved", "text")]
