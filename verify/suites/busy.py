"""A checker as the runner sees it: its socket, what it is at, and what waits to be sent.

Nothing the runner says may wait for a checker to listen, because a checker that is itself
waiting to be heard would then wait for ever. So what does not fit into the socket is kept
here, and goes out when there is room.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from verify.solvers.messages import Message, Reader, write_message
from verify.suites.tasks import Task

CHUNK: Final = 2**18


class Asked(NamedTuple):
    """A task to do: its position in the run, and what its desk is given."""

    position: int
    task: Task
    given: Callable[[], Mapping[str, Any]]


@dataclass(slots=True, eq=False)
class Busy:
    """A checker with its tasks: the one it is at, and the one it will go on to."""

    channel: socket.socket
    process: int
    tasks: deque[Asked] = field(default_factory=deque)
    begun: float = 0.0
    _reader: Reader = field(default_factory=Reader)
    _outgoing: bytearray = field(default_factory=bytearray)

    @property
    def asked(self) -> Asked | None:
        """The task it is at."""
        return self.tasks[0] if self.tasks else None

    @property
    def is_behind(self) -> bool:
        """Whether something waits to be sent to it."""
        return bool(self._outgoing)

    def give(self, asked: Asked, body: Mapping[str, Any]) -> None:
        """Add a task; it is sent with `flush`."""
        if not self.tasks:
            self.begun = time.monotonic()
        self.tasks.append(asked)
        self.say("task", body)

    def finish(self) -> None:
        """Go on to the next task."""
        self.tasks.popleft()
        self.begun = time.monotonic()

    def say(
        self, word: str, body: Mapping[str, Any] | bytes, **header: int | str
    ) -> None:
        """Queue a message. Raises MessageError on what is no JSON or too long."""
        self._outgoing += write_message({"say": word, **header}, body)

    def flush(self) -> None:
        """Send what there is room for. Raises OSError when it is gone."""
        try:
            while self._outgoing:
                del self._outgoing[: self.channel.send(self._outgoing[:CHUNK])]
        except (BlockingIOError, InterruptedError):
            return

    def hear(self) -> Iterator[Message]:
        """The messages that have come. Raises EOFError when it is gone."""
        data = self.channel.recv(CHUNK)
        if not data:
            raise EOFError
        yield from self._reader.feed(data)
