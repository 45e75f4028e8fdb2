"""One statement in full: everything the record says, and nothing it does not."""

from __future__ import annotations

from collections.abc import Callable

from tests.reports import samples
from verify.language.verdicts import Ablation
from verify.reports.explanations import render_explanation
from verify.reports.lines import Look, plain

LOOK = Look(width=88)


def text(**changes: object) -> str:
    lines = render_explanation(samples.verdict(**changes), LOOK)
    return "".join(plain(line) + "\n" for line in lines)


def test_an_explanation_as_it_is_seen(golden: Callable[[str, str], None]) -> None:
    breaks = (
        Ablation(without="P1", status="refuted", counterexample=samples.WORLD),
        Ablation(without="P3", status="proved"),
        Ablation(without="P4", status="undecided"),
    )
    golden(
        "explanation.txt",
        text(
            breaks=breaks,
            unused=("P4",),
            rests_on=("P1", "def full"),
            overall="blocked",
        ),
    )


def test_nothing_is_said_about_what_is_not_there() -> None:
    said = text(uses=(), certificate=None, label="")
    for word in (
        "uses:",
        "cited, not used",
        "rests on",
        "certificate:",
        '""',
        "overall",
    ):
        assert word not in said


def test_an_unexpected_verdict_gets_its_next_command_once() -> None:
    said = text(status="refuted", overall="refuted", as_expected=False)
    assert said.count("Next: verify export claims/post.md s1") == 1
    assert said.count("verify explain") == 0


def test_hostile_names_are_spelt_out() -> None:
    evil = "\x1b[2K\r\u2713"
    said = text(
        name=evil, document=evil, label=evil, statement=evil, uses=(evil,),
        unused=(evil,), rests_on=(evil,), breaks=(Ablation(without=evil, status="proved"),),
    )  # fmt: skip
    assert "\x1b" not in said and "\r" not in said
