"""What a run consists of: the kinds of task, and how a library falls into tasks.

A kind is one file and one row here. Its module has two functions: `collect`, which finds
the tasks of its kind below a path, and `run`, which carries one out in a checker process
and tells the desk what it finds. The name of a task is what its history is filed under:
a path from the library's root, the same on every machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from verify.language.verdicts import Audit, Verdict
from verify.suites.store import Store

KINDS: Final = {
    "document": "verify.suites.document_tasks",
    "instance": "verify.suites.instance_tasks",
}
ROOT_SIGNS: Final = ("pyproject.toml", "claims")


class Task(NamedTuple):
    """One task: its kind, its name in the history, and what its kind needs to run it."""

    kind: str
    name: str
    data: dict[str, Any]


class Outline(NamedTuple):
    """What is known of a statement before it is decided."""

    document: str
    line: int
    name: str
    kind: str
    label: str
    statement: str
    expected: str


class Jobs(Protocol):
    """What a task's jobs are run on; see `verify.solvers.jobs`."""

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 2_048,
    ) -> Any: ...

    def as_completed(self, futures: Sequence[Any]) -> Iterator[Any]: ...

    def drop(self, futures: Sequence[Any]) -> None:
        """Forget jobs, killing those that run."""


class Desk(Protocol):
    """What a task works with in its checker process."""

    @property
    def store(self) -> Store: ...

    @property
    def server(self) -> Jobs: ...

    @property
    def options(self) -> Mapping[str, Any]: ...

    @property
    def slots(self) -> int:
        """Processor cores that one job of this task may use."""

    @property
    def width(self) -> int:
        """How many jobs of this task can run at once."""

    def recall(self, key: str) -> Mapping[str, Any] | None:
        """What was remembered under a key: a proposal, to be tested again."""

    def remember(self, key: str, value: Mapping[str, Any]) -> None:
        """Note a proposal under a key that says everything it depends on."""

    def outline(self, statements: Iterable[Outline]) -> None:
        """Announce the statements of the task, so that none can go missing."""

    def line(self, verdict: Verdict) -> None:
        """A verdict as it stands now; a final one follows."""

    def tell(self, record: Verdict | Audit) -> None:
        """A final record, in the order of the report."""


class Kind(Protocol):
    """The module of a kind."""

    def collect(self, paths: Iterable[Path], root: Path) -> Iterator[Task]: ...

    def run(self, task: Task, desk: Desk) -> None: ...


def kind_of(name: str) -> Kind:
    """The module of a kind; raises KeyError for a kind that is not in the table."""
    return import_module(KINDS[name])


def find_root(path: Path) -> Path:
    """The library's root: the nearest folder upward with one of the signs, else its own."""
    start = Path(os.path.realpath(path))
    start = start if start.is_dir() else start.parent
    for folder in (start, *start.parents):
        if any((folder / sign).exists() for sign in ROOT_SIGNS):
            return folder
    return start


def collect_tasks(paths: Iterable[Path], root: Path) -> list[Task]:
    """The tasks of every kind below the paths, in the order of kinds and names.

    Raises ClaimError on a path that does not exist.
    """
    paths = tuple(paths)
    return [task for name in KINDS for task in kind_of(name).collect(paths, root)]


def name_in(root: Path, path: Path) -> str:
    """The path from the root, with `/`; what lies outside is named in full.

    Bytes that are no UTF-8 are spelt out.
    """
    real = Path(os.path.realpath(path))
    inside = real.relative_to(root) if real.is_relative_to(root) else real
    return inside.as_posix().encode("utf-8", "backslashreplace").decode()
