"""The worst risk within a Wasserstein distance: columns of places, rows of lemmas.

Places are generated where the current multiplier asks for them, without proofs, until the
multiplier settles; then every data point's response at that rate is bounded with a proof.
Frontiers are kept, so a second budget asks only what the first left open.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.networks.values.exact import evaluate
from verify.shift.labels import find_options
from verify.shift.losses import L1, check_targets, make_pieces
from verify.shift.masses.closed_forms import check_budget
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import Point, check_region
from verify.shift.samples import check_inside
from verify.shift.transport.asks import Ask, Options, Place
from verify.shift.transport.duality import (
    Break,
    Primal,
    bound_risk,
    find_curve,
    find_plan,
)
from verify.shift.transport.frontiers import Cut, bound_response, find_edges
from verify.shift.transport.knowledge import Knowledge, Setting
from verify.shift.transport.lemmas import Frame, enclose_output, make_frame
from verify.shift.transport.responses import find_responses

ZERO = Fraction(0)
SETTLE: Final = 12  # rounds of places without proofs
SETTLED: Final = 0.2  # of the time left, for each of them at most
FEW: Final = 500  # cells of a task in those rounds
PROVED: Final = Fraction(3, 4)  # of the gap, for proofs; the rest is for better places
TARGETS: Final = 8  # of several outputs, for the network's extremes
ROUGH: Final = Fraction(1, 16)  # of the largest loss at first, then of the last slack
LOOSE: Final = Fraction(1, 256)  # of it at last, where no gap may be left in the end
SHORT: Final = 2**16  # denominators of rates that are not exact
PROOFS: Final = 12  # times that proofs may find better places


class Used(NamedTuple):
    """A lemma's part in the bound of one data point."""

    sample: int
    part: Fraction
    cut: Cut


class Answer(NamedTuple):
    """The worst risk within a budget lies from `lower` to `upper` (None: not bounded).

    `plan` attains `lower`; `used` are the lemmas of `upper`, at multiplier `rate`.
    """

    budget: Fraction
    lower: Fraction
    upper: Fraction | None
    rate: Fraction
    primal: Primal
    used: tuple[Used, ...]

    @property
    def is_exact(self) -> bool:
        return self.upper == self.lower

    def is_within(self, gap: Fraction) -> bool:
        """Whether the bound lies at most `gap` above what is attained."""
        return self.upper is not None and self.upper - self.lower <= gap

    def is_better(self, other: Answer) -> bool:
        """Whether more is attained, or less is possible."""
        if self.lower > other.lower or self.upper is None:
            return self.lower > other.lower
        return other.upper is None or self.upper < other.upper


class Transport:
    """Knowledge of all data points, for as many budgets as are asked.

    `frame` is given where lemmas are to be about a network as it was declared elsewhere.
    """

    def __init__(
        self, question: Question, effort: Effort, frame: Frame | None = None
    ) -> None:
        check_region(question.region)
        samples, region = question.samples, question.region
        check_inside(samples, region)
        targets = [sample.target for sample in samples]
        check_targets(question.loss, targets, question.network.outputs)
        if not region.is_bounded:
            raise ShiftError(
                "a region without bounds under transport", "give every input two sides"
            )
        self.question, self.effort = question, effort
        self.until = time.monotonic() + effort.seconds
        narrowed = frame is None
        frame = frame or make_frame(question.network, region, question.ground)
        self.setting = Setting(question, frame, enclose_output(frame), narrowed)
        options = find_options(question.loss, samples, question.label_price)
        self.points = [
            Knowledge(self.setting, sample, own)
            for sample, own in zip(samples, options, strict=True)
            if sample.weight
        ]
        self.weights = [point.sample.weight for point in self.points]
        self.numbers = [n for n, sample in enumerate(samples) if sample.weight]
        self.rates: list[Fraction] = []  # that proofs were made for
        self.opened = False

    def answer(self, budget: Fraction) -> Answer:
        """The worst risk within one budget. Raises ShiftError for a negative one."""
        check_budget(budget, "wasserstein")
        if not budget:
            return self._bound(budget)
        self._open()
        self._settle(budget)
        return self._narrow(budget)

    def curve(
        self, budgets: Sequence[Fraction]
    ) -> tuple[tuple[Break, ...], tuple[Answer, ...]]:
        """All breakpoints up to the largest budget, and the answer at each budget."""
        for budget in budgets:
            check_budget(budget, "wasserstein")
        self._open()
        for budget in sorted(budgets, reverse=True):
            self._settle(budget)
        if not self.effort.gap:
            self._complete(max(budgets, default=ZERO))
        elif self.effort.prove:
            self._cover(budgets)
        answers = tuple(self._bound(budget) for budget in budgets)
        hulls = [known.hull for known in self.points]
        return find_curve(hulls, self.weights), answers

    def _narrow(self, budget: Fraction) -> Answer:
        """Prove at the multiplier, and again where a proof has found better places."""
        found = self._bound(budget)
        for _ in range(PROOFS):
            rate = self._rate(budget)
            if self.effort.prove:
                self._prove(rate)
            before, found = found, self._bound(budget)
            if found.is_within(self.effort.gap) or not found.is_better(before):
                break
            if time.monotonic() > self.until:
                break
        return found

    def _cover(self, budgets: Sequence[Fraction]) -> None:
        """Prove where a budget's bound is farthest off: the bounds of its neighbours are
        chords and tangents of the same curve, and come with it."""
        tried: set[Fraction] = set()
        while time.monotonic() < self.until:
            found = [self._bound(budget) for budget in budgets]
            left = [
                (one.upper is None, (one.upper or ZERO) - one.lower, one.budget)
                for one in found
                if one.budget not in tried and not one.is_within(self.effort.gap)
            ]
            if not left:
                break
            budget = max(left)[2]
            tried.add(budget)
            self._narrow(budget)

    def _open(self) -> None:
        """The network's extremes over the region, as places for every data point."""
        if self.opened:
            return
        self.opened = True
        for place in self._find_extremes():
            for known in self.points:
                known.offer(place)

    def _find_extremes(self) -> list[Point]:
        """Where one output is least and most, as l1 responses to targets beyond both; for
        several outputs the worst places of a few targets."""
        question, loss = self.question, self.question.loss
        options = Options(ROUGH, self._left(), prove=False, limit=FEW)
        if question.network.outputs > 1:
            first = {known.sample.target: known for known in reversed(self.points)}
            asks = [one.ask(ZERO, ZERO) for one in list(first.values())[:TARGETS]]
        else:
            loss, point, asks = L1, question.samples[0].point, []
            output = evaluate(question.network, point)[0]
            for end in self.setting.span:
                start = Place(point, ZERO, abs(output - end))
                pieces = make_pieces(L1, (end,), 1)
                asks.append(Ask(point, (end,), pieces, ZERO, start))
        frame = self.setting.frame
        found = find_responses(question.network, frame, loss, asks, options)
        return [response.place.point for response in found]

    def _left(self) -> float:
        return max(1.0, self.until - time.monotonic())

    def _respond(
        self, asks: Sequence[tuple[Knowledge, Fraction]], options: Options
    ) -> bool:
        """Ask, and keep places and proofs; whether anything new was found."""
        found = find_responses(
            self.question.network, self.setting.frame, self.question.loss,
            [known.ask(rate, options.slack) for known, rate in asks],
            options._replace(processes=self.effort.processes),
        )  # fmt: skip
        new = False
        for (known, rate), response in zip(asks, found, strict=True):
            new |= known.keep(rate, response)
        return new

    def _settle(self, budget: Fraction) -> None:
        """Places without proofs, roughly at first, until the multiplier asks for no more."""
        losses = [place.loss for known in self.points for place in known.hull]
        last = self.effort.gap / 2 or max(losses) * LOOSE
        slack = max(last, max(losses) * ROUGH)
        for _ in range(SETTLE):
            rate = self._rate(budget)
            asks = self._open_at(rate, slack, lambda known: known.guessed)
            seconds = self._left() * SETTLED
            options = Options(slack, seconds, prove=False, limit=FEW)
            if asks and self._respond(asks, options):
                continue
            if slack == last:
                break
            slack = max(last, slack * ROUGH)

    def _plan(self, budget: Fraction) -> Primal:
        """The best plan from known places, its shares by the numbers of all data."""
        found = find_plan([known.hull for known in self.points], self.weights, budget)
        plan = [one._replace(sample=self.numbers[one.sample]) for one in found.plan]
        return found._replace(plan=tuple(plan))

    def _rate(self, budget: Fraction) -> Fraction:
        """The multiplier that known places give."""
        return self._shorten(self._plan(budget).rate)

    def _open_at(
        self, rate: Fraction, slack: Fraction, cuts: Callable[[Knowledge], list[Cut]]
    ) -> list[tuple[Knowledge, Fraction]]:
        """The data points whose response at this rate such cuts do not bound well."""
        return [
            (known, rate)
            for known in self.points
            if not known.is_bounded(cuts(known), rate, slack)
        ]

    def _shorten(self, rate: Fraction) -> Fraction:
        if rate.denominator <= SHORT * SHORT:
            return rate
        return rate.limit_denominator(SHORT)

    def _prove(self, rate: Fraction) -> None:
        """A lemma at this rate for every data point whose bound is not there yet."""
        asks = self._open_at(rate, self.effort.gap, lambda known: known.cuts)
        self._respond(asks, Options(PROVED * self.effort.gap, self._left()))
        self.rates.append(rate)

    def _complete(self, budget: Fraction) -> None:
        """Ask along every edge that the curve up to a budget uses, until none is new."""
        done: set[tuple[Knowledge, Fraction]] = set()
        options = Options(self.effort.gap, prove=self.effort.prove)
        while time.monotonic() < self.until:
            least = self._plan(budget).rate
            asks = {
                (known, self._shorten(slope)): None
                for known in self.points
                for slope in (*(edge.slope for edge in find_edges(known.hull)), least)
                if slope >= least
            }
            new = [ask for ask in asks if ask not in done]
            if not new:
                break
            done.update(new)
            self._respond(new, options._replace(seconds=self._left()))

    def _bound(self, budget: Fraction) -> Answer:
        """What is known at a budget: the best plan, and the least of the bounds at its
        multiplier and at those that proofs were made for."""
        primal = self._plan(budget)
        if not budget:
            # no mass may move, and none does
            return Answer(budget, primal.risk, primal.risk, ZERO, primal, ())
        best = Answer(budget, primal.risk, None, primal.rate, primal, ())
        own = [primal.rate, self._shorten(primal.rate)]
        for rate in dict.fromkeys([*own, *self.rates]):
            found = self._bound_at(best, rate)
            if found.is_better(best):
                best = found
        return best

    def _bound_at(self, answer: Answer, rate: Fraction) -> Answer:
        values: list[Fraction] = []
        used: list[Used] = []
        for number, known in zip(self.numbers, self.points, strict=True):
            bound = bound_response(known.cuts, rate, known.reach)
            if bound is None:
                return answer._replace(upper=None, rate=rate)
            values.append(bound[0])
            used += [Used(number, part, cut) for part, cut in bound[1]]
        upper = bound_risk(values, self.weights, answer.budget, rate)
        return answer._replace(upper=upper, rate=rate, used=tuple(used))
