"""From an engine's answer to what is known: the only place where the words change.

An engine says that a query has a model or has none; only the kernel, reading problem and
certificate again from their texts, makes that a proof or a refutation. What comes back
without evidence stays what it is: somebody's word. Evidence that fails is an alarm, and
so is evidence for the opposite of what was said.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from verify.arguments.plans import Job, Plan, Result, ask
from verify.arguments.settings import GRACE, Archive, Budget, Options
from verify.kernel.check import Accepted, check
from verify.kernel.problem import Problem
from verify.kernel.rejections import Declined, Rejected
from verify.language.verdicts import Reason

Finding = Literal[
    "proved",  # the kernel accepted a proof
    "refuted",  # the kernel accepted a model of the facts in which the goal is false
    "consistent",  # the kernel accepted a model of the facts
    "vouched",  # an engine says that the goal follows, without evidence
    "doubted",  # an engine says that it does not, without evidence
    "open",  # nothing is known, and `reason` says why
    "alarm",  # evidence failed, or answers contradict each other
]

REASONS: Final = (
    "timeout",
    "memory",
    "incomplete",
    "unsupported",
    "no_certificate",
    "crash",
)


class Outcome(NamedTuple):
    """What is known about one problem, with the evidence for it.

    `uses` are the facts the kernel saw used, else those the engine named. `potential` is
    the engine's unaccepted model, when it has one to show.
    """

    problem: Problem
    finding: Finding
    reason: Reason = ""
    detail: str = ""
    accepted: Accepted | None = None
    certificate: str = ""
    uses: tuple[str, ...] = ()
    potential: Mapping[str, Any] | None = None
    search_seconds: float = 0.0
    kernel_seconds: float = 0.0


class Bench(NamedTuple):
    """What a flow works with besides its own data; `alarms` gathers every one raised."""

    options: Options
    archive: Archive
    alarms: list[str]


def decide(
    bench: Bench,
    problem: Problem,
    budget: Budget,
    *,
    hints: Mapping[str, Any] | None = None,
    scope: Iterable[tuple[str, int]] = (),
) -> Plan[Outcome]:
    """Whether the facts entail the goal, as far as the kernel accepts it."""
    text = problem.text()
    sha = problem.sha()
    for certificate in bench.archive.find(sha):
        outcome = weigh(problem, text, certificate)
        if outcome.accepted is not None and outcome.finding in ("proved", "refuted"):
            return outcome
    payload = {
        "problem": text,
        "hints": dict(hints or {}),
        "seconds": budget.seconds,
        "resources": budget.resources,
        "scope": dict(scope),
        "seed": bench.options.seed,
    }
    result = yield from ask(Job("decide", payload, budget.seconds + GRACE))
    outcome = read_result(problem, text, result)
    if outcome.finding == "alarm":
        bench.alarms.append(outcome.detail)
    if outcome.accepted is not None and outcome.finding != "alarm":
        bench.archive.keep(sha, outcome.accepted.claim, outcome.certificate)
    return outcome


def read_result(problem: Problem, text: str, result: Result) -> Outcome:
    """What a finished "decide" job establishes."""
    seconds = float(result.get("seconds", 0.0))
    if result.get("status") != "done":
        reason = _reason(str(result.get("status", "crash")), "crash")
        detail = str(result.get("detail", ""))
        return Outcome(problem, "open", reason, detail, search_seconds=seconds)
    answer = result.get("answer")
    certificate = result.get("certificate")
    if certificate:
        outcome = weigh(problem, text, str(certificate))
        opposite = {"unsat": "refuted", "sat": "proved"}.get(str(answer))
        if opposite and outcome.finding == opposite:
            detail = f"an engine answered {answer}, its evidence shows: {opposite}"
            outcome = outcome._replace(finding="alarm", detail=detail)
        return outcome._replace(search_seconds=seconds)
    detail = str(result.get("reason", "") or result.get("detail", ""))
    core = tuple(str(name) for name in result.get("core") or ())
    if answer == "unsat":
        return Outcome(
            problem,
            "vouched",
            "no_certificate",
            detail,
            uses=core,
            search_seconds=seconds,
        )
    potential = result.get("potential") or None
    if answer == "sat":
        return Outcome(
            problem,
            "doubted",
            "incomplete" if potential else "no_certificate",
            detail,
            potential=potential,
            search_seconds=seconds,
        )
    reason = _reason(detail.split(":")[0].strip(), "incomplete")
    return Outcome(
        problem, "open", reason, detail, potential=potential, search_seconds=seconds
    )


def weigh(problem: Problem, text: str, certificate: str) -> Outcome:
    """What the kernel says to a certificate: a finding, an alarm, or open if declined."""
    begun = time.perf_counter()
    try:
        accepted = check(text, certificate)
    except Declined as declined:
        return Outcome(
            problem, "open", "no_certificate", f"the kernel declined: {declined}"
        )
    except Rejected as rejected:
        detail = f"the kernel rejected a certificate: {rejected}"
        return Outcome(problem, "alarm", detail=detail, certificate=certificate)
    seconds = time.perf_counter() - begun
    finding: Finding = accepted.claim  # type: ignore[assignment]
    return Outcome(
        problem, finding, accepted=accepted, certificate=certificate,
        uses=accepted.uses, kernel_seconds=seconds,
    )  # fmt: skip


def second_opinion(bench: Bench, outcome: Outcome, budget: Budget) -> Plan[Outcome]:
    """`outcome` after the other engine was asked about a goal one engine vouches for.

    Two engines that say the same leave it vouched, with `reason` empty; a contradiction
    is an alarm; no answer leaves it as it was.
    """
    payload = {"problem": outcome.problem.text(), "seconds": budget.seconds}
    result = yield from ask(Job("second", payload, budget.seconds + GRACE))
    seconds = outcome.search_seconds + float(result.get("seconds", 0.0))
    outcome = outcome._replace(search_seconds=seconds)
    answer = result.get("answer") if result.get("status") == "done" else None
    if answer == "unsat":
        return outcome._replace(reason="")
    if answer == "sat":
        detail = (
            "one engine says that the statement follows, the other that it does not"
        )
        bench.alarms.append(detail)
        return outcome._replace(finding="alarm", reason="", detail=detail)
    return outcome


def _reason(word: str, otherwise: Reason) -> Reason:
    return word if word in REASONS else otherwise  # type: ignore[return-value]
