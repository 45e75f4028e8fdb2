"""What a rule sees of one step, and what the step's literals say as polynomials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.certificate import Record, strings
from verify.kernel.normal import normal
from verify.kernel.polynomials import (
    CONSTANT,
    Polynomial,
    add,
    is_integral,
    read_polynomial,
)
from verify.kernel.problem import Problem
from verify.kernel.rejections import require
from verify.kernel.terms import Term

Clause = tuple[Term, ...]
ONE: Final = {CONSTANT: Fraction(1)}


class Step(NamedTuple):
    """One step: its number and fields, the problem, how to read terms, and the normal
    forms met so far."""

    id: int
    record: Record
    problem: Problem
    read: Callable[[str], Term]
    normals: dict[bytes, Term]

    def term(self, name: str) -> Term:
        return self.read(self.record[name])

    def formula(self, *operators: str) -> Term:
        """The normal form of the field `formula`, its outermost operator one of these."""
        term = normal(self.term("formula"), self.normals)
        require(term.op in operators, " or ".join(operators), term.op)
        return term


def _hypothesis(formula: Term) -> tuple[str, Polynomial]:
    """A literal as `p = 0`, `p >= 0` or `p > 0`; over integers p > 0 is p - 1 >= 0."""
    atom = formula.args[0] if formula.op == "not" else formula
    if formula.op == "=":
        left, right = formula.args
        if terms.is_numeric(left.sort):
            return "=", read_polynomial(left)
        return "=", {(left,): Fraction(1), (right,): Fraction(-1)}
    require(atom.op == "<=", "a linear literal", formula.op)
    poly = read_polynomial(atom.args[1])
    if formula.op == "<=":
        return ">=", poly
    if is_integral(poly):
        return ">=", add(((Fraction(-1), poly), (Fraction(-1), ONE)))
    return ">", add(((Fraction(-1), poly),))


def hypotheses(step: Step) -> tuple[Clause, list[tuple[str, Polynomial]]]:
    """The negated literals, and what each says when it holds."""
    texts = strings(step.record["literals"])
    formulas = [normal(step.read(text), step.normals) for text in texts]
    return tuple(map(terms.make_not, formulas)), list(map(_hypothesis, formulas))


class Rule(NamedTuple):
    """A row of the table: the function, the fields besides id and rule, and the source."""

    check: Callable[[Step], Iterator[Clause]]
    fields: Mapping[str, type]
    source: str
