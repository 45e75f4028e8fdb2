"""Optima of which only networks are known: bounds from above, and 0 from below.

For several hidden layers or outputs, and for units before the last layer, no duality gives
a bound. A network is found by a search. Where its loss is 0 that is the optimum; else the
optimum lies between, and a statement that needs no more is decided.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from verify.kernel import terms
from verify.kernel.counting import peel
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, Term
from verify.networks.certificates.outcomes import Stuck
from verify.networks.statements.grounds import Grounds, find_leaves
from verify.networks.statements.quantities import (
    Evidence,
    Known,
    make_known,
    unknown,
)
from verify.training.optima.deeper import find_deep_optimum
from verify.training.optima.deeper_networks import Shape
from verify.training.statements.descending import Point, descend
from verify.training.statements.floors import prove_floor
from verify.training.statements.things import Thing

SHARE: Final = 0.8  # of the time, for the search
DETAIL: Final = "only networks were found, and no bound but 0"


def find_deep(
    extremum: Extremum, thing: Thing, grounds: Grounds, deadline: float
) -> Known:
    """What is known of an infimum of losses. Raises Unsettled."""
    count, body = peel(extremum.formula)
    condition, atom = body.args if body.op == "implies" else (None, body)
    atoms = atom.args if atom.op == "or" else (atom,)
    if any(one.op != "<=" for one in atoms):
        return unknown("unsupported", "its loss is no single term")
    loss = _put_in(_largest([one.args[1] for one in atoms]), grounds)

    def judge(point: Point) -> Fraction | None:
        given = tuple(reversed(point))
        if condition is not None and not grounds.truth(_at(condition, given)):
            return None
        return grounds.value(_at(loss, given))

    best: tuple[Point, Fraction] | None = None
    for point in _make_points(thing, deadline):
        value = judge(point)
        if value is not None and (best is None or value < best[1]):
            best = point, value
    if best is None:
        bound = thing.family.bound if thing.family else None
        best = descend(loss, count - 1, judge, deadline, bound)
    if best is None:
        return unknown("incomplete", "no network of the class was found")
    point, value = best
    stuck = Stuck("incomplete", DETAIL) if value else None
    evidence = Evidence(Fraction(0), partial(prove_floor, extremum), point, value)
    return make_known(extremum, evidence, stuck)


def _largest(losses: Sequence[Term]) -> Term:
    """The greatest of several terms, as a balanced tree."""
    if len(losses) == 1:
        return losses[0]
    half = len(losses) // 2
    one, other = _largest(losses[:half]), _largest(losses[half:])
    return terms.make_if(terms.make_at_most(one, other), other, one)


def _put_in(loss: Term, grounds: Grounds) -> Term:
    """The loss with the values of networks at numbers in it."""
    known = {leaf: _number(grounds.value(leaf)) for leaf in find_leaves(loss)}

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        return known.get(node) or terms.remake(node, args)

    return terms.rewrite(loss, visit)


def _at(term: Term, values: Point) -> Term:
    """A term with numbers for its loose variables, the innermost first."""

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        if isinstance(node.value, int):
            return _number(values[node.value])
        return terms.remake(node, args)

    return terms.rewrite(term, visit)


def _make_points(thing: Thing, deadline: float) -> Iterator[Point]:
    """Parameters of the best network that is found of a class without conditions."""
    family = thing.family
    if family is None or family.signed or not family.free or not family.layers:
        return
    now = time.monotonic()
    shape = Shape(family.inputs, family.layers, family.outputs)
    until = now + SHARE * max(deadline - now, 0.0)
    found = find_deep_optimum(
        shape, thing.loss, thing.points, thing.targets, deadline=until
    )
    yield tuple(found.parameters)


def _number(value: Fraction) -> Term:
    return terms.make_number(value, REAL)
