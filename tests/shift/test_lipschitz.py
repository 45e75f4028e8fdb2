"""Lipschitz constants: brute force over pieces, sampling, the kernel, and what is refused."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from tests.shift.polygons import Line, steepest
from tests.shift.tiny_shifts import hat, make_network, make_tiny, numbers
from verify.networks.certificates.certifying import Evidence
from verify.networks.network import Activation, Affine, Input, Network
from verify.networks.values.exact import evaluate
from verify.shift.lipschitz.constants import find_lipschitz, find_local, plain_region
from verify.shift.lipschitz.proofs import certify_constant
from verify.shift.lipschitz.slopes import (
    bound_gradients,
    enclose_units,
    make_slopes,
    take_values,
)
from verify.shift.lipschitz.steepest import Steepness
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.worst import Around
from verify.shift.regions import Half, Part, Region, make_box
from verify.shift.transport.answering import Effort

F = Fraction
ONE = F(1)
EFFORT = Effort(seconds=30)
SQUARE: list[Line] = [
    (ONE, F(0), ONE), (ONE, F(0), F(-2)), (F(0), ONE, ONE), (F(0), ONE, F(-2)),
]  # fmt: skip
BOX = make_box((F(-1), F(-1)), (F(2), F(2)))


def check_pair(network: Network, found: Steepness, norm: str, region: Region) -> None:
    """The pair attains the constant, from the network alone."""
    pair = found.pair
    if pair is None:
        assert found.lower == 0
        return
    moved = [abs(a - b) for a, b in zip(pair.start, pair.end, strict=True)]
    distance = sum(moved) if norm == "l1" else max(moved)
    first, last = (
        evaluate(network, one)[pair.output] for one in (pair.start, pair.end)
    )
    assert abs(first - last) == found.lower * distance > 0
    assert region.contains(pair.start) and region.contains(pair.end)


def compare(seed: int) -> None:
    source = random.Random(seed)
    tiny = make_tiny(source, 2, source.choice([1, 2, 3, 4]))
    norm, region, edges = ("l1", "linf")[seed % 2], BOX, list(SQUARE)
    if seed % 3 == 0:
        half = Half(F(1, 2), (-ONE, -ONE * source.choice([1, 2])))
        region = BOX._replace(halves=(half,))
        edges.append((*half.weights, half.constant))
    wanted = steepest(tiny, norm, edges, region.contains)
    around = Around((Part(region),), None, norm)
    found = find_lipschitz(tiny.network, around, [(F(-1), F(-1))], EFFORT)
    assert found.lower == found.upper == wanted
    check_pair(tiny.network, found, norm, region)


@pytest.mark.parametrize("seed", range(100))
def test_random_tiny_networks_equal_brute_force(seed: int) -> None:
    compare(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 600))
def test_more_random_tiny_networks_equal_brute_force(seed: int) -> None:
    compare(seed)


def make_deep(source: random.Random, sizes: tuple[int, ...]) -> Network:
    """A network of several hidden layers with small dyadic weights."""
    layers: list[Input | Affine | Activation] = [Input(sizes[0])]
    for place, (width, units) in enumerate(pairwise(sizes), 2):
        weights = [
            [source.randint(-4, 4) / 2 for _ in range(width)] for _ in range(units)
        ]
        biases = [source.randint(-4, 4) / 2 for _ in range(units)]
        layers.append(Affine((len(layers) - 1,), (numbers(weights),), numbers(biases)))
        if place < len(sizes):
            layers.append(Activation("relu", len(layers) - 1, units))
    return Network(tuple(layers), len(layers) - 1)


def slopes_along(network: Network, low: Fraction, high: Fraction) -> Fraction:
    """The steepest slope of a network of one input: cut where any relu may bend."""
    cuts = {low, high}
    for layer in network.layers:
        if isinstance(layer, Activation):
            seen = network._replace(output=layer.source)
            for a, b in pairwise(sorted(cuts)):
                ends = zip(evaluate(seen, (a,)), evaluate(seen, (b,)), strict=True)
                for first, last in ends:
                    if first * last < 0:
                        cuts.add(a + (b - a) * first / (first - last))
    return max(
        abs(y - x) / (b - a)
        for a, b in pairwise(sorted(cuts))
        for x, y in zip(evaluate(network, (a,)), evaluate(network, (b,)), strict=True)
    )


@pytest.mark.parametrize("seed", range(20))
def test_deep_networks_of_one_input_equal_their_slopes(seed: int) -> None:
    source = random.Random(seed)
    network = make_deep(source, source.choice([(1, 3, 3, 1), (1, 2, 2, 2, 2)]))
    region = make_box((F(-2),), (F(3, 2),))
    found = find_lipschitz(network, Around((Part(region),)), [(F(0),)], EFFORT)
    assert found.lower == found.upper == slopes_along(network, F(-2), F(3, 2))
    check_pair(network, found, "l1", region)


def test_sampled_pairs_change_by_no_more() -> None:
    source = random.Random(3)
    network = make_deep(source, (3, 6, 4, 2))
    region = make_box((F(-1),) * 3, (F(1),) * 3)
    for norm in ("l1", "linf"):
        around = Around((Part(region),), None, norm)
        found = find_lipschitz(network, around, [(F(0),) * 3], EFFORT)
        assert found.upper is not None and found.is_exact
        steepest_seen = F(0)
        for _ in range(300):
            start, end = (
                tuple(F(source.randint(-64, 64), 64) for _ in range(3)) for _ in "ab"
            )
            moved = [abs(a - b) for a, b in zip(start, end, strict=True)]
            distance = sum(moved, F(0)) if norm == "l1" else max(moved)
            if distance:
                ends = zip(
                    evaluate(network, start), evaluate(network, end), strict=True
                )
                change = max(abs(a - b) for a, b in ends)
                steepest_seen = max(steepest_seen, change / distance)
        assert found.upper / 10 < steepest_seen <= found.upper


def test_bounds_of_gradients_hold_at_every_point() -> None:
    source = random.Random(5)
    network = make_deep(source, (3, 5, 4, 2))
    slopes = make_slopes(network)
    lower, upper = np.full(3, -1.0), np.full(3, 1.0)
    points = np.random.default_rng(0).uniform(-1, 1, (200, 3))
    taken = take_values(slopes, points)
    phases = np.zeros((1, slopes.units), np.int8)
    phases[0, 1] = 1
    spans = enclose_units(slopes, lower, upper, phases, None)
    cell = bound_gradients(slopes, spans.on, spans.off)
    inside = taken[:, 1] > 0
    assert 0 < inside.sum() < 200
    here = bound_gradients(slopes, taken[inside] > 0, taken[inside] <= 0)
    assert (here.high >= cell.low - 1e-12).all() and (
        here.low <= cell.high + 1e-12
    ).all()
    assert (taken[inside] >= spans.low).all() and (taken[inside] <= spans.high).all()


def test_a_relu_that_only_fixed_inputs_reach_takes_no_side() -> None:
    """It is 0 on the whole region, so it must not make every piece look empty."""
    network = make_network([[1, 0], [1, 1]], [0, -1], [[5, 3]], [0])
    region = make_box((F(0), F(-1)), (F(0), F(2)))
    found = find_lipschitz(network, Around((Part(region),)), [(F(0), F(0))], EFFORT)
    assert found.lower == found.upper == 3


def test_a_constant_network_has_constant_0() -> None:
    network = make_network([[1, 1]], [-9], [[1]], [2])
    found = find_lipschitz(network, Around((Part(BOX),)), [(F(0), F(0))], EFFORT)
    assert (found.lower, found.upper, found.pair) == (0, 0, None)


def test_a_region_without_sides_is_searched_too() -> None:
    tiny = make_tiny(random.Random(8), 2, 4)
    region = make_box((None, None), (None, None))
    found = find_lipschitz(
        tiny.network, Around((Part(region),)), [(F(0), F(0))], EFFORT
    )
    far = F(64)  # all lines meet nearer, so every piece has an inside in this square
    edges = [(ONE, F(0), far), (ONE, F(0), -far), (F(0), ONE, far), (F(0), ONE, -far)]

    def inside(point: tuple[Fraction, ...]) -> bool:
        return all(abs(x) <= far for x in point)

    assert found.lower == found.upper == steepest(tiny, "l1", edges, inside)


@pytest.mark.parametrize("seed", range(6))
def test_local_constants_and_hulls_equal_brute_force(seed: int) -> None:
    tiny = make_tiny(random.Random(seed), 2, 3)
    point, norm = (F(seed - 2, 2), F(1, 2)), ("l1", "linf")[seed % 2]
    around = Around((Part(BOX),), F(3, 4), norm)
    (local,) = find_local(tiny.network, around, [point], EFFORT)
    region = plain_region(around, point)
    assert region is not None
    edges = [*SQUARE, *((*half.weights, half.constant) for half in region.halves)]
    for j, unit in enumerate(((ONE, F(0)), (F(0), ONE))):
        edges += [(*unit, -side) for side in (region.lower[j], region.upper[j]) if side]
    wanted = steepest(tiny, norm, edges, region.contains)
    assert local.found.lower == local.found.upper == wanted
    check_pair(tiny.network, local.found, norm, region)
    corners = ((F(-1), F(-1)), (F(2), F(-1)), (F(-1), F(2)))
    hull = Around((Part(BOX, corners),), None, norm)

    def inside(point: tuple[Fraction, ...]) -> bool:
        return BOX.contains(point) and sum(point) <= 1

    wanted = steepest(tiny, norm, [*SQUARE, (ONE, ONE, -ONE)], inside)
    found = find_lipschitz(tiny.network, hull, list(corners), EFFORT)
    assert found.lower == found.upper == wanted
    check_pair(tiny.network, found, norm, BOX)


def test_local_constants_of_many_inputs_need_no_faces() -> None:
    network = make_deep(random.Random(2), (5, 4, 1))
    region = make_box((F(-2),) * 5, (F(2),) * 5)
    around = Around((Part(region),), F(1, 8), "l1")
    (local,) = find_local(network, around, [(F(0),) * 5], EFFORT)
    whole = find_lipschitz(network, Around((Part(region),)), [(F(0),) * 5], EFFORT)
    assert local.found.is_exact and local.found.upper <= whole.upper
    assert plain_region(around, (F(0),) * 5) is None
    check_pair(network, local.found, "l1", region)


@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_the_kernel_proves_the_constant_and_nothing_less(norm: str) -> None:
    region = make_box((F(0),), (F(4),))
    found = find_lipschitz(hat(), Around((Part(region),), None, norm), [(ONE,)], EFFORT)
    assert found.lower == found.upper == 1

    def certify(constant: Fraction) -> Evidence:
        made = certify_constant(hat(), region, norm, constant, time.monotonic() + 30)
        assert isinstance(made, Evidence)
        return made

    assert certify(found.lower).witness is None
    assert certify(F(99, 100)).witness is not None


def test_a_search_without_time_leaves_an_honest_gap() -> None:
    network = make_deep(random.Random(1), (4, 12, 12, 1))
    region = make_box((F(-2),) * 4, (F(2),) * 4)
    around = Around((Part(region),), None, "linf")
    found = find_lipschitz(network, around, [(F(0),) * 4], Effort(seconds=0.0))
    assert found.upper is not None and found.lower < found.upper
    check_pair(network, found, "linf", region)


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (Around((Part(BOX), Part(BOX))), "pairs of points may lie in different parts"),
        (
            Around(
                (
                    Part(
                        BOX._replace(
                            halves=(Half(F(0), (ONE, ONE)), Half(F(0), (-ONE, -ONE)))
                        )
                    ),
                )
            ),
            "has no inside",
        ),
        (Around((Part(BOX, ((F(0), F(0)), (ONE, ONE))),)), "it is flat"),
    ],
)
def test_regions_without_a_constant_are_refused(around: Around, reason: str) -> None:
    with pytest.raises(ShiftError, match=reason):
        find_lipschitz(
            make_network([[1, 1]], [0], [[1]], [0]), around, [(F(0), F(0))], EFFORT
        )


def test_a_radius_of_0_is_refused() -> None:
    around = Around((Part(BOX),), F(0))
    with pytest.raises(ShiftError, match="radius above 0"):
        find_local(
            make_network([[1, 1]], [0], [[1]], [0]), around, [(F(0), F(0))], EFFORT
        )
