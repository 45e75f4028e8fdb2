"""Real data: curves rise and bend downward, and worst distributions have their risk.

Every distribution is judged from its points and masses alone: the network is evaluated at
each point in exact arithmetic, and losses and distances are computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.shift.tiny_shifts import find_distance, find_loss
from verify.cli.shift_data import read_samples
from verify.language.tables import read_columns
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values.exact import evaluate
from verify.shift.curves import Level, Shift, find_shift
from verify.shift.questions import Effort, Question
from verify.shift.regions import enclose_points

MODELS = Path(__file__).resolve().parents[2] / "models"
F = Fraction
TENTHS = [F(k, 10) for k in range(11)]
DATA = [("digits", "zero_one"), ("breast-cancer", "hinge")]


def read_question(name: str, loss: str, rows: int) -> Question:
    network = read_network(MODELS / name / f"{name}.onnx").network
    text = (MODELS / name / "train.csv").read_text(encoding="utf-8")
    samples = read_samples(read_columns(text, "train.csv"), network, loss, rows)
    box = enclose_points([sample.point for sample in samples])
    return Question(network, samples, loss, box)


def measure(question: Question, level: Level) -> tuple[Fraction, Fraction]:
    """The risk and the cost of a level's distribution, which lies in the region."""
    assert sum(one.mass for one in level.masses) == 1
    risk = cost = F(0)
    for one in level.masses:
        assert one.mass > 0 and question.region.contains(one.point)
        sample = question.samples[one.sample]
        risk += one.mass * lose(question, one.point, sample.target)
        cost += one.mass * find_distance(question.ground, sample.point, one.point)
    return risk, cost


def lose(
    question: Question, point: tuple[Fraction, ...], target: tuple[Fraction, ...]
) -> Fraction:
    outputs = evaluate(question.network, point)
    if len(outputs) == 1:
        return find_loss(question.loss, outputs[0], target[0])
    label = int(target[0])
    rest = [value for k, value in enumerate(outputs) if k != label]
    return F(int(max(rest) >= outputs[label]))


def is_concave(values: Sequence[Fraction]) -> bool:
    """Of values at equal steps."""
    return all(b - a >= c - b for (a, b), (_, c) in pairwise(pairwise(values)))


def check_transport(question: Question, shift: Shift) -> None:
    """Rising and concave; every level's distribution is within the budget."""
    risks = [level.lower for level in shift.levels]
    assert all(a <= b for a, b in pairwise(risks))
    slopes = [(y - x) / (b - a) for (a, x), (b, y) in pairwise(shift.breaks)]
    assert all(a > b >= 0 for a, b in pairwise(slopes))
    for level in shift.levels:
        assert level.upper is not None and level.upper >= level.lower
        risk, cost = measure(question, level)
        assert risk == level.lower and cost <= level.budget


@pytest.mark.parametrize(("name", "loss"), DATA)
def test_variation_is_exact_rising_and_concave(name: str, loss: str) -> None:
    question = read_question(name, loss, 30)
    shift = find_shift(question, "tv", TENTHS, Effort())
    risks = [level.lower for level in shift.levels]
    assert all(a <= b for a, b in pairwise(risks)) and is_concave(risks)
    assert all(level.is_exact for level in shift.levels)
    for level in shift.levels[::5]:
        risk, cost = measure(question, level)
        assert risk == level.lower and cost == 0
        masses = dict.fromkeys(range(len(question.samples)), F(0))
        for one in level.masses:
            masses[one.sample] += one.mass
        gained = (masses[k] - s.weight for k, s in enumerate(question.samples))
        assert sum(max(more, F(0)) for more in gained) <= level.budget


@pytest.mark.parametrize(("name", "loss"), DATA)
def test_smaller_subpopulations_are_worse(name: str, loss: str) -> None:
    question = read_question(name, loss, 30)
    parts = TENTHS[1:]
    shift = find_shift(question, "subpopulation", parts, Effort())
    risks = [level.lower for level in shift.levels]
    assert all(a >= b for a, b in pairwise(risks))
    # part * risk is the most loss that this much mass of the data can have
    pairs = zip(parts, risks, strict=True)
    assert is_concave([F(0), *(part * risk for part, risk in pairs)])
    assert all(level.is_exact for level in shift.levels)
    assert measure(question, shift.levels[2])[0] == risks[2]


def test_transport_on_breast_cancer() -> None:
    question = read_question("breast-cancer", "hinge", 3)
    budgets = [F(0), F(1, 8), F(1, 4), F(1, 2)]
    effort = Effort(F(1, 20), 60.0)
    check_transport(question, find_shift(question, "wasserstein", budgets, effort))


@pytest.mark.campaign
@pytest.mark.parametrize("ground", ["l1", "linf"])
@pytest.mark.parametrize("loss", ["zero_one", "hinge", "l1", "squared"])
def test_transport_on_more_of_breast_cancer(loss: str, ground: str) -> None:
    question = read_question("breast-cancer", loss, 12)._replace(ground=ground)
    budgets = [F(k, 8) for k in range(9)]
    effort = Effort(F(1, 100), 120.0)
    check_transport(question, find_shift(question, "wasserstein", budgets, effort))


@pytest.mark.campaign
def test_transport_on_digits() -> None:
    question = read_question("digits", "zero_one", 4)
    budgets = [F(0), F(2), F(4), F(8)]
    effort = Effort(F(1, 100), 120.0)
    shift = find_shift(question, "wasserstein", budgets, effort)
    check_transport(question, shift)
    assert shift.levels[-1].lower > shift.levels[0].lower


@pytest.mark.campaign
@pytest.mark.parametrize(("name", "loss"), DATA)
def test_all_of_the_data_under_variation(name: str, loss: str) -> None:
    question = read_question(name, loss, 0)
    shift = find_shift(question, "tv", TENTHS, Effort())
    risks = [level.lower for level in shift.levels]
    assert all(a <= b for a, b in pairwise(risks)) and is_concave(risks)
    assert measure(question, shift.levels[3])[0] == risks[3]
