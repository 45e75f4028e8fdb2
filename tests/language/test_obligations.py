"""What must hold for a formula to mean something, and under which conditions."""

from __future__ import annotations

import pytest

from tests.language.reading import formula, last, mistake
from verify.language.document import Statement
from verify.language.printing import render_term


def needs(text: str) -> list[str]:
    return [render_term(o.formula) for o in last(text).obligations]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("x/y = 1", ["y != 0"]),
        ("x/2 = 1", []),
        ("x/(2 + 1) = 1", ["2.0 + 1 != 0"]),
        ("1/x/y = 1", ["x != 0", "y != 0"]),
        ("y != 0 implies x/y = 1", ["y != 0 implies y != 0"]),
        ("y > 0 and x/y = 1", ["0 < y implies y != 0"]),
        ("x/y = 1 and y > 0", ["y != 0"]),
        ("p and q and x/y = 1", ["p and q implies y != 0"]),
        ("y = 0 or x/y = 1", ["y != 0 implies y != 0"]),
        ("p or q or x/y = 1", ["not p and not q implies y != 0"]),
        ("p implies q implies x/y = 1", ["p and q implies y != 0"]),
        ("(if p then x/y else x/z) = 1", ["p implies y != 0", "not p implies z != 0"]),
        ("not (p and x/y = 1)", ["p implies y != 0"]),
        ("p iff x/y = 1", ["y != 0"]),
        ("0 < x/y <= 1", ["y != 0"]),
        ("(p implies x/y = 1) and x/y = 2",
         ["p implies y != 0", "(p implies x/y = 1) implies y != 0"]),
        ("x/y = 2 and (p implies x/y = 1)", ["y != 0"]),
        ("forall v: Real. v > 0 implies x/v > 0",
         ["forall v: Real. 0 < v implies v != 0"]),
        ("forall v: Real. x/y = v", ["y != 0"]),
        ("forall v, u: Real. v < 1/u", ["forall u: Real. u != 0"]),
        ("p implies forall v: Real. q implies exists u: Real. v < 1/(u - v)",
         ["p implies forall v: Real. q implies forall u: Real. u - v != 0"]),
        ("(forall v: Real. 1/v = 1) and (forall v: Real. 1/v = 2)",
         ["forall v: Real. v != 0",
          "(forall v: Real. 1/v = 1) implies forall v: Real. v != 0"]),
        ("seq(K) = 1", []),
        ("seq(K + 1) = 1", []),
        ("seq(K - 1) = 1", ["0 <= K - 1"]),
        ("seq(i) = 1", ["0 <= i"]),
        ("K > 0 implies seq(K - 1) = 1", ["0 < K implies 0 <= K - 1"]),
        ("forall n: Nat. n >= 1 implies seq(n - 1) <= seq(n)",
         ["forall n: Nat. 1 <= n implies 0 <= n - 1"]),
        ("seq(size(M_d)) = 1", []),
        ("abs(x/y) = 1", ["y != 0"]),
        ("(sum v: Case. 1/w(v)) = 1", ["w(a) != 0", "w(b) != 0", "w(c) != 0"]),
    ],
)  # fmt: skip
def test_conditions(text: str, conditions: list[str]) -> None:
    assert needs(f"step s: {text}") == conditions


def test_obligations_say_why_and_where() -> None:
    (first, second) = last("step s: x/(x - y) >= 0 and\n    seq(K - 1) > 0").obligations
    assert first.reason == "the divisor x - y may be 0"
    assert first.span == (16, 11, 16, 18)
    assert second.reason == "K - 1 may be negative where seq takes a Nat"
    assert second.span == (17, 9, 17, 14)
    assert first.formula == formula("x - y != 0")


def test_bound_names_appear_in_the_reason() -> None:
    (one,) = last("step s: forall n: Nat. seq(n - 1) > 0").obligations
    assert one.reason == "n - 1 may be negative where seq takes a Nat"


def test_a_divisor_cannot_hide_in_a_definition() -> None:
    statement = last("def ratio(v: Real, u: Real) := v/u\nstep s: ratio(x, x - y) > 0")
    assert [o.reason for o in statement.obligations] == ["the divisor x - y may be 0"]
    statement = last("def before(n: Nat) := seq(n) > 0\nstep s: before(K - 1)")
    assert [render_term(o.formula) for o in statement.obligations] == ["0 <= K - 1"]


def test_instances_carry_obligations_of_their_own() -> None:
    statement = last("step s: p by A(M_d, K - 1)")
    assert [o.reason for o in statement.obligations] == [
        "K - 1 may be negative where A takes a Nat"
    ]
    statement = last("premise B: forall v: Real. v > 0\nstep s: p by B(x/y)")
    assert [render_term(o.formula) for o in statement.obligations] == ["y != 0"]


def test_members_of_cuts_carry_theirs() -> None:
    statement: Statement = last("def d := x/y > 0\ncuts p from q using d, r")
    assert [render_term(o.formula) for o in statement.obligations] == ["y != 0"]


def test_too_many_are_refused() -> None:
    text = " + ".join(f"1/(x + {n})" for n in range(1_002))
    assert "more than 1000 divisors" in mistake(f"step s: {text} > 0").message
