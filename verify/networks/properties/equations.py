"""Equations between inputs, solved before the search.

A query about two networks usually gives both the same input, as equations. A search over
boxes would treat the copies as independent and cut each apart; so an input that the
assertions define by others is replaced by its definition everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.networks.properties.constraints import (
    FALSE,
    TRUE,
    And,
    Formula,
    Literal,
    Not,
    Or,
    Term,
    add,
    scale,
)


class Solved(NamedTuple):
    """Formulas without the defined inputs; `definitions` gives each of these as a term.

    `kept` lists the inputs that remain, by their old numbers; the formulas and definitions
    number them by their place in it.
    """

    formulas: tuple[Formula, ...]
    kept: tuple[int, ...]
    definitions: dict[int, Term]


def solve(formulas: Sequence[Formula], inputs: int) -> Solved:
    """Take out every input that an equation among `formulas` expresses by earlier ones.

    An equation with one input only is a bound and stays.
    """
    definitions: dict[int, Term] = {}
    rest: list[Formula] = []
    for formula in _flatten(formulas):
        equation = _as_equation(formula)
        if equation is None:
            rest.append(formula)
            continue
        term = _replaced(equation, definitions)
        if len(term.coefficients) < 2 or min(term.coefficients) < 0:
            rest.append(formula)
            continue
        variable = max(term.coefficients)
        definition = _solved_for(term, variable)
        definitions = {
            other: _replaced(known, {variable: definition})
            for other, known in definitions.items()
        }
        definitions[variable] = definition
    kept = tuple(index for index in range(inputs) if index not in definitions)
    places = {old: new for new, old in enumerate(kept)}
    return Solved(
        tuple(_rewrite(formula, definitions, places) for formula in rest),
        kept,
        {old: _renumbered(term, places) for old, term in definitions.items()},
    )


def _flatten(formulas: Sequence[Formula]) -> Iterator[Formula]:
    """The parts of conjunctions, equations whole."""
    for formula in formulas:
        if isinstance(formula, And) and _as_equation(formula) is None:
            yield from _flatten(formula.parts)
        else:
            yield formula


def _as_equation(formula: Formula) -> Term | None:
    """The term that an assertion says is 0; `compare` writes it as two literals."""
    if not isinstance(formula, And) or len(formula.parts) != 2:
        return None
    first, second = formula.parts
    if not isinstance(first, Literal) or not isinstance(second, Literal):
        return None
    if first.strict or second.strict or second.term != scale(first.term, Fraction(-1)):
        return None
    return first.term


def _solved_for(term: Term, variable: int) -> Term:
    coefficients = dict(term.coefficients)
    factor = -1 / coefficients.pop(variable)
    return scale(Term(coefficients, term.constant), factor)


def _replaced(term: Term, definitions: dict[int, Term]) -> Term:
    if definitions.keys().isdisjoint(term.coefficients):
        return term
    kept = {v: c for v, c in term.coefficients.items() if v not in definitions}
    parts = [Term(kept, term.constant)]
    parts += [
        scale(definitions[variable], coefficient)
        for variable, coefficient in term.coefficients.items()
        if variable in definitions
    ]
    return add(parts)


def _renumbered(term: Term, places: dict[int, int]) -> Term:
    return Term(
        {(places[v] if v >= 0 else v): c for v, c in term.coefficients.items()},
        term.constant,
    )


def _rewrite(
    formula: Formula, definitions: dict[int, Term], places: dict[int, int]
) -> Formula:
    match formula:
        case Literal(term, strict):
            new = _renumbered(_replaced(term, definitions), places)
            if new.coefficients:
                return Literal(new, strict)
            holds = new.constant > 0 if strict else new.constant >= 0
            return TRUE if holds else FALSE
        case Not(part):
            return Not(_rewrite(part, definitions, places))
        case And(parts):
            return And(tuple(_rewrite(part, definitions, places) for part in parts))
        case Or(parts):
            return Or(tuple(_rewrite(part, definitions, places) for part in parts))
