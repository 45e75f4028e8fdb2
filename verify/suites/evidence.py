"""Evidence statements of documents: handed to the networks, weighed, put on record.

The problem of an evidence statement has the networks it speaks of and no facts; its goal is
the statement. What shows it is a certificate of the goal or of its negation, looked for in
a job, and kept and checked again like any other. Steps cite what was shown as a lemma, by
the hash of that problem, and never see a network. A region that has no points makes
everything said of its points vacuous.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from verify.arguments.decisions import Decision, alarm, budget_of, undecided
from verify.arguments.evidence import Bench, Outcome, weigh
from verify.arguments.plans import Job, Plan, ask, together
from verify.arguments.problems import Dossier
from verify.arguments.settings import GRACE, Budget
from verify.kernel import terms
from verify.kernel.networks import Network as Declaration
from verify.kernel.problem import Problem
from verify.kernel.terms import Term
from verify.kernel.text import MAX_TEXT, MAX_TOKENS
from verify.language.document import Document, Statement
from verify.language.members import make_inhabited
from verify.language.quantities import select_quantities
from verify.language.things import Region
from verify.language.verdicts import Counterexample, Reason, Trust
from verify.networks.statements.models import Missing, find_declarations, symbols_of
from verify.networks.statements.opening import split_parts
from verify.suites.describing import describe_member, describe_quantity
from verify.suites.exhibiting import show_constants

_ADVICE: Final[dict[str, str]] = {
    "timeout": "No answer within {seconds:g} s; state it for parts of the region, or raise "
    "`limit`.",
    "memory": "The memory limit was reached; state it for parts of the region.",
    "incomplete": "The search gave up without an answer ({detail}); state it for parts of "
    "the region, or with a margin.",
    "unsupported": "Evidence is about real numbers, linear but for the networks: {detail}.",
    "no_certificate": "It was found {value}, with trust {trust}, and no more; allow that "
    "with --trust {trust}, or raise `limit`.",
    "crash": "The search stopped without an answer ({detail}); run it again, and report it "
    "if it happens twice.",
}
# Of optima, replacements, counts, risks and membership, which no region can be part of.
_ADVICE_LEARNED: Final[dict[str, str]] = {
    **_ADVICE,
    "timeout": "No answer within {seconds:g} s ({detail}); state less, or raise `limit`.",
    "memory": "The memory limit was reached; state it for less data or a smaller class.",
    "incomplete": "The search ended without an answer: {detail}.",
    "unsupported": "It is not decided here: {detail}.",
}


class Ruled(NamedTuple):
    """What is known about one problem: its goal's truth, and what the kernel accepted."""

    value: bool | None
    trust: Trust = ""
    outcome: Outcome | None = None
    reason: Reason = ""
    detail: str = ""


def decide_evidence(
    bench: Bench, document: Document, statement: Statement
) -> Plan[Decision]:
    """The decision about an evidence statement."""
    goal = statement.formula
    if goal is None:
        why = statement.unsupported.rstrip(".")
        return undecided("unsupported", f"It is not decided here: {why}.")
    try:
        problem = make_problem(document, goal)
    except Missing as missing:
        return undecided("unsupported", f"It is not decided here: {missing}.")
    budget = budget_of(bench, statement)
    ruled = yield from _rule(bench, document, problem, budget)
    decision = _conclude(bench, document, problem, ruled, budget)
    if decision.status == "proved":
        return (yield from _look_for_points(bench, document, statement, decision))
    return decision


def make_problem(document: Document, goal: Term) -> Problem:
    """The problem of a statement about networks. Raises Missing where there is none."""
    quantities = select_quantities(document.quantities, goal)
    networks = find_declarations(document, goal)
    if quantities:
        networks = _declare_all(document, [goal, *(q.formula for q in quantities)])
    known = {symbol for network in networks for symbol, _ in network.functions()}
    known.update(quantity.symbol for quantity in quantities)
    foreign = sorted(symbol.name for symbol in symbols_of(goal) - known)
    if foreign:
        raise Missing(
            f"it speaks of {', '.join(foreign)}, of which only premises say anything; "
            "state it as a step"
        )
    declared = tuple(quantity.declaration() for quantity in quantities)
    problem = Problem((), (), (), goal, networks, declared)
    text = problem.text()
    if len(text) > MAX_TEXT or text.count(" ") + 2 * text.count("(") > MAX_TOKENS:
        raise Missing("its networks or its data are too large to be stated")
    return problem


def _declare_all(
    document: Document, formulas: Iterable[Term]
) -> tuple[Declaration, ...]:
    """The declarations of the networks in several formulas, each once, by name."""
    found = {
        network.outputs: network
        for formula in formulas
        for network in find_declarations(document, formula)
    }
    return tuple(found[outputs] for outputs in sorted(found))


def make_payload(
    document: Document, problem: Problem, seconds: float
) -> dict[str, object]:
    """What the job is told: the problem, and what its constants were made from."""
    quantities = select_quantities(document.quantities, problem.goal)
    members = map(document.membership, split_parts(problem.goal))
    return {
        "problem": problem.text(),
        "seconds": seconds,
        "things": {q.name: describe_quantity(document, q) for q in quantities},
        "members": [describe_member(document, m) for m in members if m is not None],
    }


def _rule(
    bench: Bench, document: Document, problem: Problem, budget: Budget
) -> Plan[Ruled]:
    """Whether the goal of a problem holds: from the archive, else by a job."""
    sides = (
        (True, problem),
        (False, problem._replace(goal=terms.make_not(problem.goal))),
    )
    for value, side in sides:
        for certificate in bench.archive.find(side.sha()):
            outcome = weigh(side, side.text(), certificate)
            if outcome.finding == "proved":
                return Ruled(value, "certified", outcome)
    payload = make_payload(document, problem, budget.seconds)
    result = yield from ask(Job("evidence", payload, budget.seconds + GRACE))
    seconds = float(result.get("seconds", 0.0))
    if result.get("status") != "done":
        reason: Reason = result.get("status", "crash")
        return Ruled(None, "", None, reason, str(result.get("detail", "")))
    value = result["value"]
    if result["reason"] == "alarm":
        bench.alarms.append(str(result["detail"]))
        return Ruled(None, "", Outcome(problem, "alarm", detail=str(result["detail"])))
    if value is None:
        return Ruled(None, "", None, result["reason"], str(result["detail"]))
    if not result["certificate"]:
        return Ruled(value, "rigorous")
    side = dict(sides)[value]
    outcome = weigh(side, side.text(), str(result["certificate"]))
    outcome = outcome._replace(search_seconds=seconds)
    if outcome.finding == "alarm":
        bench.alarms.append(outcome.detail)
    elif outcome.accepted is not None:
        bench.archive.keep(side.sha(), outcome.accepted.claim, outcome.certificate)
    return Ruled(value, "certified", outcome)


def _conclude(
    bench: Bench, document: Document, problem: Problem, ruled: Ruled, budget: Budget
) -> Decision:
    """The decision that a ruling gives the statement."""
    outcome = ruled.outcome
    base = Decision(
        "undecided", ruled.reason, dossier=Dossier(problem, problem, {}, ())
    )
    if outcome is not None:
        base = base._replace(
            evidence=(outcome,), search_seconds=outcome.search_seconds,
            kernel_seconds=outcome.kernel_seconds,
        )  # fmt: skip
        if outcome.finding == "alarm":
            return alarm(outcome.detail, base)
        if outcome.finding != "proved":
            ruled = Ruled(None, "", None, "no_certificate", outcome.detail)
    if ruled.value is not None and bench.options.allows(ruled.trust):
        if ruled.value:
            return base._replace(status="proved", reason="", trust=ruled.trust)
        return base._replace(
            status="refuted", reason="", trust=ruled.trust, diagnosis="not_entailed",
            counterexample=_counterexample(document, problem, outcome),
        )  # fmt: skip
    reason: Reason = ruled.reason if ruled.value is None else "no_certificate"
    parts = split_parts(problem.goal)
    learned = problem.quantities or any(map(document.membership, parts))
    advice = _ADVICE_LEARNED if learned else _ADVICE
    message = advice[reason or "incomplete"].format(
        seconds=budget.seconds, detail=ruled.detail or "no detail",
        value="true" if ruled.value else "false", trust=ruled.trust,
    )  # fmt: skip
    diagnosis = reason if reason in ("no_certificate", "unsupported") else ""
    return base._replace(reason=reason, message=message, diagnosis=diagnosis)


def _counterexample(
    document: Document, problem: Problem, outcome: Outcome | None
) -> Counterexample | None:
    """What shows that a statement is false: its constants, or the point at which it
    fails, with what its networks give there."""
    if outcome is None:
        return None
    constants = show_constants(document, problem, outcome.certificate)
    from verify.networks.statements.exhibits import show  # NumPy: only to show points

    shown = (*constants, *show(problem, outcome.certificate))
    return Counterexample(constants=shown, certificate=outcome.certificate)


def _look_for_points(
    bench: Bench, document: Document, statement: Statement, decision: Decision
) -> Plan[Decision]:
    """The decision, vacuous when a region that the statement uses has no points."""
    regions = list(_regions(document, statement))
    budget = budget_of(bench, statement)
    problems = [make_problem(document, make_inhabited(region)) for region in regions]
    found = yield from together(
        _rule(bench, document, problem, budget) for problem in problems
    )
    outcomes = [ruled.outcome for ruled in found if ruled.outcome is not None]
    decision = decision._replace(evidence=(*decision.evidence, *outcomes))
    for region, ruled in zip(regions, found, strict=True):
        if ruled.value is False:
            return decision._replace(
                status="vacuous",
                diagnosis="never_applies",
                message=f"The region {region.name}, line {region.span.line}, has no "
                "points, so anything holds of all of them; mend its definition.",
            )
    return decision


def _regions(document: Document, statement: Statement) -> Iterator[Region]:
    for name in statement.definitions:
        thing = document.thing(name)
        if isinstance(thing, Region):
            yield thing
