"""float32 in a chosen order: each operation rounded once, and nothing but rounding."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.networks.chains import random_chain
from tests.networks.onnx_making import dense, make_model
from verify.networks.float32 import singles
from verify.networks.float32.single_orders import (
    ORDERS,
    PAIRWISE,
    REVERSED,
    SEQUENTIAL,
    SHUFFLED,
    Engine,
    SingleArithmetic,
    fuse,
    run_in_order,
)
from verify.networks.float32.walking import NotWalked
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import exact

MODERATE = st.floats(width=32, min_value=-(2.0**50), max_value=2.0**50)
ONE = np.ones((1, 1), np.float32)


@given(MODERATE, MODERATE, MODERATE)
def test_a_fused_operation_rounds_once(x: float, y: float, z: float) -> None:
    found = fuse(*(np.array([v], np.float32) for v in (x, y, z)))
    true = Fraction(x) * Fraction(y) + Fraction(z)
    assert Fraction(float(found[0])) == Fraction(float(singles.round_to_nearest(true)))


def test_a_fused_operation_is_not_rounded_twice() -> None:
    """Just below a tie, which float64 rounds to the tie and then to the wrong side."""
    x, y, z = (
        np.array([v], np.float32)
        for v in (1 + 2.0**-18, (1 - 2.0**-18) * 2.0**-24, 1 + 2.0**-23)
    )
    twice = (x.astype(np.float64) * y.astype(np.float64) + z).astype(np.float32)
    assert fuse(x, y, z) == z and twice != z


@pytest.mark.parametrize(
    "order, expected", [(SEQUENTIAL, 1.0), (REVERSED, 0.0), (PAIRWISE, 0.0)]
)
def test_the_order_is_the_one_named(order: str, expected: float) -> None:
    """2^30 + 1 - 2^30 and a bias of 1: a small term survives only beside no large one."""
    graph = read_network(dense(([[2.0**30, 1.0, -(2.0**30)]], [1]))).graph
    points = np.ones((1, 3), np.float32)
    assert run_in_order(graph, points, Engine(order))[0, 0] == expected


def test_fused_products_keep_what_plain_ones_lose() -> None:
    x = 1 + 2.0**-12  # x * x - 1 - 2^-11 is 2^-24
    graph = read_network(dense(([[1, x]], [-(1 + 2.0**-11)]))).graph
    points = np.array([[0, x]], np.float32)
    shifted = read_network(dense(([[-(1 + 2.0**-11), x]], [0]))).graph
    one = np.array([[1, x]], np.float32)
    assert run_in_order(graph, points, Engine())[0, 0] == 0
    assert run_in_order(shifted, one, Engine(fused=True))[0, 0] == 2.0**-24


def test_shuffled_orders_differ_and_repeat() -> None:
    generator = np.random.default_rng(1)
    graph = read_network(dense((generator.normal(size=(1, 50)), [0]))).graph
    points = generator.normal(size=(1, 50)).astype(np.float32)
    found = [
        float(run_in_order(graph, points, Engine(SHUFFLED, seed=seed))[0, 0])
        for seed in (*range(20), *range(20))
    ]
    assert found[:20] == found[20:] and len(set(found)) > 3


@pytest.mark.parametrize("seed", range(50))
def test_nothing_but_rounding_separates_float32_from_the_reals(seed: int) -> None:
    """The walk over the graph and the lowering share no code: each checks the other."""
    random = Random(f"orders {seed}")
    data, inputs = random_chain(random)
    model = read_network(data)
    points = np.random.default_rng(seed).normal(size=(3, inputs)).astype(np.float32)
    for engine in (*map(Engine, ORDERS), Engine(SHUFFLED, fused=True, seed=seed)):
        found = run_in_order(model.graph, points, engine)
        for point, outputs in zip(points, found, strict=True):
            true = [
                float(y) for y in exact.evaluate(model.network, singles.exact(point))
            ]
            scale = 1 + np.abs(true).max() + np.abs(found).max()
            np.testing.assert_allclose(outputs, true, rtol=0, atol=2e-3 * scale)


def test_the_sum_of_nothing_is_zero() -> None:
    made = SingleArithmetic(Engine()).dot(np.zeros((2, 3, 0)), np.zeros((0, 4)), None)
    assert made.shape == (2, 3, 4) and not made.any()


def test_what_is_not_float32_is_refused_by_name() -> None:
    from onnx import TensorProto, helper

    node = helper.make_node("Relu", ["x"], ["y"], name="bend")
    double = make_model([node], {}, (1, 1), (1, 1), kind=TensorProto.DOUBLE)
    graph = read_network(double.SerializeToString()).graph
    with pytest.raises(NotWalked, match="the input is float64, not float32"):
        run_in_order(graph, ONE, Engine())
    strange = graph._replace(
        inputs=(graph.inputs[0]._replace(kind="float32"),),
        nodes=(graph.nodes[0]._replace(operator="Erf"),),
    )
    with pytest.raises(NotWalked, match="Erf 'bend' is not followed in float32"):
        run_in_order(strange, ONE, Engine())
