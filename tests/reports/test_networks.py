"""What a person reads of a network's verdict: short, and never more than is known."""

from __future__ import annotations

import pytest

from verify.language.verdicts import Counterexample, Table, Verdict
from verify.reports.lines import Look, plain
from verify.reports.networks import (
    render_network,
    render_next,
    render_verdict,
)
from verify.reports.points import shorten

LOOK = Look(width=80)


def verdict(**fields: object) -> Verdict:
    known: dict[str, object] = {
        "document": "p.vnnlib", "line": 0, "name": "p.vnnlib", "kind": "property",
        "label": "m.onnx", "statement": "", "status": "proved", "overall": "proved",
        "trust": "rigorous", "semantics": "real, float32: not known", "seconds": 1.25,
    }  # fmt: skip
    return Verdict(**(known | fields))  # type: ignore[arg-type]


def said(lines: object) -> list[str]:
    return [plain(line) for line in lines]  # type: ignore[attr-defined]


def test_a_network_is_told_in_one_line() -> None:
    network = {
        "inputs": 5, "outputs": 1, "layers": 13, "units": {"relu": 300, "sigmoid": 1},
        "parameters": 13305,
    }  # fmt: skip
    assert plain(render_network("a\x1b[2J.onnx", network)) == (
        "a\\x1b[2J.onnx: 5 inputs, 1 output, 300 relu units, 1 sigmoid unit, 13 layers, "
        "13,305 parameters"
    )


def test_a_verdict_has_its_trust_and_semantics() -> None:
    data = {"cells": 1200, "float32": {"status": "not known", "detail": "margin 0"}}
    first, second = said(render_verdict(verdict(data=data), LOOK))
    assert first == (
        "✓ proved (rigorous), real, float32: not known  1.2 s, 1,200 cells"
    )
    assert second == "  float32: margin 0"


def test_a_missing_certificate_is_told() -> None:
    data = {"no_certificate": "the network is too large"}
    assert "  no certificate: the network is too large" in said(
        render_verdict(verdict(data=data), LOOK)
    )


def test_an_undecided_verdict_claims_no_semantics() -> None:
    made = verdict(status="undecided", trust="", reason="timeout", message="too slow")
    assert said(render_verdict(made, LOOK)) == [
        "? undecided (timeout)  1.2 s",
        "  too slow",
    ]


def table(count: int) -> Table:
    rows = tuple((f"X_{i}", "1/3", "0.5") for i in range(count))
    return Table(title="inputs", header=("input", "value", "float32"), rows=rows)


def test_a_long_counterexample_is_cut_and_says_so() -> None:
    outputs = Table(
        title="outputs",
        header=("output", "exact", "exact at float32", "engine 1, fast", "engine 2"),
        rows=(("Y_0", "123456789012345678901234567890/7", "0.5", "0.5", "0.6"),),
    )
    world = Counterexample(tables=(table(784), outputs))
    made = verdict(status="refuted", counterexample=world, data={"case": 3})
    lines = said(render_verdict(made, LOOK))
    assert "  A point of case 3, evaluated exactly, at tolerance 0:" in lines
    assert "      and 772 inputs more" in lines
    assert sum(line.strip().startswith("X_") for line in lines) == 12
    assert lines[-1].split() == ["Y_0", "~1.763668414e28", "0.5", "0.5"]
    assert "engine 1" in lines[-2] and "fast" not in lines[-2]


@pytest.mark.parametrize(
    "text, short",
    [
        ("0.5", "0.5"),
        ("1/3", "1/3"),
        ("0." + "3" * 30, "~0.3333333333"),
        ("1" + "0" * 25 + "/3", "~3.333333333e24"),
        ("0.12345678901 ... 0.12345678902", "~0.123456789"),
        ("~1.2345678901234567e400", "~1.23456789e400"),
        ("not finite", "not finite"),
    ],
)
def test_numbers_are_cut_to_what_a_person_reads(text: str, short: str) -> None:
    assert shorten(text) == short


def test_the_next_command() -> None:
    kept = said(render_next(verdict(), kept="my file.jsonl"))
    assert kept == ["  Next: verify replay 'my file.jsonl'"]
    assert said(render_next(verdict(), kept="")) == []
    slow = verdict(status="undecided", trust="", reason="timeout", seconds=60.2)
    assert said(render_next(slow, kept="")) == [
        "  Next: verify net m.onnx p.vnnlib --timeout 120"
    ]
