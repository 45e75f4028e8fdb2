"""The words of the house: in what people read, in every file, and in the code.

A verdict says what is known and on whose word; these words say more than that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted((ROOT / "verify").rglob("*.py"))
FOLDERS = ("verify", "tests", "docs", "claims", "bench", "models")
TEXTS = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".lark", ".claim"}
]

BANNED = re.compile(r"\b(?:verified|OK|perfect|correct|correctly|safe|safely)\b")
UNFINISHED = re.compile(
    r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b"
)
MACHINE = re.compile(r"(?<![\w.~])/(?:wo" + r"rk|ho" + r"me|ro" + r"ot)/")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def spoken(path: Path) -> Iterator[tuple[int, str]]:
    """String constants that are not docstrings: what may reach a person."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # docstrings among them
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in bare:
            yield node.lineno, str(node.value)


def test_output_says_no_more_than_is_known() -> None:
    found = [
        f"{relative(path)}:{line}: {text}"
        for path in CODE
        for line, text in spoken(path)
        if BANNED.search(text)
    ]
    assert not found, "\n".join(found)


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{relative(path)}: {word}"
        for path in CODE
        for word in UNFINISHED.findall(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def test_no_file_names_a_place_on_one_machine() -> None:
    found = [
        relative(path)
        for path in TEXTS
        if MACHINE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "pattern, text",
    [(BANNED, "it is verified"), (BANNED, "OK."), (UNFINISHED, "TO" + "DO: later"),
     (MACHINE, "see /wo" + "rk/x")],
)  # fmt: skip
def test_the_patterns_find_what_they_are_for(
    pattern: re.Pattern[str], text: str
) -> None:
    assert pattern.search(text)
