"""Sharper comparisons: which exact value would make an inequality true.

Where `size(N) < K` is wanted and the facts speak of c > 0, `size(N) = K - c` would do,
or `size(N) < c`; the facts' own quantities are the vocabulary. Of two quantities that a
fact equates only one is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from verify.kernel import terms
from verify.kernel.terms import INT, REAL, Binder, Term, is_numeric, subterms

MAX_QUANTITIES: Final = 6
ORDERS: Final = ("<", "<=")


def sharpen_existential(goal: Term, facts: Sequence[Term]) -> Iterator[Term]:
    """An existential goal with one comparison made sharper by the facts' quantities."""
    leading, body = open_block(goal)
    if not leading or any(one.op != "exists" for one in leading):
        return
    quantities = _find_quantities(goal, facts)
    positive = [one for one in quantities if _is_positive(one, facts)]
    parts = body.args if body.op == "and" else (body,)
    for place, part in enumerate(parts):
        if part.op not in ORDERS or not part.loose:
            continue
        for sharper in _sharper(part, quantities, positive):
            joined = (*parts[:place], sharper, *parts[place + 1 :])
            yield close_block(leading, terms.make_and(*joined))


def open_block(formula: Term) -> tuple[list[Term], Term]:
    """The leading quantifiers, outermost first, and what is under them."""
    leading = []
    while isinstance(formula.value, Binder):
        leading.append(formula)
        formula = formula.args[0]
    return leading, formula


def close_block(leading: Sequence[Term], body: Term) -> Term:
    for quantifier in reversed(leading):
        body = terms.remake(quantifier, (body,))
    return body


def _sharper(
    atom: Term, quantities: Sequence[Term], positive: Sequence[Term]
) -> Iterator[Term]:
    """Comparisons that may imply this one: equations with a difference or a sum, the
    same order with another bound, equality with it."""
    low, high = atom.args
    below = low.loose > 0  # what the comparison is about
    about, bound = (low, high) if below else (high, low)
    if bound.loose:
        return
    fitting = [one for one in quantities if terms.fits(one.sort, bound.sort)]
    steps = [one for one in positive if terms.fits(one.sort, bound.sort)]
    if bound.sort != REAL:
        steps.append(terms.make_number(1, bound.sort))
    for other in dict.fromkeys((bound, *fitting)):
        if other != bound:
            yield terms.make(atom.op, *((about, other) if below else (other, about)))
        yield terms.make_equal(about, other)
        for step in steps:
            if step != other:
                change = _negative(step) if below else step
                yield terms.make_equal(about, terms.make_sum(other, change))


def _negative(step: Term) -> Term:
    sort = REAL if step.sort == REAL else INT
    if isinstance(step.value, Fraction):
        return terms.make_number(-step.value, sort)
    return terms.make_product(terms.make_number(-1, sort), step)


def _find_quantities(goal: Term, facts: Sequence[Term]) -> list[Term]:
    """The closed numeric terms that are named: constants and function values. Of two
    that a fact equates, the one in the goal, or the shorter."""
    found: dict[Term, None] = {}
    for formula in (goal, *facts):
        for term in subterms(formula):
            if term.op == "app" and is_numeric(term.sort) and not term.loose:
                found[term] = None
    ranked = sorted(found, key=lambda term: (term not in subterms(goal), term.size))
    equal = {frozenset(atom.args) for fact in facts for atom in _parts(fact, "=")}
    kept: list[Term] = []
    for one in ranked:
        if not any(frozenset((one, other)) in equal for other in kept):
            kept.append(one)
    return kept[:MAX_QUANTITIES]


def _parts(fact: Term, *operators: str) -> Iterator[Term]:
    """The comparisons that a fact consists of."""
    for part in fact.args if fact.op == "and" else (fact,):
        if part.op in operators:
            yield part


def _is_positive(quantity: Term, facts: Iterable[Term]) -> bool:
    """Whether a fact says outright that the quantity is above 0."""
    return any(
        atom.args[1] == quantity
        and isinstance(atom.args[0].value, Fraction)
        and (atom.args[0].value > 0 or (atom.op == "<" and not atom.args[0].value))
        for fact in facts
        for atom in _parts(fact, *ORDERS)
    )
