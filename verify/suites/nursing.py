"""The runner's side of the nursery: begun, begun again, and asked for checkers.

One that does not come up is tried again, every fifth time without namespaces unless they
are required. When it dies its checkers die with it, and so does everything that any task
has started.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from verify.solvers.jobs import import_path, kept_environment

PACKET: Final = 65_536
PATIENCE: Final = 30.0  # seconds for the nursery to be ready
NURSERIES: Final = 20  # that may die in a row, without a task done in between
HALF_HEARTED: Final = 5  # every so many attempts one is made without namespaces
GLANCE: Final = 0.1  # seconds in which a dying nursery is seen to have died
BOOT: Final = (
    "import json, sys; given = json.loads(sys.argv[1]); "
    "sys.path[:0] = given['path']; "
    "from verify.suites.nursery import main; main(given['socket'], sys.argv[1])"
)
THREADS: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class PoolError(RuntimeError):
    """No checker can be begun at all; the message says why."""


class Nursing:
    """A nursery and the socket to it. `given` is what it is told, JSON."""

    def __init__(
        self, given: dict[str, Any], *, namespaces: bool, required: bool
    ) -> None:
        self._given = given
        self._namespaces = namespaces
        self._required = required
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._started = 0
        self.layers: tuple[str, ...] = ()

    def start(self) -> tuple[str, ...]:
        """Start it unless it runs; returns the layers of protection that are active.

        Raises PoolError when none comes up.
        """
        while self._control is None:
            self._started += 1
            if self._started > NURSERIES or os.name != "posix":
                raise PoolError("no process for tasks can be kept alive on this system")
            halfhearted = not self._required and self._started % HALF_HEARTED == 0
            with contextlib.suppress(PoolError):
                self.layers = self._launch(self._namespaces and not halfhearted)
                return self.layers
            self.drop()
        return self.layers

    def prove_worth(self) -> None:
        """A task was done: it may fail as often as a new one again."""
        self._started = 1

    def _launch(self, namespaces: bool) -> tuple[str, ...]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        given = {
            **self._given, "socket": theirs.fileno(), "path": import_path(),
            "namespaces": namespaces,
        }  # fmt: skip
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", BOOT, json.dumps(given)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                env={**kept_environment(), **THREADS}, start_new_session=True,
            )  # fmt: skip
        self._control = ours
        ours.settimeout(PATIENCE)
        layers: Sequence[str] = self._hear()["layers"]
        return tuple(layers)

    def _hear(self) -> dict[str, Any]:
        """The nursery's next word; raises PoolError when it has none."""
        if self._control is None:
            raise PoolError("the process for checkers is gone")
        try:
            data = self._control.recv(PACKET)
        except OSError:
            data = b""
        if not data:
            raise PoolError("the process for checkers did not answer")
        answer: dict[str, Any] = json.loads(data)
        return answer

    def fork(self) -> tuple[socket.socket, int] | None:
        """A new checker's socket and number; None when the nursery is gone."""
        ours, theirs = socket.socketpair()
        try:
            self.start()
            with theirs:
                if self._control is None:
                    return None
                socket.send_fds(self._control, [b"{}"], [theirs.fileno()])
            return ours, int(self._hear()["process"])
        except (OSError, PoolError):
            ours.close()
            if not self.is_gone:
                raise
            return None

    def kill(self, checker: int) -> None:
        """Have a checker killed, and what it has begun."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.send(json.dumps({"kill": checker}).encode())

    @property
    def is_gone(self) -> bool:
        """Whether it has died."""
        if self._process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GLANCE)
            return True
        return False

    def drop(self) -> None:
        """Kill it; every checker dies with it."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None
