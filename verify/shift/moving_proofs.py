"""The proof of a bound where points move: a network fact for each place, put together.

Of each place it is shown that its loss less the slope times its cost is at most a number,
as long as it lies in the region; the places' shares times these, and the budget times the
slope, give the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, Term
from verify.networks.certificates.outcomes import Stuck
from verify.networks.certificates.proving import Proof
from verify.networks.statements.following import NotFollowing
from verify.networks.statements.grounds import GroundProof, Unsettled
from verify.shift.suprema import (
    Parts,
    bound_at,
    close_supremum,
    combine_products,
    open_supremum,
)


class Ceiling(NamedTuple):
    """The multiplier of the budget, and for each point what its loss less that times its
    cost is at most."""

    slope: Fraction
    tops: tuple[Fraction, ...]


def prove_moved(
    extremum: Extremum, value: Fraction, ceiling: Ceiling, proof: GroundProof
) -> int:
    """A step with the clause that no distribution of the ball has a larger risk."""
    asked = bound_at(extremum, value)
    parts = open_supremum(proof, asked)
    moving = len(parts.names) > len(ceiling.tops)
    size = 3 if moving else 1  # a share and two places, or a place
    steps = list(parts.shown)
    literals = [terms.make_less(_number(value), parts.value), *parts.conditions]
    pairs: list[tuple[int, int]] = []
    for number, top in enumerate(ceiling.tops):
        names = parts.names[size * number : size * (number + 1)]
        for place, name in enumerate(names[1:] if moving else names):
            fact, shown = _bound_place(proof, parts, name, top, ceiling.slope)
            steps += shown
            if moving:
                bound = _share_bound(parts, names[0], upper=place == 1)
                pairs.append((literals.index(bound), len(literals)))
            literals.append(fact)
    try:
        steps.append(combine_products(proof, literals, pairs))
    except NotFollowing:
        raise Unsettled("incomplete", "the bound does not follow") from None
    return close_supremum(proof, asked, steps)


def _share_bound(parts: Parts, share: Term, *, upper: bool) -> Term:
    """0 <= a, or a <= 1."""
    place = 0 if upper else 1
    for condition in parts.conditions:
        if condition.op == "<=" and condition.args[place] == share:
            return condition
    raise Unsettled("unsupported", "a ball of another shape")


def _bound_place(
    proof: GroundProof, parts: Parts, name: Term, top: Fraction, slope: Fraction
) -> tuple[Term, list[int]]:
    """loss <= top + slope * cost at a place of the region, and what it follows from."""
    loss = _factor(parts.value, name)
    most = _number(top)
    inside = []
    for condition in parts.conditions:
        spoken = {part for part in terms.subterms(condition) if part in parts.names}
        if spoken == {name}:
            inside.append(condition)
        elif name in spoken and slope:
            cost = _factor(condition.args[0], name)
            most = terms.make_sum(most, terms.make_product(_number(slope), cost))
    fact = terms.make_at_most(loss, most)
    general = terms.make_implies(terms.make_and(*inside), fact) if inside else fact
    log = proof.log
    search = Proof(log.proof.problem, proof.deadline, proof.ask, points={}, log=log)
    search.start(terms.make_not(general))
    stuck = search.close()
    if isinstance(stuck, Stuck):
        raise Unsettled(stuck.reason, stuck.detail)
    if stuck is not None or search.argued:
        raise Unsettled("incomplete", "the loss at a place was not bounded")
    steps = [search.end]
    if inside:
        steps.append(log.step("define", formula=log.text(general))[0])
    if len(inside) > 1:
        steps.append(log.step("define", formula=log.text(general.args[0]))[0])
    return fact, steps


def _factor(whole: Term, name: Term) -> Term:
    """Of a sum of products, the one factor that speaks of a name."""
    products: Sequence[Term] = whole.args if whole.op == "+" else (whole,)
    found = [
        factor
        for product in products
        for factor in (product.args if product.op == "*" else (product,))
        if name in terms.subterms(factor)
    ]
    if len(found) != 1:
        raise Unsettled("unsupported", "a ball of another shape")
    return found[0]


def _number(value: Fraction) -> Term:
    return terms.make_number(value, REAL)
