"""Real data: curves rise and bend downward, and worst distributions have their risk."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from verify.cli.shift_run import read_samples
from verify.language.tables import read_columns
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values.exact import evaluate
from verify.shift.curves import Shift, find_shift
from verify.shift.losses import loss_at
from verify.shift.regions import enclose_points
from verify.shift.transport import Effort, Question

MODELS = Path(__file__).resolve().parents[2] / "models"
F = Fraction


def read_question(name: str, loss: str, rows: int) -> Question:
    network = read_network(MODELS / name / f"{name}.onnx").network
    text = (MODELS / name / "train.csv").read_text(encoding="utf-8")
    samples = read_samples(read_columns(text, "train.csv"), network, loss, rows)
    box = enclose_points([sample.point for sample in samples])
    return Question(network, samples, loss, box)


def check_curve(question: Question, shift: Shift) -> None:
    """Rising and concave; every level's distribution, evaluated from its points alone."""
    risks = [level.lower for level in shift.levels]
    assert all(a <= b for a, b in pairwise(risks))
    slopes = [(y - x) / (b - a) for (a, x), (b, y) in pairwise(shift.breaks)]
    assert all(a >= b >= 0 for a, b in pairwise(slopes))
    for level in shift.levels:
        assert level.upper is not None and level.upper >= level.lower
        assert sum(one.mass for one in level.masses) == 1
        risk = cost = F(0)
        for one in level.masses:
            sample = question.samples[one.sample]
            outputs = evaluate(question.network, one.point)
            risk += one.mass * loss_at(question.loss, outputs, sample.target)
            moved = zip(one.point, sample.point, strict=True)
            cost += one.mass * sum(abs(a - b) for a, b in moved)
            assert question.region.contains(one.point)
        assert risk == level.lower and cost <= level.budget


@pytest.mark.parametrize(
    ("name", "loss"), [("digits", "zero_one"), ("breast-cancer", "hinge")]
)
def test_variation_on_real_data(name: str, loss: str) -> None:
    question = read_question(name, loss, 60)
    budgets = [F(k, 10) for k in range(11)]
    shift = find_shift(question, "tv", budgets, Effort())
    risks = [level.lower for level in shift.levels]
    assert all(a <= b for a, b in pairwise(risks))
    assert all(level.is_exact for level in shift.levels)


def test_transport_on_breast_cancer() -> None:
    question = read_question("breast-cancer", "hinge", 4)
    budgets = [F(0), F(1, 8), F(1, 4), F(1, 2)]
    effort = Effort(F(1, 20), 60.0)
    check_curve(question, find_shift(question, "wasserstein", budgets, effort))


@pytest.mark.campaign
@pytest.mark.parametrize("loss", ["zero_one", "hinge"])
def test_transport_on_more_of_breast_cancer(loss: str) -> None:
    question = read_question("breast-cancer", loss, 20)
    budgets = [F(k, 8) for k in range(9)]
    effort = Effort(F(1, 100), 280.0)
    check_curve(question, find_shift(question, "wasserstein", budgets, effort))
