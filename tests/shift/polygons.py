"""Two inputs, one hidden layer: worst losses and steepest pieces by listing vertices.

The lines of the units, of the level at which a loss bends and of a region's edges meet in
finitely many points. A loss without curves is worst at one of them; and each linear piece of a
bounded region has three of them as corners, whose middle lies inside the piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product

from tests.shift.tiny_shifts import Tiny
from verify.shift.losses import loss_at

F = Fraction
Line = tuple[Fraction, Fraction, Fraction]  # a*x + b*y + c
Point = tuple[Fraction, ...]
Inside = Callable[[Point], bool]


def meet(one: Line, other: Line) -> Point | None:
    """Where two lines meet."""
    area = one[0] * other[1] - other[0] * one[1]
    if not area:
        return None
    x = (one[1] * other[2] - other[1] * one[2]) / area
    return x, (other[0] * one[2] - one[0] * other[2]) / area


def unit_lines(tiny: Tiny) -> list[Line]:
    rows = zip(tiny.weights, tiny.biases, strict=True)
    return [(w[0], w[1], bias) for w, bias in rows if any(w)]


def level_lines(tiny: Tiny, level: Fraction) -> list[Line]:
    """Where the network takes a value, on each choice of active units."""
    found = []
    for on in product((0, 1), repeat=len(tiny.biases)):
        factors = [v * bit for v, bit in zip(tiny.outgoing, on, strict=True)]
        a, b = (
            sum((v * w[j] for v, w in zip(factors, tiny.weights, strict=True)), F(0))
            for j in range(2)
        )
        c = sum((v * q for v, q in zip(factors, tiny.biases, strict=True)), F(0))
        if a or b:
            found.append((a, b, c + tiny.constant - level))
    return found


def value(tiny: Tiny, point: Point) -> Fraction:
    """The network, from its numbers alone."""
    total = tiny.constant
    for w, bias, v in zip(tiny.weights, tiny.biases, tiny.outgoing, strict=True):
        total += v * max(F(0), w[0] * point[0] + w[1] * point[1] + bias)
    return total


def vertices(lines: Sequence[Line], inside: Inside) -> set[Point]:
    met = {meet(one, other) for one, other in combinations(lines, 2)}
    return {point for point in met if point is not None and inside(point)}


def worst_loss(
    tiny: Tiny, loss: str, target: Fraction, edges: Iterable[Line], inside: Inside
) -> Fraction:
    """The largest loss in a polygon with these edges."""
    bend = {"l1": target, "squared": target, "hinge": 1 / (target or F(1))}
    lines = [*edges, *unit_lines(tiny), *level_lines(tiny, bend.get(loss, F(0)))]
    places = vertices(lines, inside)
    return max(loss_at(loss, (value(tiny, p),), (target,)) for p in places)


def steepest(tiny: Tiny, norm: str, edges: Iterable[Line], inside: Inside) -> Fraction:
    """The largest dual norm of a gradient inside a polygon with these edges."""
    lines = [*edges, *unit_lines(tiny)]
    best = F(0)
    for corners in combinations(sorted(vertices(lines, inside)), 3):
        x, y = (sum(column, F(0)) / 3 for column in zip(*corners, strict=True))
        if any(not a * x + b * y + c for a, b, c in lines):
            continue
        factors = [
            v if w[0] * x + w[1] * y + bias > 0 else F(0)
            for w, bias, v in zip(tiny.weights, tiny.biases, tiny.outgoing, strict=True)
        ]
        slope = [
            abs(
                sum(
                    (v * w[j] for v, w in zip(factors, tiny.weights, strict=True)), F(0)
                )
            )
            for j in range(2)
        ]
        best = max(best, max(slope) if norm == "l1" else sum(slope))
    return best
