"""The best response: where a data point's mass would go at a price for distance.

For a data point x and a rate, the largest of loss(f(z)) - rate * |z - x| over the region:
all questions of a round are searched together, polished to exact vertices, and each bound
becomes a lemma that the kernel has accepted. With a slack of 0 the lemma's value is the
response itself, so that upper and lower bounds meet.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from verify.kernel.networks import Program, Row
from verify.kernel.rejections import Rejected
from verify.networks.certificates.growth import Growth
from verify.networks.certificates.levels import make_rows as make_float_rows
from verify.networks.certificates.outcomes import Node as Leaf
from verify.networks.network import Floats, Network
from verify.networks.values.exact import evaluate
from verify.shift.labels import Option, take_option
from verify.shift.losses import SQUARED, Piece
from verify.shift.regions import Point, Region
from verify.shift.transport.asks import (
    Ask,
    Options,
    Place,
    Response,
    is_plain,
    measure,
)
from verify.shift.transport.bounding import Tasks
from verify.shift.transport.finishing import (
    close_cell,
    close_empty,
    solve_cell,
    weigh_cell,
    write_exact,
)
from verify.shift.transport.forking import run_forked
from verify.shift.transport.leaves import gather_closed, write_multipliers
from verify.shift.transport.lemmas import (
    Frame,
    Lemma,
    half_forms,
    make_program,
    make_sides,
    narrow,
)
from verify.shift.transport.polishing import Aim, Floated, float_row, improve, sharpen
from verify.shift.transport.proofs import Proof, prove_lemma
from verify.shift.transport.searching import Closed, Node, Search, join_nodes

PROGRAMMES: Final = 200  # of a task, each time that cells are settled
PARTS: Final = 2  # of a round, for each process
LEAST_PART: Final = 8  # asks in a part
HAIR: Final = 1e-7  # of the values' size: what counts as nothing
ZERO: Final = Fraction(0)


class _Round:
    """One search over all asks; tasks are pairs of an ask and one of its pieces."""

    def __init__(
        self,
        network: Network,
        frame: Frame,
        loss: str,
        asks: Sequence[Ask],
        options: Options,
    ) -> None:
        self.network, self.frame, self.loss = network, frame, loss
        self.asks, self.options = asks, options
        self.frames = [narrow(frame, ask.point, ask.within) for ask in asks]
        self.keys = [
            (g, k) for g, ask in enumerate(asks) for k in range(len(ask.pieces))
        ]
        self.first = make_program(frame, self._lemma(0, ZERO), asks[0].pieces[0])
        self.aims = [self._aim(g, k) for g, k in self.keys]
        self.floated = [
            self._float(aim, self.frames[g].region, asks[g].pieces[k])
            for aim, (g, k) in zip(self.aims, self.keys, strict=True)
        ]
        self.places = [ask.start for ask in asks]
        self.search = self._start()

    def _lemma(self, group: int, value: Fraction) -> Lemma:
        ask = self.asks[group]
        return Lemma(ask.point, ask.pieces, ask.rate, value, ask.within)

    def _aim(self, group: int, k: int) -> Aim:
        ask = self.asks[group]
        piece = ask.pieces[k]

        def over(constant: Fraction, weights: tuple[Fraction, ...]) -> Row:
            pairs = zip(self.frame.outputs, weights, strict=True)
            return Row(constant, tuple(sorted((v, w) for v, w in pairs if w)), False)

        main = over(piece.value.constant - ask.rate * piece.price, piece.value.weights)
        conditions = [over(*one) for one in piece.conditions]
        for constant, weights in half_forms(self.frame):
            conditions.append(Row(constant, tuple(sorted(weights.items())), False))
        rate = ZERO if piece.forbidden else ask.rate
        return Aim(main, tuple(conditions), rate, ask.point)

    def _float(self, aim: Aim, region: Region, piece: Piece) -> Floated:
        levels = self.frame.levels
        main, constant = float_row(levels, self.first, aim.main)
        lines = [float_row(levels, self.first, row) for row in aim.conditions]
        if self.loss == SQUARED and not piece.forbidden:
            # beyond its ends a chord lies below the loss, so it may count everywhere
            own = len(piece.conditions)
            lines[:own] = own * [(np.zeros_like(main), 0.0)]
        stacked = np.array([line for line, _ in lines]).reshape(len(lines), len(main))
        lower, upper = (
            np.array([float(x) for x in side if x is not None])
            for side in (region.lower, region.upper)
        )
        shifts = np.array([shift for _, shift in lines])
        return Floated(main, constant, stacked, shifts, lower, upper)

    def _start(self) -> Search:
        floated, asks = self.floated, self.asks
        owners = [asks[g] for g, _ in self.keys]
        most = max(len(one.shifts) for one in floated)
        count, width = len(floated), len(floated[0].main)
        conditions, shifts = np.zeros((count, most, width)), np.zeros((count, most))
        for k, one in enumerate(floated):
            conditions[k, : len(one.shifts)] = one.conditions
            shifts[k, : len(one.shifts)] = one.shifts
        tasks = Tasks(
            np.array([one.main for one in floated]),
            np.array([one.constant for one in floated]),
            np.array([float(aim.rate) for aim in self.aims]),
            np.array([[float(x) for x in ask.point] for ask in owners]),
            conditions,
            shifts,
            self.frame.ground == "linf",
        )
        pairs = zip(self.frames, asks, strict=True)
        sides = [make_sides(frame, ask.point) for frame, ask in pairs]
        boxes = [sides[g] for g, _ in self.keys]
        lower = np.array([[float(a or 0) for a, _ in box] for box in boxes])
        upper = np.array([[float(b or 0) for _, b in box] for box in boxes])
        best = np.array([float(self._value(g)) for g in range(len(asks))])
        points = np.array([[float(x) for x in ask.start.point] for ask in asks])
        self.size = max(1.0, float(np.abs(best).max(initial=0.0)))
        slack = float(self.options.slack) or -2.0 * HAIR * self.size
        groups = np.array([g for g, _ in self.keys])
        return Search(
            self.frame.levels, tasks, lower, upper, best, points,
            np.full(len(asks), slack), groups, [Growth(box) for box in boxes],
        )  # fmt: skip

    def _value(self, group: int) -> Fraction:
        place, ask = self.places[group], self.asks[group]
        return place.loss - ask.rate * place.distance

    def run(self) -> list[Response]:
        """Search, polish and prove."""
        until = time.monotonic() + self.options.seconds
        search = self.search
        exact: list[Node] = []
        self._polish(search.waiting)
        while search.waiting or search.parked:
            search.run(until, self.options.limit)
            if search.parked:
                parked, search.parked = join_nodes(search.parked), []
                exact += self._settle(parked, until)
        if self.options.slack:
            for node in exact:
                search.give_up(node)
            exact = []
        self._sharpen_all(set(range(len(self.asks))))
        if not self.options.prove:
            return [self._respond(group) for group in range(len(self.asks))]
        return self._prove(exact, until)

    def _polish(self, nodes: Sequence[Node]) -> None:
        """Linear programmes from where the open bounds are attained, one a group."""
        if not nodes:
            return
        now, search = join_nodes(list(nodes)), self.search
        groups = search.groups[now.tasks]
        for group in np.unique(groups).tolist():
            which = np.flatnonzero(groups == group)
            k = which[now.bounds.values[which].argmax()]
            task = int(now.tasks[k])
            start = now.bounds.points[k]
            point = improve(self.frame, self.aims[task], self.floated[task], start)
            search.note(now.tasks[[k]], point[None])

    def _settle(self, parked: Node, until: float) -> list[Node]:
        """Close cells of decided relus by their linear programmes, as many of a task as
        may be; those left need exact leaves."""
        left = []
        spent = np.zeros(len(self.keys), np.int64)
        order = np.argsort(-parked.bounds.values)
        for k in order.tolist():
            node = parked.take(np.array([k]))
            task = int(node.tasks[0])
            if close_cell(self.search, node):
                continue
            spent[task] += 1
            if spent[task] > PROGRAMMES or time.monotonic() > until:
                self.search.give_up(node)
                continue
            found = solve_cell(
                self.frame, self.search, node, self.aims[task], self.floated[task]
            )
            if found is None:
                left.append(node)
                continue
            solved, weights = found
            if not np.isfinite(solved.value):
                if not close_empty(self.search, node, weights):
                    left.append(node)
                continue
            self.search.note(node.tasks, solved.point[None])
            node = weigh_cell(self.search, node, weights)
            if not close_cell(self.search, node):
                left.append(node)
        return left

    def _sharpen_all(self, groups: set[int]) -> None:
        """Exact places from the best points, kept where they are better."""
        search = self.search
        for group in groups:
            ask, point = self.asks[group], search.points[group]
            tasks = [t for t, (g, _) in enumerate(self.keys) if g == group]
            for task in tasks:
                vertex = sharpen(self.frames[group], self.first, self.aims[task], point)
                self._offer(group, vertex)
                if float(self._value(group)) >= search.best[group] - 1e-12 * self.size:
                    break
            else:
                self._offer(group, _nearby(ask.point, point))

    def _offer(self, group: int, point: Point) -> None:
        if not self.frame.region.contains(point):
            return
        ask = self.asks[group]
        outputs = evaluate(self.network, point)
        moved = measure(self.frame, ask.point, point)
        for option in ask.options or (Option(ask.target, ZERO),):
            taken = take_option(self.loss, outputs, moved, option, ask.target)
            old = self.places[group]
            gain = taken.loss - ask.rate * taken.distance
            if gain > old.loss - ask.rate * old.distance:
                self.places[group] = Place(point, *taken)

    def _respond(self, group: int) -> Response:
        search, place = self.search, self.places[group]
        closed = float(search.best[group] + 0.5 * search.slack[group])
        most = max(0.0, closed, float(search.ceilings[group]))
        peak = _nearby(self.asks[group].point, search.points[group])
        return Response(place, most, peak)

    def _prove(self, exact: Sequence[Node], until: float) -> list[Response]:
        """Proofs of all bounds, as far as there is time."""
        closed = gather_closed(self.search.closed, len(self.keys))
        tight: dict[int, list[Node]] = {}
        for node in exact:
            tight.setdefault(int(node.tasks[0]), []).append(node)
        found = []
        place = 0
        for group, ask in enumerate(self.asks):
            tasks = list(range(place, place + len(ask.pieces)))
            place += len(ask.pieces)
            late = time.monotonic() > until
            proof = None if late else self._prove_one(group, tasks, closed, tight)
            found.append(self._respond(group)._replace(proof=proof))
        return found

    def _prove_one(
        self,
        group: int,
        tasks: Sequence[int],
        closed: Sequence[Closed | None],
        tight: dict[int, list[Node]],
    ) -> Proof | None:
        """The kernel's proof of the least bound; where floats were a hair off and the
        kernel rejects it, of one that leaves more room."""
        value = max(self._value(group), ZERO)
        most = float(max(self.search.best[group], self.search.ceilings[group]))
        hair = self.options.slack or 16 * Fraction(HAIR * self.size)
        if self.options.slack or most > float(value) + HAIR * self.size:
            # a chord lies above the loss, and what was given up is bounded, not attained
            value = _round_up(max(value, Fraction(most)) + hair)
        ask = self.asks[group]
        for bound in (value, _round_up(value + hair)):
            kept = [
                t
                for t in tasks
                if not is_plain(ask.pieces[self.keys[t][1]], ask.rate, bound)
            ]
            pieces = tuple(ask.pieces[self.keys[t][1]] for t in kept)
            lemma = self._lemma(group, bound)._replace(pieces=pieces)
            trees = [
                self._write_tree(
                    task, make_program(self.frame, lemma, piece), closed, tight
                )
                for task, piece in zip(kept, pieces, strict=True)
            ]
            written = [tree for tree in trees if tree is not None]
            if not written or len(written) < len(trees):
                return None
            try:
                return prove_lemma(self.frame, lemma, written)
            except Rejected:
                continue
        return None

    def _write_tree(
        self,
        task: int,
        program: Program,
        closed: Sequence[Closed | None],
        tight: dict[int, list[Node]],
    ) -> tuple[Leaf, ...] | None:
        """One task's tree; None where a cell has a point above the bound."""
        growth, levels = self.search.growths[task], self.frame.levels
        for node in tight.get(task, ()):
            place = int(node.places[0])
            leaf = write_exact(levels, program, growth, node.cells, place)
            if leaf is None:
                return None
            growth.exact[place] = leaf
        rows = make_float_rows(program, levels)
        some = closed[task]
        if some is not None:
            tasks = self.search.tasks.take(np.full(len(some.places), task))
            leaves = write_multipliers(
                self.frame, self.search, tasks, some, program, rows, self.aims[task],
                len(self.floated[task].shifts),
            )  # fmt: skip
            growth.close(some.places.tolist(), leaves)
        return growth.write(levels, rows)


def find_responses(
    network: Network, frame: Frame, loss: str, asks: Sequence[Ask], options: Options
) -> list[Response]:
    """The best response to each ask, with proofs where `options` wants them.

    Large rounds are cut into parts for forked processes, each with a search of its own.
    """
    if not asks:
        return []
    parts = min(options.processes * PARTS, len(asks) // LEAST_PART)
    if options.processes < 2 or parts < 2:
        return _Round(network, frame, loss, asks, options).run()

    def work(part: int) -> list[Response]:
        return _Round(network, frame, loss, asks[part::parts], options).run()

    found: list[Response | None] = [None] * len(asks)
    for part, responses in enumerate(run_forked(work, parts, options.processes)):
        found[part::parts] = responses
    return [one for one in found if one is not None]


def _nearby(centre: Point, point: Floats) -> Point:
    """The point in short dyadic steps from the data point."""
    grid = 2**20
    steps = [
        round((float(v) - float(x)) * grid) for v, x in zip(point, centre, strict=True)
    ]
    return tuple(
        x + Fraction(step, grid) for x, step in zip(centre, steps, strict=True)
    )


def _round_up(value: Fraction) -> Fraction:
    """The next multiple of 2^-24, so that lemmas stay short."""
    grid = 2**24
    return Fraction(-((-value.numerator * grid) // value.denominator), grid)
