"""The real engines, started once for the tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from verify.arguments.checking import check_document
from verify.arguments.evidence import Bench
from verify.arguments.plans import Plan, Runner
from verify.arguments.settings import Nothing, Options
from verify.language.document import Document
from verify.language.verdicts import Audit, Verdict
from verify.solvers.jobs import JobServer

Checked = tuple[dict[str, Verdict], list[Audit]]


@pytest.fixture(scope="module")
def server() -> Iterator[JobServer]:
    with JobServer(workers=2) as started:
        yield started


@pytest.fixture
def run(server: JobServer) -> Callable[[Plan[Any]], Any]:
    """The value of one plan."""

    def value(plan: Plan[Any]) -> Any:
        runner = Runner(server)
        runner.start("only", plan)
        ((_, result),) = runner.results()
        return result

    return value


@pytest.fixture
def bench() -> Bench:
    return Bench(Options(), Nothing(), [])


@pytest.fixture
def check(server: JobServer) -> Callable[..., Checked]:
    """The final records of a document: verdicts by name, and audits."""

    def records(document: Document, **options: Any) -> Checked:
        verdicts: dict[str, Verdict] = {}
        audits: list[Audit] = []
        events = check_document(document, server=server, options=Options(**options))
        for kind, value in events:
            if kind == "record" and isinstance(value, Verdict):
                verdicts[value.name] = value
            elif kind == "record" and isinstance(value, Audit):
                audits.append(value)
        return verdicts, audits

    return records
