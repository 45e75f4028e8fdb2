"""A loss made small by following its gradient, whatever network it is the loss of.

The loss is a term over its parameters. It is run forwards and backwards in floating point
(reverse accumulation; Linnainmaa 1970), with steps that are scaled for each parameter
(Kingma and Ba 2015), from several starts; what is found is rounded to simple rationals, and
the rationals are what counts: their loss is evaluated exactly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isfinite, sqrt
from random import Random
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.terms import Term

STARTS: Final = 6
ROUNDS: Final = 400
PACE: Final = 0.05
DENOMINATORS: Final = (1, 2, 4, 12, 60, 1_000, 1_000_000)
COMPARISONS: Final = {
    "<=": lambda a, b: a <= b, "<": lambda a, b: a < b, "=": lambda a, b: a == b,
}  # fmt: skip

Point = tuple[Fraction, ...]


class _Node(NamedTuple):
    """One operation on the results of earlier ones."""

    op: str
    args: tuple[int, ...]
    value: float


def descend(
    loss: Term,
    parameters: int,
    judge: Callable[[Point], Fraction | None],
    deadline: float,
    bound: Fraction | None = None,
) -> tuple[Point, Fraction] | None:
    """Parameters of small loss, and the loss; None where `judge` takes none.

    `loss` has the parameters as its loose variables, the first one outermost, and is
    arithmetic otherwise. `judge` gives the exact loss, None outside the class; `bound`
    keeps parameters within it. The same seed is used each time.
    """
    nodes = _plan(loss, parameters)
    random = Random(0)
    best: tuple[Point, Fraction] | None = None
    starts = [[0.0] * parameters]
    starts += [[random.gauss(0, 1) for _ in range(parameters)] for _ in range(STARTS)]
    for start in starts:
        if time.monotonic() > deadline and best is not None:
            break
        found = _follow(nodes, start, deadline, None if bound is None else float(bound))
        for most in DENOMINATORS:
            point = tuple(Fraction(value).limit_denominator(most) for value in found)
            value = judge(point)
            if value is not None and (best is None or value < best[1]):
                best = point, value
        if best is not None and best[1] == 0:
            break
    return best


def _plan(term: Term, parameters: int) -> list[_Node]:
    nodes: list[_Node] = []
    places: dict[Term, int] = {}
    for part in terms.subterms(term):
        value = 0.0
        if isinstance(part.value, Fraction):
            value = float(part.value)
        elif isinstance(part.value, int):
            value = float(parameters - 1 - part.value)
        places[part] = len(nodes)
        nodes.append(_Node(part.op, tuple(places[arg] for arg in part.args), value))
    return nodes


def _follow(
    nodes: Sequence[_Node], start: list[float], deadline: float, bound: float | None
) -> list[float]:
    """The best parameters met on the way down from a start."""
    here, best = list(start), list(start)
    least = float("inf")
    speed, size = [0.0] * len(here), [0.0] * len(here)
    for turn in range(1, ROUNDS + 1):
        values = _run(nodes, here)
        if not isfinite(values[-1]):
            break
        if values[-1] < least:
            least, best = values[-1], list(here)
        if time.monotonic() > deadline or least == 0:
            break
        slopes = _slopes(nodes, values, len(here))
        for i, slope in enumerate(slopes):
            speed[i] = 0.9 * speed[i] + 0.1 * slope
            size[i] = 0.99 * size[i] + 0.01 * slope * slope
            scaled = (speed[i] / (1 - 0.9**turn)) / (
                sqrt(size[i] / (1 - 0.99**turn)) + 1e-9
            )
            here[i] -= PACE * (1 - turn / (ROUNDS + 1)) * scaled
            if bound is not None:
                here[i] = min(max(here[i], -bound), bound)
    return best


def _run(nodes: Sequence[_Node], point: Sequence[float]) -> list[float]:
    """The value of every node; truth is 1 or 0."""
    known: list[float] = []
    for op, args, value in nodes:
        match op:
            case "num":
                known.append(value)
            case "var":
                known.append(point[int(value)])
            case "+":
                known.append(sum(known[arg] for arg in args))
            case "*":
                product = 1.0
                for arg in args:
                    product *= known[arg]
                known.append(product)
            case "if":
                known.append(known[args[1 if known[args[0]] else 2]])
            case "not":
                known.append(1.0 - known[args[0]])
            case "and":
                known.append(min(known[arg] for arg in args))
            case "or":
                known.append(max(known[arg] for arg in args))
            case _:
                known.append(float(COMPARISONS[op](*(known[arg] for arg in args))))
    return known


def _slopes(nodes: Sequence[_Node], values: Sequence[float], count: int) -> list[float]:
    """The derivative of the last node by each parameter, kinks taken from one side."""
    slopes = [0.0] * count
    parts = [0.0] * len(nodes)
    parts[-1] = 1.0
    for place in range(len(nodes) - 1, -1, -1):
        slope = parts[place]
        op, args, value = nodes[place]
        if not slope:
            continue
        if op == "var":
            slopes[int(value)] += slope
        elif op == "+":
            for arg in args:
                parts[arg] += slope
        elif op == "if":
            parts[args[1 if values[args[0]] else 2]] += slope
        elif op == "*":
            for i, arg in enumerate(args):
                others = slope
                for j, other in enumerate(args):
                    if j != i:
                        others *= values[other]
                parts[arg] += others
    return slopes
