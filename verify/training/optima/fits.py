"""Fitting data with one hidden layer of ReLUs: the question, its parameters, its loss.

The outgoing weight of a unit can be moved into it up to its sign, v*relu(u) being
sign(v)*relu(|v|*u); so a network is a constant and units that are added or taken away.
Everything here is exact.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

LOSSES: Final = ("l1", "squared", "linf", "hinge", "zero_one")
LABELLED: Final = ("hinge", "zero_one")


class Fit(NamedTuple):
    """Data (points of length d, targets, what is already added to each output), a loss,
    and the networks to fit with: `hidden` units, with or without a constant."""

    loss: str
    points: tuple[tuple[Fraction, ...], ...]
    targets: tuple[Fraction, ...]
    offsets: tuple[Fraction, ...]
    hidden: int
    constant: bool


class Unit(NamedTuple):
    """sign * relu(weights . x + bias), with sign 1 or -1."""

    sign: int
    weights: tuple[Fraction, ...]
    bias: Fraction


class Parameters(NamedTuple):
    """The constant (0 where the fit has none) and as many units as the fit says."""

    constant: Fraction
    units: tuple[Unit, ...]


def check_fit(fit: Fit) -> None:
    """Raises ValueError for a fit that has no meaning, saying what is wrong and where."""
    if fit.loss not in LOSSES:
        raise ValueError(
            f"unknown loss {fit.loss!r}; the losses are {', '.join(LOSSES)}"
        )
    if not fit.points:
        raise ValueError("the data set is empty; give it at least one point")
    if fit.hidden < 0:
        raise ValueError(f"{fit.hidden} hidden units: give 0 or more")
    for name, column in (("targets", fit.targets), ("offsets", fit.offsets)):
        if len(column) != len(fit.points):
            raise ValueError(
                f"{len(fit.points)} points but {len(column)} {name}; give one a point"
            )
    for place, point in enumerate(fit.points, 1):
        if len(point) != len(fit.points[0]):
            raise ValueError(
                f"point {place} has {len(point)} coordinates, "
                f"but the first has {len(fit.points[0])}"
            )
    if fit.loss in LABELLED:
        for place, target in enumerate(fit.targets, 1):
            if target not in (1, -1):
                raise ValueError(
                    f"point {place} has the label {target}; {fit.loss} needs 1 or -1"
                )


def check_parameters(fit: Fit, parameters: Parameters) -> None:
    """Raises ValueError unless these are parameters of the fit's networks."""
    if len(parameters.units) != fit.hidden:
        raise ValueError(f"{len(parameters.units)} units for {fit.hidden} hidden ones")
    if parameters.constant and not fit.constant:
        raise ValueError("a constant in a network that has none")
    width = len(fit.points[0])
    for place, unit in enumerate(parameters.units, 1):
        if unit.sign not in (1, -1):
            raise ValueError(f"unit {place} has the sign {unit.sign}, not 1 or -1")
        if len(unit.weights) != width:
            raise ValueError(
                f"unit {place} has {len(unit.weights)} weights for {width} inputs"
            )


def outputs(fit: Fit, parameters: Parameters) -> tuple[Fraction, ...]:
    """What the network gives at each point, offsets included."""
    check_parameters(fit, parameters)
    found = []
    for point, offset in zip(fit.points, fit.offsets, strict=True):
        total = offset + parameters.constant
        for unit in parameters.units:
            before = unit.bias + sum(
                (w * x for w, x in zip(unit.weights, point, strict=True)), Fraction(0)
            )
            total += unit.sign * max(Fraction(0), before)
        found.append(total)
    return tuple(found)


def evaluate(fit: Fit, parameters: Parameters) -> Fraction:
    """The exact loss of these parameters."""
    check_fit(fit)
    pairs = list(zip(outputs(fit, parameters), fit.targets, strict=True))
    match fit.loss:
        case "l1":
            return sum((abs(g - y) for g, y in pairs), Fraction(0))
        case "squared":
            return sum(((g - y) ** 2 for g, y in pairs), Fraction(0))
        case "linf":
            return max(abs(g - y) for g, y in pairs)
        case "hinge":
            return sum((max(Fraction(0), 1 - y * g) for g, y in pairs), Fraction(0))
        case "zero_one":
            return Fraction(sum(y * g <= 0 for g, y in pairs))
        case _:
            raise ValueError(f"unknown loss {fit.loss!r}")
