"""Characters that are no part of the language, and what to write instead.

People paste logic from slides, papers and chats; most of what they paste has one obvious
meaning, and the message says it. What deceives the eye is named by its code point and
never printed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from verify.language.errors import ClaimError
from verify.language.positions import Source

_FIXES: Final = {
    "==": "write = for equality",
    "===": "write = for equality",
    "&&": "write and",
    "&": "write and",
    "||": "write or; an absolute value is abs(x)",
    "|": "write or; an absolute value is abs(x)",
    "!": "write not, or != for `not equal`",
    "=>": "write implies, or >= for `at least`",
    "<=>": "write iff",
    "=<": "write <=",
    "<>": "write !=",
    "/=": "write !=",
    "**": "write ^ for a power",
    "//": "write / for a quotient, # for a comment",
    "~": "write not",
    "%": "there are no percentages and no remainders; write p/100",
    "[": "write parentheses",
    "]": "write parentheses",
    "'": 'write labels in straight double quotes: "..."; a name cannot have a prime',
    "`": 'write labels in straight double quotes: "..."',
    "\u2192": "write implies or ->",
    "\u21d2": "write implies or ->",
    "\u2194": "write iff or <->",
    "\u21d4": "write iff or <->",
    "\u2208": "write in",
    "\u00d7": "write *",
    "\u00b7": "write *",
    "\u22c5": "write *",
    "\u2212": "write the hyphen -",
    "\u2013": "write the hyphen -",
    "\u2014": "write the hyphen -",
    "\u201c": 'write straight double quotes: "..."',
    "\u201d": 'write straight double quotes: "..."',
    "\u201e": 'write straight double quotes: "..."',
    "\u2018": 'write straight double quotes: "..."',
    "\u2019": 'write straight double quotes: "..."',
    "\u2261": "write iff, or =",
    "\u00f7": "write /",
    "\u00a0": "write a plain space",
    "\r": "save the file with LF or CRLF line ends",
}
# Letters that look like Latin ones, beside those that Unicode itself folds together.
_LOOKALIKES: Final = dict(
    zip(
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430\u0435"
        "\u043e\u0440\u0441\u0443\u0445\u0456\u0391\u0392\u0395\u0396\u0397\u0399\u039a"
        "\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd",
        "ABEKMHOPCTXaeopcyxiABEZHIKMNOPTYXov",
        strict=True,
    )
)


def describe(char: str) -> str:
    """A character as a message shows it: itself if it prints, and its code point."""
    name = unicodedata.name(char, "a control character")
    code = f"U+{ord(char):04X}"
    if char.isascii():
        return f"`{char}`" if char.isprintable() else f"{code} ({name})"
    return f"{code} ({name})"


def hidden(text: str) -> int:
    """Where `text` first has a character that does not print or turns text; else -1."""
    if text.isascii() and text.isprintable():
        return -1
    for place, char in enumerate(text):
        if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029":
            return place
    return -1


def unreadable(source: Source, offset: int, word: str) -> ClaimError:
    char = word[0]
    if unicodedata.category(char)[0] in "CZ":
        message = f"a character that does not print: {describe(char)}"
        return source.error_at(offset, message, _FIXES.get(char, "delete it"))
    if word in _FIXES and word.isascii():
        message = (
            f"{describe(char) if len(word) == 1 else f'`{word}`'} is no operator here"
        )
        return source.error_at(offset, message, _FIXES[word])
    if word in _FIXES:
        return source.error_at(
            offset, f"expected ASCII, got {describe(char)}", _FIXES[word]
        )
    plain = _LOOKALIKES.get(char, unicodedata.normalize("NFKC", char))
    if not char.isascii() and plain.isascii() and plain.isalnum():
        message = f"expected ASCII, got {describe(char)}, which looks like `{plain}`"
        return source.error_at(
            offset, message, f"write {plain} with the ASCII keyboard"
        )
    if not char.isascii() and char.isdigit():
        fix = f"write {unicodedata.digit(char)}"
        return source.error_at(offset, f"expected ASCII, got {describe(char)}", fix)
    if not char.isascii() and char.isalpha():
        message = (
            f"expected a name of ASCII letters, digits and _, got {describe(char)}"
        )
        return source.error_at(offset, message, "spell the name out, such as eps")
    message = f"{describe(char)} has no meaning in a claim"
    return source.error_at(
        offset, message, "delete it, or move the remark into the prose"
    )
