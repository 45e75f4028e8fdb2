"""Texts that mean harm: each is answered as it should be, within its time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.text.corpus import Case, corpus

SECONDS = 5.0
CASES = list(corpus())
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a process with limited memory answered, by name of the text."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "claims").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.text.corpus", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr[-2_000:]
    assert sorted(path.name for path in folder.iterdir()) == [
        "claims", "doc.claim", "doc.md", "warm.claim",
    ]  # fmt: skip
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["name"]: record for record in records}


def test_names_of_texts_are_distinct() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 130


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_harmful_text_is_answered(
    case: Case, answers: dict[str, dict[str, Any]]
) -> None:
    record = answers[case.name]
    if case.message:
        assert case.message in record["answer"]
    else:
        assert record["answer"] == ""
    assert record["answer"].isprintable()
    assert len(record["answer"]) < 2_000
    assert record["seconds"] < SECONDS
