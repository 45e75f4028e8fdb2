"""A unit by the theorem, where a scan in floats finds none: it exists, so it is made.

For the squared loss and units of a last hidden layer a freed unit can lower the loss
wherever the residuals of equal inputs do not add up to 0 (`optima/constructive.py`). The
residuals here are floats taken exactly; what is proposed is evaluated exactly later.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from verify.training.circuits.freed import Freed, Parameters
from verify.training.circuits.slopes import Goal
from verify.training.optima.constructive import find_replacement_unit


def construct(freed: Freed, goal: Goal, seed: int) -> Parameters | None:
    """Parameters over what the units really read, one unit in use; None where the theorem
    says nothing, or no unit lowers the loss."""
    if goal.loss != "squared" or not freed.is_last or len(freed.rows) != 1:
        return None
    residuals = goal.wanted - freed.run(freed.nothing()).outputs
    points = [tuple(map(Fraction, row)) for row in freed.base[freed.wiring.below]]
    for output in np.argsort(-(residuals**2).sum(0)).tolist():
        column = [Fraction(value) for value in residuals[:, output]]
        unit = find_replacement_unit(points, column, seed=seed)
        if unit is None:
            continue
        largest = max(abs(weight) for weight in unit.weights)
        incoming = np.zeros((freed.count, len(unit.weights)))
        biases = np.zeros(freed.count)
        outgoing = np.zeros((freed.rows[0], freed.count))
        incoming[0] = [float(weight / largest) for weight in unit.weights]
        biases[0] = float(unit.bias / largest)
        outgoing[output, 0] = float(unit.outgoing * largest)
        return Parameters(incoming, biases, (outgoing,))
    return None
