"""Networks of many inputs, decided by splitting phases of units.

Splitting seven hundred input ranges is hopeless; of the units of such a network only some
hundreds have an open phase over the box, and few matter. The search takes turns, each with
more time than the last: every case still open is bounded with optimised slopes and then
split (splitting.py); the corners where bounds are attained are tried as points of the
case; then bounds of inner units are refined layer by layer (refining.py), which is where
most of the time goes. Where only a few inputs vary, as behind a generator, a box that
resists a first try is halved instead across the input that its linear bound depends on
most, since sigmoid units have no phases and their lines are only good on narrow ranges.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.crews import Crew
from verify.networks.boxes.falsify import Prober
from verify.networks.boxes.halving import halve_box
from verify.networks.boxes.rounding import Array
from verify.networks.network import Floats
from verify.networks.phases.aims import (
    Aim,
    Box,
    Group,
    close_aims,
    group_cases,
    pose_aims,
)
from verify.networks.phases.chains import Chain, make_chain
from verify.networks.phases.refining import first_bounds, refine_bounds, whole_points
from verify.networks.phases.slopes import Choices
from verify.networks.phases.splitting import Plan, climb_once, split_phases
from verify.networks.phases.towers import Tower, find_free
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.settings import NetworkOptions
from verify.networks.values import floats

STEPS: Final = 60  # of the climb for an aim
LEAF_STEPS: Final = 20  # of the climbs in its leaves
BATCH: Final = 256
SAMPLES: Final = 1000  # points at which inner units are looked at
STARTS: Final = 8  # of the first gradient steps, for each case
DESCENT: Final = 20  # gradient steps
SHARE: Final = 0.3  # of the time spent so far that a turn of splitting may take
HOPELESS: Final = 0.05  # the same while a block is hopeless
LEAST: Final = 0.3  # seconds that it may always take
ROUNDS: Final = 6  # of refining in the first turn; then GROWTH times as many each
GROWTH: Final = 2.5
REFINING: Final = 3.0  # seconds for each layer in the first turn; doubled each turn
HALVED: Final = 16  # inputs up to which a box is halved
PATIENCE: Final = 2.0  # time for splitting in such a box, for that of bounding it
ENDLESS: Final = 10**9


def search_phases(query: Query, options: NetworkOptions) -> Finding:
    """Decide a query over a chain of affine layers, relu and sigmoid.

    Gives Open("unsupported", ...) for other networks and for boxes without bounds, and
    Open("timeout" or "incomplete", ...) when nothing was found within `options.seconds`.
    """
    deadline = time.monotonic() + options.seconds
    chain = make_chain(query.network)
    if isinstance(chain, str):
        return Open("unsupported", chain)
    groups = group_cases(query)
    if isinstance(groups, Open):
        return groups
    search = Search(query, chain, deadline, options)
    try:
        for group in groups:
            search.descend(group)
        for group in groups:
            finding = search.run(group)
            if not isinstance(finding, Empty):
                return finding
    finally:
        search.crew.close()
    margin = search.margin if np.isfinite(search.margin) else 0.0
    return Empty("rigorous", search.cells, margin)


class Left(NamedTuple):
    """Aims of cases still open after a turn over a tower, and the coefficients of its
    loose units in the most promising aim of each, (cases, loose units)."""

    tower: Tower
    aims: tuple[Aim, ...]
    coefficients: Array


class Search:
    """The search for one query; `witness` is set as soon as one is known."""

    def __init__(
        self, query: Query, chain: Chain, deadline: float, options: NetworkOptions
    ) -> None:
        self.query, self.chain, self.deadline = query, chain, deadline
        self.random = np.random.default_rng(options.seed)
        self.prober = Prober(query)
        self.crew = Crew(options.workers)
        self.cells = 0
        self.margin = np.inf
        self.witness: Witness | None = None

    def run(self, group: Group) -> Finding:
        """Empty if all cases of the group are, a witness, or why neither was found."""
        boxes = [(group.box, group.aims)]
        while boxes and self.witness is None:
            box, aims = boxes.pop()
            halving = len(find_free(box.lower, box.upper)) <= HALVED
            left = self.try_box(box, aims) if halving else self.take_turns(box, aims)
            if left is None:
                return Open(
                    "unsupported", "bounds are too large for the error analysis"
                )
            if not left.aims or self.witness is not None:
                continue
            if time.monotonic() > self.deadline:
                count = len({aim.case for aim in left.aims})
                return Open("timeout", f"{count} cases still open", self.cells)
            halves = halve_box(box, left.tower, left.coefficients) if halving else ()
            if not halves:
                return Open("incomplete", "no split closes the gap", self.cells)
            boxes += [(half, left.aims) for half in halves]
        return self.witness or Empty("rigorous", self.cells, self.margin)

    def descend(self, group: Group) -> None:
        """A few gradient steps for each case of the group."""
        for case in group.cases:
            if self.witness is None:
                width = group.box.upper - group.box.lower
                shape = STARTS, len(width)
                points = group.box.lower + width * self.random.random(shape)
                self.witness = self.prober.climb(case, points, DESCENT, self.deadline)

    def try_box(self, box: Box, aims: tuple[Aim, ...]) -> Left | None:
        """One turn without refining; None where the box cannot be bounded."""
        start = time.monotonic()
        made = first_bounds(self.chain, box, self.sample(box, 2), self.crew)
        if made is None:
            return None
        now = time.monotonic()
        until = min(self.deadline, now + PATIENCE * (now - start))
        return self.turn(made[0], aims, Plan(ENDLESS, BATCH, LEAF_STEPS, until))

    def take_turns(self, box: Box, aims: tuple[Aim, ...]) -> Left | None:
        """Turns of splitting and of refining until nothing is left or time is up."""
        start = time.monotonic()
        made = first_bounds(self.chain, box, self.sample(box, SAMPLES), self.crew)
        if made is None:
            return None
        tower, bounds = made
        count = 0
        while True:
            now = time.monotonic()
            blocks = range(len(bounds.lower))
            share = HOPELESS if any(map(bounds.hopeless, blocks)) else SHARE
            until = min(self.deadline, now + max(LEAST, share * (now - start)))
            left = self.turn(tower, aims, Plan(ENDLESS, BATCH, LEAF_STEPS, until))
            aims = left.aims
            if not aims or self.witness or time.monotonic() > self.deadline:
                return left
            tower, bounds = refine_bounds(
                self.chain,
                box,
                bounds,
                int(ROUNDS * GROWTH**count),
                REFINING * 2.0**count,
                self.deadline,
                self.crew,
            )
            count += 1

    def turn(self, tower: Tower, aims: tuple[Aim, ...], plan: Plan) -> Left:
        """One climb, then splitting by the plan."""
        climbed = climb_once(tower, pose_aims(tower, aims), STEPS, self.crew)
        self.cells += 1
        left, margin, leaders = close_aims(aims, climbed.bounds)
        self.margin = min(self.margin, margin)
        leading = tuple(aims[place] for place in leaders)
        finals = climbed.finals[leaders]
        corners = tower.middle - tower.radius * np.sign(finals)
        for aim, corner in zip(leading, corners, strict=True):
            if self.witness is None:
                start = whole_points(tower, corner[None])
                self.witness = self.prober.climb(
                    aim.case, start, DESCENT, self.deadline
                )
        if leading and self.witness is None:
            found = self.split(tower, leading, climbed.choices.take(leaders), plan)
            lost, margin, open_ = close_aims(leading, found)
            self.margin = min(self.margin, margin)
            leaders = leaders[open_]
            cases = {aim.case for aim in lost}
            left = tuple(aim for aim in left if aim.case in cases)
        return Left(tower, left, climbed.coefficients[leaders])

    def split(
        self, tower: Tower, aims: tuple[Aim, ...], choices: Choices, plan: Plan
    ) -> Floats:
        """Lower bounds of the aims after splitting; corners are tried on the way."""
        cases = np.array([aim.case for aim in aims])

        def watch(owners: Array, corners: Array) -> bool:
            points = whole_points(tower, corners)
            outputs = floats.evaluate(self.query.network, points)
            for case in np.unique(cases[owners]).tolist():
                if self.witness is None:
                    margins, _ = self.prober.margins(case, points, outputs)
                    self.witness = self.prober.try_best(case, points, margins)
            return self.witness is not None

        tally = split_phases(
            tower, pose_aims(tower, aims), choices, plan, watch, self.crew
        )
        self.cells += tally.leaves
        return tally.bounds

    def sample(self, box: Box, count: int) -> Floats:
        """Points of the box, half of them corners."""
        width = box.upper - box.lower
        points = self.random.random((count, len(width)))
        points[::2] = points[::2] < 0.5
        return (box.lower + width * points).astype(np.float32)
