"""The kernel's word for a ray: from some step on, the loss is at least a + s * t, with s > 0.

    T0 <= T  ->  a + s * T  <=  the part of the loss that grows, at f(start + T * direction)

of a constant T of which nothing is known. Far out on a ray every relu keeps its sign, so
the network is affine in T there; T0 lies behind the last change of a sign, and one cell,
in which each relu's sign is shown from those before it, proves the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Any, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Unit, read_program
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import write_term
from verify.networks.certificates.certify import read_hypothesis
from verify.networks.certificates.problems import TooLarge, declare
from verify.networks.network import Network
from verify.shift.losses import Linear
from verify.shift.regions import Point, Region
from verify.solvers.prooflog import write_certificate

ZERO: Final = Fraction(0)
STEP: Final = Symbol("T", (), REAL)

Line = tuple[Fraction, Fraction]  # constant and slope, over T


class Course(NamedTuple):
    """From `begin` on, what grows is constant + slope * T, with a slope above 0; `text` is
    the certificate."""

    begin: Fraction
    constant: Fraction
    slope: Fraction
    text: str


def prove_ray(
    network: Network, start: Point, direction: Point, growing: Linear
) -> Course | None:
    """The course of `growing`, linear in the network's outputs, along a ray; None where it
    does not grow, or is too large or too long for a certificate."""
    try:
        declaration = declare(network, "f")
    except TooLarge:
        return None
    ends = list(zip(start, direction, strict=True))
    lines, begin = _follow(declaration.units, ends)
    constant, slope = growing.constant, ZERO
    for weight, (_, variable) in zip(growing.weights, declaration.outputs, strict=True):
        constant += weight * lines[variable][0]
        slope += weight * lines[variable][1]
    if slope <= 0:
        return None
    course = Course(Fraction(ceil(begin)), constant, slope, "")
    problem = make_problem(network, start, direction, growing, course)
    text = _write(problem, start, direction, growing, course)
    try:
        check(problem.text(), text)
    except Rejected:  # numbers that were rounded; what is not accepted is not shown
        return None
    return course._replace(text=text)


def make_problem(
    network: Network, start: Point, direction: Point, growing: Linear, course: Course
) -> Problem:
    """The problem of a ray's certificate, from the question and the numbers alone."""
    declaration = declare(network, "f")
    values = _apply(declaration, start, direction)
    given, bound = _parts(values, growing, course)
    goal = terms.make_implies(given, bound)
    return Problem((), (STEP,), (), goal, (declaration,))


def stays_inside(region: Region, start: Point, direction: Point) -> bool:
    """Whether every point of a ray lies in a region."""
    sides = zip(region.lower, direction, region.upper, strict=True)
    return (
        region.contains(start)
        and all(
            (low is None or d >= 0) and (high is None or d <= 0)
            for low, d, high in sides
        )
        and all(half.value(direction) >= half.constant for half in region.halves)
    )


def _number(value: Fraction) -> Term:
    return terms.make_number(value, REAL)


def _sum(constant: Fraction, pairs: Sequence[tuple[Fraction, Term]]) -> Term:
    parts = [
        term if weight == 1 else terms.make_product(_number(weight), term)
        for weight, term in pairs
        if weight
    ]
    if constant or not parts:
        parts.append(_number(constant))
    return terms.make_sum(*parts)


def _apply(declaration: Declaration, start: Point, direction: Point) -> list[Term]:
    step = terms.constant(STEP)
    point = [_sum(x, [(d, step)]) for x, d in zip(start, direction, strict=True)]
    return [terms.make_application(s, point) for s, _ in declaration.functions()]


def _parts(
    values: Sequence[Term], growing: Linear, course: Course
) -> tuple[Term, Term]:
    step = terms.constant(STEP)
    grown = _sum(growing.constant, list(zip(growing.weights, values, strict=True)))
    least = _sum(course.constant, [(course.slope, step)])
    given = terms.make_at_most(_number(course.begin), step)
    return given, terms.make_at_most(least, grown)


def _follow(
    units: Sequence[Unit], inputs: Sequence[Line]
) -> tuple[list[Line], Fraction]:
    """What the inputs and units are far out, and where the last relu changes its sign."""
    lines, begin = list(inputs), ZERO
    for unit in units:
        constant, slope = unit.bias, ZERO
        for variable, weight in unit.weights:
            constant += weight * lines[variable][0]
            slope += weight * lines[variable][1]
        if unit.kind == "relu":
            if slope:
                begin = max(begin, -constant / slope)
            if slope < 0 or (not slope and constant < 0):
                constant, slope = ZERO, ZERO
        lines.append((constant, slope))
    return lines, begin


def _write(
    problem: Problem,
    start: Point,
    direction: Point,
    growing: Linear,
    course: Course,
) -> str:
    (declaration,) = problem.networks
    given, bound = _parts(_apply(declaration, start, direction), growing, course)
    literals = [given, terms.make_not(bound)]
    known = [read_hypothesis(literal, {}) for literal in literals]
    program = read_program([terms.constant(STEP)], (declaration,), known)
    lines, _ = _follow(program.units, [(ZERO, Fraction(1))])
    # from above where a relu stays off, else from below
    tightenings: list[Any] = [
        [number, 1 if lines[number] == (ZERO, ZERO) else -1, [], [], []]
        for number, unit in enumerate(program.units, 1)
        if unit.kind == "relu"
    ]
    strict = next(k for k, row in enumerate(program.rows) if row.strict)
    leaf = ["leaf", tightenings, [[strict, 1]], [], []]
    steps: list[dict[str, Any]] = [
        {"id": 1, "rule": "goal"},
        {"id": 2, "rule": "define", "formula": write_term(problem.goal)},
        {
            "id": 3, "rule": "network", "inputs": [STEP.name],
            "literals": list(map(write_term, literals)), "tree": [leaf],
        },
        {"id": 4, "rule": "clause", "literals": [], "hints": [1, 2, 3]},
    ]  # fmt: skip
    return write_certificate(problem, "proved", steps)
