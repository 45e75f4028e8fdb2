"""Bounds on rounding against an engine that rounds as badly as it may.

The unit is set to 2^-9 in both, so that errors are large, meet each other and open relus.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from onnx import helper

from tests.networks.adversary import DIRECTIONS, Adversary
from tests.networks.chains import random_chain
from tests.networks.onnx_making import make_model
from verify.networks.float32 import rounding_flow
from verify.networks.float32.rounding_flow import (
    CENTRE,
    ERROR,
    LOWER,
    UPPER,
    NoBound,
    RoundingArithmetic,
)
from verify.networks.float32.walking import walk
from verify.networks.float32.walking_sums import OPERATORS
from verify.networks.reading.graph import Graph
from verify.networks.reading.onnx_reader import read_network

COARSE = 2.0**-9
NOISE = 1e-9  # what float64 itself may be off by, relative to sizes of the graphs here


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rounding_flow, "UNIT", COARSE)
    monkeypatch.setattr(rounding_flow, "MAX_ROUNDINGS", 400)
    with np.errstate(all="ignore"):
        yield


def check_graph(graph: Graph, low: np.ndarray, high: np.ndarray, seed: int) -> float:
    """Real values and errors of every direction lie in the bounds; the largest share."""
    arithmetic = RoundingArithmetic()
    made = walk(graph, arithmetic.start(low, high), arithmetic, OPERATORS)
    bound = arithmetic.settle(made)
    random = np.random.default_rng(seed)
    points = low + (high - low) * random.random((6, len(low)))
    points = np.vstack([low, high, points])
    true = walk(graph, points, Adversary("none", 0.0, 0), OPERATORS)
    noise = NOISE * (1 + np.abs(true))
    assert (true >= bound[LOWER] - noise).all() and (true <= bound[UPPER] + noise).all()
    spread, error = arithmetic._totals(bound)
    assert (np.abs(true - bound[CENTRE]) <= spread + noise).all()
    share = 0.0
    for direction in DIRECTIONS:
        spoiled = walk(graph, points, Adversary(direction, COARSE, seed), OPERATORS)
        off = np.abs(spoiled - true)
        assert (off <= bound[ERROR] + noise).all(), direction
        assert (off <= error + noise).all(), direction
        share = max(share, float((off / (bound[ERROR] + noise)).max()))
    return share


def random_share(seed: str, longest: int = 5) -> float | None:
    """The share of the bound reached on a random graph and box; None without a bound."""
    random = Random(seed)
    data, inputs = random_chain(random, longest=longest)
    generator = np.random.default_rng(random.randrange(2**32))
    middle = generator.normal(size=inputs)
    reach = 10.0 ** generator.uniform(-3, 0.5)
    graph = read_network(data).graph
    try:
        return check_graph(
            graph, middle - reach, middle + reach, random.randrange(2**32)
        )
    except NoBound:
        return None


@pytest.mark.parametrize("seed", range(100))
def test_the_worst_engine_stays_within_the_bound(seed: int) -> None:
    random_share(f"adversary {seed}")


def test_most_graphs_have_a_bound_and_some_nearly_reach_it() -> None:
    shares = [random_share(f"share {seed}", longest=2) for seed in range(40)]
    known = [share for share in shares if share is not None]
    assert len(known) > 30 and max(known) > 0.6


@pytest.mark.campaign
def test_many_graphs_stay_within_the_bound() -> None:
    for seed in range(5_000):
        random_share(f"campaign {seed}", longest=6)


def test_a_relu_that_rounding_may_close_is_not_taken_for_open() -> None:
    """relu(z) - z is 0 for real z >= 0; a float z below 0 leaves -z, and nothing cancels."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["s"]),
             helper.make_node("Relu", ["s"], ["h"]),
             helper.make_node("Sub", ["h", "c"], ["z"]),
             helper.make_node("Relu", ["z"], ["r"]),
             helper.make_node("Sub", ["r", "z"], ["y"])]  # fmt: skip
    weights = {"w": np.array([[25], [-24]], np.float32), "c": np.float32([0.95])}
    data = make_model(nodes, weights, (1, 2), (1, 1)).SerializeToString()
    ones = np.ones(2)
    assert check_graph(read_network(data).graph, ones, ones, 0) > 0.05


def test_signs_near_zero_may_turn() -> None:
    """x - 0.99 is positive in the box, and off by more than that when 3 x - 2 x is x."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]),
             helper.make_node("Add", ["h", "b"], ["z"]),
             helper.make_node("Sign", ["z"], ["y"])]  # fmt: skip
    weights = {
        "w": np.array([[3], [-2]], np.float32), "b": np.array([-0.999], np.float32)
    }  # fmt: skip
    data = make_model(nodes, weights, (1, 2), (1, 1)).SerializeToString()
    graph = read_network(data).graph
    arithmetic = RoundingArithmetic()
    ones = np.ones(2)
    made = walk(graph, arithmetic.start(ones, ones), arithmetic, OPERATORS)
    assert made[LOWER] > 0 and made[ERROR] == 2
    assert check_graph(graph, ones, ones, 0) == pytest.approx(1.0)


def test_two_branches_of_one_chain_round_apart() -> None:
    """(x w) + (x v): the sum has the roundings of both products, and its own."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]),
             helper.make_node("MatMul", ["x", "v"], ["k"]),
             helper.make_node("Add", ["h", "k"], ["y"])]  # fmt: skip
    ones = {name: np.ones((3, 1), np.float32) for name in "wv"}
    data = make_model(nodes, ones, (1, 3), (1, 1)).SerializeToString()
    share = check_graph(read_network(data).graph, np.ones(3), np.ones(3), 0)
    assert share > 0.4
