"""Between which parts of a region a property stops holding: halving, a query at a time.

Every end of a bracket was shown by a query that went through the same checks as any other
verdict: `holds` by a proof about the whole box of that part, `broken` by a point evaluated
exactly. What a search leaves open moves neither end; it only ends the halving from there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.language.verdicts import Reason, Trust
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.judging import Decide, Judgement, judge
from verify.networks.moves.axes import ZERO, Axis, Region, make_moved
from verify.networks.query import Query

CLOSE: Final = Fraction(1, 100)  # of a radius: brackets are at least this narrow
CLOSEST: Final = Fraction(1, 1000)  # and need never be narrower than this
OF_END: Final = Fraction(1, 40)  # between the two, of the upper end
GRID: Final = 4096  # parts are asked about in multiples of 1 / GRID
SHARE: Final = 5  # a query gets this part of the time that is left
LEAST_SECONDS: Final = 1.0


class Bracket(NamedTuple):
    """The property holds within `holds` and is broken within `broken`, at `point`.

    Both are parts of the radii; `holds` is None if not even the middle is known to hold,
    `broken` if no point is known. `reason` says why the bracket is not narrower.
    """

    holds: Fraction | None = None
    holds_trust: Trust = ""
    broken: Fraction | None = None
    broken_trust: Trust = ""
    point: tuple[Fraction, ...] | None = None
    reason: Reason = ""


class Asker:
    """Asks about moves of one query until a deadline, a time.monotonic() value."""

    def __init__(
        self, query: Query, region: Region, decide: Decide, deadline: float
    ) -> None:
        """`decide` is the search that each query is put to."""
        self.query, self.region = query, region
        self.decide, self.deadline = decide, deadline
        self.asked = 0

    @property
    def is_late(self) -> bool:
        """Whether there is no time for another query."""
        return time.monotonic() >= self.deadline

    def ask(self, axes: Sequence[Axis], part: Fraction) -> Judgement:
        """Whether moves along these axes, up to this part, break the property.

        Raises SoundnessAlarm.
        """
        now = time.monotonic()
        if now >= self.deadline:
            return Judgement("undecided", "timeout")
        self.asked += 1
        seconds = max(LEAST_SECONDS, (self.deadline - now) / SHARE)
        moved = make_moved(self.query, self.region, axes, part)
        return judge(moved, min(self.deadline, now + seconds), self.decide)


def learn(
    bracket: Bracket, region: Region, part: Fraction, judgement: Judgement
) -> Bracket:
    """What is known after a judgement about all moves of up to this part.

    Raises SoundnessAlarm when a point contradicts what was proved before.
    """
    if judgement.status == "proved" and _is_more(part, bracket.holds):
        return bracket._replace(holds=part, holds_trust=judgement.trust)
    if judgement.found is None:
        return bracket
    point = judgement.found.point
    reach = region.reach(point)
    if bracket.holds is not None and reach <= bracket.holds:
        raise SoundnessAlarm(
            f"a property was said to hold within {bracket.holds} of a region, and a point "
            f"at {reach} breaks it; please report it",
            point,
        )
    if bracket.broken is not None and reach >= bracket.broken:
        return bracket
    return bracket._replace(broken=reach, broken_trust=judgement.trust, point=point)


def _is_more(part: Fraction, than: Fraction | None) -> bool:
    return than is None or part > than


def narrow(
    asker: Asker, axes: Sequence[Axis], known: Bracket, most: Fraction
) -> Bracket:
    """The bracket for moves along these axes of up to `most`, as narrow as time allows.

    Raises SoundnessAlarm.
    """
    bracket, region = known._replace(reason=""), asker.region
    reason: Reason = ""
    top = most if bracket.broken is None else bracket.broken
    if bracket.broken is None and _is_more(most, bracket.holds):
        judgement = asker.ask(axes, most)
        bracket = learn(bracket, region, most, judgement)
        reason = judgement.reason
        top = most if bracket.broken is None else bracket.broken
    if bracket.holds is None:
        judgement = asker.ask((), ZERO)
        bracket = learn(bracket, region, ZERO, judgement)
        reason = judgement.reason or reason
    while (low := bracket.holds) is not None and not _is_close(low, top):
        part = Fraction(round((low + top) / 2 * GRID), GRID)
        judgement = asker.ask(axes, part)
        bracket = learn(bracket, region, part, judgement)
        reason = judgement.reason or reason
        if judgement.status == "proved":
            continue
        top = part if judgement.found is None else bracket.broken or ZERO
    return bracket._replace(reason=_why(bracket, most, reason))


def _why(bracket: Bracket, most: Fraction, reason: Reason) -> Reason:
    """The reason for a wide bracket; none for one that is narrow or complete."""
    holds, broken = bracket.holds, bracket.broken
    if holds is None:
        return "" if broken == 0 else reason
    if broken is None:
        return "" if holds >= most else reason
    return "" if _is_close(holds, broken) else reason


def _is_close(low: Fraction, top: Fraction) -> bool:
    return top - low <= min(CLOSE, max(CLOSEST, OF_END * top))
