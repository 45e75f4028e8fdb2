"""Random networks over every operator that is read: no finding that a point contradicts."""

from __future__ import annotations

import time
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from tests.networks.random_models import make_random
from tests.training.circuit_making import (
    ask,
    draw_layers,
    draw_points,
    make_csv,
    read_layers,
)
from verify.networks.errors import ModelError
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.values.exact import enclose_layers
from verify.training.circuits.analysing import Asked, analyse
from verify.training.circuits.records import InRegion, Report
from verify.training.circuits.regions import Region

SAMPLES = 40


def draw_region(random: np.random.Generator, region: Region) -> list[Fraction]:
    """A point of a box, its corners as likely as what is between."""
    (case,) = region.cases
    return [
        low + (high - low) * Fraction(int(random.choice([0, 1, 2, 4, 7, 8, 8])), 8)
        for low, high in zip(case.lower, case.upper, strict=True)
    ]


def check_findings(
    asked: Asked, report: Report, random: np.random.Generator
) -> Counter:
    network = asked.source.model.network
    counts: Counter = Counter()
    on_data = [enclose_layers(network, point) for point in asked.examples.points]
    samples = {}
    for name in ("train", "deploy"):
        region = getattr(asked, name)
        samples[name] = [
            enclose_layers(network, draw_region(random, region)) for _ in range(SAMPLES)
        ]
    for unit in report.units:
        index, place = network.units[unit.layer - 1], unit.unit - 1
        column = [layers[index][place] for layers in on_data]
        counts[unit.data.standing] += 1
        if unit.data.standing == "silent":
            assert all(low <= 0 <= high for low, high in column)
        elif unit.data.standing == "acts":
            assert any(low > 0 or high < 0 for low, high in column)
        for name in ("train", "deploy"):
            found: InRegion = getattr(unit, name)
            counts[f"region {found.standing}"] += 1
            if found.standing == "silent":
                for layers in samples[name]:
                    low, high = layers[index][place]
                    assert low <= 0 <= high, (unit.layer, unit.unit, name)
            if found.witness is not None:
                point = [Fraction(text) for text in found.witness.point]
                assert getattr(asked, name).contains(point)
                low, high = enclose_layers(network, point)[index][place]
                assert low > 0 or high < 0
    return counts


def look(model: Model, data: bytes, seed: int, seconds: float) -> Counter:
    random = np.random.default_rng(seed)
    network = model.network
    points = draw_points(random, network.inputs, 5)
    targets = [
        [int(random.integers(-2, 3)) for _ in range(network.outputs)] for _ in points
    ]
    asked = ask(
        model, data, make_csv(points, targets), time.monotonic() + seconds,
        train="box", deploy="box + 2",
    )  # fmt: skip
    return check_findings(asked, analyse(asked, lambda text: None).report, random)


def look_at_random_operators(seed: int) -> Counter:
    data = make_random(seed, 10)
    try:
        model = read_network(data)
    except ModelError:
        return Counter(unread=1)
    if not model.network.units or model.network.outputs > 30:
        return Counter(plain=1)
    return look(model, data, seed, 4.0)


def test_dense_networks() -> None:
    counts: Counter = Counter()
    for seed in range(9):
        model, data = read_layers(draw_layers(np.random.default_rng(seed)))
        counts += look(model, data, seed, 20.0)
    assert min(counts[f"region {one}"] for one in ("silent", "acts")) > 3, counts
    assert counts["region open"] == 0


def test_a_few_networks_of_random_operators() -> None:
    counts: Counter = Counter()
    for seed in range(24, 40):
        counts += look_at_random_operators(seed)
    assert min(counts["silent"], counts["acts"]) > 0, counts


@pytest.mark.campaign
def test_many_networks_of_random_operators() -> None:
    counts: Counter = Counter()
    for seed in range(1_000, 1_400):
        counts += look_at_random_operators(seed)
    assert min(counts["silent"], counts["region acts"]) > 30, counts
