"""Plain words for what an engine says: the same meaning, and no negated comparison."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.solvers import random_problems
from tests.solvers.argument_problems import make_problem, reals
from verify.kernel.terms import FALSE, TRUE, Term, make_iff, make_not, subterms
from verify.kernel.text import write_term
from verify.solvers.answers import Budget, Unsat
from verify.solvers.plain import conjunction, disjunction, make_plain
from verify.solvers.triviality import as_implication, is_point, is_short
from verify.solvers.z3_backend import solve

DECLARED = [
    *reals("x", "y"), "(symbol i () Int)", "(symbol n () Nat)", "(symbol p () Bool)",
    "(symbol q () Bool)",
]  # fmt: skip


def formula(text: str) -> Term:
    return make_problem(DECLARED, {}, text).goal


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("(not (<= (* -1/1 y) (+ x 2/3)))", "(< (+ (* 3/1 x) (* 3/1 y) 2/1) 0/1)"),
        ("(not (<= i -1))", "(<= 0 i)"),
        ("(< (* 2 i) (+ (* 2 n) 3))", "(<= i (+ n 1))"),
        ("(<= (+ i 1) n)", "(< i n)"),
        ("(= (* 2/1 x) (* 4/1 y))", "(= (* 2/1 y) x)"),
        ("(not (<= x 0/1))", "(< 0/1 x)"),
        ("(= (* 2 i) 1)", "false"),
        ("(<= 1/1 2/1)", "true"),
        ("(not (and p (< x y)))", "(or (not p) (<= y x))"),
        ("(implies p q)", "(or (not p) q)"),
        ("(and p (not p))", "false"),
        ("(or p (not p))", "true"),
        ("(not (forall (?k Int) (< ?k i)))", "(exists (?k Int) (<= i ?k))"),
        ("(if p (< x y) q)", "(and (or (not p) (< x y)) (or p q))"),
    ],
)
def test_spellings(text: str, plain: str) -> None:
    assert write_term(make_plain(formula(text))) == plain


@settings(max_examples=60, deadline=None)
@given(random_problems.real_formulas)
def test_a_plain_formula_means_the_same(text: str) -> None:
    stated = formula(text)
    plain = make_plain(stated)
    different = make_not(make_iff(stated, plain))
    assert isinstance(solve([("different", different)], Budget()), Unsat)
    orders = [part.args[0].op for part in subterms(plain) if part.op == "not"]
    assert not {"<", "<=", "and", "or", "not", "implies", "iff"} & {*orders}


def test_joins_fold() -> None:
    p, q = formula("p"), formula("q")
    assert conjunction([p, TRUE, p]) == p
    assert conjunction([p, FALSE]) == FALSE
    assert conjunction([]) == TRUE
    assert disjunction([p, make_not(q), q]) == TRUE
    assert disjunction([]) == FALSE


def test_what_is_short_and_what_is_a_point() -> None:
    assert is_short(formula("(or p (< x y))"))
    assert not is_short(formula("(or p (and q (< x y)))"))
    assert is_point(formula("(and p (= x 1/1))"))
    assert not is_point(formula("(= x y)"))


def test_an_alternative_reads_as_an_implication() -> None:
    assert write_term(as_implication(formula("(or q (not p))"))) == "(implies p q)"
    either = formula("(or p q)")
    assert as_implication(either) == either
