"""What follows from statements already shown: by their connectives, or linearly."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from verify.kernel.normal import normal
from verify.kernel.polynomials import CONSTANT, Polynomial, read_polynomial
from verify.kernel.terms import Term
from verify.solvers.clauses import ClauseSearch, Learned
from verify.solvers.prooflog import ProofLog
from verify.solvers.simplex import Simplex

CONNECTIVES: Final = ("and", "or", "implies", "iff")


class NotFollowing(Exception):
    """The statements shown leave open what was to follow from them."""


def follow(log: ProofLog, asked: Term | None, shown: Iterable[int]) -> int:
    """A step for the clause `asked`, which follows from these earlier steps.

    With None, for the empty clause, from the problem's negated goal as well. Raises
    NotFollowing.
    """
    end = 0

    def learn(learned: Learned) -> int:
        nonlocal end
        literals = log.texts(learned.literals)
        if asked is not None:
            literals.append(log.text(asked))
        hints = [hint for hint in learned.hints if hint]
        number, _ = log.step("clause", literals=literals, hints=hints)
        if not learned.literals:
            end = number
        return number

    search = ClauseSearch(learn)
    steps = list(shown)
    if asked is None:
        steps.append(log.step("goal")[0])
    else:
        search.add([-log.proof.literal(asked)], 0)
    waiting = [log.proof.literal(asked)] if asked is not None else []
    for number in steps:
        for clause in log.proof.clauses[number]:
            search.add(sorted(clause), number)
            waiting += clause
    _define(log, search, waiting)
    if search.solve():
        raise NotFollowing
    return end


def _define(log: ProofLog, search: ClauseSearch, waiting: list[int]) -> None:
    """Say what the connectives in these literals mean."""
    seen: set[int] = set()
    while waiting:
        atom = abs(waiting.pop())
        if atom in seen:
            continue
        seen.add(atom)
        formula = log.atom(atom)
        if formula.op in CONNECTIVES:
            number, clauses = log.step("define", formula=log.text(formula))
            for clause in clauses:
                search.add(sorted(clause), number)
                waiting += clause


Multipliers = tuple[tuple[int, Fraction], ...]


def contradict(log: ProofLog, literals: Iterable[Term]) -> int:
    """A step that says that these linear literals are not all true.

    Raises NotFollowing.
    """
    known = [normal(literal, log.proof.normals) for literal in literals]
    linear = [
        (place, *read_hypothesis(literal))
        for place, literal in enumerate(known)
        if literal.op in ("<=", "=")
        or (literal.args[:1] and literal.args[0].op == "<=")
    ]
    found = find_conflict([(kind, poly) for _, kind, poly in linear])
    pairs = [
        (log.proof.literal(known[linear[place][0]]), multiplier)
        for place, multiplier in found
    ]
    return log.combination("farkas", pairs)[0]


def read_hypothesis(literal: Term) -> tuple[str, Polynomial]:
    """What a normal literal says is equal to, at least or above 0, as the kernel reads it."""
    if literal.op == "=":
        return "=", read_polynomial(literal.args[0])
    if literal.op == "<=":
        return ">=", read_polynomial(literal.args[1])
    poly = read_polynomial(literal.args[0].args[1])
    return ">", {monomial: -value for monomial, value in poly.items()}


def find_conflict(hypotheses: Iterable[tuple[str, Polynomial]]) -> Multipliers:
    """Multipliers with which these add up to a false constant. Raises NotFollowing."""
    simplex = Simplex()
    variables: dict[tuple[Term, ...], int] = {}
    conflict = None
    for place, (kind, poly) in enumerate(hypotheses):
        form = {}
        for monomial, value in poly.items():
            if monomial == CONSTANT:
                continue
            if monomial not in variables:
                variables[monomial] = simplex.variable()
            form[variables[monomial]] = value
        constant = poly.get(CONSTANT, Fraction(0))
        conflict = simplex.assert_literal(place, kind, form, constant)
        if conflict is not None:
            break
    conflict = conflict or simplex.check()
    if conflict is None:
        raise NotFollowing
    return conflict.multipliers
