"""Substitution below quantifiers, and numerals that become real."""

from __future__ import annotations

import pytest

from tests.language.reading import formula
from verify.kernel.rejections import Rejected
from verify.kernel.terms import (
    INT,
    REAL,
    Symbol,
    make_application,
    make_forall,
    make_less,
    make_number,
    make_sum,
    make_variable,
)
from verify.kernel.text import write_term
from verify.language import expansion

V = make_variable(0, REAL)
W = make_variable(1, REAL)


def test_loose_variables_are_raised_below_their_quantifiers_only() -> None:
    bound = make_forall("v", REAL, make_less(V, W))
    raised = expansion.raise_loose(bound, 2)
    assert raised == make_forall("v", REAL, make_less(V, make_variable(3, REAL)))
    assert expansion.raise_loose(bound, 0) is bound
    closed = formula("forall v: Real. v < x")
    assert expansion.raise_loose(closed, 5) is closed


def test_the_innermost_variable_goes_and_the_others_close_up() -> None:
    one = make_number(1, REAL)
    assert expansion.replace_innermost(make_less(V, W), one) == make_less(one, V)


def test_whether_the_innermost_variable_occurs() -> None:
    assert expansion.mentions_innermost(make_less(V, W))
    assert not expansion.mentions_innermost(W)
    assert not expansion.mentions_innermost(make_forall("v", REAL, make_less(V, V)))
    assert expansion.mentions_innermost(make_forall("v", REAL, make_less(V, W)))


def test_constants_are_replaced_at_once_and_without_capture() -> None:
    x, y = Symbol("x", (), REAL), Symbol("y", (), REAL)
    body = formula("forall v: Real. x < y + v")
    swapped = expansion.replace_constants(
        body, {x: make_application(y), y: make_application(x)}
    )
    assert write_term(swapped) == "(forall (?v Real) (< y (+ x ?v)))"
    open_term = expansion.replace_constants(body, {x: V})
    assert write_term(make_forall("u", REAL, open_term)) == (
        "(forall (?u Real) (forall (?v Real) (< ?u (+ y ?v))))"
    )


@pytest.mark.parametrize(
    ("text", "flexible"),
    [("1", True), ("1 + 2*-3", True), ("if K = 1 then 2 else 3", True), ("1.0", False),
     ("1/2", False), ("K", False), ("1 + K", False), ("real(1)", False)],
)  # fmt: skip
def test_numerals_alone_are_flexible(text: str, flexible: bool) -> None:
    term = formula(f"({text}) = ({text})").args[0]
    assert expansion.is_flexible(term) is flexible
    if flexible:
        assert expansion.as_real(term).sort == REAL


def test_what_is_no_numeral_has_no_value() -> None:
    assert expansion.numeral(make_number(3, INT)) == 3
    with pytest.raises(Rejected, match="a numeral"):
        expansion.numeral(make_sum(make_number(1, INT), make_number(1, INT)))
