"""Network declarations: written back as they were, and refused with the reason."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given

from tests.kernel.programs import make_network
from tests.proofs import certify, rejects, step
from tests.strategies import seeds
from verify.kernel.check import check
from verify.kernel.networks import MAX_UNITS, Network, Program, Row, Unit, read_program
from verify.kernel.polynomials import read_polynomial
from verify.kernel.problem import Problem, read_problem, scope_of
from verify.kernel.terms import REAL, TRUE, Symbol, Term
from verify.kernel.text import make_term, read_tree

HALF = Fraction(1, 2)


def problem_of(*declarations: str, goal: str = "true") -> Problem:
    lines = ["(problem 1)", "(symbol x () Real)", "(symbol y () Real)", *declarations]
    return read_problem("\n".join([*lines, f"(goal {goal})", ""]))


def test_a_declaration_is_read() -> None:
    problem = problem_of(
        "(network 2 (relu 1/2 0 3 1 -1/4) (sign 0 2 1) (outputs (f 3) (g.1 0)))"
    )
    units = (
        Unit("relu", HALF, ((0, Fraction(3)), (1, Fraction(-1, 4)))),
        Unit("sign", Fraction(0), ((2, Fraction(1)),)),
    )
    assert problem.networks == (Network(2, units, (("f", 3), ("g.1", 0))),)
    assert scope_of(problem)[1]["f"] == Symbol("f", (REAL, REAL), REAL)


@given(seeds())
def test_declarations_are_written_back(random: Random) -> None:
    network = make_network(random, "f")
    problem = Problem((), (), (), TRUE, (network,))
    assert read_problem(problem.text()) == problem


REFUSED = {
    "(network 1 (tanh 0 0 1) (outputs (f 1)))": ("a unit (relu|linear", "tanh"),
    "(network 1 (relu 0 0) (outputs (f 1)))": ("a unit (relu|linear", "relu"),
    "(network 1 (relu) (outputs (f 0)))": ("a unit (relu|linear", "relu"),
    "(network 1 relu (outputs (f 0)))": ("a unit (relu|linear", "relu"),
    "(network 1 (relu 0 1 1) (outputs (f 1)))": ("an integer from 0 to 0", "1"),
    "(network 1 (relu 0 -1 1) (outputs (f 1)))": ("an integer from 0 to 0", "-1"),
    "(network 1 (relu 0 1/2 1) (outputs (f 1)))": ("an integer from 0 to 0", "1/2"),
    "(network 1 (relu 0 (0) 1) (outputs (f 1)))": ("an integer from 0 to 0", "['0']"),
    "(network 1 (relu 0 0 0) (outputs (f 1)))": ("increasing variables, no weight 0", "relu"),
    "(network 2 (relu 0 1 1 0 1) (outputs (f 2)))": ("increasing variables", "relu"),
    "(network 2 (relu 0 0 1 0 1) (outputs (f 2)))": ("increasing variables", "relu"),
    "(network 1 (relu 0 0 1.5) (outputs (f 1)))": ("a rational p or p/q", "1.5"),
    "(network 1 (relu 0 0 (1)) (outputs (f 1)))": ("a rational p or p/q", "['1']"),
    "(network 1 (relu 1e3 0 1) (outputs (f 1)))": ("a rational p or p/q", "1e3"),
    "(network 1 (relu 2/4 0 1) (outputs (f 1)))": ("the canonical text", "another"),
    "(network 01 (relu 0 0 1) (outputs (f 1)))": ("the canonical text", "another"),
    "(network 1 (relu 0 0 1) (outputs (f 2)))": ("an integer from 0 to 1", "2"),
    "(network 1 (relu 0 0 1) (outputs f))": ("an output (name variable)", "f"),
    "(network 1 (relu 0 0 1) (outputs (f 1 2)))": ("an output (name variable)", "f"),
    "(network 1 (relu 0 0 1) (outputs (1f 1)))": ("a name", "1f"),
    "(network 1 (relu 0 0 1) (outputs (f 1) (f 0)))": ("a new name", "f"),
    "(network 1 (relu 0 0 1) (outputs (x 1)))": ("a new name", "x"),
    "(network 1 (relu 0 0 1) (outputs (and 1)))": ("a new name", "and"),
    "(network 1 (relu 0 0 1))": ("a declaration, a fact or the goal", "network"),
    "(network -1 (outputs (f 0)))": (f"an integer from 0 to {MAX_UNITS - 1}", "-1"),
    f"(network {MAX_UNITS} (outputs (f 0)))": ("an integer from 0 to", str(MAX_UNITS)),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_other_declarations_are_refused(text: str) -> None:
    with rejects(*REFUSED[text]):
        problem_of(text)


NET = "(network 1 (relu -1 0 1) (linear 2 0 1 1 3) (outputs (f 2) (f.1 1)))"
PAIR = "(network 2 (relu 0 0 1 1 -1) (outputs (g 2)))"


def program_of(inputs: str, *literals: tuple[str, str]) -> Program:
    problem = problem_of(NET, PAIR)
    scope = scope_of(problem)

    def read(text: str) -> Term:
        return make_term(read_tree(text)[0], *scope)

    known = [(kind, read_polynomial(read(text))) for kind, text in literals]
    return read_program(map(read, inputs.split()), problem.networks, known)


def test_equal_units_are_one() -> None:
    program = program_of(
        "x y", (">", "(f x)"), (">=", "(+ (f.1 x) (f y))"), ("=", "(f x)")
    )
    one, minus = Fraction(1), Fraction(-1)
    relu = [Unit("relu", minus, ((i, one),)) for i in (0, 1)]
    linear = [
        Unit("linear", Fraction(2), ((i, one), (u, Fraction(3))))
        for i, u in ((0, 2), (1, 4))
    ]
    assert set(program.units) == {*relu, *linear}
    assert len(program.rows) == 4
    assert program.rows[0].strict
    assert not program.rows[1].strict
    first, opposite = program.rows[2:]
    assert first.weights == program.rows[0].weights
    assert opposite.weights == tuple((v, -w) for v, w in first.weights)
    assert not first.strict
    assert not opposite.strict


def test_networks_compose() -> None:
    program = program_of("x", (">=", "(g (f.1 x) (+ 1/2 (* 2/1 (f.1 x)) x))"))
    one = Fraction(1)
    assert program.units == (
        Unit("relu", -one, ((0, one),)),
        Unit("linear", Fraction(2), ((0, one), (1, Fraction(3)))),
        Unit("relu", -HALF, ((0, -one), (1, -one))),
    )
    assert program.rows == (Row(Fraction(0), ((3, one),), False),)


def test_rows_over_one_input_are_the_box() -> None:
    program = program_of(
        "x y",
        (">=", "(+ 4/1 (* -2/1 x))"),
        (">", "(+ 3/1 (* -1/1 x))"),
        (">=", "(+ 1/1 (* 3/1 x))"),
        (">=", "(+ 5/1 (* 1/1 x))"),
        (">=", "(+ x y)"),
        (">=", "(f y)"),
    )
    assert program.box == ((Fraction(-1, 3), Fraction(2)), (None, None))


def test_an_equation_bounds_on_both_sides() -> None:
    assert program_of("x", ("=", "(+ -3/1 (* 2/1 x))")).box == ((3 * HALF, 3 * HALF),)


def test_an_input_may_be_any_term() -> None:
    """A checker of rows need not know what its variables are."""
    leaf = ["leaf", [], [[0, 1], [1, 1]], [], []]
    square = "(if (<= x 0/1) (* -1/1 x) x)"
    literals = [f"(<= {square} 1/1)", f"(< 1/1 {square})"]
    text = problem_of(goal=f"(not (and {' '.join(literals)}))").text()
    lines = [
        step(1, "goal"),
        step(2, "network", inputs=[square], literals=literals, tree=[leaf]),
        step(3, "define", formula=f"(and {' '.join(literals)})"),
        step(4, "clause", literals=[], hints=[1, 3, 2]),
    ]
    assert check(text, certify(text, "proved", *lines)).claim == "proved"


def second(network: str, sha: str) -> str:
    return (
        f"(problem 1)\n{network}\n(lemma L {sha} (<= 0/1 (f 2/1)))\n"
        "(goal (<= 0/1 (f 2/1)))\n"
    )


def test_a_name_means_one_network_throughout() -> None:
    one, other = (f"(network 1 (relu {bias} 0 1) (outputs (f 1)))" for bias in (-1, 0))
    first = f"(problem 1)\n{one}\n(goal (<= 0/1 (f 2/1)))\n"
    leaf = ["leaf", [], [[0, 1]], [], []]
    lines = [
        step(1, "goal"),
        step(2, "network", inputs=[], literals=["(< (f 2/1) 0/1)"], tree=[leaf]),
        step(3, "clause", literals=[], hints=[1, 2]),
    ]
    lemma = check(first, certify(first, "proved", *lines))
    cites = [
        step(1, "goal"),
        step(2, "lemma", name="L"),
        step(3, "clause", literals=[], hints=[1, 2]),
    ]
    for network in (one, "(symbol f (Real) Real)"):
        text = second(network, lemma.sha)
        accepted = check(text, certify(text, "proved", *cites), (lemma,))
        assert not accepted.open
        assert not accepted.rests_on
    text = second(other, lemma.sha)
    with rejects("one declaration of each name", "f"):
        check(text, certify(text, "proved", *cites), (lemma,))
