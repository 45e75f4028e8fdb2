"""Standard output: the one place that writes, and the looks of the styles.

A terminal gets colours and, while something takes its time, a line that says what; a
pipe or a file gets plain lines. Text is never read as markup. Colours follow NO_COLOR;
symbols fall back to ASCII where the encoding has no others. A reader that hangs up
(`verify check claims | head`) ends the writing, not the run or its exit code.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from verify.reports.lines import Line, Look, line, plain
from verify.reports.words import DOT, SYMBOLS, WARNING

PLAIN_WIDTH: Final = 100
MIN_WIDTH: Final = 60

STYLES: Final = {
    "document": "bold",
    "name": "bold",
    "heading": "underline",
    "kind": "dim",
    "time": "dim",
    "notes": "dim",
    "command": "cyan",
    "warning": "yellow",
    "proved": "green",
    "refuted": "red",
    "undecided": "yellow",
    "vacuous": "magenta",
    "admitted": "yellow",
    "blocked": "yellow",
    "error": "bold red",
}


def can_show_symbols(encoding: str | None) -> bool:
    """Whether every symbol of the reports exists in that encoding."""
    signs = "".join(pair[0] for pair in (*SYMBOLS.values(), WARNING, DOT))
    try:
        signs.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Screen:
    """A text stream with what it can show."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream: IO[str] = stream or sys.stdout
        self._closed = False
        if hasattr(self._stream, "reconfigure"):
            self._stream.reconfigure(errors="backslashreplace")
        is_terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._console = self._make_console() if is_terminal else None
        columns = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
        self.look = Look(
            width=max(columns, MIN_WIDTH),
            symbols=can_show_symbols(getattr(self._stream, "encoding", None)),
        )

    def _make_console(self) -> Any:
        from rich.console import Console  # only a terminal pays for it

        return Console(file=self._stream, markup=False, highlight=False, emoji=False)

    def write(self, lines: Iterable[Line]) -> None:
        """Write whole lines, now."""
        for text in lines:
            self._put(text)
        self._guard(self._stream.flush)

    def say(self, *sentences: str) -> None:
        """Write plain sentences, a line each."""
        self.write(line(sentence) for sentence in sentences)

    @contextmanager
    def progress(self, text: str) -> Iterator[None]:
        """Show `text` while the body runs, on a terminal only."""
        if self._console is None:
            yield
            return
        from rich.text import Text

        with self._console.status(Text(text, style="dim")):
            yield

    @contextmanager
    def counting(self, total: int) -> Iterator[Callable[[int], None]]:
        """Show how many of `total` are done, on a terminal only."""
        if self._console is None:
            yield lambda done: None
            return
        from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

        columns = (MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar = progress.add_task("", total=total)
            yield lambda done: progress.update(bar, completed=done)

    def _put(self, text: Line) -> None:
        if self._closed:
            return
        if self._console is None:
            self._guard(lambda: self._stream.write(plain(text) + "\n"))
            return
        from rich.text import Text

        styled = Text()
        for span in text:
            styled.append(span.text, STYLES.get(span.style, ""))
        self._guard(lambda: self._console.print(styled, soft_wrap=True))

    def _guard(self, action: Any) -> None:
        if self._closed:
            return
        try:
            action()
        except BrokenPipeError:
            self._closed = True
            hang_up(self._stream)


def hang_up(stream: IO[str]) -> None:
    """Send what a stream still holds nowhere, so that it does not fail again later."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
