"""What changed between two runs: found, weighed, and written for people and machines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from tests.reports import samples
from verify.language.verdicts import Certificate, Verdict
from verify.reports.changes import (
    Change,
    Versions,
    compare,
    compare_versions,
    make_schema,
    render_change,
    render_schema,
)

SCHEMA = Path(__file__).resolve().parents[2] / "docs/schema/changes.schema.json"
PROVED = samples.verdict(search_seconds=1.0)


def only(before: Verdict, after: Verdict) -> Change:
    (change,) = compare([before], [after])
    return change


def test_nothing_changed_is_nothing() -> None:
    assert compare(samples.ALL, samples.ALL) == ()
    assert compare([PROVED], [replace(PROVED, seconds=9.0, line=99)]) == ()


@pytest.mark.parametrize(
    "changes, worse",
    [
        ({"status": "undecided", "overall": "undecided", "reason": "timeout",
          "trust": "", "as_expected": False}, True),
        ({"status": "refuted", "overall": "refuted", "as_expected": False}, True),
        ({"status": "vacuous", "overall": "vacuous", "as_expected": False}, True),
        ({"overall": "blocked"}, True),
        ({"trust": "solver"}, True),
    ],
)  # fmt: skip
def test_a_proof_that_is_gone_is_worse(changes: dict[str, object], worse: bool) -> None:
    after = replace(PROVED, **changes)  # type: ignore[arg-type]
    change = only(PROVED, after)
    assert (change.what, change.worse) == ("status", worse)
    if change.after != change.before:
        back = only(after, PROVED)
        assert (back.what, back.worse) == ("status", False)
    assert change.before.startswith("proved (certified)")


def test_an_expectation_that_hides_a_refutation_is_worse() -> None:
    after = replace(
        PROVED,
        status="refuted",
        overall="refuted",
        expected="refuted",
        as_expected=True,
    )
    changes = compare([PROVED], [after])
    assert [(c.what, c.worse) for c in changes] == [
        ("status", True), ("expectation", True),
    ]  # fmt: skip


def test_other_words_under_the_same_name_are_told() -> None:
    change = only(PROVED, replace(PROVED, statement="1 = 1"))
    assert (change.what, change.after, change.worse) == ("statement", "1 = 1", True)


def test_the_same_words_for_another_problem_are_told() -> None:
    change = only(PROVED, replace(PROVED, certificate=Certificate(sha="f" * 64)))
    assert (change.what, change.after, change.worse) == ("meaning", "f" * 12, False)


@pytest.mark.parametrize(
    "before, after, told",
    [(1.0, 3.1, True), (1.0, 2.9, False), (0.01, 0.5, False), (0.0, 9.0, False),
     (9.0, 0.0, False)],
)  # fmt: skip
def test_cost_is_told_when_it_tripled_and_both_searched(
    before: float, after: float, told: bool
) -> None:
    found = compare(
        [replace(PROVED, search_seconds=before)],
        [replace(PROVED, search_seconds=after)],
    )
    assert [c.what for c in found] == (["cost"] if told else [])


def test_what_came_and_what_went() -> None:
    other = replace(PROVED, name="s9")
    assert only_what([PROVED], [PROVED, other]) == [("added", False)]
    assert only_what([PROVED, other], [PROVED]) == [("removed", True)]
    assert only_what([], [samples.REFUTED]) == [("added", True)]
    premise = replace(PROVED, kind="premise", status="admitted")
    assert only_what([premise], []) == []


def only_what(before: list[Verdict], after: list[Verdict]) -> list[tuple[str, bool]]:
    return [(change.what, change.worse) for change in compare(before, after)]


def test_versions_are_compared_by_name() -> None:
    assert compare_versions({"z3": "5.3", "a": "1"}, {"z3": "5.4", "b": "2"}) == (
        Versions(name="a", before="1", after=""),
        Versions(name="b", before="", after="2"),
        Versions(name="z3", before="5.3", after="5.4"),
    )


def test_the_published_schema_is_up_to_date_and_lines_conform() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == render_schema(), (
        "write it again: python -c 'from verify.reports.changes import render_schema;"
        ' print(render_schema(), end="")\' > docs/schema/changes.schema.json'
    )
    changes = (
        *compare(samples.ALL, [PROVED]),
        Versions(name="z", before="", after="1"),
    )
    for change in changes:
        line = render_change(change)
        assert line.isascii() and line.count("\n") == 1
        jsonschema.validate(json.loads(line), make_schema())
    wrong = {**json.loads(render_change(changes[0])), "what": "gossip"}
    with pytest.raises(jsonschema.ValidationError, match=r"expected|gossip"):
        jsonschema.validate(wrong, make_schema())
