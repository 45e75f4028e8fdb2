"""Worst cases in which points keep their places: tv, subpopulations and mixtures.

Each is a linear programme over the shares of points or groups. What is worst is found in
closed form, and its dual by the exact simplex when the bound is written.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from verify.kernel import terms
from verify.kernel.counting import peel
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, Term, instantiate
from verify.networks.statements.following import NotFollowing
from verify.networks.statements.grounds import GroundProof, Grounds, Unsettled
from verify.networks.statements.quantities import Evidence, Known, make_known
from verify.shift.documents.loss_steps import show_branches
from verify.shift.documents.suprema import (
    bound_at,
    close_supremum,
    combine_products,
    open_supremum,
    split_products,
)
from verify.shift.masses.closed_forms import keep_part, vary

KINDS = ("tv", "subpopulation", "mixture")


def find_reweighted(
    extremum: Extremum, thing: dict[str, Any], grounds: Grounds
) -> Known:
    """The worst risk and the shares that have it. Raises Unsettled."""
    losses = find_losses(extremum, grounds)
    ball = thing["ball"]
    shares = tuple(map(Fraction, thing["data"]["shares"]))
    budget = Fraction(ball["budget"])
    match ball["kind"]:
        case "tv":
            point = vary(losses, shares, budget).masses
        case "subpopulation":
            point = keep_part(losses, shares, budget).masses
        case _:
            worst = losses.index(max(losses))
            point = tuple(Fraction(place == worst) for place in range(len(losses)))
    pairs = zip(point, losses, strict=True)
    value = sum((share * loss for share, loss in pairs), Fraction(0))
    prove = partial(prove_bound, extremum, value)
    return make_known(extremum, Evidence(value, prove, tuple(point), value))


def find_losses(extremum: Extremum, grounds: Grounds) -> tuple[Fraction, ...]:
    """The loss that each share is multiplied with, exactly. Raises Unsettled."""
    count, _ = peel(extremum.formula)
    body = instantiate(extremum.formula, _number(0))
    names = [
        terms.constant(terms.Symbol(f"share.{place}", (), REAL))
        for place in range(1, count)
    ]
    for name in names:
        body = instantiate(body, name)
    value = (body.args[1] if body.op == "implies" else body).args[0]
    found = dict(split_products(value, names))
    return tuple(grounds.value(found[name]) for name in names)


def prove_bound(extremum: Extremum, value: Fraction, proof: GroundProof) -> int:
    """A step with the clause that no shares of the ball have a larger risk."""
    asked = bound_at(extremum, value)
    parts = open_supremum(proof, asked)
    steps = list(parts.shown)
    losses = split_products(parts.value, parts.names)
    values = []
    for name, loss in losses:
        number, shown = proof.equation(loss)
        steps.append(shown)
        values.append((name, loss, number))
    facts: list[Term] = list(parts.conditions)
    for fact, shown_by in show_branches(proof, parts.conditions):
        facts.append(fact)
        steps += shown_by
    denied = terms.make_less(_number(value), parts.value)
    try:
        steps.append(combine_products(proof, [denied, *facts], (), values))
    except NotFollowing:
        raise Unsettled("incomplete", "the bound does not follow") from None
    return close_supremum(proof, asked, steps)


def _number(value: Fraction | int) -> Term:
    return terms.make_number(Fraction(value), REAL)
