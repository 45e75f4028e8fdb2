"""Evidence about single points on disk: a certificate a lemma, and one page.

The folder holds `lemma-0001.jsonl`, ..., for `verify replay FOLDER`, and `points.json`: of
each data point where it ends up, and which lemma bounds its loss on which part of the region.
Reading it back makes every part's box of numbers, network and problem again from the
question; parts without a lemma must be empty there, in exact arithmetic.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from verify.kernel.certificate import read_certificate
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.networks.network import Network
from verify.networks.values.exact import evaluate
from verify.shift.losses import ZERO_ONE, loss_at, make_pieces
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.pointwise.charts import Chart, compose, make_chart
from verify.shift.pointwise.hulls import find_weights
from verify.shift.pointwise.worst import (
    Around,
    Worst,
    asked_loss,
    measure_steps,
    raise_bound,
)
from verify.shift.regions import Part, Point
from verify.shift.samples import Sample
from verify.shift.transport.lemmas import Lemma, make_frame, make_problem

PAGE: Final = "points.json"
FORMAT: Final = "verify shift evidence about points"
ZERO: Final = Fraction(0)


def write_points(
    folder: Path, loss: str, around: Around, worst: Sequence[Worst]
) -> int:
    """Write the lemmas and the page; how many lemmas. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    points: list[dict[str, Any]] = []
    for one in worst:
        bounds = []
        for bound in one.bounds:
            name, value = "", bound.value
            if bound.proof is not None:
                count += 1
                name = f"lemma-{count:04d}.jsonl"
                (folder / name).write_text(bound.proof.text, encoding="utf-8")
                value = bound.proof.lemma.value
            bounds.append([bound.part, name, str(value)])
        points.append({
            "loss": str(one.loss),
            "at_most": None if one.upper is None else str(one.upper),
            "point": [str(x) for x in one.point],
            "bounds": bounds,
        })  # fmt: skip
    page = {
        "format": FORMAT,
        "version": 1,
        "loss": loss,
        "within": None if around.within is None else str(around.within),
        "norm": around.norm,
        "points": points,
    }
    (folder / PAGE).write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")
    return count


def check_points(
    folder: Path,
    network: Network,
    samples: Sequence[Sample],
    loss: str,
    around: Around,
) -> list[tuple[Fraction, Fraction | None]]:
    """Each data point's worst loss, attained and at most, from the folder and the
    question alone.

    Raises ShiftError where the page does not show what it says, Rejected where the kernel
    does not accept a lemma, OSError and ValueError for what cannot be read.
    """
    page = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    if page["loss"] != loss or len(page["points"]) != len(samples):
        raise ShiftError("the evidence is about another loss or other data")
    found = []
    for number, (entry, sample) in enumerate(
        zip(page["points"], samples, strict=True), 1
    ):
        place = f"data point {number}"
        lower = _check_place(entry, network, sample, loss, around, place)
        upper = None
        if entry["at_most"] is not None:
            known = {part: (name, value) for part, name, value in entry["bounds"]}
            upper = ZERO
            for k, part in enumerate(around.parts):
                try:
                    chart = make_chart(part, sample.point, around.within, around.norm)
                except EmptyRegion:
                    continue
                if k not in known:
                    raise ShiftError(f"{place}: a part of the region without a bound")
                name, value = known[k]
                asked = Fraction(value)
                if name:
                    _check_lemma(folder / Path(name).name, network, sample, loss,
                                 chart, asked, place)  # fmt: skip
                elif loss != ZERO_ONE or asked < 1:
                    raise ShiftError(f"{place}: a bound without a lemma")
                upper = max(upper, raise_bound(loss, asked) if name else asked)
            if upper < lower:
                raise ShiftError(f"{place}: a bound below what is attained")
        found.append((lower, upper))
    return found


def _check_place(
    entry: dict[str, Any],
    network: Network,
    sample: Sample,
    loss: str,
    around: Around,
    place: str,
) -> Fraction:
    """The loss at the place where a point ends up, which must be one it can reach."""
    point = tuple(map(Fraction, entry["point"]))
    moved = measure_steps(around.norm, sample.point, point)
    if around.within is not None and moved > around.within:
        raise ShiftError(f"{place} moves farther than it may")
    if not any(reaches_part(part, point) for part in around.parts):
        raise ShiftError(f"{place} moves out of the region")
    return loss_at(loss, evaluate(network, point), sample.target)


def reaches_part(part: Part, point: Point) -> bool:
    """Whether a point is shown to be in a part: a hull's points by exact weights."""
    if not part.region.contains(point):
        return False
    return (
        not part.hull
        or point in part.hull
        or find_weights(part.hull, point) is not None
    )


def _check_lemma(
    path: Path,
    network: Network,
    sample: Sample,
    loss: str,
    chart: Chart,
    value: Fraction,
    place: str,
) -> None:
    """That a lemma file bounds the loss by `value` on all of a chart."""
    if value < 0:
        raise ShiftError(f"{place}: a bound below 0")
    seen = compose(network, chart)
    frame = make_frame(seen, chart.region, "linf")
    pieces = make_pieces(asked_loss(loss), sample.target, network.outputs)
    lemma = Lemma(chart.start, pieces, ZERO, value)
    problem = make_problem(frame, lemma).text()
    text = path.read_text(encoding="utf-8")
    if read_certificate(text).text != problem:
        raise ShiftError(f"{place}: {path.name} proves something else")
    accepted = check(problem, text)
    if accepted.claim != "proved":
        raise Rejected("a proof", accepted.claim)
