"""Replacements: lower in exact arithmetic, stored where the file keeps its numbers."""

from __future__ import annotations

import json
import time
from fractions import Fraction

import numpy as np
import pytest
from onnx import helper

from tests.networks.onnx_making import make_model
from tests.training.circuit_making import (
    Layers,
    ask,
    draw_layers,
    draw_points,
    make_csv,
    read_layers,
    run_plainly,
)
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.values.exact import evaluate
from verify.training.circuits.analysing import Found, analyse
from verify.training.circuits.evidence import render_evidence
from verify.training.circuits.examples import make_near
from verify.training.circuits.freed import Freed, Parameters
from verify.training.circuits.hats import list_wishes, make_hats
from verify.training.circuits.losses import LOSSES, Targets, find_loss
from verify.training.circuits.replacing import (
    check_removable,
    find_replacement,
    fit_network,
)
from verify.training.circuits.slopes import Goal
from verify.training.circuits.spikes import find_spike
from verify.training.circuits.storing import find_kind, store_changes, write_model
from verify.training.circuits.tables import make_table
from verify.training.circuits.wiring import Change, Wiring, find_wiring

SPIKE: Layers = [
    ([[1.0], [1.0]], [-6.0, -7.0]),
    ([[1000.0, -1000.0]], [0.0]),
]
SPIKE_POINTS = [[Fraction(k)] for k in range(7)]
SPIKE_TARGETS = [[int(k == 3)] for k in range(7)]


def report_on(
    layers: Layers,
    points: list[list[Fraction]],
    targets: list[list[object]],
    **options: str,
) -> tuple[Model, Found]:
    model, data = read_layers(layers)
    asked = ask(
        model, data, make_csv(points, targets), time.monotonic() + 60, **options
    )
    return model, analyse(asked, lambda text: None)


def measure_plainly(
    data: bytes, points: list[list[Fraction]], targets: list[list[object]]
) -> Fraction:
    network = read_network(data).network
    return sum(
        (
            (g - Fraction(str(y))) ** 2
            for point, row in zip(points, targets, strict=True)
            for g, y in zip(evaluate(network, point), row, strict=True)
        ),
        Fraction(0),
    )


def test_the_spike_is_found_and_replaced_for_the_squared_loss() -> None:
    _model, found = report_on(
        SPIKE, SPIKE_POINTS, SPIKE_TARGETS, train="box", deploy="7:100"
    )
    units = found.report.units
    assert [unit.data.standing for unit in units] == ["silent", "silent"]
    assert all(unit.detector and unit.data.trust == "certified" for unit in units)
    assert all(unit.train.standing == "silent" for unit in units)
    (one,) = found.report.sets
    assert (one.layer, one.units, one.because) == (1, (1, 2), "silent")
    made = one.replacement
    assert (made.outcome, made.before) == ("lower", "1.0")
    kept = found.kept[0]
    after = measure_plainly(kept.model, SPIKE_POINTS, SPIKE_TARGETS)
    assert after == Fraction(made.after) < 1
    assert all(Fraction(new) < Fraction(old) for _, old, new in made.runs)
    assert len(made.runs) == 2
    assert json.loads(render_evidence(kept.evidence))["after"] == str(after)


def test_the_spike_cannot_be_replaced_for_the_absolute_loss() -> None:
    _, found = report_on(SPIKE, SPIKE_POINTS, SPIKE_TARGETS, loss="l1")
    made = found.report.sets[0].replacement
    assert (made.outcome, made.trust, made.before, made.floor) == (
        "impossible", "rigorous", "1.0", "1.0",
    )  # fmt: skip
    text = found.report.certificates[made.certificate]
    problem = json.loads(text.splitlines()[1])["text"]
    assert check(problem, text).sha
    with pytest.raises(Rejected):
        check(problem, text.replace('"bound": "1"', '"bound": "2"'))


@pytest.mark.parametrize(
    "loss, units, outcome",
    [("l1", 1, "impossible"), ("l1", 2, "lower"), ("linf", 1, "lower"),
     ("squared", 1, "lower"), ("l1", 3, "lower")],
)  # fmt: skip
def test_the_hat_of_three_points(loss: str, units: int, outcome: str) -> None:
    """0, 1, 0 at 0, 1, 2, nothing but freed units and no constant: one unit of slope 1/2
    gives 1/2 at 1 and 1 at 2, hence 1 for l1, as much as nothing does."""
    layers: Layers = [([[1.0]] * units, [-9.0] * units), ([[1.0] * units], [0.0])]
    points = [[Fraction(k)] for k in range(3)]
    _, found = report_on(layers, points, [[0], [1], [0]], loss=loss)
    assert found.report.sets[0].replacement.outcome == outcome


@pytest.mark.parametrize("loss", LOSSES)
def test_random_replacements_are_lower_and_keep_the_rest(loss: str) -> None:
    """A unit is planted that the data never wake; the file then differs in it alone."""
    lowered = 0
    for seed in range(3):
        random = np.random.default_rng(seed)
        layers = [([*map(list, m)], [*b]) for m, b in draw_layers(random)]
        points = draw_points(random, len(layers[0][0][0]))
        if loss in ("hinge", "zero_one"):
            layers[-1] = (layers[-1][0][:1], layers[-1][1][:1])
        outputs = len(layers[-1][1])
        signs = loss in ("hinge", "zero_one")
        targets = [
            [
                int(random.choice([-1, 1])) if signs else int(random.integers(-3, 4))
                for _ in range(outputs)
            ]
            for _ in points
        ]
        for k, (matrix, bias) in enumerate(layers[:-1]):
            if k == len(layers) - 2:
                matrix.append([0.0] * len(matrix[0]))
                bias.append(-1.0)
        for row in layers[-1][0]:
            row.append(3.0)
        _, found = report_on(layers, points, targets, loss=loss)
        depth = len(layers) - 1
        one = next(
            s for s in found.report.sets if s.layer == depth and s.because == "silent"
        )
        assert len(layers[-2][1]) in one.units
        made = one.replacement
        kept = found.kept.get(found.report.sets.index(one))
        assert (kept is not None) == (made.outcome == "lower")
        if kept is None:
            assert made.outcome in ("impossible", "undecided")
            continue
        lowered += 1
        assert Fraction(made.after) < Fraction(made.before)
        network = read_network(kept.model).network
        table = make_table([evaluate(network, point) for point in points])
        wanted = Targets(tuple(tuple(Fraction(y) for y in row) for row in targets))
        assert find_loss(loss, table, wanted) == Fraction(made.after)
        old = make_table([run_plainly(layers, point)[-1] for point in points])
        assert find_loss(loss, old, wanted) == Fraction(made.before)
    assert lowered, "none was lowered"


def test_a_loss_of_zero_cannot_be_lowered() -> None:
    _, found = report_on(SPIKE, SPIKE_POINTS, [[0]] * 7)
    (one,) = found.report.sets
    assert one.replacement.outcome == "impossible"
    assert one.replacement.detail == "the loss is 0 already"
    assert one.replacement.trust == "rigorous"


def test_points_that_contradict_each_other_bound_the_loss() -> None:
    """Outputs 0 at x = 0 with targets -1 and 1: 2 is the least, and it is reached."""
    points = [[Fraction(0)], [Fraction(0)], [Fraction(1)]]
    _, found = report_on(SPIKE, points, [[-1], [1], [0]])
    (one,) = found.report.sets
    made = one.replacement
    assert (made.outcome, made.before, made.floor) == ("impossible", "2.0", "2.0")
    assert "answers" in made.detail


def test_units_that_do_add_something_are_an_alarm() -> None:
    model, _ = read_layers(SPIKE)
    points = [[Fraction(7)]]
    fitted = fit_network(
        model.network,
        "l1",
        Targets(((Fraction(0),),)),
        make_table(points),
        make_near(points).values,
    )
    wiring = find_wiring(model.network, 1)
    assert isinstance(wiring, Wiring)
    with pytest.raises(SoundnessAlarm, match="outputs change without them"):
        check_removable(fitted, wiring, [0])
    with pytest.raises(SoundnessAlarm, match="outputs change without them"):
        find_replacement(fitted, wiring, [0], "float32", 0.0)


def test_hats_change_one_point_and_no_other_in_float32() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        points = random.integers(-20, 20, (12, 3)).astype(float)
        points = np.unique(points, axis=0)
        outputs = np.zeros((len(points), 1))
        wanted = random.standard_normal((len(points), 1))
        wishes = list_wishes("l1", outputs, wanted, None)
        made = make_hats(points, wishes, 3, random)
        assert made is not None
        hidden = np.maximum(points @ made.incoming.T + made.biases, 0)
        added = (hidden @ made.outgoing[0].T)[:, 0]
        moved = np.flatnonzero(added)
        assert moved.tolist() == [wishes[0].point]
        assert added[moved[0]] == pytest.approx(wanted[moved[0], 0], rel=1e-5)
        for part in made[:2]:
            assert (part.astype(np.float32) == part).all()


def test_a_spike_wakes_at_its_own_point_only() -> None:
    square = np.array([[0.0, 0], [4, 0], [0, 4], [4, 4], [2, 2]])
    for corner in range(4):
        found = find_spike(square, corner)
        assert found is not None
        values = np.maximum(square @ found[0] + found[1], 0)
        assert np.flatnonzero(values).tolist() == [corner]
        assert values[corner] == pytest.approx(1)
    assert find_spike(square, 4) is None, "the middle is no corner"


@pytest.mark.parametrize("loss", [one for one in LOSSES if one != "zero_one"])
def test_gradients_agree_with_differences(loss: str) -> None:
    """Through a second layer. (zero_one has a slope of its own making.)"""
    random = np.random.default_rng(3)
    layers = [
        (random.standard_normal((4, 2)).tolist(), random.standard_normal(4).tolist()),
        (random.standard_normal((3, 4)).tolist(), random.standard_normal(3).tolist()),
        (random.standard_normal((1, 3)).tolist(), [0.1]),
    ]
    network = read_layers(layers)[0].network
    wiring = find_wiring(network, 1)
    assert isinstance(wiring, Wiring)
    points = random.standard_normal((9, 2))
    freed = Freed(network, wiring, 2, points)
    signs = tuple((Fraction(int(s)),) for s in random.choice([-1, 1], 9))
    goal = Goal(loss, Targets(signs))
    shapes = [(2, 2), (2,), (3, 2)]
    flat = [random.standard_normal(shape) for shape in shapes]

    def measure(parts: list[np.ndarray]) -> float:
        return goal.measure(
            freed.run(Parameters(parts[0], parts[1], (parts[2],))).outputs
        ).loss

    parameters = Parameters(flat[0], flat[1], (flat[2],))
    run = freed.run(parameters)
    slope = freed.gradient(parameters, run, goal.measure(run.outputs).slope)
    made = [slope.incoming, slope.biases, slope.outgoing[0]]
    if loss == "linf":  # weighs near points too: the direction, not the length
        step = [part - 1e-4 * one for part, one in zip(flat, made, strict=True)]
        assert measure(step) < measure(flat)
        return
    for k, part in enumerate(flat):
        for place in np.ndindex(part.shape):
            ends = []
            for sign in (1, -1):
                moved = [one.copy() for one in flat]
                moved[k][place] += sign * 1e-6
                ends.append(measure(moved))
            difference = (ends[0] - ends[1]) / 2e-6
            assert made[k][place] == pytest.approx(difference, rel=1e-4, abs=1e-5)


def layered(kind: str) -> bytes:
    """The spike in another dress: MatMul and Add, constants in nodes, shared weights."""
    w = np.array([[1.0, 1.0]], np.float32)
    b = np.array([-6.0, -7.0], np.float32)
    v = np.array([[1000.0], [-1000.0]], np.float32)
    weights = {"w": w, "b": b, "v": v}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["p"]),
        helper.make_node("Add", ["p", "b"], ["s"]),
        helper.make_node("Relu", ["s"], ["h"]),
        helper.make_node("MatMul", ["h", "v"], ["y"]),
    ]
    if kind == "constants in nodes":
        from onnx import numpy_helper

        constant = numpy_helper.from_array(weights.pop("w"), "w")
        nodes.insert(0, helper.make_node("Constant", [], ["w"], value=constant))
    if kind == "bias of two dimensions":
        weights["b"] = b[None]
    if kind == "scaled":
        weights["c"] = np.array(2.0, np.float32)
        nodes[1:1] = [helper.make_node("Mul", ["p", "c"], ["q"])]
        nodes[2] = helper.make_node("Add", ["q", "b"], ["s"])
    if kind == "no bias":
        nodes[1:3] = [helper.make_node("Relu", ["p"], ["h"])]
        del weights["b"]
    model = make_model(nodes, weights, (1, 1), (1, 1))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "kind", ["MatMul and Add", "constants in nodes", "bias of two dimensions"]
)
def test_parameters_are_found_where_the_file_keeps_them(kind: str) -> None:
    data = layered(kind)
    asked = ask(
        read_network(data),
        data,
        make_csv(SPIKE_POINTS, SPIKE_TARGETS),
        time.monotonic() + 30,
    )
    found = analyse(asked, lambda text: None)
    made = found.report.sets[0].replacement
    assert made.outcome == "lower"
    after = measure_plainly(found.kept[0].model, SPIKE_POINTS, SPIKE_TARGETS)
    assert after == Fraction(made.after) < 1


@pytest.mark.parametrize(
    "kind, missing", [("scaled", "weights"), ("no bias", "biases")]
)
def test_parameters_that_are_not_stored_are_not_touched(
    kind: str, missing: str
) -> None:
    data = layered(kind)
    model = read_network(data)
    wiring = find_wiring(model.network, 1)
    assert isinstance(wiring, Wiring)
    with pytest.raises(LookupError, match=f"does not store their {missing} one by one"):
        find_kind(model, wiring)


def test_a_constant_that_two_layers_share_is_never_changed() -> None:
    """Changing it would change the other layer too, and no other constant will do."""
    w = np.eye(2, dtype=np.float32)
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["s"]),
        helper.make_node("Relu", ["s"], ["h"]),
        helper.make_node("Gemm", ["h", "w", "b"], ["y"]),
    ]
    weights = {"w": w, "b": np.zeros(2, np.float32)}
    model = read_network(
        bytes(make_model(nodes, weights, (1, 2), (1, 2)).SerializeToString())
    )
    wiring = find_wiring(model.network, 1)
    assert isinstance(wiring, Wiring)
    change = Change(wiring.sums, 0, 0, 1, Fraction(3))
    assert store_changes(model, wiring, [change]) is None


def test_what_is_written_is_the_file_with_other_numbers() -> None:
    data = layered("MatMul and Add")
    model = read_network(data)
    wiring = find_wiring(model.network, 1)
    assert isinstance(wiring, Wiring)
    stored = store_changes(
        model, wiring, [Change(wiring.sums, 0, 1, 0, Fraction(5, 4))]
    )
    assert stored is not None
    again = read_network(write_model(data, stored.arrays))
    assert evaluate(again.network, [Fraction(8)]) == (1000 * 2 - 1000 * 3,)
    assert again.graph.nodes == model.graph.nodes
