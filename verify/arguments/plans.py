"""Plans: flows of jobs written as straight code, run side by side.

Deciding one statement is a sequence of jobs where each depends on the last one's answer,
and a document has many statements. A plan is a generator that yields a tuple of jobs and
is sent the tuple of their results; it never sees a process, a clock or another plan. The
runner keeps every plan that can go on going, in the order they were started, so the
answers do not depend on which job happens to end first. Equal jobs are run once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

Result = Mapping[str, Any]
Value = TypeVar("Value")


class Job(NamedTuple):
    """One query: its kind, what it is given, and the wall clock after which it dies."""

    kind: str
    payload: Mapping[str, Any]
    seconds: float
    megabytes: int = 2_048


Plan = Generator[tuple[Job, ...], tuple[Result, ...], Value]


class Server(Protocol):
    """What a plan's jobs are run on; see `verify.solvers.jobs`."""

    def submit(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        seconds: float,
        megabytes: int = 2_048,
    ) -> Any: ...

    def as_completed(self, futures: Sequence[Any]) -> Iterator[Any]: ...


def ask(job: Job) -> Plan[Result]:
    """The result of one job."""
    (result,) = yield (job,)
    return result


def together(plans: Iterable[Plan[Value]]) -> Plan[list[Value]]:
    """The values of several plans, their jobs submitted side by side, round by round."""
    running = dict(enumerate(plans))
    values: dict[int, Value] = {}
    answers: dict[int, tuple[Result, ...]] = {}
    while running:
        wanted: dict[int, tuple[Job, ...]] = {}
        for place, plan in list(running.items()):
            try:
                wanted[place] = (
                    plan.send(answers[place]) if place in answers else next(plan)
                )
            except StopIteration as stop:
                values[place] = stop.value
                del running[place]
        if running:
            given = iter((yield tuple(job for jobs in wanted.values() for job in jobs)))
            answers = {
                place: tuple(next(given) for _ in jobs)
                for place, jobs in wanted.items()
            }
    return [values[place] for place in sorted(values)]


class _Running(NamedTuple):
    key: Hashable
    plan: Plan[Any]
    jobs: tuple[str, ...]


class Runner:
    """Runs plans on a server; `results` yields each one's key and value as it ends."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: list[_Running] = []
        self._ended: list[tuple[Hashable, Any]] = []
        self._results: dict[str, Result] = {}
        self._pending: dict[str, tuple[Any, float]] = {}

    def start(self, key: Hashable, plan: Plan[Any]) -> None:
        """Add a plan; its first jobs are submitted at once."""
        self._go_on(key, plan, None)

    def results(self) -> Iterator[tuple[Any, Any]]:
        """Every plan's key and value; more plans may be started meanwhile."""
        while self._ended or self._waiting:
            while self._ended:
                yield self._ended.pop(0)
            if self._waiting:
                self._collect()

    def _go_on(self, key: Hashable, plan: Plan[Any], given: Any) -> None:
        while True:
            try:
                jobs = plan.send(given)
            except StopIteration as stop:
                self._ended.append((key, stop.value))
                return
            names = tuple(self._submit(job) for job in jobs)
            if not all(name in self._results for name in names):
                self._waiting.append(_Running(key, plan, names))
                return
            given = tuple(self._results[name] for name in names)

    def _submit(self, job: Job) -> str:
        name = json.dumps([job.kind, job.payload, job.seconds], sort_keys=True)
        if name not in self._results and name not in self._pending:
            future = self._server.submit(
                job.kind,
                dict(job.payload),
                seconds=job.seconds,
                megabytes=job.megabytes,
            )
            self._pending[name] = (future, time.perf_counter())
        return name

    def _collect(self) -> None:
        """Wait for one job, then let every plan that was waiting for it go on."""
        futures = {id(future): name for name, (future, _) in self._pending.items()}
        done = next(
            iter(self._server.as_completed([f for f, _ in self._pending.values()]))
        )
        name = futures[id(done)]
        _, begun = self._pending.pop(name)
        seconds = time.perf_counter() - begun
        self._results[name] = {"seconds": seconds, **done.result()}
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            if all(job in self._results for job in entry.jobs):
                given = tuple(self._results[job] for job in entry.jobs)
                self._go_on(entry.key, entry.plan, given)
            else:
                self._waiting.append(entry)
