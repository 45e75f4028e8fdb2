"""What the language has and terms do not: differences, powers, quotients by numerals,
abs, min, max, relu.

Each is expanded at birth to the one shape given here, so that two ways to write the same
thing are the same term; printing recognises the shapes again. Arguments are of one
numeric sort; the caller has seen to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from verify.kernel.terms import (
    INT,
    REAL,
    Term,
    make_at_most,
    make_if,
    make_number,
    make_product,
    make_quotient,
)
from verify.language.expansion import numeral


def make_integer(value: int, like: Term) -> Term:
    """An integral numeral of the sort that `like` has."""
    return make_number(value, REAL if like.sort == REAL else INT)


def make_minus(term: Term) -> Term:
    """`-term`; a numeral is negated outright."""
    if term.op == "num":
        return make_number(-numeral(term), term.sort if term.sort == REAL else INT)
    return make_product(make_integer(-1, term), term)


def make_power(base: Term, exponent: int) -> Term:
    """A product of `exponent` factors; of a numeral, its value."""
    if base.op == "num":
        return make_number(numeral(base) ** exponent, base.sort)
    if exponent == 0:
        return make_integer(1, base)
    return make_product(*[base] * exponent)


def make_ratio(above: Sequence[Term], below: Term) -> list[Term]:
    """The factors of a product after dividing it by `below`, all real.

    A numeral divisor, which the caller has checked not to be 0, becomes a factor.
    """
    if below.op != "num":
        return [make_quotient(make_product(*above), below)]
    factor = 1 / numeral(below)
    if len(above) == 1 and above[0].op == "num":
        return [make_number(numeral(above[0]) * factor, REAL)]
    return [make_number(Fraction(factor), REAL), *above]


def make_relu(term: Term) -> Term:
    """`if 0 <= x then x else 0`."""
    zero = make_integer(0, term)
    return make_if(make_at_most(zero, term), term, zero)


def make_absolute(term: Term) -> Term:
    """`if 0 <= x then x else -x`."""
    return make_if(make_at_most(make_integer(0, term), term), term, make_minus(term))


def make_minimum(left: Term, right: Term) -> Term:
    """`if a <= b then a else b`."""
    return make_if(make_at_most(left, right), left, right)


def make_maximum(left: Term, right: Term) -> Term:
    """`if b <= a then a else b`."""
    return make_if(make_at_most(right, left), left, right)


BUILTIN_FUNCTIONS: Final = ("abs", "min", "max", "relu", "real")
