"""Premises that might be missing, written down from the words of the problem itself.

Most gaps in an argument are small: a comparison between two quantities it names, an
implication between two of its events, or something close to what is written, such as the
existence of a thing with a property slightly more definite than the goal's. These are
enumerated here, besides what engines propose; what is true in a known countermodel cannot
help and is dropped at once by whoever tests them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, permutations, zip_longest
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, Sort, Term
from verify.solvers.weakening import propose_by_weakening

MAX_POOL: Final = 8
MAX_TERM: Final = 6
MAX_SIZE: Final = 60


class Candidate(NamedTuple):
    """A closed formula, and how it was come by."""

    formula: Term
    kind: str


def propose(problem: Problem) -> Iterator[Candidate]:
    """Candidates in the problem's own words; nothing is known of any of them."""
    formulas = [*(fact.formula for fact in problem.facts), problem.goal]
    try:
        neighbours = propose_by_weakening(problem)
    except Rejected:
        neighbours = ()  # one of them is larger than terms may be
    for formula in neighbours:
        kind = "existential" if formula.op == "exists" else "weakening"
        yield Candidate(formula, kind)
    yield from (Candidate(f, "implication") for f in _implications(formulas))
    yield from (Candidate(f, "comparison") for f in _comparisons(formulas))


def _closed(formulas: Iterable[Term], sorts: Iterable[Sort]) -> list[Term]:
    """Small closed subterms of these sorts, no numerals, in order of size."""
    wanted = tuple(sorts)
    found = {
        node
        for formula in formulas
        for node in terms.subterms(formula)
        if node.op == "app" and not node.loose and node.size <= MAX_TERM
        if node.sort in wanted
    }
    ordered = sorted(found, key=lambda term: (term.size, term.key))
    return ordered[:MAX_POOL]


def _implications(formulas: list[Term]) -> Iterator[Term]:
    """Events that happen, that do not, and that bring others about."""
    events = _closed(formulas, (BOOL,))
    for event in events:
        yield event
        yield terms.make_not(event)
    for left, right in permutations(events, 2):
        yield terms.make_implies(left, right)
        yield terms.make_implies(left, terms.make_not(right))


def _comparisons(formulas: list[Term]) -> Iterator[Term]:
    """The order of any two named quantities, and of each with 0."""
    for sorts in ((terms.INT, terms.NAT), (terms.REAL,)):
        pool = _closed(formulas, sorts)
        zero = terms.make_number(0, sorts[0])
        for term in pool:
            yield terms.make_less(zero, term)
            if term.sort != terms.NAT:
                yield terms.make_at_most(zero, term)
                yield terms.make_less(term, zero)
                yield terms.make_at_most(term, zero)
        for left, right in permutations(pool, 2):
            yield terms.make_at_most(left, right)
            yield terms.make_less(left, right)
        for left, right in combinations([*pool, zero], 2):
            yield terms.make_equal(left, right)


def choose(candidates: Iterable[Candidate], problem: Problem) -> list[Candidate]:
    """Each candidate once and short ones first, without the goal and what is cited; one
    of each kind, then another of each, so that no kind crowds out another."""
    seen = {normal(problem.goal).key, terms.TRUE.key, terms.FALSE.key}
    seen.update(normal(fact.formula).key for fact in problem.facts)
    kinds: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        key = normal(candidate.formula).key
        if key not in seen and candidate.formula.size <= MAX_SIZE:
            seen.add(key)
            kinds.setdefault(candidate.kind, []).append(candidate)
    for group in kinds.values():
        group.sort(key=lambda item: (item.formula.size, item.formula.key))
    rounds = zip_longest(*kinds.values())
    return [one for turn in rounds for one in turn if one is not None]
