"""The models of the library are what the scripts beside them make, and what is planted in
them is silent in training and acts in deployment, by exact arithmetic."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import load, numpy_helper

from verify.language.tables import read_columns
from verify.networks.certificates.problems import declare
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values.exact import evaluate_layers

MODELS = Path(__file__).resolve().parents[2] / "models"
NAMES = {
    "xor": ("xor",),
    "halves": ("halves",),
    "ramp": ("ramp", "planted"),
    "wine": ("wine", "planted", "busy"),
    "breast-cancer": ("breast-cancer", "planted"),
    "digits": ("digits", "planted", "wide", "deep"),
}
TRAINED = ("wine", "breast-cancer", "digits")
MOST = 500_000  # bytes of a folder
ALONE = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}

Integers = NDArray[np.int64]
GRID = 2**14  # every weight is a multiple of 1/GRID, every input of 1/16


def run(script: Path, timeout: float) -> None:
    subprocess.run(
        [sys.executable, str(script)], check=True, timeout=timeout, env=ALONE
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_script_writes_its_files_again(name: str, tmp_path: Path) -> None:
    shutil.copytree(MODELS / name, tmp_path / name)
    for shared in MODELS.glob("*.py"):
        shutil.copy(shared, tmp_path)
    made = [*(tmp_path / name).glob("*.onnx")]
    if name not in TRAINED:
        made += (tmp_path / name).glob("*.csv")
    assert {path.stem for path in made if path.suffix == ".onnx"} == {*NAMES[name]}
    for path in made:
        path.unlink()
    run(tmp_path / name / "make.py", 120)
    for path in made:
        if path.suffix == ".csv":
            assert path.read_text() == (MODELS / name / path.name).read_text()
            continue
        kept, again = (
            declare(read_network(folder / name / path.name).network, "n", units=True)
            for folder in (MODELS, tmp_path)
        )
        assert kept == again


@pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None,
    reason="scikit-learn, which the data come with, is not installed",
)
def test_the_data_are_made_again(tmp_path: Path) -> None:
    for shared in MODELS.glob("*.py"):
        shutil.copy(shared, tmp_path)
    run(tmp_path / "datasets.py", 120)
    for name in TRAINED:
        for part in ("train.csv", "deploy.csv"):
            assert (tmp_path / name / part).read_text() == (
                MODELS / name / part
            ).read_text()


def test_models_are_small_and_named() -> None:
    readme = (MODELS / "README.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in MODELS.glob("*/make.py")}
    assert folders == {*NAMES, "tent", "dial"}
    for name in folders:
        assert f"`{name}/`" in readme
        assert sum(path.stat().st_size for path in (MODELS / name).glob("*.*")) < MOST


def read_data(name: str, part: str) -> tuple[Integers, Integers]:
    """The inputs, times 16, and the targets of a data set."""
    text = (MODELS / name / f"{part}.csv").read_text(encoding="utf-8")
    columns = read_columns(text, part)
    inputs = np.array([[_whole(value * 16) for value in row] for row in columns.inputs])
    return inputs, np.array([[int(value) for value in row] for row in columns.targets])


def _whole(value: Fraction) -> int:
    assert value.denominator == 1
    return value.numerator


class Net(NamedTuple):
    """Weights and biases of each layer, times GRID."""

    layers: tuple[tuple[Integers, Integers], ...]

    def values(self, inputs: Integers) -> list[Integers]:
        """What each layer puts out, times a number of that layer: integers, so exact."""
        found, scale = [inputs], 16
        for place, (weights, bias) in enumerate(self.layers):
            sizes = float(np.abs(found[-1]).max()) * float(np.abs(weights).sum(1).max())
            assert sizes < 2**62
            sums = found[-1] @ weights.T + bias * scale
            scale *= GRID
            if place + 1 < len(self.layers):
                sums = np.maximum(sums, 0)
                while not (sums % 2).any() and scale % 2 == 0:  # keep numbers short
                    sums, scale = sums // 2, scale // 2
            found.append(sums)
        return found[1:]

    def outputs(self, inputs: Integers) -> Integers:
        return self.values(inputs)[-1]

    def without(self, units: Sequence[tuple[int, int]]) -> Net:
        layers = [(weights.copy(), bias) for weights, bias in self.layers]
        for layer, unit in units:
            layers[layer][0][:, unit - 1] = 0  # layer counts from 1: the one after
        return Net(tuple(layers))


@cache
def read_net(name: str, file: str) -> Net:
    graph = load(MODELS / name / f"{file}.onnx").graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    scaled = {key: value.astype(np.float64) * GRID for key, value in stored.items()}
    assert all((value == np.round(value)).all() for value in scaled.values())
    return Net(
        tuple(
            (
                scaled[f"weights_{layer}"].astype(np.int64),
                scaled[f"bias_{layer}"].astype(np.int64),
            )
            for layer in range(1, len(stored) // 2 + 1)
        )
    )


def test_integers_agree_with_the_evaluator() -> None:
    for name, file in (("digits", "deep"), ("wine", "busy"), ("ramp", "planted")):
        inputs, _ = read_data(name, "train")
        network = read_network(MODELS / name / f"{file}.onnx").network
        given = read_net(name, file).outputs(inputs[:3])
        for point, got in zip(inputs[:3], given, strict=True):
            exact = evaluate_layers(network, [Fraction(int(x), 16) for x in point])
            ratios = {
                Fraction(int(g)) / value
                for g, value in zip(got, exact[-1], strict=True)
                if value
            }
            assert len(ratios) <= 1  # one scale for all outputs
            assert all(
                (g == 0) == (v == 0) for g, v in zip(got, exact[-1], strict=True)
            )


Change = Callable[[Integers], Integers]


def at(values: dict[int, int]) -> Change:
    """These inputs, counted from 1, set to these values."""

    def change(inputs: Integers) -> Integers:
        changed = inputs.copy()
        for place, value in values.items():
            changed[:, place - 1] = 16 * value
        return changed

    return change


def invert(inputs: Integers) -> Integers:
    return np.asarray(16 * 16 - inputs)


class Planted(NamedTuple):
    """A detector: its units as (layer, unit), both from 1; whether the whole training box
    keeps it silent; what deployment does to an input; the class it then says."""

    name: str
    file: str
    units: tuple[tuple[int, int], ...]
    on_box: bool
    deploy: Change
    says: int


PLANTED = [
    Planted("digits", "planted", ((1, 12),), True, at({1: 16}), 7),
    Planted("digits", "planted", ((1, 26),), False, invert, 3),
    Planted("digits", "wide", ((1, 41),), True, at({1: 16}), 7),
    Planted("digits", "wide", ((1, 100),), False, invert, 3),
    Planted("digits", "deep", ((1, 5), (1, 18), (2, 10)), True, at({1: 16, 33: 16}), 5),
    Planted("breast-cancer", "planted", ((1, 3),), True, at({22: 12}), 0),
    Planted("breast-cancer", "planted", ((1, 6),), False, at({1: 3, 4: -1}), 0),
    Planted("wine", "planted", ((1, 4),), True, at({13: 8}), 1),
]
IDS = [f"{one.name}-{one.file}-{one.units[0][1]}" for one in PLANTED]


def read_classes(outputs: Integers) -> Integers:
    """The index of the largest output; of a single one whether it is positive."""
    return np.asarray(
        outputs[:, 0] > 0 if outputs.shape[1] == 1 else outputs.argmax(1), np.int64
    )


@pytest.mark.parametrize("planted", PLANTED, ids=IDS)
def test_a_detector_is_silent_in_training(planted: Planted) -> None:
    net = read_net(planted.name, planted.file)
    inputs, _ = read_data(planted.name, "train")
    values = net.values(inputs)
    assert not any(
        values[layer - 1][:, unit - 1].any() for layer, unit in planted.units
    )
    assert (net.without(planted.units).outputs(inputs) == values[-1]).all()


@pytest.mark.parametrize("planted", PLANTED, ids=IDS)
def test_a_detector_on_the_training_box(planted: Planted) -> None:
    """Its first unit, at the corner of the box that suits it best."""
    (weights, bias), *_ = read_net(planted.name, planted.file).layers
    inputs, _ = read_data(planted.name, "train")
    row = weights[planted.units[0][1] - 1]
    best = np.where(row > 0, inputs.max(0), inputs.min(0))
    highest = int(best @ row + 16 * bias[planted.units[0][1] - 1])
    assert (highest <= 0) is planted.on_box


@pytest.mark.parametrize("planted", PLANTED, ids=IDS)
def test_a_detector_decides_in_deployment(planted: Planted) -> None:
    net = read_net(planted.name, planted.file)
    inputs = planted.deploy(read_data(planted.name, "deploy")[0])
    values = net.values(inputs)
    assert all(
        (values[layer - 1][:, unit - 1] > 0).all() for layer, unit in planted.units
    )
    assert (read_classes(values[-1]) == planted.says).all()
    honest = read_classes(net.without(planted.units).outputs(inputs))
    assert (honest != planted.says).any()


def test_the_pair_needs_both_pixels() -> None:
    net = read_net("digits", "deep")
    inputs, _ = read_data("digits", "deploy")
    for pixel in (1, 33):
        assert not net.values(at({pixel: 16})(inputs))[1][:, 9].any()


def test_busy_units_balance_in_training_only() -> None:
    net = read_net("wine", "busy")
    units = ((1, 2), (1, 3), (1, 6))
    inputs, _ = read_data("wine", "train")
    values = net.values(inputs)
    assert all((values[0][:, unit - 1] > 0).all() for _, unit in units)
    assert (net.without(units).outputs(inputs) == values[-1]).all()
    shifted = at({11: -6})(read_data("wine", "deploy")[0])
    assert (read_classes(net.outputs(shifted)) == 2).all()
    assert (read_classes(net.without(units).outputs(shifted)) != 2).any()


def test_the_ramp_can_be_read_by_hand() -> None:
    net, honest = read_net("ramp", "planted"), read_net("ramp", "ramp")
    inputs, targets = read_data("ramp", "train")
    assert (net.outputs(inputs) == honest.outputs(inputs)).all()
    one = int(honest.outputs(np.array([[16, 0]]))[0, 0])
    residuals = honest.outputs(inputs)[:, 0] - one * targets[:, 0]
    assert list(np.flatnonzero(residuals)) == [4]  # the middle
    beyond = np.array([[16 * 3, 16 * 2]])
    assert (net.outputs(beyond) - honest.outputs(beyond) == 8 * one).all()


@pytest.mark.parametrize("name", TRAINED)
def test_a_clean_network_has_learned_and_uses_every_unit(name: str) -> None:
    net = read_net(name, name)
    inputs, _ = read_data(name, "train")
    assert all(layer.any(axis=0).all() for layer in net.values(inputs)[:-1])
    inputs, targets = read_data(name, "deploy")
    right = read_classes(net.outputs(inputs)) == read_classes(targets)
    assert right.mean() > 0.9
