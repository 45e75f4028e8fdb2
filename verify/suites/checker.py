"""A checker: a forked process that carries out tasks, one after the other.

It parses, plans and runs the kernel; every query to an engine runs in yet another fork,
with limits of its own. So a checker has never run a query, and may take the next task.
Should it misbehave all the same, it dies of its own limits, or is killed, and the next
task gets a new one. It can write no file. Which files it has read for a task is noted as
they are opened, so that a finished task can be told from one whose sources have changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NoReturn

from verify.solvers.isolation import PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG
from verify.solvers.jobs import JobServer, ServerProcess
from verify.solvers.messages import Message, Reader, read_body, write_message
from verify.solvers.namespaces import Cells
from verify.solvers.server import Server
from verify.suites.desk import CheckersDesk
from verify.suites.every_kind import KINDS
from verify.suites.landlock import give_up_files
from verify.suites.relaying import RelayedServer
from verify.suites.tasks import Task, kind_of

CHUNK: Final = 2**18
MAX_FILES: Final = 256
MAX_SOURCE: Final = 64_000_000
PASSED_OVER: Final = (".py", ".pyc", ".so", ".lark", ".typed")
SYSTEM: Final = ("/proc/", "/dev/", "/sys/", "/etc/", "/usr/")


class ForkedServer(JobServer):
    """A job server that is a fork of this process, so that nothing is imported again."""

    def __init__(self, workers: int, cells: bool, hidden: socket.socket) -> None:
        super().__init__(workers, kinds="verify.suites.every_kind")
        self._with_cells = cells
        self._hidden = hidden

    def _begin(self, ours: socket.socket, theirs: socket.socket) -> ServerProcess:
        process = os.fork()
        if process:
            return Forked(process)
        try:
            ours.close()
            self._hidden.close()
            os.setsid()
            _die_with_parent()
            cells = Cells() if self._with_cells else None
            Server(theirs, self._workers, KINDS, cells).serve()
            os._exit(0)
        finally:
            os._exit(1)


class Forked:
    """A forked child, waited for and killed as `subprocess.Popen` does it."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._ended = False

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended; there is no giving up, its server ends by itself."""
        if not self._ended:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._process, 0)
            self._ended = True

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)


class Checker:
    """The loop of a checker: a task in, what is found out."""

    def __init__(self, channel: socket.socket, given: Mapping[str, Any]) -> None:
        self._channel = channel
        self._reader = Reader()
        self._inbox = {word: deque[Message]() for word in ("task", "found", "result")}
        self._given = given
        self._sources = _Sources()
        self._server: JobServer | RelayedServer
        if given["far"]:
            self._server = RelayedServer(self._say, lambda: self._receive("result"))
        else:
            cells = bool(given["cells"])
            self._server = ForkedServer(int(given["slots"]), cells, channel)

    def serve(self) -> None:
        """Carry out tasks until the runner closes the channel."""
        sys.addaudithook(self._sources.hear)
        while True:
            self._carry_out(read_body(self._receive("task").body))

    def _carry_out(self, given: dict[str, Any]) -> None:
        task = Task(given["kind"], given["name"], given["data"])
        _limit_processor(float(given["seconds"]))
        self._sources.begin()
        desk = CheckersDesk(self._ask, self._say, self._server, given)
        try:
            kind_of(task.kind).run(task, desk)
        except MemoryError:
            self._say("lost", {"reason": "memory"})
            os._exit(1)
        except Exception as error:  # noqa: BLE001  a task's failure is not the runner's
            detail = f"{type(error).__name__}: {error}"[:500]
            self._say("lost", {"reason": "crash", "detail": detail, "final": True})
            os._exit(1)
        self._say("done", {"sources": self._sources.end()})

    def _say(
        self, word: str, body: Mapping[str, Any] | bytes, **header: int | str
    ) -> None:
        self._channel.sendall(write_message({"say": word, **header}, body))

    def _ask(self, word: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self._say(word, body)
        return read_body(self._receive("found").body)

    def _receive(self, word: str) -> Message:
        """The next message with this word; the next task may come before an answer."""
        while not self._inbox[word]:
            data = self._channel.recv(CHUNK)
            if not data:
                os._exit(0)
            for message in self._reader.feed(data):
                self._inbox[message.header["say"]].append(message)
        return self._inbox[word].popleft()


class _Sources:
    """The files that were opened for reading during a task, and their hashes."""

    def __init__(self) -> None:
        self._opened: dict[str, None] | None = None

    def begin(self) -> None:
        self._opened = {}

    def hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event == "open" and self._opened is not None:
            path = details[0]
            if isinstance(path, str) and not path.endswith(PASSED_OVER):
                self._opened[path] = None

    def end(self) -> dict[str, str]:
        opened, self._opened = self._opened or {}, None
        real = sorted({os.path.realpath(path) for path in opened})
        return {
            path: hash_of(Path(path)) for path in real if not path.startswith(SYSTEM)
        }


def hash_of(path: Path) -> str:
    """The SHA-256 of a regular file; "" when it is none, or too large, or gone."""
    try:
        if path.is_file() and path.stat().st_size <= MAX_SOURCE:
            return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
    return ""


def begin_checker(channel: socket.socket, given: Mapping[str, Any]) -> NoReturn:
    """Continue this fresh fork as a checker; never returns."""
    os.setsid()
    _die_with_parent()
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    size = int(given["megabytes"]) * 2**20
    for which, limit in (
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, MAX_FILES),
    ):
        _limit(which, limit)
    sys.dont_write_bytecode = True
    give_up_files()
    with contextlib.suppress(ConnectionError):
        Checker(channel, given).serve()
    os._exit(0)


def _limit(which: int, limit: int) -> None:
    _, most = resource.getrlimit(which)
    value = limit if most == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(which, (value, value))


def _limit_processor(seconds: float) -> None:
    """What the next task may use of the processor, besides what was used until now."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    wanted = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))


def _die_with_parent() -> None:
    if sys.platform.startswith("linux"):
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
