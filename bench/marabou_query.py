"""One query for Marabou, in a process of its own with its own Python: JSON in, JSON out.

    python bench/marabou_query.py FILE        FILE: units, box, row, seconds

Its Python needs maraboupy and nothing of ours. The time is of `solve` alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from maraboupy import Marabou, MarabouCore


def main(path: str) -> None:
    given = json.loads(Path(path).read_text(encoding="utf-8"))
    query = MarabouCore.InputQuery()
    count = given["inputs"]
    takes = len(given["units"])
    query.setNumberOfVariables(count + 2 * takes + 1)
    for i, (low, high) in enumerate(given["box"]):
        query.setLowerBound(i, low)
        query.setUpperBound(i, high)
        query.markInputVariable(i, i)
    for k, (kind, bias, weights) in enumerate(given["units"]):
        value, before = count + k, count + takes + k
        add(query, before, bias, weights)
        if kind == "relu":
            MarabouCore.addReluConstraint(query, before, value)
        else:
            add(query, value, 0.0, [[before, 1.0]])
    last = count + 2 * takes
    add(query, last, given["row"][0], given["row"][1])
    query.setLowerBound(last, 0.0)
    query.markOutputVariable(last, 0)
    options = Marabou.createOptions(
        verbosity=0, timeoutInSeconds=max(1, round(given["seconds"])), numWorkers=1
    )
    begun = time.perf_counter()
    answer = MarabouCore.solve(query, options, os.devnull)[0]
    seconds = time.perf_counter() - begun
    # Marabou's redirection leaves standard output closed
    Path(path).with_suffix(".out").write_text(
        json.dumps({"answer": answer, "seconds": seconds}), encoding="utf-8"
    )


def add(query: object, variable: int, bias: float, weights: list[list[float]]) -> None:
    """variable = bias + sum of weights."""
    equation = MarabouCore.Equation()
    equation.addAddend(-1.0, variable)
    for other, weight in weights:
        equation.addAddend(weight, int(other))
    equation.setScalar(-bias)
    query.addEquation(equation)


if __name__ == "__main__":
    main(sys.argv[1])
