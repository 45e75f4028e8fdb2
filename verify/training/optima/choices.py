"""Signed cells, from which a network of one hidden layer picks one for each of its units.

On a choice of them its outputs form a cone. A dual vector serves every choice from the
cells it is good for, that is, whose rays it has no positive product with. The kernel does
the same sums by itself (`verify/kernel/covers.py`), so nothing rests on these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import gcd
from operator import mul
from typing import NamedTuple

from verify.training.optima.cells import Cells
from verify.training.optima.fits import Fit, Parameters, Unit

Vector = tuple[int, ...]


class SignedCell(NamedTuple):
    """A sign, and the rays of a cell: places of directions, which are what a unit gives at
    the points times the sign, and the (w_1..w_d, b) that gives exactly that."""

    sign: int
    directions: tuple[int, ...]
    parameters: tuple[tuple[Fraction, ...], ...]


class Signed(NamedTuple):
    """Signed cells, none of them inside another; directions are primitive integers."""

    directions: tuple[Vector, ...]
    cells: tuple[SignedCell, ...]


def make_signed(cells: Cells) -> Signed:
    """The cells with both signs. Rays on which the unit is 0 at every point add nothing;
    a cell whose directions all belong to another is served whenever that one is."""
    numbered: dict[Vector, int] = {}
    found: dict[frozenset[int], SignedCell] = {}
    for cell, sign in product(cells.cells, (1, -1)):
        rays: dict[int, tuple[Fraction, ...]] = {}
        for ray in cell.rays:
            values = cells.values[ray]
            common = sign * gcd(*values)
            if common:
                direction = tuple(value // common for value in values)
                place = numbered.setdefault(direction, len(numbered))
                factor = Fraction(cells.scale, abs(common))
                rays[place] = tuple(factor * number for number in cells.rays[ray])
        made = SignedCell(sign, tuple(rays), tuple(rays.values()))
        found.setdefault(frozenset(rays), made)
    kept = [rays for rays in found if not any(rays < other for other in found)]
    return Signed(tuple(numbered), tuple(found[rays] for rays in kept))


def find_good(signed: Signed, dual: Sequence[int]) -> tuple[int, ...]:
    """The cells that this vector is good for: its product with each ray is at most 0."""
    wrong = {
        number
        for number, direction in enumerate(signed.directions)
        if sum(map(mul, dual, direction)) > 0
    }
    return tuple(
        number
        for number, cell in enumerate(signed.cells)
        if wrong.isdisjoint(cell.directions)
    )


def make_parameters(
    fit: Fit,
    signed: Signed,
    choice: Sequence[int],
    shares: Mapping[int, Fraction],
    constant: Fraction,
) -> Parameters:
    """The network with one unit in each cell of the choice, whose outputs are these shares
    of directions together. Where cells have a ray in common, the first takes its share;
    units that are not chosen do nothing."""
    size = len(fit.points[0]) + 1
    left = dict(shares)
    units = []
    for cell in map(signed.cells.__getitem__, choice):
        total = [Fraction(0)] * size
        for place, along in zip(cell.directions, cell.parameters, strict=True):
            share = left.pop(place, Fraction(0))
            total = [t + share * p for t, p in zip(total, along, strict=True)]
        units.append(Unit(cell.sign, tuple(total[:-1]), total[-1]))
    idle = Unit(1, (Fraction(0),) * (size - 1), Fraction(0))
    units += [idle] * (fit.hidden - len(units))
    return Parameters(constant, tuple(units))
