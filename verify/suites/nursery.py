"""The nursery: one process that has imported everything and forks the checkers.

Importing the language and the engines costs half a second, forking a process that has
them a few milliseconds. The nursery runs nothing itself. It is the first process of its
namespaces where the system allows, so when it ends, whatever any task has started ends
with it. Checkers are known to the runner by numbers that mean something here only, so the
runner asks for one to be killed, and the nursery does it.

Started by `verify.suites.pool`, never by hand.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
from collections.abc import Iterable
from typing import Any, Final

from verify.solvers.namespaces import enter_namespaces

PACKET: Final = 65_536
PRELOAD: Final = ("verify.suites.document_tasks", "verify.suites.checker")
WARMING: Final = "```claim\nconst warm: Bool\nstep same: warm or not warm\n```\n"


def main(descriptor: int, text: str) -> None:
    """Serve the runner at the other end of the socket `descriptor`."""
    given = json.loads(text)
    layers = enter_namespaces() if given["namespaces"] else ()
    channel = socket.socket(fileno=descriptor)
    from verify.solvers import isolation  # loads ctypes tables: after the fork
    from verify.suites import landlock

    _preload(given["preload"])
    changes = (landlock.LAYER,) if landlock.version() else ()
    layers = (*isolation.layers(), *changes, *layers)
    channel.send(json.dumps({"layers": layers}).encode())
    signal.signal(signal.SIGCHLD, _reap)
    given["cells"] = "process namespace" in layers
    while True:
        data, descriptors, _, _ = socket.recv_fds(channel, PACKET, 1)
        if not data:
            os._exit(0)
        _obey(json.loads(data), descriptors, channel, given)


def _obey(
    command: dict[str, Any],
    descriptors: Iterable[int],
    channel: socket.socket,
    given: dict[str, Any],
) -> None:
    if "kill" in command:
        _kill(int(command["kill"]))
        return
    (descriptor,) = descriptors
    process = os.fork()
    if process == 0:
        from verify.suites.checker import begin_checker

        try:
            channel.close()
            begin_checker(socket.socket(fileno=descriptor), given)
        finally:
            os._exit(1)
    os.close(descriptor)
    channel.send(json.dumps({"process": process}).encode())


def _kill(process: int) -> None:
    """Kill a checker; its job server and jobs die with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def _reap(*_: object) -> None:
    """Forget every child that has ended, those inherited from others included."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _preload(modules: Iterable[str]) -> None:
    for name in (*modules, *PRELOAD):
        with contextlib.suppress(ImportError):  # the task that needs it will say so
            importlib.import_module(name)
    from verify.language.limits import Meter
    from verify.language.markdown import read_markdown
    from verify.language.parser import read_syntax

    read_syntax(
        read_markdown("warm.md", WARMING), Meter()
    )  # builds the grammar's tables
    gc.collect()
    gc.freeze()
