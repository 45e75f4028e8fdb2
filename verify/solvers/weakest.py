"""The weakest missing premise over a few symbols, by quantifier elimination.

What is missing from `facts |- goal`, said about y alone, is exactly
`forall the rest. facts -> goal`; in linear arithmetic z3's qe2 turns that into a formula
about y. Truth values are eliminated here, by both cases, because engines are not needed
for it. Function values are unknowns of their own: that congruence is forgotten makes a
suggestion stronger than it need be, never wrong, because whatever comes out is proved
again by whoever shows it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations, islice
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, FALSE, TRUE, Symbol, Term
from verify.kernel.text import write_term
from verify.solvers.answers import Budget
from verify.solvers.background import replace
from verify.solvers.grounding import find_unknowns, is_speakable, make_ground
from verify.solvers.plain import conjunction, make_plain
from verify.solvers.triviality import Judge
from verify.solvers.z3_backend import eliminate

LARGEST_KEPT: Final = 3
MAX_KEPT_SETS: Final = 40
MAX_UNKNOWNS: Final = 12
MAX_SIZE: Final = 4_000
SHARE: Final = 4
FRESH: Final = "!unknown"


def propose_by_elimination(
    problem: Problem,
    keep_sets: Iterable[Collection[str]] | None = None,
    budget: Budget | None = None,
) -> tuple[Term, ...]:
    """Premises that would make the goal follow, the simplest first.

    Each is about one of `keep_sets`: names of symbols (of a function: all its values that
    occur) or texts of single terms. Without them all small sets are tried, within the
    budget's seconds.
    """
    budget = budget or Budget()
    deadline = time.monotonic() + budget.seconds
    facts, goal = make_ground(problem)
    if goal is None:
        return ()
    try:
        unknowns = find_unknowns((*facts, goal))
    except Rejected:
        return ()
    spelled = _spellings(unknowns)
    fresh = {
        form: terms.constant(Symbol(f"{FRESH}{place}", (), form.sort))
        for place, form in enumerate(spelled)
    }
    question = replace(
        terms.make_implies(conjunction(facts), goal),
        {term: fresh[form] for term, form in unknowns.items()},
    )
    back = {fresh[form]: term for form, term in spelled.items()}
    judge = Judge(facts, goal, budget)
    part = budget._replace(seconds=max(budget.seconds / SHARE, 0.1))
    found: dict[Term, None] = {}
    for kept in _kept(problem, spelled, keep_sets):
        if time.monotonic() > deadline:
            break
        rest = [one for form, one in fresh.items() if form not in kept]
        answer = _eliminate(rest, question, part)
        if answer is not None:
            found.update(dict.fromkeys(judge.alternatives(replace(answer, back))))
    return judge.weakest(found)


def _spellings(unknowns: Mapping[Term, Term]) -> dict[Term, Term]:
    """For each normal form of an unknown the shortest way to write it."""
    found: dict[Term, Term] = {}
    for term, form in unknowns.items():
        shortest = found.get(form, term)
        found[form] = min(shortest, term, form, key=lambda one: one.size)
    return found


def _eliminate(rest: Iterable[Term], question: Term, budget: Budget) -> Term | None:
    """`forall rest. question` without quantifiers."""
    rest = tuple(rest)
    numbers = [one.value for one in rest if one.sort != BOOL]
    answer = question
    for one in rest:
        if one.sort == BOOL:
            cases = (replace(answer, {one: value}) for value in (TRUE, FALSE))
            try:
                answer = make_plain(conjunction(cases))
            except Rejected:
                return None
            if answer.size > MAX_SIZE:
                return None
    return eliminate(numbers, answer, budget)  # type: ignore[arg-type]


def _kept(
    problem: Problem,
    spelled: Mapping[Term, Term],
    keep_sets: Iterable[Collection[str]] | None,
) -> Iterator[set[Term]]:
    """The sets of unknowns a premise may be about, small ones first."""
    speakable = [form for form in spelled if is_speakable(form, problem)]
    if keep_sets is not None:
        for names in keep_sets:
            yield {form for form in speakable if _is_named(form, spelled[form], names)}
        return
    few = speakable[:MAX_UNKNOWNS]
    sizes = range(1, min(LARGEST_KEPT, len(few)) + 1)
    sets = (set(chosen) for size in sizes for chosen in combinations(few, size))
    yield from islice(sets, MAX_KEPT_SETS)


def _is_named(form: Term, spelled: Term, names: Collection[str]) -> bool:
    head = form.value.name if isinstance(form.value, Symbol) else ""
    return head in names or write_term(spelled) in names


def job(payload: Mapping[str, Any]) -> dict[str, Any]:
    """One search as a job: `problem` text, `keep` (one set of names; all small sets when
    absent) and `seconds` in; `formulas` as texts and their `kind` out."""
    keep = payload.get("keep")
    budget = Budget(seconds=float(payload.get("seconds", Budget().seconds)))
    found = propose_by_elimination(
        read_problem(payload["problem"]), None if keep is None else (keep,), budget
    )
    return {"formulas": [write_term(one) for one in found], "kind": "elimination"}
