"""Jobs on a Dask cluster: every one a Dask task, which is the job process with its limits.

The scheduler places jobs and gives those of a lost worker to another. Results come back to
this process, which checks them and alone writes the store. Futures are completed in a
thread of Dask's; a byte on a socket wakes the runner's loop, which has no other thread.

With no address given, and none in Dask's own settings, a cluster is begun on this machine.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from typing import Any, Final, NamedTuple

from verify.suites.far_jobs import describe_code, find_layers, run_far

CONNECTING: Final = 10.0  # seconds to reach a scheduler, at first or again
PATIENCE: Final = 60.0  # seconds for the first worker to be there
PARTING: Final = 2.0  # seconds for saying goodbye
LOST: Final = "cancelled"


class ClusterError(RuntimeError):
    """A cluster that cannot be used; the message says why and what to do."""


class Place(NamedTuple):
    """Who asked for a job: the checker's process, and the job's number there."""

    process: int
    number: int


class Cluster:
    """A client of a scheduler; a context manager that leaves nothing running."""

    def __init__(self, address: str, workers: int, *, required: bool = False) -> None:
        self._address = address
        self._workers = workers
        self._required = required
        self._expected = describe_code()
        self._client: Any = None
        self._own: Any = None
        self._futures: dict[Place, Any] = {}
        self._ready: deque[tuple[Place, Any, dict[str, Any]]] = deque()
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
            self._client.wait_for_workers(1, timeout=PATIENCE)
            self.layers = self._common_layers()
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            self.close()
            where = address or "on this machine"
            raise ClusterError(
                f"no Dask cluster {where} answers with a worker ({error}); start one, or "
                "leave --executor out"
            ) from error
        self.width = max(1, sum(self._client.nthreads().values()))

    def _common_layers(self) -> tuple[str, ...]:
        """The protections that jobs have on every worker there is now."""
        said = list(self._client.run(find_layers).values())
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

    def submit(self, place: Place, job: Mapping[str, Any]) -> None:
        """Begin a job; its result comes with `collect`."""
        if self.is_lost:
            return
        self._count += 1
        future = self._client.submit(
            run_far, json.dumps(job).encode(), self._expected, self._required,
            pure=False, key=f"verify-{job['kind']}-{id(self)}-{self._count}",
        )  # fmt: skip
        self._futures[place] = future
        future.add_done_callback(lambda done: self._finish(place, done))

    def _finish(self, place: Place, future: Any) -> None:
        """In a thread of Dask's: fetch a job's result and wake the runner."""
        self._ready.append((place, future, _result(future)))
        with contextlib.suppress(OSError):  # full means that it will look anyway
            self._theirs.send(b".")

    def collect(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """The jobs that have ended, with their results."""
        with contextlib.suppress(BlockingIOError):
            self._ours.recv(65_536)
        while self._ready:
            place, future, result = self._ready.popleft()
            if self._futures.get(place) is future:
                del self._futures[place]
                if not (getattr(future, "status", LOST) == LOST and self.is_lost):
                    yield place, result

    def drop(self, place: Place) -> None:
        """Forget a job; it is not begun if it has not been."""
        future = self._futures.pop(place, None)
        if future is not None:
            future.cancel()

    def forget(self, process: int) -> None:
        """Drop every job of a checker."""
        for place in [one for one in self._futures if one.process == process]:
            self.drop(place)

    def close(self) -> None:
        """Drop what runs and part from the scheduler; a cluster of our own ends."""
        for owned in (self._client, self._own):
            if owned is not None:
                with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                    owned.close(timeout=PARTING)
        self._client = self._own = None


def _result(future: Any) -> dict[str, Any]:
    """What a job returned; whatever went wrong on the way is a crash, to be run again."""
    detail = "it was lost"
    if future.status == "finished":
        try:
            value: dict[str, Any] = json.loads(future.result())
            return value
        except (
            OSError,
            TimeoutError,
            ValueError,
            RuntimeError,
            CancelledError,
        ) as error:
            detail = f"its result was lost: {error}"
    elif future.status == "error":
        detail = str(future.exception())
    return {"status": "crash", "detail": detail[:500], "seconds": 0.0, "peak": 0.0}
