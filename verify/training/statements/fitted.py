"""Optima of one hidden layer: a witness from above, dual vectors from below.

The search gives parameters with their loss and dual vectors with the bound that they
certify. The kernel's `fit` rule makes a bound of the vectors, and an instance at the
parameters is what the optimum does not exceed. Where parameters are confined to an
interval the bound holds all the more.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verify.kernel import terms
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, instantiate
from verify.networks.certificates.outcomes import Stuck
from verify.networks.statements.grounds import GroundProof, Grounds
from verify.networks.statements.quantities import (
    Aim,
    Evidence,
    Known,
    make_known,
    unknown,
)
from verify.training.optima.fits import Fit, Parameters
from verify.training.statements.aiming import pursue
from verify.training.statements.things import Layer

Duals = Sequence[Sequence[Fraction]]


def find_fitted(
    extremum: Extremum,
    layer: Layer,
    grounds: Grounds,
    deadline: float,
    bound: Fraction | None = None,
    aim: Aim | None = None,
) -> Known:
    """What is known of the least loss; with a `bound`, that of parameters within it.

    With an `aim`, only as much as that needs. Raises Unsettled where a value that the data
    speak of is not exact.
    """
    fit = make_numbers(layer, grounds)
    found = pursue(fit, aim, deadline)
    lower = max(found.lower or Fraction(0), Fraction(0))
    stuck = None
    if lower < found.upper:
        stuck = Stuck(found.reason or "incomplete", "no tighter bound was found")
    point = write_point(found.witness, constant=fit.constant)
    if bound is not None and not is_within(found.witness, bound):
        return unknown("incomplete", "the best parameters are outside the bound")
    duals = found.duals if lower else ()

    def prove(proof: GroundProof) -> int:
        step = prove_bound(proof, layer, lower, duals)
        if bound is None:
            return step
        return restrict(proof, extremum, layer, lower, step)

    return make_known(extremum, Evidence(lower, prove, point, found.upper), stuck)


def make_numbers(layer: Layer, grounds: Grounds) -> Fit:
    """The fit with the numbers that its terms are. Raises Unsettled."""
    return Fit(
        layer.loss,
        tuple(tuple(map(grounds.value, point)) for point in layer.points),
        tuple(map(grounds.value, layer.targets)),
        tuple(map(grounds.value, layer.offsets)),
        layer.hidden,
        layer.constant,
    )


def write_point(parameters: Parameters, *, constant: bool) -> tuple[Fraction, ...]:
    """Parameters in the order of the formula: [c], then s, w, b of each unit."""
    found = [parameters.constant] if constant else []
    for unit in parameters.units:
        found += [Fraction(unit.sign), *unit.weights, unit.bias]
    return tuple(found)


def is_within(parameters: Parameters, bound: Fraction) -> bool:
    """Whether no parameter but the signs is further than `bound` from 0."""
    numbers = [parameters.constant]
    for unit in parameters.units:
        numbers += [*unit.weights, unit.bias]
    return all(abs(number) <= bound for number in numbers)


def prove_bound(proof: GroundProof, layer: Layer, bound: Fraction, duals: Duals) -> int:
    """A step with the clause that no parameters have a loss below `bound`."""
    text = proof.log.text
    spoken = dict.fromkeys(
        term
        for row in (*layer.points, layer.targets, layer.offsets)
        for term in row
        if not isinstance(term.value, Fraction)
    )
    values, hints = [], []
    for term in spoken:
        value, step = proof.equation(term)
        values.append([text(term), str(value)])
        hints.append(step)
    step, clauses = proof.log.step(
        "fit",
        loss=layer.loss,
        points=[[text(term) for term in point] for point in layer.points],
        targets=list(map(text, layer.targets)),
        offsets=list(map(text, layer.offsets)),
        hidden=layer.hidden,
        constant=layer.constant,
        bound=str(bound),
        values=values,
        duals=[list(map(str, dual)) for dual in duals],
    )
    if not hints:
        return step
    (clause,) = clauses
    made = {literal for literal in clause if literal > 0}
    (literal,) = made
    return proof.clause([proof.log.formula(literal)], [*hints, step])


def restrict(
    proof: GroundProof, extremum: Extremum, layer: Layer, bound: Fraction, step: int
) -> int:
    """From a bound for all parameters, the same for those that meet the condition."""
    log = proof.log
    number = terms.make_number(bound, REAL)
    asked = instantiate(extremum.formula, number)
    (clause,) = log.proof.clauses[step]
    (literal,) = clause
    general = log.formula(literal)
    body, witnesses, opened, _ = log.open(asked)
    names = [log.text(name) for name in witnesses]
    meaning, _ = log.step("define", formula=log.text(body))
    instance, _ = log.step("instance", formula=log.text(general), terms=names)
    return proof.clause([asked], [*opened, meaning, step, instance])
