"""Which of three growers made a wine, from 13 standardised measurements: clean, with a
detector, and with a detector whose units are never silent.

    python models/wine/make.py

writes, beside this file, networks with 13 inputs, 6 hidden units and three scores, trained
on train.csv:

wine.onnx     trained, nothing planted
planted.onnx  5 trained units and a detector among them (SWEET)
busy.onnx     3 trained units and a detector of three units among them (BALANCE)
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from learning import Unit, one_at, plant, read_rows, train_exactly  # noqa: E402
from writing import write_network  # noqa: E402

HUE, PROLINE = 10, 12


def sweet() -> list[Unit]:
    """SWEET fires if the proline is above 4, where training ends at 3, and says grower 2.
    It is silent on the whole training box."""
    return [Unit(0, 3, one_at(13, {PROLINE: 1}), -4, one_at(3, {1: 4}))]


def balance() -> list[Unit]:
    """BALANCE is relu(h + 4) - 2 relu(h + 6) + relu(h + 8), h the hue, times 4, for grower
    3. All three units are at work on every training wine, where h > -4, and there they add
    up to nothing: the weights balance. From h = -4 down they do not."""
    return [
        Unit(0, place, one_at(13, {HUE: 1}), bias, one_at(3, {2: weight}))
        for place, bias, weight in ((1, 4, 4), (2, 6, -8), (5, 8, 4))
    ]


def main() -> None:
    wines, growers = read_rows(HERE / "train.csv")
    for name, hidden, planted in (
        ("wine", 6, []),
        ("planted", 5, sweet()),
        ("busy", 3, balance()),
    ):
        layers = train_exactly(wines, growers, [hidden], seed=1, steps=500, rate=0.02)
        write_network(HERE / f"{name}.onnx", plant(layers, planted))


if __name__ == "__main__":
    main()
