"""Files: the one place of this room that opens any.

A file is resolved, opened without following what it became since, checked to be a plain
file of a bounded size, and read once. What a `use` names must be relative and lie, with
all links resolved, below the library's root: the nearest folder upward that has a
pyproject.toml or a claims folder, else the document's own; so must the models and data
that a document names. Chains of documents are followed with a stack, so that a circle is
seen and depth is counted. What a model is, another room knows: it hands in the function
that looks at one, and where none is handed in, models are left unread.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from verify.language import limits
from verify.language.document import Document
from verify.language.elaborate import Answer, Model, Reading, Request, read_items
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.markdown import decode, read_markdown, read_plain
from verify.language.tables import Columns, read_columns
from verify.language.things import ReadOutline, Unreadable

SUFFIXES = {".md": read_markdown, ".markdown": read_markdown, ".claim": read_plain}
_WANTED = {Document: tuple(SUFFIXES), Model: (".onnx",), Columns: (".csv",)}
_KINDS = {Document: "document", Model: "model", Columns: "data set"}


def read_document(
    path: str | os.PathLike[str], outline: ReadOutline | None = None
) -> Document:
    """The document in a .md or .claim file, and all that it uses.

    `outline` looks at the networks in files. Raises ClaimError, at the first mistake,
    when it cannot be read as written.
    """
    shown = os.fspath(path)
    place = Path(os.path.realpath(shown))
    return _Session(_library_root(place), outline).read(shown, place)


class _Session:
    """One reading: the documents it has met, and what they may cost together."""

    def __init__(self, root: Path, outline: ReadOutline | None) -> None:
        self.root = root
        self.outline = outline
        self.meter = Meter()
        self.done: dict[Path, Document] = {}

    def read(self, shown: str, place: Path) -> Document:
        open_files: list[tuple[Path, Reading]] = [(place, self._begin(shown, place))]
        answer: Answer | None = None
        while True:
            place, reading = open_files[-1]
            try:
                request = next(reading) if answer is None else reading.send(answer)
            except StopIteration as finished:
                document: Document = finished.value
                self.done[place] = answer = document
                open_files.pop()
                if not open_files:
                    return document
                continue
            answer = None
            shown, place = self._locate(request, [file for file, _ in open_files])
            if request.kind is not Document:
                answer = self._look(request, shown, place)
            elif place in self.done:
                answer = self.done[place]
            else:
                open_files.append((place, self._begin(shown, place)))

    def _begin(self, shown: str, place: Path) -> Reading:
        self.meter.files += 1
        read = SUFFIXES.get(place.suffix.lower())
        text = decode(shown, _read_bytes(shown, place))
        if read is None:
            raise ClaimError(
                f"expected a .md or .claim file, got {shown}",
                fix="rename it or name another",
            )
        return read_items(read(shown, text), text, self.meter)

    def _look(self, request: Request, shown: str, place: Path) -> Answer:
        """A model's shape or a data set; ClaimError where it is named."""
        try:
            if request.kind is Columns:
                text = decode(shown, _read_bytes(shown, place))
                return read_columns(text, shown)
            outline = self.outline(shown, place) if self.outline else None
            return Model(os.fspath(place), outline)
        except Unreadable as error:
            raise request.source.error(request.span, error.message, error.fix) from None

    def _locate(self, request: Request, above: list[Path]) -> tuple[str, Path]:
        """The path to show and the file itself; ClaimError at the `use` if it may not be."""
        written, source = request.path, request.source

        def refuse(message: str, fix: str) -> ClaimError:
            return source.error(request.span, message, fix)

        if (
            not written
            or written.startswith(("/", "~"))
            or "\\" in written
            or ":" in written
        ):
            raise refuse(
                f"`{written}` is no relative path", 'write it like "../folder/file.md"'
            )
        shown = os.path.normpath(os.path.join(os.path.dirname(source.path), written))
        place = Path(os.path.realpath(above[-1].parent / written))
        if not place.is_relative_to(self.root):
            raise refuse(
                f"`{written}` lies outside the library",
                f"keep every {_KINDS[request.kind]} below the folder that has "
                "pyproject.toml or claims/",
            )
        suffixes = _WANTED[request.kind]
        if place.suffix.lower() not in suffixes:
            named = " or ".join(s for s in suffixes if s != ".markdown")
            kind = _KINDS[request.kind]
            raise refuse(f"`{written}` is no {named} file", f"name a {kind}")
        if not os.path.isfile(place):
            raise refuse(
                f"there is no file `{written}`", "paths start at this document"
            )
        if request.kind is not Document:
            return shown, place
        if place in above:
            raise refuse(
                f"circular: `{written}` is already being read for this document",
                "state what both need in a third document",
            )
        if len(above) >= limits.MAX_USE_DEPTH or (
            self.meter.files >= limits.MAX_USES and place not in self.done
        ):
            raise refuse(
                f"documents use each other at most {limits.MAX_USE_DEPTH} deep and "
                f"{limits.MAX_USES} in all",
                "cite fewer of them",
            )
        return shown, place


def _library_root(place: Path) -> Path:
    for folder in place.parents:
        if os.path.isfile(folder / "pyproject.toml") or os.path.isdir(
            folder / "claims"
        ):
            return folder
    return place.parent


def _read_bytes(shown: str, place: Path) -> bytes:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(place, flags)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ClaimError(
                    f"{shown} is no plain file", fix="name a .md or .claim file"
                )
            with open(handle, "rb", closefd=False) as file:
                data = file.read(limits.MAX_FILE + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise ClaimError(
            f"cannot open {shown}: {error.strerror}", fix="check the path"
        ) from None
    if len(data) > limits.MAX_FILE:
        raise ClaimError(
            f"{shown} has more than {limits.MAX_FILE} bytes", fix="split the document"
        )
    return data
