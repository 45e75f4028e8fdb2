"""Paths and names a person types: found, or answered with the nearest one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from verify.cli.exits import Exit
from verify.reports.characters import escape


class Refusal(Exception):
    """A command that cannot be carried out: a sentence, and the code it ends with."""

    def __init__(self, sentence: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def find_paths(paths: Iterable[str]) -> list[Path]:
    """The paths, all existing; raises Refusal with the nearest name otherwise."""
    found = [Path(path) for path in paths]
    for path in found:
        if not path.exists():
            raise Refusal(f"There is no {quoted(str(path))}; {_nearest_path(path)}.")
    return found


def _nearest_path(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        return f"there is no folder {quoted(str(parent))} either"
    try:
        names = sorted(entry.name for entry in parent.iterdir())
    except OSError:
        return "give a document or a folder of documents"
    return suggest(path.name, names, "give a document or a folder of documents")


def suggest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """`did you mean A or B?`-like advice: the nearest of `names`, else some of them."""
    known = list(dict.fromkeys(names))
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"nearest: {', '.join(map(quoted, near))}"
    if otherwise or not known:
        return otherwise or "there is none"
    more = ", ..." if len(known) > 8 else ""
    return f"there are {', '.join(map(quoted, known[:8]))}{more}"


def quoted(text: str) -> str:
    """A name in a sentence."""
    return f"`{escape(text)}`"
