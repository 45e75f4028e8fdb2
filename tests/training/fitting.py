"""Fits for tests: made from plain numbers, put to the kernel, and solved by brute force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product
from random import Random
from typing import Any

import numpy
from scipy.optimize import linprog, nnls

from tests.proofs import certify
from verify.kernel import covers, terms
from verify.kernel.check import check
from verify.kernel.fits import make_fit
from verify.kernel.problem import Problem
from verify.kernel.terms import REAL
from verify.training.optima.fits import Fit

Number = int | str | Fraction


def make(
    loss: str,
    points: Iterable[Sequence[Number] | Number],
    targets: Iterable[Number],
    hidden: int,
    *,
    offsets: Iterable[Number] | None = None,
    constant: bool = True,
) -> Fit:
    """A fit; a point may be one number."""
    rows = tuple(
        tuple(map(Fraction, point))
        if isinstance(point, tuple | list)
        else (Fraction(point),)  # type: ignore[arg-type]
        for point in points
    )
    still = (
        tuple(map(Fraction, offsets))
        if offsets is not None
        else (Fraction(0),) * len(rows)
    )
    return Fit(loss, rows, tuple(map(Fraction, targets)), still, hidden, constant)


def require_proof(
    fit: Fit, bound: Fraction, duals: Sequence[Sequence[Fraction]]
) -> None:
    """The kernel accepts that no parameters have a loss below `bound`; else Rejected."""

    def texts(row: Iterable[Fraction]) -> list[str]:
        return [f"{n.numerator}/{n.denominator}" for n in row]

    def numerals(row: Iterable[Fraction]) -> list[terms.Term]:
        return [terms.make_number(n, REAL) for n in row]

    formula = make_fit(
        fit.loss, [numerals(point) for point in fit.points], numerals(fit.targets),
        numerals(fit.offsets), fit.hidden, constant=fit.constant,
    )  # fmt: skip
    goal = terms.instantiate(formula, terms.make_number(bound, REAL))
    text = Problem((), (), (), goal).text()
    fields: dict[str, Any] = {
        "loss": fit.loss, "points": [texts(point) for point in fit.points],
        "targets": texts(fit.targets), "offsets": texts(fit.offsets), "hidden": fit.hidden,
        "constant": fit.constant, "bound": str(bound), "values": [],
        "duals": [[str(n) for n in dual] for dual in duals],
    }  # fmt: skip
    proof = certify(
        text, "proved", {"id": 1, "rule": "fit", **fields}, {"id": 2, "rule": "goal"},
        {"id": 3, "rule": "clause", "literals": [], "hints": [1, 2]},
    )  # fmt: skip
    check(text, proof)


def signed_cones(fit: Fit) -> list[Any]:
    """The rays of each signed cell, one a row, from the kernel's own cells."""
    return [
        numpy.array([[sign * float(value) for value in ray] for ray in cell])
        for cell in covers.make_cells(fit.points)
        for sign in (1, -1)
    ]


def least_squared(fit: Fit) -> float:
    """The least squared loss: a nonnegative least squares problem for every choice."""
    pairs = zip(fit.targets, fit.offsets, strict=True)
    goal = numpy.array([float(target - offset) for target, offset in pairs])
    size = len(goal)
    free = numpy.array([[1.0] * size, [-1.0] * size][: 2 * fit.constant]).reshape(
        -1, size
    )
    return min(
        float(nnls(rows.T, goal)[1] ** 2) if len(rows) else float(goal @ goal)
        for choice in combinations_with_replacement(signed_cones(fit), fit.hidden)
        for rows in [numpy.vstack([free, *choice])]
    )


def least_zero_one(fit: Fit) -> int:
    """The least number of wrong labels: for every choice and every set of points, whether
    a linear programme gets the set right."""
    size = len(fit.points)
    labels = numpy.array([float(target) for target in fit.targets])
    still = numpy.array([float(offset) for offset in fit.offsets])
    ones = numpy.ones((1, size))
    choices = [
        # offsets take part with a factor from 0 on: a cone may be scaled
        numpy.vstack(
            [still[None, :], *([ones, -ones] if fit.constant else []), *choice]
        )
        * labels
        for choice in combinations_with_replacement(signed_cones(fit), fit.hidden)
    ]
    subsets = product((False, True), repeat=size)
    for right in sorted(subsets, key=sum, reverse=True):
        for rows in choices:
            wanted = rows[:, list(right)]
            found = linprog(
                numpy.zeros(len(wanted)), A_ub=-wanted.T, b_ub=-numpy.ones(sum(right))
            )
            if found.status == 0:
                return size - sum(right)
    raise ValueError("being right on no point at all has no condition")


def random_fit(random: Random, loss: str, *, largest: int = 5) -> Fit:
    """A tiny fit: one or two inputs, repeated points, offsets and fractions among them."""
    labelled = loss in ("hinge", "zero_one")
    inputs = random.choice((1, 1, 2))
    size = random.randint(1, largest if inputs == 1 else min(4, largest))
    points = [tuple(random.randrange(4) for _ in range(inputs)) for _ in range(size)]
    targets = [
        random.choice((-1, 1)) if labelled
        else Fraction(random.randrange(-9, 10), random.randint(1, 4))
        for _ in range(size)
    ]  # fmt: skip
    offsets = [
        random.choice((0, 0, random.randrange(-2, 3), Fraction(-1, 3)))
        for _ in range(size)
    ]
    return make(
        loss, points, targets, random.randrange(3), offsets=offsets,
        constant=random.random() < 0.7,
    )  # fmt: skip
