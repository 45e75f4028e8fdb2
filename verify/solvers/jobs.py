"""Jobs: queries that run in processes of their own, with limits, and are killed on time.

The client of `verify.solvers.server`. A job is the name of a kind (see `kinds.py`) and a
JSON payload; its result is a dict whose `status` is `done`, `timeout`, `memory` or
`crash`, and a job that dies never takes anything else along. The server is started once,
on the first use or by `start`, which returns at once while the server imports engines.

POSIX only (Linux, macOS; on Windows, WSL): there is no forking elsewhere.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, InvalidStateError, wait
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from verify.solvers.messages import MessageError, Reader, read_body, write_message

CHUNK: Final = 2**18
PATIENCE: Final = 2.0  # seconds the server is given to end
KEPT_ENVIRONMENT: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
)  # fmt: skip
BOOT: Final = (
    "import json, sys; given = json.loads(sys.argv[1]); "
    "sys.path[:0] = given['path']; "
    "from verify.solvers.server import main; "
    "main(given['socket'], given['workers'], given['kinds'])"
)

Result = dict[str, Any]


class JobError(RuntimeError):
    """A job that cannot be run at all: wrong kind, too large, no server, no POSIX."""


class ServerProcess(Protocol):
    """What is asked of the server's process; as `subprocess.Popen` has it."""

    def wait(self, timeout: float | None = None) -> Any: ...

    def kill(self) -> None: ...


class JobFuture(Future[Result]):
    """The result of a job, some day. `result()` returns it, or raises CancelledError."""

    def __init__(self, server: JobServer, number: int) -> None:
        super().__init__()
        self._server = server
        self._number = number

    def cancel(self) -> bool:
        """Drop the job, killing its processes if it runs; False if it is done already."""
        if self.done() or not super().cancel():
            return self.cancelled()
        self.set_running_or_notify_cancel()
        self._server.drop(self._number)
        return True


class JobServer:
    """Runs jobs, at most `workers` at once; a context manager that leaves none behind.

    `kinds` names the module with the table `KINDS` and the modules to `PRELOAD`.
    """

    def __init__(
        self, workers: int = 2, *, kinds: str = "verify.solvers.kinds"
    ) -> None:
        if os.name != "posix":
            raise JobError(
                "jobs need a POSIX system: on Windows, run verify inside WSL"
            )
        self._workers = max(workers, 1)
        self._kinds = kinds
        self._table: Mapping[str, str] = import_module(kinds).KINDS
        self._lock = threading.RLock()
        self._futures: dict[int, JobFuture] = {}
        self._count = 0
        self._process: ServerProcess | None = None
        self._channel: socket.socket | None = None
        self._closed = False

    def __enter__(self) -> JobServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server unless it runs; returns while it is still importing."""
        with self._lock:
            if self._closed:
                raise JobError("the job server was closed: make a new one")
            if self._channel is not None:
                return
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = self._begin(ours, theirs)
            self._channel = ours
            threading.Thread(
                target=self._listen, args=(ours, self._process), daemon=True
            ).start()

    def _begin(self, ours: socket.socket, theirs: socket.socket) -> ServerProcess:
        """The server's process, which has `theirs` and not `ours`."""
        given = {
            "socket": theirs.fileno(),
            "workers": self._workers,
            "kinds": self._kinds,
            "path": import_path(),
        }
        return subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT, json.dumps(given)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=kept_environment(),
            start_new_session=True,
        )

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 2048,
    ) -> JobFuture:
        """Queue a job that may use `seconds` of wall clock and `megabytes` of memory.

        Raises JobError on a kind that is not in the table, on a payload that is not JSON
        or over 16 MB, and on a closed server.
        """
        if kind not in self._table:
            raise JobError(
                f"no such kind of job: {kind}; known: {', '.join(self._table)}"
            )
        if not 0 < seconds < float("inf") or megabytes <= 0:
            raise JobError("a job needs limits above 0 for seconds and megabytes")
        with self._lock:
            self.start()
            self._count += 1
            number = self._count
            header = {
                "id": number, "kind": kind, "seconds": seconds, "megabytes": megabytes,
            }  # fmt: skip
            try:
                message = write_message(header, payload)
            except MessageError as error:
                raise JobError(f"the payload of {kind}: {error}") from error
            future = self._futures[number] = JobFuture(self, number)
            self._send(message)
        return future

    def as_completed(self, futures: Sequence[JobFuture]) -> Iterator[JobFuture]:
        """The futures as they are done, cancelled ones included."""
        waiting = list(futures)
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future for future in waiting if future in done)
            waiting = [future for future in waiting if future not in done]

    def drop(self, number: int) -> None:
        """Forget a job and kill it if it runs."""
        with self._lock:
            if (
                self._futures.pop(number, None) is not None
                and self._channel is not None
            ):
                self._send(write_message({"cancel": number}, b""))

    def close(self) -> None:
        """End the server and every job; what was not done is a crash."""
        with self._lock:
            self._closed = True
            channel, process = self._channel, self._process
            self._channel = self._process = None
        if channel is not None:
            channel.close() if process is None else channel.shutdown(socket.SHUT_RDWR)
        if process is not None:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._give_up("the job server was closed")

    def _send(self, message: bytes) -> None:
        try:
            if self._channel is not None:
                self._channel.sendall(message)
        except OSError:
            return  # the server is gone; the listener says so to every future

    def _listen(self, channel: socket.socket, process: ServerProcess) -> None:
        """In a thread: give every result to its future, until the server is gone."""
        reader = Reader()
        try:
            while data := channel.recv(CHUNK):
                for header, body in reader.feed(data):
                    self._finish(header, body)
        except (OSError, MessageError):
            process.kill()
        channel.close()
        process.wait()
        with self._lock:
            if self._channel is channel:
                self._channel = self._process = None
                self._give_up("the job server ended; what it ran is lost")

    def _finish(self, header: Mapping[str, Any], body: bytes) -> None:
        with self._lock:
            future = self._futures.pop(header["id"], None)
        if future is None:
            return
        try:
            result = read_body(body)
        except MessageError as error:
            result = {"status": "crash", "detail": f"its result: {error}"}
        _set(future, {**result, "seconds": header["seconds"], "peak": header["peak"]})

    def _give_up(self, detail: str) -> None:
        with self._lock:
            futures, self._futures = self._futures, {}
        for future in futures.values():
            _set(
                future,
                {"status": "crash", "detail": detail, "seconds": 0.0, "peak": 0.0},
            )


def _set(future: JobFuture, result: Result) -> None:
    try:
        future.set_result(result)
    except InvalidStateError:
        return  # cancelled in the meantime


def kept_environment() -> dict[str, str]:
    """What job processes see of the environment, hashes that do not vary, and one thread
    a process: there are as many processes as there are to be."""
    names = (name for name in KEPT_ENVIRONMENT if name in os.environ)
    fixed = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    return {**{name: os.environ[name] for name in names}, **fixed}


def import_path() -> list[str]:
    """Where the server finds our packages: absolute folders, but not the current one,
    which may be a stranger's."""
    root = Path(__file__).resolve().parents[2]
    here = Path.cwd().resolve()
    known = [path for path in sys.path if os.path.isabs(path)]
    return [str(root), *(path for path in known if Path(path).resolve() != here)]
