"""Claims from Python: run a library and get records, or assert that something is proved.

The same machinery as the commands, and the same records; nothing here decides anything.
`verify.run` and `verify.assert_proved` are these functions.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from verify.arguments.settings import Options
from verify.cli.exits import Exit
from verify.cli.ledger import Ledger, follow
from verify.cli.paths import suggest
from verify.cli.suite import Report, Request, make_report
from verify.language.verdicts import Verdict
from verify.reports.lines import Look, plain
from verify.reports.paragraphs import render_problem
from verify.suites.documents import check_paths
from verify.suites.store import Store, default_folder

LOOK = Look(width=100, symbols=False)


def run(
    *library: str | os.PathLike[str],
    jobs: int = 0,
    select: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    timeout: float | None = None,
    trust: str = "agreed",
    audits: bool = False,
    cache: bool = True,
    fresh: bool = False,
    require_sandbox: bool = False,
    baseline: str = "",
    store: str | os.PathLike[str] = "",
) -> Report:
    """Run the documents at these paths as a suite and return what was said.

    The options are those of `verify run`. Raises Refusal where nothing can be run, and
    StoreError when the store cannot be used.
    """
    request = Request(
        library=tuple(os.fspath(path) for path in library), select=select, only=only,
        workers=jobs or os.cpu_count() or 1, baseline=baseline, trust=trust,
        timeout=timeout, audits=audits, reading=cache, fresh=fresh or not cache,
        require_sandbox=require_sandbox, store=os.fspath(store),
    )  # fmt: skip
    return make_report(request)


def make_frame(report: Report) -> Any:
    """The verdicts as a pandas frame, a row a statement. Raises ImportError without it."""
    import pandas  # an extra of the caller's: nothing else here needs it

    rows = [asdict(r) for r in report.records if isinstance(r, Verdict)]
    return pandas.DataFrame.from_records(rows)


def assert_proved(
    source: str | os.PathLike[str],
    *names: str,
    timeout: float | None = None,
    trust: str = "agreed",
    store: str | os.PathLike[str] = "",
) -> tuple[Verdict, ...]:
    """Assert that the statements hold, with everything underneath; return their verdicts.

    `source` is a document's path, or claims as text (anything with a line break). Without
    names, every statement must end as it expects. Raises AssertionError that tells what
    went wrong, as the terminal would.
    """
    with _document(source) as path:
        options = Options(timeout=timeout, minimum_trust=trust, only=names, quick=True)  # type: ignore[arg-type]
        folder = Path(store) if store else default_folder()
        ledger = Ledger()
        follow(check_paths([path], options, store=Store(folder)), (), ledger)
    if ledger.interrupted:
        raise KeyboardInterrupt
    claims = [v for v in ledger.verdicts if v.kind != "premise" or v.status == "error"]
    bad = [verdict for verdict in claims if not _holds(verdict, bool(names))]
    known = [s.name for document in ledger.documents for s in document.statements]
    missing = [name for name in names if name not in known]
    told = [text for verdict in bad for text in tell(verdict)]
    told += [
        f"No statement is called {name}; {suggest(name, known)}." for name in missing
    ]
    if not claims and not told:
        told = ["Nothing is claimed there, so nothing was proved."]
    if not told and ledger.code() != Exit.AS_EXPECTED:
        told = [f"The document ends with code {int(ledger.code())}: see verify check."]
    if told:
        raise AssertionError("\n".join(told))
    return tuple(claims)


def _holds(verdict: Verdict, is_named: bool) -> bool:
    if is_named:
        return verdict.status == verdict.overall == "proved"
    return verdict.as_expected and verdict.overall in (verdict.status, "admitted")


def tell(verdict: Verdict) -> list[str]:
    """The paragraph of a verdict, with its place."""
    told = [plain(text) for text in render_problem(verdict, LOOK)]
    return [f"{verdict.document}:{verdict.line}", *told]


@contextmanager
def _document(source: str | os.PathLike[str]) -> Iterator[Path]:
    """The document itself, or a file for as long as it is needed."""
    text = os.fspath(source)
    if "\n" not in text:
        yield Path(text)
        return
    with tempfile.TemporaryDirectory() as folder:
        ending = ".md" if "```" in text else ".claim"
        path = Path(folder) / f"claims{ending}"
        path.write_text(text, encoding="utf-8")
        yield path
