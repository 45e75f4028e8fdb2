"""Evidence on disk: a certificate a lemma, and one page that adds them up.

The folder holds `lemma-0001.jsonl`, ..., which `verify replay FOLDER` checks with the kernel
alone, and `risk.json`: for each budget the multiplier, which lemmas bound which data point
with what weight, and the distribution that attains the lower bound. Reading it back makes
every problem again from the network, the data and the numbers on the page, compares hashes,
and adds up again, so nothing on the page is believed.
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
from verify.networks.values.exact import evaluate
from verify.shift.labels import Option, find_options, make_option_pieces
from verify.shift.losses import SQUARED, ZERO_ONE, Linear, Piece, loss_at
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Question
from verify.shift.transport.answering import Answer
from verify.shift.transport.asks import is_plain, measure
from verify.shift.transport.lemmas import Lemma, make_frame, make_problem
from verify.shift.transport.proofs import Proof

PAGE: Final = "risk.json"
FORMAT: Final = "verify shift evidence"
ZERO: Final = Fraction(0)


def write_evidence(folder: Path, question: Question, answers: Sequence[Answer]) -> int:
    """Write the lemmas and the page; how many lemmas. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    lemmas: list[dict[str, Any]] = []
    for answer in answers:
        for used in answer.used:
            proof = used.cut.proof
            if proof is not None and proof.sha not in names:
                name = f"lemma-{len(names) + 1:04d}.jsonl"
                names[proof.sha] = name
                (folder / name).write_text(proof.text, encoding="utf-8")
                lemmas.append(_lemma(name, proof))
    page = {
        "format": FORMAT,
        "version": 1,
        "loss": question.loss,
        "ground": question.ground,
        "label_price": _price(question),
        "lemmas": lemmas,
        "budgets": [_answer(answer, names) for answer in answers],
    }
    text = json.dumps(page, indent=1) + "\n"
    (folder / PAGE).write_text(text, encoding="utf-8")
    return len(names)


def _price(question: Question) -> str:
    return "" if question.label_price is None else str(question.label_price)


def _lemma(name: str, proof: Proof) -> dict[str, Any]:
    lemma = proof.lemma
    return {
        "file": name,
        "problem": proof.sha,
        "point": [str(x) for x in lemma.point],
        "rate": str(lemma.rate),
        "value": str(lemma.value),
        "within": None if lemma.within is None else str(lemma.within),
        "pieces": [_piece(piece) for piece in lemma.pieces],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "value": _linear(piece.value),
        "conditions": [_linear(one) for one in piece.conditions],
        "price": str(piece.price),
        "forbidden": piece.forbidden,
    }


def _linear(linear: Linear) -> list[str]:
    return [str(linear.constant), *map(str, linear.weights)]


def _answer(answer: Answer, names: dict[str, str]) -> dict[str, Any]:
    return {
        "budget": str(answer.budget),
        "lower": str(answer.lower),
        "upper": None if answer.upper is None else str(answer.upper),
        "rate": str(answer.rate),
        "bounds": [
            [
                used.sample,
                str(used.part),
                names[used.cut.proof.sha] if used.cut.proof else "",
                str(used.cut.rate),
                str(used.cut.value),
            ]
            for used in answer.used
        ],
        "plan": [
            [
                share.sample,
                str(share.mass),
                [str(x) for x in share.place.point],
                *([[str(y) for y in share.place.target]] * bool(share.place.target)),
            ]
            for share in answer.primal.plan
        ],
    }


def check_evidence(folder: Path, question: Question) -> list[tuple[Fraction, Fraction]]:
    """The lower and upper bound of each budget, from the folder and the question alone.

    Raises ShiftError where the page does not show what it says, Rejected where the kernel
    does not accept a lemma, OSError and ValueError for what cannot be read.
    """
    page = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    about = page["loss"], page["ground"], page["label_price"]
    if about != (question.loss, question.ground, _price(question)):
        raise ShiftError("the evidence is about another loss or distance")
    frame = make_frame(question.network, question.region, question.ground)
    lemmas = {}
    for entry in page["lemmas"]:
        point = tuple(map(Fraction, entry["point"]))
        pieces = tuple(_read_piece(one) for one in entry["pieces"])
        rate, value, within = entry["rate"], entry["value"], entry.get("within")
        near = None if within is None else Fraction(within)
        lemma = Lemma(point, pieces, Fraction(rate), Fraction(value), near)
        text = (folder / Path(entry["file"]).name).read_text(encoding="utf-8")
        problem = make_problem(frame, lemma).text()
        if read_certificate(text).text != problem:
            raise ShiftError(f"{entry['file']} proves something else")
        accepted = check(problem, text)
        if accepted.claim != "proved":
            raise Rejected("a proof", accepted.claim)
        lemmas[entry["file"]] = lemma
    options = find_options(question.loss, question.samples, question.label_price)
    return [
        _check_budget(entry, question, lemmas, options) for entry in page["budgets"]
    ]


def _read_piece(entry: dict[str, Any]) -> Piece:
    conditions = tuple(map(_read_linear, entry["conditions"]))
    forbidden = entry["forbidden"] is True
    price = Fraction(entry["price"])
    return Piece(_read_linear(entry["value"]), conditions, price, forbidden)


def _read_linear(numbers: Sequence[str]) -> Linear:
    first, *rest = map(Fraction, numbers)
    return Linear(first, tuple(rest))


def _check_budget(
    entry: dict[str, Any],
    question: Question,
    lemmas: dict[str, Lemma],
    options: Sequence[Sequence[Option]],
) -> tuple[Fraction, Fraction]:
    budget, rate = Fraction(entry["budget"]), Fraction(entry["rate"])
    lower = _check_plan(entry["plan"], budget, question, options)
    if not budget:
        return lower, lower  # no mass may move
    if rate < 0:
        raise ShiftError("a multiplier below 0, with which nothing is bounded")
    sums: dict[int, list[Fraction]] = {}
    for number, part, name, cut_rate, value in entry["bounds"]:
        parts = sums.setdefault(number, [ZERO, ZERO, ZERO])
        weight = Fraction(part)
        if weight < 0:
            raise ShiftError("a lemma with a weight below 0")
        shown, bound = Fraction(cut_rate), Fraction(value)
        lemma = lemmas[name] if name else None
        _check_cut(question, number, options[number], lemma, shown, bound)
        parts[0] += weight
        parts[1] += weight * bound
        parts[2] += weight * shown
    upper = rate * budget
    frame = make_frame(question.network, question.region, question.ground)
    for number, sample in enumerate(question.samples):
        if not sample.weight:
            continue
        if number not in sums or sums[number][0] != 1:
            raise ShiftError(f"data point {number + 1} has no bound at this multiplier")
        _, bound, mixed = sums[number]
        over = max(mixed - rate, ZERO)
        # loss - rate * d <= bound + (mixed - rate) * d, and d is at most the region's reach
        most = max(option.cost for option in options[number])
        upper += sample.weight * (bound + over * (_reach(frame, sample.point) + most))
    return lower, upper


def _reach(frame: Any, point: tuple[Fraction, ...]) -> Fraction:
    sides = zip(point, frame.region.lower, frame.region.upper, strict=True)
    each = [max(x - low, high - x) for x, low, high in sides]
    return sum(each, ZERO) if frame.ground == "l1" else max(each)


def _check_cut(
    question: Question,
    number: int,
    options: Sequence[Option],
    lemma: Lemma | None,
    rate: Fraction,
    value: Fraction,
) -> None:
    """That a data point's loss is at most value + rate * distance, by this lemma."""
    sample = question.samples[number]
    place = f"data point {number + 1}"
    if lemma is None:
        if question.loss != ZERO_ONE or rate < 0 or value < 1:
            raise ShiftError(f"{place}: a bound without a lemma")
        return
    if (lemma.point, lemma.rate, lemma.value) != (sample.point, rate, value):
        raise ShiftError(f"{place}: the lemma is about something else")
    if value < 0:
        raise ShiftError(f"{place}: a bound below 0")
    if lemma.within is not None:
        # farther away the distance alone outweighs a loss of 1, which is the most
        enough = question.loss == ZERO_ONE and value + rate * lemma.within >= 1
        if not enough or lemma.within < 0 or rate < 0:
            raise ShiftError(f"{place}: the lemma leaves out places that matter")
    ends = _read_ends(lemma) if question.loss == SQUARED else ()
    wanted = make_option_pieces(question.loss, options, question.network.outputs, ends)
    missing = [
        p for p in wanted if not is_plain(p, rate, value) and p not in lemma.pieces
    ]
    if missing:
        raise ShiftError(f"{place}: the lemma leaves out a piece of the loss")


def _read_ends(lemma: Lemma) -> tuple[Fraction, ...]:
    """The outputs between which the chords of a squared loss lie, from its conditions."""
    ends = {
        -c.constant / c.weights[0] for piece in lemma.pieces for c in piece.conditions
    }
    return tuple(sorted(ends))


def _check_plan(
    plan: Sequence[Any],
    budget: Fraction,
    question: Question,
    options: Sequence[Sequence[Option]],
) -> Fraction:
    """The risk of a plan within the budget, exactly."""
    frame = make_frame(question.network, question.region, question.ground)
    masses = [ZERO] * len(question.samples)
    cost = risk = ZERO
    for number, mass, numbers, *label in plan:  # a label where it moved
        sample, point = question.samples[number], tuple(map(Fraction, numbers))
        share = Fraction(mass)
        if share < 0 or not question.region.contains(point):
            raise ShiftError("the plan moves mass out of the region, or less than none")
        masses[number] += share
        target = tuple(map(Fraction, label[0])) if label else sample.target
        costs = [one.cost for one in options[number] if one.target == target]
        if not costs:
            raise ShiftError("the plan gives mass a label that it may not have")
        cost += share * (measure(frame, sample.point, point) + costs[0])
        outputs = evaluate(question.network, point)
        risk += share * loss_at(question.loss, outputs, target)
    if masses != [sample.weight for sample in question.samples] or cost > budget:
        raise ShiftError("the plan is not one within the budget")
    return risk
