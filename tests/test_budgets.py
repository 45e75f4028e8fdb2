"""Sizes: a file that grows past its budget is split before it is merged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "verify").rglob("*.py"))

MAX_FILE = 400
MAX_FUNCTION = 80
MAX_KERNEL = 1_500
MAX_NETWORKS = 480  # the one rule about networks, beside it
NETWORKS = {"networks.py", "cells.py", "trees.py", "exponential.py"}
MAX_LEARNING = 640  # the rules about what can be learned, beside it
LEARNING = {"quantities.py", "counting.py", "fits.py", "covers.py", "learned.py"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_are_short(path: Path) -> None:
    assert lines(path) <= MAX_FILE


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_functions_are_short(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION
    ]
    assert not long, "\n".join(long)


def code_lines(path: Path) -> int:
    """Lines that are neither blank nor comment nor docstring: what there is to trust."""
    text = path.read_text(encoding="utf-8")
    words: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                words |= set(range(first.lineno, (first.end_lineno or 0) + 1))
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in words
        for number, line in enumerate(text.splitlines(), 1)
    )


def test_the_kernel_is_small() -> None:
    sizes = {p.name: code_lines(p) for p in (ROOT / "verify/kernel").glob("*.py")}
    assert set(sizes) > NETWORKS | LEARNING
    networks, learning = (
        sum(sizes[name] for name in group) for group in (NETWORKS, LEARNING)
    )
    assert sum(sizes.values()) - networks - learning < MAX_KERNEL, sizes
    assert networks < MAX_NETWORKS, sizes
    assert learning < MAX_LEARNING, sizes
