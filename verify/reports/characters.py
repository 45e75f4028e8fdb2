"""A stranger's text on somebody's terminal: shown, never obeyed.

Labels, names, messages and values come from documents. A label holding an escape
sequence could erase the verdict beside it and write another; one holding a
bidirectional override could reverse it, and a newline could forge a whole line. So
everything that is not a plain printing character is written as its escape (`\\x1b`,
`\\u202e`), whatever the output. Widths are counted in terminal cells, so columns stay
straight beside East Asian letters.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b"}
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escape(text: str) -> str:
    """`text` on one line, every character that is not plainly visible spelt out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spell(char) for char in text)


def _spell(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if unicodedata.category(char) not in _UNPRINTABLE:
        return " " if char.isspace() else char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """The number of terminal cells that escaped `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, room: int) -> str:
    """`text` if it fits in `room` cells, else its beginning and `...`."""
    if width(text) <= room:
        return text
    dots = "..."[: max(room, 0)]
    kept, used = [], len(dots)
    for char in text:
        used += _cells(char)
        if used > room:
            break
        kept.append(char)
    return "".join(kept).rstrip() + dots


def pad(text: str, room: int) -> str:
    """`text` cut to `room` cells and filled up with spaces to exactly that many."""
    shown = cut(text, room)
    return shown + " " * (room - width(shown))


def wrap(text: str, room: int, indent: str = "") -> list[str]:
    """`text` in lines of at most `room` cells, broken at spaces, later ones indented.

    A word longer than a line is broken where the line ends.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        while rest:
            gap = " " if line.strip() else ""
            if width(line + gap + rest) <= room:
                line += gap + rest
                rest = ""
            elif line.strip():
                lines.append(line)
                line = indent
            else:
                head = _fitting(rest, max(room - width(line), 1))
                lines.append(line + head)
                line, rest = indent, rest[len(head) :]
    if line.strip() or not lines:
        lines.append(line)
    return lines


def _fitting(text: str, room: int) -> str:
    """The longest beginning of `text` in `room` cells, but at least one character."""
    used = 0
    for place, char in enumerate(text):
        used += _cells(char)
        if used > room and place:
            return text[:place]
    return text
