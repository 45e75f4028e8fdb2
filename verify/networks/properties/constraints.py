"""Linear constraints over inputs and outputs, and their disjunctive form.

A term is a sum of variables and a constant; a formula is built of `and`, `or` and `not` over
linear literals. A search wants cases, conjunctions of literals; their number can double with
every `or`, so it is counted first, without building anything, and refused beyond a cap.
Formulas are at most `MAX_NESTING` deep (the readers see to that), so recursion is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from verify.networks.properties.numerals import bounded
from verify.networks.properties.property_errors import LIMIT, UNSUPPORTED, PropertyError

MAX_NESTING: Final = 200
MAX_CASES: Final = 20_000
MAX_LITERALS: Final = 1_000_000  # of all cases together, what they share not counted


class Term(NamedTuple):
    """A linear form: variable -> coefficient (none is 0), and a constant.

    Input i is variable i, output j is variable -1 - j (`~j`).
    """

    coefficients: dict[int, Fraction]
    constant: Fraction

    def is_constant(self) -> bool:
        return not self.coefficients


class Literal(NamedTuple):
    """term >= 0, or term > 0 if `strict`; the term has a variable."""

    term: Term
    strict: bool


class And(NamedTuple):
    """All of these; of none: true."""

    parts: tuple[Formula, ...]


class Or(NamedTuple):
    """One of these; of none: false."""

    parts: tuple[Formula, ...]


class Not(NamedTuple):
    """Not this."""

    part: Formula


Formula: TypeAlias = Literal | And | Or | Not
Conjunction: TypeAlias = tuple[Literal, ...]
TRUE: Final = And(())
FALSE: Final = Or(())


def make_variable(variable: int) -> Term:
    """The variable itself."""
    return Term({variable: Fraction(1)}, Fraction(0))


def make_constant(value: Fraction) -> Term:
    """A number."""
    return Term({}, value)


def add(terms: Iterable[Term]) -> Term:
    """The sum; raises PropertyError when a number gets too long."""
    total: dict[int, Fraction] = {}
    constant = Fraction(0)
    for term in terms:
        constant = bounded(constant + term.constant)
        _gather(total, term, 1)
    return Term(total, constant)


def _gather(total: dict[int, Fraction], term: Term, sign: int) -> None:
    """Add the term's variables to `total`, or take them away."""
    for variable, coefficient in term.coefficients.items():
        more = coefficient if sign > 0 else -coefficient
        if variable not in total:
            total[variable] = more
            continue
        changed = bounded(total[variable] + more)
        if changed:
            total[variable] = changed
        else:
            del total[variable]


def scale(term: Term, factor: Fraction) -> Term:
    """A multiple; raises PropertyError when a number gets too long."""
    if not factor:
        return Term({}, Fraction(0))
    return Term(
        {v: bounded(c * factor) for v, c in term.coefficients.items()},
        bounded(term.constant * factor),
    )


def subtract(left: Term, right: Term) -> Term:
    """left - right; raises PropertyError when a number gets too long."""
    total = dict(left.coefficients)
    _gather(total, right, -1)
    if not right.constant:
        return Term(total, left.constant)
    if not left.constant:
        return Term(total, -right.constant)
    return Term(total, bounded(left.constant - right.constant))


def multiply(terms: Sequence[Term]) -> Term:
    """The product; raises PropertyError unless at most one factor has a variable."""
    result = terms[0]
    for term in terms[1:]:
        if term.is_constant():
            result = scale(result, term.constant)
        elif result.is_constant():
            result = scale(term, result.constant)
        else:
            raise PropertyError(
                "a product of two variables is not linear",
                kind=UNSUPPORTED,
                fix="only a number may multiply a variable",
            )
    return result


def divide(left: Term, right: Term) -> Term:
    """The quotient; raises PropertyError unless the divisor is a number, not 0."""
    if not right.is_constant():
        raise PropertyError(
            "a quotient by a variable is not linear",
            kind=UNSUPPORTED,
            fix="divide by a number",
        )
    if not right.constant:
        raise PropertyError("a division by 0", fix="divide by another number")
    return scale(left, 1 / right.constant)


def compare(operator: str, left: Term, right: Term) -> Formula:
    """left `operator` right, for <=, <, >=, > and =; decided if no variable is left."""
    if operator in ("<=", "<"):
        left, right = right, left
    difference = subtract(left, right)
    if operator == "=":
        other = scale(difference, Fraction(-1))
        return And((_literal(difference, False), _literal(other, False)))
    return _literal(difference, operator in ("<", ">"))


def _literal(term: Term, strict: bool) -> Formula:
    if term.coefficients:
        return Literal(term, strict)
    holds = term.constant > 0 if strict else term.constant >= 0
    return TRUE if holds else FALSE


def split_cases(
    formulas: Iterable[Formula],
) -> tuple[Conjunction, tuple[Conjunction, ...]]:
    """What every case has, and what each case has besides, so that all formulas hold.

    Raises PropertyError when there would be more than `MAX_CASES` cases.
    """
    shared: list[Literal] = []
    several: list[Formula] = []
    for formula in formulas:
        if isinstance(formula, Literal):
            shared.append(formula)
        elif _count(formula, True) == (1, 1):
            shared.extend(_expand(formula, True)[0])
        else:
            several.append(formula)
    whole = And(tuple(several))
    cases, literals = _count(whole, True)
    if cases > MAX_CASES or literals > MAX_LITERALS:
        raise PropertyError(
            f"its `or`s multiply to more than {MAX_CASES:,} cases, or these to more than "
            f"{MAX_LITERALS:,} inequalities",
            kind=LIMIT,
            fix="split the property into several files",
        )
    return tuple(shared), tuple(_expand(whole, True))


def _count(formula: Formula, positive: bool) -> tuple[int, int]:
    """How many cases `_expand` makes and how many literals they hold, both capped."""
    if isinstance(formula, Literal):
        return 1, 1
    if isinstance(formula, Not):
        return _count(formula.part, not positive)
    cap = MAX_LITERALS + 1
    if isinstance(formula, Or) is positive:
        cases = literals = 0
        for part in formula.parts:
            more, size = _count(part, positive)
            cases, literals = min(cases + more, cap), min(literals + size, cap)
        return cases, literals
    cases, literals = 1, 0
    for part in formula.parts:
        more, size = _count(part, positive)
        literals = min(literals * more + size * cases, cap)
        cases = min(cases * more, cap)
    return cases, literals


def _expand(formula: Formula, positive: bool) -> list[Conjunction]:
    """The cases of the formula, or of its negation unless `positive`."""
    if isinstance(formula, Literal):
        return [(formula if positive else _negated(formula),)]
    if isinstance(formula, Not):
        return _expand(formula.part, not positive)
    if isinstance(formula, Or) is positive:
        found: list[Conjunction] = []
        for part in formula.parts:
            found.extend(_expand(part, positive))
        return found
    fixed: list[Literal] = []
    choices: list[list[Conjunction]] = []
    for part in formula.parts:
        cases = _expand(part, positive)
        if len(cases) == 1:
            fixed.extend(cases[0])
        else:
            choices.append(cases)
    start = tuple(fixed)
    return [sum(picked, start) for picked in product(*choices)]


def _negated(literal: Literal) -> Literal:
    return Literal(scale(literal.term, Fraction(-1)), not literal.strict)
