"""What is known of one data point: places it can go, and what bounds what it gains there.

Places found make the hull of (distance, loss) from below, proved lemmas bound it from above
and guessed ones, which the search believes, say what need not be asked again. From all this
comes the next question about the point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import Final, NamedTuple

from verify.networks.values.exact import evaluate
from verify.shift.labels import Option, make_option_pieces, take_option
from verify.shift.losses import SQUARED, ZERO_ONE
from verify.shift.questions import Question
from verify.shift.regions import Point
from verify.shift.samples import Sample
from verify.shift.transport.asks import Ask, Place, Response, measure
from verify.shift.transport.chords import Seen, find_cuts
from verify.shift.transport.frontiers import (
    Cut,
    bound_response,
    find_hull,
    find_response,
)
from verify.shift.transport.lemmas import Frame, reaches

ZERO: Final = Fraction(0)
GRID: Final = 64  # of distances beyond which nothing is asked


class Setting(NamedTuple):
    """What all data points share; `span` encloses the network's first output, and
    `narrowed` says that lemmas may be about points near enough."""

    question: Question
    frame: Frame
    span: tuple[Fraction, Fraction]
    narrowed: bool


class Knowledge:
    """The frontier of one data point, its target being one of `options`."""

    def __init__(
        self, setting: Setting, sample: Sample, options: tuple[Option, ...]
    ) -> None:
        self.setting, self.sample, self.options = setting, sample, options
        loss = setting.question.loss
        self.cuts = [Cut(ZERO, Fraction(1), None)] if loss == ZERO_ONE else []
        self.guessed: list[Cut] = []
        self.seen: dict[Seen, None] = {}
        sides = [one or ZERO for one in reaches(setting.frame, sample.point)]
        self.reach = sum(sides, max(option.cost for option in options))
        self.hull: tuple[Place, ...] = ()
        self.offer(sample.point)

    def offer(self, point: Point) -> bool:
        """Take a point of the region as a place, with every target it may have; whether
        that changed the hull."""
        question, sample = self.setting.question, self.sample
        outputs = evaluate(question.network, point)
        moved = measure(self.setting.frame, sample.point, point)
        if question.loss == SQUARED:
            self.seen[outputs[0], moved] = None
        old = self.hull
        for option in self.options:
            taken = take_option(question.loss, outputs, moved, option, sample.target)
            self._add(Place(point, *taken))
        return self.hull != old

    def _add(self, place: Place) -> None:
        if place not in self.hull:
            self.hull = find_hull((*self.hull, place))

    def keep(self, rate: Fraction, response: Response) -> bool:
        """Take what the search found at a rate; whether that changed anything."""
        old, seen = self.hull, len(self.seen)
        self._add(response.place)
        if self.setting.question.loss == SQUARED:
            self.offer(response.place.point)
            self.offer(response.peak)
        self.guessed.append(Cut(rate, Fraction(response.most), None))
        if response.proof is not None:
            value = response.proof.lemma.value
            self.cuts.append(Cut(rate, value, response.proof))
        return self.hull != old or len(self.seen) > seen

    def is_bounded(self, cuts: Iterable[Cut], rate: Fraction, slack: Fraction) -> bool:
        """Whether these cuts bound the response at a rate to within `slack`."""
        known = bound_response(cuts, rate, self.reach)
        return known is not None and known[0] <= self.value(rate) + slack

    def value(self, rate: Fraction) -> Fraction:
        """The best response known at a rate."""
        place = find_response(self.hull, rate)
        return place.loss - rate * place.distance

    def ask(self, rate: Fraction, slack: Fraction) -> Ask:
        """The question about this point at a rate, to be answered to within `slack`."""
        question = self.setting.question
        ends = self._ends(rate, slack) if question.loss == SQUARED else ()
        pieces = make_option_pieces(
            question.loss, self.options, question.network.outputs, ends
        )
        start = find_response(self.hull, rate)
        point, target = self.sample.point, self.sample.target
        within = self._find_reach(rate) if self.setting.narrowed else None
        return Ask(point, target, pieces, rate, start, self.options, within)

    def _find_reach(self, rate: Fraction) -> Fraction | None:
        """Beyond this distance a loss of at most 1 is not worth its price; None where
        that says nothing."""
        if self.setting.question.loss != ZERO_ONE or not rate:
            return None
        far = (1 - self.value(rate)) / rate
        return Fraction(ceil(far * GRID), GRID) if far < self.reach else None

    def _ends(self, rate: Fraction, slack: Fraction) -> Sequence[Fraction]:
        """Outputs between which chords bound the squared loss, whatever the target."""
        found: set[Fraction] = set()
        low, high = self.setting.span
        for (target,), cost in self.options:
            errors = tuple((output - target, far) for output, far in self.seen)
            best = self.value(rate) + rate * cost
            ends = low - target, high - target
            found |= {
                cut + target for cut in find_cuts(ends, errors, best, rate, slack)
            }
        return sorted(found)
