"""Boxes so small that rounding hides the answer, settled in exact arithmetic.

If every relu has one phase at all corners of a box then the network is affine there: the
arguments of the first layer are affine, so of one sign on the box, so its values are
affine, and so on. A mixture of rows is then largest at a corner. Ties, strict rows met on
their boundary, and margins below any rounding are decided this way, by splitting until
the corners agree.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Final

from verify.networks.boxes.falsify import confirm_point
from verify.networks.boxes.goals import list_mixtures
from verify.networks.network import RELU, Activation, Network
from verify.networks.query import Case, Query, Row, Witness
from verify.networks.values import exact

MOST: Final = 64  # corners

Point = tuple[Fraction, ...]


def settle_corners(
    query: Query, index: int, lower: list[float], upper: list[float]
) -> Witness | bool:
    """Whether a case is empty within a box of floats, or a witness of it.

    False where the corners do not tell: they are too many, phases differ, or no mixture
    of the rows is negative at all of them.
    """
    case = query.cases[index]
    sides = []
    for low, high, least, most in zip(
        lower, upper, case.lower, case.upper, strict=True
    ):
        ends = max(Fraction(low), least), min(Fraction(high), most)
        if ends[0] > ends[1]:
            return True
        sides.append(ends if ends[0] < ends[1] else ends[:1])
    count = 1
    for side in sides:
        count *= len(side)
    if count > MOST or any(
        isinstance(layer, Activation) and layer.kind != RELU
        for layer in query.network.layers
    ):
        return False
    points = list(product(*sides))
    values = _affine_values(query.network, points)
    if values is None:
        return False
    rows = [
        [_row_value(row, *pair) for pair in zip(points, values, strict=True)]
        for row in case.rows
    ]
    return _judge(query, index, case, points, rows)


def _judge(
    query: Query,
    index: int,
    case: Case,
    points: list[Point],
    rows: list[list[Fraction]],
) -> Witness | bool:
    for weights in list_mixtures(len(rows)):
        sums = [
            sum((w * row[k] for w, row in zip(weights, rows, strict=True)), Fraction(0))
            for k in range(len(points))
        ]
        most = max(sums)
        strict = any(
            row.strict and w > 0 for w, row in zip(weights, case.rows, strict=True)
        )
        if most < 0 or (most == 0 and strict):
            return True
        found = confirm_point(query, index, points[sums.index(most)])
        if found is not None:
            return found
    return False


def _affine_values(network: Network, points: list[Point]) -> list[Point] | None:
    """The outputs at corners of a box if the network is affine on it, else None."""
    signs: list[list[int]] | None = None
    outputs = []
    for point in points:
        layers = exact.evaluate_layers(network, point)
        found = [
            [(z > 0) - (z < 0) for z in layers[layer.source]]
            for layer in network.layers
            if isinstance(layer, Activation)
        ]
        flat = [sign for layer_signs in found for sign in layer_signs]
        if signs is None:
            signs = [[sign, sign] for sign in flat]
        for seen, sign in zip(signs, flat, strict=True):
            seen[0], seen[1] = min(seen[0], sign), max(seen[1], sign)
            if seen == [-1, 1]:
                return None
        outputs.append(layers[network.output])
    return outputs


def _row_value(row: Row, point: Point, outputs: Point) -> Fraction:
    total = row.constant + sum(c * point[k] for k, c in row.inputs)
    return total + sum(c * outputs[k] for k, c in row.outputs)
