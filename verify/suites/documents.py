"""Documents as they lie in folders: collected, checked one after the other, remembered.

A path may be a document or a folder. In a folder every `.claim` file is a document, and
every Markdown file with a claim fence. Each document's events are passed on as they come;
one that cannot be read is an event of its own and does not stop the others. The run's
record comes last and counts everything.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from verify.arguments.checking import check_document
from verify.arguments.decisions import Decision
from verify.arguments.evidence import Bench
from verify.arguments.findings import Kept
from verify.arguments.plans import Plan, Server
from verify.arguments.settings import Options
from verify.language.document import Document, Statement
from verify.language.errors import ClaimError
from verify.language.reader import read_document
from verify.language.things import Outline
from verify.language.verdicts import Audit, Certificate, Run, Verdict
from verify.suites.servers import Servers
from verify.suites.store import Entry, Store, read_text

FENCE: Final = re.compile(r"^ {0,3}(```+|~~~+)\s*claim\b", re.MULTILINE)
ENGINES: Final = ("z3-solver", "cvc5", "pysmt")

Event = tuple[str, Document | ClaimError | Verdict | Audit | Run]


def collect_documents(paths: Iterable[Path]) -> list[Path]:
    """The documents at these paths: files as given, folders searched in order of names.

    Links to folders are not followed, hidden folders are passed over. Raises ClaimError
    on a path that does not exist.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            chosen: Iterable[Path] = _in_folder(path)
        elif path.exists():
            chosen = (path,)
        else:
            fix = "give a document or a folder of documents"
            raise ClaimError("there is no such file", path=str(path), fix=fix)
        for one in chosen:
            found.setdefault(os.path.realpath(one), one)
    return list(found.values())


def _in_folder(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if _is_document(Path(here) / name):
                yield Path(here) / name


def _is_document(path: Path) -> bool:
    """Whether a file found in a folder is a document."""
    if path.suffix == ".md":
        return FENCE.search(read_text(path) or "") is not None
    return path.suffix == ".claim" and path.is_file()


def find_versions() -> dict[str, str]:
    """The versions of the engines and of this program, as far as they are installed."""
    return dict(_find_versions())


@cache
def _find_versions() -> tuple[tuple[str, str], ...]:
    """Looked up once: every look reads a folder of the installation."""
    versions = []
    for name in ("verify", *ENGINES):
        try:
            versions.append((name.removesuffix("-solver"), metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return tuple(versions)


def check_paths(
    paths: Sequence[Path],
    options: Options | None = None,
    *,
    store: Store | None = None,
    server: Server | None = None,
) -> Iterator[Event]:
    """The events of every document at the paths, then one ("record", run).

    Before its own events a document comes as ("document", document), or as
    ("failure", error) when it cannot be read. Certificates are kept in `store`. Raises
    ClaimError on a path that does not exist.
    """
    chosen = options or Options()
    documents = collect_documents(paths)
    if server is not None:
        yield from _check_all(documents, chosen, store, server)
        return
    with Servers(workers=chosen.workers) as started:
        if documents:
            started.start()
        yield from _check_all(documents, chosen, store, started)


def _check_all(
    paths: Sequence[Path], options: Options, store: Store | None, server: Server
) -> Iterator[Event]:
    begun = time.perf_counter()
    versions = find_versions()
    counts: Counter[str] = Counter()
    unexpected = failures = 0
    for path in paths:
        try:
            document = read_document(path, look_at_model)
        except ClaimError as error:
            failures += 1
            yield "failure", error
            continue
        yield "document", document
        for kind, value in _check_one(document, options, store, server, versions):
            if isinstance(value, Run):
                counts.update(value.counts)
                unexpected += value.unexpected
            else:
                yield kind, value
    yield (
        "record",
        Run(
            counts=dict(counts),
            unexpected=unexpected,
            complete=not failures,
            seconds=time.perf_counter() - begun,
            versions=versions,
        ),
    )


def _check_one(
    document: Document,
    options: Options,
    store: Store | None,
    server: Server,
    versions: dict[str, str],
) -> Iterator[tuple[str, Verdict | Audit | Run]]:
    entries: list[Entry] = []
    for kind, value in check_document(
        document, server=server, options=options, archive=store, versions=versions,
        evidence=decide_evidence,
    ):  # fmt: skip
        if isinstance(value, Kept):
            entries.append(Entry(value.document, value.name, value.certificates))
        elif isinstance(value, Verdict) and store is not None:
            yield kind, _with_path(value, store)
        else:
            yield kind, value
    if store is not None and not options.only:
        store.write_index(document.path, entries)


def look_at_model(shown: str, path: Path) -> Outline:
    """The shape of the network in a file; what reads it is imported for the first one."""
    from verify.networks.statements.files import read_outline

    return read_outline(shown, path)


def decide_evidence(
    bench: Bench, document: Document, statement: Statement
) -> Plan[Decision]:
    """The decision about an evidence statement, by the room that knows networks."""
    from verify.suites import evidence

    return (yield from evidence.decide_evidence(bench, document, statement))


def _with_path(verdict: Verdict, store: Store) -> Verdict:
    """The verdict with the path of its certificate, once that is there."""
    found = verdict.certificate
    if found is None:
        return verdict
    for claim in ("proved", "refuted", "consistent"):
        path = store.path_of(found.sha, claim)
        if path.is_file():
            return replace(
                verdict, certificate=Certificate(sha=found.sha, path=str(path))
            )
    return verdict
