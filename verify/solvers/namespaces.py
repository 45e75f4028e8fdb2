"""Namespaces of Linux: a process with no network, whose death nothing of it survives.

An unprivileged process may make a user namespace, and in it the others: a network with no
way out, and process numbers of its own. The first process of such a numbering is like
init: when it ends, the system kills whatever else is in it, also what left its group,
its session and its parent. So a server that is first cannot leave orphans, and neither
can a job that is first in a numbering of its own. Where the system refuses, nothing
changes, and the names of the layers say so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Any, Final

NEW_USER: Final = 0x10000000
NEW_NETWORK: Final = 0x40000000
NEW_PROCESSES: Final = 0x20000000
NEW_IPC: Final = 0x08000000
DIES_WITH_PARENT: Final = 1
CAPABILITIES: Final = 0x20080522  # version 3 of the interface
MAX_PROCESSES: Final = 512  # of one namespace; the system exempts root from it

WANTED: Final = ("user namespace", "network namespace", "process namespace")


def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError):
        found = ctypes.CDLL(None, use_errno=True)
        if all(
            hasattr(found, name) for name in ("unshare", "setns", "prctl", "capset")
        ):
            return found
    return None


_C: Final = _library()


def enter_namespaces() -> tuple[str, ...]:
    """Continue as the first process of new namespaces; which layers there are now.

    The calling process stays behind as a guard that only waits and ends as its child
    does; this returns in the child. Must be called before any thread is started. Where
    namespaces are refused it returns () in the calling process.
    """
    user, group, parent = os.getuid(), os.getgid(), os.getppid()
    if _C is None or _C.unshare(NEW_USER | NEW_NETWORK | NEW_IPC | NEW_PROCESSES):
        return ()
    try:
        _write("setgroups", "deny")
        _write("uid_map", f"{user} {user} 1")
        _write("gid_map", f"{group} {group} 1")
    except OSError:
        os._exit(1)  # half a namespace is none: the caller sees that nobody answers
    _C.prctl(DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)  # only now: unshare resets it
    if os.getppid() != parent:
        os._exit(1)
    child = os.fork()
    if child:
        _guard(child)
    _C.prctl(DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    return WANTED


def _write(name: str, text: str) -> None:
    with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
        file.write(text)


def _guard(child: int) -> None:
    """Wait for the child and end with its status, holding nothing open."""
    os.closerange(0, 4_096)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


class Cells:
    """Forks each child as the first process of a numbering of its own.

    Only for a process that has come through `enter_namespaces`; raises OSError otherwise.
    """

    def __init__(self) -> None:
        if _C is None:
            raise OSError("no namespaces on this system")
        self._home = os.open("/proc/self/ns/pid_for_children", os.O_RDONLY)

    def fork(self) -> int:
        """As `os.fork`; the child has no capabilities. Raises OSError."""
        if _C.unshare(NEW_PROCESSES):
            raise OSError(ctypes.get_errno(), "no new process namespace")
        try:
            child = os.fork()
        except OSError:
            self._return()
            raise
        if child == 0:
            _drop_capabilities()
            return 0
        self._return()
        return child

    def _return(self) -> None:
        if _C.setns(self._home, NEW_PROCESSES):
            raise OSError(ctypes.get_errno(), "no way back to the process namespace")


def _drop_capabilities() -> None:
    """Give up what the user namespace gave, and cap the number of processes."""
    header = (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if _C.capset(header, nothing):
        os._exit(1)
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    cap = MAX_PROCESSES if most == resource.RLIM_INFINITY else min(MAX_PROCESSES, most)
    resource.setrlimit(resource.RLIMIT_NPROC, (cap, cap))
