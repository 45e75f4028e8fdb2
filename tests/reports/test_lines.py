"""Lines: one wording with and without styles, and never a command to a build service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports import samples
from verify.reports.lines import Look, Span, cells, line, plain
from verify.reports.paragraphs import render_problem


def test_a_line_is_its_spans() -> None:
    text = line("a ", Span("b", "proved"), "  ")
    assert plain(text) == "a b"
    assert cells(text) == 5


@pytest.mark.parametrize(
    "command", ["::error::x", "  ::set-env name=A::b", "##[error]x"]
)
def test_no_line_starts_with_a_command(command: str) -> None:
    assert plain(line(command)) == "\\" + command.strip()
    assert plain(line("x ", command)) == f"x {command}"


@given(st.integers(0, 90))
def test_wrapping_cannot_bring_a_command_to_the_start(length: int) -> None:
    message = "x" * length + " ::error file=a::forged"
    verdict = samples.verdict(status="error", as_expected=False, message=message)
    for text in render_problem(verdict, Look(width=60)):
        assert not plain(text).lstrip().startswith("::")
