"""What the literals of a step say as polynomials, and the clause that they negate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verify.kernel import terms
from verify.kernel.polynomials import CONSTANT, Polynomial
from verify.kernel.problem import read_problem, scope_of
from verify.kernel.steps import Step, hypotheses
from verify.kernel.terms import Term
from verify.kernel.text import make_term, read_tree, write_term

PROBLEM = read_problem(
    "(problem 1)\n(sort Model)\n(symbol i () Int)\n(symbol n () Nat)\n(symbol x () Real)\n"
    "(symbol M () Model)\n(symbol N () Model)\n(goal true)\n"
)
SORTS, SYMBOLS = scope_of(PROBLEM)


def read(text: str) -> Term:
    return make_term(read_tree(text)[0], SORTS, SYMBOLS)


def poly(constant: int, **coefficients: int) -> Polynomial:
    """The polynomial with these coefficients, none of them zero but the constant."""
    found: Polynomial = {(read(name),): Fraction(c) for name, c in coefficients.items()}
    return {**found, CONSTANT: Fraction(constant)} if constant else found


LITERALS = {
    "(<= 3 i)": (">=", poly(-3, i=1)),
    "(<= i 3)": (">=", poly(3, i=-1)),
    "(< 3 i)": (">=", poly(-4, i=1)),
    "(< i 3)": (">=", poly(2, i=-1)),
    "(not (<= 0 (+ i n)))": (">=", poly(-1, i=-1, n=-1)),
    "(<= 3/1 x)": (">=", poly(-3, x=1)),
    "(< 3/1 x)": (">", poly(-3, x=1)),
    "(not (<= 0/1 x))": (">", poly(0, x=-1)),
    "(= x 3/1)": ("=", poly(-3, x=1)),
}


@pytest.mark.parametrize("literal", LITERALS)
def test_a_literal_says_one_polynomial_relation(literal: str) -> None:
    step = Step(1, {"literals": [literal]}, PROBLEM, read, {})
    (negated,), said = hypotheses(step)
    assert said == [LITERALS[literal]]
    again = Step(2, {"literals": [write_term(terms.make_not(negated))]}, *step[2:])
    assert hypotheses(again) == ((negated,), said)


def test_an_equation_of_other_things_is_a_difference() -> None:
    step = Step(1, {"literals": ["(= M N)"]}, PROBLEM, read, {})
    (negated,), [(kind, found)] = hypotheses(step)
    assert negated.op == "not"
    assert kind == "="
    assert {found[read("M"),], found[read("N"),]} == {1, -1}
    assert len(found) == 2
