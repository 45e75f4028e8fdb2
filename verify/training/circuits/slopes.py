"""Losses in floats with a direction that lowers them, for the search only.

Where a loss is not differentiable a subgradient serves; `linf` weighs the points near the
largest gap, and `zero_one`, which has no slope at all, is steered by a sigmoid of the
margin. The loss itself is always the one asked for.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import Floats
from verify.training.circuits.losses import Targets

SHARP: Final = 40.0  # how closely `linf` looks at the largest gap
STEEP: Final = 4.0  # of the sigmoid, in typical margins


class Goal:
    """A loss and the targets in floats."""

    def __init__(self, loss: str, targets: Targets) -> None:
        """Raises OverflowError for targets beyond float64."""
        self.loss = loss
        self.wanted = np.array([[float(y) for y in row] for row in targets.values])
        self.labels = None if targets.labels is None else np.array(targets.labels)

    def measure(self, outputs: Floats) -> Measure:
        """The loss and a slope (n, outputs) against which to go."""
        if self.loss == "zero_one" and self.labels is not None:
            return self._count_labels(outputs)
        gaps = outputs - self.wanted
        match self.loss:
            case "squared":
                return Measure(float((gaps * gaps).sum()), 2 * gaps)
            case "l1":
                return Measure(float(np.abs(gaps).sum()), np.sign(gaps))
            case "linf":
                sizes = np.abs(gaps)
                most = sizes.max()
                shares = np.exp(SHARP * (sizes / max(most, 1e-300) - 1))
                return Measure(float(most), np.sign(gaps) * shares / shares.sum())
            case "hinge":
                margins = self.wanted * outputs
                missing = np.maximum(1 - margins, 0)
                return Measure(float(missing.sum()), -self.wanted * (missing > 0))
            case _:
                margins = self.wanted * outputs
                return Measure(
                    float((margins <= 0).sum()), _steer(margins) * self.wanted
                )

    def _count_labels(self, outputs: Floats) -> Measure:
        places = np.arange(len(outputs))
        others = outputs.copy()
        others[places, self.labels] = -np.inf
        rival = others.argmax(1)
        margins = outputs[places, self.labels] - others[places, rival]
        slope = np.zeros_like(outputs)
        pull = _steer(margins)
        slope[places, self.labels] = pull
        slope[places, rival] = -pull
        return Measure(float((margins <= 0).sum()), slope)


class Measure(NamedTuple):
    """A loss, and a slope on the outputs against which to go."""

    loss: float
    slope: Floats


def _steer(margins: Floats) -> Floats:
    """Minus the derivative of a sigmoid of the margin, steepest near 0."""
    scale = STEEP / max(float(np.median(np.abs(margins))), 1e-12)
    bent = 1 / (1 + np.exp(np.clip(scale * margins, -60, 60)))
    made: Floats = -scale * bent * (1 - bent)
    return made
