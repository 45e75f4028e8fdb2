"""Who knows what a risk over a ball of distributions is: by the kind of the ball."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.kernel.problem import Problem
from verify.kernel.quantities import Extremum, Quantity
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term
from verify.networks.certificates.outcomes import Stuck
from verify.networks.statements.grounds import Bounds, Grounds, Unsettled
from verify.networks.statements.quantities import Aim, Known, Settled, unknown
from verify.shift.documents.moving import find_moved
from verify.shift.documents.reweighting import KINDS, find_reweighted


class ShiftFinder:
    """Knows the worst risks of one problem.

    `things` has for each constant's name what it was made from: the ball, the data and
    the loss, as `verify.suites.describing` writes them.
    """

    def __init__(self, problem: Problem, things: Mapping[str, Any]) -> None:
        self.problem, self.things = problem, things

    def find(
        self,
        quantity: Quantity,
        known: Mapping[Symbol, Bounds],
        deadline: float,
        aim: Aim | None = None,
    ) -> Known:
        """What is known of one constant, for which `known` has those before it."""
        thing = self.things.get(quantity.name)
        if thing is None or not isinstance(quantity, Extremum):
            return unknown("unsupported", "nothing says what it is")
        grounds = Grounds(self.problem, known)
        try:
            if thing["ball"]["kind"] in KINDS:
                return find_reweighted(quantity, thing, grounds)
            return find_moved(quantity, thing, grounds, deadline)
        except Unsettled as unsettled:
            return unknown(unsettled.reason, unsettled.detail)
        except Rejected as rejected:
            return unknown("unsupported", str(rejected))

    def settle(self, part: Term, deadline: float) -> Settled | Stuck | None:
        """None: no statement is of a kind of its own."""
        return None


def make_finder(problem: Problem, things: Mapping[str, Any]) -> ShiftFinder:
    """The finder of a problem's risks."""
    return ShiftFinder(problem, things)
