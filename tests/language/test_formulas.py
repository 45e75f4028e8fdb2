"""From text to terms: operators, numerals, sugar, definitions, bound names."""

from __future__ import annotations

import pytest

from tests.language.reading import formula, last, mistake, read
from verify.kernel.text import write_term

SAME = [
    # precedence
    ("p and q or r", "(p and q) or r"),
    ("p or q and r", "p or (q and r)"),
    ("p implies q implies r", "p implies (q implies r)"),
    ("p or q implies r", "(p or q) implies r"),
    ("p implies q iff r", "(p implies q) iff r"),
    ("p iff q iff r", "(p iff q) iff r"),
    ("not p and q", "(not p) and q"),
    ("not x = y", "not (x = y)"),
    ("not not not p", "not p"),
    ("x + y*z = 0", "x + (y*z) = 0"),
    ("-x^2 = 0", "-(x^2) = 0"),
    ("x*-y = 0", "x*(-y) = 0"),
    ("x - y - z = 0", "(x - y) - z = 0"),
    ("x/y*z = 0", "(x/y)*z = 0"),
    ("x/y/z = 0", "(x/y)/z = 0"),
    # a quantifier reaches as far right as it can
    ("forall v: Real. v > 0 and p", "forall v: Real. (v > 0 and p)"),
    ("p and forall v: Real. v > 0 or q", "p and (forall v: Real. (v > 0 or q))"),
    ("p implies exists v: Real. v > 0 iff q", "p implies (exists v: Real. (v > 0 iff q))"),
    ("if p then q else r and p", "if p then q else (r and p)"),
    ("(sum v: Case. w(v) + 1) = x", "(sum v: Case. (w(v) + 1)) = x"),
    ("sum v: Case. w(v) = x and p", "((sum v: Case. w(v)) = x) and p"),
    # other ways to write it
    ("forall v: Real, u: Case. w(u) < v", "forall v: Real. forall u: Case. w(u) < v"),
    ("forall v, u: Real. u < v", "forall v: Real, u: Real. u < v"),
    ("∀ v: Real. ∃ u: Real. ¬ (u ≤ v) ∧ u ≥ 0 ∨ u ≠ 1",
     "forall v: Real. exists u: Real. not (u <= v) and u >= 0 or u != 1"),
    ("p -> q <-> r", "p implies q iff r"),
    ("0 < x <= 1", "0 < x and x <= 1"),
    ("0 < x <= y = z != 1", "0 < x and x <= y and y = z and z != 1"),
    ("x >= y", "y <= x"),
    ("x > y", "y < x"),
    ("x - y > 0", "x + -1*y > 0"),
    ("x^3 = y", "x*x*x = y"),
    ("x^1 = x^0", "x = 1"),
    ("x/2 = y", "1/2*x = y"),
    ("0.25 = x", "1/4 = x"),
    ("2^10 = x", "1024 = x"),
    ("(-2)^3 = x", "-8 = x"),
    ("6/4/3 = x", "1/2 = x"),
    ("relu(x) = abs(y)", "(if 0 <= x then x else 0) = (if 0 <= y then y else -y)"),
    ("min(x, y) = max(x, y)", "(if x <= y then x else y) = (if y <= x then x else y)"),
    ("max(x, y, z) = 0", "max(max(x, y), z) = 0"),
    ("(sum v: Case. w(v)) = 1", "w(a) + w(b) + w(c) = 1"),
    ("(sum v: Case, u: Case. if u = v then 1 else 0) = x",
     "(sum v: Case. sum u: Case. if u = v then 1 else 0) = x"),
    ("good(M_d)", "loss(M_d) <= 1"),
    ("p = q", "p iff q"),
    ("p != q", "not (p iff q)"),
    ("forall x: Real. x = x", "forall v: Real. v = v"),
    ("K + 1 > i", "i < K + 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "other"), SAME, ids=lambda text: text)
def test_two_ways_to_write_one_term(text: str, other: str) -> None:
    assert formula(text) == formula(other)


DIFFERENT = [
    ("p implies (q implies r)", "(p implies q) implies r"),
    ("x - (y - z) = 0", "x - y - z = 0"),
    ("(-x)^2 = 0", "-x^2 = 0"),
    ("(forall v: Real. v > 0) and p", "forall v: Real. v > 0 and p"),
    ("forall v: Real. exists u: Real. u > v", "exists u: Real. forall v: Real. u > v"),
    ("x < 1", "x <= 1"),
    ("K = 1", "real(K) = 1"),
]


@pytest.mark.parametrize(("text", "other"), DIFFERENT)
def test_two_terms_are_two(text: str, other: str) -> None:
    assert formula(text) != formula(other)


NUMERALS = [
    ("x = 2", "(= x 2/1)"),
    ("2 = x", "(= 2/1 x)"),
    ("K = 2", "(= K 2)"),
    ("2 = 3", "(= 2 3)"),
    ("2.0 = 3", "(= 2/1 3/1)"),
    ("2*3 + 4 < x", "(< (+ (* 2/1 3/1) 4/1) x)"),
    ("x*(1 + 2) = 0", "(= (* x (+ 1/1 2/1)) 0/1)"),
    ("seq(3) = 4", "(= (seq 3) 4/1)"),
    ("(if p then 1 else 2) = x", "(= (if p 1/1 2/1) x)"),
    ("(if 1 < 2 then 1 else 2) = x", "(= (if (< 1 2) 1/1 2/1) x)"),
    ("real(3) = x", "(= (real 3) x)"),
    ("real(K) + 1 = x", "(= (+ (real K) 1/1) x)"),
    ("x = 1/3", "(= x 1/3)"),
    ("x = -1/3", "(= x -1/3)"),
    ("-3 < i", "(< -3 i)"),
    ("i - 3 = 0", "(= (+ i -3) 0)"),
    ("1/x = 1", "(= (/ 1/1 x) 1/1)"),
    ("2*x/3 = 1", "(= (* 1/3 2/1 x) 1/1)"),
    ("x = 0.10", "(= x 1/10)"),
    ("max(1, 2) = x", "(= (if (<= 2 1) 1/1 2/1) x)"),
]


@pytest.mark.parametrize(("text", "written"), NUMERALS)
def test_numerals_fit_where_they_stand(text: str, written: str) -> None:
    assert write_term(formula(text)) == written


def test_a_definition_may_hold_a_numeral_for_either() -> None:
    document = read("def two := 2\nstep s: x = two\nstep t: K = two")
    written = [write_term(s.formula) for s in document.statements[-2:] if s.formula]
    assert written == ["(= x 2/1)", "(= K 2)"]


def test_definitions_unfold_below_quantifiers_without_capture() -> None:
    text = "def above(M: Model) := exists N: Model. loss(M) < loss(N)\n"
    statement = last(text + "step s: forall N: Model. above(N)")
    assert statement.formula is not None
    assert write_term(statement.formula) == (
        "(forall (?N Model) (exists (?N.1 Model) (< (loss ?N) (loss ?N.1))))"
    )
    assert statement.definitions == ("above",)


def test_parameters_hide_constants_of_the_same_name() -> None:
    statement = last("def near(x: Real, y: Real) := x < y + z\nstep s: near(y, x)")
    assert statement.formula == formula("y < x + z")


def test_definitions_used_are_named_all_the_way_down() -> None:
    text = "def one := x = 1\ndef two := one and y = 1\ndef three := two or p\n"
    document = read(text + "step s: not three")
    assert document.statements[-1].definitions == ("one", "two", "three")
    assert document.definitions[-1].uses == ("one", "two")


def test_a_declared_name_comes_before_a_built_in_one() -> None:
    text = "func max(Real): Real\nconst step, by, then, in, data: Real\n"
    statement = last(text + "step s: max(step) < by + then*in - data by P1")
    assert statement.formula is not None
    assert write_term(statement.formula) == (
        "(< (max step) (+ by (* then in) (* -1/1 data)))"
    )


def test_a_bound_name_comes_before_a_declared_one() -> None:
    assert formula("forall K: Real. K > 0.5") == formula("forall v: Real. v > 0.5")


def test_variables_of_one_binder_are_in_order() -> None:
    written = write_term(formula("forall v: Real, u: Real. v < u"))
    assert written == "(forall (?v Real) (forall (?u Real) (< ?v ?u)))"


def test_too_large_formulas_are_refused_with_a_way_out() -> None:
    doubling = "def d0 := p and q\n" + "".join(
        f"def d{n + 1} := d{n} or (d{n} and p)\n" for n in range(40)
    )
    assert "expand to more than" in mistake(doubling + "step s: d40").message
    deep = "0 < " + "max(x, " * 30 + "y" + ")" * 30
    assert "too large" in mistake(f"premise Q: {deep}").message
    nested = "not (p and " * 201 + "p" + ")" * 201
    assert "nested more than 200" in mistake(f"premise Q: {nested}").message
