"""Properties that mean harm: each is answered as it should be, within time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.vnnlib.corpus import CANARY, Case, corpus
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.vnnlib1 import read_property

SECONDS = 5.0
CASES = list(corpus())
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a process with limited memory answered, by name of the text."""
    folder = tmp_path_factory.mktemp("properties")
    program = [sys.executable, "-m", "tests.hostile.vnnlib.corpus", str(folder)]
    done = subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert not done.stderr, done.stderr[-2_000:]
    assert (folder / CANARY).read_text() == "untouched"
    assert sorted(path.name for path in folder.iterdir()) == [
        CANARY, "doc.vnnlib", "doc.vnnlib.gz", "warm.vnnlib",
    ]  # fmt: skip
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["name"]: record for record in records}


def test_names_of_properties_are_distinct() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 140


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_harmful_property_is_answered(
    case: Case, answers: dict[str, dict[str, Any]]
) -> None:
    record = answers[case.name]
    if case.message:
        assert case.message in record["answer"]
    else:
        assert record["answer"] == ""
    assert record["answer"].isprintable()
    assert len(record["answer"]) < 600
    assert record["seconds"] < SECONDS


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.vnnlib"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(PropertyError, match="not a regular file"):
            read_property(path)
    with pytest.raises(PropertyError, match="there is no file"):
        read_property(tmp_path / "absent.vnnlib")
