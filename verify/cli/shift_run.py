"""What `verify shift` does: read, ask, write what was asked for, and tell."""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from verify.cli.answering import write_file
from verify.cli.exits import Exit
from verify.cli.paths import Refusal, find_paths, quoted
from verify.cli.screen import Screen
from verify.language.tables import Columns, read_columns, read_number
from verify.language.things import Unreadable
from verify.networks.errors import ModelError
from verify.networks.files import read_bytes
from verify.networks.network import SIGMOID, SIGN, Activation, Affine, Network
from verify.networks.reading.onnx_reader import read_network
from verify.networks.settings import count_cores
from verify.reports.shift import (
    Told,
    render_csv,
    render_json,
    render_shift,
)
from verify.reports.shift_plot import Curve, render_curve
from verify.shift.curves import Shift, find_shift
from verify.shift.evidence import write_evidence
from verify.shift.losses import ZERO_ONE
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.rays import find_ray
from verify.shift.regions import Region, check_region, enclose_points, make_box
from verify.shift.samples import Sample, make_samples
from verify.shift.transport import Effort, Question

EXACT_WEIGHTS: Final = 400  # weights up to which no gap is left without being asked
GAP: Final = Fraction(1, 1000)
ZERO: Final = Fraction(0)


class Request(NamedTuple):
    """The arguments of `verify shift`; `deadline` is a time.monotonic() value."""

    model: str
    data: str
    budget: str
    ball: str
    loss: str
    region: str
    ground: str
    steps: int
    rows: int
    gap: str
    worst: str
    plot: str
    evidence: str
    deadline: float
    json: str


def run_request(request: Request, begun: float) -> Exit:
    """Answer and report; the code to end with. Raises Refusal and SoundnessAlarm."""
    to_stdout = request.json == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    try:
        question = _read(request)
        budgets = read_budgets(request.budget, request.steps)
        if request.ball == "mixture" or request.ball == "region":
            budgets = (ZERO,)
        gap = _read_gap(request.gap, question.network)
        with screen.progress(f"asking about {len(question.samples)} data points"):
            ray = find_ray(question, request.ball, budgets)
            if ray is None:
                seconds = max(1.0, request.deadline - time.monotonic())
                effort = Effort(gap, seconds, processes=count_cores())
                shift = find_shift(question, request.ball, budgets, effort)
            else:
                shift = Shift(ray.start_risk, ())
    except EmptyRegion as error:
        raise Refusal(f"Vacuous: {error}.", Exit.SUSPICIOUS) from None
    except ShiftError as error:
        raise Refusal(f"{_sentence(str(error))}.") from None
    told = Told(
        request.model, request.data, question, request.ball, shift, ray,
        time.monotonic() - begun,
    )  # fmt: skip
    written = _write(request, told)
    if to_stdout:
        sys.stdout.write(render_json(told))
    elif request.json:
        write_file(request.json, render_json(told))
    screen.write(render_shift(told, screen.look, written))
    if ray is None and any(level.upper is None for level in shift.levels):
        return Exit.UNDECIDED
    return Exit.AS_EXPECTED


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _read(request: Request) -> Question:
    (model_path,) = find_paths([request.model])
    (data_path,) = find_paths([request.data])
    try:
        network = read_network(read_bytes(model_path)).network
    except ModelError as error:
        raise Refusal(f"{quoted(request.model)}: {error}.") from None
    for layer in network.layers:
        if isinstance(layer, Activation) and layer.kind in (SIGMOID, SIGN):
            raise Refusal(
                f"{quoted(request.model)} has {layer.kind} units; a worst case is exact "
                "for networks of relu only."
            )
    try:
        text = read_bytes(data_path).decode("utf-8")
        columns = read_columns(text, request.data)
    except (Unreadable, ModelError, UnicodeDecodeError) as error:
        raise Refusal(f"{quoted(request.data)}: {error}.") from None
    samples = read_samples(columns, network, request.loss, request.rows)
    region = read_region(request.region, samples)
    check_region(region)
    return Question(network, samples, request.loss, region, request.ground)


def read_samples(
    columns: Columns, network: Network, loss: str, rows: int
) -> tuple[Sample, ...]:
    """The data of a file; one-hot targets become classes where the loss wants labels.

    Raises ShiftError.
    """
    stop = rows or len(columns.inputs)
    inputs, targets = columns.inputs[:stop], columns.targets[:stop]
    if inputs and len(inputs[0]) != network.inputs:
        raise ShiftError(
            f"the data have {len(inputs[0])} inputs, the network {network.inputs}",
            "columns of targets begin with y",
        )
    if loss == ZERO_ONE and network.outputs > 1 and targets and len(targets[0]) > 1:
        targets = tuple(_class_of(row, target) for row, target in enumerate(targets, 1))
    weights = columns.weights[:stop] or None
    return make_samples(inputs, targets, weights, columns.groups[:stop] or None)


def _class_of(row: int, target: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    if sorted(target) != [*([0] * (len(target) - 1)), 1]:
        raise ShiftError(
            f"the targets of data point {row} are no class",
            "write one 1 among zeros, or one column of class numbers from 0",
        )
    return (Fraction(target.index(Fraction(1))),)


def read_region(text: str, samples: tuple[Sample, ...]) -> Region:
    """The region that `--region` names. Raises ShiftError."""
    box = enclose_points([sample.point for sample in samples])
    word, _, margin = (part.strip() for part in text.partition("+"))
    if word == "box":
        wider = read_number(margin) if margin else ZERO
        if wider is None or wider < 0:
            raise ShiftError(
                f"the margin {margin!a} of the region is no number from 0 on"
            )
        lower = [None if x is None else x - wider for x in box.lower]
        return make_box(lower, [None if x is None else x + wider for x in box.upper])
    if text.strip() == "free":
        none = (None,) * box.size
        return make_box(none, none)
    low, colon, high = (part.strip() for part in text.partition(":"))
    ends = read_number(low), read_number(high)
    if not colon or None in ends:
        raise ShiftError(
            f"the region {text!a} is not read", "write box, box + 1/2, 0:16 or free"
        )
    return make_box((ends[0],) * box.size, (ends[1],) * box.size)


def read_budgets(text: str, steps: int) -> tuple[Fraction, ...]:
    """One budget, a list of them, or `steps` of them from one to another, increasing.

    Raises ShiftError.
    """
    low, colon, high = (part.strip() for part in text.partition(":"))
    if colon:
        start, end = _budget(low), _budget(high)
        if start > end:
            raise ShiftError(f"the budgets {text!a} run backwards")
        width = end - start
        return tuple(start + width * k / (steps - 1) for k in range(steps))
    return tuple(sorted({_budget(part.strip()) for part in text.split(",")}))


def _budget(text: str) -> Fraction:
    value = read_number(text)
    if value is None:
        raise ShiftError(f"the budget {text!a} is no number", "write 1/2 or 0:1/2")
    if value < 0:
        raise ShiftError(f"the budget {text} is negative", "use 0 or more")
    return value


def _read_gap(text: str, network: Network) -> Fraction:
    if text:
        value = read_number(text)
        if value is None or value < 0:
            raise ShiftError(f"the gap {text!a} is no number from 0 on")
        return value
    sizes = [
        len(layer.bias.floats) for layer in network.layers if isinstance(layer, Affine)
    ]
    weights = sum(a * b for a, b in zip([network.inputs, *sizes], sizes, strict=False))
    return ZERO if weights <= EXACT_WEIGHTS and network.inputs <= 3 else GAP


def _write(request: Request, told: Told) -> tuple[str, ...]:
    """Write the files that were asked for; what was written, in words."""
    found = []
    if request.worst:
        write_file(request.worst, render_csv(told))
        found.append(f"worst distributions: {request.worst}")
    if request.plot:
        write_file(request.plot, render_curve(_curve(told)))
        found.append(f"curve: {request.plot}")
    if request.evidence and told.shift.answers:
        try:
            count = write_evidence(
                Path(request.evidence), told.question, told.shift.answers
            )
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Refusal(f"Cannot write {quoted(request.evidence)}: {why}.") from None
        found.append(f"{count} certificates and their sum: {request.evidence}")
    return tuple(found)


def _curve(told: Told) -> Curve:
    levels = told.shift.levels
    attained = told.shift.breaks or tuple((one.budget, one.lower) for one in levels)
    open_ends = any(not level.is_exact for level in levels)
    bounded = [(one.budget, one.upper) for one in levels if one.upper is not None]
    name = told.model.replace("\\", "/").rpartition("/")[2]
    kept = tuple((x, y) for x, y in bounded if y is not None) if open_ends else ()
    return Curve(
        f"{name}: worst {told.question.loss} risk", f"budget of {told.ball}",
        "risk", attained, kept,
    )  # fmt: skip
