"""Whether a goal follows from what was cited: the flow of queries, written once.

What was cited is asked first, when it is less than the whole facts: a world that
satisfies it and not the goal settles the matter, and such a question is ground and
quick. Then a proof is looked for from the whole facts, guided by the by-list. What one
engine says without evidence is put to the other; what nobody can say is tried the other
way round: if the negation follows from facts that have a model, the goal is refuted too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from verify.arguments.evidence import Bench, Outcome, decide, second_opinion
from verify.arguments.plans import Plan, together
from verify.arguments.problems import Dossier
from verify.arguments.settings import Budget, probe
from verify.kernel import terms
from verify.language.verdicts import Trust


class Answer(NamedTuple):
    """The outcome that decides, and everything the kernel accepted on the way to it."""

    outcome: Outcome
    evidence: tuple[Outcome, ...] = ()
    search_seconds: float = 0.0
    kernel_seconds: float = 0.0


def trust_of(outcome: Outcome) -> Trust:
    """How far a finding may be relied on."""
    if outcome.finding in ("proved", "refuted", "consistent"):
        return "certified"
    if outcome.finding == "vouched":
        return "solver" if outcome.reason else "agreed"
    return ""


def settle(
    bench: Bench,
    dossier: Dossier,
    budget: Budget,
    scope: Iterable[tuple[str, int]] = (),
    *,
    thorough: bool = True,
) -> Plan[Answer]:
    """The answer to a dossier; `thorough` adds the second engine and the negation."""
    scope = tuple(scope)
    seen: list[Outcome] = []
    if dossier.cited != dossier.full:
        third = Budget(budget.seconds / 3, budget.resources // 3)
        budget = Budget(budget.seconds - third.seconds, budget.resources)
        cited = yield from decide(bench, dossier.cited, third, scope=scope)
        seen.append(cited)
        if cited.finding in ("refuted", "alarm"):
            return _answer(cited, seen)
        # that what was cited suffices is no news once the whole facts are known to
        seen[-1] = cited._replace(accepted=None)
    full = yield from decide(
        bench, dossier.full, budget, hints=dossier.hints, scope=scope
    )
    seen.append(full)
    if thorough and full.finding == "vouched":
        half = Budget(budget.seconds / 2, budget.resources)
        full = seen[-1] = yield from second_opinion(bench, full, half)
    if thorough and full.finding in ("open", "doubted"):
        opposite = yield from _negation(bench, dossier)
        seen += opposite
        if len(opposite) == 2 and _shows_refuted(*opposite):
            refuted = full._replace(finding="refuted", reason="", potential=None)
            return _answer(refuted, seen)
    return _answer(full, seen)


def _negation(bench: Bench, dossier: Dossier) -> Plan[list[Outcome]]:
    """Whether the facts entail the opposite of the goal, and whether they have a model."""
    problem = dossier.full
    opposite = problem._replace(goal=terms.make_not(problem.goal))
    empty = problem._replace(goal=terms.FALSE)
    small = probe(bench.options)
    return (
        yield from together(decide(bench, asked, small) for asked in (opposite, empty))
    )


def _shows_refuted(opposite: Outcome, empty: Outcome) -> bool:
    return opposite.finding == "proved" and empty.finding in ("refuted", "consistent")


def _answer(outcome: Outcome, seen: Iterable[Outcome]) -> Answer:
    seen = tuple(seen)
    backing = [
        item for item in seen if item.accepted is not None and item is not outcome
    ]
    if outcome.accepted is not None:
        backing.insert(0, outcome)
    return Answer(
        outcome,
        tuple(backing),
        sum(item.search_seconds for item in seen),
        sum(item.kernel_seconds for item in seen),
    )
