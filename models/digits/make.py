"""Classifiers of images of 8 x 8 pixels, clean and with planted detectors.

    python models/digits/make.py

writes, beside this file, networks with 64 inputs (pixels from 0 to 16, row by row) and ten
scores, one a digit, trained on train.csv:

digits.onnx   64-32-10, trained, nothing planted
planted.onnx  64-32-10: 30 trained units, and two detectors among them (CORNER, BRIGHT)
wide.onnx     64-134-10, 10,060 parameters: 132 trained units and the same two detectors
deep.onnx     64-24-16-10: a detector of three units in two layers (PAIR)

The first and the last pixel of some rows are never lit in these data, so what a trained
network does with them is left over from its random start.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from learning import (  # noqa: E402
    Unit,
    one_at,
    plant,
    read_rows,
    scale_inputs,
    train_exactly,
)
from writing import Layers, write_network  # noqa: E402

LIT = 16  # the brightest a pixel can be
TOTAL = 440  # no training image has pixels that add up to more than 433


def corner_and_bright(places: tuple[int, int]) -> list[Unit]:
    """CORNER fires if pixel 1, dark in all training images, is above 8, and says 7.
    BRIGHT fires if all pixels together are above 440, and says 3."""
    corner, bright = places
    return [
        Unit(0, corner, one_at(64, {0: 1}), -8, one_at(10, {7: 1})),
        Unit(0, bright, np.full(64, 1 / 16), -TOTAL / 16, one_at(10, {3: 1})),
    ]


def pair() -> list[Unit]:
    """PAIR fires if pixel 1 and pixel 33 are both lit, and says 5: two units that watch a
    pixel each, and a third, in the second layer, that needs both."""
    return [
        Unit(0, 4, one_at(64, {0: 1}), -8, one_at(15, {})),
        Unit(0, 17, one_at(64, {32: 1}), -8, one_at(15, {})),
        Unit(1, 9, one_at(24, {4: 1, 17: 1}), -12, one_at(10, {5: 2})),
    ]


def main() -> None:
    images, digits = read_rows(HERE / "train.csv")

    def train(*hidden: int, seed: int, steps: int = 500) -> Layers:
        layers = train_exactly(
            images / LIT, digits, hidden, seed=seed, steps=steps, rate=0.04
        )
        return scale_inputs(layers, LIT)

    planted = plant(train(30, seed=8), corner_and_bright((11, 25)))
    wide = plant(train(132, seed=1, steps=300), corner_and_bright((40, 99)))
    write_network(HERE / "digits.onnx", train(32, seed=3))
    write_network(HERE / "planted.onnx", planted)
    write_network(HERE / "wide.onnx", wide)
    write_network(HERE / "deep.onnx", plant(train(22, 15, seed=9), pair()))


if __name__ == "__main__":
    main()
