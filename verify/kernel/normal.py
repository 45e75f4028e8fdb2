"""Normal forms: what the kernel takes to be the same literal.

Terms are normalised bottom-up. Numeric arguments become canonical polynomials, so
`best(3 + 1)` is `best(4)`. An order atom becomes `0 <= p`, possibly negated; an equation
becomes `p = 0`. Coefficients are made coprime integers; over integers the constant is
rounded (2i + 2j = 1 is false) and the leading coefficient of `0 <= p` is made positive, so
that x <= 3 and x >= 4 are the two signs of one atom and an integer split needs no rule.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor, gcd, lcm

from verify.kernel import terms
from verify.kernel.polynomials import (
    CONSTANT,
    Polynomial,
    add,
    is_integral,
    ordered,
    read_polynomial,
    write_polynomial,
)
from verify.kernel.terms import INT, REAL, Symbol, Term


def normal(term: Term, known: dict[bytes, Term] | None = None) -> Term:
    """The normal form of a term or formula; equivalent to it over every interpretation.

    `known` keeps the normal forms of subterms from one call to the next.
    """
    known = {} if known is None else known
    stack = [term]
    while stack:
        node = stack[-1]
        if node.key not in known:
            missing = [arg for arg in node.args if arg.key not in known]
            if missing:
                stack += missing
                continue
            known[node.key] = normal_node(
                node, tuple(known[arg.key] for arg in node.args)
            )
        stack.pop()
    return canonical(known[term.key])


def canonical(term: Term) -> Term:
    """A numeric term as its canonical polynomial; any other as it is."""
    if terms.is_numeric(term.sort):
        return write_polynomial(
            read_polynomial(term), REAL if term.sort == REAL else INT
        )
    return term


def normal_node(node: Term, args: tuple[Term, ...]) -> Term:
    """`node` over arguments that are normal already, but for `canonical`."""
    match node.op:
        case "<=":
            return at_least_zero(_difference(args[1], args[0]))
        case "<":
            return terms.make_not(at_least_zero(_difference(args[0], args[1])))
        case "=" if terms.is_numeric(node.args[0].sort):
            return equal_zero(_difference(args[0], args[1]))
        case "=":
            return _equal(*args)
        case "app" | "/" | "if":
            return terms.remake(node, tuple(map(canonical, args)))
        case _:
            return terms.remake(node, args)


def _difference(left: Term, right: Term) -> Polynomial:
    return add(
        ((Fraction(1), read_polynomial(left)), (Fraction(-1), read_polynomial(right)))
    )


def is_element(term: Term) -> bool:
    """Whether a term is an element of a finite sort, named outright."""
    return isinstance(term.value, Symbol) and term.value.name in term.sort.elements


def _equal(left: Term, right: Term) -> Term:
    if left == right:
        return terms.TRUE
    if is_element(left) and is_element(right):
        return terms.FALSE
    return terms.make_equal(*sorted((left, right), key=lambda term: term.key))


def _scaled(poly: Polynomial, *, integral: bool) -> Polynomial:
    """`poly` times the positive number that makes its coefficients coprime integers;
    over integers the constant does not count and may stay a fraction."""
    values = [value for monomial, value in poly.items() if monomial or not integral]
    factor = Fraction(
        lcm(*(value.denominator for value in values)),
        gcd(*(value.numerator for value in values)),
    )
    # lcm of denominators over gcd of numerators is exact: the fractions are in lowest terms
    return {monomial: value * factor for monomial, value in poly.items()}


def at_least_zero(poly: Polynomial) -> Term:
    """The normal form of `0 <= poly`."""
    if set(poly) <= {CONSTANT}:
        return terms.FALSE if poly.get(CONSTANT, 0) < 0 else terms.TRUE
    integral = is_integral(poly)
    poly = _scaled(poly, integral=integral)
    if not integral:
        return terms.make_at_most(
            terms.make_number(0, REAL), write_polynomial(poly, REAL)
        )
    constant = Fraction(floor(poly.pop(CONSTANT, Fraction(0))))
    negative = poly[ordered(poly)[0]] < 0
    if negative:
        poly = {monomial: -value for monomial, value in poly.items()}
        constant = -constant - 1
    if constant:
        poly[CONSTANT] = constant
    atom = terms.make_at_most(terms.make_number(0, INT), write_polynomial(poly, INT))
    return terms.make_not(atom) if negative else atom


def equal_zero(poly: Polynomial) -> Term:
    """The normal form of `poly = 0`."""
    if set(poly) <= {CONSTANT}:
        return terms.FALSE if poly else terms.TRUE
    integral = is_integral(poly)
    poly = _scaled(poly, integral=integral)
    if poly.get(CONSTANT, Fraction(0)).denominator != 1:
        return terms.FALSE
    leading = next(monomial for monomial in ordered(poly) if monomial)
    if poly[leading] < 0:
        poly = {monomial: -value for monomial, value in poly.items()}
    sort = INT if integral else REAL
    return terms.make_equal(write_polynomial(poly, sort), terms.make_number(0, sort))
