"""Kinds of job that misbehave in every way the server must survive."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import sys
import time
from typing import Any

HERE = "tests.solvers.job_kinds"
NAMES = (
    "echo", "state", "sleep", "stubborn", "hog", "vanish", "leave", "die", "abort",
    "raising", "shouting", "huge", "unprintable", "nothing", "spawn", "write", "half",
    "burn", "first_answer", "exhaust", "find",
)  # fmt: skip
KINDS = {name: f"{HERE}:{name}" for name in NAMES}
KINDS["missing"] = f"{HERE}:no_such_function"
KINDS["no_module"] = "tests.solvers.no_such_module:run"
PRELOAD = (
    "verify.solvers.z3_backend",
    "tests.solvers.job_kinds",
    "tests.no_such_module",
)

ran_before = False


def echo(payload: dict[str, Any]) -> dict[str, Any]:
    return {"got": payload, "status": "a job cannot choose its status"}


def state(payload: dict[str, Any]) -> dict[str, Any]:
    """What a job process looks like from the inside."""
    global ran_before
    before, ran_before = ran_before, True
    flags = {}
    if sys.platform.startswith("linux"):
        with open("/proc/self/status", encoding="ascii") as lines:
            flags = dict(line.rstrip("\n").partition(":\t")[::2] for line in lines)
    return {
        "ran_before": before,
        "pid": os.getpid(),
        "group": os.getpgid(0),
        "session": os.getsid(0),
        "parent": os.getppid(),
        "folder": os.getcwd(),
        "files": sorted(os.listdir("/dev/fd")),
        "no_new_privileges": flags.get("NoNewPrivs"),
        "environment": sorted(os.environ),
        "hash_seed": os.environ.get("PYTHONHASHSEED"),
        "input": os.read(0, 1).decode(),
    }


def sleep(payload: dict[str, Any]) -> dict[str, Any]:
    begun = time.monotonic()
    time.sleep(payload.get("seconds", 60))
    return {"begun": begun, "ended": time.monotonic()}


def stubborn(payload: dict[str, Any]) -> dict[str, Any]:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        sum(range(10_000))


def burn(payload: dict[str, Any]) -> dict[str, Any]:
    """Use more processor time than wall clock allows, by lowering the limit by hand."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
    return stubborn(payload)


def hog(payload: dict[str, Any]) -> dict[str, Any]:
    blocks = []
    while True:
        blocks.append(bytearray(2**20))


def exhaust(payload: dict[str, Any]) -> dict[str, Any]:
    """Like an engine that aborts when it cannot allocate."""
    blocks = []
    try:
        while True:
            blocks.append(bytearray(2**20))
    except MemoryError:
        os.abort()


def vanish(payload: dict[str, Any]) -> dict[str, Any]:
    os._exit(0)


def leave(payload: dict[str, Any]) -> dict[str, Any]:
    sys.exit(payload.get("code", 0))


def die(payload: dict[str, Any]) -> dict[str, Any]:
    os.kill(os.getpid(), payload["signal"])
    time.sleep(60)
    return {}


def abort(payload: dict[str, Any]) -> dict[str, Any]:
    os._exit(113)


def raising(payload: dict[str, Any]) -> dict[str, Any]:
    raise ValueError("what a job raises is its outcome")


def shouting(payload: dict[str, Any]) -> dict[str, Any]:
    for _ in range(64):
        os.write(1, b"x" * 2**20)
        os.write(2, b"x" * 2**20)
    sys.stdout.write("PROVED")
    sys.stdout.flush()
    return {"shouted": True}


def huge(payload: dict[str, Any]) -> dict[str, Any]:
    return {"text": "x" * payload["bytes"]}


def unprintable(payload: dict[str, Any]) -> dict[str, Any]:
    return {"value": float("nan")}


def nothing(payload: dict[str, Any]) -> Any:
    return None


def half(payload: dict[str, Any]) -> dict[str, Any]:
    """Write the beginning of a result past the server's back, then vanish."""
    pipe = max(
        int(name) for name in os.listdir("/dev/fd") if os.path.exists(f"/dev/fd/{name}")
    )
    os.write(pipe, b"\x00\x00\x00\x40{}\n{")
    os._exit(0)


def spawn(payload: dict[str, Any]) -> dict[str, Any]:
    """Leave a child behind that keeps everything open; tell its process id."""
    child = os.fork()
    if child == 0:
        time.sleep(300)
        os._exit(0)
    if payload.get("wait"):
        with socket.socket(socket.AF_UNIX) as out:
            out.connect(payload["wait"])
            out.sendall(f"{os.getpid()} {child}\n".encode())
        time.sleep(300)
    return {"child": child}


def write(payload: dict[str, Any]) -> dict[str, Any]:
    with open(payload["path"], "w", encoding="ascii") as out:
        out.write("x" * 100_000)
    return {}


def first_answer(payload: dict[str, Any]) -> dict[str, Any]:
    from verify.kernel.terms import FALSE
    from verify.solvers.answers import Budget
    from verify.solvers.z3_backend import solve

    return {"answer": type(solve([("f", FALSE)], Budget())).__name__}


def find(payload: dict[str, Any]) -> dict[str, Any]:
    """Whether a job could import a module of that name."""
    return {"found": importlib.util.find_spec(payload["module"]) is not None}
