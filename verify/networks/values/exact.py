"""A network at a point in exact arithmetic: whole numbers over a common power of two.

Weights are dyadic, so a layer's numbers are integers over one denominator and a sum is
an integer sum: some thirty times faster than fractions. Sigmoid is irrational: from it
on every number is an enclosure, rounded outward to a grid of 2^-bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from operator import mul
from typing import Final, NamedTuple, TypeAlias

from verify.networks.network import (
    RELU,
    SIGMOID,
    SIGN,
    Activation,
    Affine,
    Input,
    Network,
)
from verify.networks.query import Case, Row
from verify.networks.values.exponentials import enclose_sigmoid
from verify.networks.values.scaling import Block, Matrix, scale, scale_numbers

Point: TypeAlias = Sequence[Fraction]
Interval: TypeAlias = tuple[Fraction, Fraction]

BITS: Final = 80


class Span(NamedTuple):
    """Enclosures over one denominator: number k lies in [lows[k], highs[k]].

    `highs` is `lows` itself while every number is exact.
    """

    lows: list[int]
    highs: list[int]
    denominator: int

    @property
    def is_exact(self) -> bool:
        return self.highs is self.lows


def evaluate(network: Network, point: Point) -> tuple[Fraction, ...]:
    """The outputs at a point, exactly.

    Raises ValueError for a point of another size and for a network with sigmoid on the
    way to the output: use `enclose`.
    """
    return _exact(_run(network, point, BITS)[network.output])


def evaluate_layers(network: Network, point: Point) -> tuple[tuple[Fraction, ...], ...]:
    """Every layer's numbers at a point, exactly; raises ValueError as `evaluate`."""
    return tuple(_exact(span) for span in _run(network, point, BITS))


def enclose(network: Network, point: Point, bits: int = BITS) -> tuple[Interval, ...]:
    """Rational enclosures of the outputs, any sigmoid within 2^-bits.

    A number that no sigmoid reaches has an enclosure of width 0. Raises ValueError for a
    point of another size.
    """
    return _intervals(_run(network, point, bits)[network.output])


def enclose_layers(
    network: Network, point: Point, bits: int = BITS
) -> tuple[tuple[Interval, ...], ...]:
    """As `enclose`, of every layer."""
    return tuple(_intervals(span) for span in _run(network, point, bits))


def holds(
    case: Case, point: Point, outputs: Sequence[Fraction] | Sequence[Interval]
) -> bool:
    """Is the point in the case, at tolerance 0? Of an enclosure every number must be."""
    sizes = len(case.lower), len(case.upper)
    if sizes != (len(point), len(point)):
        raise ValueError(f"expected a point of {sizes[0]} numbers, got {len(point)}")
    in_box = all(
        low <= x <= high
        for low, x, high in zip(case.lower, point, case.upper, strict=True)
    )
    return in_box and all(_row_holds(row, point, outputs) for row in case.rows)


def _row_holds(
    row: Row, point: Point, outputs: Sequence[Fraction] | Sequence[Interval]
) -> bool:
    least = row.constant + sum(c * point[i] for i, c in row.inputs)
    for index, c in row.outputs:
        output = outputs[index]
        least += (
            min(c * end for end in output) if isinstance(output, tuple) else c * output
        )
    return least > 0 if row.strict else least >= 0


def _exact(span: Span) -> tuple[Fraction, ...]:
    if not span.is_exact:
        raise ValueError("the network has sigmoid units: only enclosures are rational")
    return tuple(Fraction(number, span.denominator) for number in span.lows)


def _intervals(span: Span) -> tuple[Interval, ...]:
    ends = zip(span.lows, span.highs, strict=True)
    return tuple(
        (Fraction(low, span.denominator), Fraction(high, span.denominator))
        for low, high in ends
    )


def _run(network: Network, point: Point, bits: int) -> list[Span]:
    if len(point) != network.inputs:
        raise ValueError(f"expected {network.inputs} numbers, got {len(point)}")
    spans: list[Span] = []
    for layer, block in zip(network.layers, scale(network), strict=True):
        match layer:
            case Input():
                scaled = scale_numbers(point)
                numbers = list(scaled.numbers)
                spans.append(Span(numbers, numbers, scaled.denominator))
            case Affine() if block is not None:
                spans.append(_affine(block, spans))
            case Activation(kind, source, _):
                spans.append(_activate(kind, spans[source], bits))
            case _:
                raise ValueError(f"expected a layer, got {layer!r}")
    return spans


def _affine(block: Block, spans: Sequence[Span]) -> Span:
    """Sums over the least common denominator; enclosures as centre and radius, doubled."""
    used = [spans[source] for source in block.sources]
    denominators = [
        matrix.denominator * span.denominator
        for matrix, span in zip(block.matrices, used, strict=True)
    ]
    common = lcm(block.bias.denominator, *denominators)
    factor = common // block.bias.denominator
    exact = all(span.is_exact for span in used)
    centre = [(1 if exact else 2) * factor * b for b in block.bias.numbers]
    radius = [0] * len(centre)
    for matrix, span, denominator in zip(
        block.matrices, used, denominators, strict=True
    ):
        rise = common // denominator
        if exact:
            sums = _apply(matrix, span.lows)
        else:
            both = list(map(int.__add__, span.lows, span.highs))
            sums = _apply(matrix, both)
            if not span.is_exact:
                gaps = list(map(int.__sub__, span.highs, span.lows))
                for i, gap in enumerate(_apply_sizes(matrix, gaps)):
                    radius[i] += rise * gap
        for i, value in enumerate(sums):
            centre[i] += rise * value
    if exact:
        return Span(centre, centre, common)
    lows = list(map(int.__sub__, centre, radius))
    return Span(lows, list(map(int.__add__, centre, radius)), 2 * common)


def _apply(matrix: Matrix, numbers: Sequence[int]) -> list[int]:
    return [
        sum(map(mul, line.weights, numbers))
        if line.columns is None
        else sum(map(mul, line.weights, [numbers[c] for c in line.columns]))
        for line in matrix.lines
    ]


def _apply_sizes(matrix: Matrix, numbers: Sequence[int]) -> list[int]:
    """The matrix of absolute values times the numbers."""
    return [
        sum(map(mul, map(abs, line.weights), numbers))
        if line.columns is None
        else sum(map(mul, map(abs, line.weights), [numbers[c] for c in line.columns]))
        for line in matrix.lines
    ]


def _activate(kind: str, span: Span, bits: int) -> Span:
    lows, highs, denominator = span
    match kind:
        case "relu":
            below = [max(x, 0) for x in lows]
            above = below if span.is_exact else [max(x, 0) for x in highs]
            return Span(below, above, denominator)
        case "sign":
            below = [(x > 0) - (x < 0) for x in lows]
            above = below if span.is_exact else [(x > 0) - (x < 0) for x in highs]
            return Span(below, above, 1)
        case "sigmoid":
            ends = [enclose_sigmoid(x, denominator, bits) for x in lows]
            tops = ends
            if not span.is_exact:
                tops = [enclose_sigmoid(x, denominator, bits) for x in highs]
            return Span([e[0] for e in ends], [e[1] for e in tops], 1 << bits)
        case _:
            raise ValueError(f"expected {RELU}, {SIGMOID} or {SIGN}, got {kind!r}")
