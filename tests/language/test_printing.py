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
        "k": Symbol("k", (), NAT),
        "p": Symbol("p", (), BOOL),
        "q": Symbol("q", (), BOOL),
        "M_d": Symbol("M_d", (), MODEL),
        "loss": Symbol("loss", (MODEL,), REAL),
        "size": Symbol("size", (MODEL,), NAT),
        "R": Symbol("R", (NAT,), REAL),
    },
)
SCOPE.homes.update((name, Home("", 1)) for name in (*SCOPE.sorts, *SCOPE.symbols))


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_is_printed_parses_to_the_same_term(data: st.DataObject) -> None:
    signature: Signature = data.draw(signatures())
    term: Term = data.draw(closed_terms(signature))
    text = render_term(term, names=signature.scope().homes)
    assert parse_term(text, signature.scope()) == term, text
