"""Networks in SMT-LIB: units as defined functions, only those that are needed."""

from __future__ import annotations

from fractions import Fraction

import pytest
import z3

from verify.kernel.networks import Network, Unit
from verify.kernel.rejections import Declined
from verify.solvers.smt_names import Names
from verify.solvers.smt_networks import define_network

HALF = Fraction(1, 2)
NETWORK = Network(
    2,
    (
        Unit("relu", -HALF, ((0, Fraction(1)), (1, Fraction(-3)))),
        Unit("sign", Fraction(0), ((1, Fraction(1)),)),
        Unit("linear", HALF, ((2, Fraction(2)), (3, -HALF))),
        Unit("sigmoid", Fraction(0), ((0, Fraction(1)),)),
    ),
    (("f", 4), ("f.1.1", 2), ("g", 5)),
)


def value(text: str) -> Fraction:
    """What z3 makes of a term over the definitions of f and f.1.1."""
    wanted = {symbol for symbol, _ in NETWORK.functions() if symbol.name != "g"}
    script = "\n".join(define_network(NETWORK, wanted, Names()))
    solver = z3.Solver()
    solver.from_string(f"{script}\n(declare-fun v () Real)(assert (= v {text}))")
    assert solver.check() == z3.sat
    return Fraction(str(solver.model()[z3.Real("v")]))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(f 2.0 0.0)", Fraction(7, 2)),
        ("(f 0.0 1.0)", Fraction(0)),
        ("(f 0.0 (- 1.0))", Fraction(6)),
        ("(f.1.1 2.0 0.0)", Fraction(3, 2)),
    ],
)
def test_definitions_compute_the_network(text: str, number: Fraction) -> None:
    assert value(text) == number


def test_only_what_is_needed_is_defined() -> None:
    wanted = {symbol for symbol, _ in NETWORK.functions() if symbol.name == "f.1.1"}
    lines = list(define_network(NETWORK, wanted, Names()))
    assert [line.split()[1] for line in lines] == ["f.unit.2", "f.1.1"]
    assert list(define_network(NETWORK, (), Names())) == []


def test_there_is_no_sigmoid() -> None:
    wanted = {symbol for symbol, _ in NETWORK.functions()}
    with pytest.raises(Declined, match="sigmoid"):
        list(define_network(NETWORK, wanted, Names()))
