"""Small networks and data for the circuits, and what they do by the plainest arithmetic."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.networks.onnx_making import dense
from verify.networks.questions import describe
from verify.networks.reading.onnx_reader import Model, read_network
from verify.training.circuits.analysing import Asked
from verify.training.circuits.evidence import Source
from verify.training.circuits.examples import read_examples
from verify.training.circuits.regions import read_region

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
Layers = Sequence[tuple[Sequence[Sequence[float]], Sequence[float]]]
Rows = list[list[Fraction]]


def draw_layers(random: np.random.Generator) -> Layers:
    """One or two hidden layers of a few units, weights halves and quarters, some zero."""
    sizes = [int(random.integers(1, 4))]
    sizes += [int(random.integers(1, 5)) for _ in range(random.integers(1, 3))]
    sizes.append(int(random.integers(1, 3)))
    layers = []
    for below, above in itertools.pairwise(sizes):
        matrix = random.integers(-4, 5, (above, below)) / random.choice([1, 2, 4])
        bias = random.integers(-6, 4, above) / random.choice([1, 2])
        layers.append((matrix.tolist(), bias.tolist()))
    return layers


def draw_points(random: np.random.Generator, width: int, most: int = 8) -> Rows:
    """Points with coordinates in tenths and thirds, so that floats round them."""
    count = int(random.integers(1, most))
    return [
        [Fraction(int(random.integers(-9, 10)), int(random.choice([1, 2, 3, 10])))
         for _ in range(width)]
        for _ in range(count)
    ]  # fmt: skip


def run_plainly(layers: Layers, point: Sequence[Fraction]) -> list[list[Fraction]]:
    """The numbers of each layer, hidden ones after their relu, one product at a time."""
    values = list(point)
    found = []
    for place, (matrix, bias) in enumerate(layers):
        sums = []
        for row, shift in zip(matrix, bias, strict=True):
            total = Fraction(shift)
            for weight, value in zip(row, values, strict=True):
                total += Fraction(weight) * value
            sums.append(total)
        hidden = place < len(layers) - 1
        values = [max(x, Fraction(0)) for x in sums] if hidden else sums
        found.append(values)
    return found


def make_csv(
    points: Sequence[Sequence[Fraction]], targets: Sequence[Sequence[object]]
) -> bytes:
    """The data file of these points."""
    width, outputs = len(points[0]), len(targets[0])
    header = [f"x{k}" for k in range(1, width + 1)]
    header += ["y"] if outputs == 1 else [f"y{k}" for k in range(outputs)]
    rows = [
        ",".join(map(str, [*point, *target]))
        for point, target in zip(points, targets, strict=True)
    ]
    return "\n".join([",".join(header), *rows, ""]).encode()


def read_layers(layers: Layers) -> tuple[Model, bytes]:
    """The network of these layers, through an ONNX file."""
    data = dense(*layers)
    return read_network(data), data


def ask(
    model: Model,
    model_bytes: bytes,
    csv: bytes,
    deadline: float,
    *,
    loss: str = "squared",
    train: str = "",
    deploy: str = "",
) -> Asked:
    """The question of `verify circuits` about these."""
    network = model.network
    examples = read_examples(csv, "d.csv", network.inputs, network.outputs, loss)
    regions = [
        read_region(text, examples.columns, examples.points) if text else None
        for text in (train, deploy)
    ]
    source = Source(model, "m.onnx", model_bytes, "d.csv", examples.sha256)
    return Asked(source, examples, describe([model]), loss, *regions, deadline)
