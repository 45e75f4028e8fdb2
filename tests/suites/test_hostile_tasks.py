"""Tasks that misbehave: the suite goes on, says what happened, and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.suites.libraries import are_gone, descendants
from verify.language.verdicts import Verdict
from verify.suites import landlock, running
from verify.suites.database import Database
from verify.suites.running import Done, Settings, Suite
from verify.suites.tasks import Task

LIMIT = 1.5


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_preload", lambda _: ("tests.suites.hostile_tasks",))


def run(
    folder: Path,
    *actions: str,
    namespaces: bool = True,
    workers: int = 2,
    limit: float = LIMIT,
    **data: Any,
) -> tuple[list[Done], float]:
    """The tasks as they ended, and the seconds; no process may be left."""
    tasks = [
        Task("hostile", f"{place}-{action}", {"action": action, **data})
        for place, action in enumerate(actions)
    ]
    settings = Settings(
        workers=workers, seconds=limit, megabytes=1_500, namespaces=namespaces
    )
    done: list[Done] = []
    with Suite(Database(folder / "s.sqlite"), folder, tasks, settings) as suite:
        suite.begin()
        seen: set[int] = set()

        def look() -> None:
            seen.update(descendants(os.getpid()))

        begun = time.monotonic()
        suite.go(done.append, look)
        seconds = time.monotonic() - begun
        suite.end(0)
    assert are_gone(seen), "a process was left behind"
    return done, seconds


def reasons(done: list[Done]) -> list[tuple[str, ...]]:
    """The outcome of each task, and each statement's status or reason."""
    return [
        (
            one.outcome,
            *((r.reason or r.status) for r in one.told if isinstance(r, Verdict)),
        )
        for one in done
    ]


ENDLESS = ("loop", "sleep", "stop", "daemon", "bomb", "spawn")


def test_what_does_not_end_is_ended_in_time(tmp_path: Path) -> None:
    done, seconds = run(tmp_path, *ENDLESS, "nothing", workers=4)
    assert reasons(done) == [
        *[("timeout", "timeout", "timeout")] * len(ENDLESS),
        ("done", "proved", "proved"),
    ]
    assert seconds < 2 * LIMIT * 1.5 + 2


def test_without_namespaces_as_well(tmp_path: Path) -> None:
    done, _ = run(tmp_path, "loop", "sleep", "nothing", namespaces=False)
    assert [one[0] for one in reasons(done)] == ["timeout", "timeout", "done"]


def test_memory_has_an_end(tmp_path: Path) -> None:
    done, _ = run(tmp_path, "eat", "nothing", limit=30.0)
    assert reasons(done)[0] == ("memory", "memory", "memory")
    assert reasons(done)[1][0] == "done"
    message = next(r for r in done[0].told if isinstance(r, Verdict)).message
    assert "raise --memory" in message


def test_ending_without_a_result_is_a_crash(tmp_path: Path) -> None:
    actions = ("leave", "quit", "shout", "open")
    done, _ = run(tmp_path, *actions, "nothing", limit=30.0)
    assert reasons(done) == [
        *[("crash", "crash", "crash")] * len(actions), ("done", "proved", "proved"),
    ]  # fmt: skip


def test_no_file_can_be_written(tmp_path: Path) -> None:
    done, _ = run(tmp_path, "write", path=str(tmp_path / "stolen"))
    assert reasons(done)[0][0] == "crash"
    stolen = tmp_path / "stolen"
    assert not stolen.exists() or stolen.stat().st_size == 0


@pytest.mark.skipif(not landlock.version(), reason="no Landlock on this system")
def test_no_file_can_be_changed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("as it was")
    actions = ("write", "empty", "delete", "rename", "make")
    done, _ = run(tmp_path, *actions, "nothing", path=str(kept))
    assert [outcome for outcome, *_ in reasons(done)] == ["crash"] * 5 + ["done"]
    assert kept.read_text() == "as it was"
    assert not kept.with_name("kept.moved").exists()
    assert not kept.with_name("kept.made").exists()


def test_there_is_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outside, _ = run(tmp_path, "connect", port=port, namespaces=False)
        assert outside[0].outcome == "done"
        inside, _ = run(tmp_path, "connect", port=port)
    assert inside[0].outcome == "crash"
