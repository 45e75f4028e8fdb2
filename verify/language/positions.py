"""Places in a file: the text that is read, and how a span of it becomes a message.

The text has the shape of the file itself: prose is blanked in place, never cut out, so
that a line and a column of this text are a line and a column of the file.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from verify.language.document import Span
from verify.language.errors import ClaimError

MAX_QUOTE = 60


class Source(NamedTuple):
    """One document's text; `starts` holds the offset of each line's first character.

    `breaks` are the offsets where a fence ends and any statement in it with it.
    """

    path: str
    text: str
    starts: tuple[int, ...]
    breaks: tuple[int, ...] = ()

    def slice(self, span: Span) -> str:
        """The text of a span, with every run of white space as one space."""
        start = self.starts[span.line - 1] + span.column - 1
        end = self.starts[span.end_line - 1] + span.end_column - 1
        lines = self.text[start:end].split("\n")
        return " ".join(" ".join(map(without_comment, lines)).split())

    def quote(self, span: Span) -> str:
        """The text of a span in quotation marks of the messages, shortened."""
        return f"`{shorten(self.slice(span))}`"

    def error(self, span: Span, message: str, fix: str = "") -> ClaimError:
        return ClaimError(
            message, path=self.path, line=span.line, column=span.column, fix=fix
        )

    def error_at(self, offset: int, message: str, fix: str = "") -> ClaimError:
        return self.error(self.place(offset), message, fix)

    def place(self, offset: int) -> Span:
        """The empty span at an offset."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.starts[line - 1] + 1
        return Span(line, column, line, column)


def shorten(text: str) -> str:
    """`text`, with dots for its end when it is long for a message."""
    return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 3] + "..."


def make_source(path: str, text: str, breaks: tuple[int, ...] = ()) -> Source:
    lengths = (len(line) + 1 for line in text.split("\n"))
    return Source(path, text, (0, *accumulate(lengths)), breaks)


_COMMENT = re.compile(r'^((?:[^"#]|"[^"]*")*)#.*')


def without_comment(line: str) -> str:
    return _COMMENT.sub(r"\1", line) if "#" in line else line


def span_of(first: Span, last: Span) -> Span:
    """From the beginning of one span to the end of another."""
    return Span(first.line, first.column, last.end_line, last.end_column)
