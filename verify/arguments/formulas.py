"""Formulas taken apart and put together again: quantifier prefixes, converses, sorts.

The variants that a diagnosis or an audit asks about are made here, as pure functions on
kernel terms. A prefix is the run of quantifiers a formula begins with; inside its matrix
the last of them is variable 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import INT, NAT, REAL, Binder, Sort, Symbol, Term


class Quantifier(NamedTuple):
    op: str
    name: str
    sort: Sort


Prefix = tuple[Quantifier, ...]


def split_prefix(formula: Term) -> tuple[Prefix, Term]:
    """The leading quantifiers, outermost first, and the matrix under them."""
    prefix: list[Quantifier] = []
    while isinstance(formula.value, Binder):
        prefix.append(Quantifier(formula.op, *formula.value))
        formula = formula.args[0]
    return tuple(prefix), formula


def make_prefixed(prefix: Prefix, matrix: Term) -> Term:
    """The formula with these leading quantifiers."""
    for op, name, sort in reversed(prefix):
        maker = terms.make_forall if op == "forall" else terms.make_exists
        matrix = maker(name, sort, matrix)
    return matrix


def reorder(formula: Term, order: Sequence[int]) -> Term:
    """The formula with its leading quantifiers in another order (places, outermost 0)."""
    prefix, matrix = split_prefix(formula)
    count = len(prefix)
    moved = {count - 1 - old: count - 1 - new for new, old in enumerate(order)}

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if node.op == "var" and isinstance(node.value, int) and node.value >= depth:
            return terms.make_variable(moved[node.value - depth] + depth, node.sort)
        return terms.remake(node, args)

    body = terms.rewrite(matrix, visit)
    return make_prefixed(tuple(prefix[place] for place in order), body)


def swapped_quantifiers(formula: Term) -> Iterator[Term]:
    """The formula with one leading `exists forall` turned into `forall exists`."""
    prefix, _ = split_prefix(formula)
    for place in range(len(prefix) - 1):
        if prefix[place].op == "exists" and prefix[place + 1].op == "forall":
            order = list(range(len(prefix)))
            order[place], order[place + 1] = place + 1, place
            yield reorder(formula, order)


def implications(formula: Term) -> Iterator[tuple[Prefix, Term, Term]]:
    """Each implication directly under the universal prefix, conjuncts one by one."""
    prefix, matrix = split_prefix(formula)
    if any(quantifier.op != "forall" for quantifier in prefix):
        return
    for part in matrix.args if matrix.op == "and" else (matrix,):
        if part.op == "implies":
            yield prefix, part.args[0], part.args[1]


def converses(formula: Term) -> Iterator[Term]:
    """The converse of each implication that the formula states."""
    for prefix, left, right in implications(formula):
        yield make_prefixed(prefix, terms.make_implies(right, left))


def never_applies(formula: Term) -> Iterator[Term]:
    """For each implication: that its antecedent holds of nothing.

    An implication to `false` states just that and is left out.
    """
    for prefix, left, right in implications(formula):
        if right.op != "false":
            yield make_prefixed(prefix, terms.make_not(left))


def induction_parts(formula: Term, variable: str) -> tuple[Term, Term] | None:
    """Base and step of an induction on a leading universal Nat; None when there is none.

    Raises Rejected when the variable is there but is no Nat.
    """
    prefix, _ = split_prefix(formula)
    for place, (op, name, sort) in enumerate(prefix):
        if op != "forall":
            return None
        if name != variable:
            continue
        if sort != NAT:
            raise Rejected("a variable of sort Nat", f"{variable} of sort {sort}")
        order = [place, *(other for other in range(len(prefix)) if other != place)]
        outer = reorder(formula, order)
        base = terms.instantiate(outer, terms.make_number(0, INT))
        onward = terms.rewrite(outer.args[0], _successor)
        body = terms.make_implies(outer.args[0], onward)
        return base, terms.make_forall(name, NAT, body)
    return None


def _successor(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
    if node.op == "var" and node.value == depth:
        return terms.make_sum(node, terms.make_number(1, INT))
    return terms.remake(node, args)


def read_as(formula: Term, numbers: Sort) -> Term:
    """The formula with every number of sort `numbers`: all Int, or all Real.

    Raises Rejected where a fraction or a quotient has no integer reading.
    """

    def sort_of(sort: Sort) -> Sort:
        return numbers if sort in (INT, NAT, REAL) else sort

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        match node.op:
            case "num" if isinstance(node.value, Fraction):
                return terms.make_number(node.value, numbers)
            case "real":
                return args[0]
            case "var" if isinstance(node.value, int):
                return terms.make_variable(node.value, sort_of(node.sort))
            case "app" if isinstance(node.value, Symbol):
                takes = tuple(map(sort_of, node.value.arguments))
                symbol = Symbol(node.value.name, takes, sort_of(node.value.result))
                return terms.make_application(symbol, args)
            case "forall" | "exists" if isinstance(node.value, Binder):
                maker = terms.make_forall if node.op == "forall" else terms.make_exists
                return maker(node.value.name, sort_of(node.value.sort), *args)
            case _:
                return terms.remake(node, args)

    return terms.rewrite(formula, visit)


def has_sort(formula: Term, sorts: Sequence[Sort]) -> bool:
    """Whether some subterm is of one of these sorts."""
    return any(
        node.sort in sorts and node.op != "num" for node in terms.subterms(formula)
    )


def conjuncts(formula: Term) -> tuple[Term, ...]:
    """The parts of a conjunction; the formula itself when it is none."""
    return formula.args if formula.op == "and" else (formula,)
