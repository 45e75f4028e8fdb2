"""The runner's side of the checkers: who does which task, and what to do when one dies.

Everything happens in one thread, in one loop over sockets, so an interruption is an
exception in this loop and nothing else. A checker that is over the time of its task is
killed, and the task is lost to the clock; one that dies otherwise loses nothing but its
own work: the task is begun again in a new checker, a few times, and then lost to a crash.
When the nursery itself dies, its checkers die with it through no fault of their tasks,
and a new one is begun.
"""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from verify.solvers.messages import Message, MessageError, read_body
from verify.suites.busy import Asked, Busy
from verify.suites.cluster import Place
from verify.suites.nursing import Nursing, PoolError
from verify.suites.shelf import Shelf

PULSE: Final = 0.2
TRIES: Final = 5
AHEAD: Final = 2  # tasks a worker that must be waiting before one is given ahead


class Limits(NamedTuple):
    """What a task may use, and how many are run at once."""

    workers: int = 2
    slots: int = 1  # jobs at once in one checker
    seconds: float = 900.0
    megabytes: int = 8_192


class Event(NamedTuple):
    """What happened: the position of the task, a word, and what belongs to it.

    The words: `outline`, `line` and `told` with their contents; `again` when a task is
    begun anew, and what it said is void; `done` and `lost`; `pause` when nothing happens.
    """

    position: int
    word: str
    body: Mapping[str, Any]


class Far(Protocol):
    """Where jobs run that do not run in the checkers; see `verify.suites.cluster`."""

    @property
    def is_lost(self) -> bool: ...

    def fileno(self) -> int: ...

    def submit(self, place: Place, kind: str, job: bytes) -> None: ...

    def send(self) -> None: ...

    def collect(self) -> Iterator[tuple[Place, bytes]]: ...

    def drop(self, place: Place) -> None: ...

    def forget(self, process: int) -> None: ...


class Pool:
    """Checkers in a nursery; a context manager that leaves no process behind."""

    def __init__(
        self,
        limits: Limits,
        shelf: Shelf,
        preload: Sequence[str],
        *,
        namespaces: bool,
        required: bool = False,
        far: Far | None = None,
    ) -> None:
        self._far = far
        self._limits = limits
        self._shelf = shelf
        given = {
            "preload": tuple(preload), "slots": limits.slots,
            "megabytes": limits.megabytes, "far": far is not None,
        }  # fmt: skip
        self._nursing = Nursing(given, namespaces=namespaces, required=required)
        self._selector = selectors.DefaultSelector()
        if far is not None:
            self._selector.register(far.fileno(), selectors.EVENT_READ)
        self._checkers: list[Busy] = []
        self._waiting: deque[Asked] = deque()
        self._tries: dict[int, int] = {}

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> tuple[str, ...]:
        """Start the nursery; returns the layers of protection that are active.

        Raises PoolError when none comes up.
        """
        return self._nursing.start()

    def run(self, tasks: Sequence[Asked]) -> Iterator[Event]:
        """The events of the tasks until every one of them is done or lost."""
        self._waiting = deque(tasks)
        while self._waiting or any(checker.tasks for checker in self._checkers):
            yield from self._assign()
            self._send_far()
            events = self._selector.select(self._pause())
            if not events:
                yield Event(-1, "pause", {})
            for key, _ in events:
                if key.data is None:
                    self._hand_on()
                else:
                    yield from self._listen(key.data)
            yield from self._expire()

    def _pause(self) -> float:
        ends = [one.begun + self._limits.seconds for one in self._checkers if one.asked]
        left = min(ends, default=0.0) - time.monotonic()
        return min(max(left, 0.0), PULSE)

    def _assign(self) -> Iterator[Event]:
        """Give every checker a task, making new ones as long as there may be more.

        While tasks abound, each gets a second one ahead, so that none waits while
        finished ones are written.
        """
        while self._waiting:
            checker = self._next_checker()
            if checker is None:
                return
            if not isinstance(checker, Busy):
                yield from self._restart()
                return
            asked = self._waiting.popleft()
            body = {
                **asked.given(), "kind": asked.task.kind, "name": asked.task.name,
                "data": asked.task.data, "seconds": self._limits.seconds,
            }  # fmt: skip
            checker.give(asked, body)
            if not self._flush(checker):
                yield from self._dead(checker)

    def _next_checker(self) -> Busy | bool | None:
        """A checker that can take a task; False when none can be made, None when none
        is wanted now."""
        for checker in self._checkers:
            if not checker.tasks:
                return checker
        if len(self._checkers) < self._limits.workers:
            return self._fork() or False
        if len(self._waiting) > AHEAD * self._limits.workers:
            for checker in self._checkers:
                if len(checker.tasks) == 1:
                    return checker
        return None

    def _fork(self) -> Busy | None:
        """A new checker; None when the nursery is gone."""
        made = self._nursing.fork()
        if made is None:
            return None
        channel, process = made
        channel.setblocking(False)
        checker = Busy(channel, process)
        self._checkers.append(checker)
        self._selector.register(channel, selectors.EVENT_READ, checker)
        return checker

    def _restart(self) -> Iterator[Event]:
        """Begin a new nursery; the tasks of all checkers are begun again."""
        self._nursing.drop()
        for checker in tuple(self._checkers):
            yield from self._dead(checker)

    def _flush(self, checker: Busy) -> bool:
        """Send what a checker has room for; False when it is gone."""
        try:
            checker.flush()
        except OSError:
            return False
        events = selectors.EVENT_READ | (checker.is_behind and selectors.EVENT_WRITE)
        self._selector.modify(checker.channel, events, checker)
        return True

    def _listen(self, checker: Busy) -> Iterator[Event]:
        """What a checker says; its questions are answered here."""
        if checker not in self._checkers:
            return
        try:
            for message in checker.hear():
                if not self._relay(checker, message):
                    word = str(message.header["say"])
                    yield from self._answer(checker, word, read_body(message.body))
        except BlockingIOError:
            pass  # it can only be written to
        except (OSError, EOFError, MessageError, KeyError, TypeError, ValueError):
            yield from self._dead(checker)
            return
        if checker in self._checkers and not self._flush(checker):
            yield from self._dead(checker)

    def _send_far(self) -> None:
        if self._far is None:
            return
        if self._far.is_lost:
            raise PoolError("the Dask scheduler is gone")
        self._far.send()

    def _relay(self, checker: Busy, message: Message) -> bool:
        """Whether it was about a job elsewhere; its body is handed on unread."""
        word = message.header.get("say")
        if self._far is None or word not in ("job", "drop"):
            return False
        place = Place(checker.process, int(message.header["id"]))
        if word == "drop":
            self._far.drop(place)
        else:
            self._far.submit(place, str(message.header["kind"]), message.body)
        return True

    def _hand_on(self) -> None:
        """Give the results of jobs elsewhere to the checkers that wait for them."""
        if self._far is None:
            return
        for place, result in self._far.collect():
            for checker in self._checkers:
                if checker.process == place.process:
                    checker.say("result", result, id=place.number)
                    self._flush(checker)  # one that is gone is found when it is heard

    def _answer(
        self, checker: Busy, word: str, body: dict[str, Any]
    ) -> Iterator[Event]:
        asked = checker.asked
        if asked is None:
            return
        home, shelf = asked.task.name, self._shelf
        match word:
            case "find":
                texts = shelf.find(str(body["problem"]), home)
                checker.say("found", {"texts": texts})
            case "recall":
                checker.say("found", {"result": shelf.recall(str(body["key"]))})
            case "keep":
                problem, claim = str(body["problem"]), str(body["claim"])
                shelf.keep(problem, claim, home, str(body["certificate"]))
            case "remember":
                shelf.remember(str(body["key"]), body["result"])
            case "done":
                checker.finish()
                self._nursing.prove_worth()
                yield Event(asked.position, word, body)
            case "lost":
                if not body.get("final") and body["reason"] == "crash":
                    return
                checker.finish()
                yield Event(asked.position, word, body)
            case "outline" | "line" | "told":
                yield Event(asked.position, word, body)
            case _:
                raise KeyError(word)

    def _expire(self) -> Iterator[Event]:
        now = time.monotonic()
        for checker in tuple(self._checkers):
            asked = checker.asked
            if asked is not None and now >= checker.begun + self._limits.seconds:
                checker.finish()
                yield from self._dead(checker, counted=False)
                detail = f"stopped after {self._limits.seconds:g} s"
                yield Event(
                    asked.position, "lost", {"reason": "timeout", "detail": detail}
                )

    def _dead(self, checker: Busy, *, counted: bool = True) -> Iterator[Event]:
        """Forget a checker, killing what is left of it; its tasks are begun again.

        The task it was at is held responsible, unless the nursery is gone as well.
        """
        if checker not in self._checkers:
            return
        self._checkers.remove(checker)
        self._selector.unregister(checker.channel)
        checker.channel.close()
        if self._far is not None:
            self._far.forget(checker.process)
        self._nursing.kill(checker.process)
        if not checker.tasks:
            return
        asked, *ahead = checker.tasks
        self._waiting.extendleft(reversed(ahead))
        blamed = counted and not self._nursing.is_gone
        tries = self._tries[asked.position] = (
            self._tries.get(asked.position, 0) + blamed
        )
        if tries < TRIES:
            self._waiting.appendleft(asked)
            yield Event(asked.position, "again", {})
        else:
            detail = f"its process died {TRIES} times"
            yield Event(asked.position, "lost", {"reason": "crash", "detail": detail})

    def close(self) -> None:
        """End every process at once."""
        self._waiting.clear()
        self._nursing.drop()
        for checker in self._checkers:
            self._selector.unregister(checker.channel)
            checker.channel.close()
        self._checkers = []
