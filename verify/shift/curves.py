"""One question about a shift, whatever the ball: budgets in, levels out.

A level is what is known at one budget: the worst risk attained, the bound shown, and the
distribution that attains it. The closed forms are exact at once, by arithmetic, and the
kernel certifies them where points are few or evidence is wanted; transport asks the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.networks.values.exact import evaluate
from verify.shift.losses import check_targets, loss_at
from verify.shift.masses.certifying import Bound, Link, certify_bounds
from verify.shift.masses.closed_forms import find_groups, keep_part, vary
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import Point
from verify.shift.transport.answering import Answer, Transport

BALLS: Final = ("wasserstein", "tv", "subpopulation", "mixture", "region")
ZERO: Final = Fraction(0)
PLAIN: Final = "arithmetic"  # what shows a bound that needs no network
KERNEL: Final = "certified"
FEW: Final = 2_000  # data points up to which closed forms are certified unasked


class Mass(NamedTuple):
    """Mass of a worst-case distribution: from which data point, to where, at what loss;
    `target` where it is another than the data's."""

    sample: int
    mass: Fraction
    point: Point
    distance: Fraction
    loss: Fraction
    target: tuple[Fraction, ...] = ()


class Level(NamedTuple):
    """What is known at a budget; `upper` is None where no bound was found. `rate` is the
    dual's number: the multiplier of transport, the threshold of the closed forms."""

    budget: Fraction
    lower: Fraction
    upper: Fraction | None
    rate: Fraction
    masses: tuple[Mass, ...]
    trust: str

    @property
    def is_exact(self) -> bool:
        return self.upper == self.lower


class Shift(NamedTuple):
    """Levels by budget; `breaks` (budget, risk) of the whole curve where it is known;
    `answers` carry transport's lemmas, `links` the certificates of closed forms; `groups`
    (name, risk, mass) are a mixture's."""

    mean: Fraction
    levels: tuple[Level, ...]
    breaks: tuple[tuple[Fraction, Fraction], ...] = ()
    answers: tuple[Answer, ...] = ()
    groups: tuple[tuple[str, Fraction, Fraction], ...] = ()
    links: tuple[Link, ...] = ()


def find_losses(question: Question) -> list[Fraction]:
    """The loss at every data point, exactly."""
    targets = [sample.target for sample in question.samples]
    check_targets(question.loss, targets, question.network.outputs)
    return [
        loss_at(question.loss, evaluate(question.network, s.point), s.target)
        for s in question.samples
    ]


def find_shift(
    question: Question,
    ball: str,
    budgets: Sequence[Fraction],
    effort: Effort,
    *,
    certify: bool = False,
) -> Shift:
    """The worst risk at each budget; with `certify`, closed forms have certificates
    however many the data points are.

    Raises ShiftError for budgets without a meaning, SoundnessAlarm.
    """
    if ball not in BALLS:
        raise ShiftError(f"no ball is called {ball!r}", f"use {', '.join(BALLS)}")
    losses = find_losses(question)
    weights = [sample.weight for sample in question.samples]
    pairs = zip(losses, weights, strict=True)
    mean = sum((loss * weight for loss, weight in pairs), ZERO)
    match ball:
        case "tv":
            found = _vary(question, budgets, losses, weights, mean)
        case "subpopulation":
            found = _keep(question, budgets, losses, weights, mean)
        case "mixture":
            found = _mix(question, losses, weights, mean)
        case _:
            return _transport(question, ball, budgets, effort, mean)
    if effort.prove and (certify or len(losses) <= FEW):
        return _certify(question, ball, losses, found)
    return found


def list_bounds(levels: Sequence[Level]) -> tuple[Bound, ...]:
    """What certificates are about: the bounds of closed forms."""
    return tuple(
        Bound(level.budget, level.rate, level.upper)
        for level in levels
        if level.upper is not None
    )


def _certify(
    question: Question, ball: str, losses: Sequence[Fraction], found: Shift
) -> Shift:
    """The same with certificates; without them where the numbers are too long."""
    bounds = list_bounds(found.levels)
    links = certify_bounds(ball, question.samples, losses, bounds)
    if not links:
        return found
    levels = tuple(level._replace(trust=KERNEL) for level in found.levels)
    return found._replace(levels=levels, links=links)


def _masses(
    question: Question, masses: Sequence[Fraction], losses: Sequence[Fraction]
) -> tuple[Mass, ...]:
    return tuple(
        Mass(number, mass, sample.point, ZERO, loss)
        for number, (mass, sample, loss) in enumerate(
            zip(masses, question.samples, losses, strict=True)
        )
        if mass
    )


def _vary(
    question: Question,
    budgets: Sequence[Fraction],
    losses: Sequence[Fraction],
    weights: Sequence[Fraction],
    mean: Fraction,
) -> Shift:
    levels = []
    for budget in budgets:
        worst = vary(losses, weights, budget)
        masses = _masses(question, worst.masses, losses)
        levels.append(
            Level(budget, worst.risk, worst.bound, worst.threshold, masses, PLAIN)
        )
    return Shift(mean, tuple(levels), _break_variation(losses, weights, budgets))


def _break_variation(
    losses: Sequence[Fraction], weights: Sequence[Fraction], budgets: Sequence[Fraction]
) -> tuple[tuple[Fraction, Fraction], ...]:
    """Where the curve bends: once all mass below some loss has been moved."""
    most, top = max(budgets, default=ZERO), max(losses)
    pairs = list(zip(losses, weights, strict=True))
    by_loss: dict[Fraction, Fraction] = {}
    for loss, weight in pairs:
        by_loss[loss] = by_loss.get(loss, ZERO) + weight
    budget, risk = ZERO, sum((loss * weight for loss, weight in pairs), ZERO)
    found = [(budget, risk)]
    for loss in sorted(by_loss):
        if budget >= most or loss >= top:
            break
        taken = min(by_loss[loss], most - budget)
        budget += taken
        risk += taken * (top - loss)
        found.append((budget, risk))
    if budget < most:
        found.append((most, risk))
    return tuple(found)


def _keep(
    question: Question,
    budgets: Sequence[Fraction],
    losses: Sequence[Fraction],
    weights: Sequence[Fraction],
    mean: Fraction,
) -> Shift:
    levels = []
    for budget in budgets:
        worst = keep_part(losses, weights, budget)
        masses = _masses(question, worst.masses, losses)
        levels.append(
            Level(budget, worst.risk, worst.bound, worst.threshold, masses, PLAIN)
        )
    return Shift(mean, tuple(levels))


def _mix(
    question: Question,
    losses: Sequence[Fraction],
    weights: Sequence[Fraction],
    mean: Fraction,
) -> Shift:
    names = [sample.group for sample in question.samples]
    groups = find_groups(losses, weights, names)
    worst = groups[0]
    masses = [
        weight / worst.mass if name == worst.name else ZERO
        for weight, name in zip(weights, names, strict=True)
    ]
    level = Level(
        ZERO, worst.risk, worst.risk, ZERO, _masses(question, masses, losses), PLAIN
    )
    return Shift(mean, (level,), groups=tuple((g.name, g.risk, g.mass) for g in groups))


def _transport(
    question: Question,
    ball: str,
    budgets: Sequence[Fraction],
    effort: Effort,
    mean: Fraction,
) -> Shift:
    transport = Transport(question, effort)
    if ball == "region":
        farthest = sum((known.reach for known in transport.points), ZERO)
        answers: tuple[Answer, ...] = (transport.answer(farthest),)
        answers = (
            tuple(one._replace(budget=ZERO) for one in answers)
            if not farthest
            else answers
        )
        return Shift(mean, tuple(map(_level, answers)), answers=answers)
    if len(budgets) == 1:
        answers = (transport.answer(budgets[0]),)
        return Shift(mean, tuple(map(_level, answers)), answers=answers)
    breaks, answers = transport.curve(budgets)
    most = max(budgets)
    kept = [(b.budget, b.risk) for b in breaks if b.budget <= most]
    last = max(answers, key=lambda answer: answer.budget)
    if kept[-1][0] < most:
        kept.append((most, last.lower))
    return Shift(mean, tuple(map(_level, answers)), tuple(kept), answers)


def _level(answer: Answer) -> Level:
    masses = tuple(
        Mass(share.sample, share.mass, *share.place) for share in answer.primal.plan
    )
    return Level(answer.budget, answer.lower, answer.upper, answer.rate, masses, KERNEL)
