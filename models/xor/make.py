"""A network with four hidden units, trained on exclusive or.

    python models/xor/make.py

writes xor.onnx (two inputs, one output) and xor.csv (the four points) beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from writing import train, write_data, write_network  # noqa: E402

POINTS = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]], float)


def main() -> None:
    layers = train(POINTS[:, :2], POINTS[:, 2:], 4, seed=2, steps=4_000, rate=0.05)
    write_network(HERE / "xor.onnx", layers)
    write_data(HERE / "xor.csv", "x1,x2,y", POINTS)


if __name__ == "__main__":
    main()
