"""The models of the library are what the scripts beside them make."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verify.networks.certificates.problems import declare
from verify.networks.reading.onnx_reader import read_network

MODELS = Path(__file__).resolve().parents[2] / "models"
NAMES = ("xor", "halves")
MOST = 20_000  # bytes of a file


@pytest.mark.parametrize("name", NAMES)
def test_a_script_writes_its_files_again(name: str, tmp_path: Path) -> None:
    shutil.copytree(MODELS / name, tmp_path / name)
    shutil.copy(MODELS / "writing.py", tmp_path)
    for made in (*(tmp_path / name).glob("*.onnx"), *(tmp_path / name).glob("*.csv")):
        made.unlink()
    script = tmp_path / name / "make.py"
    subprocess.run([sys.executable, str(script)], check=True, timeout=120)
    kept, again = (
        declare(read_network(folder / name / f"{name}.onnx").network, name, units=True)
        for folder in (MODELS, tmp_path)
    )
    assert kept == again
    csv = f"{name}/{name}.csv"
    assert (MODELS / csv).read_text() == (tmp_path / csv).read_text()


def test_models_are_tiny_and_named() -> None:
    readme = (MODELS / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"`{name}/`" in readme
        assert all(path.stat().st_size < MOST for path in (MODELS / name).glob("*.*"))
