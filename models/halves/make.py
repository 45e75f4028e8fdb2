"""A classifier of images of 2 x 2 pixels: is the left or the right half the brighter one?

    python models/halves/make.py

writes halves.onnx (four pixels row by row, two scores: left, right) and halves.csv (the
clear images it was trained around, with its targets) beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from writing import train, write_data, write_network  # noqa: E402

CLEAR = np.array([[1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1]], float)


def main() -> None:
    random = np.random.default_rng(5)
    images = random.uniform(0, 1, (600, 4))
    difference = images[:, 0] + images[:, 2] - images[:, 1] - images[:, 3]
    images = np.vstack([images[np.abs(difference) > 0.2], CLEAR[:, :4]])
    left = images[:, 0] + images[:, 2] > images[:, 1] + images[:, 3]
    targets = np.stack([left, ~left], axis=1).astype(float)
    layers = train(images, targets, 6, seed=3, steps=3_000, rate=0.05)
    write_network(HERE / "halves.onnx", layers)
    write_data(HERE / "halves.csv", "x1,x2,x3,x4,y1,y2", CLEAR)


if __name__ == "__main__":
    main()
