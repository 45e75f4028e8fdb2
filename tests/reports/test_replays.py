"""What replay prints: the kernel's own statement, and everything underneath it."""

from __future__ import annotations

from typing import Any

from verify.reports.lines import Look, plain
from verify.reports.replays import (
    MAX_PREMISES,
    MAX_TEXT,
    render_answer,
    render_sum,
)

ACCEPTED: dict[str, Any] = {
    "path": "post.md s1",
    "outcome": "accepted",
    "claim": "proved",
    "sha": "ab" * 32,
    "statement": "(<= 1/1 x)",
    "meanings": [],
    "facts": ["P1", "s0"],
    "lemmas": [{"name": "s0", "sha": "cd" * 32, "given": True}],
    "open": [],
    "premises": [["P1", "(<= y x)"]],
    "admitted": [["taste", "(< x 9/1)"]],
}


def text(answer: dict[str, Any], look: Look | None = None) -> str:
    return "\n".join(plain(line) for line in render_answer(answer, look or Look()))


def test_an_accepted_proof_lists_what_is_underneath() -> None:
    assert text(ACCEPTED).splitlines() == [
        "✓ accepted  proved  abababababab  post.md s1",
        "    (<= 1/1 x) follows",
        "    premise P1: (<= y x)",
        "    admitted taste: (< x 9/1)",
        "    lemma s0: cdcdcdcdcdcd, accepted above",
    ]


def test_a_missing_lemma_is_said_to_be_open() -> None:
    lemma = {"name": "s0", "sha": "cd" * 32, "given": False}
    said = text(ACCEPTED | {"lemmas": [lemma], "open": ["s0"]})
    assert "not among these certificates" in said
    assert "open: s0; replay their certificates with it" in said


def test_the_three_claims_are_told_apart() -> None:
    assert "does not follow" in text(ACCEPTED | {"claim": "refuted"})
    assert "has a world in which all its facts hold" in text(
        ACCEPTED | {"claim": "consistent"}
    )


def test_a_rejection_says_why_and_nothing_else() -> None:
    answer = {"path": "a\x1bb", "outcome": "rejected", "why": "expected x, got \x1b[2J"}
    assert text(answer) == "✗ rejected  a\\x1bb\n    expected x, got \\x1b[2J"
    assert text(answer, Look(symbols=False)).startswith("x rejected")


def test_the_sum_counts_every_outcome() -> None:
    open_one = ACCEPTED | {"open": ["s0"]}
    refused = {"path": "a", "outcome": "declined", "why": "w"}
    said = plain(render_sum([ACCEPTED, open_one, refused], Look()))
    assert said == "2 accepted · 1 declined · 1 resting on a lemma that was not given"
    assert plain(render_sum([], Look())) == "no certificate found"


def test_what_is_too_long_for_a_terminal_is_said_to_be_longer() -> None:
    long = " ".join(["x"] * MAX_TEXT)
    premises = [[f"P{k}", "(<= y x)"] for k in range(MAX_PREMISES + 7)]
    said = text(ACCEPTED | {"statement": long, "premises": premises})
    joined = " ".join(said.split())
    assert f"... ({len(long) + 8} characters, all in the file)" in joined
    assert f"premise P{MAX_PREMISES - 1}:" in said and f"P{MAX_PREMISES}:" not in said
    assert "premises: 7 more, of the lemmas' own" in said
    assert "admitted taste" in said
