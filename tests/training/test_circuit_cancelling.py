"""Sets that cancel, against all subsets, with planted and random ones."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np

from tests.training.circuit_making import draw_points, read_layers, run_plainly
from verify.training.circuits import cancelling
from verify.training.circuits.cancelling import Cancelling, find_cancelling
from verify.training.circuits.tables import evaluate_points, make_table
from verify.training.circuits.wiring import Wiring, find_wiring


def list_plainly(
    values: list[list[Fraction]], weights: np.ndarray
) -> set[tuple[int, ...]]:
    """The minimal sets by trying all, over units' values (points, units)."""
    units = range(len(values[0]))
    found: list[tuple[int, ...]] = []
    for size in range(1, len(units) + 1):
        for chosen in combinations(units, size):
            if any(set(one) <= set(chosen) for one in found):
                continue
            sums = [
                sum(row[u] * Fraction(weights[j, u]) for u in chosen)
                for row in values
                for j in range(len(weights))
            ]
            if not any(sums):
                found.append(chosen)
    return set(found)


def draw(seed: int) -> tuple[Cancelling, set[tuple[int, ...]]]:
    random = np.random.default_rng(seed)
    width, units, outputs = 2, int(random.integers(2, 8)), int(random.integers(1, 3))
    matrix = random.integers(-2, 3, (units, width)).astype(float)
    bias = random.integers(0, 4, units).astype(float)
    for unit in range(1, units):
        if random.random() < 0.4:  # the same unit again: values proportional
            matrix[unit], bias[unit] = matrix[unit - 1], bias[unit - 1]
    out = random.integers(-1, 2, (outputs, units)).astype(float)
    layers = [(matrix.tolist(), bias.tolist()), (out.tolist(), [0.0] * outputs)]
    network = read_layers(layers)[0].network
    points = draw_points(random, width, 6)
    plain = [run_plainly(layers, point)[0] for point in points]
    acting = [u for u in range(units) if any(row[u] for row in plain)]
    wiring = find_wiring(network, 1)
    assert isinstance(wiring, Wiring)
    table = evaluate_points(network, make_table(points), wiring.units)[wiring.units]
    found = find_cancelling(network, wiring, table, acting)
    wanted = list_plainly([[row[u] for u in acting] for row in plain], out[:, acting])
    return found, {tuple(acting[place] for place in one) for one in wanted}


def test_random_layers_against_all_subsets() -> None:
    sizes = set()
    for seed in range(300):
        found, wanted = draw(seed)
        assert found.complete, seed
        assert set(found.sets) == wanted, seed
        sizes |= {len(one) for one in wanted}
    assert {1, 2, 3} <= sizes


def test_a_sum_that_is_almost_zero_is_no_cancelling() -> None:
    """Two units whose contributions differ by 2^-40 at one of two points."""
    layers = [([[1.0], [1.0]], [0.0, 2.0**-40]), ([[1.0, -1.0]], [0.0])]
    network = read_layers(layers)[0].network
    wiring = find_wiring(network, 1)
    assert isinstance(wiring, Wiring)
    points = [[Fraction(1)], [Fraction(2)]]
    table = evaluate_points(network, make_table(points), wiring.units)[wiring.units]
    assert find_cancelling(network, wiring, table, [0, 1]) == Cancelling((), True)


def test_multiples_of_the_prime_do_not_cancel() -> None:
    """What is 0 modulo the prime of the search is confirmed over the integers."""
    prime = Fraction(cancelling.PRIME)
    layers = [([[1.0], [1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    network = read_layers(layers)[0].network
    wiring = find_wiring(network, 1)
    assert isinstance(wiring, Wiring)
    table = evaluate_points(network, make_table([[prime]]), wiring.units)[wiring.units]
    assert find_cancelling(network, wiring, table, [0, 1]).sets == ()


def test_many_dependent_units_are_not_claimed_to_be_complete() -> None:
    units = 20
    layers = [([[1.0]] * units, [0.0] * units), ([[1.0, -1.0] * (units // 2)], [0.0])]
    network = read_layers(layers)[0].network
    wiring = find_wiring(network, 1)
    assert isinstance(wiring, Wiring)
    table = evaluate_points(network, make_table([[Fraction(1)]]), wiring.units)
    found = find_cancelling(network, wiring, table[wiring.units], range(units))
    assert not found.complete
    assert len(found.sets) == cancelling.MAX_SETS
    assert all(len(one) == 2 for one in found.sets)
