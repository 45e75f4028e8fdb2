"""Non-membership: points at which no network of the class gives what this one gives.

A network of the class that were this one would have no loss on any points with the values
there as targets. Where the least absolute loss on some points is above 0, by dual vectors,
there is none. On a line the points stand between and beyond the network's kinks, one piece
of it after the other; in more dimensions they are those of a small grid.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise, product
from typing import Final

from verify.kernel import terms
from verify.kernel.fits import make_fit
from verify.kernel.problem import Problem
from verify.kernel.terms import REAL, Symbol, Term, instantiate
from verify.networks.statements.following import contradict, follow
from verify.networks.statements.grounds import GroundProof, Grounds, Unsettled
from verify.networks.statements.quantities import Settled
from verify.training.optima.optimum import find_below
from verify.training.optima.results import Cover
from verify.training.statements.fitted import make_numbers, prove_bound
from verify.training.statements.things import Layer, Member

LOSS: Final = "l1"
MOST_POINTS: Final = 13  # looked at together
REACH: Final = 2  # of the grid, from the origin
SMALL: Final = 64  # a loss of this part of the targets' range is no fit
SHARE: Final = 0.4  # of the time, for the points' least loss

Row = tuple[Fraction, ...]


def deny_member(
    problem: Problem, member: Member, network: Symbol, kinks: Sequence[Fraction],
    deadline: float,
) -> Settled | None:  # fmt: skip
    """That no network of the class is this one, or None where no points show it.

    `kinks` are the places where a network of one input bends.
    """
    grounds = Grounds(problem, {})
    inputs = member.family.inputs
    points = _choose_points(kinks) if inputs == 1 else _make_grid(inputs)
    layer = _make_layer(member, network, points)
    try:
        fit = make_numbers(layer, grounds)
    except Unsettled:
        return None
    spread = max(fit.targets) - min(fit.targets)
    now = time.monotonic()
    until = now + SHARE * (deadline - now)
    found = find_below(fit, spread / SMALL, deadline=until) if spread else None
    if isinstance(found, Cover):
        return Settled(False, partial(_deny, member, layer, found))
    return None


def _deny(member: Member, layer: Layer, cover: Cover, proof: GroundProof) -> int:
    step = prove_bound(proof, layer, cover.bound, cover.duals)
    return _Denial(proof, member.formula, layer, cover.bound).write(step)


def _choose_points(kinks: Sequence[Fraction]) -> list[Row]:
    """Two points before the first kink, the kinks and what lies between, two beyond."""
    places = sorted(set(kinks)) or [Fraction(0)]
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    ends = [places[0] - 2, places[0] - 1, places[-1] + 1, places[-1] + 2]
    found = sorted({*ends, *places, *middles})
    return [(place,) for place in found[:MOST_POINTS]]


def _make_grid(inputs: int) -> list[Row]:
    steps = [Fraction(step) for step in range(-REACH, REACH + 1)]
    near = sorted(product(steps, repeat=inputs), key=lambda p: (sum(map(abs, p)), p))
    return list(islice(near, MOST_POINTS))


def _make_layer(member: Member, network: Symbol, points: Sequence[Row]) -> Layer:
    """The class, fitting what the network gives at these points."""
    rows = tuple(tuple(map(_number, point)) for point in points)
    targets = tuple(terms.make_application(network, row) for row in rows)
    offsets = tuple(_number(Fraction(0)) for _ in rows)
    hidden = sum(member.family.layers)
    return Layer(LOSS, rows, targets, offsets, hidden, True)


class _Denial:
    """From a bound on the loss to the contradiction with membership."""

    def __init__(
        self, proof: GroundProof, formula: Term, layer: Layer, bound: Fraction
    ) -> None:
        self.proof, self.log = proof, proof.log
        self.formula, self.layer, self.bound = formula, layer, bound

    def write(self, bounded: int) -> int:
        """A step with the clause `not formula`; `bounded` shows the bound."""
        log = self.log
        body, names, opened, _ = log.open(self.formula)
        shown = [bounded, *opened]
        if body.op == "and":
            shown.append(log.step("define", formula=log.text(body))[0])
        (same,) = [
            part
            for part in (body.args if body.op == "and" else (body,))
            if part.op == "forall"
        ]
        equations = list(self._equations(same, shown))
        least = self._least(names, shown)
        shown += self._add_up(least, equations)
        return follow(log, terms.make_not(self.formula), shown)

    def _equations(self, same: Term, shown: list[int]) -> Iterator[Term]:
        """What the network and the class's one give at each point is equal."""
        for point in self.layer.points:
            texts = [self.log.text(number) for number in point]
            step, _ = self.log.step(
                "instance", formula=self.log.text(same), terms=texts
            )
            shown.append(step)
            body = same
            for number in point:
                body = instantiate(body, number)
            yield body

    def _least(self, names: Sequence[Term], shown: list[int]) -> Term:
        """The bound at the very parameters: `bound <= sum of losses`."""
        layer = self.layer
        general = make_fit(
            layer.loss, layer.points, layer.targets, layer.offsets, layer.hidden,
            constant=True,
        )  # fmt: skip
        body = bounded = instantiate(general, _number(self.bound))
        for name in names:
            body = instantiate(body, name)
        texts = [self.log.text(name) for name in names]
        step, _ = self.log.step("instance", formula=self.log.text(bounded), terms=texts)
        shown.append(step)
        return body

    def _add_up(self, least: Term, equations: Sequence[Term]) -> Iterator[int]:
        """Each loss is at most 0, and so is their sum."""
        total = least.args[1]
        losses = total.args if len(equations) > 1 else (total,)
        zero = _number(Fraction(0))
        small = [terms.make_at_most(loss, zero) for loss in losses]
        for loss, equation, none in zip(losses, equations, small, strict=True):
            yield self.log.step("if", term=self.log.text(loss))[0]
            for branch in loss.args[1:]:
                taken = terms.make_equal(loss, branch)
                denied = terms.make_not(none)
                yield contradict(self.log, [taken, equation, denied])
        yield contradict(self.log, [least, *small])


def _number(value: Fraction) -> Term:
    return terms.make_number(value, REAL)
