"""Worst cases that need no network query: mass moved among losses that are known.

tv(e) takes mass e from the cheapest points and puts it on the worst; subpopulation(a) keeps
the worst part of mass a, scaled to 1; mixture puts all weight on the worst group. Each is
a linear programme with a greedy solution, and each answer carries the distribution that
attains it and the dual numbers that show that none is worse: for tv the inequality
q_i * l_i <= ... summed once over the points, so evidence has the size of the data.
(Ben-Tal et al. 2013; Rockafellar and Uryasev 2000 for the subpopulation.)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.shift.mistakes import ShiftError

ZERO = Fraction(0)


class Worst(NamedTuple):
    """A worst case: its risk, the mass on each point, and the threshold of the dual.

    For tv, losses below `threshold` give mass away; for a subpopulation, losses above it
    are kept whole. `bound` is the dual's value, computed on its own from the threshold.
    """

    risk: Fraction
    masses: tuple[Fraction, ...]
    threshold: Fraction
    bound: Fraction


def mean(losses: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    """The risk: the weighted mean loss."""
    pairs = zip(losses, weights, strict=True)
    return sum((loss * weight for loss, weight in pairs), ZERO)


def check_budget(budget: Fraction, ball: str, largest: Fraction | None = None) -> None:
    """Raises ShiftError for a budget below 0, or above what there is to move."""
    if budget < 0:
        raise ShiftError(f"the budget {budget} of {ball} is negative", "use 0 or more")
    if largest is not None and budget > largest:
        raise ShiftError(
            f"the budget {budget} of {ball} is more than {largest}, all there is to move",
            f"use a budget from 0 to {largest}",
        )


def vary(
    losses: Sequence[Fraction],
    weights: Sequence[Fraction],
    budget: Fraction,
    highest: Fraction | None = None,
) -> Worst:
    """The worst distribution within total variation `budget`, at most 1.

    `highest` is the largest loss over the places that mass may reach, at least the
    largest of the data; masses then sum to 1 less what was moved there.
    """
    check_budget(budget, "tv", Fraction(1))
    top = max(losses)
    goal = top if highest is None else max(highest, top)
    masses, left, threshold = list(weights), budget, goal
    for place in sorted(range(len(losses)), key=lambda i: losses[i]):
        if losses[place] >= goal:
            break
        taken = min(left, masses[place])
        masses[place] -= taken
        left -= taken
        threshold = losses[place]
        if not left:
            break
    if left:
        threshold = goal
    moved = budget - left
    risk = mean(losses, masses) + moved * goal
    if goal == top:
        masses[max(range(len(losses)), key=lambda i: losses[i])] += moved
    return Worst(
        risk,
        tuple(masses),
        threshold,
        bound_variation(losses, weights, budget, goal, threshold),
    )


def bound_variation(
    losses: Sequence[Fraction],
    weights: Sequence[Fraction],
    budget: Fraction,
    highest: Fraction,
    threshold: Fraction,
) -> Fraction:
    """An upper bound of the risk within tv(budget), for any threshold t up to `highest`:
    the mean of max(loss, t), plus budget * (highest - t).

    Proof, termwise: q_i l_i <= p_i max(l_i, t) + (q_i - p_i)^+ (highest - t) + (q_i - p_i) t.
    """
    raised = mean([max(loss, threshold) for loss in losses], weights)
    return raised + budget * (highest - threshold)


def keep_part(
    losses: Sequence[Fraction], weights: Sequence[Fraction], mass: Fraction
) -> Worst:
    """The worst part of the data that has at least `mass`, above 0 and at most 1."""
    if not 0 < mass <= 1:
        raise ShiftError(
            f"a subpopulation of mass {mass}", "use a mass above 0 and at most 1"
        )
    left, masses, threshold = mass, [ZERO] * len(losses), max(losses)
    for place in sorted(range(len(losses)), key=lambda i: -losses[i]):
        if not left:
            break
        taken = min(left, weights[place])
        masses[place] = taken / mass
        left -= taken
        if taken:
            threshold = losses[place]
    excess = mean([max(loss - threshold, ZERO) for loss in losses], weights)
    return Worst(
        mean(losses, masses), tuple(masses), threshold, threshold + excess / mass
    )


class Group(NamedTuple):
    """A group of the data and its own risk."""

    name: str
    risk: Fraction
    mass: Fraction


def find_groups(
    losses: Sequence[Fraction], weights: Sequence[Fraction], names: Sequence[str]
) -> tuple[Group, ...]:
    """The groups with their risks, the worst first; groups of mass 0 are left out.

    Raises ShiftError when there are no groups.
    """
    totals: dict[str, list[Fraction]] = {}
    for loss, weight, name in zip(losses, weights, names, strict=True):
        sums = totals.setdefault(name, [ZERO, ZERO])
        sums[0] += loss * weight
        sums[1] += weight
    found = [Group(n, s / mass, mass) for n, (s, mass) in totals.items() if mass]
    if not found or set(totals) == {""}:
        raise ShiftError(
            "a mixture needs groups", "add a column named group to the data"
        )
    return tuple(sorted(found, key=lambda group: (-group.risk, group.name)))
