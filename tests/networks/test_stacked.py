"""Which files are plain stacks of relu layers, so that their circuits can be replaced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from verify.networks.network import Activation, Affine, Input, Layer, Network, Numbers
from verify.networks.statements.files import _is_stacked, read_outline

ROOT = Path(__file__).resolve().parent.parent.parent


def sums(*sources: int) -> Affine:
    """Two sums over layers of two numbers."""
    one = Numbers(np.eye(2))
    return Affine(sources, (one,) * len(sources), Numbers(np.zeros(2)))


def relu(source: int, kind: str = "relu") -> Activation:
    return Activation(kind, source, 2)


@pytest.mark.parametrize(
    ("layers", "units", "stacked"),
    [
        ([sums(0), relu(1), sums(2), relu(3), sums(4)], (2, 4), True),
        ([sums(0), sums(1), relu(2), sums(3)], (3,), True),
        ([sums(0)], (), True),
        ([sums(0), relu(1), sums(0, 2)], (2,), True),
        ([sums(0), relu(1), sums(0, 2), relu(3), sums(4)], (2, 4), False),
        ([sums(0), relu(1), sums(0), relu(3), sums(2, 4)], (2, 4), False),
        ([sums(0), relu(1), sums(2), relu(3), sums(4)], (2,), False),
        ([sums(0), relu(1, "sigmoid"), sums(2)], (2,), False),
    ],
    ids=["plain", "sums of sums", "linear", "skip to the output", "residual", "parallel",
         "a unit with no name", "sigmoid"],
)  # fmt: skip
def test_what_is_a_stack(
    layers: list[Layer], units: tuple[int, ...], stacked: bool
) -> None:
    network = Network((Input(2), *layers), len(layers), (), units)
    assert _is_stacked(network) is stacked


def test_a_file_of_the_library() -> None:
    outline = read_outline("tent.onnx", ROOT / "models/tent/tent.onnx")
    assert outline.layers and outline.stacked
