"""Formulas of the claim language as linear constraints on inputs.

What is linear once sums and products with numbers are carried out is taken; products of
inputs, quotients by them and `if` (so abs, min, max and relu too) are refused, with the way
to say the same by inequalities. A stack instead of recursion: a formula may be deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from verify.kernel.polynomials import read_polynomial
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol
from verify.kernel.terms import Term as KernelTerm
from verify.language.things import Unreadable
from verify.networks.properties.constraints import (
    FALSE,
    TRUE,
    And,
    Formula,
    Not,
    Or,
    Term,
    compare,
)

JOINING: Final = ("and", "or", "not", "implies", "iff")


def convert_formula(term: KernelTerm, places: Mapping[str, int]) -> Formula:
    """A formula over constants, each the input of its place, as constraints.

    Raises Unreadable for what is not linear or has quantifiers.
    """
    done: dict[bytes, Formula] = {}
    waiting = [term]
    while waiting:
        part = waiting[-1]
        if part.key in done:
            waiting.pop()
            continue
        inner = [arg for arg in part.args if part.op in JOINING and arg.key not in done]
        if inner:
            waiting += inner
            continue
        done[part.key] = _convert(
            part, [done.get(a.key, TRUE) for a in part.args], places
        )
        waiting.pop()
    return done[term.key]


def _both(left: Formula, right: Formula) -> Formula:
    return And((Or((Not(left), right)), Or((left, Not(right)))))


def _convert(
    part: KernelTerm, parts: list[Formula], places: Mapping[str, int]
) -> Formula:
    match part.op:
        case "true":
            return TRUE
        case "false":
            return FALSE
        case "and":
            return And(tuple(parts))
        case "or":
            return Or(tuple(parts))
        case "not":
            return Not(parts[0])
        case "implies":
            return Or((Not(parts[0]), parts[1]))
        case "iff":
            return _both(*parts)
        case "<=" | "<" | "=":
            left, right = (_linear(arg, places) for arg in part.args)
            return compare(part.op, left, right)
        case _:
            message = f"a region is no place for `{part.op}`"
            raise Unreadable(message, "use and, or, not, <=, <, = and numbers")


def _linear(term: KernelTerm, places: Mapping[str, int]) -> Term:
    try:
        polynomial = read_polynomial(term)
    except Rejected as rejected:
        raise Unreadable(f"the region is too large: {rejected}") from None
    constant = Fraction(0)
    found: dict[int, Fraction] = {}
    for monomial, value in polynomial.items():
        if not monomial:
            constant = value
            continue
        symbol = monomial[0].value
        if len(monomial) > 1 or not isinstance(symbol, Symbol) or symbol.arguments:
            message = "the region is not linear in the inputs"
            fix = "say it by inequalities: -1 <= x1 and x1 <= 1, not abs(x1) <= 1"
            raise Unreadable(message, fix)
        place = places[symbol.name]
        found[place] = found.get(place, Fraction(0)) + value
    return Term({k: v for k, v in found.items() if v}, constant)
