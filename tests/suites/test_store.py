from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from verify.suites.store import Entry, Store, default_folder, read_text

SHA = "ab" * 32


def test_what_is_kept_is_found_under_its_hash(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(SHA, "proved", "one\n")
    store.keep(SHA, "refuted", "two\n")
    assert list(store.find(SHA)) == ["one\n", "two\n"]
    assert list(store.find("cd" * 32)) == []
    assert store.path_of(SHA, "proved").read_text() == "one\n"


def test_without_reading_nothing_is_found_but_everything_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, reading=False)
    store.keep(SHA, "proved", "one\n")
    assert list(store.find(SHA)) == []
    assert list(Store(tmp_path).find(SHA)) == ["one\n"]


def test_a_file_appears_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(SHA, "proved", "one\n")
    store.keep(SHA, "proved", "another\n")
    path = store.path_of(SHA, "proved")
    assert path.read_text() == "another\n"
    assert os.listdir(path.parent) == [path.name]


def test_a_store_that_cannot_be_written_says_so_and_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    store = Store(blocked / "store")
    store.keep(SHA, "proved", "one\n")
    assert "--store" in store.failure
    assert list(store.find(SHA)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b""])
def test_unreadable_files_are_passed_over(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    path = store.path_of(SHA, "proved")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert list(store.find(SHA)) in ([], [""])
    assert read_text(tmp_path) is None


def test_an_index_gives_back_its_entries(tmp_path: Path) -> None:
    store = Store(tmp_path)
    entries = (Entry("a.md", "s", ((SHA, "proved"),)), Entry("a.md", "t", ()))
    store.write_index("a.md", entries)
    assert store.read_index("a.md") == entries
    assert store.read_index("b.md") is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 1}', "[" * 100_000, '{"format": "verify index"}'],
)
def test_a_damaged_index_is_no_index(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    path = store.index_path("a.md")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert not store.read_index("a.md")


def test_a_planted_index_names_no_path(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write_index("a.md", (Entry("a.md", "s", ((SHA, "proved"),)),))
    path = store.index_path("a.md")
    index = json.loads(path.read_text())
    index["statements"][0]["certificates"] = [
        {"problem": "../../../etc/passwd", "claim": "proved"},
        {"problem": SHA, "claim": "../x"},
    ]
    path.write_text(json.dumps(index))
    assert store.read_index("a.md") == (Entry("a.md", "s", ()),)


def test_the_folder_is_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/else")
    assert default_folder() == Path("/somewhere/else/verify")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == Path.home() / ".cache" / "verify"
