"""The best dual vector for a choice of cells, and the best network in it: one programme.

For l1, linf and hinge the dual vectors of a choice are the points of a polytope: a box that
depends on the loss, and a row for each direction of the cells. Floats find the vertex; its
basis is solved again in whole numbers, once for the dual vector and once, transposed, for
the network. Both are judged by their exact value afterwards, never by the floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from operator import mul
from typing import Final, NamedTuple

import numpy

from verify.training.optima.choices import Signed
from verify.training.optima.fits import Fit, Parameters, Unit
from verify.training.optima.results import Dual
from verify.training.optima.solving import solve_square
from verify.training.optima.tableau import Floats, Numbers, Tableau

ZERO: Final = Fraction(0)


class Column(NamedTuple):
    """A variable of the programme: it adds `factor` times itself to the dual at a point."""

    point: int
    factor: int
    low: int
    high: int
    price: Fraction


def make_columns(fit: Fit) -> tuple[Column, ...]:
    """The dual vectors of a loss as sums of columns, each within its bounds."""
    columns = []
    for at, (y, o) in enumerate(zip(fit.targets, fit.offsets, strict=True)):
        match fit.loss:
            case "l1":
                columns.append(Column(at, 1, -1, 1, y - o))
            case "linf":
                columns.append(Column(at, 1, 0, 1, y - o))
                columns.append(Column(at, -1, 0, 1, o - y))
            case "hinge":
                columns.append(Column(at, int(y), 0, 1, 1 - y * o))
            case _:
                raise ValueError(f"the loss {fit.loss!r} is not piecewise linear")
    return tuple(columns)


class Program:
    """The programme of a fit, asked for one choice of signed cells after another. Its float
    values are losses over `unit`, the greatest price, so that they are neither far nor near.

    Its rows are the directions, once for a direction and its opposite; then the sum of
    the dual where there is a constant; then, for linf, the sum of the columns.
    """

    def __init__(self, fit: Fit, signed: Signed) -> None:
        self.fit, self.signed = fit, signed
        self.columns = make_columns(fit)
        self.unit = max((abs(c.price) for c in self.columns), default=ZERO) or Fraction(
            1
        )
        self._number_rows()
        self._make_tableau()

    def _number_rows(self) -> None:
        """Rows for directions, and for each cell its rows and which way they are limited;
        shorter cells are filled up with their first row."""
        numbers: dict[tuple[int, ...], int] = {}
        self.places: list[tuple[int, int]] = []  # of each direction: row and sign
        for direction in self.signed.directions:
            opposite = tuple(-value for value in direction)
            if opposite in numbers:
                self.places.append((numbers[opposite], -1))
            else:
                self.places.append((numbers.setdefault(direction, len(numbers)), 1))
        self.directions = tuple(numbers)
        cells = [
            [self.places[k] for k in cell.directions] for cell in self.signed.cells
        ]
        width = max((len(cell) for cell in cells), default=0)
        filled = [[*cell, *cell[:1] * (width - len(cell))] for cell in cells]
        table = numpy.array(filled, dtype=int).reshape(len(cells), width, 2)
        self.cell_rows: Numbers = table[:, :, 0]
        self.cell_signs: Numbers = table[:, :, 1]

    def _make_tableau(self) -> None:
        points = len(self.fit.points)
        shape = numpy.zeros((points, len(self.columns)))
        for at, column in enumerate(self.columns):
            shape[column.point, at] = column.factor
        # divided as whole numbers, which may be too large for floats
        tops = [max(map(abs, row)) for row in self.directions]
        pairs = zip(self.directions, tops, strict=True)
        shares = [[value / top for value in row] for row, top in pairs]
        rows = numpy.array(shares).reshape(len(shares), points)
        rows /= numpy.linalg.norm(rows, axis=1)[:, None]
        self.rows: Floats = rows
        fixed: list[tuple[Floats, float, float]] = []
        if self.fit.constant:
            fixed.append((shape.sum(axis=0), 0.0, 0.0))
        if self.fit.loss == "linf":
            fixed.append((numpy.ones(len(self.columns)), -numpy.inf, 1.0))
        count = len(rows)
        low, high = (
            numpy.full(count + len(fixed), sign * numpy.inf) for sign in (-1, 1)
        )
        for at, (_, least, most) in enumerate(fixed, count):
            low[at], high[at] = least, most
        self.tableau = Tableau(
            numpy.vstack([rows @ shape, *(row for row, _, _ in fixed)]),
            numpy.array([float(column.price / self.unit) for column in self.columns]),
            (
                numpy.array([float(column.low) for column in self.columns]),
                numpy.array([float(column.high) for column in self.columns]),
            ),
            (low, high),
        )

    def weights(self, row: int) -> list[int]:
        """The whole-number weights of a row of the tableau."""
        if row < len(self.directions):
            direction = self.directions[row]
            return [column.factor * direction[column.point] for column in self.columns]
        if row == len(self.directions) and self.fit.constant:
            return [column.factor for column in self.columns]
        return [1] * len(self.columns)

    def begin(self, choice: Iterable[int]) -> float:
        """The best value over dual vectors that are good for these cells, over `unit`."""
        self.tableau.reset()
        for cell in choice:
            self.limit(cell)
        return self.tableau.run()

    def limit(self, cell: int) -> None:
        """Demand that the dual be good for one more cell."""
        rows, signs = self.cell_rows[cell], self.cell_signs[cell]
        self.tableau.limit_above(rows[signs > 0])
        self.tableau.limit_below(rows[signs < 0])

    def broken(self) -> Floats:
        """For each cell how far the dual is from being good for it."""
        values = self.tableau.everything()[self.tableau.columns :]
        return (self.cell_signs * values[self.cell_rows]).max(axis=1, initial=0.0)

    def dual(self) -> Dual | None:
        """The dual vector at this vertex, exactly; None when the basis has no solution."""
        loose = self.tableau.loose()
        whole = [
            column.high if at_high else column.low
            for column, at_high in zip(self.columns, self._at_high(), strict=True)
        ]
        for at in loose:
            whole[at] = 0
        rows, right = [], []
        for row, side in self.tableau.tight():
            weights = self.weights(row)
            rows.append([weights[at] for at in loose])
            right.append(round(side) - sum(map(mul, weights, whole)))
        solved = solve_square(rows, right)
        if solved is None:
            return None
        values = list(map(Fraction, whole))
        for at, value in zip(loose, solved, strict=True):
            values[at] = value
        dual = [Fraction(0)] * len(self.fit.points)
        for column, value in zip(self.columns, values, strict=True):
            dual[column.point] += column.factor * value
        return tuple(dual)

    def _at_high(self) -> list[bool]:
        found = self.tableau.everything()[: len(self.columns)]
        return [
            bool(value > (column.low + column.high) / 2)
            for value, column in zip(found, self.columns, strict=True)
        ]

    def parameters(self, choice: Sequence[int]) -> Parameters | None:
        """The best network in the cells of `choice`, which the programme was asked for
        last; None when the basis has no solution or shows none."""
        loose = self.tableau.loose()
        tight = [row for row, _ in self.tableau.tight()]
        scale = lcm(*(column.price.denominator for column in self.columns))
        weights = {row: self.weights(row) for row in tight}
        solved = solve_square(
            [[weights[row][at] for row in tight] for at in loose],
            [int(self.columns[at].price * scale) for at in loose],
        )
        if solved is None:
            return None
        shares = {
            row: value / scale
            for row, value in zip(tight, solved, strict=True)
            if value
        }
        constant = Fraction(0)
        if self.fit.constant:
            constant = shares.pop(len(self.directions), constant)
        return make_network(
            self.signed,
            choice,
            constant,
            {
                (row, 1 if value > 0 else -1): abs(value)
                for row, value in shares.items()
                if row < len(self.directions)
            },
            self.places,
            len(self.fit.points[0]),
        )


def make_network(
    signed: Signed,
    choice: Sequence[int],
    constant: Fraction,
    shares: dict[tuple[int, int], Fraction],
    places: Sequence[tuple[int, int]],
    inputs: int,
) -> Parameters | None:
    """Units in these cells whose outputs add up to `shares` of the rows and signs that
    `places` gives the directions; None when a share fits none of the cells."""
    units = []
    left = dict(shares)
    for number in choice:
        cell = signed.cells[number]
        total = [Fraction(0)] * (inputs + 1)
        for direction, source in zip(cell.directions, cell.parameters, strict=True):
            share = left.pop(places[direction], None)
            if share is not None:
                total = [a + share * b for a, b in zip(total, source, strict=True)]
        units.append(Unit(cell.sign, tuple(total[:-1]), total[-1]))
    return None if left else Parameters(constant, tuple(units))
