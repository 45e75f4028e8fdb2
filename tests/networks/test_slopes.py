"""Optimised backward passes: their gradient, their gain, and that bounds hold exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.small_networks import (
    exact_vertices,
    kinks,
    random_network,
    random_point,
)
from verify.networks.boxes.crews import Crew
from verify.networks.network import Network, Numbers
from verify.networks.phases.aims import Box
from verify.networks.phases.backward import Pass
from verify.networks.phases.chains import Chain, make_chain
from verify.networks.phases.curves import enclose_curve, make_curve
from verify.networks.phases.leaf import (
    bound_leaves,
    make_objectives,
    make_unit_objectives,
)
from verify.networks.phases.refining import first_bounds, refine_bounds
from verify.networks.phases.slopes import Choices, climb, plain_choices
from verify.networks.phases.splitting import Plan, climb_once, split_phases
from verify.networks.phases.towers import Tower
from verify.networks.values import exact
from verify.networks.values.exponentials import enclose_sigmoid

SIZES = (3, 6, 5, 2)
CREW = Crew()


def chain_of(network: Network) -> Chain:
    chain = make_chain(network)
    assert isinstance(chain, Chain)
    return chain


def unit_box(size: int) -> Box:
    return Box(-np.ones(size), np.ones(size))


def tower_of(network: Network) -> Tower:
    box = unit_box(network.inputs)
    found = first_bounds(chain_of(network), box, np.zeros((1, network.inputs)), CREW)
    assert found is not None
    return found[0]


def random_choices(tower: Tower, count: int, random: Random) -> Choices:
    """Arbitrary slopes, and for each row some units decided with arbitrary multipliers."""
    numbers = np.random.default_rng(random.randint(0, 2**32))
    relus = np.flatnonzero(tower.lines.free)
    splits = min(2, len(relus))
    units = np.zeros((count, splits), np.int32)
    for row in range(count):
        units[row] = numbers.permutation(relus)[:splits]
    signs = numbers.choice([-1, 0, 1], (count, splits)).astype(np.int8)
    lent = numbers.random((count, splits)).astype(np.float32) * (signs != 0)
    slopes = numbers.random((count, tower.total)).astype(np.float32)
    return Choices(slopes, units, signs, lent.astype(np.float32))


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.sampled_from(["relu", "sigmoid"]))
def test_bounds_hold_at_exact_points_of_the_phases(random: Random, kind: str) -> None:
    """Whatever the slopes and multipliers, no point of the leaf is below its bound."""
    network = random_network(random, SIZES, ("relu", kind))
    tower = tower_of(network)
    count = 4
    rows = np.array(
        [[random.randint(-8, 8) / 4 for _ in range(2)] for _ in range(count)]
    )
    objectives = make_objectives(tower, rows, np.full(count, 0.5), np.zeros(count))
    choices = random_choices(tower, count, random)
    bounds = bound_leaves(tower, objectives, choices)
    places = [
        (2 * number + 1, unit)
        for number, storey in enumerate(tower.storeys)
        for unit in storey.kept[: storey.loose]
    ]
    for _ in range(20):
        point = random_point(random, network.inputs)
        layers = exact.enclose_layers(network, point)
        for row, bound in enumerate(bounds):
            decided = zip(choices.units[row], choices.signs[row], strict=True)
            if any(
                sign * layers[places[unit][0]][places[unit][1]][0] < 0
                for unit, sign in decided
            ):
                continue
            value = Fraction(1, 2) + sum(
                max(Fraction(c) * end for end in span)
                for c, span in zip(rows[row], layers[-1], strict=True)
            )
            assert value >= Fraction(float(bound))


def decide_all(tower: Tower, signs: list[int]) -> Choices:
    """Choices for one row with every loose unit of the first storey decided (0: not)."""
    plain = plain_choices(tower, 1)
    return plain._replace(
        units=np.arange(len(signs), dtype=np.int32)[None],
        signs=np.array([signs], np.int8),
        lent=np.zeros((1, len(signs)), np.float32),
    )


def test_bounds_of_leaves_are_at_most_their_exact_minimum() -> None:
    """One hidden layer, two inputs: the minimum over a leaf is at a vertex. Many leaves
    are bounded closely, so an error on the wrong side would show."""
    random = Random(8)
    close = leaves = 0
    for _ in range(150):
        network = random_network(random, (2, 5, 1))
        tower = tower_of(network)
        kept = tower.storeys[0].kept[: tower.total]
        if not tower.total:
            continue
        signs = [random.choice([-1, 0, 1]) for _ in kept]
        units = [
            (kinks(network)[unit], sign) for unit, sign in zip(kept, signs, strict=True)
        ]
        values = [
            value
            for (x, y), value in exact_vertices(network)
            if all(sign * (a * x + b * y + c) >= 0 for (a, b, c), sign in units)
        ]
        if not values:
            continue
        objectives = make_objectives(tower, np.ones((1, 1)), np.zeros(1), np.zeros(1))
        rows, constant = objectives.single(np.arange(1))
        found = climb(tower, rows, constant, decide_all(tower, signs), 60)
        bound = Fraction(float(bound_leaves(tower, objectives, found.choices)[0]))
        assert bound <= min(values)
        leaves += 1
        close += min(values) - bound < Fraction(1, 20)
    assert leaves > 80
    assert close > leaves / 3


def test_splitting_comes_close_to_the_exact_minimum() -> None:
    """Split until nothing is left to split, an objective's bound is its minimum."""
    random = Random(9)
    close = 0
    for _ in range(20):
        network = random_network(random, (2, 6, 1))
        tower = tower_of(network)
        least = min(value for _, value in exact_vertices(network))
        shift = np.full(1, -1000.0)  # never above 0, so never closed
        objectives = make_objectives(tower, np.ones((1, 1)), shift, np.zeros(1))
        plan = Plan(100, 64, 60, np.inf)
        tally = split_phases(
            tower, objectives, plain_choices(tower, 1), plan, lambda *_: False, CREW
        )
        assert tally.reason == "stuck"
        gap = least - 1000 - Fraction(float(tally.bounds[0]))
        assert gap >= 0
        close += gap < Fraction(1, 10)
    assert close > 10


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_gradient_agrees_with_finite_differences(random: Random) -> None:
    network = random_network(random, (3, 5, 4, 1), ("relu", "sigmoid"))
    tower = tower_of(network)
    if not tower.total:
        return
    objectives = make_objectives(tower, np.ones((1, 1)), np.zeros(1), np.zeros(1))
    choices = random_choices(tower, 1, random)
    lines = Pass(tower, choices.units, choices.signs)
    slopes = np.pad(choices.slopes, ((0, 0), (0, 1))).astype(np.float64)
    rows, constant = objectives.rows, objectives.constant

    def bound(at: np.ndarray, lent: np.ndarray) -> float:
        at = at.copy()
        lines.settle(at)
        return float(lines.back(rows, constant, at, lent)[0][0])

    lines.settle(slopes)
    _, final, steps = lines.back(rows, constant, slopes, choices.lent)
    arguments, gradient = np.zeros_like(slopes), np.zeros_like(slopes)
    lines.forth(final, steps, arguments)
    lines.gradient(steps, arguments, gradient)
    size = 1e-2
    for unit in range(tower.total):
        move = np.zeros_like(slopes)
        move[0, unit] = size
        up = bound(slopes + move, choices.lent) - bound(slopes, choices.lent)
        down = bound(slopes, choices.lent) - bound(slopes - move, choices.lent)
        expected = 0.0 if unit in choices.units[0][choices.signs[0] != 0] else None
        if expected is not None:
            assert up == down == 0
            continue
        low, high = sorted((up / size, down / size))
        slack = 0.05 * (1 + abs(gradient[0, unit]))  # kinks and curvature
        assert low - slack <= gradient[0, unit] <= high + slack
    for place, sign in enumerate(choices.signs[0]):
        if sign:
            move = np.zeros_like(choices.lent)
            move[0, place] = size
            up = bound(slopes, choices.lent + move) - bound(slopes, choices.lent)
            down = bound(slopes, choices.lent) - bound(slopes, choices.lent - move)
            low, high = sorted((up / size, down / size))
            found = -sign * arguments[0, choices.units[0, place]]
            assert low - 0.05 <= found <= high + 0.05


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.sampled_from(["relu", "sigmoid"]))
def test_climbing_never_loses(random: Random, kind: str) -> None:
    network = random_network(random, SIZES, ("relu", kind))
    tower = tower_of(network)
    objectives = make_objectives(tower, np.eye(2), np.zeros(2), np.zeros(2))
    rows, constant = objectives.single(np.arange(2))
    plain = climb(tower, rows, constant, plain_choices(tower, 2), 0)
    found = climb(tower, rows, constant, plain_choices(tower, 2), 15)
    assert (found.bounds >= plain.bounds).all()
    exact_ones = bound_leaves(tower, objectives, found.choices)
    assert (exact_ones <= found.bounds + 1e-3 * (1 + np.abs(found.bounds))).all()
    assert (exact_ones >= found.bounds - 1e-3 * (1 + np.abs(found.bounds))).all()


def test_climbing_gains_where_a_fixed_slope_is_wrong() -> None:
    """On two layers of twelve units the usual slopes 0 and 1 lose more than 1."""
    network = random_network(Random(5), (4, 12, 12, 1))
    tower = tower_of(network)
    objectives = make_objectives(tower, np.ones((1, 1)), np.zeros(1), np.zeros(1))
    plain = climb_once(tower, objectives, 0, CREW).bounds[0]
    assert climb_once(tower, objectives, 40, CREW).bounds[0] > plain + 1


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_refined_bounds_enclose_every_layer(random: Random) -> None:
    network = random_network(random, (3, 6, 6, 6, 2))
    box = unit_box(3)
    chain = chain_of(network)
    made = first_bounds(chain, box, np.zeros((1, 3)), CREW)
    assert made is not None
    _, first = made
    _, bounds = refine_bounds(chain, box, first, 8, 1e9, np.inf, CREW)
    for number in range(3):
        assert (bounds.lower[number] >= first.lower[number]).all()
        assert (bounds.upper[number] <= first.upper[number]).all()
    for _ in range(10):
        layers = exact.evaluate_layers(network, random_point(random, 3))
        for number in range(3):
            ends = zip(
                layers[2 * number + 1],
                bounds.lower[number],
                bounds.upper[number],
                strict=True,
            )
            for value, low, high in ends:
                assert Fraction(float(low)) <= value <= Fraction(float(high))


def test_splitting_ends_with_the_exact_minimum_of_a_unit() -> None:
    """|x| = relu(x) + relu(-x) is at least 0, which one split shows."""
    network = random_network(Random(1), (1, 2, 1, 1))
    layers = list(network.layers)
    layers[1] = layers[1]._replace(
        matrices=(layers[1].matrices[0]._replace(floats=np.array([[1.0], [-1.0]])),),
        bias=layers[1].bias._replace(floats=np.zeros(2)),
    )
    layers[3] = layers[3]._replace(
        matrices=(layers[3].matrices[0]._replace(floats=np.array([[1.0, 1.0]])),),
        bias=layers[3].bias._replace(floats=np.array([0.125])),
    )
    chain = chain_of(network._replace(layers=tuple(layers)))
    made = first_bounds(chain, unit_box(1), np.zeros((1, 1)), CREW)
    assert made is not None
    tower = made[0]._replace(
        storeys=made[0].storeys[:1],
        head_weights=np.array([[1.0, 1.0]]),
        head_bias=np.array([0.125]),
        head_error=np.array([1e-12]),
        lines=type(made[0].lines)(*(part[:2] for part in made[0].lines)),
    )
    objectives = make_unit_objectives(tower, np.array([0])).take(np.arange(1))
    plan = Plan(10, 8, 40, np.inf)
    tally = split_phases(
        tower, objectives, plain_choices(tower, 1), plan, lambda *_: False, CREW
    )
    assert tally.reason == "closed"
    assert 0 < tally.bounds[0] <= 0.125


@given(
    st.floats(-30, 30), st.floats(0.001, 30), st.floats(0, 1), st.booleans(),
    st.integers(0, 64),
)  # fmt: skip
def test_sigmoid_lines_hold_exactly(
    low: float, width: float, chosen: float, below: bool, place: int
) -> None:
    curve = make_curve(np.array([low]), np.array([low + width]))
    slope, offset = enclose_curve(curve, np.array([[chosen]]), np.array([[below]]))
    ends = Fraction(low), Fraction(low + width)  # as rounded for the curve
    point = ends[0] + (ends[1] - ends[0]) * Fraction(place, 64)
    line = Fraction(float(slope[0, 0])) * point + Fraction(float(offset[0, 0]))
    small, large = enclose_sigmoid(point.numerator, point.denominator, 80)
    scaled = line * 2**80
    assert scaled <= small if below else scaled >= large


def test_a_bound_that_overflows_is_no_bound() -> None:
    tower = tower_of(random_network(Random(2), SIZES))
    rows = np.array([[1e200, -1e200], [np.inf, 1.0]])
    objectives = make_objectives(tower, rows, np.zeros(2), np.zeros(2))
    assert (bound_leaves(tower, objectives, plain_choices(tower, 2)) == -np.inf).all()


def test_chunks_over_threads_come_back_in_order() -> None:
    crew = Crew(2)
    chunks = crew.each(1000, lambda chunk: chunk)
    crew.close()
    assert len(chunks) > 1
    assert np.array_equal(np.concatenate(chunks), np.arange(1000))


def test_rounding_never_lifts_a_bound_above_the_exact_minimum() -> None:
    """Where all relus are active the bound is the minimum but for rounding, which with
    weights of 53 bits lifts about half of the bounds computed without charges."""
    numbers = np.random.default_rng(3)
    near = 0
    for _ in range(40):
        network = random_network(Random(1), (4, 6, 6, 1))
        layers = list(network.layers)
        for place, size in ((1, 6), (3, 6), (5, 1)):
            columns = layers[place].matrices[0].floats.shape[1]
            scale = 2.0 ** numbers.integers(-20, 20, (size, columns))
            weights = numbers.normal(size=(size, columns)) * scale
            layers[place] = layers[place]._replace(
                matrices=(Numbers(weights),), bias=Numbers(np.full(size, 2.0**70))
            )
        network = network._replace(layers=tuple(layers))
        tower = tower_of(network)
        assert not tower.total
        objectives = make_objectives(tower, np.ones((1, 1)), np.zeros(1), np.zeros(1))
        bound = Fraction(
            float(bound_leaves(tower, objectives, plain_choices(tower, 1))[0])
        )
        least = min(
            exact.evaluate(network, tuple(map(Fraction, corner)))[0]
            for corner in product((-1, 1), repeat=4)
        )
        assert bound <= least
        near += least - bound <= abs(least) / 10**9
    assert near > 30  # and the charges are small


@pytest.mark.parametrize("kind", ["relu", "sigmoid"])
def test_fixed_inputs_are_folded_soundly(kind: str) -> None:
    """An input fixed at 1/10, which no float is, still gives bounds that hold."""
    random = Random(7)
    network = random_network(random, (4, 5, 5, 1), ("relu", kind))
    tenth = Fraction(1, 10)
    low = np.array([-1.0, np.nextafter(0.1, 0), -1.0, 0.1])
    high = np.array([1.0, 0.1, 1.0, np.nextafter(0.1, 1)])
    made = first_bounds(chain_of(network), Box(low, high), np.zeros((1, 4)), CREW)
    assert made is not None
    assert list(made[0].free) == [0, 2]
    objectives = make_objectives(made[0], np.ones((1, 1)), np.zeros(1), np.zeros(1))
    bound = climb_once(made[0], objectives, 20, CREW).bounds[0]
    for _ in range(50):
        first, _, third, _ = random_point(random, 4)
        spans = exact.enclose(network, (first, tenth, third, tenth))
        assert Fraction(float(bound)) <= spans[0][1]
