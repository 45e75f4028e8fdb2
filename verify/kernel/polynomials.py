"""Polynomials with rational coefficients over opaque terms.

Whatever is not built from numerals, `+`, `*` and `real` is a generator: a variable, an
application, a quotient, an `if`. An integer and its `real` are one generator, because they
are one number. A polynomial maps monomials (generators sorted by key, with repetition) to
non-zero coefficients; the empty monomial carries the constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import INT, NAT, REAL, Sort, Term

Monomial = tuple[Term, ...]
Polynomial = dict[Monomial, Fraction]

MAX_MONOMIALS: Final = 5_000
MAX_DEGREE: Final = 32
MAX_BITS: Final = 14_000  # what Python still writes in decimal
CONSTANT: Final[Monomial] = ()


def _gather(parts: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
    total: Polynomial = {}
    for monomial, value in parts:
        total[monomial] = total[monomial] + value if monomial in total else value
    for monomial, value in total.items():
        if len(monomial) > MAX_DEGREE or len(total) > MAX_MONOMIALS:
            limits = f"at most {MAX_MONOMIALS} monomials of degree {MAX_DEGREE}"
            raise Rejected(limits, f"{len(total)}, degree {len(monomial)}")
        if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
            raise Rejected(f"coefficients of at most {MAX_BITS} bits", "a longer one")
    return {monomial: value for monomial, value in total.items() if value}


def add(parts: Iterable[tuple[Fraction, Mapping[Monomial, Fraction]]]) -> Polynomial:
    """The linear combination of polynomials with these multipliers."""
    return _gather(
        (m, factor * value) for factor, part in parts for m, value in part.items()
    )


def multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) * len(right) > MAX_MONOMIALS:
        raise Rejected(f"at most {MAX_MONOMIALS} monomials", "a larger product")
    return _gather(
        (tuple(sorted(m + n, key=lambda term: term.key)), c * d)
        for m, c in left.items()
        for n, d in right.items()
    )


def read_polynomial(term: Term) -> Polynomial:
    """The polynomial that a numeric term denotes."""
    done: dict[bytes, Polynomial] = {}
    stack = [(term, False)]
    while stack:
        node, ready = stack.pop()
        if node.key in done:
            continue
        if isinstance(node.value, Fraction):
            done[node.key] = {CONSTANT: node.value} if node.value else {}
        elif node.op not in ("+", "*", "real"):
            done[node.key] = {(node,): Fraction(1)}
        elif not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in node.args)
        elif node.op == "+":
            done[node.key] = _gather(
                p for arg in node.args for p in done[arg.key].items()
            )
        else:
            product = done[node.args[0].key]
            for arg in node.args[1:]:
                product = multiply(product, done[arg.key])
            done[node.key] = product
    return done[term.key]


def ordered(poly: Polynomial) -> list[Monomial]:
    """The monomials by degree, then by keys; the constant first."""
    return sorted(poly, key=lambda monomial: (len(monomial), [g.key for g in monomial]))


def is_integral(poly: Polynomial) -> bool:
    """Whether every generator is an integer."""
    return all(g.sort in (INT, NAT) for monomial in poly for g in monomial)


def write_polynomial(poly: Polynomial, sort: Sort) -> Term:
    """The canonical term of a polynomial, of sort Real or (with integer coefficients) Int."""
    parts = []
    for monomial in ordered(poly):
        factors = [
            terms.make_real(g) if sort == REAL and g.sort in (INT, NAT) else g
            for g in monomial
        ]
        if poly[monomial] != 1 or not factors:
            factors.insert(0, terms.make_number(poly[monomial], sort))
        parts.append(terms.make_product(*factors))
    return terms.make_sum(*parts) if parts else terms.make_number(0, sort)
