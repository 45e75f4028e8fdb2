"""Where the scan finds no unit, the theorem makes one."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from tests.training.circuit_making import Layers, ask, make_csv, read_layers
from tests.training.test_circuit_replacing import (
    SPIKE,
    SPIKE_POINTS,
    SPIKE_TARGETS,
    measure_plainly,
)
from verify.training.circuits import searching
from verify.training.circuits.analysing import Found, analyse

TWO_OUTPUTS: Layers = [
    ([[1.0, 0.0], [0.0, 1.0]], [-9.0, 0.0]),
    ([[5.0, 0.0], [3.0, 1.0]], [0.0, 0.0]),
]


def report(
    layers: Layers, points: list[list[Fraction]], targets: list[list[object]], loss: str
) -> Found:
    model, data = read_layers(layers)
    table = make_csv(points, targets)
    return analyse(ask(model, data, table, time.monotonic() + 30, loss=loss), print)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """No scan, no spikes, no random starts."""
    monkeypatch.setattr(searching, "scan_hinges", lambda *_: [])
    monkeypatch.setattr(searching, "_list_spikes", lambda *_: [])
    monkeypatch.setattr(searching, "_put_hats", lambda *_: None)
    monkeypatch.setattr(searching, "STARTS", 0)


@pytest.mark.usefixtures("blind")
def test_a_unit_is_constructed_for_the_squared_loss() -> None:
    found = report(SPIKE, SPIKE_POINTS, [list(row) for row in SPIKE_TARGETS], "squared")
    made = found.report.sets[0].replacement
    assert made.outcome == "lower"
    after = measure_plainly(
        found.kept[0].model, SPIKE_POINTS, [list(r) for r in SPIKE_TARGETS]
    )
    assert after == Fraction(made.after) < Fraction(made.before)


@pytest.mark.usefixtures("blind")
def test_the_output_with_the_largest_residuals_comes_first() -> None:
    points = [[Fraction(x), Fraction(y)] for x in range(3) for y in range(3)]
    targets: list[list[object]] = [[int(x == 1), int(y)] for x, y in points]
    found = report(TWO_OUTPUTS, points, targets, "squared")
    made = found.report.sets[0].replacement
    assert made.outcome == "lower"
    assert Fraction(made.after) < Fraction(made.before)


@pytest.mark.usefixtures("blind")
def test_the_theorem_is_about_smooth_losses() -> None:
    found = report(SPIKE, SPIKE_POINTS, [list(row) for row in SPIKE_TARGETS], "l1")
    assert found.report.sets[0].replacement.outcome == "impossible"
