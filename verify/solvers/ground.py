"""Ground values while a formula is expanded, folded as soon as they are known.

Expansion meets mostly literals: elements, small numbers, truth values. Folding them in
Python keeps the formula handed to the engine small, and building a kernel term only for
what is really unknown is most of the speed. A truth value is a bool or a formula; a
number is a Fraction or a numeric term; an element of a finite domain is a tuple with a
truth value for each index, of which exactly one holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from verify.kernel import terms
from verify.kernel.terms import BOOL, INT, REAL, Sort, Term, is_numeric

Truth: TypeAlias = bool | Term
Number: TypeAlias = Fraction | Term
Element: TypeAlias = tuple[Truth, ...]
Value: TypeAlias = Truth | Number | Element


def make_element(index: int, size: int) -> Element:
    """The element with this index, as a known one."""
    return tuple(place == index for place in range(size))


def is_known(value: Value) -> bool:
    """Whether nothing about the value is left to the engine."""
    if isinstance(value, tuple):
        return not any(isinstance(part, Term) for part in value)
    return not isinstance(value, Term)


def as_formula(value: Value) -> Term:
    """A truth value as a kernel formula."""
    if isinstance(value, Term):
        return value
    return terms.TRUE if value else terms.FALSE


def as_number(value: Value, sort: Sort) -> Term:
    """A number as a kernel term of Int or Real."""
    if isinstance(value, Term):
        return value
    return terms.make_number(exact(value), REAL if sort == REAL else INT)


def exact(value: Value) -> Fraction:
    """A known number."""
    if not isinstance(value, Fraction):
        raise TypeError(f"a known number was expected, not {value!r}")
    return value


def negate(value: Value) -> Truth:
    return terms.make_not(value) if isinstance(value, Term) else not value


def conjoin(values: Iterable[Value]) -> Truth:
    parts: dict[Term, None] = {}
    for value in values:
        if isinstance(value, Term):
            parts[value] = None
        elif not value:
            return False
    return terms.make_and(*parts) if parts else True


def disjoin(values: Iterable[Value]) -> Truth:
    parts: dict[Term, None] = {}
    for value in values:
        if isinstance(value, Term):
            parts[value] = None
        elif value:
            return True
    return terms.make_or(*parts) if parts else False


def imply(left: Value, right: Value) -> Truth:
    if isinstance(left, Term) and isinstance(right, Term):
        return terms.make_implies(left, right)
    return disjoin((negate(left), right))


def _equate_truths(left: Value, right: Value) -> Truth:
    if isinstance(left, Term) and isinstance(right, Term):
        return True if left == right else terms.make_iff(left, right)
    if isinstance(left, Term):
        return left if right else negate(left)
    if isinstance(right, Term):
        return right if left else negate(right)
    return left == right


def equate(left: Value, right: Value, sort: Sort) -> Truth:
    """`left = right` on values of one sort."""
    if sort == BOOL:
        return _equate_truths(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return disjoin(conjoin(pair) for pair in zip(left, right, strict=True))
    if left == right:
        return True
    if isinstance(left, Term) or isinstance(right, Term):
        return terms.make_equal(as_number(left, sort), as_number(right, sort))
    return False


def compare(op: str, left: Value, right: Value, sort: Sort) -> Truth:
    """`left <= right` or `left < right`."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left <= right if op == "<=" else left < right
    make = terms.make_at_most if op == "<=" else terms.make_less
    return make(as_number(left, sort), as_number(right, sort))


def add(values: Iterable[Value], sort: Sort) -> Number:
    known = Fraction(0)
    parts: list[Term] = []
    for value in values:
        if isinstance(value, Term):
            parts.append(value)
        else:
            known += exact(value)
    if not parts:
        return known
    if known:
        parts.append(as_number(known, sort))
    return terms.make_sum(*parts)


def multiply(values: Iterable[Value], sort: Sort) -> Number:
    known = Fraction(1)
    parts: list[Term] = []
    for value in values:
        if isinstance(value, Term):
            parts.append(value)
        else:
            known *= exact(value)
    if not parts or not known:
        return known
    if known != 1:
        parts.insert(0, as_number(known, sort))
    return terms.make_product(*parts)


def make_real(value: Value) -> Number:
    """An integer as a real number."""
    return terms.make_real(value) if isinstance(value, Term) else exact(value)


def divide(left: Value, right: Value) -> Number | None:
    """A quotient, or None when the divisor is known to be 0."""
    if isinstance(right, Term):
        return terms.make_quotient(as_number(left, REAL), right)
    return multiply((1 / exact(right), left), REAL) if right else None


def select(condition: Value, then: Value, other: Value, sort: Sort) -> Value:
    """`if condition then a else b` on values of one sort."""
    if not isinstance(condition, Term):
        return then if condition else other
    if then == other:
        return then
    if is_numeric(sort):
        number = REAL if sort == REAL else INT
        return terms.make_if(
            condition, as_number(then, number), as_number(other, number)
        )
    if isinstance(then, tuple) and isinstance(other, tuple):
        pairs = zip(then, other, strict=True)
        return tuple(_select_truth(condition, a, b) for a, b in pairs)
    return _select_truth(condition, then, other)


def _select_truth(condition: Term, then: Value, other: Value) -> Truth:
    return conjoin((imply(condition, then), disjoin((condition, other))))


def scatter(choice: Element, values: Iterable[Value], sort: Sort) -> Value:
    """The value that belongs to the element which `choice` turns out to be."""
    branches = [(c, v) for c, v in zip(choice, values, strict=True) if c is not False]
    if len(branches) == 1 or all(v == branches[0][1] for _, v in branches):
        return branches[0][1]
    if is_numeric(sort):
        *rest, (_, value) = branches
        for condition, other in reversed(rest):
            value = select(condition, other, value, sort)
        return value
    if sort == BOOL:
        return disjoin(conjoin(branch) for branch in branches)
    columns = zip(*(v for _, v in branches if isinstance(v, tuple)), strict=True)
    conditions = [c for c, _ in branches]
    return tuple(
        disjoin(map(conjoin, zip(conditions, column, strict=True)))
        for column in columns
    )
