"""Work in forked processes, with nothing to send them but a number.

A fork has everything that was read already, so only the results travel. What goes wrong in
a process comes back as the exception it was.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any, Final, TypeVar

Result = TypeVar("Result")

_WORK: Final[list[Callable[[int], Any]]] = []  # what forks of this process are to do


def run_forked(
    work: Callable[[int], Result], count: int, processes: int
) -> list[Result]:
    """`work` of 0, 1, ... `count` - 1, in order; raises what any of them raised."""
    _WORK.append(work)
    try:
        context = multiprocessing.get_context("fork")
        with context.Pool(min(processes, count)) as pool:
            return pool.map(_call, range(count), chunksize=1)
    finally:
        _WORK.pop()


def _call(number: int) -> Any:
    return _WORK[-1](number)
