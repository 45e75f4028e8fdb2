"""The table: one line a statement, a verdict always in words and with its trust."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.reports import samples
from verify.language.verdicts import Status, Verdict
from verify.reports.lines import Look, cells, plain
from verify.reports.terminal import (
    Columns,
    plan_columns,
    render_header,
    render_row,
    render_total,
)
from verify.reports.words import SYMBOLS

LOOK = Look()
ASCII = Look(width=100, symbols=False)


def plan(verdicts: Iterable[Verdict], look: Look) -> Columns:
    return plan_columns([(v.name, v.kind, v.label) for v in verdicts], look)


def row(verdict: Verdict, look: Look = LOOK) -> str:
    return plain(render_row(verdict, plan([verdict], look), look))


def test_the_table_as_it_is_seen(golden: Callable[[str, str], None]) -> None:
    look = Look(width=110)
    columns = plan(samples.ALL, look)
    lines = [render_header("claims/post.md")]
    lines += [render_row(v, columns, look) for v in samples.ALL]
    lines += [render_total(samples.ALL, look)]
    golden("table.txt", "".join(plain(text) + "\n" for text in lines))


@pytest.mark.parametrize("status", SYMBOLS)
@pytest.mark.parametrize("symbols", [True, False])
def test_a_status_is_a_word_and_a_sign(status: Status, symbols: bool) -> None:
    verdict = samples.verdict(status=status, reason="memory")
    text = row(verdict, Look(symbols=symbols))
    assert status in text
    assert SYMBOLS[status][0 if symbols else 1] in text
    assert symbols or text.isascii()


def test_proved_never_stands_without_its_trust() -> None:
    for trust in ("certified", "rigorous", "agreed", "solver"):
        verdict = samples.verdict(trust=trust)
        assert f"proved ({trust})" in row(verdict)
        assert f"1 proved ({trust})" == plain(render_total([verdict], Look()))
    assert "proved (no trust stated)" in row(samples.verdict(trust=""))


def test_what_was_expected_is_said() -> None:
    assert "as expected" in row(samples.EXPECTED)
    assert "expected refuted" in row(
        samples.verdict(expected="refuted", as_expected=False)
    )
    assert "expected" not in row(samples.verdict())
    assert "expected" not in row(samples.UNDECIDED)


def test_a_premise_has_no_verdict_and_all_the_room() -> None:
    premise = samples.verdict(
        kind="premise", status="admitted", expected="admitted", label="x" * 70
    )
    assert row(premise) == f"  12  s1  premise  {'x' * 70}"
    admit = samples.verdict(kind="admit", status="admitted", expected="admitted")
    assert "– admitted" in row(admit) and "expected" not in row(admit)


def test_what_lies_underneath_is_said() -> None:
    assert "overall refuted" in row(samples.verdict(overall="refuted"))
    assert "overall" not in row(samples.verdict())


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_rows_stay_within_a_sensible_width(width: int) -> None:
    look = Look(width=width)
    many = tuple(f"P{i}" for i in range(60))
    verdict = samples.verdict(label="x" * 500, name="n" * 90, uses=many)
    columns = plan([verdict], look)
    limit = max(width, 4 + 2 + 16 + 2 + 4 + 2 + 14 + 2 + 21 + 1 + 6 + 2 + 12)
    assert cells(render_row(verdict, columns, look)) <= limit


def test_columns_are_straight_whatever_the_letters() -> None:
    look = Look(width=120)
    labels = ["plain", "モデルは小さい", "e\u0301e\u0301", "a\x1b[31mb"]
    verdicts = [samples.verdict(label=label) for label in labels]
    columns = plan(verdicts, look)
    rows = [render_row(v, columns, look) for v in verdicts]
    before = {
        cells(r[: next(i for i, s in enumerate(r) if s.style == "proved")])
        for r in rows
    }
    assert len(before) == 1


def test_a_hostile_label_cannot_forge_a_verdict() -> None:
    text = row(samples.REFUTED.__class__(**{
        **{f: getattr(samples.REFUTED, f) for f in samples.REFUTED.__slots__},
        "label": "\x1b[2K\r\u2713 proved (certified)\n",
    }), ASCII)  # fmt: skip
    assert "\x1b" not in text and "\r" not in text and "\n" not in text
    assert "refuted" in text


def test_totals_count_by_trust_and_expectation() -> None:
    verdicts = [
        *[samples.verdict()] * 2,
        samples.verdict(trust="solver"),
        samples.EXPECTED,
        samples.REFUTED,
        samples.UNDECIDED,
    ]
    assert plain(render_total(verdicts, Look())) == (
        "2 proved (certified) · 1 proved (solver) · 1 refuted · "
        "1 refuted as expected · 1 undecided"
    )
    assert " | " in plain(render_total(verdicts, ASCII))
    assert plain(render_total([], Look())) == "no statement was checked"
