"""Who knows what a constant of the training room is: by its kind, the search for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.kernel.problem import Problem
from verify.kernel.quantities import Extremum, Quantity, Total
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term
from verify.networks.certificates.outcomes import Stuck
from verify.networks.statements.grounds import Bounds, Grounds, Unsettled
from verify.networks.statements.quantities import Aim, Known, Settled, unknown
from verify.training.statements.finite import find_least, find_sum
from verify.training.statements.members import settle_member
from verify.training.statements.things import Reader, Thing, make_layer


class TrainingFinder:
    """Knows optima, replacements, counts and membership of one problem.

    `things` has for each constant's name what it was made from, `members` the statements
    that say that a network is one of a class; see `verify.training.statements.things`.
    """

    def __init__(
        self,
        problem: Problem,
        things: Mapping[str, Any],
        members: list[Mapping[str, Any]],
    ) -> None:
        self.problem = problem
        reader = Reader(problem)
        self.things = {name: reader.thing(data) for name, data in things.items()}
        self.members = {
            member.formula: member for member in map(reader.member, members)
        }

    def find(
        self,
        quantity: Quantity,
        known: Mapping[Symbol, Bounds],
        deadline: float,
        aim: Aim | None = None,
    ) -> Known:
        """What is known of one constant, for which `known` has those before it."""
        try:
            grounds = Grounds(self.problem, known)
            if isinstance(quantity, Total):
                return find_sum(quantity, grounds)
            thing = self.things.get(quantity.name)
            if thing is None:
                return unknown("unsupported", "nothing says what it is")
            return _find_optimum(quantity, thing, grounds, deadline, aim)
        except Unsettled as unsettled:
            return unknown(unsettled.reason, unsettled.detail)
        except Rejected as rejected:
            return unknown("unsupported", str(rejected))

    def settle(self, part: Term, deadline: float) -> Settled | Stuck | None:
        """Whether a network is one of a class; None on any other statement."""
        member = self.members.get(part)
        if member is None:
            return None
        return settle_member(self.problem, member, deadline)


def _find_optimum(
    extremum: Extremum,
    thing: Thing,
    grounds: Grounds,
    deadline: float,
    aim: Aim | None,
) -> Known:
    family = thing.family
    if family is not None and family.weights:
        return find_least(extremum, grounds)
    layer = thing.layer or make_layer(thing)
    if layer is not None:
        from verify.training.statements.fitted import find_fitted

        bound = family.bound if family else None
        return find_fitted(extremum, layer, grounds, deadline, bound, aim)
    from verify.training.statements.deep import find_deep

    return find_deep(extremum, thing, grounds, deadline)
