"""Optima and memberships: what their formulas say of parameters, class by class."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.measuring import holds_at, least_bound, quantity
from tests.language.reading import last, mistake, read
from verify.kernel.fits import make_fit
from verify.kernel.text import write_term
from verify.language.elaborate import parse_formula
from verify.language.names import scope_of
from verify.language.printing import render_term

THINGS = """\
network f(v: Real) := 2*relu(v - 1) - relu(3 - v)
data D := points (0; 0) (1; 1) (2; 0)
data L := points (0; -1) (1; 1) (2; -1)
data V := points (0; 0, 1) (1; 1, 0)
data N := points (0; 0) (1; 1)
class S0 := relu_nets(inputs = 1, hidden = 0)
class S := relu_nets(inputs = 1, hidden = 1)
class S2 := relu_nets(inputs = 1, hidden = 2)
class one := relu_nets(inputs = 1, layers = (1))
class T := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1})
class B := relu_nets(inputs = 1, hidden = 1, bounded by 3/2)
class deep := relu_nets(inputs = 1, layers = (1, 1))
class wide := relu_nets(inputs = 1, hidden = 1, outputs = 2)
circuit C := units(f, 1: {1})
"""
LOSSES = ("l1", "squared", "linf", "hinge", "zero_one")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    ("name", "hidden"), [("S0", 0), ("S", 1), ("one", 1), ("S2", 2)]
)
def test_free_classes_of_one_layer_have_the_formula_of_a_fit(
    name: str, hidden: int, loss: str
) -> None:
    data = "L" if loss in ("hinge", "zero_one") else "D"
    document = read(f"{THINGS}evidence e: optimum({name}, {data}, {loss}) <= 1", "")
    found = quantity(document, f"optimum.{name}.{data}.{loss}")
    assert found.kind == "infimum" and found.fit is not None
    assert found.fit.hidden == hidden and found.fit.constant
    assert found.formula == make_fit(*found.fit[:5], constant=True)
    formula = document.statements[-1].formula
    assert formula is not None
    assert write_term(formula) == f"(<= {found.name} 1/1)"
    assert found.written == f"optimum({name}, {data}, {loss})"


@given(
    parameters=st.tuples(*[st.integers(-3, 3)] * 4), loss=st.sampled_from(LOSSES[:2])
)
@settings(max_examples=40)
def test_bounded_and_free_classes_say_the_same_of_each_network(
    parameters: tuple[int, ...], loss: str
) -> None:
    c, s, w, b = parameters
    sign = 1 if s >= 0 else -1
    values = [c + sign * max(0, w * x + b) for x in range(3)]
    errors = [value - y for value, y in zip(values, (0, 1, 0), strict=True)]
    power = 1 if loss == "l1" else 2
    wanted = sum(abs(error) ** power for error in errors)
    text = "".join(
        f"evidence {name}: optimum({name}, D, {loss}) <= 1\n"
        for name in ("S", "T", "B")
    )
    document = read(THINGS + text, "")
    for name in ("S", "T", "B"):
        found = quantity(document, f"optimum.{name}.D.{loss}")
        assert least_bound(found, parameters, {}) == wanted


def test_a_condition_restricts_what_a_formula_is_about() -> None:
    text = "evidence e: optimum(T, D, l1) <= 1 and optimum(B, D, l1) <= 1"
    document = read(THINGS + text, "")
    ternary = quantity(document, "optimum.T.D.l1")
    # the network 0 has loss 1; outside of the class anything is said
    assert holds_at(ternary, [1, 0, 1, 0, 0]) and not holds_at(ternary, [2, 0, 1, 0, 0])
    assert holds_at(ternary, [2, 0, 1, 0, Fraction(1, 2)])
    assert holds_at(ternary, [2, 0, 2, 0, 0])
    bounded = quantity(document, "optimum.B.D.l1")
    assert not holds_at(bounded, [2, 0, 7, 0, 0]) and holds_at(bounded, [2, 2, 1, 0, 0])


def test_deeper_classes_and_several_outputs() -> None:
    text = (
        "evidence e: optimum(deep, D, squared) <= 1 and optimum(wide, V, l1) <= 1 and "
        "optimum(wide, N, zero_one) <= 1 and optimum(wide, V, linf) <= 1 and "
        "optimum(wide, V, zero_one) <= 1"
    )
    document = read(THINGS + text, "")
    deep = quantity(document, "optimum.deep.D.squared")
    assert deep.fit is None
    # 2*relu(3*relu(x + 1) - 4) - 1 is 0 - 1, 2*2 - 1, 2*5 - 1 on 0, 1, 2
    assert least_bound(deep, [1, 1, 3, -4, 2, -1], {}) == 1 + 4 + 81
    wide = quantity(document, "optimum.wide.V.l1")
    # h = relu(x); h, 1 - h fits both points
    assert least_bound(wide, [1, 0, 1, 0, -1, 1], {}) == 0
    assert least_bound(wide, [1, 0, 1, 0, 1, 1], {}) == 2
    labels = quantity(document, "optimum.wide.N.zero_one")
    # label 0 stands for the first output: 1 - h, h is right twice, a tie is wrong
    assert least_bound(labels, [1, 0, -1, 1, 1, 0], {}) == 0
    assert least_bound(labels, [1, 0, 0, 0, 0, 0], {}) == 2
    assert least_bound(labels, [1, 0, 1, 0, -1, 1], {}) == 2
    columns = quantity(document, "optimum.wide.V.zero_one")
    # the second output is the class at 0, the first at 1
    assert least_bound(columns, [1, 0, 2, 0, 1, 0], {}) == 1
    assert least_bound(columns, [1, 0, 2, 0, 0, 1], {}) == 0
    largest = quantity(document, "optimum.wide.V.linf")
    # x and x + 1: the second is 2 too large at 1
    assert holds_at(largest, [2, 1, 0, 1, 0, 1, 1])
    assert not holds_at(largest, [Fraction(5, 2), 1, 0, 1, 0, 1, 1])


def test_a_constant_is_kept_once_and_shown_as_written() -> None:
    text = (
        "def best := optimum(S, D, l1)\nevidence a: best <= 1\n"
        "evidence b: optimum(S, D, l1) >= 1\nstep c: best = 1 by a, b\n"
    )
    document = read(THINGS + text, "")
    assert [q.name for q in document.quantities] == ["optimum.S.D.l1"]
    assert document.readings["optimum.S.D.l1"] == "optimum(S, D, l1)"
    assert document.quantity("optimum.S.D.l2") is None
    step = document.statement("c")
    assert step is not None and step.formula is not None
    shown = render_term(step.formula)
    assert shown == "optimum(S, D, l1) = 1"
    assert parse_formula(shown, scope_of(document)) == step.formula


def test_a_class_is_something_that_evidence_may_name() -> None:
    assert not last(THINGS + "evidence e: optimum(S, D, l1) = 1", "").unsupported


def test_membership_says_that_some_parameters_give_the_network() -> None:
    document = read(THINGS + "evidence e: f in S2 and without(f, C) in T\n", "")
    both = document.statements[-1].formula
    assert both is not None
    left, right = both.args
    assert write_term(left) == (
        "(exists (?c Real) (exists (?s1 Real) (exists (?w1_1 Real) (exists (?b1 Real) "
        "(exists (?s2 Real) (exists (?w2_1 Real) (exists (?b2 Real) (forall (?x Real) "
        "(= (f ?x) (+ ?c (if (<= 0/1 ?s1) (if (<= 0/1 (+ (* ?w1_1 ?x) ?b1)) "
        "(+ (* ?w1_1 ?x) ?b1) 0/1) (* -1/1 (if (<= 0/1 (+ (* ?w1_1 ?x) ?b1)) "
        "(+ (* ?w1_1 ?x) ?b1) 0/1))) (if (<= 0/1 ?s2) (if (<= 0/1 (+ (* ?w2_1 ?x) ?b2)) "
        "(+ (* ?w2_1 ?x) ?b2) 0/1) (* -1/1 (if (<= 0/1 (+ (* ?w2_1 ?x) ?b2)) "
        "(+ (* ?w2_1 ?x) ?b2) 0/1)))))))))))))"
    )
    found = document.membership(left)
    assert found is not None and found[1:] == ("f", (), "S2")
    found = document.membership(right)
    assert found is not None and found[1:] == ("f", ("C",), "T")
    assert right.op == "exists" and document.membership(both) is None
    assert "-1/1" in write_term(right) and "(or (= ?c -1/1)" in write_term(right)


def test_a_class_with_too_many_parameters_is_unsupported() -> None:
    text = (
        "class big := relu_nets(inputs = 1, hidden = 100)\nnetwork g(x: Real) := x\n"
        "data D := points (0; 0)\n"
    )
    statement = last(text + "evidence e: optimum(big, D, l1) = 0", "")
    assert statement.formula is None
    assert statement.unsupported == (
        "what optimum(big, D, l1) means is too large to be stated: 301 parameters and 1 "
        "points; use a smaller class or fewer points"
    )
    member = last(text + "evidence e: g in big", "")
    assert "have 301 parameters, too many for a formula" in member.unsupported


def test_what_cites_it_is_unsupported_too() -> None:
    text = (
        "class big := relu_nets(inputs = 1, hidden = 100)\ndata D := points (0; 0)\n"
        "def least_loss := optimum(big, D, l1)\nevidence e: optimum(big, D, l1) = 0\n"
        "step s: 0 = 0 by e\nstep t: least_loss = 0\n"
        "premise P: forall x: Real. x = x\nstep u: 0 = 0 by P(optimum(big, D, l1))\n"
        "region R(x: Real) := x < optimum(big, D, l1)\nevidence v: forall x in R: x = x\n"
    )
    document = read(text, "")
    for name in "estuv":
        statement = document.statement(name)
        assert statement is not None and statement.formula is None
        assert "301 parameters" in statement.unsupported, name


def test_a_word_of_the_theory_in_use_is_no_longer_free() -> None:
    found = mistake(
        THINGS + "evidence e: optimum(S, D, l1) = 1\nconst optimum: Real", ""
    )
    assert found.message == "`optimum` is used above as a word of the theory"
    assert found.line == THINGS.count("\n") + 2


def test_lattices_know_nothing_of_optima() -> None:
    text = THINGS + "def a := optimum(S, D, l1) = 1\ndef b := 0 = 0\nlattice a, b"
    assert "it speaks of optimum(S, D, l1), and lattices" in last(text, "").unsupported


def test_long_names_are_shortened_by_a_hash() -> None:
    name = "S" * 190
    text = (
        f"class {name} := relu_nets(inputs = 1, hidden = 0)\ndata D := points (0; 0)\n"
        f"evidence e: optimum({name}, D, squared) = 0\n"
    )
    (found,) = read(text, "").quantities
    assert len(found.name) == len("optimum.") + 32
    assert found.written == f"optimum({name}, D, squared)"
