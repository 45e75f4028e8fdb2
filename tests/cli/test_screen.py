"""The screen: plain lines into a pipe, colours on a terminal, no markup anywhere."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest

from tests.cli.commands import ROOT, make_environment
from verify.cli.screen import PLAIN_WIDTH, STYLES, Screen, can_show_symbols
from verify.reports.lines import Span, line
from verify.reports.words import SYMBOLS

SCRIPT = """
from verify.cli.screen import Screen
from verify.reports.lines import Span, line
screen = Screen()
screen.write([line(Span("proved", "proved"), " [red]kept[/red] :smile:", "x" * 150)])
with screen.progress("[b]busy[/b]"):
    screen.say("said while busy")
"""
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")


def on_a_terminal(**changes: str) -> str:
    """What the script writes when its standard output is a terminal."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=other, cwd=ROOT,
        env=make_environment(**{"TERM": "xterm-256color", **changes}),
    )  # fmt: skip
    os.close(other)
    written = b""
    while True:
        try:
            piece = os.read(main, 65_536)
        except OSError:
            break
        if not piece:
            break
        written += piece
    os.close(main)
    assert process.wait(timeout=30) == 0
    return written.decode()


def test_a_pipe_gets_plain_lines() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.write([line(Span("refuted", "refuted"), " [bold]x[/bold]"), line("b  ")])
    with screen.progress("busy"):
        screen.say("done")
    assert stream.getvalue() == "refuted [bold]x[/bold]\nb\ndone\n"


def test_a_terminal_gets_colours_and_no_markup() -> None:
    written = on_a_terminal()
    assert COLOUR.search(written)
    assert "[red]kept[/red] :smile:" in written and "x" * 150 in written
    assert "said while busy" in written


def test_no_color_is_honoured() -> None:
    written = on_a_terminal(NO_COLOR="1")
    assert not COLOUR.search(written)
    assert "proved" in written


def test_a_dumb_terminal_gets_plain_lines() -> None:
    assert "\x1b" not in on_a_terminal(TERM="dumb")


def test_width_follows_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "142")
    assert Screen(io.StringIO()).look.width == 142
    monkeypatch.delenv("COLUMNS")
    assert Screen(io.StringIO()).look.width == PLAIN_WIDTH


@pytest.mark.parametrize(
    "encoding, shown",
    [("utf-8", True), ("utf-16", True), ("ascii", False), ("cp1252", False),
     ("no-such-encoding", False), (None, False)],
)  # fmt: skip
def test_symbols_need_an_encoding_that_has_them(
    encoding: str | None, shown: bool
) -> None:
    assert can_show_symbols(encoding) is shown


def test_every_status_has_a_style() -> None:
    assert set(SYMBOLS) <= set(STYLES)
