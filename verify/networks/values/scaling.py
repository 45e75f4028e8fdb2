"""Weights as whole numbers over a common denominator, made once a network.

A float is a whole number times a power of two, and so is a matrix of them once all are
shifted to the lowest power. Weights that are not dyadic bring a denominator of their
own. The scaled weights of the last few networks are kept, as points come in hundreds.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import Affine, Network, Numbers

KEPT: Final = 4  # networks whose scaled weights are kept
SPARSE: Final = 0.5  # rows with fewer non-zeros than this share are stored by index
MANTISSA: Final = 53


class Scaled(NamedTuple):
    """Whole numbers over a common denominator."""

    numbers: tuple[int, ...]
    denominator: int


class Line(NamedTuple):
    """A matrix row of whole numbers; `columns` is None when every column counts."""

    columns: tuple[int, ...] | None
    weights: tuple[int, ...]


class Matrix(NamedTuple):
    """Rows over a common denominator."""

    lines: tuple[Line, ...]
    denominator: int


class Block(NamedTuple):
    """An affine layer, scaled."""

    sources: tuple[int, ...]
    matrices: tuple[Matrix, ...]
    bias: Scaled


class _Same:
    """A network as a key: the same object, not an equal one."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.network is self.network


def scale(network: Network) -> tuple[Block | None, ...]:
    """Each affine layer in whole numbers, None for the others.

    Raises ValueError for weights that are not finite.
    """
    return _scale(_Same(network))


@lru_cache(maxsize=KEPT)
def _scale(same: _Same) -> tuple[Block | None, ...]:
    return tuple(
        Block(
            layer.sources,
            tuple(_matrix(matrix) for matrix in layer.matrices),
            _numbers(layer.bias),
        )
        if isinstance(layer, Affine)
        else None
        for layer in same.network.layers
    )


def _matrix(matrix: Numbers) -> Matrix:
    rows, columns = matrix.floats.shape
    scaled = _numbers(matrix)
    lines = []
    for row in range(rows):
        weights = scaled.numbers[row * columns : (row + 1) * columns]
        places = tuple(i for i, weight in enumerate(weights) if weight)
        if len(places) < SPARSE * columns:
            lines.append(Line(places, tuple(weights[i] for i in places)))
        else:
            lines.append(Line(None, weights))
    return Matrix(tuple(lines), scaled.denominator)


def _numbers(numbers: Numbers) -> Scaled:
    """Exact numbers over one denominator; raises ValueError if one is not finite."""
    if numbers.exact is not None:
        return scale_numbers(numbers.exact)
    floats = numbers.floats.ravel()
    if not np.isfinite(floats).all():
        raise ValueError("the network has weights that are not finite")
    fractions, exponents = np.frexp(floats)
    whole = np.ldexp(fractions, MANTISSA).astype(np.int64)
    lowest = whole & -whole  # the last set bit: trailing zeros need no denominator
    trailing = np.frexp(lowest.astype(np.float64))[1] - 1
    shifts = np.where(whole == 0, 0, exponents - MANTISSA + np.maximum(trailing, 0))
    least = min(int(shifts.min(initial=0)), 0)
    odd = np.where(whole == 0, 0, whole >> np.maximum(trailing, 0))
    ups = (shifts - least).tolist()
    made = tuple(number << up for number, up in zip(odd.tolist(), ups, strict=True))
    return Scaled(made, 1 << -least)


def scale_numbers(values: Iterable[Fraction]) -> Scaled:
    """Fractions over their least common denominator."""
    known = tuple(values)
    denominator = lcm(*(value.denominator for value in known))
    return Scaled(
        tuple(v.numerator * (denominator // v.denominator) for v in known), denominator
    )
