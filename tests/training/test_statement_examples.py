"""The examples that say what is asked for, decided as their authors expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import ROOT, mask_times, run

EXAMPLES = ROOT.parent / "shared" / "claims" / "examples"
NAMES = ("spike", "hat")

if not EXAMPLES.is_dir():
    pytest.skip("no examples in ../shared/claims", allow_module_level=True)


def test_the_examples_come_out_as_expected_and_certified(tmp_path: Path) -> None:
    paths = [EXAMPLES / f"{name}.md" for name in NAMES]
    done = run("check", *paths, XDG_CACHE_HOME=str(tmp_path))
    assert done.code == 0, done.out + done.err
    found = mask_times(done.out)
    assert found.count("(certified)") == 21 + 1  # the last line counts them
    assert "20 proved (certified) · 1 refuted as expected" in found
    assert "survives  conclusion" in found and "uses paid" in found


def test_what_refutes_an_optimum_is_shown(tmp_path: Path) -> None:
    path = EXAMPLES / "hat.md"
    done = run("check", path, "--only", "too_good", XDG_CACHE_HOME=str(tmp_path))
    assert "optimum(S1, D, squared) = 1/2   g(x) = 1/2 - 1/2*relu(1 - x)" in done.out
