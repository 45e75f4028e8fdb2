"""Spans of a source and their text."""

from __future__ import annotations

from verify.language.document import Span
from verify.language.positions import make_source, span_of

SOURCE = make_source("d.claim", 'ab cd\n  ef # gh\nij "k # l" mn')


def test_slices_are_one_line_without_comments() -> None:
    assert SOURCE.slice(Span(1, 4, 3, 3)) == "cd ef ij"
    assert SOURCE.slice(Span(3, 4, 3, 14)) == '"k # l" mn'
    assert SOURCE.slice(Span(2, 3, 2, 5)) == "ef"


def test_quotes_are_short() -> None:
    assert SOURCE.quote(Span(1, 1, 1, 3)) == "`ab`"
    long = make_source("d", "x" * 100)
    assert len(long.quote(Span(1, 1, 1, 101))) == 62


def test_offsets_and_places() -> None:
    assert SOURCE.place(0) == (1, 1, 1, 1)
    assert SOURCE.place(8)[:2] == (2, 3)
    error = SOURCE.error_at(8, "what", "fix")
    assert str(error) == "d.claim:2:3: what (fix)"


def test_spans_join() -> None:
    assert span_of(Span(1, 2, 1, 3), Span(4, 5, 6, 7)) == (1, 2, 6, 7)
