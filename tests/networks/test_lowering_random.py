"""The law of reading: on random models over every operator, three readings agree.

Ours (exact and float64), onnxruntime, optimised or not, and a second reading node by node
(`float32_bounds`), which also proves how far float32 may be from the reals on that model
at that point, whatever the order of its sums.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.networks.float32_bounds import bound_outputs
from tests.networks.random_models import make_random
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.reading.operators import OPERATORS
from verify.networks.values import exact, floats, replay

pytest.importorskip("onnxruntime")

MODELS = 300
CAMPAIGN = 10_000
POINTS = 2
DOUBLE = 2.0**-20  # of the float32 bound: float64 has 29 bits more
NOTICED = 12  # of 40: the others have no weights, or none that counts


class Compared(NamedTuple):
    """How far each was from the exact outputs, and how far float32 may be."""

    onnxruntime: Any
    float64: Any
    second: Any
    bound: Any


def compare(model: Model, point: Any, *, optimised: bool) -> Compared:
    """One point, float32 numbers (inputs,)."""
    session = replay.make_session(model.graph, optimised=optimised)
    enclosed = exact.enclose(model.network, [Fraction(float(x)) for x in point])
    second, bound = bound_outputs(model.graph, point)

    def distances(numbers: Any) -> Any:
        return np.array(
            [distance(y, ends) for y, ends in zip(numbers, enclosed, strict=True)]
        )

    return Compared(
        distances(replay.run(session, point[None])[0]),
        distances(floats.evaluate(model.network, point[None].astype(np.float64))[0]),
        distances(second),
        bound,
    )


def distance(number: float, ends: tuple[Fraction, Fraction]) -> float:
    value = Fraction(float(number))
    return float(max(ends[0] - value, value - ends[1], Fraction(0)))


def run(seeds: range) -> Counter[str]:
    """Compare on every seed; what was counted."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        model = read_network(make_random(seed))
        counts.update({node.operator for node in model.graph.nodes})
        rng = np.random.default_rng(seed)
        for number in range(POINTS):
            point = rng.normal(size=model.network.inputs).astype(np.float32)
            found = compare(model, point, optimised=bool(number % 2))
            near = found.bound * DOUBLE + 1e-12
            assert (found.onnxruntime <= found.bound).all(), seed
            sure = found.bound < 2  # a sign near 0 may fall either way
            assert (found.float64 <= near)[sure].all(), seed
            assert (found.second <= near)[sure].all(), seed
            counts["points"] += 1
            counts["points with a tight bound"] += bool(found.bound.max() < 1e-2)
    return counts


def check(counts: Counter[str], models: int) -> None:
    """Nearly all bounds say something, and no operator is missing."""
    assert counts["points"] == POINTS * models
    assert counts["points with a tight bound"] > 0.9 * counts["points"]
    assert not set(OPERATORS) - set(counts)


def test_random_models_agree_with_onnxruntime() -> None:
    check(run(range(MODELS)), MODELS)


@pytest.mark.campaign
def test_ten_thousand_random_models_agree_with_onnxruntime(
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    counts = run(range(CAMPAIGN))
    record_testsuite_property("counts", dict(counts.most_common()))
    check(counts, CAMPAIGN)


def test_the_comparison_notices_wrong_weights() -> None:
    """Weights off in the third digit are outside the bound wherever they matter."""
    noticed = 0
    for seed in range(40):
        model = read_network(make_random(seed))
        changed = model.graph._replace(
            constants=tuple(
                (
                    name,
                    array * np.float32(1.002) if array.dtype == np.float32 else array,
                )
                for name, array in model.graph.constants
            )
        )
        point = np.ones(model.network.inputs, np.float32)
        found = compare(model._replace(graph=changed), point, optimised=False)
        noticed += bool((found.onnxruntime > found.bound).any())
        assert (found.onnxruntime > found.bound).any() == (
            found.second > found.bound
        ).any()
    assert noticed >= NOTICED
