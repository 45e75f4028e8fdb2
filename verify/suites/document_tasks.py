"""Documents as tasks: each is read, decided and reported as `verify check` does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from verify.arguments.settings import Options
from verify.language.document import Document
from verify.language.errors import ClaimError
from verify.language.verdicts import Run, Verdict
from verify.suites.documents import check_paths, collect_documents
from verify.suites.instances import is_about_networks
from verify.suites.stressing import NotingServer, stress
from verify.suites.tasks import Desk, Outline, Task, name_in
from verify.suites.unreadable import unreadable

OPTIONS: Final = frozenset(field.name for field in fields(Options))


def collect(paths: Iterable[Path], root: Path) -> Iterator[Task]:
    """A task for each document. Raises ClaimError on a path that does not exist."""
    for path in collect_documents(one for one in paths if not is_about_networks(one)):
        yield Task("document", name_in(root, path), {"path": str(path)})


def run(task: Task, desk: Desk) -> None:
    """Check the document, telling every verdict as it is known and again when final."""
    given: dict[str, Any] = {
        name: desk.options[name] for name in OPTIONS if name in desk.options
    }
    given["only"] = tuple(given.get("only", ()))
    repeats = int(desk.options.get("stress") or 0)
    noting = NotingServer(desk.server)
    told: list[Verdict] = []
    events = check_paths(
        [Path(task.data["path"])],
        Options(**given),
        store=desk.store,
        server=noting if repeats else desk.server,
    )
    for kind, value in events:
        match value:
            case ClaimError():
                desk.tell(unreadable(value))
            case Document():
                desk.outline(_outlines(value, given["only"]))
            case Verdict() if kind == "line":
                desk.line(value)
            case Run():
                continue
            case _:
                desk.tell(value)
                told += [value] if isinstance(value, Verdict) else []
    for audit in stress(desk.server, noting.asked, told, repeats) if repeats else ():
        desk.tell(audit)


def _outlines(document: Document, only: tuple[str, ...]) -> Iterator[Outline]:
    for statement in document.statements:
        if not only or statement.name in only:
            yield Outline(
                document.path, statement.span.line, statement.name, statement.kind,
                statement.label, statement.source, statement.expected,
            )  # fmt: skip
