"""Queries for other engines: formulas for z3 and cvc5, a mixed-integer programme for HiGHS.

A cross-check has to differ where it can: these say what each unit is in so many words,
relu as `if z >= 0 then z else 0` or with a binary variable and big-M rows from exact
intervals, and share no bounds and no search with the rest. The weights are exact until the
engine itself rounds them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Unit
from verify.kernel.problem import Fact, Problem
from verify.kernel.terms import REAL, Symbol, Term
from verify.networks.certificates.problems import declare, make_rows_at
from verify.networks.query import Case, Query, Row
from verify.solvers.linear import LinearProgram, LinearRow, Weights

GOAL: Final = "cases"
Interval = tuple[Fraction, Fraction]
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Unencodable(ValueError):
    """A unit that is not piecewise linear."""


def encode_query(query: Query) -> Problem:
    """The problem, without networks, whose premises define a real constant for each unit
    and whose goal is that no case holds.

    The engines look for a model of the premises and the negated goal: a point of a case.
    Raises Unencodable, TooLarge.
    """
    declaration = declare(query.network, "f")
    names = [f"X_{i}" for i in range(declaration.inputs)]
    names += [f"v_{k}" for k in range(len(declaration.units))]
    symbols = [Symbol(name, (), REAL) for name in names]
    variables = [terms.constant(symbol) for symbol in symbols]
    facts = []
    for k, unit in enumerate(declaration.units):
        value = _encode_unit(unit, variables)
        made = terms.make_equal(variables[declaration.inputs + k], value)
        facts.append(Fact("premise", f"unit_{k}", made))
    point = variables[: declaration.inputs]
    outputs = [variables[place] for place in _outputs(declaration, query)]
    cases = [
        terms.make_and(*make_rows_at(case, point, outputs)) for case in query.cases
    ]
    goal = terms.make_not(terms.make_or(*cases))
    return Problem((), tuple(symbols), tuple(facts), goal)


def _outputs(declaration: Declaration, query: Query) -> list[int]:
    return [place for _, place in declaration.outputs[: query.network.outputs]]


def _encode_unit(unit: Unit, variables: list[Term]) -> Term:
    parts = [
        terms.make_product(terms.make_number(weight, REAL), variables[v])
        for v, weight in unit.weights
    ]
    takes = terms.make_sum(terms.make_number(unit.bias, REAL), *parts)
    zero, one, minus = (terms.make_number(Fraction(n), REAL) for n in (0, 1, -1))
    if unit.kind == "linear":
        return takes
    if unit.kind == "relu":
        return terms.make_if(terms.make_at_most(zero, takes), takes, zero)
    if unit.kind == "sign":
        below = terms.make_if(terms.make_less(takes, zero), minus, zero)
        return terms.make_if(terms.make_less(zero, takes), one, below)
    raise Unencodable(f"{unit.kind} is not piecewise linear")


class Mixed(NamedTuple):
    """A programme whose objective is minus the case's first row; the first variables are
    the inputs, and `rows` are the case's, in this order among the programme's last."""

    program: LinearProgram
    rows: int


def encode_mixed(query: Query, case: Case, *, objective: bool = False) -> Mixed:
    """The mixed-integer programme of a case: feasible exactly if the case has a point,
    strict rows taken as weak ones. With `objective`, the first row is not required but
    made as large as possible. Raises Unencodable on anything but relu units.
    """
    declaration = declare(query.network, "f")
    bounds: list[tuple[Fraction | None, Fraction | None]] = list(
        zip(case.lower, case.upper, strict=True)
    )
    ranges = list(zip(case.lower, case.upper, strict=True))
    places = list(range(declaration.inputs))  # declared variable -> column
    rows: list[LinearRow] = []
    whole: set[int] = set()
    for unit in declaration.units:
        takes = tuple((places[v], w) for v, w in unit.weights)
        low, high = _extent(unit, ranges)
        column = len(bounds)
        places.append(column)
        if unit.kind == "linear" or (unit.kind == "relu" and low >= 0):
            ranges.append((low, high))
            bounds.append((low, high))
            rows.append(_less(column, takes, unit.bias, unit.bias))
        elif unit.kind == "relu" and high <= 0:
            ranges.append((ZERO, ZERO))
            bounds.append((ZERO, ZERO))
        elif unit.kind == "relu":
            ranges.append((ZERO, high))
            bounds += [(ZERO, high), (ZERO, ONE)]
            whole.add(column + 1)
            rows.append(_less(column, takes, unit.bias, None))
            # y <= z - low * (1 - on), y <= high * on
            switched = (*takes, (column + 1, low))
            rows.append(_less(column, switched, None, unit.bias - low))
            rows.append(LinearRow(((column, ONE), (column + 1, -high)), None, ZERO))
        else:
            raise Unencodable(f"{unit.kind} is not a relu")
    outputs = [places[place] for place in _outputs(declaration, query)]
    required = case.rows[1:] if objective else case.rows
    aims: Weights = ()
    if objective:
        aims = tuple((v, -w) for v, w in _weights(case.rows[0], outputs))
    rows += [LinearRow(_weights(row, outputs), -row.constant) for row in required]
    program = LinearProgram(tuple(bounds), tuple(rows), aims, frozenset(whole))
    return Mixed(program, len(required))


def _extent(unit: Unit, ranges: list[Interval]) -> Interval:
    low = high = unit.bias
    for v, weight in unit.weights:
        ends = weight * ranges[v][0], weight * ranges[v][1]
        low, high = low + min(ends), high + max(ends)
    return low, high


def _less(
    column: int, takes: Weights, lower: Fraction | None, upper: Fraction | None
) -> LinearRow:
    """lower <= column - takes <= upper."""
    pairs = sorted((v, -w) for v, w in takes)
    return LinearRow((*pairs, (column, ONE)), lower, upper)


def _weights(row: Row, outputs: list[int]) -> Weights:
    return (*row.inputs, *((outputs[k], weight) for k, weight in row.outputs))
