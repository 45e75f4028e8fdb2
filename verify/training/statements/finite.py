"""Optima and counts over finitely many parameters: every one is tried.

The kernel tries them all again, so the search may go the same way; what it finds is the
least loss and the parameters that have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from verify.kernel import terms
from verify.kernel.counting import domains, peel, run_all
from verify.kernel.quantities import Extremum, Total, add_up
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Term, instantiate
from verify.networks.statements.grounds import (
    GroundProof,
    Grounds,
    Unsettled,
    find_leaves,
)
from verify.networks.statements.quantities import (
    Evidence,
    Known,
    make_known,
    make_total,
    unknown,
)


def find_least(extremum: Extremum, grounds: Grounds) -> Known:
    """The infimum of `A => v <= T` where A leaves finitely many parameters."""
    count, body = peel(extremum.formula)
    values = find_values(extremum.formula, grounds)
    try:
        condition, atom = body.args
        choices = domains(condition, count - 1)
        term = atom.args[1]
        found = run_all(term, choices, values)
        value, point = min(zip(found, product(*choices), strict=True))
    except Rejected as rejected:
        return unknown("unsupported", f"not every network is tried: {rejected}")
    least = Fraction(value)

    def prove(proof: GroundProof) -> int:
        pairs, hints = [], []
        for leaf in values:
            number, step = proof.equation(leaf)
            pairs.append([proof.log.text(leaf), str(number)])
            hints.append(step)
        asked = instantiate(extremum.formula, terms.make_number(least, REAL))
        step, _ = proof.log.step("cases", formula=proof.log.text(asked), values=pairs)
        return proof.clause([asked], [*hints, step]) if hints else step

    return make_known(extremum, Evidence(least, prove, tuple(point), least))


def find_sum(total: Total, grounds: Grounds) -> Known:
    """A sum over all assignments. Raises Unsettled where it needs what is not exact."""
    values = find_values(total.formula, grounds)
    try:
        return make_total(total, add_up(total, values))
    except Rejected as rejected:
        return unknown("unsupported", f"not every network is counted: {rejected}")


def find_values(formula: Term, grounds: Grounds) -> Mapping[Term, Fraction]:
    """The numbers that networks and constants in a formula are. Raises Unsettled."""
    found = {}
    for leaf in find_leaves(formula):
        if grounds.open_constants(leaf):
            symbol = grounds.open_constants(leaf)[0]
            said = grounds.known[symbol].say()
            raise Unsettled(
                "incomplete", f"{symbol.name} would have to be known: {said}"
            )
        found[leaf] = grounds.value(leaf)
    return found
