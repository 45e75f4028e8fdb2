"""Unit-phase search: answers equal to exact enumeration, refusals with their reason."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.small_networks import (
    at_least,
    box_query,
    exact_vertices,
    random_network,
)
from verify.networks.network import Activation, Affine, Network, Numbers
from verify.networks.phases.aims import group_cases, make_aims
from verify.networks.phases.chains import make_chain
from verify.networks.phases.phases import search_phases
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Case, Empty, Open, Query, Row, Witness
from verify.networks.reading.onnx_reader import read_network
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact

OPTIONS = NetworkOptions(seconds=60, processes=1)
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), st.integers(3, 8))
def test_answers_equal_exact_enumeration(random: Random, hidden: int) -> None:
    network = random_network(random, (2, hidden, 1))
    largest = max(value for _, value in exact_vertices(network))
    near = Fraction(1, 1024)
    above = box_query(network, (at_least(largest + near),))
    assert isinstance(search_phases(above, OPTIONS), Empty)
    below = box_query(network, (at_least(largest - near),))
    found = search_phases(below, OPTIONS)
    assert isinstance(found, Witness)
    assert exact.holds(below.cases[0], found.point, found.outputs)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_deep_networks_never_contradict_samples(random: Random) -> None:
    """Three layers, thresholds at a sampled value: empty is never said at or below it."""
    network = random_network(random, (20, 8, 8, 8, 2))
    points = [
        tuple(Fraction(random.choice([-1, 1])) for _ in range(20)) for _ in range(40)
    ]
    values = [exact.evaluate(network, point)[0] for point in points]
    query = box_query(network, (at_least(max(values)),))
    found = search_phases(query, NetworkOptions(seconds=3, processes=1))
    assert not isinstance(found, Empty)
    far = box_query(network, (at_least(max(values) + 10**6),))
    assert isinstance(search_phases(far, OPTIONS), Empty)


def test_rows_that_only_conflict_together() -> None:
    """y0 >= 1/4 and y1 >= 1/4 with y1 = -y0: each is possible, both are not."""
    network = random_network(Random(3), (2, 4, 2))
    last = network.layers[-1]
    assert isinstance(last, Affine)
    half = last.matrices[0].floats[:1]
    opposite = last._replace(
        matrices=(Numbers(np.concatenate([half, -half])),), bias=Numbers(np.zeros(2))
    )
    network = network._replace(layers=(*network.layers[:-1], opposite))
    rows = at_least(Fraction(1, 4)), at_least(Fraction(1, 4), 1)
    for row in rows:
        assert isinstance(search_phases(box_query(network, (row,)), OPTIONS), Witness)
    assert isinstance(search_phases(box_query(network, rows), OPTIONS), Empty)


def test_inputs_in_rows_count_with_their_largest_value() -> None:
    network = random_network(Random(4), (2, 5, 1))
    largest = max(value for _, value in exact_vertices(network))
    with_input = Row(((0, Fraction(2)),), ((0, Fraction(1)),), -largest - 2)
    assert isinstance(
        search_phases(
            box_query(network, (with_input._replace(constant=-largest - 3),)), OPTIONS
        ),
        Empty,
    )
    aims = make_aims(box_query(network, (with_input,)), 0)
    assert aims is not None
    assert aims[0].constant == float(largest)
    only_inputs = Row(((0, Fraction(1)),), (), Fraction(-2))
    found = search_phases(box_query(network, (only_inputs,)), OPTIONS)
    assert found == Empty("rigorous", 0, 0.0)


def test_a_box_without_points_is_empty() -> None:
    network = random_network(Random(4), (2, 5, 1))
    query = box_query(network, (at_least(Fraction(-100)),))
    case = query.cases[0]._replace(lower=(Fraction(2), Fraction(-1)))
    assert isinstance(search_phases(Query(network, (case,)), OPTIONS), Empty)


def test_sigmoid_behind_few_inputs() -> None:
    """A generator with sigmoid outputs before relus: both answers, by halving the box."""
    network = random_network(Random(11), (3, 8, 12, 6, 1), ("relu", "sigmoid", "relu"))
    points = np.random.default_rng(0).uniform(-1, 1, (4000, 3))
    values = [
        exact.enclose(network, tuple(map(Fraction, map(float, point))))[0][0]
        for point in points[:400]
    ]
    seen = max(values)
    found = search_phases(box_query(network, (at_least(seen),)), OPTIONS)
    assert isinstance(found, Witness)
    room = Fraction(1, 2)
    empty = search_phases(box_query(network, (at_least(seen + room),)), OPTIONS)
    assert isinstance(empty, Empty)
    assert empty.cells > 1


def refused(query: Query, fragment: str) -> None:
    found = search_phases(query, OPTIONS)
    assert isinstance(found, Open)
    assert found.reason == "unsupported"
    assert fragment in found.detail


def test_what_is_not_a_chain_is_refused() -> None:
    network = random_network(Random(5), (2, 3, 1))
    last = network.layers[-1]
    assert isinstance(last, Affine)
    summed = last._replace(
        sources=(2, 0), matrices=(*last.matrices, Numbers(np.ones((1, 2))))
    )
    layers = (*network.layers[:-1], summed)
    query = box_query(network._replace(layers=layers), (at_least(Fraction(0)),))
    refused(query, "sums several layers")


def test_sign_units_are_refused() -> None:
    network = random_network(Random(5), (2, 3, 1), ("sign",))
    refused(box_query(network, (at_least(Fraction(0)),)), "is a sign")


def test_huge_weights_are_refused() -> None:
    network = random_network(Random(5), (2, 3, 1))
    first = network.layers[1]
    assert isinstance(first, Affine)
    huge = first._replace(matrices=(Numbers(np.full((3, 2), 1e31)),))
    layers = (network.layers[0], huge, *network.layers[2:])
    query = box_query(network._replace(layers=layers), (at_least(Fraction(0)),))
    refused(query, "weights beyond")


def test_boxes_and_rows_without_hold_are_refused() -> None:
    network = random_network(Random(5), (2, 3, 1))
    wide = box_query(network, (at_least(Fraction(0)),), radius=10**40)
    refused(wide, "is not bounded")
    refused(box_query(network, ()), "says nothing of the outputs")


def test_activations_at_either_end_are_a_chain_too() -> None:
    network = random_network(Random(5), (2, 3, 1))
    layers = (*network.layers, Activation("relu", 3, 1))
    chain = make_chain(Network(layers, 4))
    assert not isinstance(chain, str)
    assert [block.kind for block in chain.blocks] == ["relu", "relu", None]
    query = box_query(Network(layers, 4), (at_least(Fraction(-1)),))
    assert isinstance(search_phases(query, OPTIONS), Witness)
    below = Row((), ((0, Fraction(-1)),), Fraction(-1, 64))  # relu(...) <= -1/64
    assert isinstance(
        search_phases(box_query(Network(layers, 4), (below,)), OPTIONS), Empty
    )


def test_cases_with_one_box_are_bounded_together() -> None:
    network = random_network(Random(5), (2, 3, 2))
    case = box_query(network, (at_least(Fraction(0)),)).cases[0]
    other = Case(case.lower, case.upper, (at_least(Fraction(0), 1),))
    shifted = case._replace(lower=(Fraction(0), Fraction(0)))
    groups = group_cases(Query(network, (case, other, shifted)))
    assert not isinstance(groups, Open)
    assert [group.cases for group in groups] == [(0, 1), (2,)]


@pytest.mark.parametrize(
    ("family", "model", "text", "answer"),
    [
        ("mnist_fc", "mnist-net_256x2.onnx", "prop_6_0.03.vnnlib", Empty),
        ("mnist_fc", "mnist-net_256x2.onnx", "prop_2_0.03.vnnlib", Witness),
        ("mnist_fc", "mnist-net_256x6.onnx", "prop_2_0.03.vnnlib", Empty),
        ("dist_shift", "mnist_concat.onnx", "index8344_delta0.13.vnnlib", Empty),
        ("dist_shift", "mnist_concat.onnx", "index1028_delta0.13.vnnlib", Witness),
    ],
)
def test_published_instances(family: str, model: str, text: str, answer: type) -> None:
    folder = DATA / family
    if not folder.exists():
        pytest.skip("the benchmark data of others is not beside this checkout")
    network = read_network(folder / "onnx" / model).network
    query = read_property(folder / "vnnlib" / text).make_query(network)
    assert isinstance(search_phases(query, OPTIONS), answer)
