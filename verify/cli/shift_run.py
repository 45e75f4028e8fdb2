"""What `verify shift` does: read, ask, write what was asked for, and tell."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from verify.cli.answering import write_file
from verify.cli.exits import Exit
from verify.cli.paths import Refusal, quoted
from verify.cli.screen import Screen
from verify.cli.shift_checking import tell_checked
from verify.cli.shift_lipschitz import tell_lipschitz
from verify.cli.shift_reading import Request, read_around, read_question
from verify.language.tables import read_number
from verify.networks.network import Affine, Network
from verify.networks.questions import find_versions
from verify.networks.settings import count_cores
from verify.reports.shift import (
    Told,
    render_csv,
    render_shift,
)
from verify.reports.shift_lines import render_json
from verify.reports.shift_plot import Curve, render_curve
from verify.shift.archive import write_shift
from verify.shift.curves import Shift, find_shift
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.pointwise.evidence import write_points
from verify.shift.pointwise.worst import Around, Worst, find_worst, make_shift
from verify.shift.questions import Effort
from verify.shift.rays.finding import find_ray

EXACT_WEIGHTS: Final = 400  # weights up to which no gap is left without being asked
GAP: Final = Fraction(1, 1000)
DEFAULTS: Final = {"subpopulation": "1/2:1"}  # budgets; none has mass 0
ZERO: Final = Fraction(0)


def run_request(request: Request, begun: float) -> Exit:
    """Answer and report; the code to end with. Raises Refusal and SoundnessAlarm."""
    to_stdout = request.json == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    try:
        question, parts = read_question(request)
        around = read_around(request, parts)
        if request.check:
            return tell_checked(request, question, around, screen)
        if request.lipschitz and around is not None:
            return tell_lipschitz(request, question, around, screen, begun)
        budgets = read_budgets(
            request.budget or DEFAULTS.get(request.ball, "0:1/2"), request.steps
        )
        if request.ball == "mixture" or request.ball == "region":
            budgets = (ZERO,)
        gap = _read_gap(request.gap, question.network)
        with screen.progress(f"asking about {len(question.samples)} data points"):
            seconds = max(1.0, request.deadline - time.monotonic())
            effort = Effort(gap, seconds, processes=count_cores())
            worst: list[Worst] = []
            ray = None if around else find_ray(question, request.ball, budgets)
            if around is not None:
                asked = question.network, question.samples, question.loss
                worst = find_worst(*asked, around, effort)
                shift = make_shift(*asked, worst)
            elif ray is None:
                kept = bool(request.evidence)
                shift = find_shift(
                    question, request.ball, budgets, effort, certify=kept
                )
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
    written = _write(request, told, around, worst)
    if to_stdout:
        sys.stdout.write(render_json(told, find_versions()))
    elif request.json:
        write_file(request.json, render_json(told, find_versions()))
    screen.write(render_shift(told, screen.look, written))
    if ray is None and any(level.upper is None for level in shift.levels):
        return Exit.UNDECIDED
    return Exit.AS_EXPECTED


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


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


def _write(
    request: Request, told: Told, around: Around | None, worst: Sequence[Worst]
) -> tuple[str, ...]:
    """Write the files that were asked for; what was written, in words."""
    found = []
    if request.worst:
        write_file(request.worst, render_csv(told))
        found.append(f"worst distributions: {request.worst}")
    if request.plot:
        write_file(request.plot, render_curve(_curve(told)))
        found.append(f"curve: {request.plot}")
    if request.evidence:
        folder, question = Path(request.evidence), told.question
        try:
            if around is None:
                count = write_shift(folder, question, told.ball, told.shift, told.ray)
            else:
                count = write_points(folder, question.loss, around, worst)
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
