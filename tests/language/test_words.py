"""Words, numerals and quotations; characters that could deceive the eye."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.reading import mistake, read
from verify.language.characters import describe, hidden
from verify.language.errors import ClaimError
from verify.language.limits import MAX_DIGITS, MAX_LABEL, MAX_NAME, Meter
from verify.language.markdown import read_plain
from verify.language.words import read_words


def words(text: str) -> list[str]:
    return [str(token) for token in read_words(read_plain("d", text), Meter())][:-1]


def test_words_and_places() -> None:
    text = 'step s "a b":\r\n\tx<=1.5 # said so\n  and ∀y->z'
    assert words(text) == [
        "step", "s", '"a b"', ":", "x", "<=", "1.5", "and", "∀", "y", "->", "z",
    ]  # fmt: skip
    places = [(t.line, t.column) for t in read_words(read_plain("d", text), Meter())]
    assert places[:7] == [(1, 1), (1, 6), (1, 8), (1, 13), (2, 2), (2, 3), (2, 5)]
    assert places[7] == (3, 3)


def test_comments_are_left_out_everywhere() -> None:
    document = read("step s: x > 0 # because\n    and y > 0\t# é \n    by P1 # done")
    assert document.statements[-1].source == "x > 0 and y > 0"
    assert read('step s "# no comment": p').statements[-1].label == "# no comment"


@pytest.mark.parametrize(
    "char", ["\0", "\x1b", "\x7f", "\x9b", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff",
             "\u2028", "\xad", "\r", "\x0c", "\ue000", "\U000e0041"]
)  # fmt: skip
@pytest.mark.parametrize(
    "text", ["premise Q: x > {}1", 'premise Q "{}": p', "premise Q: p # {} a"]
)
def test_what_does_not_print_is_refused_by_its_code(char: str, text: str) -> None:
    found = mistake("premise R: p\n" + text.format(char))
    assert f"U+{ord(char):04X}" in found.message
    assert (found.line, found.column) == (2, text.index("{") + 1)
    assert str(found).isprintable()


@pytest.mark.parametrize(
    ("char", "fix"),
    [
        ("\u0445", "write x"), ("\u0410", "write A"), ("\uff21", "write A"),
        ("\uff11", "write 1"),
        ("\u0661", "write 1"), ("\u06f3", "write 3"), ("\u0967", "write 1"),
        ("\u03b5", "spell"), ("\u03bf", "write o"), ("\u00d7", "write *"), ("\u2264", ""),
        ("\u00a0", "plain space"), ("\u2019", "straight"), ("\U0001d431", "write x"),
        ("\u00b2", "write 2"), ("\u2227", ""), ("\u20ac", "delete"),
    ],
)  # fmt: skip
def test_other_letters_and_digits_are_refused_or_are_operators(
    char: str, fix: str
) -> None:
    found = mistake(f"premise Q: p and {char}")
    assert (found.line, found.column) == (1, 18)
    assert fix in found.fix
    if fix:
        assert f"U+{ord(char):04X}" in found.message


def test_labels_hold_any_printable_text() -> None:
    label = "ε ≤ 1, naïve – 中文 العربية 🙂"
    assert read(f'step s "{label}": p').statements[-1].label == label


@settings(deadline=None)
@given(st.characters())
def test_no_character_breaks_a_message(char: str) -> None:
    for text in (f"step s: p {char}", f'step s "{char}": p'):
        try:
            read(text)
        except ClaimError as error:
            assert str(error).isprintable()
            assert error.line >= 1 and error.column >= 1


@settings(deadline=None)
@given(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]))
def test_hidden_characters_are_found(char: str) -> None:
    assert hidden(f"ab{char}c") == 2
    assert describe(char).isprintable()
    assert unicodedata.category(char)[0] in "CZ"


def test_lengths_are_bounded_before_anything_is_built() -> None:
    assert (
        "at most 200 characters"
        in mistake(f"premise Q: {'v' * (MAX_NAME + 1)}").message
    )
    assert (
        "at most 1000 digits"
        in mistake(f"premise Q: x = {'1' * (MAX_DIGITS + 1)}").message
    )
    label = f'premise Q "{"v" * (MAX_LABEL + 1)}": p'
    assert "at most 1000 characters" in mistake(label).message
    assert read(f"premise Q: x = 0.{'1' * (MAX_DIGITS - 1)}").statements
    assert read(f'premise Q "{"v" * MAX_LABEL}": p').statements
