"""A run of the suite: what to do, what was done before, and everything that was said.

A task's records are committed to the store before anybody hears of them, so what was
reported is never lost. They are passed on in the order of the tasks, whichever ends first,
so a report does not depend on the number of workers. An interrupted run is taken up again
by the next one over the same tasks with the same options, engines and code: finished tasks
whose sources have not changed are not run again, but what they claim is; a stored verdict
counts only if the kernel accepts its certificate now, and everything else is done anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from verify.solvers.versions import read_versions
from verify.suites.busy import Asked
from verify.suites.checker import hash_of
from verify.suites.cluster import Cluster
from verify.suites.database import Database, digest_of
from verify.suites.documents import find_versions
from verify.suites.every_kind import (
    PRELOAD,
    PRELOAD_INSTANCES,
    PRELOAD_NETWORKS,
)
from verify.suites.history import Finished, History
from verify.suites.machine import code_hash, count_cores
from verify.suites.nursing import PoolError
from verify.suites.pool import Event, Limits, Pool
from verify.suites.records import Told
from verify.suites.said import Said
from verify.suites.shelf import Shelf
from verify.suites.support import compare_hits, is_supported
from verify.suites.tasks import Task

COMMIT_EVERY: Final = 0.1  # seconds
MOST_CHECKERS: Final = 256  # on this machine, whatever the size of a cluster


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How a suite is run; `options` are those of `verify.arguments.settings.Options`.

    `seconds` and `megabytes` are a task's. `reading` off searches again for what is
    stored; `recheck` does so and compares; `fresh` takes up no interrupted run.
    `required` never goes on without the namespaces it began with. `executor` is local, or
    dask for jobs on the cluster at `scheduler`; `workers` of 0 is as many tasks at once as
    the executor has places for.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 2
    seconds: float = 900.0
    megabytes: int = 8_192
    reading: bool = True
    recheck: bool = False
    fresh: bool = False
    namespaces: bool = True
    required: bool = False
    executor: str = "local"
    scheduler: str = ""


class Done(NamedTuple):
    """A task with all that was said of it; `outcome` is done, timeout, memory or crash."""

    position: int
    task: Task
    outcome: str
    told: tuple[Told, ...]


class Beginning(NamedTuple):
    """What is known when a run begins: its number, what it took up, its protection."""

    number: int
    tasks: int
    taken_up: int
    layers: tuple[str, ...]


class Suite:
    """One run. `begin`, then `go`, then `end`; a context manager that ends its processes.

    Every method may raise StoreError and PoolError, and `begin` ClusterError.
    """

    def __init__(
        self, database: Database, root: Path, tasks: Sequence[Task], settings: Settings
    ) -> None:
        self._history = History(database)
        self._database = database
        self._root = root
        self._tasks = tuple(tasks)
        self._settings = settings
        self._begun = time.monotonic()
        self._ready: dict[int, Done] = {}
        self._uncommitted: list[tuple[int, Finished]] = []
        self._committed = 0.0
        self._said: dict[int, Said] = {}
        self._old: dict[int, tuple[Told, ...]] = {}
        self._finished: dict[int, Finished] = {}
        self._shelf = Shelf(database, 0)
        self._pool: Pool | None = None
        self._engines = ""
        self._far: Cluster | None = None
        self._workers = settings.workers
        self._slots = self._width = 1
        self.failure = ""
        self.versions = find_versions()
        self.done: list[Done] = []
        self.number = 0
        self.was_interrupted = False

    def __enter__(self) -> Suite:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.close()
        if self._far is not None:
            self._far.close()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the run consists of."""
        return self._tasks

    @property
    def complete(self) -> bool:
        """Whether every task has ended."""
        return len(self.done) == len(self._tasks)

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self._begun

    def begin(self) -> Beginning:
        """Start the processes, and open a run or take up an interrupted one."""
        settings = self._settings
        self._find_places()
        engines = {**read_versions(), "code": code_hash()}
        self._engines = digest_of(
            read_versions(), code_hash("solvers"), code_hash("kernel")
        )
        jobs = [(task.kind, task.name) for task in self._tasks]
        key = digest_of(
            str(self._root), jobs, dict(settings.options), engines, settings.reading
        )
        number = None
        if not settings.fresh and not settings.recheck:
            number = self._history.take_up(key, jobs)
        finished = self._history.finished(number) if number is not None else {}
        if number is None:
            described = {**settings.options, "reading": settings.reading}
            number = self._history.begin(
                key, str(self._root), jobs, described, self.versions
            )
        self.number = number
        self._shelf = Shelf(self._database, number, reading=settings.reading)
        limits = Limits(
            self._workers, self._slots, settings.seconds, settings.megabytes
        )
        self._pool = Pool(
            limits, self._shelf, _preload(self._tasks),
            namespaces=settings.namespaces, required=settings.required, far=self._far,
        )  # fmt: skip
        layers = self._pool.start() if self._tasks else ()
        if self._far is not None:
            layers = tuple(one for one in layers if one in self._far.layers)
        self._history.note_layers(number, layers)
        self._finished = {
            position: item
            for position, item in finished.items()
            if item.sources
            and all(hash_of(Path(p)) == h for p, h in item.sources.items())
        }
        return Beginning(number, len(self._tasks), len(self._finished), layers)

    def _find_places(self) -> None:
        """How many tasks at once, and how many jobs of one. Raises ClusterError."""
        settings = self._settings
        if settings.executor == "dask" and self._tasks:
            cores = settings.workers or count_cores()
            self._far = Cluster(settings.scheduler, cores, required=settings.required)
            self._far.start()
            self._width = self._far.width
            self._workers = min(max(self._width + 1, settings.workers), MOST_CHECKERS)
        else:
            self._workers = settings.workers or count_cores()
            self._width = max(1, self._workers // max(len(self._tasks), 1))
            self._slots = self._width

    def go(self, hear: Callable[[Done], None], pulse: Callable[[], None]) -> None:
        """Run what is left, calling `hear` for each task in order and `pulse` often.

        An interruption ends it early, with everything finished saved.
        """
        try:
            self._take_up(pulse)
            if self._settings.recheck:
                self._look_up_old(pulse)
            wanted = [p for p in range(len(self._tasks)) if p not in self._ready]
            for event in self._events([self._asked(p, replay=False) for p in wanted]):
                self._note(event)
                if self._is_time_to_commit(event):
                    self._commit()
                    self._release(hear)
                pulse()
            self._commit()
            self._release(hear)
        except (KeyboardInterrupt, PoolError) as stop:
            self.was_interrupted = True
            self.failure = str(stop)
            self._close()
            self._commit()
            self._release(hear)

    def end(self, code: int) -> None:
        """Close the run with the code it ends with."""
        self._close()
        state = "complete" if self.complete else "stopped"
        self._history.end(self.number, state, code, self.seconds)

    def unfinished(self) -> Iterator[Told]:
        """What was said by tasks that have not ended, as far as it is known."""
        for position in range(len(self._tasks)):
            if position in self._ready:
                yield from self._ready[position].told
            elif position in self._said:
                yield from self._said[position].so_far()

    def _events(self, asked: Sequence[Asked]) -> Iterator[Event]:
        return self._pool.run(asked) if self._pool is not None else iter(())

    def _asked(self, position: int, *, replay: bool) -> Asked:
        task = self._tasks[position]

        def given() -> dict[str, Any]:
            return {
                "options": dict(self._settings.options),
                "engines": self._engines,
                "replay": replay,
                "slots": self._slots,
                "width": self._width,
                "certificates": self._shelf.bundle(task.name),
            }

        return Asked(position, task, given)

    def _note(self, event: Event) -> None:
        """Add what a checker said; a task that ended is ready to be committed."""
        position = event.position
        match event.word:
            case "again":
                self._said.pop(position, None)
            case "outline" | "line" | "told":
                said = self._said.setdefault(position, Said(self._tasks[position]))
                said.add(event.word, event.body)
            case "done" | "lost":
                said = self._said.pop(position, Said(self._tasks[position]))
                finished = said.finish(event.word, event.body)
                finished = self._compare_with_old(position, finished)
                self._uncommitted.append((position, finished))

    def _is_time_to_commit(self, event: Event) -> bool:
        waiting = bool(self._uncommitted) or self._shelf.is_waiting
        late = time.monotonic() - self._committed >= COMMIT_EVERY
        return waiting and (late or event.word == "pause")

    def _commit(self) -> None:
        if not self._uncommitted and not self._shelf.is_waiting:
            return
        with self._database.transaction():
            self._shelf.flush()
            for position, finished in self._uncommitted:
                name = self._tasks[position].name
                self._history.record(self.number, position, name, finished)
        for position, finished in self._uncommitted:
            self._ready[position] = self._make_done(position, finished)
        self._uncommitted = []
        self._committed = time.monotonic()

    def _make_done(self, position: int, finished: Finished) -> Done:
        return Done(position, self._tasks[position], finished.outcome, finished.told)

    def _release(self, hear: Callable[[Done], None]) -> None:
        """Pass on what is ready, as long as everything before it was."""
        while (position := len(self.done)) in self._ready:
            done = self._ready.pop(position)
            self.done.append(done)
            hear(done)

    def _replay(
        self, positions: Iterable[int], pulse: Callable[[], None]
    ) -> dict[int, Finished]:
        """What the store alone, asked through the kernel, says of these tasks."""
        found: dict[int, Finished] = {}
        asked = [self._asked(position, replay=True) for position in positions]
        for event in self._events(asked):
            position = event.position
            if event.word in ("outline", "line", "told"):
                said = self._said.setdefault(position, Said(self._tasks[position]))
                said.add(event.word, event.body)
            elif event.word in ("done", "lost", "again"):
                said = self._said.pop(position, Said(self._tasks[position]))
                if event.word != "again":
                    found[position] = said.finish(event.word, event.body)
            pulse()
        return found

    def _take_up(self, pulse: Callable[[], None]) -> None:
        """Accept of the finished tasks those whose claims the kernel accepts again."""
        now = self._replay(sorted(self._finished), pulse)
        for position, finished in self._finished.items():
            if position in now and is_supported(finished.told, now[position].told):
                self._ready[position] = self._make_done(position, finished)

    def _look_up_old(self, pulse: Callable[[], None]) -> None:
        found = self._replay(range(len(self._tasks)), pulse)
        self._old = {position: finished.told for position, finished in found.items()}
        self._shelf.stop_reading()

    def _compare_with_old(self, position: int, finished: Finished) -> Finished:
        """The task with an audit for each hit that a new search does not bear out."""
        if position not in self._old:
            return finished
        audits = compare_hits(self._old[position], finished.told)
        return finished._replace(told=(*finished.told, *audits))


def _preload(tasks: Sequence[Task]) -> tuple[str, ...]:
    """What the nursery imports: networks only for a library that has some."""
    texts = (Path(task.data["path"]) for task in tasks if task.kind == "document")
    names: tuple[str, ...] = PRELOAD
    if any(task.kind == "instance" for task in tasks):
        names = (*names, *PRELOAD_NETWORKS, *PRELOAD_INSTANCES)
    elif any(_speaks_of_networks(path) for path in texts):
        names = (*names, *PRELOAD_NETWORKS)
    return names


def _speaks_of_networks(path: Path) -> bool:
    try:
        return b"network" in path.read_bytes()[:1_000_000]
    except OSError:
        return False
