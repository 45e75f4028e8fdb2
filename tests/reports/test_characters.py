"""Hostile text is shown, never obeyed; columns stay straight whatever is in them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.reports.characters import cut, escape, pad, width, wrap

HOSTILE = {
    "title": ("\x1b]0;pwn\x07", r"\x1b]0;pwn\x07"),
    "erase": ("\x1b[2K\rPROVED", r"\x1b[2K\rPROVED"),
    "link": ("\x1b]8;;http://x\x1b\\here", "\\x1b]8;;http://x\\x1b\\here"),
    "clipboard": ("\x1b]52;c;cm0=\x07", r"\x1b]52;c;cm0=\x07"),
    "backspace": ("refuted\b\b\b\b\b\b\bproved", "refuted" + r"\b" * 7 + "proved"),
    "c1": ("\x9b31m", r"\x9b31m"),
    "bidi": ("abc\u202efed", r"abc\u202efed"),
    "isolate": ("a\u2066b\u2069", r"a\u2066b\u2069"),
    "joiner": ("M\u200d_d", r"M\u200d_d"),
    "newline": ("a\nproved (certified)", r"a\nproved (certified)"),
    "separator": ("a\u2028b", r"a\u2028b"),
    "nul": ("a\x00b", r"a\x00b"),
    "tag": ("a\U000e0041", r"a\U000e0041"),
    "lone": ("a\ud800", r"a\ud800"),
    "space": ("a\u3000b", "a b"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_spelt_out(case: str) -> None:
    text, shown = HOSTILE[case]
    assert escape(text) == shown


def test_ordinary_text_is_left_alone() -> None:
    for text in ("K - c ≥ 0", "Modèle", "モデル", "½ of {1}", "<b>[red]x[/red]</b>"):
        assert escape(text) == text


@given(st.text())
def test_nothing_escaped_can_move_a_cursor(text: str) -> None:
    for char in escape(text):
        assert unicodedata.category(char)[0] != "C", char
        assert char.isprintable()


@given(st.text(), st.integers(3, 40))
def test_padding_fills_exactly(text: str, room: int) -> None:
    assert width(pad(escape(text), room)) == room


@given(st.text(max_size=200), st.integers(3, 40))
def test_cutting_keeps_a_beginning(text: str, room: int) -> None:
    shown = escape(text)
    short = cut(shown, room)
    assert width(short) <= room
    assert short == shown or shown.startswith(short.removesuffix("...").rstrip())


def test_accents_take_no_room_from_the_dots() -> None:
    assert cut("000\u0f80\\x07", 6) == "000\u0f80..."
    assert [cut("e\u0301" * 9, room) for room in (0, 1, 2)] == ["", ".", ".."]


@given(st.text(max_size=300), st.integers(4, 60))
def test_wrapping_loses_nothing_but_spaces(text: str, room: int) -> None:
    lines = wrap(escape(text), room, "  ")
    assert "".join("".join(lines).split()) == "".join(escape(text).split())
    assert all(width(line) <= room for line in lines)


def test_wide_letters_take_two_cells() -> None:
    assert width("モデル") == 6
    assert width("e\u0301") == 1
    assert pad("モデル", 5) == "モ..."
