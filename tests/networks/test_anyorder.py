"""The bound on float32 rounding holds in every order that is tried, and refuses the rest."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from onnx import helper

from tests.networks.chains import random_chain
from tests.networks.families import absorb, at_least, at_most, box, order, overflow
from tests.networks.onnx_making import dense, make_model
from verify.networks.float32 import anyorder, singles
from verify.networks.float32.anyorder import NoBound, rounding_bound
from verify.networks.float32.single_orders import ORDERS, SHUFFLED, Engine, run_in_order
from verify.networks.float32.singles import Singles
from verify.networks.float32.walking import NotWalked
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Query
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.values import exact, replay

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "acasxu"
FEW = [Engine(order, fused) for order in ORDERS for fused in (False, True)]


def random_case(seed: str) -> tuple[Model, Singles, Singles]:
    """A random graph and a float32 box of a random size and place."""
    random = Random(seed)
    data, inputs = random_chain(random)
    generator = np.random.default_rng(random.randrange(2**32))
    middle = generator.normal(scale=2, size=inputs)
    reach = 10.0 ** generator.uniform(-4, 1)
    low, high = (middle + way * reach for way in (-1, 1))
    return read_network(data), low.astype(np.float32), high.astype(np.float32)


def draw(low: Singles, high: Singles, count: int, seed: int) -> Singles:
    """float32 points of a box, some of them its corners."""
    generator = np.random.default_rng(seed)
    drawn = low + (high - low) * generator.random((count, len(low)))
    corners = np.where(generator.integers(0, 2, drawn.shape), low, high)
    some = generator.random((count, 1)) < 0.2
    return np.clip(np.where(some, corners, drawn).astype(np.float32), low, high)


def run_everywhere(
    model: Model, points: Singles, engines: list[Engine]
) -> Iterator[Singles]:
    """Outputs of the engines, and of onnxruntime with and without optimisation."""
    for engine in engines:
        yield run_in_order(model.graph, points, engine)
    for optimised in (False, True):
        yield replay.run(replay.make_session(model.graph, optimised=optimised), points)


def largest_share(model: Model, low: Singles, high: Singles, points: Singles,
                  engines: list[Engine]) -> tuple[float, int]:  # fmt: skip
    """The largest |float32 - exact| / bound seen, and how many runs it was sought in."""
    bound = rounding_bound(model.graph, singles.exact(low), singles.exact(high))
    true = [exact.evaluate(model.network, singles.exact(point)) for point in points]
    near = np.array([[float(y) for y in outputs] for outputs in true])
    allowed = np.array([float(b) for b in bound])
    share, runs = 0.0, 0
    for found in run_everywhere(model, points, engines):
        shares = np.abs(found - near) / allowed
        worst = np.unravel_index(int(np.argmax(shares)), shares.shape)
        distance = abs(Fraction(float(found[worst])) - true[worst[0]][worst[1]])
        share = max(share, float(distance / bound[worst[1]]))
        runs += len(points)
    return share, runs


@pytest.mark.parametrize("seed", range(40))
def test_no_order_leaves_the_bound(seed: int) -> None:
    model, low, high = random_case(f"any order {seed}")
    points = draw(low, high, 6, seed)
    engines = [*FEW, *(Engine(SHUFFLED, seed=s, fused=bool(s % 2)) for s in range(4))]
    assert largest_share(model, low, high, points, engines)[0] <= 1


@pytest.mark.campaign
def test_a_million_runs_stay_within_the_bound() -> None:
    """(input, order) samples over random graphs, onnxruntime included."""
    runs, largest, graphs = 0, 0.0, 0
    while runs < 1_000_000:
        model, low, high = random_case(f"campaign {graphs}")
        shuffled = [Engine(SHUFFLED, fused=bool(s % 2), seed=s) for s in range(16)]
        points = draw(low, high, 100, graphs)
        share, more = largest_share(model, low, high, points, [*FEW, *shuffled])
        assert share <= 1, f"graph {graphs}"
        runs, largest, graphs = runs + more, max(largest, share), graphs + 1
    assert largest > 0.2, "the bound is far from every run: it tests little"


def test_the_bound_is_nearly_reached_by_one_long_sum() -> None:
    """A sequential sum of n terms can err by n - 1 roundings, all of one sign."""
    model = read_network(dense(([[1.0] + [2.0**-24] * 200], [0])))
    ones = np.ones(201, np.float32)
    points = ones[np.newaxis]
    share, _ = largest_share(model, ones, ones, points, [Engine()])
    assert 0.9 < share <= 1


def test_a_bias_may_start_the_sum() -> None:
    """MatMul then Add, which engines merge: the large bias meets every small term."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]),
             helper.make_node("Add", ["h", "b"], ["y"])]  # fmt: skip
    weights = {"w": np.ones((100, 1), np.float32), "b": np.array([2.0**24], np.float32)}
    data = make_model(nodes, weights, (1, 100), (1, 1)).SerializeToString()
    graph = read_network(data).graph
    ends = [Fraction(1)] * 100
    assert rounding_bound(graph, ends, ends)[0] >= 100  # 2^24 + 1 + 1 ... stays 2^24
    merged = read_network(dense(([[1.0] * 100], [2.0**24]))).graph
    reversed_sum = run_in_order(
        merged, np.ones((1, 100), np.float32), Engine("reversed")
    )
    assert reversed_sum[0, 0] == 2.0**24


def test_a_relu_that_rounding_cannot_open_contributes_nothing() -> None:
    model = dense(([[1.0]], [-100.0]), ([[1e6]], [0]))
    closed = rounding_bound(read_network(model).graph, [Fraction(0)], [Fraction(1)])
    opened = rounding_bound(read_network(model).graph, [Fraction(0)], [Fraction(200)])
    assert closed[0] < Fraction(1, 10**20) and opened[0] > 1


@pytest.mark.parametrize("family", [absorb, order])
@pytest.mark.parametrize("seed", range(5))
def test_sums_that_depend_on_order_are_refused(family: object, seed: int) -> None:
    for instance in family(Random(seed)):  # type: ignore[operator]
        model = read_network(instance.model)
        query = Query(model.network, (instance.case,))
        ((error,),) = anyorder.row_errors(query, model.graph)
        furthest = max(abs(end) for end in instance.case.upper)
        assert error > furthest  # no margin in the box is as large


def test_overflow_has_no_bound() -> None:
    instance = next(overflow(Random(0)))
    graph = read_network(instance.model).graph
    with pytest.raises(NoBound, match="a sum may overflow in float32"):
        rounding_bound(graph, instance.case.lower, instance.case.upper)
    with pytest.raises(NoBound, match="the box reaches beyond float32"):
        rounding_bound(graph, [-(Fraction(10) ** 39)], [Fraction(0)])


@pytest.mark.parametrize("operator, reason", [
    ("Sigmoid", "sigmoid is rounded as each library likes"),
    ("Tanh", "tanh is rounded as each library likes"),
])  # fmt: skip
def test_functions_of_libraries_have_no_bound(operator: str, reason: str) -> None:
    node = helper.make_node(operator, ["x"], ["y"])
    data = make_model([node], {}, (1, 1), (1, 1)).SerializeToString()
    with pytest.raises(NoBound, match=reason):
        rounding_bound(read_network(data).graph, [Fraction(0)], [Fraction(1)])


def test_folded_normalisation_has_no_bound() -> None:
    weights = {name: np.ones(1, np.float32) for name in "smbv"}
    node = helper.make_node("BatchNormalization", ["x", *"smbv"], ["y"], epsilon=0.0)
    data = make_model([node], weights, (1, 1), (1, 1)).SerializeToString()
    with pytest.raises(NoBound, match="BatchNormalization 'y' is folded"):
        rounding_bound(read_network(data).graph, [Fraction(0)], [Fraction(1)])


def test_sign_is_known_away_from_zero() -> None:
    nodes = [helper.make_node("Mul", ["x", "w"], ["h"]),
             helper.make_node("Sign", ["h"], ["y"])]  # fmt: skip
    weights = {"w": np.array([0.1], np.float32)}
    data = make_model(nodes, weights, (1, 1), (1, 1)).SerializeToString()
    graph = read_network(data).graph
    away = rounding_bound(graph, [Fraction(1)], [Fraction(2)])
    across = rounding_bound(graph, [Fraction(-1)], [Fraction(2)])
    assert away[0] < Fraction(1, 10**30) and across[0] >= 2


def test_a_model_of_doubles_has_no_float32_bound() -> None:
    from onnx import TensorProto

    node = helper.make_node("Relu", ["x"], ["y"])
    double = make_model([node], {}, (1, 1), (1, 1), kind=TensorProto.DOUBLE)
    graph = read_network(double.SerializeToString()).graph
    with pytest.raises(NotWalked, match="the input is float64"):
        rounding_bound(graph, [Fraction(0)], [Fraction(1)])


def test_a_widened_query_gives_way_by_the_bound_of_each_row() -> None:
    model = read_network(dense(([[0.1, 3.0]], [0.2])))
    rows = (at_least(1), at_most(2, strict=True))
    narrow = box((Fraction(1, 10),) * 2, (0, 1), rows=rows)
    case = box((0, 1), (0, 1), rows=rows)
    query = Query(model.network, (case, narrow))
    wide = anyorder.widen(query, model.graph)
    (bound,) = rounding_bound(model.graph, case.lower, case.upper)
    moved = [row.constant for row in wide.cases[0].rows]
    assert moved == [-1 + bound, 2 + bound]
    assert wide.cases[0].rows[1].strict and not wide.cases[0].rows[0].strict
    assert wide.cases[1] == narrow  # no float32 input: nothing to allow for


def test_halved_boxes_cover_the_box_and_have_smaller_bounds() -> None:
    model = read_network(dense(([[3.0, 1.0]], [0.2]), ([[1.0]], [0.1])))
    case = box((-1, 1), (0, Fraction(1, 2)), rows=(at_least(100),))
    query = Query(model.network, (case,))
    wide = anyorder.widen(query, model.graph, 8)
    whole = anyorder.widen(query, model.graph).cases[0].rows[0].constant
    assert len(wide.cases) == 8
    assert all(part.rows[0].constant <= whole for part in wide.cases)
    sides = [
        [high - low for low, high in zip(part.lower, part.upper, strict=True)]
        for part in wide.cases
    ]
    assert sum(one * other for one, other in sides) == 1  # the area of the box
    point = box((1, 1), (0, 0), rows=(at_least(100),))
    pinned = anyorder.widen(Query(model.network, (point,)), model.graph, 8)
    assert len(pinned.cases) == 1


def test_errors_that_cancel_are_seen_to_cancel() -> None:
    """A long sum h is rounded once, and 1000 h - 999 h takes that rounding once."""
    first = ([[0.1] * 500], [10.0])
    twice = ([[1000.0], [999.0]], [0, 0])
    ends = [Fraction(0)] * 500, [Fraction(1)] * 500
    (plain,) = rounding_bound(read_network(dense(first, ([[1.0]], [0]))).graph, *ends)
    model = read_network(dense(first, twice, ([[1, -1]], [0])))
    (bound,) = rounding_bound(model.graph, *ends)
    assert bound < 100 * plain  # not 1999 times; what is left is the last two layers'
    points = np.linspace(0, 1, 1000, dtype=np.float32).reshape(2, 500)
    low, high = np.zeros(500, np.float32), np.ones(500, np.float32)
    assert largest_share(model, low, high, points, FEW)[0] <= 1


@pytest.mark.parametrize("prop, most", [("prop_3", 0.03), ("prop_4", 0.015)])
def test_the_bound_is_useful_on_a_network_of_300_relus(prop: str, most: float) -> None:
    if not DATA.exists():
        pytest.skip("../shared/data is not there")
    graph = read_network(DATA / "onnx/ACASXU_run2a_1_1_batch_2000.onnx").graph
    (case,) = read_property(DATA / f"vnnlib/{prop}.vnnlib").cases
    assert max(rounding_bound(graph, case.lower, case.upper)) < most
