"""Running the command as a person does: a process, its output, its exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TIME = re.compile(r" +\d+(?:\.\d+)? m?s\b")


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def run(
    *arguments: str | Path, cwd: Path = ROOT, timeout: float = 60, **environment: str
) -> Ran:
    """Run `verify` with these arguments, its cache where `XDG_CACHE_HOME` says."""
    done = subprocess.run(
        [sys.executable, "-m", "verify", *map(str, arguments)],
        cwd=cwd, env=make_environment(**environment), capture_output=True, text=True,
        encoding="utf-8", timeout=timeout, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def make_environment(**changes: str) -> dict[str, str]:
    """A plain environment: UTF-8, 100 columns, this project importable."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
        **changes,
    }


def mask_times(text: str) -> str:
    """The text with every time, and the space before it, as ` TIME`."""
    return TIME.sub(" TIME", text)
