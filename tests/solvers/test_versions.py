"""What is installed is told without importing it."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from verify.solvers import versions
from verify.solvers.versions import PACKAGES, Package, read_versions

ROOT = Path(__file__).resolve().parents[2]


def test_versions_are_those_installed() -> None:
    found = read_versions()
    assert list(found) == [package.name for package in PACKAGES]
    assert found["z3-solver"] == metadata.version("z3-solver")


def test_what_is_missing_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "PACKAGES", (Package("no-such-package", "nothing"),))
    assert read_versions() == {"no-such-package": ""}


def test_nothing_is_imported() -> None:
    done = subprocess.run(
        [
            sys.executable, "-c",
            "import sys; from verify.solvers.versions import read_versions; read_versions()\n"
            "print(*sorted({name.split('.')[0] for name in sys.modules}))",
        ],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert {"z3", "cvc5", "pysmt", "sympy", "numpy"}.isdisjoint(done.stdout.split())


def test_every_dependency_is_listed() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for package in PACKAGES:
        assert f'"{package.name.lower()}>=' in text, package.name
