"""Formulas as a person would write them: no negated comparison, no long coefficient.

What an engine proposes is equivalent to what one would say, but looks like
`not (z <= -1 + -1*y)`. Here negations are pushed to the atoms, comparisons turned around,
coefficients made coprime integers, and each summand put on the side where it is positive.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm

from verify.kernel import terms
from verify.kernel.polynomials import (
    CONSTANT,
    Monomial,
    Polynomial,
    add,
    is_integral,
    read_polynomial,
    write_polynomial,
)
from verify.kernel.terms import (
    BOOL,
    FALSE,
    INT,
    REAL,
    TRUE,
    Sort,
    Symbol,
    Term,
    is_numeric,
)

Pair = tuple[Term, Term]


def make_plain(formula: Term) -> Term:
    """An equivalent formula of `and`, `or`, quantifiers and plain literals.

    Raises Rejected on polynomials beyond the kernel's limits.
    """
    done: dict[bytes, Pair] = {}
    stack = [(formula, False)]
    while stack:
        node, ready = stack.pop()
        if node.key in done:
            continue
        parts = _parts(node)
        if not ready and parts:
            stack.append((node, True))
            stack.extend((part, False) for part in parts)
        else:
            done[node.key] = _pair(node, [done[part.key] for part in parts])
    return done[formula.key][0]


def _parts(node: Term) -> tuple[Term, ...]:
    """The subformulas of a formula; an atom has none."""
    if node.op in ("and", "or", "not", "implies", "iff", "forall", "exists"):
        return node.args
    return node.args if node.op == "if" and node.sort == BOOL else ()


def _pair(node: Term, parts: list[Pair]) -> Pair:
    """A node and its negation, both plain."""
    match node.op:
        case "not":
            return parts[0][1], parts[0][0]
        case "and":
            return conjunction(p for p, _ in parts), disjunction(n for _, n in parts)
        case "or":
            return disjunction(p for p, _ in parts), conjunction(n for _, n in parts)
        case "implies":
            (left, unless), (right, other) = parts
            return disjunction((unless, right)), conjunction((left, other))
        case "iff":
            return _choice(parts[0], parts[1], parts[1][::-1])
        case "if" if parts:
            return _choice(*parts)
        case "forall" | "exists":
            swap = {"forall": terms.make_exists, "exists": terms.make_forall}
            name, sort = node.value  # type: ignore[misc]
            positive = terms.remake(node, (parts[0][0],))
            return positive, swap[node.op](name, sort, parts[0][1])
        case _:
            return _atom(node)


def _choice(condition: Pair, then: Pair, other: Pair) -> Pair:
    """`if condition then .. else ..`, as two implications, and its negation."""
    return tuple(
        conjunction(
            (
                disjunction((condition[1], then[sign])),
                disjunction((condition[0], other[sign])),
            )
        )
        for sign in (0, 1)
    )  # type: ignore[return-value]


def conjunction(parts: Iterable[Term]) -> Term:
    """The distinct parts, joined; false if two contradict each other outright."""
    return _join("and", parts, TRUE, FALSE)


def disjunction(parts: Iterable[Term]) -> Term:
    return _join("or", parts, FALSE, TRUE)


def _join(op: str, parts: Iterable[Term], unit: Term, zero: Term) -> Term:
    flat = [one for part in parts for one in (part.args if part.op == op else (part,))]
    distinct = tuple(dict.fromkeys(one for one in flat if one != unit))
    if zero in distinct or any(terms.make_not(one) in distinct for one in distinct):
        return zero
    return terms.make(op, *distinct)


def _atom(node: Term) -> Pair:
    if node.op in ("<=", "<"):
        left, right = map(read_polynomial, node.args)
        strict = node.op == "<"
        return _order(left, right, strict), _order(right, left, not strict)
    if node.op == "=" and is_numeric(node.args[0].sort):
        left, right = map(read_polynomial, node.args)
        return _equation(left, right)
    return node, terms.make_not(node)


def _order(left: Polynomial, right: Polynomial, strict: bool) -> Term:
    """`left <= right` or `left < right`."""
    poly, integral = _coprime(add(((Fraction(1), right), (Fraction(-1), left))))
    constant = poly.get(CONSTANT, Fraction(0))
    if set(poly) <= {CONSTANT}:
        return TRUE if constant > 0 or not (strict or constant) else FALSE
    if integral:
        constant = Fraction((constant.numerator - strict) // constant.denominator)
        strict = constant == -1
        constant += strict
        poly = {**poly, CONSTANT: constant} if constant else _without_constant(poly)
    low, high = _sides(poly, REAL if not integral else INT)
    return terms.make_less(low, high) if strict else terms.make_at_most(low, high)


def _without_constant(poly: Polynomial) -> Polynomial:
    return {monomial: value for monomial, value in poly.items() if monomial}


def _equation(left: Polynomial, right: Polynomial) -> Pair:
    poly, integral = _coprime(add(((Fraction(1), right), (Fraction(-1), left))))
    if set(poly) <= {CONSTANT}:
        return (FALSE, TRUE) if poly else (TRUE, FALSE)
    if integral and poly.get(CONSTANT, Fraction(0)).denominator != 1:
        return FALSE, TRUE
    if sum(value > 0 for value in poly.values()) * 2 < len(poly):
        poly = {monomial: -value for monomial, value in poly.items()}
    low, high = _sides(poly, REAL if not integral else INT)
    equation = terms.make_equal(high, low)
    return equation, terms.make_not(equation)


def _coprime(poly: Polynomial) -> tuple[Polynomial, bool]:
    """The polynomial scaled by a positive number to coprime integer coefficients, the
    constant of an integral one left out of account; and whether it is integral."""
    integral = is_integral(poly)
    values = [value for monomial, value in poly.items() if monomial or not integral]
    if not values:
        return poly, integral
    factor = Fraction(
        lcm(*(value.denominator for value in values)),
        gcd(*(value.numerator for value in values)),
    )
    return {monomial: value * factor for monomial, value in poly.items()}, integral


def _sides(poly: Polynomial, sort: Sort) -> tuple[Term, Term]:
    """Two terms with positive coefficients whose difference, high - low, is `poly`."""
    low = {monomial: -value for monomial, value in poly.items() if value < 0}
    high = {monomial: value for monomial, value in poly.items() if value > 0}
    return _side(low, sort), _side(high, sort)


def _side(poly: Polynomial, sort: Sort) -> Term:
    """The sum by name of its parts, the constant last."""
    order = sorted(poly, key=lambda monomial: (not monomial, _names(monomial)))
    parts = [write_polynomial({monomial: poly[monomial]}, sort) for monomial in order]
    return terms.make_sum(*parts) if parts else terms.make_number(0, sort)


def _names(monomial: Monomial) -> list[str]:
    return [
        str(one.value.name if isinstance(one.value, Symbol) else one.value)
        for one in monomial
    ]
