"""Jobs that misbehave cost one result each; nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest

from tests.solvers.processes import is_gone, wait_until
from verify.solvers import jobs
from verify.solvers.jobs import JobError, JobServer

ROOT = Path(__file__).resolve().parents[2]
KINDS = "tests.solvers.job_kinds"
LINUX = sys.platform.startswith("linux")


@pytest.fixture(scope="module")
def server() -> Iterator[JobServer]:
    with JobServer(workers=2, kinds=KINDS) as started:
        yield started


def run(
    server: JobServer,
    kind: str,
    /,
    seconds: float = 20,
    megabytes: int = 512,
    **payload: Any,
) -> dict[str, Any]:
    return server.submit(kind, payload, seconds=seconds, megabytes=megabytes).result(60)


def test_a_result_comes_back(server: JobServer) -> None:
    result = run(server, "echo", text="x = 1/3", list=[1, None, True])
    assert result["got"] == {"text": "x = 1/3", "list": [1, None, True]}
    assert result["status"] == "done"  # whatever the job says
    assert 0 < result["seconds"] < 20
    assert result["peak"] > 0


def test_every_job_is_a_process_that_has_run_nothing(server: JobServer) -> None:
    states = [run(server, "state") for _ in range(5)]
    assert not any(state["ran_before"] for state in states)
    assert len({state["parent"] for state in states}) == 1
    assert os.getpid() not in {state["parent"] for state in states}


def test_a_job_is_shut_in(server: JobServer) -> None:
    state = run(server, "state")
    assert state["pid"] == state["group"] == state["session"]
    assert state["folder"] == "/"
    assert state["input"] == ""
    assert len(state["files"]) <= 5  # three that are null, the pipe, the listing itself
    assert state["hash_seed"] == "0"
    assert set(state["environment"]) <= {
        *jobs.KEPT_ENVIRONMENT,
        "PYTHONHASHSEED",
        "OPENBLAS_NUM_THREADS",
        "LC_CTYPE",
    }
    if LINUX:
        assert state["no_new_privileges"] == "1"


@pytest.mark.parametrize(
    ("kind", "payload", "limits", "status", "detail"),
    [
        ("vanish", {}, {}, "crash", "exit code 0 and no result"),
        ("leave", {"code": 0}, {}, "crash", "SystemExit: 0"),
        ("leave", {"code": 3}, {}, "crash", "SystemExit: 3"),
        ("half", {}, {}, "crash", "exit code 0 and no result"),
        ("raising", {}, {}, "crash", "ValueError: what a job raises is its outcome"),
        ("nothing", {}, {}, "crash", "TypeError"),
        ("unprintable", {}, {}, "crash", "not expressible in JSON"),
        ("missing", {}, {}, "crash", "no attribute 'no_such_function'"),
        ("no_module", {}, {}, "crash", "No module named"),
        ("die", {"signal": int(signal.SIGKILL)}, {}, "crash", "ended by signal 9"),
        ("die", {"signal": int(signal.SIGSEGV)}, {}, "crash", "ended by signal 11"),
        ("die", {"signal": int(signal.SIGTERM)}, {}, "crash", "ended by signal 15"),
        (
            "die",
            {"signal": int(signal.SIGSTOP)},
            {"seconds": 0.3},
            "timeout",
            "after 0.3 s",
        ),
        ("sleep", {}, {"seconds": 0.3}, "timeout", "stopped after 0.3 s"),
        ("stubborn", {}, {"seconds": 0.3}, "timeout", "stopped after 0.3 s"),
        ("burn", {}, {}, "timeout", "of processor time"),
        ("hog", {}, {"megabytes": 200}, "memory", "ran out of memory"),
        ("exhaust", {}, {"megabytes": 200}, "memory", "of 200 MB"),
        ("abort", {}, {}, "memory", "exit code 113"),
        ("huge", {"bytes": 2**24}, {}, "crash", "more than 16 MB"),
    ],
)
def test_misbehaviour_has_a_name(
    server: JobServer,
    kind: str,
    payload: dict[str, Any],
    limits: dict[str, Any],
    status: str,
    detail: str,
) -> None:
    begun = time.monotonic()
    result = run(server, kind, **limits, **payload)
    assert (result["status"], detail in result["detail"]) == (status, True), result
    assert time.monotonic() - begun < limits.get("seconds", 5) + 5
    assert run(server, "echo")["status"] == "done"


def test_noise_is_not_a_result(server: JobServer) -> None:
    assert run(server, "shouting")["shouted"] is True


def test_large_results_arrive(server: JobServer) -> None:
    assert len(run(server, "huge", bytes=2**23)["text"]) == 2**23


def test_a_job_writes_no_file(server: JobServer, tmp_path: Path) -> None:
    path = tmp_path / "written"
    result = run(server, "write", path=str(path))
    assert result["status"] == "crash" and "File too large" in result["detail"]
    assert not path.exists() or path.stat().st_size == 0


def test_what_a_job_leaves_running_is_killed(server: JobServer) -> None:
    child = run(server, "spawn")["child"]
    assert wait_until(lambda: is_gone(child))


def test_at_most_so_many_run_at_once(server: JobServer) -> None:
    futures = [server.submit("sleep", {"seconds": 0.15}, seconds=20) for _ in range(6)]
    spans = [future.result(60) for future in futures]
    events = sorted(
        [(one["begun"], 1) for one in spans] + [(one["ended"], -1) for one in spans]
    )
    running = most = 0
    for _, change in events:
        running += change
        most = max(most, running)
    assert most == 2


def test_waiting_in_the_queue_costs_no_time_of_a_job(server: JobServer) -> None:
    futures = [server.submit("sleep", {"seconds": 0.3}, seconds=0.9) for _ in range(8)]
    assert {future.result(60)["status"] for future in futures} == {"done"}


def test_results_come_as_they_are_ready(server: JobServer) -> None:
    slow = server.submit("sleep", {"seconds": 0.5}, seconds=20)
    quick = server.submit("sleep", {"seconds": 0.0}, seconds=20)
    assert list(server.as_completed([slow, quick])) == [quick, slow]
    assert list(server.as_completed([slow, quick])) == [slow, quick]
    assert list(server.as_completed([])) == []


def test_cancelling_kills_the_whole_group(server: JobServer, tmp_path: Path) -> None:
    pids, future = start_group(server, tmp_path)
    assert future.cancel() and future.cancelled()
    assert all(wait_until(lambda pid=pid: is_gone(pid)) for pid in pids)
    with pytest.raises(CancelledError):
        future.result(1)
    assert list(server.as_completed([future])) == [future]
    assert run(server, "echo")["status"] == "done"


def start_group(server: JobServer, folder: Path) -> tuple[list[int], jobs.JobFuture]:
    """A running job with a child: their process ids, and the future."""
    path = str(folder / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(20)
        future = server.submit("spawn", {"wait": path}, seconds=60)
        told, _ = listener.accept()
        with told, told.makefile() as lines:
            return [int(pid) for pid in lines.readline().split()], future


def test_a_cancelled_job_in_the_queue_never_starts(tmp_path: Path) -> None:
    with JobServer(workers=1, kinds=KINDS) as server:
        first = server.submit("sleep", {"seconds": 0.3}, seconds=20)
        second = server.submit("write", {"path": str(tmp_path / "w")}, seconds=20)
        third = server.submit("echo", {}, seconds=20)
        assert second.cancel()
        assert first.result(60)["status"] == third.result(60)["status"] == "done"
        assert not first.cancel() and not first.cancelled()
        assert second.cancel()
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("kind", "payload", "limits", "word"),
    [
        ("os.system", {}, {}, "no such kind of job"),
        ("tests.solvers.job_kinds:echo", {}, {}, "no such kind of job"),
        ("echo", {"x": float("nan")}, {}, "the payload of echo"),
        ("echo", {"x": {1, 2}}, {}, "the payload of echo"),
        ("echo", {"x": "x" * 2**24}, {}, "more than 16 MB"),
        ("echo", {}, {"seconds": 0}, "limits above 0"),
        ("echo", {}, {"seconds": float("inf")}, "limits above 0"),
        ("echo", {}, {"seconds": float("nan")}, "limits above 0"),
        ("echo", {}, {"megabytes": 0}, "limits above 0"),
    ],
)
def test_what_cannot_be_run_is_refused(
    server: JobServer, kind: str, payload: Any, limits: dict[str, Any], word: str
) -> None:
    with pytest.raises(JobError, match=word):
        server.submit(kind, payload, **{"seconds": 5, **limits})


def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    with JobServer(workers=2, kinds=KINDS) as server:
        (pid, child), future = start_group(server, tmp_path)
        parent = run(server, "state")["parent"]
        os.kill(parent, signal.SIGKILL)
        result = future.result(20)
        assert (
            result["status"] == "crash" and "the job server ended" in result["detail"]
        )
        if LINUX:
            assert wait_until(lambda: is_gone(pid))
        os.kill(child, signal.SIGKILL)  # a job's own child has nobody left to kill it
        assert run(server, "state")["parent"] != parent


def test_closing_ends_everything(tmp_path: Path) -> None:
    server = JobServer(workers=1, kinds=KINDS)
    pids, future = start_group(server, tmp_path)
    waiting = server.submit("echo", {}, seconds=5)
    begun = time.monotonic()
    server.close()
    assert time.monotonic() - begun < 3
    for one in (future, waiting):
        assert one.result(1)["status"] == "crash"
        assert "closed" in one.result(1)["detail"]
    assert all(wait_until(lambda pid=pid: is_gone(pid)) for pid in pids)
    server.close()
    with pytest.raises(JobError, match="make a new one"):
        server.submit("echo", {}, seconds=5)


def test_starting_does_not_wait() -> None:
    with JobServer(kinds=KINDS) as server:
        begun = time.monotonic()
        server.start()
        server.start()
        assert time.monotonic() - begun < 0.3
        assert run(server, "first_answer")["answer"] == "Unsat"


def test_a_server_that_was_never_used_closes() -> None:
    JobServer(kinds=KINDS).close()
    with JobServer(kinds=KINDS) as server:
        server.start()


def test_elsewhere_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(jobs.os, "name", "nt")
        with pytest.raises(JobError, match="POSIX"):
            JobServer()


CLIENT = """
import os, signal, sys, time
from pathlib import Path
from verify.solvers.jobs import JobServer
if __name__ == "__main__":
    with JobServer(workers=1, kinds="tests.solvers.job_kinds") as server:
        future = server.submit("spawn", {"wait": sys.argv[1]}, seconds=60)
        print(server._process.pid, flush=True)
        if sys.argv[2] == "leave":
            sys.stdin.readline()
            os._exit(0)
        if sys.argv[2] == "raise":
            sys.stdin.readline()
            raise SystemExit
        future.result()
"""


@pytest.mark.parametrize(
    "way", ["leave", "raise", "kill", "interrupt", "terminate", "hang up"]
)
def test_no_process_survives_the_client(way: str, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    script = tmp_path / "client.py"
    script.write_text(CLIENT, encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(20)
        client = subprocess.Popen(
            [sys.executable, str(script), path, way],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        with client:
            told, _ = listener.accept()
            with told, told.makefile() as lines:
                pids = [int(pid) for pid in lines.readline().split()]
            assert client.stdout is not None
            pids.append(int(client.stdout.readline()))
            assert not any(map(is_gone, pids))
            signals = {
                "kill": signal.SIGKILL, "interrupt": signal.SIGINT,
                "terminate": signal.SIGTERM, "hang up": signal.SIGHUP,
            }  # fmt: skip
            if way in signals:
                client.send_signal(signals[way])
            else:
                client.communicate("go\n", timeout=20)
            client.wait(20)
    assert all(wait_until(lambda pid=pid: is_gone(pid)) for pid in pids)


def test_nothing_is_imported_from_the_current_folder(tmp_path: Path) -> None:
    """A stranger's folder may hold a z3.py, or a json.py."""
    canary = tmp_path / "canary"
    folder = tmp_path / "claims"
    (folder / "verify").mkdir(parents=True)
    trap = f"open({str(canary)!r}, 'w').close()\n"
    for name in (
        "z3.py",
        "json.py",
        "selectors.py",
        "only_here.py",
        "verify/__init__.py",
    ):
        (folder / name).write_text(trap, encoding="utf-8")
    script = tmp_path / "client.py"
    script.write_text(
        "import os, sys\n"
        "from verify.solvers.jobs import JobServer\n"
        "sys.path.insert(0, os.getcwd())\n"  # as `python -m` does
        "with JobServer(kinds='tests.solvers.job_kinds') as server:\n"
        "    print(server.submit('first_answer', {}, seconds=20).result()['status'])\n"
        "    there = {'module': 'only_here'}\n"
        "    print(server.submit('find', there, seconds=20).result()['found'])\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"}, check=True,
    )  # fmt: skip
    assert done.stdout == "done\nFalse\n"
    assert not canary.exists()


@pytest.mark.parametrize("delay", [0.0, 0.001, 0.005, 0.02])
def test_a_job_killed_at_any_moment_has_an_outcome(
    server: JobServer, delay: float
) -> None:
    futures = [server.submit("state", {}, seconds=20) for _ in range(4)]
    time.sleep(delay)
    for future in futures[::2]:
        future.cancel()
    assert all(future.result(60)["status"] == "done" for future in futures[1::2])


@pytest.mark.skipif(not LINUX, reason="there is no /proc to count threads in")
def test_the_server_has_one_thread() -> None:
    """A child of a process with threads may inherit a lock that nobody will release."""
    with JobServer() as server:
        server.start()
        result = server.submit("decide", {"problem": ""}, seconds=20).result(60)
        assert result["status"] == "crash" and "Rejected" in result["detail"]
        assert server._process is not None
        assert len(os.listdir(f"/proc/{server._process.pid}/task")) == 1


def test_jobs_are_cheap(server: JobServer) -> None:
    """Measured 4 ms; the bound leaves room for a busy machine."""
    run(server, "echo")
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        run(server, "echo")
        times.append(time.perf_counter() - begun)
    assert sorted(times)[10] < 0.1
