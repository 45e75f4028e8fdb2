"""Jobs on a Dask cluster: a Dask task is the job process with its limits.

The scheduler places tasks and gives those of a lost worker to another. Results come back to
this process, which checks them and alone writes the store. Futures are completed in a
thread of Dask's; a byte on a socket wakes the runner's loop, which has no other thread.

A task costs client, scheduler and worker a few milliseconds. So no more are in flight than
keep every worker busy; what has to wait, waits here, and goes out several jobs to a task.
A worker begins no job of a task that it has been at for a second, but hands it back.

With no address given, and none in Dask's own settings, a cluster is begun on this machine.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any, Final, NamedTuple

from verify.solvers.messages import MAX_BODY
from verify.suites.far_jobs import describe_code, find_layers, run_far

CONNECTING: Final = 10.0  # seconds to reach a scheduler, at first or again
AGAIN: Final = 0.2  # seconds before workers are asked again
PATIENCE: Final = 60.0  # seconds for the first worker to be there
PARTING: Final = 2.0  # seconds for saying goodbye
LOST: Final = "cancelled"
AHEAD: Final = 2  # tasks in flight for each thread of the cluster
MOST: Final = 16  # jobs of one task
LONG: Final = ("instance", "part")  # kinds of job that go alone
HEAVY: Final = 1_000_000  # characters that go alone
CRASH: Final = b'{"status":"crash","detail":"it was lost","seconds":0.0,"peak":0.0}'


class ClusterError(RuntimeError):
    """A cluster that cannot be used; the message says why and what to do."""


class Place(NamedTuple):
    """Who asked for a job: the checker's process, and the job's number there."""

    process: int
    number: int


class Waiting(NamedTuple):
    """A job that has not ended: its kind, and all of it as JSON."""

    kind: str
    body: bytes


class Cluster:
    """A client of a scheduler; a context manager that leaves nothing running."""

    def __init__(self, address: str, workers: int, *, required: bool = False) -> None:
        self._address = address
        self._workers = workers
        self._required = required
        self._expected = describe_code()
        self._client: Any = None
        self._own: Any = None
        self._waiting: dict[Place, Waiting] = {}
        self._running: dict[Any, dict[Place, Waiting]] = {}
        self._dropped: set[Place] = set()
        self._ready: deque[tuple[Any, list[bytes | None]]] = deque()
        self._count = 0
        self._seen = time.monotonic()
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self.width = 1
        self.layers: tuple[str, ...] = ()

    def start(self) -> None:
        """Connect and wait for a worker. Raises ClusterError."""
        try:
            import dask
            from distributed import Client
            from distributed.deploy.subprocess import SubprocessCluster
        except ImportError:
            raise ClusterError(
                "distributed is not installed; run: pip install 'verify[dask]'"
            ) from None
        address = self._address or dask.config.get("scheduler-address", None)
        connect: Any = Client
        try:
            if not address:
                self._own = SubprocessCluster(
                    n_workers=self._workers,
                    worker_kwargs={"nthreads": 1, "dashboard": False},
                    scheduler_kwargs={"dashboard": False}, silence_logs=50,
                )  # fmt: skip
            self._client = connect(self._own or address, timeout=CONNECTING)
            self.layers = self._ask_layers()
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            self.close()
            where = address or "on this machine"
            raise ClusterError(
                f"no Dask cluster {where} answers with a worker ({error}); start one, or "
                "leave --executor out"
            ) from error
        self.width = max(1, sum(self._client.nthreads().values()))

    def _ask_layers(self) -> tuple[str, ...]:
        """The common protections; asked again where a worker dies while it is asked."""
        until = time.monotonic() + PATIENCE
        while True:
            self._client.wait_for_workers(1, timeout=PATIENCE)
            try:
                return self._common_layers()
            except OSError:
                if self._client.status != "running" or time.monotonic() > until:
                    raise
                time.sleep(AGAIN)

    def _common_layers(self) -> tuple[str, ...]:
        """The protections that jobs have on every worker there is now."""
        said = list(self._client.run(find_layers).values())
        if not said:
            raise OSError("the last worker is gone")
        return tuple(layer for layer in said[0] if all(layer in one for one in said))

    def fileno(self) -> int:
        """Readable when results are there."""
        return self._ours.fileno()

    @property
    def is_lost(self) -> bool:
        """Whether the scheduler is gone, for so long that waiting is no use."""
        status = getattr(self._client, "status", "closed")
        if status == "running":
            self._seen = time.monotonic()
        elif status not in ("closing", "closed"):  # it tries to connect again
            return time.monotonic() - self._seen > CONNECTING
        return status != "running"

    def submit(self, place: Place, kind: str, job: bytes) -> None:
        """Take a job; it is begun by `send`, and its result comes with `collect`."""
        self._waiting[place] = Waiting(kind, job)

    def send(self) -> None:
        """Begin what waits, as far as workers want more."""
        while self._waiting and not self.is_lost:
            free = AHEAD * self.width - len(self._running)
            if free <= 0:
                return
            self._begin(self._take(min(-(-len(self._waiting) // free), MOST)))

    def _take(self, count: int) -> dict[Place, Waiting]:
        """The next jobs, so many at most; a long one goes alone."""
        taken: dict[Place, Waiting] = {}
        size = 0
        for place, job in self._waiting.items():
            size += len(job.body)
            alone = job.kind in LONG or size > HEAVY
            if len(taken) >= count or (alone and taken):
                break
            taken[place] = job
            if alone:
                break
        for place in taken:
            del self._waiting[place]
        return taken

    def _begin(self, jobs: dict[Place, Waiting]) -> None:
        self._count += 1
        sent = [job.body for job in jobs.values()]
        future = self._client.submit(
            run_far, sent, self._expected, self._required, pure=False,
            key=f"verify-{id(self)}-{self._count}",
        )  # fmt: skip
        self._running[future] = jobs
        future.add_done_callback(self._finish)

    def _finish(self, future: Any) -> None:
        """In a thread of Dask's: fetch a task's results and wake the runner."""
        self._ready.append((future, _results(future)))
        with contextlib.suppress(OSError):  # full means that it will look anyway
            self._theirs.send(b".")

    def collect(self) -> Iterator[tuple[Place, bytes]]:
        """The jobs that have ended, with their results as JSON.

        Those that were handed back wait again; a lost one has crashed.
        """
        with contextlib.suppress(BlockingIOError):
            self._ours.recv(65_536)
        while self._ready:
            future, results = self._ready.popleft()
            jobs = self._running.pop(future, {})
            if getattr(future, "status", LOST) == LOST and self.is_lost:
                continue
            answers = results if len(results) == len(jobs) else [CRASH] * len(jobs)
            for (place, job), result in zip(jobs.items(), answers, strict=True):
                if place in self._dropped:
                    self._dropped.discard(place)
                elif result is None:
                    self._waiting = {place: job, **self._waiting}
                else:
                    yield place, result

    def drop(self, place: Place) -> None:
        """Forget a job; its task is not begun if nothing else is wanted of it."""
        if self._waiting.pop(place, None) is not None:
            return
        for future, jobs in self._running.items():
            if place in jobs:
                self._dropped.add(place)
                if all(other in self._dropped for other in jobs):
                    future.cancel()

    def forget(self, process: int) -> None:
        """Drop every job of a checker."""
        known = [*self._waiting, *(p for jobs in self._running.values() for p in jobs)]
        for place in known:
            if place.process == process:
                self.drop(place)

    def close(self) -> None:
        """Drop what runs and part from the scheduler; a cluster of our own ends."""
        for owned in (self._client, self._own):
            if owned is not None:
                with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                    owned.close(timeout=PARTING)
        self._client = self._own = None


def _results(future: Any) -> list[bytes | None]:
    """What the jobs of a task returned; none if it was lost, so that they run again."""
    if future.status != "finished":
        return []
    try:
        results: list[bytes | None] = future.result()
        sound = all(one is None or len(one) <= MAX_BODY for one in results)
        return results if sound else []
    except (OSError, TimeoutError, RuntimeError, CancelledError):
        return []
