"""Several networks as one: inputs side by side, outputs side by side.

A query about two networks (equivalence, monotonicity) becomes a query about their product.
Inputs that the query equates need not be searched twice, so every input of the parts is an
affine function of the product's inputs: the first layer spreads these out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from verify.networks.network import (
    Activation,
    Affine,
    Floats,
    Input,
    Layer,
    Network,
    Numbers,
)

Sparse = Mapping[int, Fraction]


class Wire(NamedTuple):
    """One input of a part: sum of coefficient * input of the product, plus a constant."""

    coefficients: Sparse
    constant: Fraction


def combine(parts: Sequence[Network], inputs: int, wires: Sequence[Wire]) -> Network:
    """The product of `parts` over `inputs` numbers; `wires` are the parts' inputs in order.

    Its outputs are those of the parts in order. A single part whose wires are its own
    inputs is returned as it is.
    """
    if len(parts) == 1 and _is_identity(wires, inputs):
        return parts[0]
    layers: list[Layer] = [Input(inputs)]
    names = ["input"]
    units: list[int] = []
    ends: list[int] = []
    start = 0
    for number, part in enumerate(parts, 1):
        own = wires[start : start + part.inputs]
        start += part.inputs
        layers.append(Affine((0,), (_matrix(own, inputs),), _constants(own)))
        names.append(f"input of network {number}")
        shift = len(layers) - 1
        layers.extend(_shifted(layer, shift) for layer in part.layers[1:])
        names.extend(
            f"network {number}, {name}" for name in _names(part)[1 : len(part.layers)]
        )
        units.extend(unit + shift for unit in part.units)
        ends.append(part.output + shift)
    layers.append(_join(parts, ends))
    names.append("outputs")
    return Network(tuple(layers), len(layers) - 1, tuple(names), tuple(units))


def _is_identity(wires: Sequence[Wire], inputs: int) -> bool:
    return len(wires) == inputs and all(
        wire.coefficients == {index: 1} and not wire.constant
        for index, wire in enumerate(wires)
    )


def _names(part: Network) -> Sequence[str]:
    return part.names or [f"layer {index}" for index in range(len(part.layers))]


def _shifted(layer: Layer, shift: int) -> Layer:
    """The layer with its sources moved; a part's input has become an affine layer."""
    match layer:
        case Affine(sources, matrices, bias):
            return Affine(tuple(s + shift for s in sources), matrices, bias)
        case Activation(kind, source, size):
            return Activation(kind, source + shift, size)
        case _:
            raise ValueError("a network has one input, its first layer")


def _matrix(wires: Sequence[Wire], inputs: int) -> Numbers:
    exact = [Fraction(0)] * (len(wires) * inputs)
    for row, wire in enumerate(wires):
        for column, coefficient in wire.coefficients.items():
            exact[row * inputs + column] = coefficient
    return _numbers(exact, (len(wires), inputs))


def _constants(wires: Sequence[Wire]) -> Numbers:
    return _numbers([wire.constant for wire in wires], (len(wires),))


def _numbers(exact: list[Fraction], shape: tuple[int, ...]) -> Numbers:
    floats = np.array([float(number) for number in exact], dtype=np.float64)
    is_exact = all(
        Fraction(value) == number
        for value, number in zip(floats.tolist(), exact, strict=True)
    )
    return Numbers(floats.reshape(shape), None if is_exact else tuple(exact))


def _join(parts: Sequence[Network], ends: Sequence[int]) -> Affine:
    total = sum(part.outputs for part in parts)
    matrices, start = [], 0
    for part in parts:
        matrix: Floats = np.zeros((total, part.outputs))
        matrix[start : start + part.outputs] = np.eye(part.outputs)
        matrices.append(Numbers(matrix))
        start += part.outputs
    return Affine(tuple(ends), tuple(matrices), Numbers(np.zeros(total)))
