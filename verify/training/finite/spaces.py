"""Finitely many networks: every parameter is one of some numbers, and all are numbered.

Parameters come in the order in which documents declare them: for one signed hidden layer
the constant, then sign, weights and bias of each unit; otherwise weights and bias of each
unit, layer by layer, then of each output. Network k has the k-th assignment, the last
parameter running fastest. A step unit gives 1 above 0 and else 0; classes of documents have
relu units only.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm, prod
from typing import Any, Final, NamedTuple

import numpy

from verify.kernel.counting import MAX_ASSIGNMENTS

MAX_NETWORKS: Final = 20_000_000
BLOCK: Final = 1 << 15
UNITS: Final = ("relu", "step")
Whole = numpy.ndarray[
    Any, Any
]  # of int64, or of Python integers where those may overflow


class Space(NamedTuple):
    """The fields of `verify.language.things.ModelClass` that matter here; `layers` are the
    units of each hidden layer. Signed: a constant plus signed units, in one layer at most.
    Not signed and without layers: outputs linear in the inputs, with a constant."""

    inputs: int
    layers: tuple[int, ...]
    outputs: int
    signed: bool
    weights: tuple[Fraction, ...]
    unit: str = "relu"


def check_space(space: Space) -> None:
    """Raises ValueError for a class without meaning, or with too many networks to try."""
    if not space.weights or len({*space.weights}) < len(space.weights):
        raise ValueError("the weights of a finite class are numbers, each given once")
    if space.inputs < 1 or space.outputs < 1 or min(space.layers, default=1) < 1:
        raise ValueError("a class has at least one input, output, and unit of a layer")
    if space.unit not in UNITS:
        raise ValueError(
            f"unknown unit {space.unit!r}; there are {' and '.join(UNITS)}"
        )
    if space.signed and (len(space.layers) > 1 or space.outputs > 1):
        raise ValueError("signed units are for one hidden layer and one output")
    size = count_networks(space)
    if size > MAX_NETWORKS:
        raise ValueError(
            f"the class has {size:,} networks and at most {MAX_NETWORKS:,} are tried: "
            "use fewer units, inputs or weights"
        )


def explain_size(space: Space) -> str:
    """Why counts over this class come without a certificate; empty where they have one."""
    size = count_networks(space)
    if size <= MAX_ASSIGNMENTS:
        return ""
    return (
        f"the kernel tries at most {MAX_ASSIGNMENTS:,} networks and the class has "
        f"{size:,}: they are counted here, without a certificate"
    )


def find_bases(space: Space) -> tuple[int, ...]:
    """How many values each parameter has, in order; 2 for a sign."""
    many = len(space.weights)
    if space.signed:
        unit = (2, *[many] * (space.inputs + 1))
        return (many, *unit * sum(space.layers))
    widths = (space.inputs, *space.layers, space.outputs)
    shapes = pairwise(widths)
    return (many,) * sum((below + 1) * width for below, width in shapes)


def count_networks(space: Space) -> int:
    return prod(find_bases(space))


def find_parameters(space: Space, number: int) -> tuple[Fraction, ...]:
    """The parameters of one network, by its number."""
    found: list[Fraction] = []
    for base, is_sign in reversed(
        list(zip(find_bases(space), _signs(space), strict=True))
    ):
        number, digit = divmod(number, base)
        found.append(Fraction(1 - 2 * digit) if is_sign else space.weights[digit])
    return tuple(reversed(found))


def list_blocks(space: Space) -> Iterator[tuple[int, Whole]]:
    """All networks, some at a time: the number of the first, and a row of parameters for
    each, as whole numbers over `find_unit(space)`; signs are 1 and -1."""
    unit = find_unit(space)
    values = numpy.array([int(weight * unit) for weight in space.weights], object)
    if max(map(abs, values)) < 2**62:
        values = values.astype(numpy.int64)
    bases, signs = find_bases(space), _signs(space)
    size = prod(bases)
    for first in range(0, size, BLOCK):
        numbers = numpy.arange(first, min(first + BLOCK, size))
        columns: list[Whole] = []
        for base, is_sign in reversed(list(zip(bases, signs, strict=True))):
            numbers, digits = numpy.divmod(numbers, base)
            columns.append(1 - 2 * digits if is_sign else values[digits])
        yield first, numpy.stack(columns[::-1], axis=1)


def find_unit(space: Space) -> int:
    """What makes whole numbers of all weights."""
    return lcm(*(weight.denominator for weight in space.weights))


def _signs(space: Space) -> tuple[bool, ...]:
    count = len(find_bases(space))
    if not space.signed:
        return (False,) * count
    return tuple(at % (space.inputs + 2) == 1 for at in range(count))
