"""Where a refuted statement fails, in the author's words, read from its certificate.

The certificate's instances say which values the variables have; what the networks in the
statement give there is evaluated exactly. Nothing else is trusted to have been found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from verify.kernel.certificate import read_certificate
from verify.kernel.normal import normal
from verify.kernel.problem import Problem, scope_of
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term, subterms
from verify.kernel.text import make_term, read_tree
from verify.language.printing import render_term
from verify.networks.certificates.regions import Interval
from verify.networks.statements.evaluating import Evaluator
from verify.networks.statements.opening import (
    Mixed,
    find_values,
    is_quantified,
    open_statement,
    split_parts,
)

MAX_SHOWN: Final = 40
DIGITS: Final = 6


def show(problem: Problem, certificate: str) -> tuple[tuple[str, str], ...]:
    """The variables with their values, then each application with what it gives.

    `certificate` proves the negation of the problem's goal by instances at points.
    """
    points = _instances(problem, certificate)
    evaluator = Evaluator(problem.networks)
    parts = sorted(split_parts(problem.goal), key=lambda part: not is_quantified(part))
    for part in parts:
        shown = dict(_show_part(part, points, evaluator))
        if shown:
            return tuple(shown.items())[:MAX_SHOWN]
    return ()


def _instances(problem: Problem, certificate: str) -> Mapping[Term, Fraction]:
    """The values of instances, by the quantified statement in normal form."""
    found: dict[Term, Fraction] = {}
    sorts, symbols = scope_of(problem)
    for record in read_certificate(certificate).lines:
        if record["rule"] != "instance" or len(record["terms"]) != 1:
            continue
        try:
            formula, value = (
                make_term(read_tree(text)[0], sorts, symbols)
                for text in (record["formula"], record["terms"][0])
            )
        except Rejected:  # it speaks of a witness, and is no instance at a point
            continue
        if isinstance(value.value, Fraction):
            found[normal(formula)] = value.value
    return found


def _show_part(
    part: Term, points: Mapping[Term, Fraction], evaluator: Evaluator
) -> Iterator[tuple[str, str]]:
    """What one part of the statement says at its point; nothing where it has none."""
    positive = part.op != "exists"
    try:
        opened = open_statement(part, positive=positive)
        values = find_values(part, points)
    except (Mixed, Rejected):
        return
    if values is None:
        return
    for symbol, value in zip(opened.constants, values, strict=True):
        yield symbol.name, str(value)
    found = dict(_applications(opened.matrix, evaluator))
    for text, term in sorted(found.items(), key=lambda pair: pair[0]):
        try:
            interval = evaluator.number(opened.put_in(term, values))
        except Rejected:
            continue
        yield text, _say(interval)


def _applications(matrix: Term, evaluator: Evaluator) -> Iterator[tuple[str, Term]]:
    """The networks' values that a statement speaks of, each with its text."""
    for term in subterms(matrix):
        if isinstance(term.value, Symbol) and term.value in evaluator.functions:
            yield render_term(term), term


def _say(interval: Interval) -> str:
    """The value, or a decimal near it where a sigmoid leaves more than one."""
    low, high = interval
    if low == high:
        return str(low)
    return f"about {float((low + high) / 2):.{DIGITS}g}"
