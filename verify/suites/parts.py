"""One hard question about networks cut into parts, so that many processes can share it.

A part is some cases with a box. Parts are jobs like any other, so they run wherever jobs
run. A part that is still open after its share of the time is halved, and the halves wait
behind the others; halves meet in a rational number that belongs to both, so together they
are the part, whatever else is true. All parts empty: the question is. One point, evaluated
exactly where this runs: the question has it, and the other parts are dropped.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from verify.networks.boxes.batches import group_cases
from verify.networks.query import Empty, Finding, Open, Query
from verify.networks.values import floats
from verify.suites.instance_jobs import read_witness
from verify.suites.tasks import Jobs

AHEAD: Final = 2  # parts for each process, so that none waits for the last
SLICE: Final = 4.0  # seconds of a part's first search
LONGER: Final = 1.3  # times as long for each halving
LEAST: Final = 0.1  # seconds that are worth a job
GRACE: Final = 2.0

Result = Mapping[str, Any]


class Part(NamedTuple):
    """Cases of a question in a box that lies in all of theirs; `depth` counts halvings."""

    cases: tuple[int, ...]
    lower: tuple[Fraction, ...]
    upper: tuple[Fraction, ...]
    depth: int = 0

    def fields(self) -> dict[str, Any]:
        """As the job "part" is told."""
        return {
            "cases": list(self.cases),
            "lower": [str(x) for x in self.lower],
            "upper": [str(x) for x in self.upper],
        }


def make_parts(query: Query, count: int) -> list[Part]:
    """Parts that are the whole question together: about `count`, if it can be cut so."""
    parts = [
        Part(tuple(cases), query.cases[cases[0]].lower, query.cases[cases[0]].upper)
        for cases in group_cases(query)
    ]
    waiting = deque(parts)
    while waiting and len(waiting) < count:
        halves = halve(query, waiting.popleft())
        if len(halves) < 2:
            return [*halves, *waiting]
        waiting.extend(halves)
    return list(waiting)


def halve(query: Query, part: Part) -> list[Part]:
    """The two halves of a part, across the input on which the outputs depend most.

    A part that is a single point is returned as it is.
    """
    widths = [high - low for low, high in zip(part.lower, part.upper, strict=True)]
    if not any(widths):
        return [part]
    varies = np.array([width > 0 for width in widths])
    chosen = int(np.argmax(np.where(varies, _effects(query, part), -1.0)))
    middle = (part.lower[chosen] + part.upper[chosen]) / 2
    upper = (*part.upper[:chosen], middle, *part.upper[chosen + 1 :])
    lower = (*part.lower[:chosen], middle, *part.lower[chosen + 1 :])
    deeper = part.depth + 1
    return [
        part._replace(upper=upper, depth=deeper),
        part._replace(lower=lower, depth=deeper),
    ]


def _effects(query: Query, part: Part) -> Any:
    """How far the outputs move along each input through the middle; only a guess."""
    low = np.array([float(x) for x in part.lower])
    high = np.array([float(x) for x in part.upper])
    middle = (low + high) / 2
    points = np.vstack(
        [middle + np.diag(high - middle), middle - np.diag(middle - low)]
    )
    outputs = floats.evaluate(query.network, points)
    moved = np.abs(outputs[: len(low)] - outputs[len(low) :]).sum(1)
    return np.nan_to_num(moved)


def decide_parts(
    query: Query,
    files: Mapping[str, Any],
    jobs: Jobs,
    deadline: float,
    width: int,
    megabytes: int,
) -> Finding:
    """The answer of all parts together, `width` at once, by `deadline` (monotonic).

    `files` is the part of every job's payload that says which question it is.
    """
    return _Parts(query, files, jobs, deadline, width, megabytes).decide()


class _Parts:
    def __init__(
        self,
        query: Query,
        files: Mapping[str, Any],
        jobs: Jobs,
        deadline: float,
        width: int,
        megabytes: int,
    ) -> None:
        self.query = query
        self.files = files
        self.jobs = jobs
        self.deadline = deadline
        self.width = max(width, 1)
        self.megabytes = megabytes
        self.waiting = deque(make_parts(query, AHEAD * self.width))
        self.running: dict[Future[Any], Part] = {}
        self.cells = 0
        self.margin = float("inf")

    def decide(self) -> Finding:
        try:
            while self.waiting or self.running:
                if not self._submit() and not self.running:
                    return self._open("timeout", "no answer in time")
                done = next(iter(self.jobs.as_completed(list(self.running))))
                found = self._take(self.running.pop(done), done.result())
                if found is not None:
                    return found
        finally:
            self.jobs.drop(list(self.running))
        return Empty("rigorous", self.cells, self.margin)

    def _submit(self) -> bool:
        """Fill the places that are free; False when there is no time for more."""
        while self.waiting and len(self.running) < self.width:
            left = self.deadline - time.monotonic()
            if left < LEAST:
                return False
            part = self.waiting.popleft()
            seconds = min(left, SLICE * LONGER**part.depth)
            payload = {**self.files, **part.fields(), "seconds": seconds}
            future = self.jobs.submit(
                "part", payload, seconds=seconds + GRACE, megabytes=self.megabytes
            )
            self.running[future] = part
        return True

    def _take(self, part: Part, result: Result) -> Finding | None:
        """What a part's end means for the question; None to go on."""
        if result.get("status") == "done":
            match result.get("found"):
                case "empty":
                    self.cells += int(result["cells"])
                    self.margin = min(self.margin, float(result["margin"]))
                    return None
                case "point":
                    witness = read_witness(self.query, result)
                    if witness is not None and witness.case in part.cases:
                        return witness
                    return self._open("crash", "a point that exact evaluation refuses")
        reason = str(result.get("reason") or result.get("status", "crash"))
        if reason not in ("timeout", "memory"):
            return self._open(reason, str(result.get("detail", "")))
        halves = halve(self.query, part)
        if len(halves) < 2:
            return self._open(reason, "a single point without an answer")
        self.cells += int(result.get("cells", 0))
        self.waiting.extend(halves)
        return None

    def _open(self, reason: str, detail: str) -> Open:
        return Open(reason, detail, self.cells)
