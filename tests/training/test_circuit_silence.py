"""Silent units against brute force: no unit that acts is called silent, nor the reverse."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.networks.onnx_making import make_model
from tests.training.circuit_making import (
    Layers,
    draw_layers,
    draw_points,
    read_layers,
    run_plainly,
)
from verify.networks.network import Network
from verify.networks.reading.onnx_reader import read_network
from verify.training.circuits.examples import make_near
from verify.training.circuits.silence import OnData, Place, find_silence
from verify.training.circuits.tables import evaluate_points, make_table


def find(network: Network, points: list[list[Fraction]]) -> tuple[OnData, ...]:
    return find_silence(network, points, make_table(points), make_near(points))


def compare_with_brute_force(seed: int) -> int:
    """Compare one random network; how many of its units are silent."""
    random = np.random.default_rng(seed)
    layers = draw_layers(random)
    network = read_layers(layers)[0].network
    points = draw_points(random, network.inputs)
    plain = [run_plainly(layers, point) for point in points]
    found = {one.place: one for one in find(network, points)}
    silent = 0
    for layer in range(len(layers) - 1):
        for unit in range(len(layers[layer][1])):
            one = found.pop(Place(layer + 1, unit + 1))
            acting = [k for k, row in enumerate(plain) if row[layer][unit] != 0]
            assert one.silent == (not acting), (seed, one)
            assert one.point is None or one.point in acting
            assert (one.point is None) == one.silent
            silent += one.silent
    assert not found
    tables = evaluate_points(network, make_table(points), network.output)
    for k, row in enumerate(plain):
        outputs = [tables[network.output].number(k, j) for j in range(network.outputs)]
        assert outputs == row[-1]
    return silent


def test_random_networks_against_brute_force() -> None:
    counts = [compare_with_brute_force(seed) for seed in range(200)]
    assert sum(map(bool, counts)) > 40, "too few networks with a silent unit"


@pytest.mark.campaign
def test_ten_thousand_random_networks_against_brute_force() -> None:
    counts = [compare_with_brute_force(seed) for seed in range(1_000, 11_000)]
    assert sum(map(bool, counts)) > 2_000


EDGE: Layers = [
    ([[1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]], [-1.0, -1.0, 1.0]),
    ([[1.0, 1.0, 1.0]], [0.0]),
]


@pytest.mark.parametrize(
    "shift, silent",
    [(Fraction(1, 10**30), [False, False, True]), (Fraction(0), [True, True, True]),
     (Fraction(-1, 10**30), [True, True, False])],
)  # fmt: skip
def test_a_knifes_edge_below_what_floats_see(
    shift: Fraction, silent: list[bool]
) -> None:
    """x1 + x2 - 1 at x1 = 1, x2 = +-1e-30: float64 gives 0 for all three."""
    network = read_layers(EDGE)[0].network
    found = find(network, [[Fraction(1), shift]])
    assert [one.silent for one in found] == silent


def test_numbers_beyond_floats_are_settled_exactly() -> None:
    network = read_layers(EDGE)[0].network
    huge = Fraction(10) ** 390
    found = find(network, [[huge, -huge], [-huge, Fraction(0)]])
    assert [one.silent for one in found] == [True, True, False]


def smooth(kind: str, weights: list[list[float]], bias: list[float]) -> Network:
    from onnx import helper

    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["s"], transB=1),
        helper.make_node(kind, ["s"], ["h"]),
        helper.make_node("Gemm", ["h", "v"], ["t"], transB=1),
        helper.make_node("Relu", ["t"], ["y"]),
    ]
    arrays = {
        "w": np.array(weights, np.float32),
        "b": np.array(bias, np.float32),
        "v": np.array([[1.0] * len(bias), [-1.0] * len(bias)], np.float32),
    }
    model = make_model(nodes, arrays, (1, len(weights[0])), (1, 2))
    return read_network(model.SerializeToString()).network


def test_through_sigmoids_by_enclosures() -> None:
    """A sigmoid is never 0; tanh is at 0, which no enclosure shows; relus may be silent."""
    found = find(smooth("Sigmoid", [[1.0]], [0.0]), [[Fraction(-3)], [Fraction(1, 3)]])
    assert [one.silent for one in found] == [False, False, True]
    found = find(smooth("Tanh", [[1.0], [0.0]], [0.0, 0.0]), [[Fraction(1, 3)]])
    assert found[0].silent is False
    assert found[1].silent is not False
    assert [one.silent for one in found[2:]] == [False, True]
