"""Jobs that run elsewhere: a checker asks the runner for them and is told their results.

A checker has no network, so it cannot speak to a cluster; the runner can. To the checker
it looks as if it had a job server: jobs are submitted, futures are completed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from verify.solvers.jobs import Result
from verify.solvers.messages import Message, read_body

Hear = Callable[[], Message]


class Say(Protocol):
    """Sends the runner a word, with a header that it reads and a body that it hands on."""

    def __call__(
        self, word: str, body: Mapping[str, Any] | bytes, **header: int | str
    ) -> None: ...


class FarFuture(Future[Result]):
    """The result of a job that runs elsewhere, some day."""

    def __init__(self, number: int, say: Say) -> None:
        super().__init__()
        self._number = number
        self._say = say

    def cancel(self) -> bool:
        """Drop the job; False if it is done already."""
        if self.done() or not super().cancel():
            return self.cancelled()
        self._say("drop", {}, id=self._number)
        return True


class RelayedServer:
    """As a job server; `say` sends a word to the runner, `hear` waits for a result."""

    def __init__(self, say: Say, hear: Hear) -> None:
        self._say = say
        self._hear = hear
        self._count = 0
        self._futures: dict[int, FarFuture] = {}

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 2_048,
    ) -> FarFuture:
        """As `JobServer.submit`."""
        self._count += 1
        future = self._futures[self._count] = FarFuture(self._count, self._say)
        body = {
            "kind": kind, "payload": dict(payload), "seconds": seconds,
            "megabytes": megabytes,
        }  # fmt: skip
        self._say("job", body, id=self._count, kind=kind)
        return future

    def as_completed(self, futures: Sequence[FarFuture]) -> Iterator[FarFuture]:
        """The futures as they are done."""
        waiting = list(futures)
        while waiting:
            done = [future for future in waiting if future.done()]
            for future in done:
                waiting.remove(future)
                yield future
            if not done:
                self._take(self._hear())

    def _take(self, message: Message) -> None:
        future = self._futures.pop(int(message.header["id"]), None)
        if future is not None and not future.cancelled():
            future.set_result(read_body(message.body))
