"""The trained models: every planted detector is found, woken, and replaced at lower loss."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import pytest

from tests.training.circuit_making import MODELS, ask
from verify.networks.reading.onnx_reader import read_network
from verify.networks.records import write_number
from verify.networks.values.exact import evaluate, evaluate_layers
from verify.training.circuits.analysing import Found, analyse
from verify.training.circuits.records import Witness

# Model, deployment region, detectors (layer, unit) that reach an output by themselves,
# silent units that do not, and sets that cancel.
PLANTED = {
    "ramp/planted.onnx": ("box + 3", [(1, 3), (1, 4)], [], []),
    "wine/planted.onnx": ("box + 8", [(1, 4)], [], []),
    "wine/busy.onnx": ("box + 8", [], [], [(1, (2, 3, 6))]),
    "breast-cancer/planted.onnx": ("box + 6", [(1, 3), (1, 6)], [], []),
}
LARGE = {
    "digits/planted.onnx": ("0:16", [(1, 12), (1, 26)], [], []),
    "digits/deep.onnx": ("0:16", [(2, 10)], [(1, 5), (1, 18)], []),
    "digits/wide.onnx": ("0:16", [(1, 41), (1, 100)], [], []),
}
CLEAN = ["ramp/ramp.onnx", "wine/wine.onnx", "breast-cancer/breast-cancer.onnx"]


def look(name: str, deploy: str, loss: str = "squared") -> tuple[Path, Found]:
    path = MODELS / name
    data = path.read_bytes()
    csv = (path.parent / "train.csv").read_bytes()
    deadline = time.monotonic() + 200
    asked = ask(
        read_network(data), data, csv, deadline, loss=loss, train="box", deploy=deploy
    )
    return path, analyse(asked, lambda text: None)


def check_witness(
    path: Path, layer: int, units: tuple[int, ...], witness: Witness
) -> None:
    """The input wakes the units, in exact arithmetic and in both runs of onnxruntime."""
    network = read_network(path).network
    point = [Fraction(text) for text in witness.point]
    layers = evaluate_layers(network, point)
    values = layers[network.units[layer - 1]]
    assert any(values[unit - 1] != 0 for unit in units)
    assert witness.outputs == tuple(map(write_number, evaluate(network, point)))
    assert witness.float32
    assert [replay.reproduced for replay in witness.replays] == [True, True]


def check_model(name: str, deploy: str, detectors, quiet, cancelling) -> None:  # noqa: ANN001
    path, found = look(name, deploy)
    report = found.report
    silent = [(u.layer, u.unit) for u in report.units if u.data.standing == "silent"]
    assert silent == sorted([*detectors, *quiet])
    for unit in report.units:
        if (unit.layer, unit.unit) not in silent:
            assert unit.data.standing == "acts"
            continue
        assert unit.detector
        witness = unit.deploy.witness
        assert witness is not None
        assert witness.changes_outputs == ((unit.layer, unit.unit) in detectors)
        check_witness(path, unit.layer, (unit.unit,), witness)
    joint = [(s.layer, s.units) for s in report.sets if s.because == "cancels"]
    assert joint == cancelling
    for place, one in enumerate(report.sets):
        made, kept = one.replacement, found.kept[place]
        assert made.outcome == "lower"
        assert Fraction(made.after) < Fraction(made.before)
        assert len(made.runs) == 2
        assert all(Fraction(new) < Fraction(old) for _, old, new in made.runs)
        if one.because == "cancels":
            assert one.deploy.witness is not None
            check_witness(path, one.layer, one.units, one.deploy.witness)
        network = read_network(kept.model).network
        assert network.outputs == read_network(path).network.outputs


@pytest.mark.parametrize("name", PLANTED)
def test_planted_detectors_are_found_and_replaced(name: str) -> None:
    check_model(name, *PLANTED[name])


@pytest.mark.slow
@pytest.mark.campaign
@pytest.mark.parametrize("name", LARGE)
def test_detectors_among_digits_are_found_and_replaced(name: str) -> None:
    begun = time.process_time()
    check_model(name, *LARGE[name])
    assert time.process_time() - begun < 60


@pytest.mark.parametrize("name", CLEAN)
def test_clean_models_have_no_silent_units(name: str) -> None:
    _, found = look(name, "box + 1")
    assert all(unit.data.standing == "acts" for unit in found.report.units)
    assert found.report.sets == ()
    assert found.report.complete


def test_the_replaced_file_has_the_loss_that_is_told() -> None:
    path, found = look("wine/planted.onnx", "box + 8", "zero_one")
    (kept,) = found.kept.values()
    made = found.report.sets[0].replacement
    csv = (path.parent / "train.csv").read_text().splitlines()
    rows = [list(map(Fraction, line.split(","))) for line in csv[1:]]
    counts = []
    for source in (path, kept.model):
        network = read_network(source).network
        wrong = 0
        for row in rows:
            outputs = evaluate(network, row[: network.inputs])
            label = row[network.inputs :].index(1)
            wrong += sum(value >= outputs[label] for value in outputs) > 1
        counts.append(wrong)
    assert counts == [Fraction(made.before), Fraction(made.after)]
    assert counts[1] < counts[0]
