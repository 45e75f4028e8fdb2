"""The rules about learned systems: networks, extrema, totals, and fits to data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.certificate import rationals, strings
from verify.kernel.counting import holds_in_all_cases
from verify.kernel.covers import (
    check_cover,
    common_duals,
    good_duals,
    make_cells,
    meets_all,
)
from verify.kernel.fits import Data, check_labels, kappa, make_fit, support
from verify.kernel.networks import read_program
from verify.kernel.normal import normal
from verify.kernel.quantities import (
    Extremum,
    Total,
    add_up,
    bound_clauses,
    find_quantity,
    symbol_of,
)
from verify.kernel.rejections import Rejected, require
from verify.kernel.steps import Clause, Rule, Step, hypotheses
from verify.kernel.terms import REAL, Term
from verify.kernel.text import read_rational
from verify.kernel.trees import check_tree


def check_network(step: Step) -> Iterator[Clause]:
    clause, known = hypotheses(step)
    texts = strings(step.record["inputs"])
    inputs = [normal(step.read(text), step.normals) for text in texts]
    program = read_program(inputs, step.problem.networks, known)
    check_tree(program, step.record["tree"])
    yield clause


def check_extremum(step: Step) -> Iterator[Clause]:
    extremum = find_quantity(step.problem.quantities, step.record["name"])
    if not isinstance(extremum, Extremum):
        raise Rejected("an infimum or a supremum", "a total")
    yield from bound_clauses(extremum, step.term("bound"), step.term("other"))


def check_total(step: Step) -> Iterator[Clause]:
    total = find_quantity(step.problem.quantities, step.record["name"])
    if not isinstance(total, Total):
        raise Rejected("a total", "an infimum or a supremum")
    values = _read_values(step)
    value = terms.make_number(add_up(total, values), REAL)
    own = terms.constant(symbol_of(total))
    yield *_apart(values), terms.make_equal(own, value)


def check_cases(step: Step) -> Iterator[Clause]:
    formula, values = step.term("formula"), _read_values(step)
    fine = holds_in_all_cases(formula, values)
    require(fine, "a formula that holds in each case", "one that does not")
    yield *_apart(values), formula


def check_fit(step: Step) -> Iterator[Clause]:
    record, read = step.record, step.read
    values = _read_values(step)
    points = [[read(text) for text in strings(row)] for row in _rows(record["points"])]
    targets, offsets = (
        [read(text) for text in strings(record[name])]
        for name in ("targets", "offsets")
    )
    bound = read_rational(record["bound"])
    hidden, constant = record["hidden"], record["constant"]
    formula = make_fit(
        record["loss"], points, targets, offsets, hidden, constant=constant
    )
    data = Data(
        record["loss"],
        tuple(_numbers(point, values) for point in points),
        _numbers(targets, values),
        _numbers(offsets, values),
    )
    duals = [tuple(rationals(row)) for row in _rows(record["duals"])]
    _check_bound(data, duals, bound, hidden, constant=constant)
    number = terms.make_number(bound, REAL)
    yield *_apart(values), terms.instantiate(formula, number)


def _rows(value: list[Any]) -> list[list[Any]]:
    require(all(type(row) is list for row in value), "a list of lists", "other items")
    return value


def _read_values(step: Step) -> dict[Term, Fraction]:
    """What the step takes terms to be equal to; each is a literal of its clause."""
    values: dict[Term, Fraction] = {}
    for row in _rows(step.record["values"]):
        require(len(row) == 2, "pairs of a term and a number", f"{len(row)} items")
        text, number = strings(row)
        values[step.read(text)] = read_rational(number)
    return values


def _apart(values: Mapping[Term, Fraction]) -> Clause:
    """That some term is not equal to its value."""
    return tuple(
        terms.make_not(terms.make_equal(term, terms.make_number(value, REAL)))
        for term, value in values.items()
    )


def _numbers(row: list[Term], values: Mapping[Term, Fraction]) -> tuple[Fraction, ...]:
    """The numbers that these terms are, or are taken to be."""
    found = [values.get(term, term.value) for term in row]
    exact = tuple(value for value in found if isinstance(value, Fraction))
    require(len(exact) == len(row), "numerals, or terms with values", "another term")
    return exact


def _check_bound(
    data: Data,
    duals: list[tuple[Fraction, ...]],
    bound: Fraction,
    hidden: int,
    *,
    constant: bool,
) -> None:
    """Require that no parameters give a loss below the bound."""
    check_labels(data)
    if bound <= 0:  # losses are never negative
        return
    for dual in duals:
        balanced = not constant or sum(dual) == 0
        require(balanced, "dual vectors of sum 0, for the constant", "another sum")
    whole = (1 << len(duals)) - 1
    if data.loss == "zero_one":
        sets = good_duals(make_cells(data.points), duals)
        supports = [support(data, dual) for dual in duals]
        _check_wrong(supports, common_duals(sets, whole, hidden), bound)
        return
    for dual in duals:
        value = kappa(data, dual)
        require(value >= bound, f"dual vectors of value {bound}", value)
    check_cover(good_duals(make_cells(data.points), duals), whole, hidden)


def _check_wrong(supports: list[int], choices: Iterable[int], bound: Fraction) -> None:
    """Require that `bound` points or more are wrong, whichever duals are the good ones."""
    size, tried = -(-bound.numerator // bound.denominator), count()
    for common in choices:
        good = (s for place, s in enumerate(supports) if common >> place & 1)
        fine = meets_all(good, size, tried)
        require(fine, f"{size} wrong points for each choice of cells", "fewer")


VALUES: Final = {"values": list}
FIT: Final = {
    "loss": str, "points": list, "targets": list, "offsets": list, "hidden": int,
    "constant": bool, "bound": str, "values": list, "duals": list,
}  # fmt: skip
LEARNED: Final[dict[str, Rule]] = {
    "network": Rule(
        check_network,
        {"inputs": list, "literals": list, "tree": list},
        "Katz 2017, Ehlers 2017; duality",
    ),
    "extremum": Rule(
        check_extremum, {"name": str, "bound": str, "other": str}, "Dedekind 1872"
    ),
    "total": Rule(check_total, {"name": str, **VALUES}, "addition"),
    "cases": Rule(check_cases, {"formula": str, **VALUES}, "case by case"),
    "fit": Rule(check_fit, FIT, "Fenchel 1949, Arora 2018"),
}
