"""Networks put together as one program: what they declare, what limits them, what is kept."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256

import pytest

from tests.proofs import rejects
from verify.kernel import networks
from verify.kernel.networks import Meaning, Program, Row, Unit, Weights, read_program
from verify.kernel.polynomials import read_polynomial
from verify.kernel.problem import Problem, read_problem, scope_of
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import make_term, read_tree

NET = "(network 1 (relu -1 0 1) (linear 2 0 1 1 3) (outputs (f 2) (f.1 1)))"


def problem_of(declaration: str) -> Problem:
    lines = ["(problem 1)", "(symbol x () Real)", "(symbol y () Real)", declaration]
    return read_problem("\n".join([*lines, "(goal true)", ""]))


def program_of(inputs: list[str], *literals: tuple[str, str]) -> Program:
    problem = problem_of(NET)
    scope = scope_of(problem)

    def read(text: str) -> Term:
        return make_term(read_tree(text)[0], *scope)

    known = [(kind, read_polynomial(read(text))) for kind, text in literals]
    return read_program(map(read, inputs), problem.networks, known)


@pytest.mark.parametrize("kind", ["relu", "linear", "sigmoid", "sign"])
def test_units_are_of_four_kinds(kind: str) -> None:
    (network,) = problem_of(f"(network 1 ({kind} 0 0 1) (outputs (f 1)))").networks
    assert network.units == (Unit(kind, Fraction(0), ((0, Fraction(1)),)),)


def test_a_network_takes_fewer_than_20000_inputs() -> None:
    (network,) = problem_of("(network 19999 (outputs (f 0)))").networks
    assert network.inputs == 19_999
    with rejects("an integer from 0 to 19999", "20000"):
        problem_of("(network 20000 (outputs (f 0)))")


def test_each_output_is_a_function_and_means_the_declaration() -> None:
    (network,) = problem_of(NET).networks
    takes = (REAL,)
    assert network.functions() == (
        (Symbol("f", takes, REAL), 2),
        (Symbol("f.1", takes, REAL), 1),
    )
    sha = sha256(NET.encode()).hexdigest()
    assert network.meanings() == (Meaning("f", sha), Meaning("f.1", sha))


def test_units_are_limited_after_equal_ones_are_made_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same = [(">=", "(f x)"), (">=", "(f.1 x)"), (">=", "(f (+ x (* 0/1 y)))")]
    other = (">=", "(f y)")
    monkeypatch.setattr(networks, "MAX_UNITS", 4)
    assert len(program_of(["x", "y"], *same).units) == 2
    assert len(program_of(["x", "y"], *same, other).units) == 4
    monkeypatch.setattr(networks, "MAX_UNITS", 3)
    assert len(program_of(["x", "y"], *same).units) == 2
    with rejects("at most 3 units", "4"):
        program_of(["x", "y"], *same, other)


def test_a_network_at_the_same_arguments_is_copied_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else every output of a large network would cost all its units again."""
    made: list[Unit] = []

    def make_unit(kind: str, bias: Fraction, weights: Weights) -> Unit:
        made.append(Unit(kind, bias, weights))
        return made[-1]

    monkeypatch.setattr(networks, "Unit", make_unit)
    same = [(">=", "(f x)"), (">=", "(f.1 x)"), (">=", "(f (+ x (* 0/1 y)))")]
    program = program_of(["x", "y"], *same)
    declared, copied = made[:2], made[2:]
    last = Unit("linear", Fraction(2), ((0, Fraction(1)), (2, Fraction(3))))
    assert copied == [declared[0], last]
    assert program.units == tuple(copied)


def test_an_input_that_is_an_application_stays_an_input() -> None:
    """Then nothing is known of it but the rows, and its argument need not be an input."""
    program = program_of(["(f x)"], (">", "(+ 1/1 (f x))"))
    row = Row(Fraction(1), ((0, Fraction(1)),), True)
    assert program == Program((), (row,), ((Fraction(-1), None),))


@pytest.mark.parametrize("weight", ["1/2", "1/1", "3/2"])
def test_the_sign_of_a_weight_says_which_side_it_bounds(weight: str) -> None:
    least = program_of(["x"], (">=", f"(+ 3/1 (* {weight} x))"))
    most = program_of(["x"], (">=", f"(+ 3/1 (* -{weight} x))"))
    assert least.box == ((-3 / Fraction(weight), None),)
    assert most.box == ((None, 3 / Fraction(weight)),)
