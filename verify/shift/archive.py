"""Evidence of whatever kind: which writer keeps an answer, and which reader checks it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from verify.shift.curves import Shift, find_losses, list_bounds
from verify.shift.masses.evidence import (
    PAGE,
    Attained,
    Reweighting,
    check_masses,
    write_masses,
)
from verify.shift.questions import Question
from verify.shift.rays.evidence import check_ray, write_ray
from verify.shift.rays.finding import Ray
from verify.shift.rays.proving import Course
from verify.shift.transport.evidence import check_evidence, write_evidence


def write_shift(
    folder: Path, question: Question, ball: str, shift: Shift, ray: Ray | None
) -> int:
    """Write certificates and the page `risk.json`; how many certificates. Raises OSError."""
    if ray is not None:
        return write_ray(folder, question, ball, ray)
    if shift.answers:
        return write_evidence(folder, question, shift.answers)
    losses = tuple(find_losses(question))
    asked = Reweighting(ball, question.loss, question.samples, losses)
    attained = [
        Attained(level.lower, tuple((one.sample, one.mass) for one in level.masses))
        for level in shift.levels
    ]
    bounds = list_bounds(shift.levels)
    return write_masses(folder, asked, bounds, attained, shift.links)


class Shown(NamedTuple):
    """What evidence shows at a budget: the risk is at least `lower`, at most `upper`."""

    budget: Fraction
    lower: Fraction
    upper: Fraction


def check_shift(
    folder: Path, question: Question, ball: str
) -> tuple[Shown, ...] | Course:
    """What a folder shows of each budget, from the folder and the question alone; how
    the loss grows where it shows that the risk is unbounded.

    Raises ShiftError where the page does not show what it says, Rejected where the kernel
    does not accept a certificate, OSError and ValueError for what cannot be read.
    """
    page = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    if "unbounded" in page:
        return check_ray(folder, question, ball)
    budgets = [Fraction(entry["budget"]) for entry in page["budgets"]]
    if ball in ("wasserstein", "region"):
        pairs = check_evidence(folder, question)
    else:
        losses = tuple(find_losses(question))
        asked = Reweighting(ball, question.loss, question.samples, losses)
        pairs = check_masses(folder, asked)
    rows = zip(budgets, pairs, strict=True)
    return tuple(Shown(budget, *pair) for budget, pair in rows)
