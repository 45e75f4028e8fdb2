"""Which facts a statement needs: searched, minimised, and taken away one at a time.

Engines that are given every fact mostly give up, and engines asked for a minimal core can
burn their whole budget. So small sets are tried first, those that share symbols with the
goal before others; and a set that suffices is made minimal by leaving out one fact at a
time, each attempt with a small budget of its own. What cannot be left out within that
budget stays in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from verify.arguments.countermodels import tell
from verify.arguments.entailment import Answer, settle
from verify.arguments.evidence import Bench
from verify.arguments.plans import Plan, together
from verify.arguments.problems import Proofs, make_dossier, symbols_of
from verify.arguments.settings import Budget, probe
from verify.kernel.terms import Symbol
from verify.language.document import Document, Statement
from verify.language.verdicts import Ablation, Status

MAX_SET: Final = 3
MAX_TRIED: Final = 60
ROUND: Final = 8

Names = tuple[str, ...]
Attempt = Callable[[Names], Plan[Answer]]


class Found(NamedTuple):
    """A set of facts, and the answer with them."""

    names: Names
    answer: Answer


def used(names: Iterable[str], answer: Answer) -> Names:
    """Those of `names` that the accepted proof took; all when no proof was accepted."""
    if answer.outcome.finding != "proved":
        return tuple(names)
    return tuple(name for name in names if name in answer.outcome.uses)


def holds(answer: Answer) -> bool:
    return answer.outcome.finding == "proved"


def shrink(names: Names, attempt: Attempt, keep: Iterable[str] = ()) -> Plan[Names]:
    """A subset of `names` that still suffices, without any fact that can be left out.

    `attempt` decides a subset; facts in `keep` are known to be needed.
    """
    kept = set(keep)
    for name in names:
        if name in names and name not in kept:
            rest = tuple(other for other in names if other != name)
            answer = yield from attempt(rest)
            if holds(answer):
                names = used(rest, answer)
    return names


def attempt_for(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    budget: Budget,
) -> Attempt:
    """Deciding the statement from a subset of its facts, with a small budget."""

    def attempt(names: Names) -> Plan[Answer]:
        dossier = make_dossier(document, statement, proofs, names)
        return (
            yield from settle(bench, dossier, budget, statement.scope, thorough=False)
        )

    return attempt


def ablate(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    cited: Names,
    uses: Names,
) -> Plan[tuple[Names, tuple[Ablation, ...]]]:
    """The minimal facts of a proved statement, and what becomes of it without each."""
    attempt = attempt_for(bench, document, statement, proofs, probe(bench.options))

    def without(name: str, names: Names) -> Names:
        return tuple(other for other in names if other != name)

    answers = yield from together(attempt(without(name, cited)) for name in uses)
    first = dict(zip(uses, answers, strict=True))
    needed = {n for n, answer in first.items() if answer.outcome.finding == "refuted"}
    minimal = yield from shrink(uses, attempt, needed)
    doubtful = [name for name in minimal if name not in needed and minimal != cited]
    again = yield from together(attempt(without(name, minimal)) for name in doubtful)
    first.update(zip(doubtful, again, strict=True))
    breaks = tuple(_ablation(document, name, first[name]) for name in minimal)
    return minimal, breaks


def _ablation(document: Document, name: str, answer: Answer) -> Ablation:
    outcome = answer.outcome
    if outcome.finding != "refuted":
        status: Status = "proved" if outcome.finding == "proved" else "undecided"
        return Ablation(without=name, status=status)
    world = tell(document, outcome.problem, outcome.certificate)
    return Ablation(without=name, status="refuted", counterexample=world)


def search(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    candidates: Sequence[Statement],
    budget: Budget,
) -> Plan[Found]:
    """Facts from which the statement follows; else all of them and the answer with all.

    Tried are no facts, all, those near the goal, then ones, twos and threes of those
    near it, the nearest first. The first round with a proof is shrunk.
    """
    ranked = rank(statement, candidates)
    everything = tuple(other.name for other in candidates)
    near = tuple(name for name, distance in ranked if distance == 1)
    attempt = attempt_for(bench, document, statement, proofs, probe(bench.options))
    third = Budget(budget.seconds / 3, budget.resources // 3)
    first = attempt_for(bench, document, statement, proofs, third)
    last = attempt_for(bench, document, statement, proofs, budget)
    tried: set[Names] = set()
    for sets in _rounds(everything, near, tuple(name for name, _ in ranked)):
        fresh = [names for names in dict.fromkeys(sets) if names not in tried]
        ask = attempt if tried else first
        tried.update(fresh)
        answers = yield from together(ask(names) for names in fresh)
        for names, answer in zip(fresh, answers, strict=True):
            alarmed = answer.outcome.finding == "alarm"
            if alarmed or (names == everything and answer.outcome.finding == "refuted"):
                return Found(names, answer)
        proved = [
            used(names, answer)
            for names, answer in zip(fresh, answers, strict=True)
            if holds(answer)
        ]
        if proved:
            smallest = min(proved, key=len)
            minimal = yield from shrink(smallest, attempt)
            return Found(minimal, (yield from last(minimal)))
    return Found(everything, (yield from last(everything)))


def _rounds(everything: Names, near: Names, ranked: Names) -> Iterable[list[Names]]:
    """Rounds of fact sets, in the document's order inside a set."""
    place = {name: index for index, name in enumerate(everything)}
    yield [(), near, everything]
    tried = 0
    for size in range(1, MAX_SET + 1):
        chosen: list[Names] = []
        for names in combinations(ranked, size):
            if tried == MAX_TRIED:
                break
            tried += 1
            chosen.append(tuple(sorted(names, key=place.__getitem__)))
        for start in range(0, len(chosen), ROUND):
            yield chosen[start : start + ROUND]


def rank(
    statement: Statement, candidates: Sequence[Statement]
) -> list[tuple[str, int]]:
    """Candidates by distance from the goal in shared symbols (1: shares one), then size."""
    reached: set[Symbol] = symbols_of(statement.formula) if statement.formula else set()
    left = [(c.name, c.formula) for c in candidates if c.formula is not None]
    ranked: list[tuple[str, int]] = []
    distance = 1
    while left:
        here = [item for item in left if symbols_of(item[1]) & reached]
        if not here:
            ranked += [(name, distance + 1) for name, _ in left]
            break
        here.sort(key=lambda item: item[1].size)
        ranked += [(name, distance) for name, _ in here]
        names = {name for name, _ in here}
        reached = reached.union(*(symbols_of(formula) for _, formula in here))
        left = [item for item in left if item[0] not in names]
        distance += 1
    return ranked


def paste(names: Names) -> str:
    """The sentence that tells which by-list to write."""
    if not names:
        return "It follows from nothing at all; no by-list is needed."
    return f"Found by searching; add: by {', '.join(names)}"
