"""What a verdict over the reals says of the network as float32 engines run it.

A proof and a counterexample are statements about real arithmetic over the stored weights.
Of float32 something is known only where a bound on rounding, or a run, says so; whatever
a run shows that contradicts a proof is said loudly, and changes nothing about the reals.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.float32 import anyorder, singles
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.executions import Execution, execute, meets
from verify.networks.float32.shared_boxes import shared_boxes
from verify.networks.float32.singles import Singles
from verify.networks.float32.walking import NotWalked
from verify.networks.float32.witnesses import Counterexample, Replay
from verify.networks.query import Case, Empty, Finding, Query
from verify.networks.reading.graph import Graph
from verify.networks.values import exact

ANY_ORDER: Final = "any order"
REPLAYED: Final = "replayed"
NOT_REPRODUCED: Final = "not reproduced"
VIOLATED: Final = "violated"
NOT_FINITE: Final = "not finite"
NO_INPUT: Final = "no input"
NOT_KNOWN: Final = "not known"
NOT_CHECKED: Final = "not checked"
STATUSES: Final = (
    ANY_ORDER, REPLAYED, NOT_REPRODUCED, VIOLATED, NOT_FINITE, NO_INPUT, NOT_KNOWN,
    NOT_CHECKED,
)  # fmt: skip

SAMPLES: Final = 100  # float32 points replayed after a proof, a box
BOXES: Final = 16  # boxes of which points are replayed
PIECES: Final = 16  # parts of each box when its rows are relaxed by rounding


class Divergence(NamedTuple):
    """A float32 input at which an engine violates what is proved over the reals."""

    case: int
    point: tuple[Fraction, ...]
    replay: Replay


class Float32(NamedTuple):
    """What is known of float32: one of STATUSES, and a sentence.

    `divergence` is there when the status is `violated`.
    """

    status: str
    detail: str
    divergence: Divergence | None = None

    @property
    def phrase(self) -> str:
        """As verdicts show it: `float32: any order`, or `not checked`."""
        return self.status if self.status == NOT_CHECKED else f"float32: {self.status}"


def describe_refutation(found: Counterexample, graph: Graph | None) -> Float32:
    """What is known of float32 beside a counterexample."""
    single = found.single
    if single is None:
        return Float32(
            NO_INPUT, "no float32 input lies in the box of the counterexample"
        )
    if graph is None or not single.replays:
        return Float32(NOT_CHECKED, "; ".join(single.missing))
    engines = [replay.engine for replay in single.replays if replay.violates]
    if engines:
        return Float32(REPLAYED, f"violated at a float32 input in {', '.join(engines)}")
    strange = [replay.engine for replay in single.replays if replay.outputs is None]
    if strange:
        return Float32(NOT_FINITE, f"outputs are not finite in {', '.join(strange)}")
    return Float32(
        NOT_REPRODUCED,
        "violated over the reals, but in no float32 engine at the nearest float32 input",
    )


def describe_proof(
    query: Query,
    graph: Graph | None,
    margin: float = 0.0,
    *,
    seed: int = 0,
    decide: Callable[[Query], Finding] | None = None,
) -> Float32:
    """What is known of float32 beside a proof over the reals.

    `margin` is how far every point of a box is from meeting all rows of its case, as in
    query.Empty. Where it does not exceed the rounding, `decide` is asked whether the query
    is still empty with every row relaxed by the rounding. Raises SoundnessAlarm when a
    replay or exact evaluation contradicts what was proved.
    """
    if graph is None:
        return Float32(NOT_CHECKED, "the network was not read from an ONNX file")
    if all(singles.single_box(case) is None for case in query.cases):
        return Float32(NO_INPUT, "no float32 input lies in the box")
    seen = _replay_samples(query, graph, seed)
    bounded = _compare_margin(query, graph, margin)
    if bounded.status == NOT_KNOWN and seen is None and decide is not None:
        bounded = _decide_widened(query, graph, decide) or bounded
    if seen is None:
        return bounded
    if bounded.status == ANY_ORDER:
        raise SoundnessAlarm(
            f"a float32 engine contradicts what was proved of any order ({seen.detail}): "
            "the bound on rounding is wrong; please report it",
            seen.divergence.point if seen.divergence else (),
        )
    return seen


def refuse_real_only(known: Float32, *, proved: bool) -> str | None:
    """Why a verdict over the reals does not answer a query about float32; None if it does.

    A proof answers it in any order of summation, or when there is no float32 input; a
    counterexample when a float32 engine reproduces it.
    """
    if known.status in ((ANY_ORDER, NO_INPUT) if proved else (REPLAYED,)):
        return None
    return (
        "the query is about float32 and the verdict holds over the reals only "
        f"({known.phrase}: {known.detail}); use --semantics real to accept it"
    )


def _compare_margin(query: Query, graph: Graph, margin: float) -> Float32:
    try:
        errors = anyorder.row_errors(query, graph)
    except NotWalked as reason:
        return Float32(NOT_KNOWN, f"there is no bound on float32 rounding: {reason}")
    most = max((error for rows in errors for error in rows), default=Fraction(0))
    room = "infinite" if margin == np.inf else f"{margin:.3g}"
    compared = f"proved margin {room}, rounding at most {float(most):.3g}"
    if margin > most:
        return Float32(ANY_ORDER, compared)
    return Float32(NOT_KNOWN, compared)


def _decide_widened(
    query: Query, graph: Graph, decide: Callable[[Query], Finding]
) -> Float32 | None:
    try:
        wider = anyorder.widen(query, graph, len(query.cases) + PIECES - 1)
    except NotWalked:
        return None
    if not isinstance(decide(wider), Empty):
        return None
    return Float32(ANY_ORDER, "proved with every limit moved by the rounding bound")


def _replay_samples(query: Query, graph: Graph, seed: int) -> Float32 | None:
    """VIOLATED or NOT_FINITE if a float32 engine shows that."""
    strange = ""
    for number, shared in enumerate(shared_boxes(query)[:BOXES]):
        points = _float_points(shared.case, np.random.default_rng([seed, number]))
        if points is None:
            continue
        for execution in execute(graph, points)[0]:
            for index in shared.cases:
                found = _find_divergence(query, index, points, execution)
                if found is not None:
                    return found
            if not np.isfinite(execution.outputs).all():
                strange = strange or execution.engine
    if strange:
        return Float32(NOT_FINITE, f"outputs are not finite in {strange}")
    return None


def _find_divergence(
    query: Query, number: int, points: Singles, execution: Execution
) -> Float32 | None:
    met = np.flatnonzero(meets(query.cases[number], points, execution))
    if not len(met):
        return None
    point = singles.exact(points[met[0]])
    _expect_absent(query, number, point)
    outputs = singles.exact(execution.outputs[met[0]])
    replay = Replay(execution.engine, outputs, violates=True)
    return Float32(
        VIOLATED,
        f"proved over the reals, yet violated in float32 by {execution.engine}",
        Divergence(number, point, replay),
    )


def _expect_absent(query: Query, number: int, point: tuple[Fraction, ...]) -> None:
    outputs = exact.enclose(query.network, point)
    if exact.holds(query.cases[number], point, outputs):
        raise SoundnessAlarm(
            f"the query was said to be empty, but exact evaluation finds a float32 point "
            f"of case {number + 1}; please report it",
            point,
        )


def _float_points(case: Case, random: np.random.Generator) -> Singles | None:
    """Both ends of the box, its middle and random float32 points; None if it has none."""
    ends = singles.single_box(case)
    if ends is None:
        return None
    low, high = (end.astype(np.float64) for end in ends)
    drawn = low + (high - low) * random.random((SAMPLES - 3, len(low)))
    places = np.vstack([low, high, (low + high) / 2, drawn])
    return np.clip(places.astype(np.float32), ends[0], ends[1])
