"""The shared example documents, accepted as they are, and what they come to mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.reading import formula, read
from verify.kernel.terms import Term
from verify.kernel.text import write_term
from verify.language.document import Document
from verify.language.elaborate import parse_formula, parse_term
from verify.language.errors import ClaimError
from verify.language.names import scope_of
from verify.language.printing import render_term
from verify.language.reader import read_document

EXAMPLES = Path(__file__).parent / "examples"

# document: statements, symbols, definitions, networks and what goes with them, unsupported
COUNTS = {
    "deceptive-circuit": (11, 5, 1, 0, 0),
    "glossary": (4, 4, 9, 0, 0),
    "hat": (12, 0, 0, 7, 0),
    "online-gradient-descent": (12, 9, 1, 0, 0),
    "shift": (4, 0, 0, 5, 0),
    "spike": (9, 0, 1, 6, 0),
    "switch": (6, 0, 0, 6, 0),
    "telescoping": (6, 4, 0, 0, 0),
    "threat-chain": (14, 11, 0, 0, 0),
}

REFUTED = {
    "deceptive-circuit": {"s1", "literal"},
    "glossary": {"right_goal"},
    "hat": {"too_good"},
    "online-gradient-descent": {"wrong"},
    "shift": {"too_small"},
    "spike": set(),
    "switch": {"edge", "slope2"},
    "telescoping": {"as_written"},
    "threat-chain": {"still_cut", "tighter"},
}

FORMULAS = [
    ("deceptive-circuit", "P1", "(= (size M_d) K)"),
    ("deceptive-circuit", "P3", "(and (< 0 c) (<= c K))"),
    (
        "deceptive-circuit",
        "P2",
        "(forall (?M Model) (implies (< (size ?M) K) (exists (?N Model) (and "
        "(= (size ?N) (+ (size ?M) 1)) (< (loss ?N) (loss ?M))))))",
    ),
    (
        "deceptive-circuit",
        "P4",
        "(exists (?N Model) (and (= (size ?N) (+ K (* -1 c))) (= (loss ?N) (loss M_d))))",
    ),
    (
        "deceptive-circuit",
        "main",
        "(not (and (= (size M_d) K) (forall (?N Model) (implies (= (size ?N) K) "
        "(<= (loss M_d) (loss ?N))))))",
    ),
    ("online-gradient-descent", "positive", "(< 0/1 eta)"),
    ("online-gradient-descent", "wrong", "(<= (R T) (* 1/2 D G s))"),
    (
        "online-gradient-descent",
        "start",
        "(<= (* (+ (x 0) (* -1/1 u)) (+ (x 0) (* -1/1 u))) (* D D))",
    ),
    (
        "telescoping",
        "round",
        "(forall (?t Nat) (= (S (+ ?t 1)) (+ (S ?t) (best ?t) (* -1/1 (real_ ?t)))))",
    ),
    ("threat-chain", "cut_shift", "(implies (not shifted) (not catastrophe))"),
    (
        "threat-chain",
        "q1",
        "(and (<= 0/1 p1) (<= p1 1/1) (<= (* 1/10 p1) p2) (<= p2 (* 1/5 p1)))",
    ),
]


def example(name: str) -> Document:
    return read_document(EXAMPLES / f"{name}.md")


def formulas_of(document: Document) -> list[Term]:
    return [
        term
        for statement in document.statements
        for term in (
            statement.formula,
            statement.target,
            statement.start,
            *(member for _, member in statement.members),
        )
        if term is not None
    ]


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_the_examples_are_accepted_as_they_are(name: str) -> None:
    document = example(name)
    unsupported = sum(bool(statement.unsupported) for statement in document.statements)
    assert (
        len(document.statements),
        len(document.symbols),
        len(document.definitions),
        len(document.declarations),
        unsupported,
    ) == COUNTS[name]


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_expectations_reach_their_statements(name: str) -> None:
    expected = {s.name: s.expected for s in example(name).statements}
    refuted = {key for key, status in expected.items() if status == "refuted"}
    assert refuted == REFUTED[name]
    assert set(expected.values()) <= {"refuted", "proved"}


@pytest.mark.parametrize(("name", "statement", "text"), FORMULAS)
def test_formulas_mean_what_they_say(name: str, statement: str, text: str) -> None:
    found = example(name).statement(statement)
    assert found is not None and found.formula is not None
    assert write_term(found.formula) == text


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_every_formula_is_printed_and_read_back(name: str) -> None:
    document = example(name)
    scope = scope_of(document)
    for term in formulas_of(document):
        assert parse_formula(render_term(term), scope) == term


def test_by_lists_of_an_example() -> None:
    document = example("deceptive-circuit")
    s2 = document.statement("s2")
    assert s2 is not None and s2.by.citations is not None
    first, second, third = s2.by.citations
    assert (first.name, [g.name for g in first.giving]) == ("P4", ["M_small"])
    assert second.name == "grow"
    assert [write_term(term) for term in second.terms] == ["c", "M_small"]
    assert (third.name, third.terms, third.giving) == ("P3", (), ())
    grow = document.statement("grow")
    assert grow is not None and grow.by.citations is not None
    assert (grow.by.method, grow.by.variable) == ("induction", "j")
    assert [citation.name for citation in grow.by.citations] == ["P2"]


def test_statements_keep_the_words_and_the_place_of_the_author() -> None:
    document = example("deceptive-circuit")
    s1 = document.statement("s1")
    assert s1 is not None
    assert s1.label == "a smaller model has the same loss"
    assert s1.source == "exists N: Model. size(N) < K and loss(N) = loss(M_d)"
    assert s1.span == (23, 1, 24, 14)
    assert document.readings["loss"] == "the training loss of {1}"
    assert document.lines["loss"] == 12
    assert document.text == (EXAMPLES / "deceptive-circuit.md").read_text()


def test_cuts_and_lattices_hold_their_formulas() -> None:
    cuts = example("threat-chain").statement("cuts")
    assert cuts is not None and cuts.target is not None and cuts.start is not None
    assert (write_term(cuts.target), write_term(cuts.start)) == ("catastrophe", "base")
    assert [name for name, _ in cuts.members] == [
        "mesa", "misaligned", "deployed", "shifted", "unanticipated",
    ]  # fmt: skip
    lattice = example("glossary").statement("lattice")
    assert lattice is not None and lattice.formula is None
    assert len(lattice.members) == 6
    assert {"training", "fits_base"} <= set(lattice.definitions)


def test_constants_of_the_examples_have_a_meaning() -> None:
    spike, hat, shift = (example(name) for name in ("spike", "hat", "shift"))
    assert [quantity.name for quantity in spike.quantities] == [
        "optimum.S.D.l1", "optimum.bigger.D.l1", "least.C.D.l1", "least.C.D.squared",
    ]  # fmt: skip
    assert len(hat.quantities) == 10
    assert [quantity.written for quantity in shift.quantities] == [
        "risk(f, D, l1, wasserstein(1/2, domain))", "risk(g, E, l1, tv(1/3))",
    ]  # fmt: skip
    survives = spike.statement("survives")
    assert survives is not None and survives.definitions == ("minimises", "deployed")


def test_a_statement_that_cites_an_unsupported_one_is_unsupported() -> None:
    document = read(
        "evidence e: minimax_regret(rounds = 2, delay = 1) = 0\nstep s: p by P1, e"
    )
    step = document.statement("s")
    assert step is not None and step.formula is None
    assert step.unsupported.startswith("it cites e: it speaks of minimax_regret")


def test_evidence_about_nothing_computed_is_no_fact() -> None:
    statement = read("evidence e: 1 + 1 = 2").statements[-1]
    assert statement.formula is None
    assert "no network and no data" in statement.unsupported


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a term or a formula, got the end"),
        ("x > 0 by P1", "got a by-list"),
        ("x > 0 step s: p", "got more"),
        ("x + 1", "a term of type Real"),
        ("x >", "got the end of the text"),
    ],
)
def test_one_formula_is_one_formula(text: str, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        formula(text)


def test_a_typed_formula_has_its_own_places() -> None:
    with pytest.raises(ClaimError) as caught:
        formula("x > 0 and\n  los(M_d) > 0")
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_a_term_need_not_be_a_formula() -> None:
    scope = scope_of(read(""))
    assert write_term(parse_term("x + 1", scope)) == "(+ x 1/1)"
    scope = scope_of(read('network f(v: Real) := v\nnetwork g := "g.onnx"'))
    assert write_term(parse_term("f(1)", scope)) == "(f 1/1)"
    with pytest.raises(ClaimError, match="files are not read here"):
        parse_term("g(1)", scope)
