"""Which moves from the middle of a region break a property, and how far they must go.

Three questions, each answered by brackets of shown facts. All inputs together: which part
of the region holds. Each input alone, up and down, the others at the middle: which one
breaks the property soonest. Where none does alone: a set of moves that does, from which
nothing can be left out. The set is what is left of a counterexample's own moves after each
was left out in turn, so it is a smallest one in that sense, and not the only one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.falsify import Prober
from verify.networks.judging import Decide, Judgement
from verify.networks.moves.axes import Axis, Region
from verify.networks.moves.brackets import Asker, Bracket, learn, narrow
from verify.networks.query import Query
from verify.networks.values import floats

SINGLES: Final = 24  # inputs that vary: up to here each is asked about by itself
SHARE: Final = 0.5  # of the time for all together, where each is asked about too
WHOLE: Final = Fraction(1)


class Alone(NamedTuple):
    """What is known when one input moves one way and the others stay in the middle."""

    axis: Axis
    bracket: Bracket


class Enough(NamedTuple):
    """Moves that break a property together, though no input does alone.

    `needed` are those without which the others do not break it within `within`; of the
    rest that is not known.
    """

    axes: tuple[Axis, ...]
    needed: tuple[Axis, ...]
    within: Fraction
    bracket: Bracket


class Explanation(NamedTuple):
    """Brackets in parts of the region's radii, for moves of up to `most` of them.

    `alone` is empty when all inputs together hold within `most`, so that each does, and
    when more inputs vary than are asked about one by one.
    """

    region: Region
    most: Fraction
    together: Bracket
    alone: tuple[Alone, ...]
    enough: Enough | None
    queries: int
    seconds: float


def explain_moves(
    query: Query,
    region: Region,
    known: Judgement,
    most: Fraction,
    decide: Decide,
    deadline: float,
) -> Explanation:
    """Brackets for a query that was judged, by `deadline` (a time.monotonic() value).

    `region` is the query's, `known` its judgement over the reals, `decide` the search.
    Raises SoundnessAlarm.
    """
    begun = time.monotonic()
    share = SHARE if len(region.varying) <= SINGLES else 1.0
    first = Asker(query, region, decide, begun + share * (deadline - begun))
    known_bracket = learn(Bracket(), region, WHOLE, known)
    together = narrow(first, region.axes, known_bracket, most)
    then = Asker(query, region, decide, deadline)
    alone: tuple[Alone, ...] = ()
    enough = None
    if _is_worth_more(region, together, most):
        start = Bracket(together.holds, together.holds_trust)
        found = (Alone(a, narrow(then, (a,), start, most)) for a in region.axes)
        alone = tuple(sorted(found, key=_soonest))
        enough = _find_enough(then, together, alone, most)
    return Explanation(
        region, most, together, alone, enough,
        first.asked + then.asked, time.monotonic() - begun,
    )  # fmt: skip


def _is_worth_more(region: Region, together: Bracket, most: Fraction) -> bool:
    """Whether single inputs can differ from all together, and are not too many."""
    if together.broken == 0 or len(region.varying) > SINGLES:
        return False
    return together.holds is None or together.holds < most


def _soonest(alone: Alone) -> tuple[bool, Fraction, Fraction]:
    """A key: what breaks soonest first, then what is known to hold least."""
    holds, broken = alone.bracket.holds, alone.bracket.broken
    return broken is None, broken or Fraction(0), holds or Fraction(0)


def _find_enough(
    asker: Asker, together: Bracket, alone: Sequence[Alone], most: Fraction
) -> Enough | None:
    """A set of moves that breaks the property, if two or more are needed for that."""
    point = together.point
    if together.broken is None or together.broken > most or point is None:
        return None
    within = WHOLE if together.broken <= WHOLE <= most else most
    singles = (one.bracket.broken for one in alone)
    if any(broken is not None and broken <= within for broken in singles):
        return None
    axes = _least_first(asker.query, asker.region, point)
    needed: list[Axis] = []
    bracket = together
    for axis in axes:
        fewer = tuple(other for other in axes if other != axis)
        judgement = asker.ask(fewer, within)
        if judgement.status == "proved":
            needed.append(axis)
        elif judgement.found is not None:
            axes = fewer
            start = Bracket(together.holds, together.holds_trust)
            bracket = learn(start, asker.region, within, judgement)
    bracket = narrow(asker, axes, bracket, within)
    kept = tuple(sorted(axes))
    return Enough(kept, tuple(sorted(needed)), within, bracket)


def _least_first(
    query: Query, region: Region, point: tuple[Fraction, ...]
) -> tuple[Axis, ...]:
    """The moves of a point, first those that it needs least, by the look of floats."""
    axes = region.axes_of(point)
    prober = Prober(query)
    tried = np.array([[float(value) for value in point]] * len(axes))
    for place, axis in enumerate(axes):
        tried[place, axis.input] = float(region.middle[axis.input])
    with np.errstate(all="ignore"):
        outputs = floats.evaluate(query.network, tried)
        values = [
            prober.margins(case, tried, outputs)[0] for case in range(len(query.cases))
        ]
    order = np.argsort(-np.nan_to_num(np.max(values, axis=0)), kind="stable")
    return tuple(axes[place] for place in order.tolist())
