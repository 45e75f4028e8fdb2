"""How an end without a result is named."""

from __future__ import annotations

import signal

import pytest

from verify.solvers.isolation import layers
from verify.solvers.server import Running, describe_end, run_job


@pytest.mark.parametrize(
    ("status", "peak", "stopped", "word", "detail"),
    [
        (0, 20, "", "crash", "exit code 0 and no result"),
        (1 << 8, 20, "", "crash", "exit code 1 and no result"),
        (113 << 8, 20, "", "memory", "exit code 113"),
        (101 << 8, 20, "", "memory", "exit code 101"),
        (1 << 8, 60, "", "memory", "at 60 of 100 MB"),
        (signal.SIGSEGV, 20, "", "crash", "ended by signal 11"),
        (signal.SIGSEGV, 50, "", "memory", "at 50 of 100 MB"),
        (signal.SIGABRT, 90, "", "memory", "at 90 of 100 MB"),
        (signal.SIGKILL, 20, "", "crash", "ended by signal 9"),
        (signal.SIGKILL, 99, "timeout", "timeout", "stopped after 3 s"),
        (signal.SIGXCPU, 99, "", "timeout", "3 s of processor time"),
        (signal.SIGALRM, 20, "", "timeout", "3 s of processor time"),
    ],
)
def test_ends(status: int, peak: float, stopped: str, word: str, detail: str) -> None:
    job = Running(id=1, pipe=-1, begun=0, seconds=3, megabytes=100, stopped=stopped)
    said, why = describe_end(int(status), peak, job)
    assert said == word
    assert detail in why


def test_a_kind_outside_the_table_is_never_looked_up() -> None:
    outcome = run_job({}, "os:getcwd", b"{}")
    assert outcome["status"] == "crash"
    assert outcome["detail"].startswith("LookupError: no such kind of job: os:getcwd (")


def test_the_layers_are_named() -> None:
    assert {"process group", "memory limit", "processor limit"} <= set(layers())
