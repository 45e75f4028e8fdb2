"""What is wrong with an argument, named: a closed list, each with one sentence.

A refuted step is more useful with the usual mistake behind it. Each is recognised by a
cheap question of its own: would the converse of a cited implication prove the step, would
it hold with its quantifiers the other way round, which half of an induction fails? The
first that answers, in the order of the checks, is the diagnosis; else the step is simply
not entailed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from verify.arguments.countermodels import tell
from verify.arguments.decisions import Decision
from verify.arguments.evidence import Bench, Outcome, decide
from verify.arguments.formulas import (
    converses,
    has_sort,
    induction_parts,
    read_as,
    split_prefix,
    swapped_quantifiers,
)
from verify.arguments.plans import Plan, together
from verify.arguments.problems import Unavailable, add_fact, problem_of
from verify.arguments.settings import probe
from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import INT, NAT, REAL
from verify.language.document import Document, Statement

DIAGNOSES: Final[dict[str, str]] = {
    "not_entailed": "The statement can be false while everything it cites is true.",
    "inconsistent_premises": "The cited facts contradict each other, so anything follows.",
    "begs_the_question": "One premise alone says what is to be shown.",
    "never_applies": "The condition of an implication can never hold.",
    "unused_premise": "A premise is used in no proof.",
    "division_by_zero": "A divisor may be 0, so the statement has no meaning there.",
    "negative_index": "A number that may be negative stands where a Nat is expected.",
    "finite_scope": "Finitely many cases were looked at; they prove nothing about others.",
    "induction_base_fails": "The induction has no base: the statement fails at 0.",
    "induction_step_fails": "The induction step fails: holding at k does not carry to k + 1.",
    "induction_not_on_nat": "Induction runs over Nat only, and the variable is no Nat.",
    "circular": "A statement rests on itself.",
    "redefinition": "A name is given a second meaning.",
    "sort_mismatch": "Things of two sorts are mixed, such as an Int and a Real.",
    "converse": "It would follow from the converse of a cited implication.",
    "swapped_quantifiers": "For each there is one was read as: one there is for each.",
    "integer_read_as_real": "It would hold if the integers in it were real numbers.",
    "real_read_as_integer": "It would hold if the real numbers in it were integers.",
    "unreadable": "The document cannot be read as written.",
    "soundness_alarm": "Evidence failed or engines contradict each other.",
    "no_certificate": "An engine has an answer, but no evidence that the kernel accepts.",
    "unsupported": "A part of the language is needed that is not available here.",
    "rests_on_refuted": "It follows, but from a statement that is refuted.",
    "rests_on_unproved": "It follows, but from a statement that is not proved.",
    "rests_on_admitted": "It follows, but from a statement that is only admitted.",
}
ORDER: Final = (
    "finite_scope",
    "swapped_quantifiers",
    "converse",
    "integer_read_as_real",
    "real_read_as_integer",
)
MAX_VARIANTS: Final = 8


class Diagnosis(NamedTuple):
    """A code of `DIAGNOSES` and a sentence about this statement, ending with what to do."""

    code: str
    message: str = ""


class _Variant(NamedTuple):
    diagnosis: Diagnosis
    problem: Problem


def diagnose(
    bench: Bench, document: Document, statement: Statement, decision: Decision
) -> Plan[tuple[Diagnosis, Decision]]:
    """Why a statement is refuted, or an induction undecided; with the decision, which
    gains the failing half's countermodel when it had none."""
    formula, dossier = statement.formula, decision.dossier
    if formula is None or dossier is None:
        return Diagnosis(decision.diagnosis, decision.message), decision
    if statement.by.method == "induction":
        found = yield from _induction(bench, document, statement, decision)
        if found is not None:
            return found
    if decision.status != "refuted":
        return Diagnosis(decision.diagnosis, decision.message), decision
    if _lists_cases(dossier.full):
        message = (
            "The cited facts are single cases of it; prove the general statement, for "
            "instance by induction."
        )
        return Diagnosis("finite_scope", message), decision
    variants = list(_variants(document, dossier.full))[:MAX_VARIANTS]
    small = probe(bench.options)
    outcomes = yield from together(
        decide(bench, variant.problem, small, hints=dossier.hints)
        for variant in variants
    )
    hits = [v for v, o in zip(variants, outcomes, strict=True) if _follows(o)]
    consistent = yield from together(
        decide(bench, v.problem._replace(goal=terms.FALSE), small) for v in hits
    )
    for variant, outcome in zip(hits, consistent, strict=True):
        if not _follows(outcome):
            return variant.diagnosis, decision
    return Diagnosis("not_entailed", decision.message), decision


def _follows(outcome: Outcome) -> bool:
    return outcome.finding in ("proved", "vouched")


def _lists_cases(problem: Problem) -> bool:
    """Whether some facts are the goal, a universal statement about numbers, at numerals."""
    prefix, _ = split_prefix(problem.goal)
    if not prefix or prefix[0].op != "forall" or prefix[0].sort not in (NAT, INT):
        return False
    known = {normal(fact.formula).key for fact in problem.facts}
    cases = (
        terms.instantiate(problem.goal, terms.make_number(n, INT)) for n in range(10)
    )
    return sum(normal(case).key in known for case in cases) > 1


def _variants(document: Document, problem: Problem) -> Iterator[_Variant]:
    """The problems whose proof would show a usual mistake, in the order of preference."""
    for goal in swapped_quantifiers(problem.goal):
        message = (
            "With its quantifiers the other way round it follows: one that serves for "
            "each is not one that serves for all; state the weaker, or find the one."
        )
        made = problem_of(document, problem.facts, goal)
        yield _Variant(Diagnosis("swapped_quantifiers", message), made)
    for fact in problem.facts:
        for converse in converses(fact.formula):
            message = (
                f"It would follow from the converse of {fact.name}, which nobody stated; "
                "add it as a premise if it is meant."
            )
            made = add_fact(document, problem, f"converse_{fact.name}", converse)
            yield _Variant(Diagnosis("converse", message), made)
    yield from _other_numbers(document, problem)


def _other_numbers(document: Document, problem: Problem) -> Iterator[_Variant]:
    formulas = [*(fact.formula for fact in problem.facts), problem.goal]
    for code, numbers, others, words in (
        ("integer_read_as_real", REAL, (INT, NAT), "if its integers were real numbers"),
        ("real_read_as_integer", INT, (REAL,), "if its real numbers were integers"),
    ):
        if not any(has_sort(formula, others) for formula in formulas):
            continue
        try:
            facts = [
                f._replace(formula=read_as(f.formula, numbers)) for f in problem.facts
            ]
            made = problem_of(document, facts, read_as(problem.goal, numbers))
        except (Rejected, Unavailable):
            continue
        message = f"It would hold {words}; check the declarations."
        yield _Variant(Diagnosis(code, message), made)


def _induction(
    bench: Bench, document: Document, statement: Statement, decision: Decision
) -> Plan[tuple[Diagnosis, Decision] | None]:
    """Which half of the induction fails, if one of them is refuted."""
    dossier, variable = decision.dossier, statement.by.variable
    if dossier is None:
        return None
    try:
        parts = induction_parts(dossier.full.goal, variable)
    except Rejected:
        return None
    if parts is None:
        return None
    small = probe(bench.options)
    base, step = yield from together(
        decide(bench, problem_of(document, dossier.full.facts, part), small)
        for part in parts
    )
    for outcome, code, where in (
        (base, "induction_base_fails", f"{variable} = 0"),
        (step, "induction_step_fails", f"the step from {variable} to {variable} + 1"),
    ):
        if outcome.finding == "refuted":
            message = f"The induction fails at {where}; cite what it needs, or mend it."
            if decision.counterexample is None:
                world = tell(document, outcome.problem, outcome.certificate)
                decision = decision._replace(counterexample=world)
                message = (
                    f"{message[:-1]}. The world shown is one where that half fails."
                )
            return Diagnosis(code, message), decision
    return None
