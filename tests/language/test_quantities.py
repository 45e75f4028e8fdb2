"""Constants with a meaning: their names, what they need, imports, and notes on data."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.language.reading import mistake, read
from verify.kernel.problem import Problem, read_problem
from verify.kernel.quantities import Extremum, Total
from verify.kernel.terms import REAL, Symbol, constant, make_at_most
from verify.language.descriptions import describe_class, describe_quantity
from verify.language.document import Document
from verify.language.elaborate import parse_formula
from verify.language.errors import ClaimError
from verify.language.names import scope_of
from verify.language.printing import render_term
from verify.language.quantities import make_name, select_quantities
from verify.language.quantity_names import read_quantity_name
from verify.language.reader import read_document
from verify.language.things import ModelClass
from verify.networks.statements.models import find_declarations

THINGS = """\
network f(v: Real) := relu(v - 1) - 2*relu(v - 2)
data D := points (0; 0) (1; 1) (2; 0)
region R(v: Real) := 0 <= v <= 4
class S := relu_nets(inputs = 1, hidden = 1)
class T := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1/2})
circuit C := units(f, 1: {2})
"""
STATEMENTS = """\
evidence a: optimum(S, D, l1) <= loss(f, D, l1)
evidence b: replaceable(C, D, squared, by = 1/8)
evidence c: risk(without(f, C), D, l1, wasserstein(1/2, R, linf)) >= optimum(T, D, linf)
evidence d: posterior(T, D, T(3) >= f(3), loss = l1) = 1/2
evidence e: risk(f, D, l1, mixture(D)) = 1 and f in S
"""


def document() -> Document:
    return read(THINGS + STATEMENTS, "")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("optimum.S.D.l1", "optimum(S, D, l1)"),
        ("least.C.D.squared", "least(C, D, squared)"),
        ("risk.f.D.l1.tv.1_3", "risk(f, D, l1, tv(1/3))"),
        ("risk.f.D.l1.subpopulation.2", "risk(f, D, l1, subpopulation(2))"),
        ("risk.f.without.2.B.C.D.l1.region.R",
         "risk(without(without(f, B), C), D, l1, region(R))"),
        ("risk.f.without.l1.mixture", "risk(f, without, l1, mixture)"),
        ("risk.f.D.l1.mixture.A.B", "risk(f, D, l1, mixture(A, B))"),
        ("risk.f.D.l1.wasserstein.1_2.R_1.linf",
         "risk(f, D, l1, wasserstein(1/2, R_1, linf))"),
        ("optimum.00ff", ""),
        ("posterior.T.D.l1.00ff", ""),
        ("risk.f.D.l1", ""),
        ("risk.f.D.l1.00ff.x", ""),
        ("f.1.2", ""),
        ("f", ""),
    ],
)  # fmt: skip
def test_names_are_written_back(name: str, written: str) -> None:
    assert read_quantity_name(name) == written


def test_a_name_that_is_too_long_is_a_hash() -> None:
    long = make_name("optimum", "S" * 200, "D", "l1")
    assert long.startswith("optimum.") and len(long) == 40
    assert long != make_name("optimum", "S" * 201, "D", "l1")
    assert make_name("optimum", "S", "D", "l1") == "optimum.S.D.l1"


def test_every_statement_makes_a_problem_of_the_kernel() -> None:
    found = document()
    for statement in found.statements:
        assert statement.formula is not None, statement.unsupported
        needed = select_quantities(found.quantities, statement.formula)
        formulas = (statement.formula, *(q.formula for q in needed))
        networks = {n for f in formulas for n in find_declarations(found, f)}
        problem = Problem(
            (), (), (), statement.formula, tuple(networks),
            tuple(q.declaration() for q in needed),
        )  # fmt: skip
        assert read_problem(problem.text()) == problem


def test_what_a_quantity_needs_comes_before_it() -> None:
    found = document()
    statement = found.statement("d")
    assert statement is not None and statement.formula is not None
    needed = [q.name for q in select_quantities(found.quantities, statement.formula)]
    assert needed[0] == "optimum.T.D.l1" and len(needed) == 3
    known = {q.name: q for q in found.quantities}
    assert select_quantities(known, statement.formula)[0] == known["optimum.T.D.l1"]
    other = make_at_most(*[constant(Symbol("x", (), REAL))] * 2)
    assert select_quantities(known, other) == ()


def test_declarations_for_the_kernel() -> None:
    found = document()
    optimum = found.quantity("optimum.S.D.l1")
    assert optimum is not None
    assert optimum.declaration() == Extremum("optimum.S.D.l1", optimum.formula)
    total = next(q for q in found.quantities if q.kind == "total")
    values = (Fraction(-1), Fraction(0), Fraction(1, 2))
    assert total.declaration() == Total(total.name, values, total.formula)


def test_what_is_printed_is_read_back() -> None:
    found = document()
    scope = scope_of(found)
    for name in "abce":
        statement = found.statement(name)
        assert statement is not None and statement.formula is not None
        text = render_term(statement.formula, names=scope.homes)
        assert parse_formula(text, scope) == statement.formula


def test_descriptions_are_plain_data() -> None:
    found = document()
    for quantity in found.quantities:
        described = describe_quantity(found, quantity)
        assert json.loads(json.dumps(described)) == described
        assert described["points"] == [["0"], ["1"], ["2"]]
    least = found.quantity("least.C.D.squared")
    assert least is not None
    described = describe_quantity(found, least)
    assert (described["network"], described["circuit"]) == ("f", [[1, 2]])
    assert described["fit"]["offsets"][1] == "(f.without.C 1/1)"
    model = found.thing("T")
    assert isinstance(model, ModelClass)
    assert describe_class(model) == {
        "name": "T", "inputs": 1, "layers": [1], "outputs": 1, "signed": True,
        "weights": ["-1", "0", "1/2"], "bound": None,
    }  # fmt: skip
    bounded = read(
        "class B := relu_nets(inputs = 1, hidden = 1, bounded by 1/2)"
    ).thing("B")
    assert isinstance(bounded, ModelClass) and describe_class(bounded)["bound"] == "1/2"


Write = Callable[[str, str], Path]


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Write:
    (tmp_path / "claims").mkdir()

    def write(name: str, text: str) -> Path:
        path = tmp_path / "claims" / name
        path.write_text(text)
        return path

    return write


def test_constants_of_a_document_in_use(write: Write) -> None:
    write("a.claim", THINGS + STATEMENTS)
    path = write(
        "main.claim",
        'use "a.claim" as a\nstep s: optimum(S, D, l1) <= loss(f, D, l1) by a.a\n'
        "evidence t: optimum(S, D, hinge) = 0\n".replace("hinge", "squared"),
    )
    found = read_document(path)
    first, second = found.statements
    imported = found.imports["a"].statement("a")
    assert imported is not None and first.formula == imported.formula
    assert found.quantity("optimum.S.D.l1") == found.imports["a"].quantity(
        "optimum.S.D.l1"
    )
    assert (
        found.quantity("optimum.S.D.squared") is not None and second.formula is not None
    )
    member = found.imports["a"].memberships[0]
    assert found.membership(member.formula) == member


def test_a_word_of_the_theory_declared_where_it_is_used(write: Write) -> None:
    write("a.claim", THINGS + STATEMENTS)
    path = write("main.claim", 'const optimum: Real\nuse "a.claim" as a\n')
    with pytest.raises(ClaimError) as caught:
        read_document(path)
    assert "uses `optimum` as a word of the theory" in caught.value.message
    path = write("other.claim", 'use "a.claim" as a\nfunc risk(Real): Real\n')
    with pytest.raises(ClaimError, match="`risk` is used above"):
        read_document(path)


def test_one_input_with_two_targets_is_noted() -> None:
    text = "data N := points (0; 1) (1; 1) (0; 2) (0; 1) (1; 0)\ndata M := points (0; 1) (0; 1)"
    (note,) = read(text, "").notes
    assert (note.name, note.span.line) == ("N", 1)
    assert note.message == (
        "Points 1 and 3 of N have one input and different targets, and 1 more; no network "
        "fits both."
    )


def test_too_much_in_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.language.limits.MAX_QUANTITIES", 500)
    first, second = read(
        THINGS
        + "evidence a: optimum(S, D, l1) = 1\nevidence b: optimum(S, D, linf) = 1",
        "",
    ).statements
    assert first.formula is not None
    assert "optimum(S, D, linf) is too large beside the others" in second.unsupported


def test_an_event_does_not_hide_what_is_bound_in_it() -> None:
    text = "evidence e: posterior(T, D, forall T in D: T(3) >= 0) = 1"
    assert "`T` is a variable here" in mistake(THINGS + text, "").message
