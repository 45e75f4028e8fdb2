"""Putting terms in place of others: definitions, finite sums, numerals that become real.

Terms count their variables by the quantifiers in between, so a term that moves below
more quantifiers has its loose variables raised; all of that is here. Numerals are born
as integers and become real where their neighbours are real: a term of integer numerals
alone still can.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from fractions import Fraction

from verify.kernel.rejections import Rejected
from verify.kernel.terms import (
    INT,
    NAT,
    REAL,
    Sort,
    Symbol,
    Term,
    make_exists,
    make_forall,
    make_if,
    make_number,
    make_product,
    make_sum,
    make_variable,
    remake,
    rewrite,
)
from verify.language.trampoline import run


def map_loose(term: Term, make: Callable[[int, Sort, int], Term]) -> Term:
    """`term` with each loose variable replaced by `make(index, sort, binders above it)`."""
    if not term.loose:
        return term

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if node.loose <= depth:
            return node
        if isinstance(node.value, int):
            return make(node.value - depth, node.sort, depth)
        return remake(node, args)

    return rewrite(term, visit)


def raise_loose(term: Term, by: int) -> Term:
    """`term` as it reads below `by` more quantifiers."""
    if not by:
        return term
    return map_loose(
        term, lambda index, sort, depth: make_variable(index + depth + by, sort)
    )


def mentions_innermost(term: Term) -> bool:
    """Whether the loose variable 0 occurs in `term`."""
    found = []

    def make(index: int, sort: Sort, depth: int) -> Term:
        if not index:
            found.append(sort)
        return make_variable(index + depth, sort)

    map_loose(term, make)
    return bool(found)


def replace_innermost(term: Term, closed: Term) -> Term:
    """`term` with `closed` for its loose variable 0, as if its quantifier were gone."""

    def make(index: int, sort: Sort, depth: int) -> Term:
        return make_variable(index - 1 + depth, sort) if index else closed

    return map_loose(term, make)


def replace_several(term: Term, closed: Sequence[Term]) -> Term:
    """`term` with `closed` for as many innermost loose variables, the first of them for
    the outermost of these, as if their quantifiers were gone."""
    count = len(closed)

    def make(index: int, sort: Sort, depth: int) -> Term:
        if index < count:
            return closed[count - 1 - index]
        return make_variable(index - count + depth, sort)

    return map_loose(term, make)


def replace_constants(term: Term, values: Mapping[Symbol, Term]) -> Term:
    """The closed `term` with terms for some of its constants; theirs may be loose."""
    if not values:
        return term

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if isinstance(node.value, Symbol) and node.value in values:
            return raise_loose(values[node.value], depth)
        return remake(node, args) if args != node.args else node

    return rewrite(term, visit)


def is_flexible(term: Term) -> bool:
    """Whether a term is made of integer numerals only, so that it may still become real."""
    stack = [term]
    while stack:
        node = stack.pop()
        if node.sort not in (INT, NAT):
            return False
        if node.op in ("+", "*"):
            stack.extend(node.args)
        elif node.op == "if":
            stack.extend(node.args[1:])
        elif node.op != "num":
            return False
    return True


def numeral(term: Term) -> Fraction:
    """The value of a numeral."""
    if not isinstance(term.value, Fraction):
        raise Rejected("a numeral", term.op)
    return term.value


def _as_real(term: Term) -> Generator[Term, Term, Term]:
    if term.op == "if":
        then = yield term.args[1]
        otherwise = yield term.args[2]
        return make_if(term.args[0], then, otherwise)
    if term.op in ("+", "*"):
        parts = []
        for arg in term.args:
            parts.append((yield arg))
        return (make_sum if term.op == "+" else make_product)(*parts)
    return make_number(numeral(term), REAL)


def as_real(term: Term) -> Term:
    """A flexible term with its numerals read as reals."""
    return run(_as_real, term)


def bind_constants(op: str, constants: Sequence[Symbol], body: Term) -> Term:
    """`forall` or `exists` over the closed `body`, in place of these real constants.

    The first becomes the outermost variable; a `?` before its name is left out.
    """
    places = {symbol: place for place, symbol in enumerate(reversed(constants))}

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if isinstance(node.value, Symbol) and node.value in places:
            return make_variable(places[node.value] + depth, REAL)
        return remake(node, args) if args != node.args else node

    body = rewrite(body, visit)
    make = make_forall if op == "forall" else make_exists
    for symbol in reversed(constants):
        body = make(symbol.name.lstrip("?"), REAL, body)
    return body
