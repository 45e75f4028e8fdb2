"""Points found by sampling and gradients count only if exact arithmetic agrees."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.teeth import (
    extremes,
    make_numbers,
    make_vector,
    random_network,
    threshold_query,
    tooth_network,
)
from verify.networks.boxes.falsify import Prober, confirm_point, find_witness, gradient
from verify.networks.network import RELU, SIGMOID, Activation, Affine, Input, Network
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact, floats


def soon() -> float:
    return time.monotonic() + 20


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), inputs=st.integers(1, 3))
def test_a_point_is_found_a_little_below_the_maximum(seed: int, inputs: int) -> None:
    network = tooth_network(Random(seed), inputs, 4)
    least, most = extremes(network, Fraction(-1), Fraction(1))
    query = threshold_query(network, most - (most - least) / 20, strict=True)
    found = find_witness(query, soon())
    if most == least:
        assert found is None
        return
    assert found is not None
    assert exact.holds(query.cases[0], found.point, found.outputs)
    assert exact.evaluate(network, found.point) == found.outputs


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_nothing_is_found_above_the_maximum(seed: int) -> None:
    network = tooth_network(Random(seed), 2, 3)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    tiny = Fraction(1, 10**40)
    assert (
        find_witness(threshold_query(network, most + tiny, strict=False), soon())
        is None
    )
    assert find_witness(threshold_query(network, most, strict=True), soon()) is None


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_gradients_are_differences(seed: int) -> None:
    random = Random(seed)
    network = random_network(random, "plain", (RELU, SIGMOID))
    points = np.array([[random.gauss(0, 1) for _ in range(network.inputs)]])
    slope = np.array([[random.gauss(0, 1) for _ in range(network.outputs)]])
    layers = floats.evaluate_layers(network, points)
    found = gradient(network, layers, slope)
    for index in range(network.inputs):
        step = np.zeros_like(points)
        step[0, index] = 1e-6
        sides = [floats.evaluate_layers(network, points + s * step) for s in (-1, 1)]
        kinks = any(
            isinstance(layer, Activation)
            and layer.kind == RELU
            and ((sides[0][layer.source] > 0) != (sides[1][layer.source] > 0)).any()
            for layer in network.layers
        )
        if not kinks:
            low, high = (
                float((side[network.output] @ slope.T)[0, 0]) for side in sides
            )
            assert found[0, index] == pytest.approx(
                (high - low) / 2e-6, rel=1e-3, abs=1e-4
            )


def test_newton_steps_meet_rows_that_pin_every_input() -> None:
    # x = y up to 1e-9, in each input: samples never are, signs of gradients overshoot.
    network = Network((Input(2),), 0)
    tiny = Fraction(1, 10**9)
    rows = tuple(
        Row((), ((k, Fraction(sign)),), tiny - sign * Fraction(1, 3))
        for k in range(2)
        for sign in (1, -1)
    )
    case = Case((Fraction(-1),) * 2, (Fraction(1),) * 2, rows)
    prober = Prober(Query(network, (case,)))
    points = prober.sample(0, np.random.default_rng(0), 8)
    assert prober.search([0], [points], 0, 0) is None
    found = prober.solve(0, points, 5)
    assert found is not None
    assert all(abs(x - Fraction(1, 3)) <= tiny for x in found.point)


def test_generations_find_a_pocket_that_gradients_do_not() -> None:
    # A plateau with a pyramid a thousandth of the box wide.
    third, narrow = Fraction(1, 3), 1000
    kinks = [[Fraction(narrow)], [Fraction(narrow)], [Fraction(narrow)]]
    bias = [-narrow * third + k for k in (1, 0, -1)]
    layers = (
        Input(1),
        Affine((0,), (make_numbers(kinks),), make_vector(bias)),
        Activation(RELU, 1, 3),
        Affine(
            (2,),
            (make_numbers([[Fraction(1), Fraction(-2), Fraction(1)]]),),
            make_vector([Fraction(0)]),
        ),
    )
    query = threshold_query(Network(layers, 3), Fraction(1, 2), strict=False)
    found = Prober(query).evolve(0, np.random.default_rng(0), soon())
    assert found is not None
    assert abs(found.point[0] - third) <= Fraction(1, 2000)


def test_a_candidate_is_moved_into_the_exact_box() -> None:
    row = Row((), ((0, Fraction(1)),), Fraction(0))
    case = Case((Fraction(1, 3),), (Fraction(2, 3),), (row,))
    prober = Prober(Query(Network((Input(1),), 0), (case,)))
    found = prober.confirm(0, np.array([5.0]))
    assert found is not None
    assert found.point == (Fraction(2, 3),)
    assert prober.confirm(0, np.array([np.nan])) is None


def test_through_sigmoid_the_whole_enclosure_must_hold() -> None:
    network = Network((Input(1), Activation(SIGMOID, 0, 1)), 1)
    at_zero = (Fraction(0),)
    met = threshold_query(network, Fraction(1, 2) - Fraction(1, 10**9), strict=True)
    assert confirm_point(met, 0, at_zero) is not None
    missed = threshold_query(network, Fraction(1, 2) + Fraction(1, 10**9), strict=False)
    assert confirm_point(missed, 0, at_zero) is None


def test_an_empty_box_is_not_sampled() -> None:
    case = Case((Fraction(1),), (Fraction(0),), ())
    assert find_witness(Query(Network((Input(1),), 0), (case,)), soon()) is None


def test_no_time_finds_nothing() -> None:
    network = Network((Input(1),), 0)
    query = threshold_query(network, Fraction(0), strict=False)
    assert find_witness(query, time.monotonic() - 1) is None
