"""JUnit, SARIF, Markdown and the terminal: well formed, inert, and never green by mistake."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from tests.reports import samples
from tests.reports.hostile import HOSTILE
from verify.language.verdicts import Audit, Verdict
from verify.reports.changes import Versions, compare
from verify.reports.junit import render_junit
from verify.reports.lines import Look, plain
from verify.reports.markdown import inert, render_diff, render_summary
from verify.reports.sarif import RULES, render_sarif
from verify.reports.suites import render_beginning, render_changes, render_task

PARTIAL = replace(samples.CLOSING, complete=False)
LOOK = Look(100, True)


def hostile(text: str) -> list[Verdict | Audit]:
    """Records with this text wherever a document can put one."""
    fields: dict[str, Any] = dict.fromkeys(
        ("document", "name", "label", "statement"), text
    )
    bad = samples.verdict(
        **fields, status="refuted", as_expected=False, message=text, diagnosis="x",
        uses=(text,), trust="certified",
    )  # fmt: skip
    audit = Audit(
        document=text, line=1, name=text, check="consistency", result="inconsistent",
        message=text,
    )  # fmt: skip
    return [bad, audit]


def cases(text: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(text)
    return {str(case.get("name")): case for case in root.iter("testcase")}


def test_junit_tells_failures_from_errors_and_skips_nothing() -> None:
    failed = samples.verdict(name="cracked", status="error", as_expected=False)
    text = render_junit((*samples.ALL, failed, samples.PREMISE_UNUSED), samples.CLOSING)
    found = cases(text)
    kinds = {name: [child.tag for child in case] for name, case in found.items()}
    assert kinds == {
        "s1": [], "s2": ["failure"], "literal": [], "cubes": ["failure"],
        "anything": ["failure"], "lattice": [], "cracked": ["error"],
    }  # fmt: skip
    assert found["cubes"][0].get("type") == "undecided"
    assert "Model 1" in str(found["s2"][0].text)
    root = ElementTree.fromstring(text)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (
        "7",
        "3",
        "1",
    )


def test_a_partial_run_is_an_error_everywhere() -> None:
    root = ElementTree.fromstring(render_junit([samples.verdict()], PARTIAL))
    assert root.get("errors") == "1"
    log = json.loads(render_sarif([samples.verdict()], PARTIAL, 130))
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert "not complete" in render_summary([samples.verdict()], PARTIAL)


def test_what_rests_on_something_unproved_is_a_failure() -> None:
    spoilt = samples.verdict(overall="blocked", diagnosis="rests_on_unproved")
    (case,) = cases(render_junit([spoilt], samples.CLOSING)).values()
    assert [child.tag for child in case] == ["failure"]
    log = json.loads(render_sarif([spoilt], samples.CLOSING, 3))
    assert [r["ruleId"] for r in log["runs"][0]["results"]] == ["underneath"]


def test_sarif_reports_findings_only_with_their_places() -> None:
    log = json.loads(
        render_sarif((*samples.ALL, samples.PREMISE_UNUSED), samples.CLOSING, 1)
    )
    assert log["version"] == "2.1.0" and "sarif" in log["$schema"]
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == list(RULES)
    found = {r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: r
             for r in run["results"]}  # fmt: skip
    assert {name: r["ruleId"] for name, r in found.items()} == {
        "claims/post.md#s2": "refuted", "claims/post.md#cubes": "undecided",
        "claims/post.md#anything": "vacuous", "claims/post.md#P2": "warning",
    }  # fmt: skip
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "claims/post.md"
        assert place["region"]["startLine"] >= 1
        assert result["level"] in ("error", "warning", "note")
    assert run["invocations"][0] == {"executionSuccessful": True, "exitCode": 1}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_do_nothing_in_xml(text: str) -> None:
    xml = render_junit(hostile(text), samples.CLOSING)
    root = ElementTree.fromstring(xml.encode("utf-8"))
    tags = {element.tag for element in root.iter()}
    assert tags == {"testsuites", "testsuite", "testcase", "failure"}
    assert "<!ENTITY" not in xml and "<![CDATA" not in xml
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", xml
    )
    assert len(list(root.iter("testcase"))) == 2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_do_nothing_in_sarif(text: str) -> None:
    sarif = render_sarif(hostile(text), samples.CLOSING, 1)
    assert sarif.isascii()
    for result in json.loads(sarif)["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
        message = result["message"]["text"]
        assert message.isprintable() and len(message) < 3_000
        assert not re.search(r"(?<!\\)\[", message)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag if not attrs else f"{tag} {dict(attrs)}")


HARMLESS = {"h2", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "code"}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_do_nothing_in_markdown(text: str) -> None:
    records = hostile(text)
    verdicts = [r for r in records if isinstance(r, Verdict)]
    changes = compare([samples.verdict()], verdicts)
    versions = [Versions(name=text, before=text, after=text)]
    reader = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    for shown in (
        render_summary(records, samples.CLOSING, changes),
        render_diff(changes, versions, complete=True),
    ):
        tags = _Tags()
        tags.feed(reader.render(shown))
        assert tags.tags <= HARMLESS, tags.tags - HARMLESS
        assert "://" not in shown and "@" not in shown
        columns = {line.count("|") for line in shown.splitlines() if "|" in line}
        assert columns <= {3, 4, 6}
        assert not any(line.startswith("::") for line in shown.splitlines())


def test_inert_text_still_shows_what_was_meant() -> None:
    shown = MarkdownIt().render(inert("x <= y | z"))
    assert "x &lt;= y | z" in shown


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_do_nothing_on_the_terminal(text: str) -> None:
    records = hostile(text)
    changes = compare([], [r for r in records if isinstance(r, Verdict)])
    lines = [
        *render_beginning(1, 2, 0, (), LOOK),
        *render_task(text, records, LOOK),
        *render_changes(changes, [Versions(name=text, before="", after=text)], LOOK),
    ]
    for line in lines:
        assert plain(line).isprintable()
        assert not plain(line).startswith(("::", "##["))


def test_a_document_that_cannot_be_read_is_told_with_its_place() -> None:
    unreadable = samples.verdict(
        name="", kind="document", status="error", as_expected=False, message="no `==`"
    )
    shown = [plain(line) for line in render_task("a.md", [unreadable], LOOK)]
    assert shown == ["", "a.md", "! a.md:12: no `==`"]
    assert render_task("a.md", [samples.verdict(), samples.EXPECTED], LOOK) == ()


def test_many_changes_are_cut_with_the_worse_first() -> None:
    fine = [samples.verdict(name=f"n{i}") for i in range(60)]
    shown = [
        plain(line) for line in render_changes(compare(fine[:30], fine[30:]), (), LOOK)
    ]
    assert len(shown) == 42 and shown[-1] == "  and 20 more"
    assert "removed" in shown[1]
