"""Float evaluation with its error: the exact value is never further away than it says."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from tests.networks.chains import random_chain
from tests.networks.families import FAMILIES, instances
from tests.networks.onnx_making import dense
from verify.networks.network import Network
from verify.networks.query import Row
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import exact, running_error
from verify.networks.values.running_error import Measured


def assert_enclosed(network: Network, points: np.ndarray) -> float:
    """Exact outputs lie within the errors; returns the largest share of an error used."""
    found = running_error.evaluate(network, points)
    used = 0.0
    for point, values, errors in zip(points, *found, strict=True):
        true = exact.enclose(network, tuple(Fraction(float(x)) for x in point))
        for (low, high), value, error in zip(true, values, errors, strict=True):
            if not np.isfinite(error):
                continue
            allowed = Fraction(float(error))
            near = Fraction(float(value))
            assert low - allowed <= near <= high + allowed
            if error:
                used = max(used, float(abs(low - near) / allowed))
    return used


@pytest.mark.parametrize("seed", range(40))
def test_errors_enclose_the_truth_on_random_graphs(seed: int) -> None:
    data, inputs = random_chain(Random(f"running {seed}"))
    points = np.random.default_rng(seed).normal(scale=3, size=(5, inputs))
    assert_enclosed(read_network(data).network, points)


@pytest.mark.parametrize("family", FAMILIES)
def test_errors_enclose_the_truth_where_floats_go_wrong(family: str) -> None:
    for instance in instances(family, 0):
        case = instance.case
        ends = [[float(x) for x in end] for end in (case.lower, case.upper)]
        assert_enclosed(read_network(instance.model).network, np.array(ends))


def test_the_error_is_not_absurdly_large() -> None:
    generator = np.random.default_rng(0)
    layers = [(generator.normal(size=(20, 20)) / 5, [0.1] * 20) for _ in range(4)]
    network = read_network(dense(*layers)).network
    points = generator.normal(size=(50, 20))
    found = running_error.evaluate(network, points)
    assert (found.errors < 1e-10).all()
    assert assert_enclosed(network, points) > 1e-6


def test_rows_are_enclosed_too() -> None:
    row = Row(((0, Fraction(1, 3)),), ((1, Fraction(-2, 7)),), Fraction(10**30, 3))
    points = Measured(np.array([[1e16]]), np.zeros((1, 1)))
    outputs = Measured(np.array([[0.0, 3.0]]), np.array([[0.0, 0.5]]))
    value, error = (
        float(x[0, 0]) for x in running_error.measure_rows([row], points, outputs)
    )
    for output in (Fraction(5, 2), Fraction(7, 2)):
        true = Fraction(10**16) / 3 - output * 2 / 7 + Fraction(10**30, 3)
        assert abs(true - Fraction(value)) <= Fraction(error)


def test_what_does_not_fit_a_float_is_not_known() -> None:
    row = Row((), ((0, Fraction(1)),), Fraction(10) ** 400)
    known = Measured(np.zeros((1, 1)), np.zeros((1, 1)))
    found = running_error.measure_rows([row], known, known)
    assert np.isinf(found.errors).all() and np.isfinite(found.values).all()
    network = read_network(dense(([[3e38]], [0]))).network
    big = running_error.evaluate(network, np.array([[1e300]]))
    assert np.isinf(big.errors).all()
