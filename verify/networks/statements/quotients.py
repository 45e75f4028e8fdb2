"""Quotients of numbers that are known: their values, shown.

`divide` says that q * b = a unless b = 0. With a and b known that leaves one value of q: a
larger or smaller one contradicts, once b is replaced by its value in the product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import Polynomial, add, read_polynomial
from verify.kernel.terms import REAL, Term
from verify.networks.statements.following import contradict
from verify.solvers.prooflog import ProofLog

Equate = Callable[[Term], tuple[Fraction, int]]  # a value, and the step that shows it


def equate_quotient(log: ProofLog, quotient: Term, equate: Equate) -> int:
    """A step with the clause `quotient = value`; its divisor is not 0."""
    above, below = quotient.args
    quotient = normal(quotient)
    (top, shown_top), (bottom, shown_bottom) = equate(above), equate(below)
    number = terms.make_number(top / bottom, REAL)
    zero = terms.make_number(0, REAL)
    divided, _ = log.step("divide", term=log.text(quotient))
    is_bottom = terms.make_equal(below, terms.make_number(bottom, REAL))
    not_zero = contradict(log, [terms.make_equal(below, zero), is_bottom])
    known = [
        terms.make_equal(terms.make_product(quotient, below), above),
        is_bottom,
        terms.make_equal(above, terms.make_number(top, REAL)),
    ]
    hints = [shown_bottom, not_zero, divided, shown_top]
    sides = []
    for upper in (True, False):
        pair = (quotient, number) if upper else (number, quotient)
        asked = terms.make_at_most(*pair)
        step = _multiply(log, asked, known, quotient, bottom)
        literals = [log.text(asked)]
        made, _ = log.step("clause", literals=literals, hints=[*hints, step])
        sides.append(made)
    left, right = log.text(quotient), log.text(number)
    order, _ = log.step("trichotomy", left=left, right=right)
    equation = log.text(terms.make_equal(quotient, number))
    return log.step("clause", literals=[equation], hints=[*sides, order])[0]


def _multiply(
    log: ProofLog, asked: Term, known: Sequence[Term], quotient: Term, bottom: Fraction
) -> int:
    """bottom * (q - v) is a sum of multiples of the equations, so it is not above 0."""
    denied = normal(terms.make_not(asked))
    poly = read_polynomial(denied.args[0].args[1])
    slope = -poly[(quotient,)]  # denied: slope * (q - v) > 0
    sign = 1 if (slope > 0) == (bottom > 0) else -1
    factors = [
        terms.make_number(Fraction(-sign), REAL),
        terms.make_product(terms.make_number(Fraction(sign), REAL), quotient),
        terms.make_number(Fraction(-sign), REAL),
    ]
    equations, literals = [], [denied]
    for equation, factor in zip(known, factors, strict=True):
        scale = _scale(equation)
        if scale:
            scaled = terms.make_product(terms.make_number(1 / scale, REAL), factor)
            text = log.text(scaled)
            equations.append({"literal": len(literals), "factor": text})
            literals.append(equation)
    multiplier = abs(bottom / slope)
    product = {"multiplier": str(multiplier), "factors": [0], "square": ""}
    return log.step(
        "product",
        literals=list(map(log.text, literals)),
        products=[product],
        equations=equations,
    )[0]


def _scale(equation: Term) -> Fraction:
    """The number by which an equation's difference is multiplied in its normal form; 0
    for one that says nothing."""
    left, right = (read_polynomial(normal(side)) for side in equation.args)
    difference: Polynomial = add(((Fraction(1), left), (Fraction(-1), right)))
    known = normal(equation)
    if known.op != "=":
        return Fraction(0)
    monomial = next(m for m in difference if m)
    return read_polynomial(known.args[0])[monomial] / difference[monomial]
