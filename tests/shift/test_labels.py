"""Labels that move at a price: against brute force, read back, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.shift.tiny_shifts import (
    Spot,
    Tiny,
    find_distance,
    find_spots,
    hat,
    make_question,
    move_mass,
)
from verify.networks.values.exact import evaluate
from verify.shift.labels import Option, find_options
from verify.shift.losses import loss_at
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import make_samples
from verify.shift.transport.answering import Answer, Transport
from verify.shift.transport.evidence import check_evidence, write_evidence

F = Fraction
LOSSES = ("l1", "hinge", "zero_one")


def find_labelled_spots(tiny: Tiny, question: Question) -> list[tuple[Spot, ...]]:
    """Where each data point could go with every label of the data, and at what cost."""
    found: list[list[Spot]] = [[] for _ in question.samples]
    for label in {sample.target for sample in question.samples}:
        as_if = tuple(one._replace(target=label) for one in question.samples)
        moved = find_spots(tiny, question._replace(samples=as_if))
        for own, spots, sample in zip(found, moved, question.samples, strict=True):
            paid = find_cost(question, sample.target, label)
            own += [spot._replace(distance=spot.distance + paid) for spot in spots]
    return [tuple(own) for own in found]


def find_cost(
    question: Question, own: tuple[Fraction, ...], label: tuple[Fraction, ...]
) -> Fraction:
    gone = abs(own[0] - label[0])
    units = gone if question.loss in ("l1", "squared") else F(bool(gone))
    return units * (question.label_price or F(0))


def evaluate_plan(question: Question, answer: Answer) -> tuple[Fraction, Fraction]:
    """The risk and the cost of a plan, from its points and labels alone."""
    risk = cost = F(0)
    for share in answer.primal.plan:
        sample, place = question.samples[share.sample], share.place
        target = place.target or sample.target
        paid = find_cost(question, sample.target, target)
        cost += share.mass * (
            find_distance(question.ground, sample.point, place.point) + paid
        )
        outputs = evaluate(question.network, place.point)
        risk += share.mass * loss_at(question.loss, outputs, target)
    return risk, cost


def compare(seed: int) -> None:
    tiny, question = make_question(seed, LOSSES)
    question = question._replace(label_price=F(1 + seed % 5, 2))
    spots = find_labelled_spots(tiny, question)
    weights = [sample.weight for sample in question.samples]
    transport = Transport(question, Effort(seconds=60))
    for budget in (F(0), F(1, 3), F(1 + seed % 8, 4)):
        wanted = move_mass(spots, weights, budget)
        answer = transport.answer(budget)
        assert answer.lower == answer.upper == wanted
        risk, cost = evaluate_plan(question, answer)
        assert risk == wanted and cost <= budget


@pytest.mark.parametrize("seed", range(4003, 4009))
def test_labels_at_a_price_equal_brute_force(seed: int) -> None:
    compare(seed)


def enclose(seed: int) -> None:
    tiny, question = make_question(seed, ("squared",))
    question = question._replace(label_price=F(1 + seed % 5, 2))
    weights = [sample.weight for sample in question.samples]
    for budget in (F(1, 3), F(1 + seed % 8, 4)):
        wanted = move_mass(find_labelled_spots(tiny, question), weights, budget)
        answer = Transport(question, Effort(F(1, 10), seconds=60)).answer(budget)
        assert answer.upper is not None
        assert answer.lower <= wanted <= answer.upper
        assert evaluate_plan(question, answer)[1] <= budget


@pytest.mark.parametrize("seed", [6000, 6001])
def test_squared_losses_with_labels_are_enclosed(seed: int) -> None:
    enclose(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(6100, 6140))
def test_many_squared_losses_with_labels_are_enclosed(seed: int) -> None:
    enclose(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(5000, 5150))
def test_many_labels_at_a_price_equal_brute_force(seed: int) -> None:
    compare(seed)


def ask(loss: str, labels: tuple[int, ...], price: Fraction | None) -> Question:
    points = [(F(k),) for k in range(len(labels))]
    samples = make_samples(points, [(F(one),) for one in labels])
    return Question(hat(), samples, loss, make_box((F(0),), (F(4),)), "l1", price)


def test_numbers_move_to_the_ends_and_classes_to_classes() -> None:
    samples = ask("l1", (0, 2, 5), None).samples
    assert find_options("l1", samples, F(1, 2))[1] == (
        Option((F(2),), F(0)), Option((F(0),), F(1)), Option((F(5),), F(3, 2)),
    )  # fmt: skip
    assert find_options("zero_one", samples, F(1, 2))[0] == (
        Option((F(0),), F(0)), Option((F(2),), F(1, 2)), Option((F(5),), F(1, 2)),
    )  # fmt: skip
    assert find_options("l1", samples, None)[1] == (Option((F(2),), F(0)),)


def test_a_dear_label_stays_and_a_cheap_one_moves() -> None:
    def worst(price: Fraction | None) -> Fraction:
        return Transport(ask("hinge", (1, -1), price), Effort()).answer(F(1)).lower

    assert worst(F(100)) == worst(None)
    assert worst(F(1, 16)) > worst(None)


@pytest.mark.parametrize("loss", ["l1", "squared", "hinge"])
def test_evidence_with_labels_is_read_back(loss: str, tmp_path: Path) -> None:
    question = ask(loss, (1, -1), F(1, 2))
    answer = Transport(question, Effort(gap=F(1, 50))).answer(F(1, 2))
    write_evidence(tmp_path, question, [answer])
    assert check_evidence(tmp_path, question) == [(answer.lower, answer.upper)]
    with pytest.raises(ShiftError, match="another loss or distance"):
        check_evidence(tmp_path, question._replace(label_price=F(1)))
    page = json.loads((tmp_path / "risk.json").read_text(encoding="utf-8"))
    page["budgets"][0]["plan"][0][3:] = [["7"]]
    (tmp_path / "risk.json").write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises(ShiftError, match="a label that it may not have"):
        check_evidence(tmp_path, question)


@pytest.mark.parametrize("price", [F(0), F(-1)])
def test_a_price_is_above_0(price: Fraction) -> None:
    with pytest.raises(ShiftError, match="is not above 0"):
        Transport(ask("l1", (1, 2), price), Effort())


def test_several_targets_have_no_price() -> None:
    samples = make_samples([(F(0),)], [(F(0), F(1))])
    with pytest.raises(ShiftError, match="several targets"):
        find_options("l1", samples, F(1))
