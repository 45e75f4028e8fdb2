"""The rounding theorem, tried: exact values never leave bounds computed in floats."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.teeth import (
    SCALES,
    random_boxes,
    random_network,
    sample_points,
)
from verify.networks.boxes.bounds import bound_layers
from verify.networks.boxes.goals import Goals, bound_goals, make_goals
from verify.networks.boxes.program import make_program
from verify.networks.boxes.ranges import Form
from verify.networks.boxes.rounding import DOUBLE, SINGLE, Precision
from verify.networks.network import RELU, SIGN, Affine, Input, Network, Numbers
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact


def random_query(random: Random, network: Network) -> Query:
    """Two rows over outputs and inputs, with coefficients that floats do not hold."""

    def draw() -> Fraction:
        return Fraction(random.randint(-5, 5) or 1, random.choice((1, 1, 3)))

    rows = tuple(
        Row(((0, draw()),), ((k % network.outputs, draw()),), draw()) for k in range(2)
    )
    box = (Fraction(0),) * network.inputs
    return Query(network, (Case(box, box, rows),))


def check_bounds(random: Random, network: Network, precision: Precision) -> int:
    """Check all bounds of some boxes and of boxes within; how many were finite."""
    program = make_program(network, precision)
    query = random_query(random, network)
    goals = make_goals(query, precision)
    lower, upper = random_boxes(random, network.inputs, 3)
    known, finite = None, 0
    for _ in range(2):
        ranges = bound_layers(program, lower, upper, known)
        form = bound_goals(ranges, goals)
        for box in range(lower.shape[1]):
            for point in sample_points(random, lower[:, box], upper[:, box]):
                layers = exact.enclose_layers(network, point)
                for index, values in enumerate(layers):
                    for unit, (least, most) in enumerate(values):
                        low = float(ranges.lower[index][unit, box])
                        high = float(ranges.upper[index][unit, box])
                        assert low == -np.inf or Fraction(low) <= most
                        assert high == np.inf or least <= Fraction(high)
                        finite += np.isfinite(low) and np.isfinite(high)
                check_rows(query, goals, form, box, point, layers[network.output])
        known = ranges.pack()
        lower, upper = lower / 2 + upper / 2, upper
    return finite


def check_rows(
    query: Query,
    goals: Goals,
    form: Form,
    box: int,
    point: tuple[Fraction, ...],
    outputs: tuple[tuple[Fraction, Fraction], ...],
) -> None:
    for place, weights in enumerate(goals.multipliers):
        least = Fraction(0)
        for row, weight in zip(query.cases[0].rows, weights, strict=True):
            least += weight * row.constant
            least += sum(weight * c * point[k] for k, c in row.inputs)
            for k, c in row.outputs:
                least += min(weight * c * end for end in outputs[k])
        bound = float(form.bound[place, box])
        assert bound == np.inf or least <= Fraction(bound)
        constant = float(form.constant[place, box])
        slopes = form.form[:, place, box]
        if np.isfinite(constant) and np.isfinite(slopes).all():
            line = Fraction(constant)
            line += sum(
                Fraction(float(a)) * x for a, x in zip(slopes, point, strict=True)
            )
            assert least <= line


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_exact_values_lie_within_bounds(scale: str, seed: int) -> None:
    random = Random(seed)
    network = random_network(random, scale)
    check_bounds(random, network, DOUBLE)
    check_bounds(random, network, SINGLE)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_piecewise_linear_graphs(seed: int) -> None:
    random = Random(seed)
    network = random_network(random, random.choice(SCALES), (RELU, RELU, SIGN))
    assert check_bounds(random, network, DOUBLE) > 0


def test_sums_of_rows_over_one_layer_are_paid_for() -> None:
    # The row reads the input itself and through the network: 2/3 x + 5 x is rounded.
    random = Random(18533757)
    network = random_network(random, "double")
    check_bounds(random, network, SINGLE)


@pytest.mark.campaign
@settings(max_examples=5000)
@given(seed=st.integers(0, 2**32))
def test_exact_values_lie_within_bounds_long(seed: int) -> None:
    random = Random(seed)
    network = random_network(random, random.choice(SCALES))
    check_bounds(random, network, random.choice((SINGLE, DOUBLE)))


def one_layer(weights: list[float], bias: float) -> Network:
    matrix = Numbers(np.array([weights]))
    layers = Input(len(weights)), Affine((0,), (matrix,), Numbers(np.array([bias])))
    return Network(layers, 1)


def test_cancellation_is_paid_for() -> None:
    # Exactly 1 everywhere, but float32 sums 2^60 - 2^60 + 1 in orders that give 0.
    network = one_layer([2.0**60, -(2.0**60), 1.0], 0.0)
    point = np.ones((3, 1))
    for precision in (SINGLE, DOUBLE):
        ranges = bound_layers(make_program(network, precision), point, point)
        assert ranges.lower[1][0, 0] <= 1 <= ranges.upper[1][0, 0]


def test_weights_beyond_float32_are_refused_there() -> None:
    network = one_layer([1e39], 0.0)
    with pytest.raises(ValueError, match="not finite in this precision"):
        make_program(network, SINGLE)
    assert make_program(network, DOUBLE).units == 0


def test_overflow_gives_no_bound() -> None:
    network = one_layer([3e38, 3e38], 0.0)
    lower, upper = np.full((2, 1), 10.0), np.full((2, 1), 20.0)
    ranges = bound_layers(make_program(network, SINGLE), lower, upper)
    assert ranges.upper[1][0, 0] == np.inf
    assert ranges.lower[1][0, 0] == -np.inf
    row = Row((), ((0, Fraction(-1)),), Fraction(1))
    query = Query(network, (Case((), (), (row,)),))
    form = bound_goals(ranges, make_goals(query, SINGLE))
    assert form.bound[0, 0] == np.inf


def test_inherited_bounds_are_kept_where_they_are_tighter() -> None:
    random = Random(5)
    network = random_network(random, "plain", (RELU,))
    while len(network.layers) < 7:
        network = random_network(random, "plain", (RELU,))
    program = make_program(network, DOUBLE)
    lower, upper = np.full((network.inputs, 1), -1.0), np.full((network.inputs, 1), 1.0)
    least, most = bound_layers(program, lower, upper).pack()
    half = (least / 2 + most / 2 + most) / 2
    again = bound_layers(program, lower, upper, (least, half)).pack()
    assert (again[1] <= half).all()
    assert (again[0] >= least).all()
