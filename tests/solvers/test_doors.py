"""One file for each engine: nothing else in this part of the house knows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "verify" / "solvers"
IMPORT = re.compile(r"^\s*(?:from|import)\s+(z3|pysmt|cvc5)\b", re.MULTILINE)
OURS = (
    "background", "decide", "harvest", "isolation", "jobs", "kinds", "messages", "server",
    "smt_names", "smt_words", "versions",
)  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_these_files_know_no_engine(name: str) -> None:
    assert not IMPORT.findall((FOLDER / f"{name}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "engine"), [("z3_backend", "z3"), ("pysmt_backend", "pysmt")]
)
def test_these_files_know_one(name: str, engine: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert set(IMPORT.findall(text)) == {engine}


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem
)
def test_no_engine_reads_text(path: Path) -> None:
    """z3's and cvc5's readers of SMT-LIB open and write the files that a text names."""
    text = path.read_text(encoding="utf-8")
    for name in (
        "parse_smt2",
        "from_string",
        "eval_smtlib2",
        "InputParser",
        "from_file",
    ):
        assert name not in text
    assert not re.search(r"RealVal\(\s*[0-9.]*float|float\(.*RealVal", text)
