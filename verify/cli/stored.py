"""Which certificate files a path stands for: a file, a store, or the documents there.

The store of a suite is one file, not a folder; its certificates are written out for the
kernel's process to read, into a folder that the caller takes away again.

Documents are not read for this, only the store's index of what was accepted for them. A
document that was changed after that is said to be so: its certificates are about what it
used to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from verify.reports.paragraphs import quote
from verify.suites.database import Database
from verify.suites.documents import collect_documents
from verify.suites.shelf import export_certificates
from verify.suites.store import Store

DOCUMENTS = (".md", ".claim")
MAGIC = b"SQLite format 3\0"


class Found(NamedTuple):
    """Certificate files with what to call each, and answers where there is none."""

    files: dict[str, str]
    missing: list[dict[str, Any]]


def find_certificates(paths: Iterable[Path], store: Store, scratch: Path) -> Found:
    """Everything to replay for these paths; for documents, what `store` has of them.

    What a suite's store has is written below `scratch`. Raises StoreError.
    """
    found = Found({}, [])
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*.jsonl")):
                found.files.setdefault(str(file.absolute()), str(file))
        if path.is_file() and _is_database(path):
            _add_suite(path, scratch, found)
        elif path.is_dir() or path.suffix in DOCUMENTS:
            for document in collect_documents([path]):
                _add_document(document, store, found)
        else:
            found.files.setdefault(str(path.absolute()), str(path))
    return found


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _add_suite(path: Path, scratch: Path, found: Found) -> None:
    """Write out every certificate of a suite's store, each problem's once."""
    database = Database(path, writing=False)
    for home, problem, claim, text in export_certificates(database):
        file = scratch / f"{problem}.{claim}.jsonl"
        if not file.exists():
            file.write_text(text, encoding="utf-8")
            found.files.setdefault(str(file.absolute()), home)
    database.close()


def _add_document(document: Path, store: Store, found: Found) -> None:
    index = store.index_path(str(document))
    entries = store.read_index(str(document))
    if entries is None:
        found.missing.append(_missing(document, "No certificate of it is stored"))
        return
    if document.stat().st_mtime > index.stat().st_mtime:
        found.missing.append(_missing(document, "It was changed after it was checked"))
    for entry in entries:
        for sha, claim in entry.certificates:
            file = store.path_of(sha, claim).absolute()
            found.files.setdefault(str(file), f"{entry.document} {entry.name}")


def _missing(document: Path, why: str) -> dict[str, Any]:
    advice = f"{why}; run: verify check {quote(str(document))}"
    return {"path": str(document), "outcome": "declined", "why": advice}
