"""Counterexamples: exact first, then as a float32 input that engines really evaluate.

A point that some search found counts when exact evaluation at tolerance 0 finds it in the
box with every row met. What a deployed network would do with it is another question, and
is answered by trying: the nearest float32 point of the box is evaluated exactly, replayed in
onnxruntime and in NumPy with other orders of summation, and each float output is compared
with the property as the rational it stands for. Everything tried is in one record. Outputs
that a search reports are never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.float32 import singles
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.executions import Execution, execute, meets
from verify.networks.float32.singles import Singles
from verify.networks.query import Case, Query, Witness
from verify.networks.reading.graph import Graph
from verify.networks.values import exact, running_error
from verify.networks.values.exact import Interval
from verify.networks.values.running_error import Measured

NEIGHBOURS: Final = 243  # all steps of one in five inputs
CANDIDATES: Final = 16  # float32 points that are replayed
EXACTLY: Final = 32  # float32 points evaluated in exact arithmetic

BOTH: Final = "real and float32"
REAL_ONLY: Final = "real only"
FLOAT_ONLY: Final = "float32 only"


class Replay(NamedTuple):
    """What one engine gave at the float32 point; no outputs where they are not finite."""

    engine: str
    outputs: tuple[Fraction, ...] | None
    violates: bool


class FloatPoint(NamedTuple):
    """The float32 point: its exact outputs, whether they violate, and the replays.

    `missing` says which replays there are not, and why.
    """

    point: tuple[Fraction, ...]
    outputs: tuple[Interval, ...]
    violates: bool
    replays: tuple[Replay, ...]
    missing: tuple[str, ...] = ()

    @property
    def reproduced(self) -> bool:
        """Whether a float32 engine violates the property there."""
        return any(replay.violates for replay in self.replays)


class Counterexample(NamedTuple):
    """A point of a case, everything that was tried with it, and the `outcome`.

    `outputs` are exact, as intervals of width 0 unless a sigmoid made them. `single` is
    None when no float32 input lies in the box.
    """

    case: int
    point: tuple[Fraction, ...]
    outputs: tuple[Interval, ...]
    single: FloatPoint | None
    outcome: str


def confirm(
    query: Query, witness: Witness, graph: Graph | None = None
) -> Counterexample:
    """The record of a counterexample that a search found.

    Without a graph nothing is replayed. Raises SoundnessAlarm when exact evaluation does
    not find the point in the case: whoever reported it is wrong.
    """
    found = examine(query, witness.case, witness.point, graph)
    if found is not None and found.point != tuple(witness.point):
        found = None
    if found is None or found.outcome == FLOAT_ONLY:
        said = "" if found is None else "; float32 engines do violate it"
        raise SoundnessAlarm(
            f"a point was reported to violate the property in case {witness.case + 1}, "
            f"but exact evaluation does not find it there{said}; please report it",
            tuple(witness.point),
        )
    return found


def examine(
    query: Query, number: int, point: Sequence[Fraction], graph: Graph | None = None
) -> Counterexample | None:
    """What is true of a point that may lie in case `number`.

    If the float32 point next to it violates exactly and it does not, that one takes its
    place. None when neither exact evaluation nor any float32 engine finds a violation.
    """
    place = tuple(point)
    if not 0 <= number < len(query.cases) or not _lies_in(query.cases[number], place):
        return None
    case = query.cases[number]
    outputs = exact.enclose(query.network, place)
    violates = exact.holds(case, place, outputs)
    single = _nearest_single(query, number, place, graph)
    if not violates and single is not None and single.violates:
        place, outputs, violates = single.point, single.outputs, True
    reproduced = single is not None and single.reproduced
    if not violates and not reproduced:
        return None
    outcome = FLOAT_ONLY if not violates else BOTH if reproduced else REAL_ONLY
    return Counterexample(number, place, outputs, single, outcome)


def _lies_in(case: Case, point: tuple[Fraction, ...]) -> bool:
    return len(point) == len(case.lower) and all(
        isinstance(x, Fraction) and low <= x <= high
        for low, x, high in zip(case.lower, point, case.upper, strict=True)
    )


def _nearest_single(
    query: Query, number: int, point: tuple[Fraction, ...], graph: Graph | None
) -> FloatPoint | None:
    """The float32 point next to `point` that violates exactly and in the most engines."""
    case = query.cases[number]
    nearest = singles.nearest_point(point, case.lower, case.upper)
    if nearest is None:
        return None
    near = singles.neighbours(nearest, case.lower, case.upper, NEIGHBOURS)
    candidates = _violating(query, number, near)
    violates = len(candidates) > 0
    if not violates:
        candidates = near[:1]
    executions, missing = execute(graph, candidates)
    counts = [meets(case, candidates, execution) for execution in executions]
    best = int(np.argmax(sum(counts, np.zeros(len(candidates)))))
    chosen = singles.exact(candidates[best])
    return FloatPoint(
        chosen,
        exact.enclose(query.network, chosen),
        violates,
        tuple(
            _replay(execution, best, bool(met[best]))
            for execution, met in zip(executions, counts, strict=True)
        ),
        missing,
    )


def _violating(query: Query, number: int, near: Singles) -> Singles:
    """Those points that meet all rows exactly, nearest first; float64 sorts out most."""
    case = query.cases[number]
    start = Measured(near.astype(np.float64), np.zeros(near.shape))
    outputs = running_error.evaluate(query.network, start.values)
    rows = running_error.measure_rows(case.rows, start, outputs)
    hopeless = (rows.values + rows.errors < 0).any(axis=1)
    kept: list[int] = []
    for index in np.flatnonzero(~hopeless)[:EXACTLY]:
        place = singles.exact(near[index])
        if exact.holds(case, place, exact.enclose(query.network, place)):
            kept.append(int(index))
        if len(kept) == CANDIDATES:
            break
    return near[kept]


def _replay(execution: Execution, index: int, violates: bool) -> Replay:
    outputs = execution.outputs[index]
    known = singles.exact(outputs) if np.isfinite(outputs).all() else None
    return Replay(execution.engine, known, violates)
