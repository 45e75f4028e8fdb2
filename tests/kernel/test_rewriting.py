"""Terms taken apart and put together again, and what tells two of them apart."""

from __future__ import annotations

from random import Random

from hypothesis import given

from tests.strategies import RICH_WORDS, TermMaker, read_rich, seeds
from verify.kernel import terms
from verify.kernel.terms import (
    BOOL,
    INT,
    Sort,
    Term,
    make_and,
    make_exists,
    make_forall,
    make_less,
    make_not,
    make_or,
    make_variable,
)

P, Q, K, J = map(read_rich, "pqij")


def at(index: int) -> Term:
    return make_variable(index, INT)


def test_rewrite_knows_how_many_binders_are_above() -> None:
    seen = {}

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        seen[node.op, depth] = node
        return terms.remake(node, args)

    body = make_and(P, make_forall("x", INT, make_exists("y", INT, make_not(Q))))
    assert terms.rewrite(body, visit) == body
    assert set(seen) == {
        ("and", 0), ("app", 0), ("forall", 0), ("exists", 1), ("not", 2), ("app", 2),
    }  # fmt: skip


def test_rewrite_visits_equal_subterms_once_a_depth() -> None:
    visits = []

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        visits.append((node.op, depth))
        return terms.remake(node, args)

    terms.rewrite(make_and(make_not(P), make_not(P), make_forall("x", INT, P)), visit)
    assert sorted(visits) == [
        ("and", 0), ("app", 0), ("app", 1), ("forall", 0), ("not", 0),
    ]  # fmt: skip


def test_rewrite_can_leave_closed_parts_alone() -> None:
    visits = []

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        visits.append(node.op)
        return terms.remake(node, args)

    body = make_and(make_less(at(0), K), make_forall("x", INT, make_less(at(0), J)))
    assert terms.rewrite(body, visit, loose=True) == body
    assert sorted(visits) == ["<", "and", "var"]


def test_subterms_come_before_what_contains_them() -> None:
    term = make_and(make_not(P), make_or(P, make_less(K, J)), make_not(P))
    found = terms.subterms(term)
    assert len(found) == len(set(found)) == 7
    assert found[-1] == term
    for place, part in enumerate(found):
        assert all(arg in found[:place] for arg in part.args)


@given(seeds())
def test_a_rewrite_that_changes_nothing_changes_nothing(random: Random) -> None:
    formula = TermMaker(random, RICH_WORDS).formula(4)
    assert terms.rewrite(formula, lambda n, _, a: terms.remake(n, a)) == formula


def test_nothing_recurses_on_depth() -> None:
    formula = P
    for _ in range(terms.MAX_DEPTH // 2 - 1):
        formula = make_and(make_or(formula, Q), P)
    deep = make_forall("x", BOOL, formula)
    assert len(terms.subterms(deep)) == deep.depth + 1
    assert terms.instantiate(deep, Q) == formula


def test_a_visitor_is_handed_the_new_arguments_in_a_tuple() -> None:
    handed = {}

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        handed[node.op] = args
        return Q if node == P else terms.remake(node, args)

    assert terms.rewrite(make_not(make_and(P, Q)), visit) == make_not(make_and(Q, Q))
    assert handed == {"app": (), "and": (Q, Q), "not": (make_and(Q, Q),)}


def test_a_variable_of_a_finite_sort_is_another_than_one_of_its_name() -> None:
    """What a sort's elements are is part of every term of that sort."""
    sorts = [Sort("Coin"), Sort("Coin", ("heads",)), Sort("Coin", ("heads", "tails"))]
    assert len({make_variable(0, sort) for sort in sorts}) == len(sorts)
