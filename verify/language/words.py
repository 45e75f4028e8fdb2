"""Text to words, one at a time: names, numerals, quoted text, operators.

What a word means is not decided here: the parser knows whether a keyword can stand where
it stands, so `base`, `data` or `step` stay free for names. Everything that could deceive
an eye is refused with its place: controls, directions, zero widths, letters that look
like others, numerals that some reader would take for a different number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lark.lexer import Token

from verify.language import limits
from verify.language.characters import describe, hidden, unreadable
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.positions import Source

# The wrong marks come first: they are longer than the right ones they begin with.
_WORD: Final = re.compile(
    r"""(?P<blank>[ \t\n]+|\r\n[ \t\n]*)
    |(?P<comment>\#[^\n]*)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9][A-Za-z0-9_.]*)
    |(?P<text>"[^"\n]*"?)
    |(?P<wrong>===?|<=>|=>|=<|<>|&&?|\|\|?|\*\*|/=|//|!(?!=))
    |(?P<mark><->|->|:=|<=|>=|!=|[(){},:;.=<>+\-*/^\u2200\u2203\u2227\u2228\u00ac\u2264\u2265\u2260])
    """,
    re.VERBOSE,
)
_NUMERAL: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")
_SCIENTIFIC: Final = re.compile(r"[0-9.]+[eE][0-9]*\Z")


def read_words(source: Source, meter: Meter) -> Iterator[Token]:
    """The words of a document in order; `BREAK` where a fence ends, `$END` at the end.

    Raises ClaimError at the first thing that is no word, when that is reached.
    """
    text, breaks = source.text, iter((*source.breaks, -1))
    line, start, offset, nesting = 1, 0, 0, 0
    stop = next(breaks)
    while offset < len(text):
        while 0 <= stop <= offset:
            place = source.place(stop)
            yield Token("BREAK", "", stop, place.line, 1, place.line, 1, stop)
            stop, nesting = next(breaks), 0
        match = _WORD.match(text, offset)
        kind = match.lastgroup if match else None
        if match is None or kind == "wrong":
            raise unreadable(source, offset, match[0] if match else text[offset])
        word, offset = match[0], match.end()
        if kind == "blank":
            if "\n" in word:
                line += word.count("\n")
                start = match.start() + word.rindex("\n") + 1
            continue
        if kind == "comment":
            _check_printable(source, match.start(), word.rstrip("\r"), "a comment")
            continue
        meter.words += 1
        meter.work += 1
        if meter.words > limits.MAX_WORDS:
            raise source.error_at(
                match.start(),
                f"a document and what it uses have at most {limits.MAX_WORDS} words",
                "split it into several documents that are checked one by one",
            )
        match kind:
            case "name" if len(word) > limits.MAX_NAME:
                raise source.error_at(
                    match.start(),
                    f"a name has at most {limits.MAX_NAME} characters, this one {len(word)}",
                    "choose a shorter one",
                )
            case "number":
                _check_numeral(source, match.start(), word)
            case "text":
                _check_text(source, match.start(), word)
            case "mark" if word in "({":
                nesting += 1
                if nesting > limits.MAX_NESTING:
                    raise too_deep(source, match.start())
            case "mark" if word in ")}":
                nesting = max(nesting - 1, 0)
        column = match.start() - start + 1
        end = column + len(word)
        kind = "" if kind is None else kind.upper()
        yield Token(kind, word, match.start(), line, column, line, end, offset)
    column = offset - start + 1
    yield Token("$END", "", offset, line, column, line, column, offset)


def too_deep(source: Source, offset: int) -> ClaimError:
    return source.error_at(
        offset,
        f"this is nested more than {limits.MAX_NESTING} deep",
        "name a part of it with def",
    )


def _check_numeral(source: Source, offset: int, word: str) -> None:
    if _NUMERAL.match(word):
        digits = len(word) - ("." in word)
        if digits <= limits.MAX_DIGITS:
            return
        message = f"a numeral has at most {limits.MAX_DIGITS} digits, this one {digits}"
        raise source.error_at(
            offset, message, "use a power such as 10^40, or a constant"
        )
    shown = f"`{word}`" if len(word) <= 40 else f"`{word[:37]}...`"
    if _SCIENTIFIC.match(word):
        fix = "write the digits, a fraction, or a power: 1e10 is 10^10, 1e-3 is 1/1000"
    elif "_" in word:
        fix = "write the digits without _"
    elif word[:2] in ("0x", "0X", "0b", "0o"):
        fix = "write it in decimal"
    elif word.endswith("."):
        fix = "leave out the point, or write a digit after it"
    elif word.count(".") > 1:
        fix = "a numeral has one point at most"
    else:
        fix = "write * between a numeral and a name; a name begins with a letter"
    raise source.error_at(offset, f"{shown} is no numeral", fix)


def _check_text(source: Source, offset: int, word: str) -> None:
    if len(word) < 2 or not word.endswith('"'):
        raise source.error_at(
            offset, "a quotation that never ends", 'close it with " on the same line'
        )
    if len(word) - 2 > limits.MAX_LABEL:
        message = f"a quotation has at most {limits.MAX_LABEL} characters"
        raise source.error_at(offset, message, "shorten it; the prose can say more")
    _check_printable(source, offset, word, "a quotation")


def _check_printable(source: Source, offset: int, word: str, what: str) -> None:
    text = word.replace("\t", " ") if what == "a comment" else word
    if (place := hidden(text)) >= 0:
        message = (
            f"{what} holds a character that does not print: {describe(text[place])}"
        )
        raise source.error_at(offset + place, message, "delete it")
