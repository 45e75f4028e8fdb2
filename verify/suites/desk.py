"""A checker's desk: what one task sees of the store, of the engines and of the runner.

The checker never opens the store. It asks the runner for certificates, hands in what the
kernel accepted, and asks whether an engine was already put the same question; the runner
alone reads and writes. Certificates that the runner expects to be wanted come with the
task. An answer is remembered only when it is no evidence and claims nothing: that an
engine gave up for good, or proposed premises, which are tested again. An answer that the
clock may have cut short is never remembered, and a job that crashed is run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from verify.language.verdicts import Audit, Verdict
from verify.solvers.jobs import Result
from verify.suites.records import write_record
from verify.suites.store import Entry, Store
from verify.suites.tasks import Outline

TRIES: Final = 5  # of a job that crashes
CUT_SHORT: Final = 2  # an answer that took more than this share of its time may be cut
PROPOSALS: Final = ("eliminate", "weaken", "abduce")
NOWHERE: Final = Path("/dev/null/none")

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
Say = Callable[[str, Mapping[str, Any] | bytes], None]


class AskingStore(Store):
    """An archive whose certificates lie with the runner."""

    def __init__(self, ask: Ask, say: Say, given: Mapping[str, Sequence[str]]) -> None:
        super().__init__(NOWHERE)
        self._ask = ask
        self._say = say
        self._known = {sha: list(texts) for sha, texts in given.items()}

    def path_of(self, sha: str, claim: str) -> Path:
        """Nowhere: certificates lie in the store's one file."""
        return NOWHERE

    def find(self, sha: str) -> Iterator[str]:
        """The certificates about a problem, asked for once."""
        if sha not in self._known:
            answer = self._ask("find", {"problem": sha})
            self._known[sha] = [str(text) for text in answer["texts"]]
        yield from tuple(self._known[sha])

    def keep(self, sha: str, claim: str, certificate: str) -> None:
        """Hand a certificate that the kernel accepted to the runner."""
        known = self._known.setdefault(sha, [])
        if certificate not in known:
            known.append(certificate)
            self._say(
                "keep", {"problem": sha, "claim": claim, "certificate": certificate}
            )

    def write_index(self, document: str, entries: Iterable[Entry]) -> None:
        """Nothing: the runner files certificates under the task."""


class Waiting(Future[Result]):
    """A job that may have been answered before, or may have to be run again."""

    def __init__(self, kind: str, payload: Mapping[str, Any]) -> None:
        super().__init__()
        self.kind = kind
        self.payload = payload
        self.key = ""
        self.limits: dict[str, Any] = {}
        self.inner: Future[Result] | None = None
        self.tries = 0


class RememberingServer:
    """A server that asks the runner first; for `check_document`, a server like any."""

    def __init__(
        self,
        server: Any,  # a JobServer, or a RelayedServer
        ask: Ask,
        say: Say,
        engines: str,
        pause: Callable[[], None],
    ) -> None:
        self._server = server
        self._ask = ask
        self._say = say
        self._engines = engines  # versions and code: part of every key; "" to forget
        self._pause = pause

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 2_048,
    ) -> Waiting:
        """As `JobServer.submit`."""
        future = Waiting(kind, payload)
        future.limits = {"seconds": seconds, "megabytes": megabytes}
        if self._engines and (kind in PROPOSALS or kind in ("decide", "model")):
            future.key = _key(kind, payload, future.limits, self._engines)
            known = self._ask("recall", {"key": future.key})
            if known["result"] is not None and is_worth_keeping(kind, known["result"]):
                future.set_result(known["result"])
                return future
        self._begin(future)
        return future

    def _begin(self, future: Waiting) -> None:
        future.tries += 1
        future.inner = self._server.submit(future.kind, future.payload, **future.limits)

    def as_completed(self, futures: Sequence[Waiting]) -> Iterator[Waiting]:
        """The futures as they are done; crashed ones are run again first."""
        waiting = list(futures)
        for future in [one for one in waiting if one.done()]:
            waiting.remove(future)
            yield future
        while waiting:
            self._pause()
            inner = [one.inner for one in waiting if one.inner is not None]
            done = next(iter(self._server.as_completed(inner)))
            future = next(one for one in waiting if one.inner is done)
            result = done.result()
            if result["status"] == "crash" and future.tries < TRIES:
                self._begin(future)
                continue
            waiting.remove(future)
            self._remember(future, result)
            future.set_result(result)
            yield future

    def drop(self, futures: Sequence[Waiting]) -> None:
        """Forget jobs, killing those that run."""
        for future in futures:
            if future.inner is not None:
                future.inner.cancel()

    def _remember(self, future: Waiting, result: Result) -> None:
        seconds = float(result.get("seconds", 0.0))
        within = seconds < float(future.limits["seconds"]) / CUT_SHORT
        if future.key and within and is_worth_keeping(future.kind, result):
            kept = {**result, "seconds": 0.0, "peak": 0.0}
            self._say("remember", {"key": future.key, "result": kept})


def is_worth_keeping(kind: str, result: Mapping[str, Any]) -> bool:
    """Whether a result claims nothing by itself, and would be the same again."""
    if result.get("status") != "done" or result.get("certificate"):
        return False
    if kind in PROPOSALS:
        return not result.get("reason")
    if kind == "model":
        return True
    gave_up = str(result.get("reason", "")).partition(":")[0] == "incomplete"
    return gave_up and result.get("answer") in ("sat", "unknown")


class NoServer:
    """Refuses every job: what still gets a verdict has it from the store alone."""

    def submit(self, kind: str, payload: Mapping[str, Any], **_: Any) -> Future[Result]:
        future: Future[Result] = Future()
        future.set_result({"status": "timeout", "detail": "not asked", "seconds": 0.0})
        return future

    def as_completed(self, futures: Sequence[Any]) -> Iterator[Any]:
        yield from futures

    def drop(self, futures: Sequence[Any]) -> None:
        """Nothing: none has begun."""


def _key(
    kind: str, payload: Mapping[str, Any], limits: Mapping[str, Any], engines: str
) -> str:
    parts = [kind, payload, limits, engines]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class CheckersDesk:
    """The desk of one task; see `verify.suites.tasks.Desk`."""

    def __init__(
        self, ask: Ask, say: Say, server: Any, given: Mapping[str, Any]
    ) -> None:
        self._say = say
        self._ask = ask
        self._lines: list[Verdict] = []
        self._told = 0
        self.slots = int(given["slots"])
        self.width = int(given["width"])
        self.options: dict[str, Any] = dict(given["options"])
        self.store: Store = AskingStore(ask, say, given["certificates"])
        self.server: Any = NoServer()
        if not given["replay"]:
            engines = str(given["engines"])
            self.server = RememberingServer(server, ask, say, engines, self.flush)

    def recall(self, key: str) -> Mapping[str, Any] | None:
        """What was remembered under a key."""
        found: Mapping[str, Any] | None = self._ask("recall", {"key": key})["result"]
        return found

    def remember(self, key: str, value: Mapping[str, Any]) -> None:
        """Note a proposal for another time."""
        self._say("remember", {"key": key, "result": dict(value)})

    def outline(self, statements: Iterable[Outline]) -> None:
        """Announce the statements of the task."""
        self._say("outline", {"statements": [one._asdict() for one in statements]})

    def line(self, verdict: Verdict) -> None:
        """Note a verdict; the runner hears of it when this process has to wait."""
        self._lines.append(verdict)

    def tell(self, record: Verdict | Audit) -> None:
        """Hand in a final record."""
        self._say("told", write_record(record).encode())

    def flush(self) -> None:
        """Hand in the lines that are waiting; called whenever nothing can be done."""
        for verdict in self._lines[self._told :]:
            self._say("line", write_record(verdict).encode())
        self._told = len(self._lines)
