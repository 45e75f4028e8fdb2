"""Minimal cuts: the smallest sets of events without which the bad thing cannot happen.

A set of events is a cut if the premises, the start and the absence of those events entail
that the target does not come about. Sets are tried by size. A world in which the target
comes about although some set is excluded rules out every set that the events of that
world avoid, so few queries are needed; and it is the proof that a smaller set is not
enough. What is found is therefore all of them, each with the proof that it is a cut and a
world for each event that could not be left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import combinations
from typing import Final, NamedTuple

from verify.arguments.countermodels import tell
from verify.arguments.decisions import Decision, alarm, budget_of, undecided
from verify.arguments.evidence import Bench, Outcome, decide
from verify.arguments.plans import Plan, together
from verify.arguments.problems import Proofs, facts_above, make_fact, problem_of
from verify.arguments.worlds import refutes
from verify.kernel import terms
from verify.kernel.problem import Fact, Problem
from verify.kernel.terms import TRUE, Term
from verify.language.document import Document, Statement
from verify.language.verdicts import Table

BATCH: Final = 4
MAX_EVENTS: Final = 16

Events = frozenset[str]


class World(NamedTuple):
    """A world in which the target comes about: the events that happen in it."""

    happens: Events
    outcome: Outcome


class _Search:
    """What is known while sets are tried."""

    def __init__(self) -> None:
        self.worlds: list[World] = []
        self.cuts: dict[Events, Outcome] = {}
        self.unsettled: dict[Events, Outcome] = {}
        self.outcomes: list[Outcome] = []

    def is_open(self, events: Events) -> bool:
        """Whether nothing known says if the set is a minimal cut."""
        avoided = any(not world.happens & events for world in self.worlds)
        return not avoided and not any(cut <= events for cut in self.cuts)


def make_cut_problem(
    document: Document, statement: Statement, excluded: Events, proofs: Proofs
) -> Problem:
    """The problem whose proof shows that excluding these events is enough."""
    facts = [
        make_fact(document, fact.name, proofs)
        for fact in facts_above(document, statement)
        if fact.kind == "premise"
    ]
    taken = {fact.name for fact in facts}

    def given(name: str, formula: Term) -> Fact:
        while name in taken:
            name += "_"
        taken.add(name)
        return Fact("premise", name, formula)

    facts.append(given("start", statement.start or TRUE))
    for name, formula in statement.members:
        if name in excluded:
            facts.append(given(f"no_{name}", terms.make_not(formula)))
    target = statement.target or TRUE
    formulas = [formula for _, formula in statement.members]
    return problem_of(document, facts, terms.make_not(target), also=formulas)


def decide_cuts(
    bench: Bench, document: Document, statement: Statement, proofs: Proofs
) -> Plan[Decision]:
    """The decision of a `cuts` statement, with its table and data."""
    names = [name for name, _ in statement.members]
    if len(names) > MAX_EVENTS:
        message = f"At most {MAX_EVENTS} events can be combined; use fewer."
        return undecided("unsupported", message)
    budget = budget_of(bench, statement)
    search = _Search()

    def ask(events: Events) -> Plan[Outcome]:
        problem = make_cut_problem(document, statement, events, proofs)
        return (yield from decide(bench, problem, budget, scope=statement.scope))

    everything = frozenset(names)
    whole, nothing = yield from together((ask(everything), ask(frozenset())))
    search.outcomes += [whole, nothing]
    if nothing.finding == "refuted":
        search.worlds.append(_world(statement, nothing))
    if whole.finding == "refuted":
        search.worlds.append(_world(statement, whole))
    for size in range(len(names) + 1):
        sets = [frozenset(chosen) for chosen in combinations(names, size)]
        while fresh := [s for s in sets if search.is_open(s)][:BATCH]:
            answers = yield from together(ask(events) for events in fresh)
            _learn(search, statement, fresh, answers)
            sets = [s for s in sets if s not in fresh]
    return _conclude(document, statement, search)


def _learn(
    search: _Search,
    statement: Statement,
    sets: Iterable[Events],
    answers: Iterable[Outcome],
) -> None:
    for events, outcome in zip(sets, answers, strict=True):
        search.outcomes.append(outcome)
        if outcome.finding == "proved":
            search.cuts[events] = outcome
        elif outcome.finding == "refuted":
            search.worlds.append(_world(statement, outcome))
        else:
            search.unsettled[events] = outcome


def _world(statement: Statement, outcome: Outcome) -> World:
    """The events that the kernel confirms to happen in an accepted countermodel.

    An event it cannot evaluate counts as happening, which rules out fewer sets.
    """
    absent = set()
    for name, formula in statement.members:
        asked = outcome.problem._replace(facts=(), goal=formula)
        if refutes(outcome.certificate, asked) is not None:
            absent.add(name)
    happens = frozenset(name for name, _ in statement.members) - absent
    return World(happens, outcome)


def _conclude(document: Document, statement: Statement, search: _Search) -> Decision:
    decision = Decision(
        "proved", trust="certified", table=make_table(search.cuts, statement),
        data=make_data(document, statement, search),
        names=tuple(fact.name for fact in facts_above(document, statement)
                    if fact.kind == "premise"),
        evidence=tuple(o for o in search.outcomes if o.accepted is not None),
        search_seconds=sum(o.search_seconds for o in search.outcomes),
        kernel_seconds=sum(o.kernel_seconds for o in search.outcomes),
    )  # fmt: skip
    for outcome in search.outcomes:
        if outcome.finding == "alarm":
            return alarm(outcome.detail, decision)
    decision = decision._replace(uses=_used(decision, search))
    if search.unsettled:
        unsettled = next(iter(search.unsettled.values()))
        listed = "; ".join(", ".join(sorted(events)) for events in search.unsettled)
        message = f"Not settled whether these are cuts: {listed}; raise `limit`."
        reason = unsettled.reason or "incomplete"
        return decision._replace(
            status="undecided", reason=reason, trust="", message=message
        )
    if frozenset() in search.cuts:
        message = (
            "The target is impossible already, whatever happens; check the premises."
        )
        return decision._replace(message=message)
    if not search.cuts:
        message = "Not even all these events together are a cut; name further events."
        return decision._replace(message=message)
    return decision


def _used(decision: Decision, search: _Search) -> tuple[str, ...]:
    used = {name for outcome in search.cuts.values() for name in outcome.uses}
    return tuple(name for name in decision.names if name in used)


def _ordered(statement: Statement, events: Events) -> list[str]:
    return [name for name, _ in statement.members if name in events]


def make_table(cuts: Iterable[Events], statement: Statement) -> Table:
    """A row for each minimal cut, the smallest first."""
    rows = tuple(
        (str(place), ", ".join(_ordered(statement, events)) or "(nothing)")
        for place, events in enumerate(cuts, 1)
    )
    return Table(title="", header=("cut", "events to exclude"), rows=rows)


def make_data(
    document: Document, statement: Statement, search: _Search
) -> dict[str, object]:
    """The cuts as lists of events, each with its proof and the worlds that make it
    minimal."""
    cuts = []
    for events, outcome in search.cuts.items():
        needed = []
        for name in _ordered(statement, events):
            world = next(
                (w for w in search.worlds if not w.happens & (events - {name})), None
            )
            if world is not None:
                shown = asdict(
                    tell(document, world.outcome.problem, world.outcome.certificate)
                )
                del shown["certificate"]
                needed.append({"event": name, "counterexample": shown})
        cuts.append(
            {
                "events": _ordered(statement, events),
                "problem": outcome.problem.sha(),
                "needed": needed,
            }
        )
    return {"events": [name for name, _ in statement.members], "cuts": cuts}
