"""A proof by hand: one hidden relu fits three points no better than absolute loss 1."""

from __future__ import annotations

from fractions import Fraction

from tests.proofs import Line
from verify.kernel import terms
from verify.kernel.fits import make_fit
from verify.kernel.problem import Problem
from verify.kernel.quantities import Extremum, symbol_of
from verify.kernel.terms import REAL, Term
from verify.kernel.text import write_term

POINTS, TARGETS = ("0/1", "1/1", "2/1"), ("0/1", "1/1", "0/1")
WITNESS = ("0/1", "1/1", "0/1", "0/1")  # the constant 0, and a unit that does nothing
DUALS = [["-1/2", "1", "-1/2"], ["-1", "1", "0"], ["0", "1", "-1"]]


def number(value: str | Fraction) -> Term:
    return terms.make_number(Fraction(value), REAL)


FORMULA = make_fit(
    "l1",
    [[number(x)] for x in POINTS],
    [number(y) for y in TARGETS],
    [number("0")] * 3,
    1,
    constant=True,
)
BEST = Extremum("best", FORMULA)
OWN = terms.constant(symbol_of(BEST))


def bounds(bound: Term) -> Term:
    """That the loss is never below a number."""
    return terms.instantiate(FORMULA, bound)


def at_witness(bound: Term) -> Term:
    found = bounds(bound)
    for value in WITNESS:
        found = terms.instantiate(found, number(value))
    return found


LOSS = at_witness(number("2")).args[1]
PROBLEM = Problem((), (), (), terms.make_equal(OWN, number("1")), (), (BEST,))


def fit(**changes: object) -> dict[str, object]:
    """The fields of the step that bounds the loss."""
    return {
        "loss": "l1", "points": [[x] for x in POINTS], "targets": [*TARGETS],
        "offsets": ["0/1"] * 3, "hidden": 1, "constant": True, "bound": "1",
        "values": [], "duals": DUALS, **changes,
    }  # fmt: skip


def steps(**changes: object) -> list[Line]:
    """The whole proof that the best loss is 1, with changes of its first step."""
    equal = write_term(terms.make_equal(LOSS, number("1")))
    above = terms.make_less(number("1"), OWN)
    lines: list[tuple[str, dict[str, object]]] = [
        ("fit", fit(**changes)),
        ("cases", {
            "formula": write_term(terms.make_not(at_witness(number("2")))), "values": [],
        }),
        ("instance", {
            "formula": write_term(bounds(number("2"))), "terms": [*WITNESS],
        }),
        ("extremum", {"name": "best", "bound": "1/1", "other": "2/1"}),
        ("instance", {"formula": write_term(bounds(OWN)), "terms": [*WITNESS]}),
        ("cases", {"formula": equal, "values": []}),
        ("farkas", {
            "literals": [equal, write_term(at_witness(OWN)), write_term(above)],
            "multipliers": ["-1", "1", "1"],
        }),
        ("trichotomy", {"left": "best", "right": "1/1"}),
        ("goal", {}),
        ("clause", {"literals": [], "hints": [1, 2, 3, 4, 5, 6, 9, 8, 7]}),
    ]  # fmt: skip
    return [
        {"id": place, "rule": rule, **fields}
        for place, (rule, fields) in enumerate(lines, 1)
    ]
