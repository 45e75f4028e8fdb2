"""Missing premises by looking at the statements, without an engine.

Engines that eliminate or enumerate say little about quantified statements, but what is
missing there is often close to what is written: the goal "there is a smaller model with
the same loss" wants "there is one smaller by exactly c", an implication wants its
converse, two implications want the one between them, a premise about sizes above K wants
to be about size K. Such neighbours are listed here, the shortest first; whether one is
sufficient and consistent is for others to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import (
    BOOL,
    FALSE,
    TRUE,
    Binder,
    Sort,
    Term,
    instantiate,
    is_numeric,
    rewrite,
    subterms,
)
from verify.kernel.text import write_term
from verify.solvers.sharpening import (
    ORDERS,
    close_block,
    open_block,
    sharpen_existential,
)

MOST: Final = 40
MAX_NAMES: Final = 3


def propose_by_weakening(problem: Problem) -> tuple[Term, ...]:
    """At most `MOST` candidates for a missing premise, untested, the shortest first."""
    facts = [fact.formula for fact in problem.facts]
    proposed = chain(
        sharpen_existential(problem.goal, facts),
        _instances(problem.goal, (problem.goal, *facts)),
        *(_converse(fact) for fact in facts),
        *(_swapped(fact) for fact in facts),
        _between(facts, problem.goal),
        *(_sharpened(fact) for fact in facts),
    )
    known = {problem.goal, *facts, TRUE, FALSE}
    seen = {normal(one) for one in known}
    found: list[Term] = []
    for one in proposed:
        form = normal(one)
        if form not in seen:
            seen.add(form)
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.size, write_term(one)))[:MOST])


def _instances(goal: Term, formulas: Iterable[Term]) -> Iterator[Term]:
    """An existential goal about one of the objects that have a name."""
    if goal.op != "exists" or not isinstance(goal.value, Binder):
        return
    sort = goal.value.sort
    if is_numeric(sort) or sort == BOOL:
        return
    for name in _names_of(sort, formulas)[:MAX_NAMES]:
        case = instantiate(goal, name)
        parts = case.args if case.op == "and" else (case,)
        said = [part for part in parts if normal(part) != TRUE]
        if said and not any(normal(part) == FALSE for part in said):
            yield terms.make_and(*said)


def _names_of(sort: Sort, formulas: Iterable[Term]) -> list[Term]:
    found: dict[Term, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            if term.op == "app" and not term.args and term.sort == sort:
                found[term] = None
    return list(found)


def _converse(fact: Term) -> Iterator[Term]:
    """`B implies A` for `A implies B`, under the same quantifiers."""
    leading, body = open_block(fact)
    if body.op == "implies":
        yield close_block(leading, terms.make_implies(body.args[1], body.args[0]))


def _swapped(fact: Term) -> Iterator[Term]:
    """`exists y. forall x.` for `forall x. exists y.`"""
    leading, body = open_block(fact)
    for place in range(len(leading) - 1):
        outer, inner = leading[place : place + 2]
        if (outer.op, inner.op) == ("forall", "exists"):
            depth = (
                len(leading) - place - 2
            )  # quantifiers between the pair and the body
            exchanged = _exchange(body, depth)
            order = (*leading[:place], inner, outer, *leading[place + 2 :])
            yield close_block(order, exchanged)


def _exchange(body: Term, depth: int) -> Term:
    """The body with the variables `depth` and `depth + 1` exchanged."""

    def visit(node: Term, inside: int, args: tuple[Term, ...]) -> Term:
        if isinstance(node.value, int) and node.op == "var":
            index = node.value - inside
            if index in (depth, depth + 1):
                return terms.make_variable(inside + 2 * depth + 1 - index, node.sort)
        return terms.remake(node, args)

    return rewrite(body, visit)


def _between(facts: Sequence[Term], goal: Term) -> Iterator[Term]:
    """What is missing between `A implies B` or `C implies D` and the goal `A implies D`."""
    leading, body = open_block(goal)
    if body.op != "implies":
        return
    start, end = body.args
    for fact in facts:
        binders, inner = open_block(fact)
        same = _sorts(binders) == _sorts(leading)
        if inner.op != "implies" or not same:
            continue
        if inner.args[1] == end:
            yield close_block(leading, terms.make_implies(start, inner.args[0]))
        if inner.args[0] == start:
            yield close_block(leading, terms.make_implies(inner.args[1], end))


def _sorts(leading: Iterable[Term]) -> list[Sort]:
    return [one.value.sort for one in leading if isinstance(one.value, Binder)]


def _sharpened(fact: Term) -> Iterator[Term]:
    """A fact with one comparison below an existential made an equation, or reversed."""
    below = {
        atom: None
        for node in subterms(fact)
        if node.op == "exists"
        for atom in subterms(node.args[0])
        if atom.op in ORDERS and atom.loose
    }
    for atom in below:
        low, high = atom.args
        if high.loose == 0 or (low.loose and high.loose):
            low, high = high, low
        for instead in (terms.make_equal(high, low), terms.make(atom.op, high, low)):
            if instead != atom:
                yield _replaced(fact, atom, instead)


def _replaced(formula: Term, old: Term, new: Term) -> Term:
    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        return new if node == old else terms.remake(node, args)

    return rewrite(formula, visit)


def job(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The candidates as a job: `problem` text in; `formulas` as texts and `kind` out."""
    try:
        found = propose_by_weakening(read_problem(payload["problem"]))
    except Rejected:
        found = ()  # a neighbour is larger than terms may be
    return {"formulas": [write_term(one) for one in found], "kind": "weakening"}
