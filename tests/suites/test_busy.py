"""What the runner tells a checker never waits for the checker to listen."""

from __future__ import annotations

import socket
import time

import pytest

from verify.solvers.messages import Reader, read_body
from verify.suites.busy import Asked, Busy
from verify.suites.tasks import Task


def make() -> tuple[Busy, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(5)
    return Busy(ours, 1), theirs


def test_a_checker_that_does_not_listen_is_not_waited_for() -> None:
    busy, checker = make()
    begun = time.monotonic()
    for number in range(5):
        busy.say("found", {"texts": ["x" * 1_000_000]}, id=number)
        busy.flush()
    assert busy.is_behind and time.monotonic() - begun < 5
    reader, said = Reader(), []
    while len(said) < 5:
        said += reader.feed(checker.recv(2**18))
        busy.flush()
    assert [message.header for message in said] == [
        {"say": "found", "id": n} for n in range(5)
    ]
    assert all(
        len(read_body(message.body)["texts"][0]) == 1_000_000 for message in said
    )
    assert not busy.is_behind


def test_a_checker_that_is_gone_is_found_out() -> None:
    busy, checker = make()
    checker.close()
    busy.say("found", {})
    with pytest.raises(OSError):
        busy.flush()
    with pytest.raises(EOFError):
        list(busy.hear())


def test_tasks_are_finished_in_the_order_they_were_given() -> None:
    busy, _ = make()
    tasks = [Asked(n, Task("document", f"d{n}", {}), dict) for n in range(2)]
    for one in tasks:
        busy.give(one, {})
    assert busy.asked is tasks[0]
    busy.finish()
    assert busy.asked is tasks[1] and busy.begun > 0
    busy.finish()
    assert busy.asked is None
