"""Ways to find the least loss of one hidden layer, ours and others', on random data.

Each takes a fit and seconds and says the value it found, or why not. Ours counts its
certificate and the kernel's check of it. The others get the same rescaled encoding (signs
instead of outgoing weights): z3 one query for each multiset of signs, ReLUs as z >= 0,
z >= p, (z <= 0 or z <= p); HiGHS a mixed-integer programme, which needs a bound on the
weights (REACH) for its big-M constants and so solves an easier question, in floats.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from itertools import combinations_with_replacement, product
from typing import Any, Final, NamedTuple

import z3

from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.fits import make_fit as make_formula
from verify.kernel.problem import Problem
from verify.solvers.answers import Budget, Unknown
from verify.solvers.linear import LinearProgram, LinearRow, Optimal, solve_linear
from verify.training.optima.fits import Fit, evaluate
from verify.training.optima.optimum import find_optimum
from verify.training.optima.results import Optimum

REACH: Final = Fraction(50)

Finder = Callable[[Fit, float, Fraction | None], "Found"]


class Found(NamedTuple):
    """A value, or why there is none."""

    value: Fraction | None
    reason: str = ""


def make_data(loss: str, count: int, inputs: int, hidden: int, seed: int) -> Fit:
    """Distinct whole points from -5 to 5 and whole targets from -5 to 5 (labels for hinge);
    with one input the points are from -20 to 20."""
    source = random.Random(seed)
    reach = 20 if inputs == 1 else 5
    points: dict[tuple[int, ...], None] = {}
    while len(points) < count:
        points[tuple(source.randint(-reach, reach) for _ in range(inputs))] = None
    targets = [source.randint(-5, 5) for _ in points]
    if loss == "hinge":
        targets = [1 if target > 0 else -1 for target in targets]
    rows = tuple(tuple(map(Fraction, point)) for point in points)
    zeros = (Fraction(0),) * count
    return Fit(loss, rows, tuple(map(Fraction, targets)), zeros, hidden, True)


def find_ours(fit: Fit, seconds: float, _: Fraction | None) -> Found:
    """Search, certificate and the kernel's check of it."""
    found = find_optimum(fit, deadline=time.monotonic() + seconds)
    if found.lower != found.upper:
        return Found(None, found.reason)
    check(*write_certificate(fit, found))
    value = evaluate(fit, found.witness)
    return Found(value) if value == found.upper else Found(None, "a wrong witness")


def write_certificate(fit: Fit, found: Optimum) -> tuple[str, str]:
    """The problem "no parameters have a loss below" and its certificate, as texts."""

    def numerals(row: tuple[Fraction, ...]) -> list[terms.Term]:
        return [terms.make_number(number, terms.REAL) for number in row]

    def numbers(row: tuple[Fraction, ...]) -> list[str]:
        return [f"{number.numerator}/{number.denominator}" for number in row]

    formula = make_formula(
        fit.loss,
        [numerals(point) for point in fit.points],
        numerals(fit.targets),
        numerals(fit.offsets),
        fit.hidden,
        constant=fit.constant,
    )
    goal = terms.instantiate(formula, terms.make_number(found.upper, terms.REAL))
    text = Problem((), (), (), goal).text()
    lines: list[dict[str, Any]] = [
        {
            "format": "verify certificate",
            "version": 1,
            "claim": "proved",
            "problem": sha256(text.encode()).hexdigest(),
        },
        {"text": text},
        {
            "id": 1,
            "rule": "fit",
            "loss": fit.loss,
            "points": [numbers(point) for point in fit.points],
            "targets": numbers(fit.targets),
            "offsets": numbers(fit.offsets),
            "hidden": fit.hidden,
            "constant": fit.constant,
            "bound": str(found.upper),
            "values": [],
            "duals": [list(map(str, dual)) for dual in found.duals],
        },
        {"id": 2, "rule": "goal"},
        {"id": 3, "rule": "clause", "literals": [], "hints": [1, 2]},
    ]
    return text, "".join(json.dumps(line) + "\n" for line in lines)


def _number(value: Fraction) -> Any:
    return z3.Q(value.numerator, value.denominator)


def _encode(solver: Any, fit: Fit, signs: tuple[int, ...]) -> Any:
    """The loss of networks with these signs."""
    constant, errors = z3.Real("c"), []
    for at, point in enumerate(fit.points):
        total = constant
        for unit, sign in enumerate(signs):
            before = z3.Real(f"b{unit}") + z3.Sum(
                [_number(x) * z3.Real(f"w{unit}_{k}") for k, x in enumerate(point)]
            )
            after = z3.Real(f"z{unit}_{at}")
            solver.add(after >= 0, after >= before, z3.Or(after <= 0, after <= before))
            total = total + sign * after
        target = _number(fit.targets[at])
        error = z3.Real("e" if fit.loss == "linf" else f"e{at}")
        if fit.loss == "hinge":
            solver.add(error >= 0, error >= 1 - target * total)
        else:
            solver.add(error >= total - target, error >= target - total)
        errors.append(error)
    return errors[0] if fit.loss == "linf" else z3.Sum(errors)


def find_with_optimize(fit: Fit, seconds: float, _: Fraction | None) -> Found:
    """z3's Optimize, once for each multiset of signs; the least of their values."""
    end, best = time.monotonic() + seconds, None
    for signs in combinations_with_replacement((1, -1), fit.hidden):
        solver = z3.Optimize()
        solver.set("timeout", max(1, int(1000 * (end - time.monotonic()))))
        goal = solver.minimize(_encode(solver, fit, signs))
        if time.monotonic() > end or solver.check() != z3.sat:
            return Found(None, "timeout")
        value = Fraction(solver.lower(goal).as_string())
        best = value if best is None else min(best, value)
    return Found(best)


def refute_with_z3(fit: Fit, seconds: float, value: Fraction | None) -> Found:
    """z3 told the value: that nothing is below it, for each multiset of signs."""
    if value is None:
        return Found(None, "no value to refute")
    end = time.monotonic() + seconds
    for signs in combinations_with_replacement((1, -1), fit.hidden):
        solver = z3.Solver()
        solver.set("timeout", max(1, int(1000 * (end - time.monotonic()))))
        solver.add(_encode(solver, fit, signs) < _number(value))
        if time.monotonic() > end:
            return Found(None, "timeout")
        answer = solver.check()
        if answer != z3.unsat:
            return Found(None, "timeout" if answer == z3.unknown else "a lower loss")
    return Found(value)


class _Rows:
    """A mixed-integer programme in the making."""

    def __init__(self) -> None:
        self.bounds: list[tuple[Fraction | None, Fraction | None]] = []
        self.rows: list[LinearRow] = []
        self.whole: list[int] = []

    def variable(self, low: Fraction | None, high: Fraction | None) -> int:
        self.bounds.append((low, high))
        return len(self.bounds) - 1

    def at_least(self, weights: dict[int, Fraction], lower: Fraction) -> None:
        self.rows.append(LinearRow(tuple(weights.items()), lower))


def find_with_highs(fit: Fit, seconds: float, _: Fraction | None) -> Found:
    """HiGHS with big-M, once for each multiset of signs."""
    end, best = time.monotonic() + seconds, None
    for signs in combinations_with_replacement((1, -1), fit.hidden):
        left = end - time.monotonic()
        if left <= 0:
            return Found(None, "timeout")
        answer = solve_linear(_mixed(fit, signs), Budget(seconds=left))
        if not isinstance(answer, Optimal):
            reason = answer.reason if isinstance(answer, Unknown) else "no values"
            return Found(None, reason)
        best = answer.value if best is None else min(best, answer.value)
    return Found(best)


def _mixed(fit: Fit, signs: tuple[int, ...]) -> LinearProgram:
    made, one = _Rows(), Fraction(1)
    width = len(fit.points[0])
    units = [[made.variable(-REACH, REACH) for _ in range(width + 1)] for _ in signs]
    constant = made.variable(None, None)
    sizes = [REACH * (1 + sum(map(abs, point))) for point in fit.points]
    totals: list[dict[int, Fraction]] = [{constant: one} for _ in fit.points]
    for (at, point), (unit, sign) in product(enumerate(fit.points), enumerate(signs)):
        after = made.variable(Fraction(0), sizes[at])
        on = made.variable(Fraction(0), one)
        made.whole.append(on)
        before = dict(zip(units[unit], (*point, one), strict=True))
        minus = {variable: -weight for variable, weight in before.items()}
        made.at_least({after: one, **minus}, Fraction(0))
        made.at_least({after: -one, **before, on: -sizes[at]}, -sizes[at])
        made.at_least({after: -one, on: sizes[at]}, Fraction(0))
        totals[at][after] = Fraction(sign)
    worst = made.variable(Fraction(0), None)
    errors = []
    for total, target in zip(totals, fit.targets, strict=True):
        error = worst if fit.loss == "linf" else made.variable(Fraction(0), None)
        errors.append(error)
        for side in (target,) if fit.loss == "hinge" else (1, -1):
            sided = {variable: side * weight for variable, weight in total.items()}
            least = one if fit.loss == "hinge" else side * target
            made.at_least({error: one, **sided}, least)
    goal = {worst: one} if fit.loss == "linf" else dict.fromkeys(errors, one)
    return LinearProgram(
        tuple(made.bounds), tuple(made.rows), tuple(goal.items()), frozenset(made.whole)
    )


FINDERS: Final[dict[str, Finder]] = {
    "ours, with certificate": find_ours,
    "z3 told the value": refute_with_z3,
    "z3 Optimize": find_with_optimize,
    "HiGHS big-M": find_with_highs,
}
