"""Statements about games are told apart; mistakes in names of things are found."""

from __future__ import annotations

import pytest

from tests.language.reading import last, mistake

THINGS = """\
network f(v: Real) := relu(v - 1)
network h := "models/h.onnx"
data D := points (0; 0) (1; 1)
region train(v: Real) := 0 <= v and v <= 1
class S := relu_nets(inputs = 1, hidden = 2)
circuit C := units(f, 1: {1})
"""


@pytest.mark.parametrize(
    ("formula", "of"),
    [
        ("h(x, 1) <= h(x, 2)", "the network h; models and data in files are not read"),
        ("loss(h, D, l1) = 0", "the network h; models and data in files are not read"),
        ("minimax_regret(rounds = 8, delay = 2) = 3", "minimax_regret; repeated games"),
        ("p implies f(1) = 0 and minimax_regret(8, 2) = 1", "minimax_regret"),
    ],
)
def test_what_a_statement_speaks_of(formula: str, of: str) -> None:
    statement = last(THINGS + f"evidence e: {formula}")
    assert statement.formula is None
    assert f"it speaks of {of}" in statement.unsupported


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("f(u) = 0", "unknown name `u`"),
        ("f(1) = g(1)", "unknown name `g`"),
        ("forall v in trian: f(v) = 0", "`trian` is no data set and no region"),
        ("forall v: Reel. f(v) = 0", "unknown type `Reel`"),
        ("forall v: train. f(v) = 0", "`train` is the region train and no type"),
        ("sum v in train. f(v) = 0", "`train` is a region, and has no finite sum"),
        ("optimum(S, D)", "optimum takes a class of networks, a data set, a loss"),
        ("optimum(D, S, l1) = 0", "optimum takes a class of networks here, and `D`"),
        ("optimum(S, D, l3) = 0", "optimum takes a loss here, and `l3` is none"),
        ("silent(f, D)", "`f` is no circuit"),
        ("silent(C, f)", "`f` is no data set and no region"),
        ("silent(C)", "silent takes a circuit and a place, got 1"),
        ("silent(C, D) = 0", "the sides of `=` have different sorts"),
        ("risk(S, D, l1) = 0", "risk takes a network here"),
        ("risk(f, D, l1, ball(1)) = 0", "risk takes a ball of distributions here"),
        ("without(f, D)(x) = 0", "`D` is no circuit"),
        ("f = 1", "`f` is the network f, and no term"),
        ("D = 1", "`D` is the data set D, and no term"),
        ("f(1, 2, 3) = 0", "`f` takes 1 number, got 3"),
        ("f(1, 2) = 0", "`f` has 1 output, and no output 2"),
        ("f(p) = 0", "input 1 of `f` is a Real, and `p` is a Bool"),
        ("unit(f, 1, 2)(x) = 0", "`f` has 1 unit in layer 1, and no unit 2"),
        ("unit(f, 2, 1)(x) = 0", "`f` has 1 layer of units, and no layer 2"),
        ("unit(f, x, 1)(x) = 0", "expected a number such as 1, got `x`"),
        ("unit(f, 1)(x) = 0", "unit(f, layer, i) has 3 parts"),
        ("unit(D, 1, 1)(x) = 0", "`D` is no network"),
        ("unit(k, 1, 1)(x) = 0", "unknown name `k`"),
        ("without(k, C)(x) = 0", "unknown name `k`"),
        ("without(f, B)(x) = 0", "unknown name `B`"),
        ("minimax_regret(rounds = 8) = 0", "minimax_regret takes a term, a term"),
    ],
)
def test_names_in_it_must_mean_something(formula: str, message: str) -> None:
    found = mistake(THINGS + f"evidence e: {formula}")
    assert message in found.message
    assert found.line == THINGS.count("\n") + 1


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("network g(v: Real) := u", "unknown name `u`"),
        ("network g(v: Real) := f(v)", "`f(v)` is none of these"),
        ("network g(v: Nat) := 1", "inputs are Real, and `Nat` is not"),
        ("region R(v: Int) := true", "inputs are Real, and `Int` is not"),
        ("region R(v: Real) := v + 1", "expected a formula, got `v + 1`"),
        ("network g(v: Real, v: Real) := v", "two parameters are called `v`"),
        ("data E := points (0; x)", "expected a number, got `x`"),
        ("data E := points (0; 1) (1; 2, 3)", "other numbers of inputs"),
        ("region R(v: Real) := v < u", "unknown name `u`"),
        ("class T := nets(inputs = 1)", "unknown class of networks `nets`"),
        ("class T := relu_nets(inputs = x)", "expected a number"),
        ("circuit B := parts(f, 1: {1})", "unknown kind of circuit `parts`"),
        ("circuit B := units(D, 1: {1})", "`D` is no network"),
        ("circuit B := units(f, 1: {2})", "`f` has 1 unit in layer 1, and no unit 2"),
        ("circuit B := units(f, 3: {1})", "`f` has 1 layer of units, and no layer 3"),
        ("circuit B := units(f, 1: {1, 1})", "this unit is named twice"),
        ("circuit B := units(f, 1: {1/2})", "expected a number such as 1, got `1/2`"),
        ("circuit B := units(g, 1: {1})", "unknown name `g`"),
        ("data f := points (0; 1)", "`f` is already declared"),
        ("const D: Real", "`D` is already declared"),
    ],
)
def test_declarations_are_checked_as_far_as_names_go(
    declaration: str, message: str
) -> None:
    found = mistake(THINGS + declaration)
    assert message in found.message
    assert found.line == THINGS.count("\n") + 1


def test_a_declared_symbol_comes_before_a_theory_term() -> None:
    """The prelude declares `loss`; `silent` is declared here."""
    statement = last(
        THINGS + "func silent(Model): Bool\nstep s: silent(M_d) or loss(M_d) > 0"
    )
    assert statement.formula is not None and not statement.unsupported


def test_theory_terms_about_nothing_declared_say_what_they_take() -> None:
    found = mistake("step s: optimum(M_d, M_d, x) = 0").message
    assert found == "optimum takes a class of networks here, and `M_d` is none"


def test_a_bound_name_hides_a_network() -> None:
    assert last(THINGS + "step s: forall f: Real. f > 0").formula is not None


def test_lattices_and_cuts_over_them_are_unsupported() -> None:
    text = THINGS + "def d := f(1) = 0\n"
    assert "it speaks of the network f" in last(text + "lattice d, p").unsupported
    cuts = last(text + "cuts p from d using q, r")
    assert "it speaks of the network f" in cuts.unsupported
    assert cuts.target is None and cuts.start is None and cuts.members == ()
