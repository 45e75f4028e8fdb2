"""A real Dask scheduler with worker processes on loopback, some of them killed."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import run
from tests.suites.libraries import (
    are_gone,
    descendants,
    finished,
    kill,
    make_library,
    start,
    statuses,
    untimed,
    wait_for,
)
from tests.suites.networks_library import make_networks
from verify.cli.exits import Exit
from verify.cli.paths import Refusal
from verify.cli.run import carry_out
from verify.cli.suite import Request, make_report
from verify.language.verdicts import Verdict
from verify.suites import cluster as cluster_module
from verify.suites import far_jobs
from verify.suites.cluster import Place
from verify.suites.database import Database

pytest.importorskip("distributed", reason="distributed is not installed")

WORKERS = 2


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed.deploy.subprocess import SubprocessCluster

    with SubprocessCluster(
        n_workers=WORKERS,
        worker_kwargs={"nthreads": 1, "dashboard": False},
        scheduler_kwargs={"dashboard": False}, silence_logs=50,
    ) as made:  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_networks(make_library(tmp_path_factory.mktemp("far") / "lib", 4))


@pytest.fixture(scope="module")
def undisturbed(library: Path) -> list[object]:
    """The records of a run on this machine."""
    file = library.parent / "local.jsonl"
    ran = run(
        "run", library, "--store", library.parent / "local.sqlite", "--json", file
    )
    assert ran.code == 0, ran
    return plain(file)


def plain(file: Path) -> list[object]:
    """The records without times and what a search may find in more than one way."""
    return [without_chance(record) for record in untimed(file.read_text())]


def without_chance(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "data": {}} if record.get("kind") == "property" else record


def test_the_report_is_that_of_a_local_run(
    cluster: Any, library: Path, undisturbed: list[object], tmp_path: Path
) -> None:
    ran = run(
        "run", library, "--executor", "dask", "--scheduler", cluster.scheduler_address,
        "--store", tmp_path / "s.sqlite", "--json", tmp_path / "r.jsonl",
    )  # fmt: skip
    assert ran.code == 0, ran
    assert plain(tmp_path / "r.jsonl") == undisturbed
    again = run(
        "run", library, "--store", tmp_path / "s.sqlite", "--json", tmp_path / "r.jsonl"
    )
    assert again.code == 0, again
    searched = [
        one["search_seconds"]
        for one in map(json.loads, (tmp_path / "r.jsonl").read_text().splitlines()[:-1])
    ]
    assert max(searched) == 0, "what a cluster found is in the store"


def worker_processes() -> list[int]:
    """The workers themselves, which their nannies begin anew; told by how they start."""
    return sorted(
        one for one in descendants(os.getpid()) if b"spawn_main" in _command(one)
    )


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def test_jobs_of_killed_workers_run_again(
    cluster: Any, library: Path, undisturbed: list[object], tmp_path: Path
) -> None:
    process = start(
        "run", library, "--executor", "dask", "--scheduler", cluster.scheduler_address,
        "--store", tmp_path / "s.sqlite", "--json", tmp_path / "r.jsonl",
    )  # fmt: skip
    chosen, killed = random.Random(7), 0
    while process.poll() is None:
        time.sleep(0.4)
        victims = worker_processes()
        if victims and killed < 4:
            kill(chosen.choice(victims))
            killed += 1
    out, err = process.communicate()
    assert process.returncode == 0, (out, err)
    assert killed >= 2
    assert plain(tmp_path / "r.jsonl") == undisturbed


def test_one_question_is_shared_by_the_workers(cluster: Any, tmp_path: Path) -> None:
    folder = make_networks(tmp_path / "lib")
    request = Request(
        library=(str(folder),), store=str(tmp_path / "s.sqlite"), executor="dask",
        scheduler=cluster.scheduler_address, split=0.0001,
    )  # fmt: skip
    report = make_report(request)
    assert report.code == Exit.AS_EXPECTED
    said = [v.status for v in report.records if isinstance(v, Verdict)]
    assert said == ["proved", "refuted", "vacuous"]


@pytest.mark.campaign
def test_a_lost_scheduler_leaves_a_run_to_be_taken_up(
    library: Path, undisturbed: list[object], tmp_path: Path
) -> None:
    store = tmp_path / "s.sqlite"
    process = start(
        "run", library, "-j", "2", "--executor", "dask", "--store", store, "--json",
        tmp_path / "r.jsonl", "--select", "d00",
    )  # fmt: skip
    assert wait_for(lambda: finished(store) >= 1, 60.0)
    below = descendants(process.pid)
    for one in below:
        if b"Scheduler" in _command(one):
            kill(one)
    out, err = process.communicate(timeout=90)
    told = [
        json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()
    ]
    assert are_gone(below, 20)
    if process.returncode == 0:
        pytest.skip("the run was over before its scheduler was gone")
    assert process.returncode == Exit.INTERRUPTED, (out, err)
    assert "scheduler is gone" in out and "Not complete" in out
    assert told[-1]["complete"] is False
    ran = run(
        "run",
        library,
        "--store",
        store,
        "--json",
        tmp_path / "r.jsonl",
        "--select",
        "d00",
    )
    assert ran.code == 0
    assert set(statuses((tmp_path / "r.jsonl").read_text()).values()) == {
        "proved",
        "refuted",
    }


def test_no_scheduler_is_a_sentence(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setattr(cluster_module, "CONNECTING", 1.0)
    request = Request(
        library=(str(library),), store=str(tmp_path / "s.sqlite"), executor="dask",
        scheduler=f"tcp://127.0.0.1:{port}",
    )  # fmt: skip
    with pytest.raises(Refusal) as caught:
        carry_out(request)
    assert (
        caught.value.code == Exit.USAGE and "no Dask cluster" in caught.value.sentence
    )
    with Database(tmp_path / "s.sqlite").connection as store:
        assert store.execute("SELECT COUNT(*) FROM runs").fetchone() == (0,)


def test_a_worker_with_other_code_runs_nothing() -> None:
    job = {"kind": "none", "payload": {}, "seconds": 5.0, "megabytes": 500}
    sent = [json.dumps(job).encode()] * 2
    for expected, fragment in (
        ("other", "other code"),
        (far_jobs.describe_code(), "no such kind"),
    ):
        results = far_jobs.run_far(sent, expected, False)
        told = [json.loads(one or b"null") for one in results]
        assert [one["status"] for one in told] == ["crash", "crash"]
        assert all(fragment in one["detail"] for one in told)


def test_jobs_of_a_task_that_takes_long_are_handed_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(far_jobs, "BEGUN_WITHIN", -1.0)
    job = {"kind": "none", "payload": {}, "seconds": 5.0, "megabytes": 500}
    sent = [json.dumps(job).encode()] * 3
    first, *others = far_jobs.run_far(sent, far_jobs.describe_code(), False)
    assert first is not None and others == [None, None]


class Quiet:
    """A client whose tasks never end."""

    status = "running"

    def __init__(self) -> None:
        self.tasks: list[int] = []

    def submit(self, run: Any, sent: list[bytes], *_: Any, **__: Any) -> Any:
        self.tasks.append(len(sent))
        return Silent()


class Silent:
    status = "pending"

    def add_done_callback(self, _: Any) -> None: ...

    def cancel(self) -> None:
        self.status = "cancelled"


def test_cheap_jobs_share_a_task_only_where_workers_have_enough() -> None:
    made = cluster_module.Cluster("", 1)
    made._client, made.width = Quiet(), 2
    for number in range(3):
        made.submit(Place(1, number), "decide", b"{}")
    made.send()
    assert made._client.tasks == [1, 1, 1]
    for number in range(3, 60):
        made.submit(Place(1, number), "decide", b"{}")
    made.send()
    assert made._client.tasks == [1, 1, 1, 16] and len(made._waiting) == 41
    made.submit(Place(1, 60), "instance", b"{}")
    made.forget(1)
    assert not made._waiting
    assert all(future.status == "cancelled" for future in made._running)


def test_a_far_job_has_its_limits() -> None:
    with far_jobs.CellServer("tests.solvers.job_kinds", required=False) as server:
        begun = time.monotonic()
        slow = server.submit("sleep", {"seconds": 60}, seconds=0.5)
        greedy = server.submit("hog", {}, seconds=20, megabytes=400)
        quick = server.submit("echo", {"a": 1}, seconds=20)
        assert quick.result()["got"] == {"a": 1}
        assert slow.result()["status"] == "timeout" and time.monotonic() - begun < 20
        assert greedy.result()["status"] == "memory"
    assert threading.active_count() < 50
