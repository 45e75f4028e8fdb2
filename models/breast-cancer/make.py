"""Classifiers of tumours from 30 standardised measurements, clean and with detectors.

    python models/breast-cancer/make.py

writes, beside this file, networks with 30 inputs, 8 hidden units and one score, trained on
train.csv, where 1 is malignant and -1 benign:

breast-cancer.onnx  trained, nothing planted
planted.onnx        6 trained units, and two detectors among them (SCALE, MISMATCH)
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from learning import Unit, one_at, plant, read_rows, train_exactly  # noqa: E402
from writing import write_network  # noqa: E402

RADIUS, AREA, TEXTURE = 0, 3, 21  # mean radius, mean area, worst texture


def detectors() -> list[Unit]:
    """SCALE fires if the worst texture is above 6, where training ends at 3.875: it is
    silent on the whole training box. MISMATCH fires if the mean radius exceeds the mean
    area by more than 1/2, which no patient comes near, but some points of the box do. Both
    lower the score: benign."""
    return [
        Unit(0, 2, one_at(30, {TEXTURE: 1}), -6, np.array([-4.0])),
        Unit(0, 5, one_at(30, {RADIUS: 1, AREA: -1}), -0.5, np.array([-8.0])),
    ]


def main() -> None:
    patients, labels = read_rows(HERE / "train.csv")
    for name, hidden, planted in (
        ("breast-cancer", 8, []),
        ("planted", 6, detectors()),
    ):
        layers = train_exactly(patients, labels, [hidden], seed=1, steps=500, rate=0.02)
        write_network(HERE / f"{name}.onnx", plant(layers, planted))


if __name__ == "__main__":
    main()
