"""Documents as tests of pytest: an item a statement, with its line in the Markdown.

Collected are documents below the folders named by the setting `verify_documents`
(`claims` unless the project says otherwise), and documents given on the command line. An
item decides its own statement, and what that cites, when its turn comes: so `-k`, `-x`,
`--lf` and xdist work as for any test, and the store makes what is shared cheap. An item
passes when the statement ends as the document expects, and so does what is underneath.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SUFFIXES = (".md", ".claim")
SETTING = "verify_documents"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings of the plugin."""
    parser.addini(SETTING, "folders with documents of claims", "args", ["claims"])
    group = parser.getgroup("verify", "claims in documents")
    group.addoption(
        "--verify-store", metavar="FOLDER", default="", help="keep certificates here"
    )
    group.addoption(
        "--verify-timeout", metavar="SECONDS", type=float, default=None,
        help="cap every statement's limit",
    )  # fmt: skip
    group.addoption(
        "--no-verify", action="store_true", help="collect no documents as tests"
    )


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """A collector for each document that the project asks for."""
    if file_path.suffix not in SUFFIXES or parent.config.getoption("--no-verify"):
        return None
    if not _is_asked_for(file_path, parent):
        return None
    if not _is_document(file_path):
        return None
    document: DocumentFile = DocumentFile.from_parent(parent, path=file_path)
    return document


def _is_asked_for(path: Path, parent: pytest.Collector) -> bool:
    if parent.session.isinitpath(path):
        return True
    root = parent.config.rootpath
    folders = [root / folder for folder in parent.config.getini(SETTING)]
    return any(path.is_relative_to(folder) for folder in folders)


def _is_document(path: Path) -> bool:
    from verify.suites.documents import FENCE
    from verify.suites.store import read_text

    return path.suffix == ".claim" or FENCE.search(read_text(path) or "") is not None


class DocumentFile(pytest.File):
    """A document; its items are its statements."""

    def collect(self) -> Iterator[pytest.Item]:
        from verify.language.errors import ClaimError
        from verify.language.reader import read_document
        from verify.suites.documents import look_at_model

        try:
            document = read_document(_shown(self.path), look_at_model)
        except ClaimError as error:
            raise self.CollectError(str(error)) from None
        for statement in document.statements:
            if statement.kind != "premise":
                name = statement.name or f"line {statement.span.line}"
                yield StatementItem.from_parent(
                    self, name=name, statement=statement.name, line=statement.span.line
                )

    def server(self) -> Any:
        """The session's servers, started for the first item that needs them."""
        session: Any = self.session
        if not hasattr(session, "verify_servers"):
            from verify.suites.servers import Servers

            session.verify_servers = Servers(workers=2)
            session.verify_servers.start()
        return session.verify_servers


class StatementItem(pytest.Item):
    """One statement, decided when it is run."""

    def __init__(self, *, statement: str, line: int, **more: Any) -> None:
        super().__init__(**more)
        self.statement = statement
        self.line = line

    def runtest(self) -> None:
        """Decide the statement; raises Unexpected when it does not end as it should."""
        from verify.arguments.settings import Options
        from verify.cli.ledger import Ledger, follow
        from verify.suites.documents import check_paths
        from verify.suites.store import Store, default_folder

        folder = self.config.getoption("--verify-store")
        options = Options(
            timeout=self.config.getoption("--verify-timeout"), quick=True,
            only=(self.statement,) if self.statement else (),
        )  # fmt: skip
        ledger = Ledger()
        document: Any = self.parent
        events = check_paths(
            [Path(_shown(self.path))], options, server=document.server(),
            store=Store(Path(folder) if folder else default_folder()),
        )  # fmt: skip
        follow(events, (), ledger)
        if ledger.interrupted:
            raise KeyboardInterrupt
        mine = [v for v in ledger.verdicts if v.line == self.line]
        if not mine:
            raise Unexpected([f"{self.name} was not decided"])
        from verify.cli.calling import tell
        from verify.cli.exits import Exit, code_of_verdict

        for verdict in mine:
            code = code_of_verdict(verdict)
            self.user_properties.append(
                ("verdict", f"{verdict.status} {verdict.trust}")
            )
            if code != Exit.AS_EXPECTED:
                raise Unexpected(tell(verdict))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """What went wrong, as the terminal tells it; no traceback for a verdict."""
        if isinstance(excinfo.value, Unexpected):
            return "\n".join(excinfo.value.told)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, the line from 0, and a title."""
        return self.path, self.line - 1, f"{self.path.name}::{self.name}"


class Unexpected(Exception):
    """A statement that did not end as its document expects; told in lines."""

    def __init__(self, told: list[str]) -> None:
        super().__init__(told)
        self.told = told


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the servers."""
    servers: Any = getattr(session, "verify_servers", None)
    if servers is not None:
        servers.close()


def _shown(path: Path) -> str:
    """The path as a person would type it."""
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
