"""Statements about networks and data: read, their names checked, and told apart."""

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
        ("f(1) = 0", "the network f; networks"),
        ("h(x, 1) <= h(x, 2)", "the network h; networks"),
        ("forall v in train: f(v) = 0", "the region train; regions"),
        ("exists v in D: f(v) > 0", "the data set D; data sets"),
        ("(sum v in D. f(v)) = 0", "the data set D; data sets"),
        ("(sum v: D. f(v)) = 0", "the data set D; data sets"),
        ("f in S", "the network f; networks"),
        ("loss(M_d) = 0 and optimum(S, D, l1) = 0", "the class S; classes of networks"),
        ("silent(C, D) and not silent(C, train)", "the circuit C; circuits"),
        ("replaceable(C, D, squared)", "the circuit C; circuits"),
        ("risk(f, D, l1) = 0", "the network f; networks"),
        ("risk(f, D, l1, tv(1/3)) <= 1", "the network f; networks"),
        ("risk(f, D, l1, wasserstein(1/2, train)) = 1", "the network f"),
        ("risk(f, D, zero_one, mixture) = 1", "the network f"),
        ("unit(f, 1, 2)(x) = 0", "the network f"),
        ("without(f, C)(x) = f(x)", "the network f"),
        ("minimax_regret(rounds = 8, delay = 2) = 3", "minimax_regret; repeated games"),
        ("p implies f(1) = 0", "the network f"),
    ],
)
def test_what_a_statement_speaks_of(formula: str, of: str) -> None:
    statement = last(THINGS + f"evidence e: {formula}")
    assert statement.formula is None
    assert f"it speaks of {of}" in statement.unsupported
    assert statement.unsupported.endswith("are not available in this version")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("f(u) = 0", "unknown name `u`"),
        ("f(1) = g(1)", "unknown name `g`"),
        ("forall v in trian: f(v) = 0", "`trian` is no data set and no region"),
        ("forall v: Reel. f(v) = 0", "unknown type `Reel`"),
        ("forall v: train. f(v) = 0", "`train` is the region train and no type"),
        ("optimum(S, D)", "optimum takes a class of networks, a data set, a loss"),
        ("optimum(D, S, l1) = 0", "optimum takes a class of networks here, and `D`"),
        ("optimum(S, D, l3) = 0", "optimum takes a loss here, and `l3` is none"),
        ("silent(f, D)", "silent takes a circuit here"),
        ("silent(C, f)", "silent takes a data set or a region here"),
        ("risk(S, D, l1) = 0", "risk takes a network here"),
        ("risk(f, D, l1, ball(1)) = 0", "risk takes a ball of distributions here"),
        ("without(f, D)(x) = 0", "without takes a circuit here"),
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
        ("network g(v: Real, v: Real) := v", "two parameters are called `v`"),
        ("data E := points (0; x)", "expected a number, got `x`"),
        ("data E := points (0; 1) (1; 2, 3)", "other numbers of inputs"),
        ("region R(v: Real) := v < u", "unknown name `u`"),
        ("class T := nets(inputs = 1)", "unknown class of networks `nets`"),
        ("class T := relu_nets(inputs = x)", "expected a number"),
        ("circuit B := parts(f, 1: {1})", "unknown kind of circuit `parts`"),
        ("circuit B := units(D, 1: {1})", "`D` is no network"),
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


def test_theory_terms_about_nothing_declared_are_unknown_names() -> None:
    assert (
        "unknown name `optimum`" in mistake("step s: optimum(M_d, M_d, x) = 0").message
    )


def test_a_bound_name_hides_a_network() -> None:
    assert last(THINGS + "step s: forall f: Real. f > 0").formula is not None


def test_lattices_and_cuts_over_them_are_unsupported() -> None:
    text = THINGS + "def d := f(1) = 0\n"
    assert "the definition d" in last(text + "lattice d, p").unsupported
    cuts = last(text + "cuts p from d using q, r")
    assert "the definition d" in cuts.unsupported
    assert cuts.target is None and cuts.start is None and cuts.members == ()
