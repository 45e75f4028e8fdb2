"""What a person reads of moves: what holds rounded down, what is broken rounded up."""

from __future__ import annotations

from typing import Any

from tests.reports.test_networks import said, verdict
from verify.reports.lines import Look
from verify.reports.moves import render_moves
from verify.reports.points import MAX_ROWS, render_moved

LOOK = Look(width=80)


def bracket(holds: str | None, broken: str | None, reason: str = "") -> dict[str, Any]:
    return {
        "holds": holds, "holds_trust": "rigorous" if holds else "",
        "broken": broken, "broken_trust": "certified" if broken else "",
        "moves": [], "reason": reason,
    }  # fmt: skip


def axis(name: str, direction: str) -> dict[str, str]:
    return {"input": name, "direction": direction}


def tell(together: dict[str, Any], **changes: Any) -> list[str]:
    told: dict[str, Any] = {
        "varying": [{"input": "X_0"}, {"input": "X_1"}], "pinned": 3, "most": "2",
        "together": together, "alone": [], "alone_limit": 24, "queries": 1, "seconds": 1.5,
    }  # fmt: skip
    return said(render_moves(verdict(data={"shift": told | changes}), LOOK))


def test_a_verdict_without_a_shift_says_nothing_of_it() -> None:
    assert said(render_moves(verdict(), LOOK)) == []


def test_ends_are_rounded_to_the_side_on_which_they_are_shown() -> None:
    title, header, row, last = tell(bracket("0.39999", "0.400001"))
    assert title.endswith("over the real numbers:")
    assert header.split() == ["shift", "holds", "within", "broken", "within"]
    assert row == (
        "      both inputs together   39.9 % (rigorous)   40.1 % (certified)"
    )
    assert last == "  1 more query, 1.5 s"


def test_what_is_not_known_is_said_with_its_reason() -> None:
    row = tell(bracket("1/3", None, "timeout"))[2]
    assert row.split("  ")[-1].strip() == "not known (timeout)" and "33.3 %" in row
    wide = tell(bracket("1/4", "3/4", "incomplete"))
    assert (
        "  For both inputs together, what lies between is not known (incomplete)."
        in wide
    )


def test_what_holds_throughout_is_a_sentence() -> None:
    lines = tell(bracket("2", None))
    assert lines[2].endswith("200 % (rigorous)   nothing within 200 %")
    assert (
        lines[3]
        == "  With each move of one input alone it then holds within 200 % too."
    )


def test_a_middle_that_breaks_it_is_said() -> None:
    assert "the middle itself (certified)" in tell(bracket(None, "0"))[2]


def test_single_moves_that_break_it_stand_in_the_table() -> None:
    alone = [
        axis("X_1", "up") | bracket("0.5", "0.501"),
        axis("X_0", "down") | bracket("2", None),
    ]
    lines = tell(bracket("0.4", "0.409"), alone=alone)
    assert (
        lines[3] == "      X_1 up                 50 % (rigorous)   50.1 % (certified)"
    )
    text = " ".join(" ".join(lines[4:]).split())
    assert text.startswith(
        "With every other move of one input alone it holds within 200 %, the most that "
        "was asked about."
    )


def test_moves_that_suffice_together_are_named() -> None:
    both = [axis("X_0", "down"), axis("X_1", "up")]
    found = {"axes": both, "needed": both, "within": "1"} | bracket("0.7", "0.7052")
    lines = tell(bracket("0.4", "0.409"), enough=found)
    assert (
        "  X_0 down and X_1 up suffice: holds within 70 %, broken within 70.6 %."
        in lines
    )
    assert "  Without any one of them it holds within 100 %." in lines
    lines = tell(bracket("0.4", "0.409"), enough=found | {"needed": both[:1]})
    assert "  Without X_0 down it holds within 100 %." in lines
    assert "  Whether X_1 up is needed is not known." in lines


def test_many_inputs_are_not_asked_about_one_by_one() -> None:
    many = [{"input": f"X_{i}"} for i in range(1_030)]
    lines = tell(bracket("0.4", "0.409"), varying=many)
    assert lines[2].startswith("      all 1,030 inputs together ")
    assert "  1,030 inputs vary; up to 24 are asked about one by one." in lines


def test_names_cannot_speak_to_the_terminal() -> None:
    alone = [axis("X\x1b[2J", "up") | bracket("0.5", "0.501")]
    lines = tell(bracket("0.4", "0.409"), alone=alone)
    assert not any("\x1b" in text for text in lines)


def test_of_many_inputs_those_that_moved_furthest_are_shown() -> None:
    moves = [
        {"input": f"X_{i}", "value": "0.0", "moved": "0.0", "part": str(-i / 32)}
        for i in range(20)
    ]
    header, first, *rest = said(render_moved(moves, LOOK))
    assert "of what is allowed" in header
    assert first.split() == ["X_19", "0.0", "0.0", "-59.4", "%"]
    assert len(rest) == MAX_ROWS
    assert rest[-1] == "      and 8 inputs that moved no further"
