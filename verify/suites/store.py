"""Certificates on disk: what one run accepted, the next one can check instead of find.

    certificates/<first two of the hash>/<hash>.<claim>.jsonl
    documents/<hash of the document's path>.json

A certificate lies under the hash of its problem, so nothing stale can be found; whoever
takes it out checks it again, so nothing planted can be believed. Timeouts and other
failures to decide are never kept. Files appear whole or not at all. A folder that cannot
be written costs time, never a verdict: `failure` then says what went wrong.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from verify.kernel.certificate import CLAIMS

FORMAT: Final = "verify index"
VERSION: Final = 1
MAX_BYTES: Final = 64_000_000


class Entry(NamedTuple):
    """A statement of an index: where it stands, and its certificates' hash and claim."""

    document: str
    name: str
    certificates: tuple[tuple[str, str], ...]


def default_folder() -> Path:
    """The store in the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return home / "verify"


class Store:
    """A folder of certificates; an `Archive` for `verify.arguments`.

    With `reading` off nothing is taken out, though what is accepted is still kept.
    """

    def __init__(self, folder: Path, *, reading: bool = True) -> None:
        self.folder = folder
        self.reading = reading
        self.failure = ""

    def path_of(self, sha: str, claim: str) -> Path:
        """Where the certificate with this claim about this problem lies, or would."""
        return self.folder / "certificates" / sha[:2] / f"{sha}.{claim}.jsonl"

    def find(self, sha: str) -> Iterator[str]:
        """The kept certificates about a problem; unreadable files are passed over."""
        if not self.reading:
            return
        for claim in CLAIMS:
            text = read_text(self.path_of(sha, claim))
            if text is not None:
                yield text

    def keep(self, sha: str, claim: str, certificate: str) -> None:
        """Write a certificate that the kernel accepted."""
        self._write(self.path_of(sha, claim), certificate)

    def index_path(self, document: str) -> Path:
        """Where the index of the document at this path lies, or would."""
        key = sha256(os.path.realpath(document).encode()).hexdigest()
        return self.folder / "documents" / f"{key}.json"

    def write_index(self, document: str, entries: Iterable[Entry]) -> None:
        """Note which certificates the statements of a document have, in order."""
        index = {
            "format": FORMAT,
            "version": VERSION,
            "document": os.path.realpath(document),
            "statements": [
                {
                    "document": entry.document,
                    "name": entry.name,
                    "certificates": [
                        {"problem": sha, "claim": claim}
                        for sha, claim in entry.certificates
                    ],
                }
                for entry in entries
            ],
        }
        self._write(self.index_path(document), json.dumps(index, indent=1) + "\n")

    def read_index(self, document: str) -> tuple[Entry, ...] | None:
        """The index of a document, or None where there is none that can be read."""
        text = read_text(self.index_path(document))
        try:
            return None if text is None else tuple(_entries(json.loads(text)))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def _write(self, path: Path, text: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                os.replace(name, path)
            except OSError:
                os.unlink(name)
                raise
        except OSError as error:
            why = error.strerror or type(error).__name__
            self.failure = f"The store cannot be written ({why}); use --store FOLDER."


def _entries(index: dict[str, Any]) -> Iterator[Entry]:
    if index["format"] != FORMAT or index["version"] != VERSION:
        return
    for item in index["statements"]:
        pairs: Sequence[dict[str, str]] = item["certificates"]
        yield Entry(
            str(item["document"]),
            str(item["name"]),
            tuple(
                (str(pair["problem"]), str(pair["claim"]))
                for pair in pairs
                if set(str(pair["problem"])) <= set("0123456789abcdef")
                and pair["claim"] in CLAIMS
            ),
        )


def read_text(path: Path) -> str | None:
    """The text of a regular file of bearable size, or None."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
