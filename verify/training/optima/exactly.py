"""One choice of cells decided without floats, for when they lead nowhere.

Either some dual vector that is good for the cells proves the bound, or the multipliers of
the conflict are a network in them with a loss below it: the two sides of one linear
programme (Farkas), both found by the exact simplex of the solvers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verify.solvers.simplex import Conflict, Form, Simplex
from verify.training.optima.choices import Signed
from verify.training.optima.fits import Fit, Parameters
from verify.training.optima.programs import Column, make_columns, make_network
from verify.training.optima.results import Dual

Limit = tuple[str, dict[int, Fraction], Fraction]  # kind, form, constant


def decide_choice(
    fit: Fit, signed: Signed, choice: Sequence[int], bound: Fraction
) -> Dual | Parameters | None:
    """A dual vector good for these cells that proves `bound`, or a network in them with a
    smaller loss. None is never right, and means that the network found was in no cell."""
    columns = make_columns(fit)
    directions = sorted({k for cell in choice for k in signed.cells[cell].directions})
    limits = [_direction(columns, signed.directions[k]) for k in directions]
    limits += _rules(fit, columns)
    prices = {at: c.price for at, c in enumerate(columns) if c.price}
    limits.append((">=", prices, -bound))
    solver = Simplex()
    for _ in columns:
        solver.variable()
    conflict = None
    for literal, (kind, form, constant) in enumerate(limits):
        conflict = solver.assert_literal(literal, kind, form, constant)
        if conflict:
            break
    conflict = conflict or solver.check()
    if conflict is None:
        return _dual(fit, columns, solver.solution())
    return _network(fit, signed, choice, directions, conflict, len(limits) - 1)


def _direction(columns: Sequence[Column], direction: Sequence[int]) -> Limit:
    """The dual's product with a direction is at most 0."""
    form = {
        at: Fraction(-column.factor * direction[column.point])
        for at, column in enumerate(columns)
        if direction[column.point]
    }
    return ">=", form, Fraction(0)


def _rules(fit: Fit, columns: Sequence[Column]) -> list[Limit]:
    """The sum where there is a constant, and the box of the loss."""
    limits: list[Limit] = []
    if fit.constant:
        total: Form = {at: Fraction(c.factor) for at, c in enumerate(columns)}
        limits.append(("=", dict(total), Fraction(0)))
    if fit.loss == "linf":
        total = {at: Fraction(-1) for at in range(len(columns))}
        limits.append((">=", dict(total), Fraction(1)))
    for at, column in enumerate(columns):
        limits.append((">=", {at: Fraction(1)}, Fraction(-column.low)))
        limits.append((">=", {at: Fraction(-1)}, Fraction(column.high)))
    return limits


def _dual(fit: Fit, columns: Sequence[Column], values: Sequence[Fraction]) -> Dual:
    dual = [Fraction(0)] * len(fit.points)
    for column, value in zip(columns, values[: len(columns)], strict=True):
        dual[column.point] += column.factor * value
    return tuple(dual)


def _network(
    fit: Fit,
    signed: Signed,
    choice: Sequence[int],
    directions: Sequence[int],
    conflict: Conflict,
    goal: int,
) -> Parameters | None:
    """The conflict says: so much of the directions and of the constant, and the box, keep
    the price below the bound. Divided by the multiplier of the bound, that is a network."""
    multipliers = dict(conflict.multipliers)
    weight = multipliers.get(goal, Fraction(0))
    if not weight:
        return None
    shares = {
        (direction, 1): multipliers[literal] / weight
        for literal, direction in enumerate(directions)
        if multipliers.get(literal)
    }
    constant = Fraction(0)
    if fit.constant:
        constant = -multipliers.get(len(directions), Fraction(0)) / weight
    places = [(direction, 1) for direction in range(len(signed.directions))]
    width = len(fit.points[0])
    return make_network(signed, choice, constant, shares, places, width)
