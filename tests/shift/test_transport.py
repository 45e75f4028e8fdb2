"""Wasserstein risk: brute force, evidence read back, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.shift.tiny_shifts import (
    F,
    find_spots,
    find_worst,
    hat,
    make_network,
    make_question,
    move_mass,
)
from verify.kernel.rejections import Rejected
from verify.networks.values.exact import evaluate
from verify.shift.curves import find_shift
from verify.shift.losses import loss_at
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import Half, Region, make_ball, make_box
from verify.shift.samples import make_samples
from verify.shift.transport.answering import Answer, Transport
from verify.shift.transport.evidence import check_evidence, write_evidence

LINEAR = ("l1", "hinge", "zero_one")


def shift_md(loss: str = "l1", ground: str = "l1") -> Question:
    """The network and data of shift.md."""
    samples = make_samples([(F(1),), (F(2),)], [(F(0),), (F(0),)])
    return Question(hat(), samples, loss, make_box((F(0),), (F(4),)), ground)


def evaluate_plan(question: Question, answer: Answer) -> tuple[Fraction, Fraction]:
    """The risk and the cost of an answer's plan, from its points alone."""
    risk = cost = F(0)
    masses = [F(0)] * len(question.samples)
    for share in answer.primal.plan:
        sample, point = question.samples[share.sample], share.place.point
        assert share.mass > 0 and question.region.contains(point)
        moved = [abs(a - b) for a, b in zip(sample.point, point, strict=True)]
        cost += share.mass * (sum(moved) if question.ground == "l1" else max(moved))
        outputs = evaluate(question.network, point)
        risk += share.mass * loss_at(question.loss, outputs, sample.target)
        masses[share.sample] += share.mass
    assert masses == [sample.weight for sample in question.samples]
    return risk, cost


@pytest.mark.parametrize("ground", ["l1", "linf"])
def test_the_example_of_shift_md_is_exact(ground: str) -> None:
    found = Transport(shift_md(ground=ground), Effort()).answer(F(1, 2))
    assert found.lower == found.upper == 1


def compare(seed: int, losses: tuple[str, ...]) -> None:
    """Transport at three budgets, and the plans, against brute force."""
    tiny, question = make_question(seed, losses)
    transport = Transport(question, Effort(seconds=60))
    for budget in (F(0), F(1, 3), F(1 + seed % 8, 4)):
        wanted = find_worst(tiny, question, "wasserstein", budget)
        answer = transport.answer(budget)
        assert answer.lower == wanted
        assert answer.upper is not None and answer.upper >= wanted
        if question.loss != "squared":
            assert answer.upper == wanted
        risk, cost = evaluate_plan(question, answer)
        assert risk == wanted and cost <= budget


def compare_other_balls(seed: int, losses: tuple[str, ...]) -> None:
    """The balls without a price for distance against brute force."""
    tiny, question = make_question(seed, losses)
    budget = F(1 + seed % 7, 8)
    for ball in ("tv", "subpopulation", "mixture", "region"):
        wanted = find_worst(tiny, question, ball, budget)
        (level,) = find_shift(question, ball, [budget], Effort(seconds=60)).levels
        assert level.lower == wanted, ball
        assert level.upper is not None and level.upper >= wanted
        if question.loss != "squared" or ball != "region":
            assert level.upper == wanted, ball
        assert sum(mass.mass * mass.loss for mass in level.masses) == wanted


@pytest.mark.parametrize("seed", range(20))
def test_random_tiny_questions_equal_brute_force(seed: int) -> None:
    compare(seed, LINEAR)


@pytest.mark.parametrize("seed", range(20, 30))
def test_other_balls_equal_brute_force(seed: int) -> None:
    compare_other_balls(seed, LINEAR)


@pytest.mark.parametrize("seed", range(2))
def test_squared_losses_are_attained_and_bounded(seed: int) -> None:
    compare(1000 + seed, ("squared",))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(300))
def test_many_random_tiny_questions_equal_brute_force(seed: int) -> None:
    compare(2000 + seed, (*LINEAR, "squared"))
    compare_other_balls(2000 + seed, (*LINEAR, "squared"))


@pytest.mark.parametrize("seed", [1, 5, 8])
def test_the_whole_curve_with_its_breaks_equals_brute_force(seed: int) -> None:
    tiny, question = make_question(seed, LINEAR)
    weights = [sample.weight for sample in question.samples]
    spots = find_spots(tiny, question)
    budgets = [F(0), F(1, 2), F(2), F(100)]
    breaks, answers = Transport(question, Effort()).curve(budgets)
    assert all(answer.is_exact for answer in answers)
    places = [one.budget for one in breaks]
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    assert [one.risk for one in breaks] == [
        move_mass(spots, weights, b) for b in places
    ]
    for (one, other), middle in zip(pairwise(breaks), middles, strict=True):
        # linear in between, and bent at each: nothing is missing and nothing is too much
        assert move_mass(spots, weights, middle) == (one.risk + other.risk) / 2
    slopes = [(b.risk - a.risk) / (b.budget - a.budget) for a, b in pairwise(breaks)]
    assert all(a > b for a, b in pairwise(slopes))
    assert breaks[-1].risk == find_worst(tiny, question, "region")


def test_evidence_is_read_back_and_added_up(tmp_path: Path) -> None:
    question = shift_md()
    answer = Transport(question, Effort()).answer(F(1, 4))
    assert write_evidence(tmp_path, question, [answer]) == 2
    assert check_evidence(tmp_path, question) == [(F(3, 4), F(3, 4))]


def spoil(folder: Path, change: dict[str, object], place: str = "lemmas") -> None:
    page = json.loads((folder / "risk.json").read_text(encoding="utf-8"))
    page[place][0].update(change)
    (folder / "risk.json").write_text(json.dumps(page), encoding="utf-8")


@pytest.mark.parametrize(
    ("place", "change", "reason"),
    [
        ("lemmas", {"value": "-1"}, "proves something else"),
        ("lemmas", {"rate": "1/3"}, "proves something else"),
        ("budgets", {"bounds": []}, "has no bound at this multiplier"),
        ("budgets", {"plan": [[0, "1", ["4"]]]}, "not one within the budget"),
        ("budgets", {"plan": [[0, "1/2", ["9"]]]}, "out of the region"),
    ],
)
def test_evidence_that_lies_is_refused(
    tmp_path: Path, place: str, change: dict[str, object], reason: str
) -> None:
    question = shift_md()
    write_evidence(tmp_path, question, [Transport(question, Effort()).answer(F(1, 4))])
    spoil(tmp_path, change, place)
    with pytest.raises(ShiftError, match=reason):
        check_evidence(tmp_path, question)


def test_a_certificate_that_was_changed_is_rejected(tmp_path: Path) -> None:
    question = shift_md()
    write_evidence(tmp_path, question, [Transport(question, Effort()).answer(F(1, 4))])
    file = tmp_path / "lemma-0001.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    network = next(k for k, line in enumerate(lines) if '"network"' in line)
    step = json.loads(lines[network])
    step["tree"] = [["leaf", [], [], [], []]]
    lines[network] = json.dumps(step)
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    with pytest.raises(Rejected):
        check_evidence(tmp_path, question)


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ShiftError, match="the budget -1 of wasserstein is negative"):
        Transport(shift_md(), Effort()).answer(F(-1))


def test_a_budget_beyond_all_distances_gives_the_worst_of_the_region() -> None:
    found = Transport(shift_md(), Effort()).answer(F(1000))
    assert found.lower == found.upper == 1


def test_an_empty_region_is_said_to_be_empty() -> None:
    question = shift_md()._replace(region=make_box((F(4),), (F(0),)))
    with pytest.raises(EmptyRegion, match="the region is empty"):
        Transport(question, Effort())


def test_data_outside_the_region_are_refused_by_number() -> None:
    question = shift_md()._replace(region=make_box((F(0),), (F(3, 2),)))
    with pytest.raises(ShiftError, match=r"data point 2 .2. lies outside the region"):
        Transport(question, Effort())


def test_a_region_with_half_spaces_is_kept_to() -> None:
    half = Half(F(3), (F(-1),))  # x <= 3
    region = Region((F(0),), (F(4),), (half,))
    question = shift_md()._replace(region=region)
    assert Transport(question, Effort()).answer(F(1000)).upper == 1
    steep = question._replace(network=make_network([[1]], [0], [[1]], [0]))
    found = Transport(steep, Effort()).answer(F(1000))
    assert found.lower == found.upper == 3


def test_two_inputs_in_an_l1_ball() -> None:
    network = make_network([[1, 1]], [0], [[1]], [0])
    samples = make_samples([(F(1), F(1))], [(F(2),)])
    ball = make_ball((F(1), F(1)), F(1, 2), "l1")
    found = Transport(Question(network, samples, "l1", ball), Effort()).answer(F(9))
    assert found.lower == found.upper == F(1, 2)


def test_classes_of_several_outputs() -> None:
    network = make_network([[1], [-1]], [0, 0], [[1, -1], [-1, 1]], [0, 0])
    samples = make_samples([(F(1),), (F(-1, 2),)], [(F(0),), (F(1),)])
    question = Question(network, samples, "zero_one", make_box((F(-2),), (F(2),)))
    found = Transport(question, Effort()).answer(F(1, 4))
    assert found.lower == found.upper == F(1, 2)
