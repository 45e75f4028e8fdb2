"""Steps that ask for other steps, without the interpreter's stack."""

from __future__ import annotations

import sys
from collections.abc import Generator

import pytest

from verify.language.trampoline import run


def _sum(number: int) -> Generator[int, int, int]:
    if number < 0:
        raise ValueError("negative")
    return number + (yield number - 1) if number else 0


def _fibonacci(number: int) -> Generator[int, int, int]:
    if number < 2:
        return number
    left = yield number - 1
    right = yield number - 2
    return left + right


def test_results_come_back_in_order() -> None:
    assert [run(_fibonacci, number) for number in range(10)] == [
        0, 1, 1, 2, 3, 5, 8, 13, 21, 34,
    ]  # fmt: skip


def test_depth_is_not_the_depth_of_the_stack() -> None:
    deep = sys.getrecursionlimit() * 10
    assert run(_sum, deep) == deep * (deep + 1) // 2


def test_errors_pass_through() -> None:
    with pytest.raises(ValueError, match="negative"):
        run(_sum, -1)
