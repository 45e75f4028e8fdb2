"""The missing premise: what would make a refuted step follow.

Engines and our own enumeration propose; nothing they say is shown before it was tested
here. A suggestion must fail in every countermodel known so far, make the step provable,
have a model together with what is cited, and not be the step itself in other words. Those
that need what is cited come before those that say more than the step by themselves, and
simple ones before long ones. It all happens within a few seconds a step.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import combinations, permutations
from typing import Any, Final, NamedTuple

from verify.arguments.candidates import Candidate, choose, propose
from verify.arguments.decisions import Decision
from verify.arguments.entailment import trust_of
from verify.arguments.evidence import Bench, Outcome, decide
from verify.arguments.plans import Job, Plan, Result, together
from verify.arguments.problems import Unavailable, add_fact, problem_of, symbols_of
from verify.arguments.settings import GRACE, Budget, probe
from verify.arguments.worlds import refutes
from verify.kernel import terms
from verify.kernel.problem import Fact, Problem, scope_of
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, Symbol
from verify.kernel.text import make_term, read_tree
from verify.language.document import Document
from verify.language.printing import render_term
from verify.language.verdicts import Suggestion

MAX_SHOWN: Final = 5
MAX_COMPARED: Final = 8
MAX_TESTED: Final = 24
MAX_KEPT: Final = 2
MAX_JOBS: Final = 12
BATCH: Final = 4
JOB_SECONDS: Final = 1.0
NAME: Final = "suggested"
KINDS: Final = {"eliminate": "elimination", "abduce": "abduction"}


class _Tested(NamedTuple):
    """A candidate that passed, its proof, a model of it and what is cited, and whether
    it says the goal by itself."""

    candidate: Candidate
    proof: Outcome
    model: Outcome
    alone: bool


def suggest(
    bench: Bench,
    document: Document,
    decision: Decision,
    underneath: Iterable[Fact] = (),
) -> Plan[tuple[Suggestion, ...]]:
    """Tested premises for a refuted decision, at most `MAX_SHOWN`, the simplest first.

    `underneath` are the premises that what is cited rests on; nothing that contradicts
    them is suggested.
    """
    if decision.dossier is None:
        return ()
    problem = decision.dossier.cited
    jobs = tuple(_jobs(problem))
    results = yield jobs
    end = time.monotonic() + bench.options.suggesting
    proposed = [
        *read_proposals(problem, zip(jobs, results, strict=True)),
        *propose(problem),
    ]
    opened = {
        name
        for _, names in decision.dossier.hints.get("witnesses", ())
        for name in names
    }
    queue = choose((c for c in proposed if not _names(c) & opened), problem)
    below = [fact for fact in underneath if fact not in problem.facts]
    worlds = [o.certificate for o in decision.evidence if o.finding == "refuted"]
    small = probe(bench.options, JOB_SECONDS)
    passed: list[_Tested] = []
    tested = 0
    while queue and tested < MAX_TESTED and len(passed) < 2 * MAX_SHOWN:
        if time.monotonic() > end:
            break
        batch, queue = _next(document, problem, queue, worlds)
        tested += len(batch)
        outcomes = yield from together(
            _test(bench, document, problem, candidate, below, small)
            for candidate in batch
        )
        for outcome in outcomes:
            if isinstance(outcome, _Tested):
                passed.append(outcome)
            elif outcome is not None:
                worlds.append(outcome.certificate)
    passed.sort(key=_preference)
    kept = yield from _weakest(bench, document, problem, passed[:MAX_COMPARED], small)
    return tuple(
        Suggestion(
            formula=render_term(item.candidate.formula),
            kind=item.candidate.kind,
            trust=trust_of(item.proof),
        )
        for item in kept[:MAX_SHOWN]
    )


def _names(candidate: Candidate) -> set[str]:
    """The symbols a candidate speaks of; a premise can have none of a step's own."""
    return {symbol.name for symbol in symbols_of(candidate.formula)}


def _preference(passed: _Tested) -> tuple[bool, bool, int]:
    """Needing what is cited before saying the step alone, bounds before fixed values,
    short before long."""
    formula = passed.candidate.formula
    return passed.alone, formula.op in ("=", "app", "not"), formula.size


def _weakest(
    bench: Bench,
    document: Document,
    problem: Problem,
    passed: list[_Tested],
    budget: Budget,
) -> Plan[list[_Tested]]:
    """Those that do not imply another one, given what is cited, without being implied."""
    pairs = []
    for one, other in permutations(passed, 2):
        asked = problem._replace(facts=(), goal=other.candidate.formula)
        if refutes(one.model.certificate, asked) is None:
            pairs.append((one, other))
    outcomes = yield from together(
        decide(
            bench,
            add_fact(
                document,
                problem._replace(goal=other.candidate.formula),
                NAME,
                one.candidate.formula,
            ),
            budget,
        )
        for one, other in pairs
    )
    stronger = {
        (passed.index(one), passed.index(other))
        for (one, other), outcome in zip(pairs, outcomes, strict=True)
        if outcome.finding == "proved"
    }
    return [
        item
        for place, item in enumerate(passed)
        if not any(
            one == place and ((other, one) not in stronger or other < one)
            for one, other in stronger
        )
    ]


def _next(
    document: Document, problem: Problem, queue: list[Candidate], worlds: list[str]
) -> tuple[list[Candidate], list[Candidate]]:
    """The next candidates that fail in every known countermodel, and those after them."""
    batch: list[Candidate] = []
    for place, candidate in enumerate(queue):
        asked = problem._replace(facts=(), goal=candidate.formula)
        if all(refutes(world, asked) is not None for world in worlds):
            batch.append(candidate)
        if len(batch) == BATCH:
            return batch, queue[place + 1 :]
    return batch, []


def _jobs(problem: Problem) -> Iterator[Job]:
    """What the engines are asked for."""
    payload: dict[str, Any] = {"problem": problem.text(), "seconds": JOB_SECONDS}
    for keep in keep_sets(problem):
        yield Job("eliminate", {**payload, "keep": list(keep)}, JOB_SECONDS + GRACE)
    yield Job("abduce", {**payload, "count": MAX_SHOWN}, JOB_SECONDS + GRACE)


def keep_sets(problem: Problem) -> tuple[tuple[str, ...], ...]:
    """Small sets of symbols over which a missing premise may speak."""
    names = [symbol.name for symbol in problem.symbols if _is_plain(symbol)]
    sets = [c for size in range(1, MAX_KEPT + 1) for c in combinations(names, size)]
    return tuple(sets[:MAX_JOBS])


def _is_plain(symbol: Symbol) -> bool:
    return terms.is_numeric(symbol.result) or symbol.result == BOOL


def read_proposals(
    problem: Problem, answers: Iterable[tuple[Job, Result]]
) -> Iterator[Candidate]:
    """The formulas that engines proposed, as far as they are about the problem."""
    sorts, symbols = scope_of(problem)
    for job, result in answers:
        if result.get("status") != "done":
            continue
        for text in result.get("formulas") or ():
            try:
                (tree,) = read_tree(str(text))
                formula = make_term(tree, sorts, symbols)
            except (Rejected, ValueError):
                continue
            if formula.sort == BOOL and not formula.loose:
                yield Candidate(formula, KINDS[job.kind])


def _test(
    bench: Bench,
    document: Document,
    problem: Problem,
    candidate: Candidate,
    below: list[Fact],
    budget: Budget,
) -> Plan[_Tested | Outcome | None]:
    """The candidate if it passes; the countermodel if it is not enough; else None."""
    formula, goal = candidate.formula, problem.goal
    try:
        with_it = add_fact(document, problem, NAME, formula)
        alone = problem_of(document, (), terms.make_implies(formula, goal))
        again = problem_of(document, (), terms.make_implies(goal, formula))
        ground = problem_of(document, below, terms.FALSE)
        clash = add_fact(document, ground, NAME, formula)
    except Unavailable:
        return None
    proof = yield from decide(bench, with_it, budget)
    if proof.finding == "refuted":
        return proof
    if proof.finding != "proved":
        return None
    model, forth, back, contrary = yield from together(
        decide(bench, asked, budget)
        for asked in (with_it._replace(goal=terms.FALSE), alone, again, clash)
    )
    if model.finding not in ("refuted", "consistent") or contrary.finding == "proved":
        return None
    if forth.finding == back.finding == "proved":
        return None
    return _Tested(candidate, proof, model, forth.finding == "proved")
