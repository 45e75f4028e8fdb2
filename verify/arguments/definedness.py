"""Whether a statement has a meaning: its divisors are not 0, its Nats not negative.

The reader turns every partial operation into an obligation, a closed formula. A statement
answers for its own obligations from the facts it cites; for those of a premise or an
admitted statement that it cites, the facts above that one may help. What cannot be shown
is an error at the statement, told with the world in which the operation has no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from verify.arguments.entailment import Answer, settle, trust_of
from verify.arguments.evidence import Bench
from verify.arguments.plans import Plan, together
from verify.arguments.problems import (
    Proofs,
    facts_above,
    home_of,
    make_dossier,
)
from verify.arguments.settings import Budget
from verify.language.document import Document, Obligation, Statement


class Undefined(NamedTuple):
    """An obligation that was not shown, where it comes from, and the answer to it."""

    obligation: Obligation
    source: str  # the cited fact it belongs to, empty for the statement's own
    answer: Answer


def inherited(
    document: Document, names: Sequence[str]
) -> Iterator[tuple[str, Obligation, tuple[str, ...]]]:
    """The obligations of cited premises and admitted statements, with the facts above."""
    for name in names:
        home, local = home_of(document, name)
        cited = home.statement(local)
        if cited is None or cited.kind not in ("premise", "admit"):
            continue
        prefix = name[: len(name) - len(local)]
        above = tuple(
            prefix + other.name
            for other in facts_above(home, cited)
            if other.kind in ("premise", "admit")
        )
        for obligation in cited.obligations:
            yield name, obligation, above


def check_defined(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    names: Sequence[str],
    budget: Budget,
) -> Plan[list[Undefined]]:
    """The obligations that do not follow, an alarm among them first."""
    names = tuple(names)
    wanted = [("", obligation, names) for obligation in statement.obligations]
    for source, obligation, above in inherited(document, names):
        wanted.append((source, obligation, tuple(dict.fromkeys((*above, *names)))))
    answers = yield from together(
        _show(bench, document, statement, proofs, obligation, facts, budget)
        for _, obligation, facts in wanted
    )
    missing = [
        Undefined(obligation, source, answer)
        for (source, obligation, _), answer in zip(wanted, answers, strict=True)
        if not bench.options.allows(trust_of(answer.outcome))
        or answer.outcome.finding not in ("proved", "vouched")
    ]
    return sorted(missing, key=lambda item: item.answer.outcome.finding != "alarm")


def _show(
    bench: Bench,
    document: Document,
    statement: Statement,
    proofs: Proofs,
    obligation: Obligation,
    names: tuple[str, ...],
    budget: Budget,
) -> Plan[Answer]:
    dossier = make_dossier(document, statement, proofs, names, obligation.formula)
    plain = dossier._replace(hints={**dossier.hints, "method": ""})
    return (yield from settle(bench, plain, budget, statement.scope))


def diagnose_undefined(undefined: Undefined) -> str:
    """The diagnosis of an operation without a value."""
    reason = undefined.obligation.reason
    return "division_by_zero" if "divisor" in reason else "negative_index"


def tell_undefined(undefined: Undefined) -> str:
    """The sentence about it, ending with what to do."""
    where = f" in {undefined.source}" if undefined.source else ""
    reason = undefined.obligation.reason.rstrip(".")
    fix = "cite a fact that excludes it, or say it in the formula"
    return f"{reason[:1].upper()}{reason[1:]}{where}; {fix}."
