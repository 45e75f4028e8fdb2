"""The worst risk within a Wasserstein distance: columns of places, rows of lemmas.

Places are generated where the current multiplier asks for them, without proofs, until the
multiplier settles; then every data point's response at that rate is bounded with a proof.
Frontiers are kept, so a second budget asks only what the first left open.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from verify.networks.network import Network
from verify.networks.values.exact import evaluate
from verify.shift.closed_forms import check_budget
from verify.shift.duality import Break, Primal, bound_risk, find_curve, find_plan
from verify.shift.frontiers import (
    Cut,
    bound_response,
    find_edges,
    find_hull,
    find_response,
)
from verify.shift.lemmas import Frame, enclose_output, make_frame, reaches
from verify.shift.losses import SQUARED, ZERO_ONE, check_targets, loss_at, make_pieces
from verify.shift.mistakes import ShiftError
from verify.shift.regions import Region, check_region
from verify.shift.responses import Ask, Options, Place, find_responses, measure
from verify.shift.samples import Sample, check_inside

ZERO = Fraction(0)
SETTLE: Final = 12  # rounds of places without proofs
FEW: Final = 500  # cells of a task in those rounds
PROVED: Final = Fraction(3, 4)  # of the gap, for proofs; the rest is for better places
ROUGH: Final = Fraction(1, 16)  # of the largest loss at first, then of the last slack
LOOSE: Final = Fraction(
    1, 256
)  # of the largest loss: what they leave where no gap may be
SHORT: Final = 2**16  # denominators of rates that are not exact
PROOFS: Final = 12  # times that proofs may find better places
CHORDS: Final = 12  # that bound a squared loss


class Question(NamedTuple):
    """What is asked of a network: data, loss, and where mass may move at what cost."""

    network: Network
    samples: tuple[Sample, ...]
    loss: str
    region: Region
    ground: str = "l1"


class Effort(NamedTuple):
    """`gap` is what a bound may lie above what is attained, 0 for none at all; `seconds`
    for everything; `prove` asks for the kernel's proofs; `processes` share large rounds."""

    gap: Fraction = ZERO
    seconds: float = 60.0
    prove: bool = True
    processes: int = 1


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


class Transport:
    """Frontiers of all data points, for as many budgets as are asked.

    `frame` is given where lemmas are to be about a network as it was declared elsewhere.
    """

    def __init__(
        self, question: Question, effort: Effort, frame: Frame | None = None
    ) -> None:
        check_region(question.region)
        samples, region = question.samples, question.region
        check_inside(samples, region)
        check_targets(
            question.loss, [s.target for s in samples], question.network.outputs
        )
        if not region.is_bounded:
            raise ShiftError(
                "a region without bounds under transport", "give every input two sides"
            )
        self.question, self.effort = question, effort
        self.frame: Frame = frame or make_frame(
            question.network, region, question.ground
        )
        self.until = time.monotonic() + effort.seconds
        self.weights = [sample.weight for sample in samples]
        self.places: list[list[Place]] = []
        self.cuts: list[list[Cut]] = []
        self.guessed: list[list[Cut]] = [[] for _ in samples]  # without proofs
        self.rates: list[Fraction] = []  # that proofs were made for
        self.reach: list[Fraction | None] = []
        for sample in samples:
            loss = self._loss(sample, sample.point)
            self.places.append([Place(sample.point, ZERO, loss)])
            plain = [Cut(ZERO, Fraction(1), None)] if question.loss == ZERO_ONE else []
            self.cuts.append(plain)
            sides = [one or ZERO for one in reaches(self.frame, sample.point)]
            self.reach.append(sum(sides, ZERO))
        self.hulls = [find_hull(one) for one in self.places]
        self.opened = False

    def _loss(self, sample: Sample, point: Sequence[Fraction]) -> Fraction:
        outputs = evaluate(self.question.network, point)
        return loss_at(self.question.loss, outputs, sample.target)

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
        return find_curve(self.hulls, self.weights), answers

    def _narrow(self, budget: Fraction) -> Answer:
        """Prove at the multiplier, and again where a proof has found better places."""
        found = self._bound(budget)
        for _ in range(PROOFS):
            rate = self._rate(budget)
            if self.effort.prove:
                self._prove(rate)
            before, found = found, self._bound(budget)
            if found.is_within(self.effort.gap) or found.lower == before.lower:
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
        asked: dict[tuple[Fraction, ...], int] = {}
        for number, sample in enumerate(self.question.samples):
            asked.setdefault(sample.target, number)
        numbers = list(asked.values())
        if len(numbers) > 2 and self.question.network.outputs == 1:
            numbers.sort(key=lambda n: self.question.samples[n].target)
            numbers = [numbers[0], numbers[-1]]
        elif len(numbers) > 8:
            numbers = numbers[:8]
        options = Options(Fraction(1, 64), self._left(), prove=False, limit=FEW)
        found = find_responses(
            self.question.network, self.frame, self.question.loss,
            [self._ask(n, ZERO) for n in numbers], options,
        )  # fmt: skip
        for number in range(len(self.places)):
            for response in found:
                self._offer(number, response.place.point)

    def _left(self) -> float:
        return max(1.0, self.until - time.monotonic())

    def _offer(self, number: int, point: tuple[Fraction, ...]) -> bool:
        sample = self.question.samples[number]
        distance = measure(self.frame, sample.point, point)
        return self._add(number, Place(point, distance, self._loss(sample, point)))

    def _add(self, number: int, place: Place) -> bool:
        """Whether the place changed the hull."""
        old = self.hulls[number]
        if place in old:
            return False
        new = find_hull((*old, place))
        self.hulls[number] = new
        return new != old

    def _ask(self, number: int, rate: Fraction) -> Ask:
        sample = self.question.samples[number]
        start = find_response(self.hulls[number], rate)
        cuts: tuple[Fraction, ...] = ()
        if self.question.loss == SQUARED:
            cuts = self._cuts(sample, start)
        pieces = make_pieces(
            self.question.loss, sample.target, self.question.network.outputs, cuts
        )
        return Ask(sample.point, sample.target, pieces, rate, start)

    def _cuts(self, sample: Sample, start: Place) -> tuple[Fraction, ...]:
        """Errors between which chords bound the squared loss: a grid over all that the
        network can give, and the error at the best place known."""
        low, high = self.span[0] - sample.target[0], self.span[1] - sample.target[0]
        step = (high - low) / CHORDS
        errors = {low + k * step for k in range(CHORDS + 1)}
        for point in (sample.point, start.point):
            error = evaluate(self.question.network, point)[0] - sample.target[0]
            if error.denominator <= SHORT * SHORT:
                errors.add(error)
        return tuple(sorted(errors))

    @cached_property
    def span(self) -> tuple[Fraction, Fraction]:
        """More than what the network can give over the region, by intervals."""
        return enclose_output(self.frame)

    def _respond(self, asks: Sequence[tuple[int, Fraction]], options: Options) -> bool:
        """Ask, and keep places and proofs; whether some hull changed."""
        found = find_responses(
            self.question.network, self.frame, self.question.loss,
            [self._ask(number, rate) for number, rate in asks],
            options._replace(processes=self.effort.processes),
        )  # fmt: skip
        changed = False
        for (number, rate), response in zip(asks, found, strict=True):
            changed |= self._add(number, response.place)
            self.guessed[number].append(Cut(rate, Fraction(response.most), None))
            if response.proof is not None:
                value = response.proof.lemma.value
                self.cuts[number].append(Cut(rate, value, response.proof))
        return changed

    def _settle(self, budget: Fraction) -> None:
        """Places without proofs, roughly at first, until the multiplier asks for no more."""
        losses = [place.loss for hull in self.hulls for place in hull]
        last = self.effort.gap / 2 or max(losses) * LOOSE
        slack = max(last, max(losses) * ROUGH)
        for _ in range(SETTLE):
            rate = self._rate(budget)
            asks = self._open_at(rate, slack, self.guessed)
            options = Options(slack, self._left(), prove=False, limit=FEW)
            if asks and self._respond(asks, options):
                continue
            if slack == last:
                break
            slack = max(last, slack * ROUGH)

    def _rate(self, budget: Fraction) -> Fraction:
        """The multiplier that known places give."""
        return self._shorten(find_plan(self.hulls, self.weights, budget).rate)

    def _open_at(
        self, rate: Fraction, slack: Fraction, cuts: Sequence[Sequence[Cut]]
    ) -> list[tuple[int, Fraction]]:
        """The data points whose response at this rate is not bounded to within `slack`."""
        found = []
        for number, hull in enumerate(self.hulls):
            if not self.weights[number]:
                continue
            known = bound_response(cuts[number], rate, self.reach[number])
            place = find_response(hull, rate)
            least = place.loss - rate * place.distance
            if known is None or known[0] > least + slack:
                found.append((number, rate))
        return found

    def _shorten(self, rate: Fraction) -> Fraction:
        if rate.denominator <= SHORT * SHORT:
            return rate
        return rate.limit_denominator(SHORT)

    def _prove(self, rate: Fraction) -> None:
        """A lemma at this rate for every data point whose bound is not there yet."""
        asks = self._open_at(rate, self.effort.gap, self.cuts)
        self._respond(asks, Options(PROVED * self.effort.gap, self._left()))
        self.rates.append(rate)

    def _complete(self, budget: Fraction) -> None:
        """Ask along every edge that the curve up to a budget uses, until none is new."""
        done: set[tuple[int, Fraction]] = set()
        while time.monotonic() < self.until:
            least = find_plan(self.hulls, self.weights, budget).rate
            asks = []
            for number, hull in enumerate(self.hulls):
                if not self.weights[number]:
                    continue
                slopes = [e.slope for e in find_edges(hull) if e.slope >= least]
                for slope in {self._shorten(s) for s in (*slopes, least)}:
                    if (number, slope) not in done:
                        asks.append((number, slope))
            if not asks:
                break
            done.update(asks)
            self._respond(
                asks, Options(self.effort.gap, self._left(), prove=self.effort.prove)
            )

    def _bound(self, budget: Fraction) -> Answer:
        """What is known at a budget: the best plan, and the least of the bounds at its
        multiplier and at those that proofs were made for."""
        primal = find_plan(self.hulls, self.weights, budget)
        if not budget:
            # no mass may move, and none does
            return Answer(budget, primal.risk, primal.risk, ZERO, primal, ())
        best = Answer(budget, primal.risk, None, primal.rate, primal, ())
        for rate in dict.fromkeys(
            [primal.rate, self._shorten(primal.rate), *self.rates]
        ):
            found = self._bound_at(best, rate)
            if best.upper is None or (
                found.upper is not None and found.upper < best.upper
            ):
                best = found
        return best

    def _bound_at(self, answer: Answer, rate: Fraction) -> Answer:
        values: list[Fraction] = []
        used: list[Used] = []
        for number, cuts in enumerate(self.cuts):
            if not self.weights[number]:
                values.append(ZERO)
                continue
            known = bound_response(cuts, rate, self.reach[number])
            if known is None:
                return answer._replace(rate=rate)
            values.append(known[0])
            used += [Used(number, part, cut) for part, cut in known[1]]
        upper = bound_risk(values, self.weights, answer.budget, rate)
        return answer._replace(upper=upper, rate=rate, used=tuple(used))
