"""What was established about one statement by itself, and how it is put into words.

The outcome of queries becomes one of the closed list of statuses here and nowhere else,
with a reason where nothing was established, a diagnosis where something is wrong, and a
sentence that ends with what to do.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verify.arguments.countermodels import tell
from verify.arguments.entailment import Answer, trust_of
from verify.arguments.evidence import Bench, Outcome
from verify.arguments.problems import Dossier
from verify.arguments.settings import Budget
from verify.language.document import Document, Statement
from verify.language.verdicts import Counterexample, Reason, Status, Table, Trust


class Decision(NamedTuple):
    """What was established about a statement by itself, whatever it rests on.

    `names` are the facts it was decided from, `uses` those the proof took. `evidence` is
    everything the kernel accepted for it, the deciding outcome first. `consistent` tells
    whether the cited facts have a model: None when that is not known.
    """

    status: Status
    reason: Reason = ""
    message: str = ""
    diagnosis: str = ""
    trust: Trust = ""
    scope: str = "unbounded"
    names: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    dossier: Dossier | None = None
    evidence: tuple[Outcome, ...] = ()
    consistent: bool | None = None
    counterexample: Counterexample | None = None
    table: Table | None = None
    data: dict[str, object] | None = None
    search_seconds: float = 0.0
    kernel_seconds: float = 0.0


_ADVICE: Final[dict[str, str]] = {
    "timeout": "No answer within {seconds:g} s; cite fewer facts, cite instances such as "
    "`P(c)`, or raise `limit`.",
    "memory": "The memory limit was reached; cite fewer facts, or split the step.",
    "incomplete": "The engines gave up without an answer; cite the instances it needs, "
    "such as `P(c)`, or split the step.",
    "unsupported": "It needs what is not available here: {detail}.",
    "no_certificate": "An engine has an answer, but no evidence that the kernel accepts; "
    "split the step, or cite the instances it needs.",
    "crash": "The engine stopped without an answer ({detail}); run it again, and report "
    "it if it happens twice.",
}


def budget_of(bench: Bench, statement: Statement) -> Budget:
    """What one question about the statement may use: its limit, capped by the options."""
    timeout = bench.options.timeout
    seconds = statement.limit if timeout is None else min(statement.limit, timeout)
    return Budget(seconds, bench.options.resources)


def undecided(reason: Reason, message: str) -> Decision:
    return Decision("undecided", reason, message)


def alarm(detail: str, so_far: Decision | None = None) -> Decision:
    """A decision that says the machinery itself is wrong; the run must end with 70."""
    message = f"Soundness alarm: {detail}; trust no verdict of this run and report it."
    base = Decision("error", "", message, "soundness_alarm")
    if so_far is None:
        return base
    return base._replace(
        names=so_far.names, dossier=so_far.dossier,
        search_seconds=so_far.search_seconds, kernel_seconds=so_far.kernel_seconds,
    )  # fmt: skip


def conclude(
    bench: Bench,
    document: Document,
    statement: Statement,
    dossier: Dossier,
    answer: Answer,
) -> Decision:
    """The status that an answer gives the statement."""
    outcome = answer.outcome
    base = Decision(
        "undecided", outcome.reason, names=dossier.names, dossier=dossier,
        evidence=answer.evidence, search_seconds=answer.search_seconds,
        kernel_seconds=answer.kernel_seconds,
    )  # fmt: skip
    trust = trust_of(outcome)
    match outcome.finding:
        case "alarm":
            return alarm(outcome.detail, base)
        case "proved" | "vouched" if bench.options.allows(trust):
            uses = [n for n in dossier.names if n in outcome.uses]
            if not uses and outcome.finding == "vouched":
                uses = list(dossier.names)
            return base._replace(
                status="proved", reason="", trust=trust, uses=tuple(uses)
            )
        case "refuted":
            return base._replace(
                status="refuted", reason="", trust=trust, diagnosis="not_entailed",
                uses=dossier.names, consistent=True,
                counterexample=world_of(document, answer),
            )  # fmt: skip
        case _:
            limit = budget_of(bench, statement).seconds
            return _undecided(document, statement, base, outcome, limit)


def _undecided(
    document: Document,
    statement: Statement,
    base: Decision,
    outcome: Outcome,
    limit: float,
) -> Decision:
    reason: Reason = outcome.reason or "no_certificate"
    message = _ADVICE[reason].format(
        seconds=limit, detail=outcome.detail or "no detail"
    )
    diagnosis: str = reason if reason in ("no_certificate", "unsupported") else ""
    if outcome.finding == "vouched":
        trust = trust_of(outcome)
        who = "Two engines say" if trust == "agreed" else "One engine alone says"
        message = (
            f"{who} that it follows (trust: {trust}), without evidence that the kernel "
            "accepts; split the step, or cite the instances it needs."
        )
    scope = "unbounded"
    if statement.scope and outcome.finding in ("open", "doubted"):
        bounds = ", ".join(f"{sort} <= {size}" for sort, size in statement.scope)
        scope = f"finite({bounds})"
        if not outcome.potential:
            diagnosis = "finite_scope"
            message = (
                f"No countermodel with {bounds} was found, which proves nothing about "
                "larger ones; prove it, or raise `scope`."
            )
    return base._replace(
        reason=reason, trust="", diagnosis=diagnosis, message=message, scope=scope,
        counterexample=_potential(document, outcome),
    )  # fmt: skip


def world_of(document: Document, answer: Answer) -> Counterexample | None:
    """The accepted model behind a refutation, also when the negation was proved."""
    for outcome in answer.evidence:
        if outcome.finding in ("refuted", "consistent"):
            return tell(document, outcome.problem, outcome.certificate)
    return None


def _potential(document: Document, outcome: Outcome) -> Counterexample | None:
    """The unaccepted model to show, with the premises that were cut to find it."""
    if not outcome.potential:
        return None
    truncated = tuple(str(name) for name in outcome.potential["truncated"])
    model = str(outcome.potential["certificate"])
    return tell(document, outcome.problem, model, truncated, genuine=False)
