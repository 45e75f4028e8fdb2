"""Cells of deep networks were left as linear programmes while a unit was undecided.

A unit without effect on what is maximised may still matter to a later unit whose sign is
held, so the bound of such a cell did not close, and a gap of 0.02 was left.
"""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np

from tests.shift.tiny_shifts import numbers
from verify.networks.network import Activation, Affine, Input, Layer, Network
from verify.networks.values.exact import evaluate
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import make_samples
from verify.shift.transport.answering import Transport


def make_deep(seed: int) -> Network:
    """Three inputs, two layers of eight relus, weights in steps of 1/64."""
    source = np.random.default_rng(seed)
    layers: list[Layer] = [Input(3)]
    for before, width in ((3, 8), (8, 8), (8, 1)):
        weights = source.normal(0, 1.68 / before**0.5, (width, before))
        biases = source.normal(0, 0.3, width)
        affine = [numbers(np.round(one * 64) / 64) for one in (weights, biases)]
        layers.append(Affine((len(layers) - 1,), (affine[0],), affine[1]))
        if width > 1:
            layers.append(Activation("relu", len(layers) - 1, width))
    return Network(tuple(layers), len(layers) - 1)


def test_the_gap_of_a_deep_network_is_closed() -> None:
    network, source = make_deep(1), np.random.default_rng(10)
    rows = np.round(source.random((4, 3)) * 64) / 64
    points = [tuple(map(F, row.tolist())) for row in rows]
    noise = [F(int(k), 64) for k in source.integers(-8, 9, 4)]
    pairs = zip(points, noise, strict=True)
    samples = make_samples(points, [(evaluate(network, x)[0] + n,) for x, n in pairs])
    box = make_box((F(0),) * 3, (F(1),) * 3)
    question = Question(network, samples, "l1", box, "l1")
    answer = Transport(question, Effort(F(1, 1000))).answer(F(1, 8))
    assert answer.is_within(F(1, 1000)), answer.upper
