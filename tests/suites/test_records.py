"""Records read back: exactly what was written, and nothing that was not."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from tests.reports import samples
from verify.suites.lost import make_lost
from verify.suites.records import (
    NotARecord,
    Record,
    read_any,
    read_record,
    write_record,
)
from verify.suites.support import compare_hits, is_supported
from verify.suites.tasks import Task

RECORDS: tuple[Record, ...] = (*samples.ALL, samples.PREMISE_UNUSED, samples.CLOSING)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.type)
def test_what_is_written_is_read_back(record: Record) -> None:
    text = write_record(record)
    assert json.loads(text) == json.loads(json.dumps(asdict(record)))
    assert read_any(text) == record


GOOD = json.loads(write_record(samples.REFUTED))


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"status": "verified"}, "status cannot be"),
        ({"trust": "kernel"}, "trust cannot be"),
        ({"line": True}, "where int belongs"),
        ({"line": "12"}, "where int belongs"),
        ({"seconds": "1"}, "where float belongs"),
        ({"as_expected": 1}, "where bool belongs"),
        ({"uses": [1]}, "where text belongs"),
        ({"uses": "P1"}, "where tuple"),
        ({"extra": 1}, "no field 'extra'"),
        ({"type": "gossip"}, "no type of record"),
        ({"counterexample": []}, "an object was expected"),
        ({"suggestions": {}}, "a list was expected"),
        ({"certificate": {"sha": 1}}, "where str belongs"),
    ],
)
def test_what_is_no_record_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(NotARecord, match=said):
        read_any(json.dumps({**GOOD, **changes}))


@pytest.mark.parametrize(
    "text, said",
    [
        ('{"type": "verdict", "status": "refuted", "status": "proved"}', "given twice"),
        ('{"type": "run", "seconds": NaN}', "NaN is not a number"),
        ("[" * 100_000, "no JSON"),
        ("[]", "an object with the fields"),
        ('{"type": "verdict"}', "Verdict without document"),
    ],
)
def test_what_is_no_json_of_ours_is_refused(text: str, said: str) -> None:
    with pytest.raises(NotARecord, match=said):
        read_any(text)


def test_a_run_is_no_record_of_a_task() -> None:
    with pytest.raises(NotARecord, match="a run's own record"):
        read_record(write_record(samples.CLOSING))


def test_a_stored_claim_counts_only_when_the_kernel_repeats_it() -> None:
    claim = samples.verdict()
    assert is_supported([claim, samples.PREMISE_UNUSED, samples.UNDECIDED], [claim])
    assert not is_supported([claim], [])
    for changes in (
        {"status": "undecided"}, {"trust": "solver"}, {"statement": "0 = 1"},
        {"overall": "blocked"}, {"expected": "refuted"},
    ):  # fmt: skip
        assert not is_supported([claim], [replace(claim, **changes)])  # type: ignore[arg-type]
    agreed = replace(claim, trust="agreed")
    assert not is_supported([agreed], [agreed])


def test_a_hit_that_a_search_turns_round_is_an_alarm() -> None:
    was = samples.verdict()
    assert list(compare_hits([was], [was])) == []
    (audit,) = compare_hits([was], [replace(was, status="refuted")])
    assert (audit.check, audit.result) == ("soundness_alarm", "alarm")
    (audit,) = compare_hits([was], [replace(was, status="undecided")])
    assert (audit.check, audit.result) == ("recheck", "differs")


def test_every_statement_of_a_lost_task_is_told() -> None:
    task = Task("document", "a.md", {"path": "a.md"})
    rows = [
        {"line": 1, "name": "P", "kind": "premise", "label": "", "statement": "p"},
        {
            "line": 2,
            "name": "s",
            "kind": "step",
            "statement": "q",
            "expected": "undecided",
        },
        {
            "line": 3,
            "name": "t",
            "kind": "step",
            "statement": "r",
            "expected": "proved",
        },
    ]
    said = samples.verdict(document="a.md", line=3, name="t")
    told = list(make_lost(task, rows, [said], {"reason": "memory", "detail": "much"}))
    found = {
        v.name: (v.status, v.reason, v.as_expected) for v in told if v.type == "verdict"
    }  # type: ignore[union-attr]
    assert found == {
        "P": ("admitted", "", True), "s": ("undecided", "memory", False),
        "t": ("proved", "", True),
    }  # fmt: skip
    (only,) = make_lost(task, [], [], {"reason": "bored"})
    assert (only.kind, only.reason) == ("document", "crash")  # type: ignore[union-attr]
