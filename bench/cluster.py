"""What a Dask cluster costs beside processes of this machine, and where.

    python bench/cluster.py [CLAIMS] [ROUNDS] [EACH]

Begins a scheduler with two worker processes on loopback and runs the same library (EACH
claims a document) here with two workers and there, in turns, from empty stores. Prints the
wall clock of each run, the ratio of the best ones, and the processor time per job of the
runner, the scheduler and the workers' own processes (without the jobs, which are
processes of their own): what `bench/scale.py` reckons with.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from suites import crowding, make_library

from verify.cli.suite import Report, Request, make_report
from verify.language.verdicts import Verdict

WORKERS = 2


class Cost(NamedTuple):
    """One run: wall clock, the runner's processor time, seconds of search."""

    wall: float
    runner: float
    search: float
    kernel: float
    bytes: int


def measure(library: Path, store: Path, scheduler: str) -> Cost:
    """One run from an empty store, on this machine if `scheduler` is empty."""
    for ending in ("", "-wal", "-shm"):
        store.with_name(store.name + ending).unlink(missing_ok=True)
    request = Request(
        library=(str(library),), workers=WORKERS, store=str(store), fresh=True,
        scheduler=scheduler, executor="dask" if scheduler else "local",
    )  # fmt: skip
    begun, used = time.perf_counter(), time.process_time()
    report = make_report(request)
    wall, used = time.perf_counter() - begun, time.process_time() - used
    steps = _steps(report)
    return Cost(
        wall, used, sum(v.search_seconds for v in steps),
        sum(v.kernel_seconds for v in steps), store.stat().st_size,
    )  # fmt: skip


def _steps(report: Report) -> list[Verdict]:
    steps = [r for r in report.records if isinstance(r, Verdict) and r.kind == "step"]
    if any(v.status != "proved" or v.trust != "certified" for v in steps):
        raise SystemExit("a claim was not proved; this measures nothing")
    return steps


def begin_cluster() -> Any:
    """A scheduler and two workers, each a process with one thread."""
    from distributed.deploy.subprocess import SubprocessCluster

    return SubprocessCluster(
        n_workers=WORKERS, worker_kwargs={"nthreads": 1, "dashboard": False},
        scheduler_kwargs={"dashboard": False}, silence_logs=50,
    )  # fmt: skip


def used_there(address: str) -> tuple[float, float]:
    """Processor time of the scheduler, and of all workers' own processes, until now."""
    from distributed import Client

    with Client(address, timeout=10) as client:
        workers = client.run(time.process_time)
        return client.run_on_scheduler(time.process_time), sum(workers.values())


def main() -> None:
    """Measure and print."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    each = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    folder = Path(tempfile.mkdtemp())
    make_library(folder / "library", claims, each)
    with begin_cluster() as cluster:
        address = cluster.scheduler_address
        measure(folder / "library", folder / "warm.sqlite", address)
        here, there = [], []
        for _ in range(rounds):
            here.append(measure(folder / "library", folder / "here.sqlite", ""))
            before = used_there(address)
            there.append(measure(folder / "library", folder / "there.sqlite", address))
            after = used_there(address)
            for name, cost in (("here", here[-1]), ("dask", there[-1])):
                print(
                    f"{name}: {cost.wall:6.2f} s, search {cost.search:6.2f} s, kernel "
                    f"{1_000 * cost.kernel / claims:.2f} ms a claim, runner "
                    f"{1_000 * cost.runner / claims:.2f} ms a claim, "
                    f"{cost.bytes / claims:.0f} bytes a claim",
                    flush=True,
                )
            used = [
                1_000 * (b - a) / claims for a, b in zip(before, after, strict=True)
            ]
            print(
                f"      scheduler {used[0]:.2f} ms a claim, workers {used[1]:.2f} ms a "
                f"claim, crowding {crowding():.1f}"
            )
        best = min(c.wall for c in there) / min(c.wall for c in here)
        print(f"dask / here: {best:.2f} of the best of {rounds}")


if __name__ == "__main__":
    main()
