"""By-lists: instances, witnesses, and what may be cited."""

from __future__ import annotations

import pytest

from tests.language.reading import last, mistake, read
from verify.kernel.terms import Sort
from verify.kernel.text import write_term
from verify.language.document import Citation


def citations(text: str) -> tuple[Citation, ...]:
    found = last(f"step s: p {text}").by.citations
    assert found is not None
    return found


def test_instances_give_terms_in_order() -> None:
    (cited,) = citations("by A(M_d, K + 2)")
    assert [write_term(term) for term in cited.terms] == ["M_d", "(+ K 2)"]


def test_an_instance_may_leave_the_last_variables_open() -> None:
    (cited,) = citations("by A(M_d)")
    assert [write_term(term) for term in cited.terms] == ["M_d"]


def test_numerals_in_an_instance_fit_the_variable() -> None:
    read_terms = last(
        "premise B: forall v: Real. v > 0\nstep s: p by B(2)"
    ).by.citations
    assert read_terms is not None
    assert write_term(read_terms[0].terms[0]) == "2/1"


@pytest.mark.parametrize("names", ["M, N", "(M, N)"])
def test_giving_names_one_thing_for_each_exists(names: str) -> None:
    (cited,) = citations(f"by E giving {names}")
    assert [(g.name, g.result) for g in cited.giving] == [
        ("M", Sort("Model")), ("N", Sort("Model")),
    ]  # fmt: skip


def test_a_fact_after_giving_is_a_fact() -> None:
    first, second = citations("by E giving M, P1")
    assert [g.name for g in first.giving] == ["M"]
    assert second.name == "P1"


def test_witnesses_are_known_in_the_rest_of_the_list_only() -> None:
    _, second = citations("by E giving M, A(M, 3)")
    assert [write_term(term) for term in second.terms] == ["M", "3"]
    early = mistake("step s: p by A(M, 3), E giving M")
    assert "unknown name `M`" in early.message
    beyond = mistake("step s: p by E giving M\nstep t: loss(M) > 0")
    assert "unknown name `M`" in beyond.message
    again = read("step s: p by E giving M\nstep t: p by E giving M")
    assert len(again.statements) == 5


def test_an_instance_may_open_what_it_gives() -> None:
    text = "premise B: forall M: Model. exists n: Nat. size(M) < n\n"
    by = last(text + "step s: p by B(M_d) giving n").by
    assert by.citations is not None
    assert by.citations[0].giving[0].result.name == "Nat"


def test_earlier_statements_of_every_kind_can_be_cited() -> None:
    text = "lemma l: p\nadmit t: p\nconclusion c: p by l, t\nstep s: p by l, t, c, P1\n"
    by = last(text).by
    assert by.citations is not None
    assert [cited.name for cited in by.citations] == ["l", "t", "c", "P1"]


def test_lattices_and_cuts_are_no_facts() -> None:
    found = mistake("lattice p, q\nstep s: p by lattice")
    assert "unknown fact `lattice`" in found.message


def test_a_long_by_list_is_refused() -> None:
    listed = ", ".join(["P1"] * 1_001)
    assert "at most 1000 entries" in mistake(f"step s: p by {listed}").message
