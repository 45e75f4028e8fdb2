"""Where the jobs of a run go: one server for arguments, one for networks.

A document without networks starts nothing that knows of them. Each job goes to the server
whose table has its kind; to whoever waits, all of them are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from verify.solvers.jobs import JobFuture, JobServer
from verify.suites.kinds import KINDS


class Servers:
    """Runs jobs of every kind, at most `workers` of each sort at once."""

    def __init__(self, workers: int = 2) -> None:
        self._arguments = JobServer(workers)
        self._networks = JobServer(workers, kinds="verify.suites.kinds")

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server for arguments; the other waits until it is needed."""
        self._arguments.start()

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 2048,
    ) -> JobFuture:
        """Queue a job; see `JobServer.submit`."""
        server = self._networks if kind in KINDS else self._arguments
        return server.submit(kind, payload, seconds=seconds, megabytes=megabytes)

    def as_completed(self, futures: Sequence[JobFuture]) -> Iterator[JobFuture]:
        """The futures as they are done, whichever server runs them."""
        return self._arguments.as_completed(futures)

    def close(self) -> None:
        """End both servers and every job."""
        self._arguments.close()
        self._networks.close()
