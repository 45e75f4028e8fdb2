"""Claims from Python: records back, and assertions that tell what went wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import verify
from tests.suites.libraries import make_library
from verify.cli.exits import Exit
from verify.cli.paths import Refusal
from verify.language.verdicts import Verdict

CLAIMS = """
const x, y: Real
premise P1: x >= y
premise P2: y >= 1
step good: x >= 1 by P1, P2
step bad: x >= 2 by P1, P2
"""


def test_assert_proved_returns_the_verdicts_or_tells(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (verdict,) = verify.assert_proved(CLAIMS, "good", store=store)
    assert (verdict.status, verdict.trust) == ("proved", "certified")
    with pytest.raises(AssertionError, match=r"bad, line 6: refuted \(certified\)"):
        verify.assert_proved(CLAIMS, store=store)
    with pytest.raises(
        AssertionError, match="No statement is called goood; nearest: `good`"
    ):
        verify.assert_proved(CLAIMS, "goood", store=store)
    expected = CLAIMS + "expect bad refuted\n"
    assert len(verify.assert_proved(expected, store=store)) == 2
    with pytest.raises(AssertionError, match="bad, line 6"):
        verify.assert_proved(expected, "bad", store=store)


def test_nothing_claimed_is_nothing_proved(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Nothing is claimed"):
        verify.assert_proved("const x: Real\n", store=tmp_path)
    with pytest.raises(AssertionError, match="no operator"):
        verify.assert_proved("const x: Real\npremise P: x == 1\n", store=tmp_path)


def test_run_returns_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = make_library(tmp_path / "lib", 1)
    report = verify.run(library, store=tmp_path / "s.sqlite", jobs=1)
    assert report.code == Exit.AS_EXPECTED and report.run.complete
    names = [r.name for r in report.records if isinstance(r, Verdict)]
    assert names == ["P1", "P2", "good", "bad"]
    frames = SimpleNamespace(
        DataFrame=SimpleNamespace(from_records=lambda rows: [r["name"] for r in rows])
    )
    monkeypatch.setitem(sys.modules, "pandas", frames)
    assert verify.make_frame(report) == names


def test_nothing_to_run_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    library = make_library(tmp_path / "lib", 1)
    with pytest.raises(Refusal, match="nearest: `lib`"):
        verify.run(tmp_path / "libb")
    with pytest.raises(Refusal, match="No document has `e000`") as caught:
        verify.run(library, select=("e000",))
    assert caught.value.code == Exit.NOTHING
    with pytest.raises(Refusal, match="nearest: `good`") as caught:
        verify.run(library, only=("godo",), store=tmp_path / "s.sqlite")
    assert caught.value.code == Exit.NOTHING


def test_the_package_offers_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        verify.walk  # noqa: B018
