"""Exact losses and their floors against the plainest definitions, with hypothesis."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.training.circuits.floors import find_floor
from verify.training.circuits.losses import LOSSES, Targets, find_loss
from verify.training.circuits.slopes import Goal
from verify.training.circuits.tables import make_table

NUMBERS = st.fractions(-3, 3, max_denominator=6)


def measure(loss: str, outputs: list[list[Fraction]], targets: Targets) -> Fraction:
    rows = list(zip(outputs, targets.values, strict=True))
    if loss == "zero_one" and targets.labels is not None:
        return Fraction(
            sum(
                any(row[k] >= row[label] for k in range(len(row)) if k != label)
                for row, label in zip(outputs, targets.labels, strict=True)
            )
        )
    match loss:
        case "l1":
            return sum(
                (abs(g - y) for r, t in rows for g, y in zip(r, t, strict=True)),
                Fraction(0),
            )
        case "squared":
            return sum(
                ((g - y) ** 2 for r, t in rows for g, y in zip(r, t, strict=True)),
                Fraction(0),
            )
        case "linf":
            return max(abs(g - y) for r, t in rows for g, y in zip(r, t, strict=True))
        case "hinge":
            return sum(
                (max(Fraction(0), 1 - t[0] * r[0]) for r, t in rows), Fraction(0)
            )
        case _:
            return Fraction(sum(t[0] * r[0] <= 0 for r, t in rows))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[list[Fraction]], Targets]:
    loss = draw(st.sampled_from(LOSSES))
    count = draw(st.integers(1, 5))
    width = 1 if loss == "hinge" else draw(st.integers(1, 3))
    outputs = [[draw(NUMBERS) for _ in range(width)] for _ in range(count)]
    if width == 1 and loss in ("hinge", "zero_one"):
        rows = [(Fraction(draw(st.sampled_from([-1, 1]))),) for _ in range(count)]
        return loss, outputs, Targets(tuple(rows))
    if width > 1 and (loss == "zero_one" or draw(st.booleans())):
        labels = [draw(st.integers(0, width - 1)) for _ in range(count)]
        rows = [tuple(Fraction(int(k == one)) for k in range(width)) for one in labels]
        return loss, outputs, Targets(tuple(rows), tuple(labels))
    rows = [tuple(draw(NUMBERS) for _ in range(width)) for _ in range(count)]
    return loss, outputs, Targets(tuple(rows))


@given(cases())
def test_losses_are_what_they_say(
    case: tuple[str, list[list[Fraction]], Targets],
) -> None:
    loss, outputs, targets = case
    exact = find_loss(loss, make_table(outputs), targets)
    assert exact == measure(loss, outputs, targets)
    near = np.array([[float(value) for value in row] for row in outputs])
    assert Goal(loss, targets).measure(near).loss == pytest.approx(
        float(exact), abs=1e-9
    )


@given(cases(), st.lists(st.integers(0, 1), min_size=5, max_size=5))
def test_no_answers_that_agree_on_groups_are_below_the_floor(
    case: tuple[str, list[list[Fraction]], Targets], groups: list[int]
) -> None:
    loss, outputs, targets = case
    keys = groups[: len(outputs)]
    floor = find_floor(loss, targets, keys)
    answers = {key: outputs[keys.index(key)] for key in keys}
    agreeing = [answers[key] for key in keys]
    assert measure(loss, agreeing, targets) >= floor


@given(cases())
def test_the_floor_is_reached(case: tuple[str, list[list[Fraction]], Targets]) -> None:
    """Over all answers on a grid that holds the best: medians, means, middles, labels."""
    loss, _, targets = case
    floor = find_floor(loss, targets, [0] * len(targets.values))
    best = []
    for column in zip(*targets.values, strict=True):
        middle = (min(column) + max(column)) / 2
        mean = sum(column, Fraction(0)) / len(column)
        best.append({*column, middle, mean, Fraction(-1), Fraction(1), Fraction(2)})
    found = min(
        measure(loss, [list(answer)] * len(targets.values), targets)
        for answer in product(*best)
    )
    assert found == floor


def test_an_unknown_loss_is_refused() -> None:
    targets = Targets(((Fraction(0),), (Fraction(0),)))
    with pytest.raises(ValueError, match="expected one of l1"):
        find_loss("cross_entropy", make_table([[Fraction(0)]] * 2), targets)
    with pytest.raises(ValueError, match="unknown loss"):
        find_floor("cross_entropy", targets, [0, 0])
