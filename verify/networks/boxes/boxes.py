"""Branch and bound that halves ranges of inputs, many boxes at once.

Each chunk of boxes is bounded (bounds.py), the cases that a mixture of rows rules out are
struck off (goals.py, and a second look for what is left), boxes with none left are done,
the others are clipped to where all rows may hold (striking.py) and halved (bisecting.py).
Halves meet in the float between them, so children cover their parent, closed ends
included, and a leaf's strictness is that of its case. float32 is twice as fast; where
rounding becomes a good part of what is missing, a box goes on in float64, and where it does
so again, in exact arithmetic (corners.py). The newest boxes come first, which keeps
neighbours together and the stack small. Points are tried along the way: centres, and the
corners where the forms are largest.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from verify.networks.boxes.batches import Batch, group_cases, pop_boxes, start_batch
from verify.networks.boxes.bisecting import choose_cuts, score_inputs
from verify.networks.boxes.bounds import bound_layers
from verify.networks.boxes.corners import settle_corners
from verify.networks.boxes.falsify import Prober, confirm_point
from verify.networks.boxes.goals import Goals, bound_goals, make_goals
from verify.networks.boxes.program import Program, make_program
from verify.networks.boxes.pullback import Blame
from verify.networks.boxes.ranges import Form, Ranges
from verify.networks.boxes.recording import Recorder, Split
from verify.networks.boxes.rounding import DOUBLE, SINGLE, Array
from verify.networks.boxes.second_look import Sight, look_again
from verify.networks.boxes.striking import clip_batch, close_cases
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.settings import NetworkOptions

CHUNK: Final = 256
UNITS: Final = 16_000  # units of the widest layer times boxes of a chunk, at most
NOISY: Final = 8  # a bound below so many times its rounding asks for finer arithmetic
CLIMBED: Final = 8  # points of a chunk that take gradient steps
CLIMB_STEPS: Final = 12
EAGER: Final = 4  # chunks with gradient steps, then one in QUIET
QUIET: Final = 8
EXACT: Final = 128  # boxes tried in exact arithmetic without success
WORTH: Final = 0.05  # share of boxes closed at a second look that makes it worth it
FADE: Final = 0.8  # of what is remembered of such looks
MARGIN_LOSS: Final = 2.0**-18  # for sums of multipliers that are only nearly known
PAUSE: Final = 64  # chunks between looks at the memory


class Unfit(ValueError):
    """The network has numbers that floating point does not hold."""


class Search:
    """The state of a search: what waits, and what has been found so far."""

    def __init__(
        self, query: Query, options: NetworkOptions, recorder: Recorder | None = None
    ) -> None:
        """Every box of the query waits. Raises Unfit for weights that are not finite."""
        self.query = query
        self.recorder = recorder
        self.programs: dict[bool, Program] = {}
        self.goals: dict[bool, Goals] = {}
        for fine, precision in ((False, SINGLE), (True, DOUBLE)):
            try:
                self.programs[fine] = make_program(query.network, precision)
            except ValueError as error:
                if fine:
                    raise Unfit(str(error)) from None
                continue
            self.goals[fine] = make_goals(query, precision)
        widest = max(layer.size for layer in query.network.layers)
        self.chunk = max(8, min(CHUNK, UNITS // max(1, widest)))
        self.prober = Prober(query)
        self.witness: Witness | None = None
        self.cells = self.chunks = self.unsettled = self.nodes = 0
        self.margin = np.inf
        self.exact_tries = EXACT
        self.looked = (0.0, 0.0)  # boxes looked at again, and closed, fading
        self.full = False
        self.most_bytes = options.megabytes * 2**20 // (2 * options.workers)
        self.stack: list[Batch] = []
        self._begin()

    def _begin(self) -> None:
        groups = group_cases(self.query)
        if not groups:
            return
        for index in (index for cases in groups for index in cases):
            case = self.query.cases[index]
            if not case.rows:
                self.witness = confirm_point(self.query, index, case.lower)
        program = self.programs.get(False, self.programs[True])
        batch = start_batch(self.query, groups, program.units, program.precision)
        self.nodes = batch.boxes
        self.stack = [batch]
        if self.recorder is not None:
            for place, cases in enumerate(groups):
                lower, upper = batch.lower[:, place], batch.upper[:, place]
                self.recorder.add_root(place, tuple(cases), lower, upper)

    @property
    def is_open(self) -> bool:
        """Is there anything left to do, and room to do it in?"""
        return bool(self.stack) and self.witness is None and not self.full

    def run(self, until: float) -> None:
        """Search until nothing waits, a witness is found, or time or memory is over."""
        while self.is_open and time.monotonic() < until:
            self.step()
            if self.chunks % PAUSE == 0:
                self.full = sum(batch.bytes for batch in self.stack) > self.most_bytes

    def step(self) -> None:
        """Bound the newest chunk of boxes, and put what is left of them on the stack."""
        batch = pop_boxes(self.stack, self.chunk)
        program, goals = self.programs[batch.fine], self.goals[batch.fine]
        known = batch.least, batch.most
        ranges = bound_layers(program, batch.lower, batch.upper, known)
        goals = goals.take(np.flatnonzero(batch.live[goals.owner].any(1)))
        blame = Blame()
        form = bound_goals(ranges, goals, blame)
        self.cells += batch.boxes
        self.chunks += 1
        live, margin = close_cases(batch, goals, form, self.recorder)
        self.margin = min(self.margin, margin)
        sight = self._look_again(ranges, goals, form, live)
        open_ = np.flatnonzero(live.any(0))
        if not len(open_):
            return
        least, most = ranges.pack()
        batch = batch._replace(live=live, least=least, most=most).take(open_)
        form = Form(*(part[..., open_] for part in form))
        sight = Sight(*(part[..., open_] for part in sight))
        self._try_points(batch, goals, form)
        if self.witness is not None:
            return
        batch = self._clip(batch, goals, form, sight)
        waiting = batch.live[goals.owner]
        best = np.where(waiting, form.bound, np.inf).min(0, initial=np.inf)
        noise = np.broadcast_to(blame.noise, ranges.boxes)[open_] / max(1, len(waiting))
        noisy = best < NOISY * noise
        if batch.fine:
            self._settle_exactly(batch, noisy)
        width = batch.upper - batch.lower
        scores = score_inputs(ranges, form, blame, open_, width)
        self._halve(batch, scores, noisy, best)

    def _look_again(
        self, ranges: Ranges, goals: Goals, form: Form, live: Array
    ) -> Sight:
        """Bound the boxes with one open case better; those closed leave `live`."""
        count = live.shape[1]
        sight = Sight(np.full(count, np.inf), np.zeros((len(ranges.middle), count)))
        boxes = np.flatnonzero(live.sum(0) == 1)
        rare = self.looked[1] < WORTH * self.looked[0] and self.chunks % QUIET
        if self.recorder is not None or not len(boxes) or rare:
            return sight
        cases = live[:, boxes].argmax(0)
        found = look_again(ranges, goals, form, boxes, cases)
        closed = found.bound < 0
        self.looked = (
            FADE * self.looked[0] + len(boxes),
            FADE * self.looked[1] + int(closed.sum()),
        )
        if closed.any():
            self.margin = min(self.margin, float(-found.bound[closed].max()))
            live[cases[closed], boxes[closed]] = False
        sight.bound[boxes], sight.form[:, boxes] = found.bound, found.form
        return sight

    def _try_points(self, batch: Batch, goals: Goals, form: Form) -> None:
        """Centres, and corners where a case's best row is largest, as witnesses."""
        points: list[Array] = []
        cases: list[int] = []
        centre = batch.lower / 2 + batch.upper / 2
        for case in np.unique(goals.owner):
            mine = np.flatnonzero(goals.owner == case)
            places = np.flatnonzero(batch.live[case])
            if not len(places):
                continue
            worst = form.bound[mine][:, places].argmin(0)
            slope = form.form[:, mine][:, worst, places]
            corner = np.where(slope > 0, batch.upper[:, places], batch.lower[:, places])
            points.append(np.concatenate([centre[:, places], corner], axis=1).T)
            cases.append(int(case))
        climb = self.chunks <= EAGER or self.chunks % QUIET == 0
        steps = CLIMB_STEPS if climb else 0
        self.witness = self.prober.search(cases, points, CLIMBED, steps)

    def _clip(self, batch: Batch, goals: Goals, form: Form, sight: Sight) -> Batch:
        if self.recorder is not None:
            return batch
        clipped = clip_batch(batch, goals, form, sight)
        if any(
            (getattr(clipped, name) != getattr(batch, name)).any()
            for name in ("lower", "upper", "live")
        ):
            self.margin = 0.0  # of what is cut off it is not known
        return clipped

    def _settle_exactly(self, batch: Batch, noisy: Array) -> None:
        """Strike off cases of boxes that rounding keeps open, while that succeeds."""
        if self.recorder is not None:
            return
        for place in np.flatnonzero(noisy):
            for case in np.flatnonzero(batch.live[:, place]):
                if self.exact_tries <= 0 or self.witness is not None:
                    return
                self.exact_tries -= 1
                found = settle_corners(
                    self.query,
                    int(case),
                    batch.lower[:, place].tolist(),
                    batch.upper[:, place].tolist(),
                )
                if isinstance(found, Witness):
                    self.witness = found
                elif found:
                    self.exact_tries += 2
                    self.margin = 0.0
                    batch.live[case, place] = False

    def _halve(self, batch: Batch, scores: Array, noisy: Array, promise: Array) -> None:
        """Halve the boxes with cases still open, and push the halves.

        Those whose bound promises most go last, so that they are bounded next.
        """
        chosen, where = choose_cuts(batch.lower, batch.upper, scores)
        open_ = batch.live.any(0)
        self.unsettled += int((open_ & (chosen < 0)).sum())
        for finer in (True, False):
            places = np.flatnonzero(open_ & (chosen >= 0) & (noisy == finer))
            places = places[np.argsort(promise[places], kind="stable")]
            if len(places):
                part = batch.take(places)
                part = part.refine() if finer and not batch.fine else part
                self._push(part, chosen[places], where[places])

    def _push(self, batch: Batch, chosen: Array, where: Array) -> None:
        """Both halves of every box, side by side."""
        places = np.arange(batch.boxes)
        nodes = self.nodes + np.arange(2 * batch.boxes)
        self.nodes += len(nodes)
        if self.recorder is not None:
            pairs = nodes.reshape(-1, 2).tolist()
            cuts = zip(
                batch.node.tolist(), chosen.tolist(), where.tolist(), strict=True
            )
            for (node, which, at), pair in zip(cuts, pairs, strict=True):
                self.recorder.add_split(node, Split(which, at, *pair))
        twice = batch.take(np.repeat(places, 2))
        twice.upper[chosen, 2 * places] = where
        twice.lower[chosen, 2 * places + 1] = where
        self.stack.append(twice._replace(node=nodes))

    def conclude(self) -> Finding:
        """What the search has found."""
        if self.witness is not None:
            return self.witness
        if self.stack:
            waiting = sum(batch.boxes for batch in self.stack)
            reason, over = ("memory", "memory") if self.full else ("timeout", "time")
            detail = f"{waiting} boxes waited when the {over} was used up"
            return Open(reason, detail, self.cells)
        if self.unsettled:
            detail = (
                f"{self.unsettled} boxes no wider than neighbouring floats are open: "
                "the rows meet their bounds there, or nearly"
            )
            return Open("incomplete", detail, self.cells)
        margin = max(0.0, self.margin * (1 - MARGIN_LOSS))
        return Empty("rigorous", self.cells, margin)


def search_boxes(
    query: Query, options: NetworkOptions, recorder: Recorder | None = None
) -> Finding:
    """Decide a query by halving input ranges, in this process alone.

    With a `recorder` the tree is kept; no box is clipped then, nor looked at twice, nor
    settled exactly.
    """
    until = time.monotonic() + options.seconds
    try:
        search = Search(query, options, recorder)
    except Unfit as error:
        return Open("unsupported", str(error))
    search.run(until)
    return search.conclude()
