"""Printing: what is printed parses to the same term, and reads well."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.language.random_terms import Signature, closed_terms, signatures
from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, NAT, REAL, Sort, Symbol, Term
from verify.language.elaborate import parse_formula, parse_term
from verify.language.names import Home, Scope
from verify.language.printing import render_term, render_with_readings

MODEL = Sort("Model")
SCOPE = Scope(
    sorts={"Model": MODEL},
    symbols={
        "x": Symbol("x", (), REAL),
        "y": Symbol("y", (), REAL),
        "z": Symbol("z", (), REAL),
        "K": Symbol("K", (), NAT),
        "p": Symbol("p", (), BOOL),
        "q": Symbol("q", (), BOOL),
        "r": Symbol("r", (), BOOL),
        "M_d": Symbol("M_d", (), MODEL),
        "loss": Symbol("loss", (MODEL,), REAL),
        "size": Symbol("size", (MODEL,), NAT),
        "R": Symbol("R", (NAT,), REAL),
    },
)
SCOPE.homes.update((name, Home("", 1)) for name in (*SCOPE.sorts, *SCOPE.symbols))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_is_printed_parses_to_the_same_term(data: st.DataObject) -> None:
    signature: Signature = data.draw(signatures())
    term: Term = data.draw(closed_terms(signature))
    text = render_term(term, names=signature.scope().homes)
    assert parse_term(text, signature.scope()) == term, text


# a formula, and how it is printed; "" where it is printed as it stands
PRINTED = [
    ("p and q or r", ""),
    ("(p or q) and r", ""),
    ("(p implies q) implies r", ""),
    ("p implies q implies r", ""),
    ("(p iff q) iff r", ""),
    ("not p and q", ""),
    ("not (p and q)", ""),
    ("not x <= y", ""),
    ("x != y", ""),
    ("not (p iff q)", ""),
    ("x - y - z = 0", ""),
    ("x - (y - z) = 0", ""),
    ("-x = y", ""),
    ("-(x + y)*z = 0", ""),
    ("x*(y + z)^2 = 1/2*x", ""),
    ("x/y/z = x/(y*z)", ""),
    ("x - y/z = x*(1/2)", ""),
    ("x = -1/3", ""),
    ("2.0 = 3", ""),
    ("x = 2", ""),
    ("K = 2", ""),
    ("real(K) + 1 = R(3)", ""),
    ("forall M: Model. loss(M) <= 1 and p", ""),
    ("p and forall M: Model. loss(M) <= 1", ""),
    ("(forall M: Model. loss(M) <= 1) and p", ""),
    ("p implies exists M: Model, n: Nat. size(M) < n", ""),
    ("if p then q else r and p", ""),
    ("(if p then x else y) + 1 = z", ""),
    ("relu(x) + abs(y) = min(x, y)*max(y, z)", ""),
    ("0 < x <= 1", "0 < x and x <= 1"),
    ("x > y", "y < x"),
    ("forall v: Real. forall u: Real. u < v", "forall v: Real, u: Real. u < v"),
    ("forall x: Real. x < 1", "forall x1: Real. x1 < 1"),
    ("forall M: Model. p implies exists M: Model. size(M) > K",
     "forall M: Model. p implies exists M1: Model. K < size(M1)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), PRINTED, ids=lambda text: text)
def test_formulas_print_as_people_write_them(text: str, printed: str) -> None:
    assert render_term(parse_formula(text, SCOPE), names=SCOPE.homes) == (
        printed or text
    )


def test_bound_names_hide_no_constant_even_one_that_is_not_mentioned() -> None:
    term = parse_formula("forall v: Real. v < 1", SCOPE)
    assert render_term(term, names=["v"]) == "forall v1: Real. v1 < 1"


def test_a_declared_relu_is_not_confused_with_the_built_in_one() -> None:
    term = parse_formula("relu(x) = 0", SCOPE)
    assert render_term(term, names=["relu"]) == "max(x, 0) = 0"


def test_open_terms_name_their_variables() -> None:
    body = parse_formula("forall n: Nat. R(n) < x", SCOPE).args[0]
    assert render_term(body, variables=("t",)) == "R(t) < x"
    with pytest.raises(Rejected, match="a closed term"):
        render_term(body)


def test_readings_put_applications_into_words() -> None:
    readings = {
        "loss": "the training loss of {1}",
        "size": "the number of parameters of {1}",
        "M_d": "the model",
    }
    atom = parse_formula("loss(M_d) <= 2*x", SCOPE)
    assert render_with_readings(atom, readings) == (
        "the training loss of the model <= 2*x"
    )
    quantified = parse_formula("exists M: Model. size(M) = K", SCOPE)
    assert render_with_readings(quantified, readings) == (
        "exists M: Model. the number of parameters of M = K"
    )
    assert render_with_readings(atom, {}) == "loss(M_d) <= 2*x"


def test_a_sentence_without_its_argument_stays_as_it_is() -> None:
    term = terms.make_application(SCOPE.symbols["x"])
    assert render_with_readings(term, {"x": "the {1} of {0}"}) == "the {1} of {0}"
