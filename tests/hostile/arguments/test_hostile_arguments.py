"""Flawed arguments are caught with the named diagnosis; sound ones raise no alarm.

Each flawed document has an entry in expected.toml: the status of the statement it is
about, the diagnosis, and a piece of the message. A document that the language refuses has
status "refused". A flaw that leaves the proof standing is reported by an audit, whose
check is the diagnosis. Most have a sound twin of the same name: one change away.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from verify.arguments.checking import check_document
from verify.arguments.diagnoses import DIAGNOSES
from verify.arguments.settings import Options
from verify.language.errors import ClaimError
from verify.language.reader import read_document
from verify.language.verdicts import Audit, Verdict
from verify.solvers.jobs import JobServer

HERE = Path(__file__).parent
FLAWED = sorted((HERE / "flawed").glob("*.md"))
SOUND = sorted((HERE / "sound").glob("*.md"))
EXPECTED = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))
FIELDS = {"statement", "status", "diagnosis", "message"}
QUIET = {"consistent", "not established"}

Checked = tuple[dict[str, Verdict], list[Audit]]
Check = Callable[[Path], Checked]


def name_of(path: Path) -> str:
    return path.stem


def name_of_finding(audit: Audit) -> str:
    """The diagnosis an audit stands for; a consistent document is none."""
    if audit.check == "consistency":
        return "inconsistent_premises" if audit.result == "inconsistent" else ""
    return audit.check


def alarms_in(audits: list[Audit]) -> list[str]:
    return [audit.message for audit in audits if audit.check == "soundness_alarm"]


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """The final records of a document: verdicts by name, and audits."""
    with JobServer(workers=2) as server:

        def records(path: Path) -> Checked:
            document = read_document(path)
            verdicts: dict[str, Verdict] = {}
            audits: list[Audit] = []
            for kind, value in check_document(
                document, server=server, options=Options()
            ):
                if kind == "record" and isinstance(value, Verdict):
                    verdicts[value.name] = value
                elif kind == "record" and isinstance(value, Audit):
                    audits.append(value)
            return verdicts, audits

        yield records


def test_every_flawed_argument_has_an_expectation() -> None:
    assert {path.stem for path in FLAWED} == set(EXPECTED)
    assert len(FLAWED) >= 30
    assert len(SOUND) >= 30
    for name, entry in EXPECTED.items():
        assert set(entry) == FIELDS, name
        assert entry["diagnosis"] in DIAGNOSES, name
        assert entry["message"] or entry["diagnosis"] == "not_entailed", name


@pytest.mark.parametrize("path", FLAWED, ids=name_of)
def test_flaw_is_caught(path: Path, check: Check) -> None:
    expected = EXPECTED[path.stem]
    if expected["status"] == "refused":
        with pytest.raises(ClaimError) as caught:
            read_document(path)
        assert expected["message"] in str(caught.value)
        assert caught.value.line > 0
        return
    verdicts, audits = check(path)
    assert not alarms_in(audits)
    verdict = verdicts.get(expected["statement"])
    if verdict is not None and verdict.kind != "premise":
        assert expected["status"] in (verdict.status, verdict.overall)
    if verdict is not None and verdict.status == "refuted":
        assert verdict.trust == "certified"
        assert verdict.counterexample is not None
        assert verdict.counterexample.genuine
    findings = [
        (name_of_finding(audit), audit.message)
        for audit in audits
        if audit.name == expected["statement"]
    ]
    if verdict is not None:
        findings.append((verdict.diagnosis, verdict.message))
    assert any(
        diagnosis == expected["diagnosis"] and expected["message"] in message
        for diagnosis, message in findings
    ), findings


@pytest.mark.parametrize("path", SOUND, ids=name_of)
def test_no_false_alarm(path: Path, check: Check) -> None:
    verdicts, audits = check(path)
    for verdict in verdicts.values():
        if verdict.kind != "premise":
            told = (verdict.name, verdict.status, verdict.message)
            assert (verdict.status, verdict.overall) == ("proved", "proved"), told
            assert (verdict.trust, verdict.diagnosis) == ("certified", ""), told
            assert not verdict.unused, told
    findings = [
        (audit.check, audit.name, audit.message)
        for audit in audits
        if audit.result not in QUIET
    ]
    assert not findings
