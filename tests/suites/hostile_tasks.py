"""A kind of task that misbehaves as it is told; known to a pool that preloads this file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from verify.language.verdicts import Verdict
from verify.suites import tasks
from verify.suites.tasks import Desk, Outline, Task

tasks.KINDS["hostile"] = __name__


def collect(paths: Iterable[Path], root: Path) -> Iterator[Task]:
    yield from ()


def make_verdict(name: str) -> Verdict:
    return Verdict(
        document=name, line=1, name="one", kind="step", label="", statement="x",
        status="proved", overall="proved", trust="certified",
    )  # fmt: skip


def run(task: Task, desk: Desk) -> None:
    desk.outline([Outline(task.name, 1, "one", "step", "", "x", "proved"),
                  Outline(task.name, 2, "two", "step", "", "y", "proved")])  # fmt: skip
    ACTIONS[task.data["action"]](task.data)
    for name, line in (("one", 1), ("two", 2)):
        record = make_verdict(task.name)
        desk.tell(Verdict(**{**_fields(record), "name": name, "line": line}))


def _fields(record: Verdict) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def eat(_: Any) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(64_000_000))


def loop(_: Any) -> None:
    while True:
        pass


def sleep(_: Any) -> None:
    time.sleep(10_000)


def stop_itself(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def leave(_: Any) -> None:
    os._exit(0)


def quit_(_: Any) -> None:
    sys.exit(0)


def shout(data: Any) -> None:
    raise ValueError("x" * 20_000_000)


def daemon(data: Any) -> None:
    """Two forks and a session of its own: out of reach of a process group."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(10_000)
        os._exit(0)
    time.sleep(0.2)
    loop(data)


def bomb(_: Any) -> None:
    """Forks that fork, two hundred at most: enough to see whether all of them go."""
    for _ in range(8):
        try:
            os.fork()
        except OSError:
            break
    time.sleep(10_000)


def write(data: Any) -> None:
    with open(data["path"], "wb") as file:
        file.write(b"x" * 100_000)


def empty(data: Any) -> None:
    os.truncate(data["path"], 0)


def delete(data: Any) -> None:
    os.unlink(data["path"])


def rename(data: Any) -> None:
    os.rename(data["path"], data["path"] + ".moved")


def make(data: Any) -> None:
    os.mkdir(data["path"] + ".made")


def connect(data: Any) -> None:
    import socket

    socket.create_connection(("127.0.0.1", data["port"]), timeout=2).close()


def open_many(_: Any) -> None:
    files = [open(os.devnull) for _ in range(100_000)]  # noqa: SIM115
    del files


def spawn(_: Any) -> None:
    subprocess.run(
        [sys.executable, "-c", "import time; time.sleep(10000)"], check=False
    )


def nothing(_: Any) -> None:
    return None


ACTIONS = {
    "eat": eat, "loop": loop, "sleep": sleep, "stop": stop_itself, "leave": leave,
    "quit": quit_, "shout": shout, "daemon": daemon, "bomb": bomb, "write": write,
    "empty": empty, "delete": delete, "rename": rename, "make": make,
    "connect": connect, "open": open_many, "spawn": spawn, "nothing": nothing,
}  # fmt: skip
