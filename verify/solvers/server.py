"""The job server: one process that has imported the engines and forks a child per job.

Starting Python and importing an engine costs a hundred milliseconds, forking a process
that has them costs a few, and still no job runs where a query has run before. The server
itself runs no query, holds no result and believes nothing: it cuts messages, counts
children, looks at the clock, and kills process groups. It is single-threaded, so a child
never inherits a lock that nobody holds. It ends, and every child with it, when the
client closes the connection or is gone.

POSIX only. Started by `verify.solvers.jobs`, never by hand.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from verify.solvers.isolation import isolate
from verify.solvers.messages import (
    Message,
    MessageError,
    Reader,
    read_body,
    write_message,
)
from verify.solvers.namespaces import Cells

CHUNK: Final = 2**18
PULSE: Final = 1.0  # seconds between looks at whether the client is still there
MEGABYTE: Final = 2**20
MEMORY_CODES: Final = (101, 113)  # how z3 leaves when it cannot allocate
OUT_OF_TIME: Final = (signal.SIGXCPU, signal.SIGALRM)


@dataclass(slots=True)
class Running:
    """A job in its process; `stopped` says why it was killed, "" if it was not."""

    id: int
    pipe: int
    begun: float
    seconds: float
    megabytes: int
    reader: Reader = field(default_factory=Reader)
    result: bytes | None = None
    ended: bool = False  # nothing more will be read from the pipe
    stopped: str = ""


def run_job(table: Mapping[str, str], kind: str, body: bytes) -> dict[str, Any]:
    """The outcome of the job in this process: status and detail, and what it returned."""
    try:
        if kind not in table:
            raise LookupError(f"no such kind of job: {kind}")
        module, _, name = table[kind].partition(":")
        function: Callable[[dict[str, Any]], dict[str, Any]]
        function = getattr(importlib.import_module(module), name)
        return {**function(read_body(body)), "status": "done"}
    except MemoryError:
        return {"status": "memory", "detail": "the job ran out of memory"}
    except BaseException as error:  # noqa: BLE001  whatever a job raises is its outcome
        return {"status": "crash", "detail": _describe(error)}


def _describe(error: BaseException) -> str:
    """What was raised, and in which line of which module."""
    text = f"{type(error).__name__}: {error}"[:2_000]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return text
    return (
        f"{text} ({trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno})"
    )


def in_child(table: Mapping[str, str], request: Message, pipe: int) -> None:
    """Run one job and write its outcome to `pipe`; never returns."""
    header = request.header
    outcome = run_job(table, header["kind"], request.body)
    try:
        message = write_message({}, outcome)
    except MessageError as error:
        message = write_message(
            {}, {"status": "crash", "detail": f"its result: {error}"}
        )
    except MemoryError:
        detail = "no memory left to write the result"
        message = write_message({}, {"status": "memory", "detail": detail})
    view = memoryview(message)
    while view:
        view = view[os.write(pipe, view) :]
    os._exit(0)


def describe_end(status: int, peak: float, job: Running) -> tuple[str, str]:
    """Status and detail of a job that ended without a result.

    `status` is as from `os.wait4`, `peak` its resident memory in MB at the highest. An
    engine that cannot allocate may die in any way, so with half the allowance in use the
    cause is taken to be memory. Neither word says anything about the problem.
    """
    if job.stopped == "timeout":
        return "timeout", f"stopped after {job.seconds:g} s"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in OUT_OF_TIME:
            return "timeout", f"stopped after {job.seconds:g} s of processor time"
        how = f"ended by signal {number}"
    else:
        how = f"ended with exit code {os.WEXITSTATUS(status)} and no result"
        if os.WEXITSTATUS(status) in MEMORY_CODES:
            return "memory", f"{how}, at {peak:.0f} MB"
    if peak >= job.megabytes / 2:
        return "memory", f"{how}, at {peak:.0f} of {job.megabytes} MB"
    return "crash", how


class Server:
    """The loop: requests in, at most `workers` children at once, results out.

    With `cells` every child is the first process of a namespace of its own, and nothing
    that it started outlives it.
    """

    def __init__(
        self,
        channel: socket.socket,
        workers: int,
        table: Mapping[str, str],
        cells: Cells | None = None,
    ) -> None:
        self._channel = channel
        self._cells = cells
        self._workers = workers
        self._table = table
        self._client = os.getppid()
        self._reader = Reader()
        self._outgoing = bytearray()
        self._queue: deque[Message] = deque()
        self._running: dict[int, Running] = {}
        self._open = True
        self._selector = selectors.DefaultSelector()
        channel.setblocking(False)
        self._selector.register(channel, selectors.EVENT_READ, self._receive)
        self._wake, wakes = os.pipe()
        for end in (self._wake, wakes):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ, self._drain)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self._open = False

    def serve(self) -> None:
        """Work until the client is gone; then take every child along."""
        try:
            while self._open and os.getppid() == self._client:
                for key, _ in self._selector.select(self._pause()):
                    key.data()
                self._expire()
                self._reap()
                while self._queue and len(self._running) < self._workers:
                    self._fork(self._queue.popleft())
                self._send()
        finally:
            for pid in self._running:
                _kill(pid)

    def _pause(self) -> float:
        jobs = self._running.values()
        ends = [job.begun + job.seconds for job in jobs if not job.stopped]
        left = min(ends, default=time.monotonic() + PULSE) - time.monotonic()
        return min(max(left, 0), PULSE)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, CHUNK)

    def _receive(self) -> None:
        try:
            data = self._channel.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._open = False
            return
        for message in self._reader.feed(data):
            if "cancel" in message.header:
                self._cancel(message.header["cancel"])
            else:
                self._queue.append(message)

    def _cancel(self, job: int) -> None:
        self._queue = deque(one for one in self._queue if one.header["id"] != job)
        for pid, running in self._running.items():
            if running.id == job:
                running.stopped = "cancel"
                _kill(pid)

    def _fork(self, request: Message) -> None:
        header = request.header
        begun = time.monotonic()
        parent = 0 if self._cells else os.getpid()  # a first process sees no parent
        ours, theirs = os.pipe()
        try:
            pid = self._cells.fork() if self._cells else os.fork()
        except OSError as error:
            os.close(ours)
            os.close(theirs)
            lost = Running(
                header["id"], -1, begun, header["seconds"], header["megabytes"]
            )
            self._answer(
                lost, {"status": "crash", "detail": f"no new process: {error}"}, 0
            )
            return
        if pid == 0:
            try:
                isolate(parent, theirs, header["seconds"], header["megabytes"])
                in_child(self._table, request, theirs)
            finally:
                os._exit(1)
        os.close(theirs)
        os.set_blocking(ours, False)
        job = Running(header["id"], ours, begun, header["seconds"], header["megabytes"])
        self._running[pid] = job
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._collect(pid))

    def _collect(self, pid: int) -> bool:
        """Read some of what a child has written; False when there is nothing more.

        A child that has written its whole result is no longer needed.
        """
        job = self._running[pid]
        if job.ended:
            return False
        try:
            data = os.read(job.pipe, CHUNK)
            for message in job.reader.feed(data):
                job.result = message.body
        except BlockingIOError:
            return False
        except MessageError:
            data = b""
        if not data or job.result is not None:
            job.ended = True
            self._selector.unregister(job.pipe)
        if job.result is not None:
            _kill_group(pid)
        return not job.ended

    def _expire(self) -> None:
        now = time.monotonic()
        for pid, job in self._running.items():
            if (
                now >= job.begun + job.seconds
                and not job.stopped
                and job.result is None
            ):
                job.stopped = "timeout"
                _kill(pid)

    def _reap(self) -> None:
        """Answer for the children that have ended; what is left of their groups dies."""
        for pid, job in list(self._running.items()):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if not ended:
                continue
            _kill_group(pid)
            while self._collect(pid):
                pass
            if not job.ended:
                self._selector.unregister(job.pipe)
            os.close(job.pipe)
            del self._running[pid]
            peak = usage.ru_maxrss / (MEGABYTE if sys.platform == "darwin" else 1024)
            if job.stopped == "cancel":
                continue
            if job.result is None:
                word, detail = describe_end(status, peak, job)
                self._answer(job, {"status": word, "detail": detail}, peak)
            else:
                self._answer(job, job.result, peak)

    def _answer(
        self, job: Running, body: Mapping[str, Any] | bytes, peak: float
    ) -> None:
        seconds = round(time.monotonic() - job.begun, 6)
        header = {"id": job.id, "seconds": seconds, "peak": round(peak, 1)}
        self._outgoing += write_message(header, body)

    def _send(self) -> None:
        with contextlib.suppress(BlockingIOError, InterruptedError):
            while self._outgoing:
                del self._outgoing[: self._channel.send(self._outgoing[:CHUNK])]
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        self._selector.modify(self._channel, events, self._receive)


def _kill(pid: int) -> None:
    """Kill a child that is not yet reaped, and its process group once it has one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    _kill_group(pid)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main(descriptor: int, workers: int, kinds: str) -> None:
    """Serve the client at the other end of the socket `descriptor`."""
    channel = socket.socket(fileno=descriptor)
    module = importlib.import_module(kinds)
    for name in module.PRELOAD:
        with contextlib.suppress(ImportError):  # the job that needs it will say so
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    Server(channel, workers, module.KINDS).serve()
