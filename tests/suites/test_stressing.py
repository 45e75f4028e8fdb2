"""Repeated queries: what counts as stable, and what a planted engine is found out by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.suites.libraries import make_library
from tests.suites.networks_library import make_networks
from verify.cli.exits import Exit
from verify.cli.suite import Report, Request, make_report
from verify.language.verdicts import Audit, Verdict
from verify.suites import running
from verify.suites.stressing import Answer, judge_answers, make_audit


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([("proved", 0.1)] * 4, "stable"),
        ([("open", 0.1)] * 4, "stable"),
        ([("proved", 0.1)] * 3 + [("proved", 0.9)], "stable"),
        ([("proved", 0.1)] * 3 + [("proved", 1.2)], "slow"),
        ([("proved", 1.0)] * 3 + [("proved", 2.9)], "stable"),
        ([("proved", 0.1)] * 3 + [("open", 9.0)], "flaky"),
        ([("proved", 0.1), ("vouched", 0.1)], "flaky"),
        ([("proved", 0.1), ("refuted", 0.1)], "alarm"),
        ([("vouched", 0.1), ("refuted", 0.1)], "alarm"),
        ([("proved", 0.1), ("doubted", 0.1)], "alarm"),
        ([("open", 0.1), ("alarm", 0.1)], "alarm"),
    ],
)
def test_answers_are_compared(answers: list[tuple[str, float]], expected: str) -> None:
    made = [Answer(finding, seconds) for finding, seconds in answers]
    assert judge_answers(made) == judge_answers(made[::-1]) == expected
    audit = make_audit(made, "d.md", "decide 1234")
    assert audit.result == expected and audit.name == "decide 1234"
    assert audit.check == ("soundness_alarm" if expected == "alarm" else "stress")


ORDER = ("stable", "slow", "flaky", "alarm")
DOCUMENT = """```claim
const x: Real
premise P: x >= {number}
step s: 2*x >= {number} + {number}
    by P
```
"""


def ask(folder: Path, repeats: int) -> tuple[Report, dict[str, str]]:
    store = str(folder.parent / "s.sqlite")
    report = make_report(
        Request(
            library=(str(folder),), store=store, reading=False, fresh=True,
            stress=repeats,
        )
    )  # fmt: skip
    worst: dict[str, str] = {}
    for one in (record for record in report.records if isinstance(record, Audit)):
        known = worst.get(one.document, "stable")
        worst[one.document] = max(known, one.result, key=ORDER.index)
    return report, worst


def test_a_planted_engine_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = (*running.PRELOAD, "tests.suites.flaky_engine")
    monkeypatch.setattr(running, "PRELOAD", planted)
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    expected = {"d55.md": "stable", "d77.md": "flaky", "d99.md": "alarm"}
    for number, name in zip((55, 77, 99), expected, strict=True):
        (folder / name).write_text(DOCUMENT.format(number=number))
    report, results = ask(folder, 8)
    assert results == expected and report.code == Exit.ALARM
    (folder / "d99.md").unlink()
    report, results = ask(folder, 8)
    assert results == {"d55.md": "stable", "d77.md": "flaky"}
    assert report.code == Exit.SUSPICIOUS
    assert all(
        v.status == "proved"
        for v in report.records
        if isinstance(v, Verdict) and v.kind == "step"
    )


def test_the_command_counts_and_names(tmp_path: Path) -> None:
    folder = make_networks(make_library(tmp_path / "lib", 1))
    store, file = tmp_path / "s.sqlite", tmp_path / "r.jsonl"
    ran = run("stress", folder, "-n", "3", "--store", store, "--json", file)
    assert ran.code == 0, ran
    told = [json.loads(line) for line in file.read_text().splitlines()]
    audits = [one for one in told if one.get("check") == "stress"]
    assert f"{len(audits)} queries, each asked in other words: " in ran.out
    assert {"good", "bad", "tent.onnx high.vnnlib", "tent.onnx tall.vnnlib"} <= {
        one["name"] for one in audits
    }
    assert {one["result"] for one in audits} <= {"stable", "slow"}
    assert all(one["message"].startswith("3 ") for one in audits)
    past = run("history", "good", "--store", store)
    assert past.code == 0 and "d000.md good" in past.out and "proved" in past.out
