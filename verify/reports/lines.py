"""Lines of styled text: what every terminal report is made of.

A report is a tuple of lines, a line a tuple of spans, a span some text and the name of a
style. Nothing here knows colours or writes anywhere; whoever owns the screen gives the
styles a look, or drops them. So a report has one wording, and a test can compare it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verify.reports.characters import width

COMMANDS: Final = ("::", "##[")


class Look(NamedTuple):
    """What the screen can show: its width in cells, and whether symbols beyond ASCII."""

    width: int = 100
    symbols: bool = True


class Span(NamedTuple):
    """Some text, already escaped, and the name of its style (empty: plain)."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


def line(*spans: Span | str) -> Line:
    """A line of spans; a bare string is a plain span."""
    return tuple(Span(item) if isinstance(item, str) else item for item in spans)


def plain(text: Line) -> str:
    """The line without its styles, and without spaces at its end.

    Build services take a line that starts with `::` or `##[` for a command, so such a
    line, whoever's words it holds, starts with a backslash instead.
    """
    shown = "".join(span.text for span in text).rstrip()
    return "\\" + shown.lstrip() if shown.lstrip().startswith(COMMANDS) else shown


def cells(text: Line) -> int:
    """The number of terminal cells that the line takes."""
    return sum(width(span.text) for span in text)
