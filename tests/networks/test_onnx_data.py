"""The benchmark networks: read quickly, and as onnxruntime runs them.

They are not part of the repository: without them beside the checkout this is skipped.
"""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.networks.float32_bounds import bound_outputs
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import exact, floats, replay

pytest.importorskip("onnxruntime")
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MODELS = sorted(DATA.glob("**/*.onnx"))
if not MODELS:
    pytest.skip("no benchmark data in ../shared/data", allow_module_level=True)

SECONDS = {"ACASXU_run2a_1_1_batch_2000": 0.05, "mnist-net_256x6": 0.5}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_networks_are_read_as_onnxruntime_runs_them(path: Path) -> None:
    model = read_network(path)
    rng = np.random.default_rng(1)
    point = rng.uniform(-1, 1, model.network.inputs).astype(np.float32)
    enclosed = exact.enclose(model.network, [Fraction(float(x)) for x in point])
    _, bound = bound_outputs(model.graph, point)
    double = floats.evaluate(model.network, point[None].astype(float))[0]
    assert not model.notes
    assert model.network.units
    for optimised in (False, True):
        session = replay.make_session(model.graph, optimised=optimised)
        returned = replay.run(session, point[None])[0]
        for y, z, (low, high), room in zip(
            returned, double, enclosed, bound, strict=True
        ):
            assert low - Fraction(room) <= Fraction(float(y)) <= high + Fraction(room)
            assert float(low) - room / 2**20 <= z <= float(high) + room / 2**20


@pytest.mark.parametrize("name", SECONDS)
def test_reading_is_quick(name: str) -> None:
    """Computing time, the best of five, imports done."""
    (path,) = (path for path in MODELS if path.stem == name)
    times = []
    for _ in range(5):
        begun = time.process_time()
        read_network(path)
        times.append(time.process_time() - begun)
    assert min(times) < SECONDS[name]
