"""What a request to end means while a suite runs, and while its reports are written."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruptions() -> Iterator[None]:
    """Let a request to end, or a closed terminal, be what Ctrl-C is."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    old = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        try:
            old[number] = signal.signal(number, stop)
        except ValueError:  # not the main thread: its owner has its own way to stop
            break
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextmanager
def held_off() -> Iterator[None]:
    """Let nothing interrupt while the run is closed and its reports are written."""
    old = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        try:
            old[number] = signal.signal(number, signal.SIG_IGN)
        except ValueError:  # not the main thread, which alone is interrupted
            break
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
