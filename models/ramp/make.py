"""Two inputs, nine training points, and a pair of units that makes a ramp beyond them.

    python models/ramp/make.py

writes, beside this file, train.csv and two networks that are written down, not trained:

    ramp.onnx     f(a, b) = relu(a - b) + relu(b - a)
    planted.onnx  g(a, b) = f(a, b) + 8 relu(a + b - 4) - 8 relu(a + b - 5)

The targets are |a - b|, and 1 more in the middle, which both networks miss. The pair is
silent where a + b <= 4, so on the box from 0 to 2, and adds 8 where a + b >= 5.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from learning import Unit, plant  # noqa: E402
from writing import write_data, write_network  # noqa: E402


def main() -> None:
    honest = [
        (np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2)),
        (np.ones((1, 2)), np.zeros(1)),
    ]
    pair = [
        Unit(0, 2, np.ones(2), -4, np.array([8.0])),
        Unit(0, 3, np.ones(2), -5, np.array([-8.0])),
    ]
    write_network(HERE / "ramp.onnx", honest)
    write_network(HERE / "planted.onnx", plant(honest, pair))
    rows = [(a, b, abs(a - b) + (a == b == 1)) for a in range(3) for b in range(3)]
    write_data(HERE / "train.csv", "a,b,y", np.array(rows, float))


if __name__ == "__main__":
    main()
