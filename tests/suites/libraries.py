"""Small libraries of claims, and the command run over them as a person does it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.cli.commands import ROOT, make_environment

DOCUMENT = """# Document {i}

```claim
const x, y: Real
premise P1: x >= {i} + 1
premise P2: y >= 2*x
step good: y >= {twice}
    by P1, P2
step bad: y >= {twice} + 1
    by P1, P2
expect bad refuted
```
"""


def make_library(folder: Path, count: int) -> Path:
    """A folder with so many documents, each with a proved and a refuted step."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("")
    for i in range(count):
        (folder / f"d{i:03}.md").write_text(DOCUMENT.format(i=i, twice=2 * i + 2))
    return folder


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "verify", *map(str, arguments)]


def start(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.Popen[str]:
    """Begin `verify` and return at once."""
    return subprocess.Popen(
        command(*arguments), cwd=cwd, env=make_environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def descendants(process: int) -> set[int]:
    """The processes below this one, as far as the system shows them."""
    children: dict[int, set[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(text.rpartition(")")[2].split()[1])
            children.setdefault(parent, set()).add(int(entry.name))
    found, queue = set(), [process]
    while queue:
        for child in children.get(queue.pop(), ()):
            if child not in found:
                found.add(child)
                queue.append(child)
    return found


def are_gone(processes: set[int], seconds: float = 5.0) -> bool:
    """Whether all of them end within so many seconds (a zombie has ended)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(map(_lives, processes)):
            return True
        time.sleep(0.02)
    return False


def _lives(process: int) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def kill(process: int, number: int = signal.SIGKILL) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return


UNTIMED = {"seconds": 0, "search_seconds": 0, "kernel_seconds": 0, "versions": {}}


def untimed(text: str) -> Iterator[dict[str, Any]]:
    """The records of JSON lines without times, in order."""
    for line in text.splitlines():
        yield {**json.loads(line), **UNTIMED}


def statuses(text: str) -> dict[tuple[str, str], str]:
    records = [json.loads(line) for line in text.splitlines()]
    verdicts = [r for r in records if r["type"] == "verdict" and r["kind"] != "premise"]
    return {(r["document"], r["name"]): r["status"] for r in verdicts}


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def finished(store: Path) -> int:
    """How many tasks of the last run are in the store."""
    if not store.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as raw:
            query = "SELECT COUNT(*) FROM jobs WHERE outcome != ''"
            (count,) = raw.execute(query).fetchone()
    except sqlite3.Error:
        return 0
    return int(count)
