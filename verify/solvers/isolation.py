"""What a job process gives up before it runs anything.

A job works on a stranger's problem with engines that loop, crash and eat memory. So it
leaves the terminal and its parent's process group, dies with its parent, can gain no
privileges, write no file, open few, leave no core, and has hard limits on memory, on
processor time and, should the server itself be gone, on wall clock. Layers that the
system lacks are left out; `layers` says which are there.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys
from typing import Any, Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
MAX_FILES: Final = 64
SLACK: Final = 5  # seconds after which a job whose server is gone ends by itself


def _find_prctl() -> Any:
    """The prctl call, None where the system has none."""
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError, AttributeError):
        return ctypes.CDLL(None, use_errno=True).prctl
    return None


_PRCTL: Final = _find_prctl()


def layers() -> tuple[str, ...]:
    """The names of the protections a job process has on this system."""
    always = ("process group", "memory limit", "processor limit", "no files written")
    return (*always, "dies with parent", "no new privileges") if _PRCTL else always


def _limit(which: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with contextlib.suppress(ValueError, OSError):  # not every system has every limit
        resource.setrlimit(which, (soft, hard))


def isolate(parent: int, keep: int, seconds: float, megabytes: int) -> None:
    """Shut this fresh child of `parent` in; of its open files only `keep` survives."""
    os.setsid()
    if _PRCTL:
        _PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:  # it died before it could take this child along
        os._exit(1)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + SLACK)  # SIGALRM ends the process
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, 4_096)
    os.chdir("/")
    sys.dont_write_bytecode = True
    processor = math.ceil(seconds) + 1
    _limit(resource.RLIMIT_CPU, processor, processor + SLACK)
    _limit(resource.RLIMIT_AS, megabytes * 2**20, megabytes * 2**20)
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_FILES, MAX_FILES)
