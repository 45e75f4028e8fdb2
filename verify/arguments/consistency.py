"""Whether the premises of a document can all be true: yes, no, or not established.

A contradiction is a proof of false, told with the fewest premises that already make it. A
model is shown as the witness. Where neither is found, because premises may have infinite
models only, the longest list of premises above some statement that has a model is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from verify.arguments.countermodels import tell
from verify.arguments.entailment import Answer
from verify.arguments.evidence import Bench, Outcome, decide
from verify.arguments.plans import Plan
from verify.arguments.premises import shrink, used
from verify.arguments.problems import Proofs, make_fact, premises_of, problem_of
from verify.arguments.settings import CONSISTENCY_SECONDS, Budget
from verify.kernel import terms
from verify.language.document import PROVABLE_KINDS, Document, Statement
from verify.language.verdicts import Audit, Counterexample

MAX_PREFIXES: Final = 4


class Consistency(NamedTuple):
    """The finding about all premises, and the accepted model of them, if there is one."""

    audit: Audit
    witness: str = ""
    contradictory: bool = False


def audit_consistency(
    bench: Bench, document: Document, proofs: Proofs
) -> Plan[Consistency | None]:
    """The finding about all premises together; None when there are none."""
    premises = premises_of(document)
    if not premises:
        return None
    names = tuple(premise.name for premise in premises)
    budget = Budget(CONSISTENCY_SECONDS, bench.options.resources // 4)

    def attempt(chosen: tuple[str, ...]) -> Plan[Answer]:
        facts = [make_fact(document, name, proofs) for name in chosen]
        problem = problem_of(document, facts, terms.FALSE)
        outcome = yield from decide(bench, problem, budget, scope=premises[-1].scope)
        return Answer(outcome, (outcome,))

    answer = yield from attempt(names)
    outcome = answer.outcome
    if outcome.finding == "proved":
        culprits = yield from shrink(used(names, answer), attempt)
        last = next(p for p in premises if p.name == culprits[-1])
        message = f"{' and '.join(culprits)} cannot all be true; change one of them."
        if len(culprits) == 1:
            message = f"{culprits[0]} cannot be true; change it."
        audit = _about(document, last, "inconsistent", message)
        return Consistency(replace(audit, culprits=tuple(culprits)), "", True)
    if has_model(outcome):
        message = "All premises hold together in the world shown."
        world = tell(document, outcome.problem, outcome.certificate)
        audit = _about(document, premises[-1], "consistent", message, world)
        return Consistency(audit, outcome.certificate)
    message = "No model of all premises was found, and no contradiction either."
    for prefix in _prefixes(document, premises):
        part = yield from attempt(tuple(p.name for p in prefix))
        if has_model(part.outcome):
            message = (
                f"Those up to {prefix[-1].name} have a model; for all {len(names)} none "
                "was found and no contradiction either."
            )
            break
    return Consistency(_about(document, premises[-1], "not established", message))


def has_model(outcome: Outcome) -> bool:
    """Whether a question about false was answered with an accepted model of the facts."""
    return outcome.finding in ("refuted", "consistent")


def _about(
    document: Document,
    statement: Statement,
    result: str,
    message: str,
    world: Counterexample | None = None,
) -> Audit:
    return Audit(
        document=document.path, line=statement.span.line, name="premises",
        check="consistency", result=result, message=message, counterexample=world,
    )  # fmt: skip


def _prefixes(
    document: Document, premises: Sequence[Statement]
) -> Iterator[tuple[Statement, ...]]:
    """The premises above each statement to be proved, the longest lists first."""
    lengths: dict[int, None] = {}
    count = 0
    for statement in document.statements:
        if statement in premises:
            count += 1
        elif statement.kind in PROVABLE_KINDS and 0 < count < len(premises):
            lengths[count] = None
    for count in sorted(lengths, reverse=True)[:MAX_PREFIXES]:
        yield tuple(premises[:count])
