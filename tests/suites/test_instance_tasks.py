"""Networks with properties in a run: decided, remembered, and nothing taken on trust."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.networks.onnx_making import dense
from tests.suites.networks_library import HIGH, TENT, make_networks, make_property
from verify.cli.exits import Exit
from verify.cli.suite import Report, Request, make_report
from verify.language.verdicts import Verdict
from verify.suites.database import digest_of

NAMES = [f"tent.onnx {name}.vnnlib" for name in ("high", "tall", "none")]


def verdicts(report: Report) -> dict[str, Verdict]:
    return {one.name: one for one in report.records if isinstance(one, Verdict)}


def ask(folder: Path, **changes: object) -> Report:
    request = Request(library=(str(folder),), store=str(folder.parent / "s.sqlite"))
    return make_report(replace(request, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = make_networks(tmp_path_factory.mktemp("net") / "lib")
    return folder, ask(folder)


def test_each_instance_has_its_verdict(first: tuple[Path, Report]) -> None:
    _, report = first
    found = verdicts(report)
    assert list(found) == NAMES and report.code == Exit.AS_EXPECTED
    said = [(v.status, v.trust, v.expected) for v in found.values()]
    assert said == [
        ("proved", "certified", "proved"),
        ("refuted", "certified", "refuted"),
        ("vacuous", "", "vacuous"),
    ]
    high = found[NAMES[0]]
    assert (high.document, high.line, high.kind) == ("instances.csv", 1, "property")
    assert high.semantics == "real, float32: any order"
    assert high.data["models"] == ["tent.onnx"] and high.data["file"] == "high.vnnlib"
    tall = found[NAMES[1]].counterexample
    assert tall is not None and tall.tables[0].rows[0][0] == "X_0"


def test_a_hit_is_checked_and_says_the_same(first: tuple[Path, Report]) -> None:
    folder, report = first
    before, after = verdicts(report), verdicts(ask(folder))
    assert [v.search_seconds for v in after.values()] == [0, 0, 0]
    times = {
        "seconds": 0.0,
        "search_seconds": 0.0,
        "kernel_seconds": 0.0,
        "versions": {},
    }
    for name, verdict in after.items():
        old = replace(before[name], **times)  # type: ignore[arg-type]
        new = replace(verdict, **times)  # type: ignore[arg-type]
        cells = {"cells": 0, "case": 0}
        assert replace(new, data={**new.data, **cells}) == replace(
            old, data={**old.data, **cells}
        )


def test_forged_rows_prove_nothing(first: tuple[Path, Report], tmp_path: Path) -> None:
    """A planted certificate and a planted point: both fail here and count as absent."""
    source, _ = first
    folder = make_networks(tmp_path / "lib")
    with sqlite3.connect(source.parent / "s.sqlite") as raw:
        raw.execute("VACUUM INTO ?", (str(tmp_path / "s.sqlite"),))
    with sqlite3.connect(tmp_path / "s.sqlite") as raw:
        rows = raw.execute(
            "SELECT problem, claim, home, text FROM certificates"
        ).fetchall()
        assert len(rows) == 2
        texts = [row[3] for row in rows]
        for (problem, claim, home, _), text in zip(rows, reversed(texts), strict=True):
            raw.execute(
                "UPDATE certificates SET text = ?, digest = ? WHERE problem = ? AND home = ?",
                (text, digest_of(problem, claim, home, text), problem, home),
            )
        points = raw.execute("SELECT key FROM queries").fetchall()
        assert points
        for (key,) in points:
            text = json.dumps({"case": 0, "point": ["0"]})
            raw.execute(
                "UPDATE queries SET result = ?, digest = ? WHERE key = ?",
                (text, digest_of(key, text), key),
            )
    raw.close()
    report = ask(folder)
    assert [v.status for v in verdicts(report).values()] == [
        "proved",
        "refuted",
        "vacuous",
    ]
    assert all(
        v.search_seconds > 0 for v in verdicts(report).values() if v.status != "vacuous"
    )


def test_an_edited_property_is_another_question(tmp_path: Path) -> None:
    folder = make_networks(tmp_path / "lib")
    assert ask(folder, select=("high",)).code == Exit.AS_EXPECTED
    (folder / "high.vnnlib").write_text(make_property("0", "2", "(>= Y_0 0.5)"))
    report = ask(folder, select=("high",))
    assert report.code == Exit.REFUTED
    assert verdicts(report)[NAMES[0]].status == "refuted"


def test_files_that_cannot_be_asked_are_told_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "tent.onnx").write_bytes(dense(*TENT))
    (folder / "high.vnnlib").write_text(HIGH)
    (folder / "broken.onnx").write_bytes(b"\x08\x01nothing")
    (folder / "broken.vnnlib").write_text("(assert (>= X_0")
    (folder / "instances.csv").write_text(
        "gone.onnx,high.vnnlib,5\nbroken.onnx,high.vnnlib,5\ntent.onnx,broken.vnnlib,5\n"
        "tent.onnx,high.vnnlib\ntent.onnx,high.vnnlib,5\n"
    )
    report = ask(folder)
    said = [(v.status, v.message) for v in verdicts(report).values()]
    assert [status for status, _ in said] == ["error"] * 4 + ["proved"]
    for (_, message), fragment in zip(
        said,
        ("gone.onnx", "broken.onnx", "broken.vnnlib", "expected network", ""),
        strict=True,
    ):
        assert fragment in message
    assert report.code == Exit.USAGE


def test_trust_that_is_asked_for_must_be_there(
    first: tuple[Path, Report], tmp_path: Path
) -> None:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    units = 120  # too many for a certificate without being asked
    wide = ([[1.0]] * units, [0.0] * units), ([[1.0 / units] * units], [0.0])
    (folder / "wide.onnx").write_bytes(dense(*wide))
    (folder / "wide.vnnlib").write_text(make_property("0", "1", "(>= Y_0 1.5)"))
    assert verdicts(ask(folder))["wide.vnnlib"].trust == "rigorous"
    (strict,) = verdicts(ask(folder, trust="certified")).values()
    assert (strict.status, strict.reason) == ("undecided", "no_certificate")
    assert "--trust rigorous" in strict.message


def test_a_limit_is_a_limit(tmp_path: Path) -> None:
    folder = make_networks(tmp_path / "lib")
    found = verdicts(ask(folder, timeout=0.01, select=("high", "tall")))
    assert all(v.seconds < 10 for v in found.values())
    assert {v.status for v in found.values()} <= {"proved", "refuted", "undecided"}
