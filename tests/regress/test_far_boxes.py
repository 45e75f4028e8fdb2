"""The bound of a box that does not contain the data point let mass stay at the point.

It was sound and so loose that nothing beyond a cut could be closed: four data points and a
network of 15 units were left with a gap of 1.5.
"""

from __future__ import annotations

import random
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shift.tiny_shifts import HIGH, LOW, make_tiny
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import make_samples
from verify.shift.transport.answering import Transport
from verify.shift.transport.bounding import climb_box

numbers = st.floats(-4, 4).map(lambda x: round(x * 64) / 64)
triples = st.lists(numbers, min_size=3, max_size=3)


@given(triples, triples, triples, triples, numbers)
def test_the_bound_is_what_the_box_attains(
    pulls: list[float],
    centre: list[float],
    one: list[float],
    other: list[float],
    rate: float,
) -> None:
    ends = np.array([np.minimum(one, other), np.maximum(one, other)])
    pull, x, price = np.array([pulls]), np.array([centre]), np.array([abs(rate)])
    (most,), (where,) = climb_box(pull, price, x, ends[:1], ends[1:], linf=False)
    near = np.clip(x, ends[:1], ends[1:])[0]
    choices = np.array(np.meshgrid(*zip(*ends, near, strict=True))).reshape(3, -1).T
    values = (choices - x) @ pull[0] - price * np.abs(choices - x).sum(axis=1)
    assert most == values.max()
    moved = where - x[0]
    assert moved @ pull[0] - price[0] * np.abs(moved).sum() == most
    assert (ends[0] <= where).all()
    assert (where <= ends[1]).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_gap_is_closed(seed: int) -> None:
    source = random.Random(seed)
    tiny = make_tiny(source, 3, 9)
    points = [tuple(F(source.randint(-2, 6), 2) for _ in range(3)) for _ in range(2)]
    samples = make_samples(points, [(F(source.randint(-2, 2)),) for _ in points])
    box = make_box((LOW,) * 3, (HIGH,) * 3)
    question = Question(tiny.network, samples, "l1", box, "l1")
    answer = Transport(question, Effort(F(1, 100))).answer(F(1, 4))
    assert answer.is_within(F(1, 100)), answer.upper
