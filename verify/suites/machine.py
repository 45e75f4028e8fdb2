"""Where and with what a run is made: versions, code, machine, and whose run it is.

What a query is answered with depends on the engines and on this program's own code, so
both are part of every key of the cache. A run belongs to a process, and whether that
still lives is told by its id, the time it started and the boot it belongs to: an id
alone is given again.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
START: Final = 19  # place of the start time after the name in /proc/PID/stat


@cache
def code_hash(room: str = "") -> str:
    """The hash of this program's code, or of one room of it such as `kernel`."""
    total = sha256()
    for path in sorted((PACKAGE / room).rglob("*.py")):
        total.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
        total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]


def describe_machine() -> dict[str, str | int]:
    """What the machine is: its system, processor, cores and Python."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": platform.machine(),
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
    }


def count_cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def name_owner() -> str:
    """This process, told apart from every other of this machine, past ones included."""
    return _describe(os.getpid())


def is_alive(owner: str) -> bool:
    """Whether the process with that name still runs; of other machines, no is assumed."""
    try:
        known = json.loads(owner)
        return _describe(int(known["process"])) == owner
    except (ValueError, KeyError, TypeError):
        return False


def _describe(process: int) -> str:
    boot = BOOT.read_text().strip() if BOOT.exists() else platform.node()
    return json.dumps({"process": process, "boot": boot, "begun": _started(process)})


def _started(process: int) -> str:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return "" if _exists(process) else "never"
    return text.rpartition(")")[2].split()[START]


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
