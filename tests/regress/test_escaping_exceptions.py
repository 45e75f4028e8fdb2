"""Nothing but Rejected and Declined comes out of the door, whatever the evidence."""

from __future__ import annotations

import pytest

from tests.proofs import certify, step
from verify.kernel.check import check
from verify.kernel.rejections import Rejected


def outcome(text: str, evidence: str) -> str:
    """`accepted`, or what was expected."""
    try:
        check(text, evidence)
    except Rejected as rejected:
        return rejected.expected
    return "accepted"


def test_a_constant_too_long_to_be_written() -> None:
    """Over 4,300 digits Python refuses to write an integer."""
    text = "(problem 1)\n(symbol i () Int)\n(goal false)\n"
    big = "9" * 3_999
    for bound in ("-" + "9" * 2_000, "9" * 2_000):
        literals = ["(<= (* 7 i) 0)", f"(<= {bound} (* 7 i))"]
        line = step(1, "farkas", literals=literals, multipliers=[big, big])
        found = outcome(text, certify(text, "proved", line))
        assert found == "coefficients of at most 14000 bits"


def test_quantifiers_over_numbers_nested_deeply() -> None:
    names = [f"?x{n}" for n in range(390)]
    goal = f"(<= 0 (+ {' '.join(names)}))"
    for name in reversed(names):
        goal = f"(forall ({name} Nat) {goal})"
    text = f"(problem 1)\n(goal {goal})\n"
    assert "nested 50 deep" in outcome(text, certify(text, "refuted"))


def from_below(depth: int, text: str) -> str:
    """The outcome for a caller that is many calls deep already."""
    if depth:
        return from_below(depth - 1, text)
    return outcome(text, certify(text, "proved"))


@pytest.mark.parametrize("form", ["{}", "(sort {})", "(symbol c {} Int)"])
def test_nested_brackets_where_a_name_should_be(form: str) -> None:
    nested = form.format("(" * 780 + ")" * 780)
    assert from_below(250, f"(problem 1)\n{nested}\n(goal true)\n")
