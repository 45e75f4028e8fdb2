"""Words of SMT-LIB text, one after the other: parentheses, symbols, quoted things.

No solver reads a stranger's text here, because solvers obey some of its commands. Words are
found one at a time, so a file is refused at the first thing wrong with it and never grows
into a tree. What readers of this format disagree about (a lone carriage return ends a
comment for some and not for others) or what deceives the eye is refused by name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NoReturn

from verify.language.characters import describe
from verify.networks.errors import ModelError
from verify.networks.files import read_bytes
from verify.networks.properties.property_errors import LIMIT, UNSUPPORTED, PropertyError

MAX_BYTES: Final = 32_000_000  # of a property, unpacked
MAX_WORDS: Final = 500_000
MAX_LENGTH: Final = 1_500  # of one word: 1,000 digits, and room for a name
MAX_WORK: Final = 1_000_000  # coefficients looked at while terms are combined
WORD: Final = re.compile(  # possessive: no long file makes the matcher go back
    r"(?:[ \t\n\r]+|;[^\n]*)*+"
    r"([()]|[A-Za-z0-9~!@$%^&*_\-+=<>.?/:#]++"
    r'|"(?:[^"]|"")*+"|\|[^|\\]*+\||)',
    re.ASCII,
)
_FORBIDDEN: Final = re.compile(
    "\r(?!\n)|[\0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def read_text(source: Path | bytes) -> str:
    """The text of a file or of its bytes, unpacked if gzip; raises PropertyError.

    It must be UTF-8; a byte order mark at the start is skipped.
    """
    try:
        data = read_bytes(source, MAX_BYTES)
    except ModelError as error:
        raise PropertyError(error.reason, kind=LIMIT, fix=error.fix) from None
    if data[:2] in _UTF16:
        raise PropertyError("the file is UTF-16", fix="save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PropertyError(
            "the file is not UTF-8", line=line, fix="save it as UTF-8"
        ) from None


class Words:
    """The words of a text in order; `next` is empty at the end.

    Raises PropertyError for what is no word, for more than 500,000 words, and for a
    word of more than 1,500 characters.
    """

    def __init__(self, text: str, pattern: re.Pattern[str] = WORD) -> None:
        if len(text) > MAX_BYTES:
            raise PropertyError(
                f"the text has more than {MAX_BYTES:,} characters", kind=LIMIT
            )
        self._text = text
        self._place = 0
        self._end = 0
        self._left = MAX_WORDS
        self._work = MAX_WORK
        self._pattern = pattern
        bad = _FORBIDDEN.search(text)
        if bad:
            self._place = bad.start()
            self.fail(
                f"{describe(bad[0])} may not stand in a property",
                fix="save the file with LF or CRLF line ends"
                if bad[0] == "\r"
                else "delete it",
            )

    def next(self) -> str:
        """The next word, empty at the end of the text."""
        match = self._pattern.match(self._text, self._end)
        word = match[1] if match else ""
        self._end = match.end() if match else self._end
        self._place = self._end - len(word)
        if not word:
            if self._end < len(self._text):
                self._fail_at_character()
            return ""
        self._left -= 1
        if self._left < 0:
            self.fail(f"more than {MAX_WORDS:,} words", kind=LIMIT)
        if len(word) > MAX_LENGTH:
            self.fail(f"a word of {len(word):,} characters", kind=LIMIT)
        return word

    def expect(self, wanted: str, where: str) -> None:
        """Take one word that must be `wanted`."""
        word = self.next()
        if word != wanted:
            self.fail(f"expected `{wanted}` {where}, got {shown(word)}")

    def spend(self, work: int) -> None:
        """Count work that a reader does; raises PropertyError beyond the cap."""
        self._work -= work
        if self._work < 0:
            self.fail(
                "too many variables in terms nested too deep",
                kind=LIMIT,
                fix="write one flat sum",
            )

    @property
    def line(self) -> int:
        """The line of the word taken last."""
        return self._text.count("\n", 0, self._place) + 1

    def fail(self, message: str, *, kind: str = "syntax", fix: str = "") -> NoReturn:
        """Raise PropertyError about the word taken last."""
        raise PropertyError(message, line=self.line, kind=kind, fix=fix)

    def decline(self, message: str, fix: str = "") -> NoReturn:
        """Raise PropertyError: the word taken last is SMT-LIB, but not read here."""
        self.fail(message, kind=UNSUPPORTED, fix=fix)

    def _fail_at_character(self) -> NoReturn:
        char = self._text[self._place]
        if char == '"':
            self.fail('a string that never ends; close it with "')
        if char == "|":
            self.fail("a quoted symbol that never ends; close it with |")
        self.fail(
            f"{describe(char)} may not stand in a property",
            fix="write ASCII outside comments",
        )


def shown(word: str) -> str:
    """A word as a message quotes it."""
    if not word:
        return "the end of the text"
    text = word if len(word) <= 40 else f"{word[:36]}..."
    return f"`{text}`" if text.isascii() and text.isprintable() else f"{text!a}"
