"""Recursive definitions without the recursion: a stack of generators in place of frames.

A step is a generator that yields the parts it needs and is sent their results; it
returns its own. So passes over trees read as if they called themselves, while depth uses
memory that is capped elsewhere and never the interpreter's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


def run(
    begin: Callable[[Request], Generator[Request, Result, Result]], request: Request
) -> Result:
    """The result of `request`, where `begin` makes the step that answers a request."""
    stack = [begin(request)]
    answer: Result | None = None
    while True:
        try:
            needed = stack[-1].send(answer)  # type: ignore[arg-type]
        except StopIteration as done:
            stack.pop()
            result: Result = done.value
            if not stack:
                return result
            answer = result
        else:
            stack.append(begin(needed))
            answer = None
