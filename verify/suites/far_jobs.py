"""What a worker of a cluster does: run one job in a process of its own, with its limits.

A worker keeps a job server, as a checker does, so a job here is a fork in namespaces of
its own that is killed on time. Nothing is believed of what comes back: the client checks
certificates and evaluates points itself. A worker with other code or other engines than
the client's says so and runs nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from verify.solvers.isolation import layers
from verify.solvers.jobs import (
    JobError,
    JobServer,
    Result,
    ServerProcess,
    import_path,
    kept_environment,
)
from verify.solvers.namespaces import WANTED, Cells, enter_namespaces
from verify.solvers.server import Server
from verify.solvers.versions import read_versions
from verify.suites.database import digest_of
from verify.suites.kinds import KINDS
from verify.suites.landlock import LAYER, give_up_files, version
from verify.suites.machine import code_hash

BEGUN_WITHIN: Final = 1.0  # seconds in which a task's jobs are begun
AT_ONCE: Final = 256  # the cluster decides how many jobs a worker has
BOOT: Final = (
    "import json, sys; given = json.loads(sys.argv[1]); "
    "sys.path[:0] = given['path']; "
    "from verify.suites.far_jobs import main; main(given)"
)


class CellServer(JobServer):
    """A job server in namespaces of its own, as far as the system has them."""

    def __init__(self, kinds: str, *, required: bool) -> None:
        super().__init__(AT_ONCE, kinds=kinds)
        self._required = required

    def _begin(self, ours: socket.socket, theirs: socket.socket) -> ServerProcess:
        given = {
            "socket": theirs.fileno(), "kinds": self._kinds, "path": import_path(),
            "required": self._required,
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT, json.dumps(given)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            env=kept_environment(), start_new_session=True,
        )  # fmt: skip


def main(given: Mapping[str, Any]) -> None:
    """Serve the worker at the other end of the socket."""
    entered = enter_namespaces()
    if given["required"] and not entered:
        os._exit(1)
    channel = socket.socket(fileno=given["socket"])
    module = importlib.import_module(given["kinds"])
    for name in module.PRELOAD:
        with contextlib.suppress(ImportError):  # the job that needs it will say so
            importlib.import_module(name)
    give_up_files()
    Server(channel, AT_ONCE, module.KINDS, Cells() if entered else None).serve()
    os._exit(0)


class Worker:
    """The job servers of this worker's process, begun when they are needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, bool], CellServer] = {}

    def server(self, kind: str, *, required: bool) -> CellServer:
        """The server for jobs of a kind."""
        table = "verify.suites.far_kinds" if kind in KINDS else "verify.solvers.kinds"
        with self._lock:
            key = (table, required)
            if key not in self._servers:
                self._servers[key] = CellServer(table, required=required)
            return self._servers[key]


WORKER: Final = Worker()


@cache
def describe_code() -> str:
    """A digest of everything that a job's answer depends on besides the job."""
    return digest_of(read_versions(), code_hash())


def find_layers() -> tuple[str, ...]:
    """The protections that jobs have here; tried in a process, because it enters them."""
    code = (
        f"import sys; sys.path[:0] = {import_path()!r}; "
        "from verify.solvers.namespaces import enter_namespaces; "
        "sys.exit(0 if enter_namespaces() else 1)"
    )
    tried = subprocess.run(
        [sys.executable, "-P", "-c", code], env=kept_environment(), check=False
    )
    changes = (LAYER,) if version() else ()
    return (*layers(), *changes, *(() if tried.returncode else WANTED))


def run_far(jobs: list[bytes], expected: str, required: bool) -> list[bytes | None]:
    """The results of jobs, as JSON; None for one that was not begun.

    `expected` is `describe_code` of who asks. They run one after the other, and none is
    begun after a second: what is left is better placed anew.
    """
    if describe_code() != expected:
        detail = "its worker has other code or other engines; install the same there"
        refused = json.dumps({"status": "crash", "detail": detail}).encode()
        return [refused] * len(jobs)
    begun = time.monotonic()
    results: list[bytes | None] = []
    for job in jobs:
        late = results and time.monotonic() - begun > BEGUN_WITHIN
        results.append(None if late else _run(job, required))
    return results


def _run(job: bytes, required: bool) -> bytes:
    """One job, in a process of its own with its limits."""
    given = json.loads(job)
    server = WORKER.server(given["kind"], required=required)
    try:
        future = server.submit(
            given["kind"], given["payload"], seconds=float(given["seconds"]),
            megabytes=int(given["megabytes"]),
        )  # fmt: skip
        result: Result = future.result()
    except JobError as error:
        result = {"status": "crash", "detail": str(error)}
    return json.dumps(result, allow_nan=False).encode()
