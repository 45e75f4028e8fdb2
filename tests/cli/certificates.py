"""Small certificates, written by hand: what replay is tested with."""

from __future__ import annotations

import json

from verify.kernel import terms
from verify.kernel.problem import Fact, Problem
from verify.kernel.terms import BOOL, Symbol, Term
from verify.kernel.text import write_term

RAIN, WET, COLD = (
    terms.make_application(Symbol(name, (), BOOL)) for name in ("rain", "wet", "cold")
)
SYMBOLS = tuple(Symbol(name, (), BOOL) for name in ("rain", "wet", "cold"))


def problem(goal: Term, *facts: Fact) -> Problem:
    return Problem((), SYMBOLS, facts, goal)


def certificate(stated: Problem, claim: str, *lines: dict[str, object]) -> str:
    """The text of a certificate with these lines after its two first ones."""
    head = {
        "format": "verify certificate", "version": 1, "claim": claim,
        "problem": stated.sha(),
    }  # fmt: skip
    records = [head, {"text": stated.text()}, *lines]
    return "".join(json.dumps(record) + "\n" for record in records)


def from_facts(goal: Term, *facts: Fact) -> tuple[Problem, str]:
    """A problem whose facts give the goal by unit propagation, and its proof."""
    stated = problem(goal, *facts)
    steps: list[dict[str, object]] = [{"id": 1, "rule": "goal"}]
    for number, fact in enumerate(facts, 2):
        rule = "lemma" if fact.kind == "lemma" else "premise"
        steps.append({"id": number, "rule": rule, "name": fact.name})
    count = len(facts) + 2
    for fact in facts:
        if fact.formula.op == "implies":
            formula = write_term(fact.formula)
            steps.append({"id": count, "rule": "define", "formula": formula})
            count += 1
    hints = [*range(2, count), 1, *range(2, count)]
    steps.append({"id": count, "rule": "clause", "literals": [], "hints": hints})
    return stated, certificate(stated, "proved", *steps)


def wet_when_raining() -> tuple[Problem, str]:
    """From rain, and rain implies wet: wet."""
    return from_facts(
        WET,
        Fact("premise", "P1", RAIN),
        Fact("premise", "P2", terms.make_implies(RAIN, WET)),
    )


def cold_when_wet(lemma: str) -> tuple[Problem, str]:
    """From the lemma wet, and the admitted wet implies cold: cold."""
    return from_facts(
        COLD,
        Fact("lemma", "s1", WET, lemma),
        Fact("admitted", "taste", terms.make_implies(WET, COLD)),
    )


def dry() -> tuple[Problem, str]:
    """rain without wet: a world that refutes wet from rain."""
    stated = problem(WET, Fact("premise", "P1", RAIN))
    world = (
        {"symbol": "rain", "parameters": [], "value": "true"},
        {"symbol": "wet", "parameters": [], "value": "false"},
    )
    return stated, certificate(stated, "refuted", *world)
