"""Markdown to claim text: everything outside the claim fences becomes blanks, in place.

markdown-it finds the fences, so that what counts as one is what a renderer shows as one:
tildes, fences in lists and in quotations included, raw HTML never. Only block structure
is parsed, and only the rules that can hold a fence. Lines are blanked and never moved, so
every position that is reported later is a position in the file itself.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from verify.language.errors import ClaimError
from verify.language.limits import MAX_LINES, MAX_PLAIN_LINES
from verify.language.positions import Source, make_source

# A line as markdown-it counts them: a lone CR ends one.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_RULES: Final = ["blockquote", "code", "fence", "heading", "hr", "list", "paragraph"]


@cache
def _blocks() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    parser.block.ruler.enableOnly(_RULES)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def read_markdown(path: str, text: str) -> Source:
    """The claims of a Markdown text, where they stand, all else blank.

    Raises ClaimError for a fence that is never closed, one that is nearly called claim,
    one whose lines cannot be told from the list or quotation around them, and for too
    many lines.
    """
    _check_lines(path, text, MAX_LINES)
    lines = [line for line in _LINE.findall(text) if line]
    keep = [""] * len(lines)
    breaks = []
    whole = make_source(path, text)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    for token in _blocks().parse(text) if "claim" in text.casefold() else ():
        if token.type != "fence" or token.map is None:
            continue
        first, last = token.map
        if not _is_claim(whole, offsets[first], token):
            continue
        inside = token.content.split("\n")[:-1]
        closing = lines[last - 1].rstrip() if last - 1 > first else ""
        if len(inside) != last - first - 2 or not closing.endswith(token.markup):
            raise whole.error_at(
                offsets[first],
                "a claim block that is never closed",
                f"add a line {token.markup} where it ends",
            )
        for number, content in enumerate(inside, first + 1):
            body = lines[number].rstrip("\n").removesuffix("\r")
            if not body.replace("\0", "\ufffd").endswith(content):
                raise whole.error_at(
                    offsets[number],
                    "this line of a claim block cannot be told from what surrounds it",
                    "indent with spaces, or move the block out to the left margin",
                )
            outside = len(body) - len(content)
            keep[number] = " " * outside + body[outside:]
        breaks.append(offsets[last - 1])
    shaped = (_blank(line, kept) for line, kept in zip(lines, keep, strict=True))
    return make_source(path, "".join(shaped), tuple(breaks))


def _blank(line: str, kept: str) -> str:
    """`kept` and then what ends the line, everything else blank."""
    if kept:
        return kept + line[len(kept) :]
    body = line.rstrip("\n")
    return " " * len(body) + line[len(body) :]


def _check_lines(path: str, text: str, most: int) -> None:
    count = text.count("\n") + text.count("\r") - text.count("\r\n")
    if count > most:
        raise ClaimError(
            f"a file of this kind has at most {most} lines, this one {count}",
            path=path,
            line=most + 1,
            column=1,
            fix="split it into several documents",
        )


def _is_claim(source: Source, offset: int, token: Token) -> bool:
    words = token.info.split()
    if not words:
        return False
    if words[0] == "claim":
        return True
    if words[0].strip("{}.").casefold() in ("claim", "claims"):
        raise source.error_at(
            offset,
            f"a block fenced as `{words[0][:20]}` is not read",
            f"write {token.markup}claim",
        )
    return False


def read_plain(path: str, text: str) -> Source:
    """The source of a .claim file, all of which is claims.

    Raises ClaimError for too many lines.
    """
    _check_lines(path, text, MAX_PLAIN_LINES)
    return make_source(path, text)


def decode(path: str, data: bytes) -> str:
    """The text of a file; a byte order mark is dropped.

    Raises ClaimError with the place of the first byte that is not UTF-8.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        raise ClaimError(
            "this file is not UTF-8",
            path=path,
            line=line,
            column=column,
            fix="save it as UTF-8",
        ) from None
