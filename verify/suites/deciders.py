"""The job "evidence": a statement about networks, with the rooms that know its constants.

What an optimum or a count is, the room of training finds; what a risk is, that of shift.
Neither is imported before a statement needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from verify.kernel.problem import Problem, read_problem
from verify.kernel.quantities import Quantity
from verify.kernel.terms import Symbol, Term
from verify.networks.certificates.outcomes import Stuck
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.statements.evidence import Ruling, decide_evidence
from verify.networks.statements.grounds import Bounds
from verify.networks.statements.quantities import (
    Aim,
    Finder,
    Known,
    Settled,
)

ALARM: Final = "alarm"
SHIFT: Final = "risk"  # the word of the language whose constants that room knows


def job(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The ruling on the problem in `payload`, within its `seconds`.

    Its `things` say what the problem's constants were made from, by name, and `members`
    which statements put a network into a class. The reason is ALARM when two ways to look
    at a network contradict each other.
    """
    problem = read_problem(payload["problem"])
    finder = _Rooms(problem, payload.get("things", {}), payload.get("members", []))
    try:
        ruling = decide_evidence(problem, float(payload["seconds"]), finder)
    except SoundnessAlarm as raised:
        ruling = Ruling(None, "", ALARM, str(raised))
    return ruling._asdict()


class _Rooms:
    """Asks the room that knows a constant."""

    def __init__(
        self,
        problem: Problem,
        things: Mapping[str, Any],
        members: list[Mapping[str, Any]],
    ) -> None:
        self.problem, self.things, self.members = problem, things, members
        self.found: dict[bool, Finder] = {}

    def find(
        self,
        quantity: Quantity,
        known: Mapping[Symbol, Bounds],
        deadline: float,
        aim: Aim | None = None,
    ) -> Known:
        thing = self.things.get(quantity.name, {})
        room = self._room(shift=thing.get("term") == SHIFT)
        return room.find(quantity, known, deadline, aim)

    def settle(self, part: Term, deadline: float) -> Settled | Stuck | None:
        if not self.members:
            return None
        return self._room(shift=False).settle(part, deadline)

    def _room(self, *, shift: bool) -> Finder:
        if shift not in self.found:
            self.found[shift] = self._make(shift=shift)
        return self.found[shift]

    def _make(self, *, shift: bool) -> Finder:
        things = {
            name: thing
            for name, thing in self.things.items()
            if (thing["term"] == SHIFT) == shift
        }
        if shift:
            from verify.shift.documents.finders import make_finder

            return make_finder(self.problem, things)
        from verify.training.statements.finder import TrainingFinder

        return TrainingFinder(self.problem, things, self.members)
