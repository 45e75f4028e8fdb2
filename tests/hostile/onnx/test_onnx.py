"""Model files that mean harm: each is answered as it should be, in time and memory."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.onnx.corpus import SECRET, Case, corpus, lay_out, nano
from tests.networks.random_models import make_random
from verify.networks.errors import ModelError
from verify.networks.reading.onnx_reader import read_network

SECONDS = 5.0
CASES = list(corpus())
ROOT = Path(__file__).resolve().parents[3]
SAMPLE = 150
RAW = bytes(nano().SerializeToString())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a process with limited memory answered, by name of the file."""
    folder = tmp_path_factory.mktemp("models")
    lay_out(folder)
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.onnx.corpus", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr[-2_000:]
    assert (folder / "secret.bin").read_bytes() == SECRET
    assert sorted(path.name for path in (folder / "models").iterdir()) == [
        "fifo", "hard.bin", "link.bin", "linked", "model.onnx",
    ]  # fmt: skip
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["name"]: record for record in records}


def test_names_of_files_are_distinct() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 130


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answers(case: Case, answers: dict[str, dict[str, Any]]) -> None:
    record = answers[case.name]
    assert case.message in record["answer"]
    assert bool(case.message) == bool(record["answer"])
    assert record["answer"].isprintable() and record["answer"].isascii()
    assert len(record["answer"]) < 2_000 and "SECRET" not in record["answer"]
    assert record["seconds"] < SECONDS


def read(data: bytes) -> str:
    """How the bytes were answered; any other exception than ModelError is a failure."""
    begun = time.process_time()
    try:
        model = read_network(data)
    except ModelError as error:
        said = str(error)
        assert said and said.isprintable()
        return said
    assert time.process_time() - begun < SECONDS
    assert model.network.outputs
    return ""


def flips() -> list[int]:
    return list(range(8 * len(RAW)))


def flip(bit: int) -> bytes:
    changed = bytearray(RAW)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_single_bit_flips_are_read_or_refused() -> None:
    answers = [read(flip(bit)) for bit in flips()[:: max(len(flips()) // SAMPLE, 1)]]
    assert any(answers) and not all(answers)


@pytest.mark.campaign
def test_every_single_bit_flip_is_read_or_refused() -> None:
    answers = [read(flip(bit)) for bit in flips()]
    assert any(answers) and not all(answers)


def noise(seed: int) -> bytes:
    """Random bytes, half of them a damaged model."""
    generator = random.Random(seed)
    if seed % 2:
        return generator.randbytes(generator.randrange(1, 300))
    data = bytearray(RAW)
    for _ in range(generator.randrange(1, 8)):
        place = generator.randrange(len(data))
        match generator.randrange(3):
            case 0:
                data[place] = generator.randrange(256)
            case 1:
                del data[place : place + generator.randrange(1, 9)]
            case _:
                data[place:place] = data[: generator.randrange(9)]
    return bytes(data)


def test_random_bytes_are_refused() -> None:
    assert sum(bool(read(noise(seed))) for seed in range(SAMPLE)) > 0.9 * SAMPLE


@pytest.mark.campaign
def test_ten_thousand_random_bytes_are_refused() -> None:
    assert sum(bool(read(noise(seed))) for seed in range(10_000)) > 9_000


def damaged(seed: int) -> bytes:
    """A random model over all operators with one or two bytes changed."""
    generator = random.Random(seed)
    data = bytearray(make_random(seed % 1_000))
    for _ in range(generator.randrange(1, 3)):
        place = generator.randrange(len(data))
        if generator.random() < 0.5:
            data[place] ^= 1 << generator.randrange(8)
        else:
            data[place] = generator.choice([0, 1, 2, 3, 127, 255])
    return bytes(data)


def test_damaged_models_are_read_or_refused() -> None:
    answers = [read(damaged(seed)) for seed in range(2 * SAMPLE)]
    assert any(answers) and not all(answers)


@pytest.mark.campaign
def test_ten_thousand_damaged_models_are_read_or_refused() -> None:
    answers = [read(damaged(seed)) for seed in range(10_000)]
    assert any(answers) and not all(answers)


@pytest.mark.parametrize(
    "name, message",
    [("none.onnx", "there is no file"), ("folder", "is not a regular file"),
     ("pipe", "is not a regular file")],
)  # fmt: skip
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match=message):
        read_network(tmp_path / name)


def test_a_file_over_the_cap_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.onnx"
    with path.open("wb") as stream:
        stream.truncate(600 * 2**20)
    with pytest.raises(ModelError, match="larger than 512 MiB"):
        read_network(path)
