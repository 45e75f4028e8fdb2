from __future__ import annotations

import pytest

from tests.arguments.scripted import Maker
from verify.arguments.problems import (
    Unavailable,
    add_fact,
    facts_above,
    make_dossier,
    make_fact,
    problem_of,
    sorts_of,
    symbols_of,
)
from verify.kernel.problem import read_problem
from verify.kernel.terms import NAT, REAL, Sort, Symbol
from verify.kernel.text import write_term
from verify.language.document import Citation, Justification

MODEL = Sort("Model")
COLOUR = Sort("Colour", ("red", "blue"))
SIZE = Symbol("size", (MODEL,), NAT)
SHADE = Symbol("shade", (MODEL,), COLOUR)
M_D = Symbol("M_d", (), MODEL)
K, C = Symbol("K", (), NAT), Symbol("c", (), NAT)
X = Symbol("x", (), REAL)
SMALL = Symbol("small", (), MODEL)


def maker() -> Maker:
    return Maker(M_D, K, C, X, SIZE, SHADE, sorts=(MODEL, COLOUR))


def test_only_what_occurs_is_declared_in_the_documents_order() -> None:
    made = maker()
    made.add("premise", "P1", "(= (size M_d) K)")
    made.add("premise", "P2", "(= (shade M_d) red)")
    step = made.add("step", "s", "(<= 0 K)", by=("P1",))
    problem = make_dossier(made.document(), step, {}).full
    assert problem.sorts == (MODEL,)
    assert [symbol.name for symbol in problem.symbols] == ["M_d", "K", "size"]
    assert read_problem(problem.text()) == problem


def test_elements_of_a_finite_sort_are_no_symbols_of_their_own() -> None:
    made = maker()
    step = made.add("step", "s", "(= (shade M_d) red)")
    problem = make_dossier(made.document(), step, {}).full
    assert set(problem.sorts) == {MODEL, COLOUR}
    assert problem.symbols == (M_D, SHADE)
    assert symbols_of(problem.goal) == {M_D, SHADE}
    assert sorts_of(made.term("(exists (?x Colour) true)")) == {COLOUR}


def test_a_lemma_is_cited_with_the_hash_of_its_problem() -> None:
    made = maker()
    made.add("premise", "P", "(<= 1 K)")
    lemma = made.add("lemma", "l", "(<= 0 K)", by=("P",))
    step = made.add("step", "s", "(<= 0 K)", by=("l",))
    document = made.document()
    with pytest.raises(Unavailable, match="before it is proved"):
        make_dossier(document, step, {})
    sha = make_dossier(document, lemma, {}).full.sha()
    fact = make_dossier(document, step, {("post.md", "l"): sha}).full.facts[0]
    assert (fact.kind, fact.name, fact.proof) == ("lemma", "l", sha)


def test_an_admitted_statement_is_cited_as_one() -> None:
    made = maker()
    made.add("admit", "a", "(<= 1 K)")
    assert make_fact(made.document(), "a", {}).kind == "admitted"


def test_an_instance_contributes_its_formula_and_an_opening_its_body() -> None:
    made = maker()
    made.add("premise", "P4", "(exists (?N Model) (= (size ?N) c))")
    made.add(
        "premise", "grow", "(forall (?j Nat) (forall (?M Model) (<= ?j (size ?M))))"
    )
    small = made.term("small", (SMALL,))
    citations = (
        Citation("P4", (), (SMALL,)),
        Citation("grow", (made.term("c"), small)),
    )
    step = made.add("step", "s", "(<= c K)", by=citations)
    dossier = make_dossier(made.document(), step, {})
    assert [f.formula.op for f in dossier.full.facts] == ["exists", "forall"]
    texts = [write_term(fact.formula) for fact in dossier.cited.facts]
    assert texts == ["(= (size small) c)", "(<= c (size small))"]
    assert SMALL in dossier.cited.symbols and SMALL not in dossier.full.symbols
    assert dossier.hints["witnesses"] == [["P4", ["small"]]]
    assert dossier.hints["instances"] == [["grow", ["c", "small"]]]


def test_several_instances_of_one_fact_keep_apart() -> None:
    made = maker()
    made.add("premise", "P", "(forall (?j Nat) (<= ?j K))")
    citations = (Citation("P", (made.term("c"),)), Citation("P", (made.term("K"),)))
    step = made.add("step", "s", "(<= c K)", by=citations)
    dossier = make_dossier(made.document(), step, {})
    assert [fact.name for fact in dossier.full.facts] == ["P"]
    assert [fact.name for fact in dossier.cited.facts] == ["P", "P.2"]
    assert read_problem(dossier.cited.text()) == dossier.cited


def test_without_instances_the_two_problems_are_one() -> None:
    made = maker()
    made.add("premise", "P", "(<= 1 K)")
    step = made.add("step", "s", "(<= 0 K)", by=("P",))
    dossier = make_dossier(made.document(), step, {})
    assert dossier.cited is dossier.full


def test_an_instance_without_its_opening_is_no_hint() -> None:
    made = maker()
    made.add("premise", "P4", "(exists (?N Model) (= (size ?N) c))")
    made.add("premise", "grow", "(forall (?M Model) (<= c (size ?M)))")
    small = made.term("small", (SMALL,))
    citations = (Citation("P4", (), (SMALL,)), Citation("grow", (small,)))
    step = made.add("step", "s", "(<= c K)", by=citations)
    dossier = make_dossier(made.document(), step, {}, ("grow",))
    assert dossier.hints["instances"] == []
    assert [fact.name for fact in dossier.cited.facts] == ["grow"]


def test_an_entry_that_does_not_fit_says_which() -> None:
    made = maker()
    made.add("premise", "P", "(<= 1 K)")
    step = made.add("step", "s", "(<= 0 K)", by=(Citation("P", (made.term("c"),)),))
    with pytest.raises(Unavailable, match="the entry for P does not fit"):
        make_dossier(made.document(), step, {})


def test_two_meanings_of_one_name_are_refused() -> None:
    made = Maker(K)
    other = Maker(Symbol("K", (), REAL))
    other.add("premise", "Q", "(<= 0/1 K)")
    made.add("premise", "P", "(<= 1 K)")
    step = made.add("step", "s", "(<= 0 K)", by=("P", "o.Q"))
    with pytest.raises(Unavailable, match="symbol K has two meanings"):
        make_dossier(made.document(o=other.document("other.md")), step, {})


def test_an_imported_fact_is_found_under_its_alias() -> None:
    other = Maker(X)
    other.add("premise", "Q", "(<= 0/1 x)")
    made = Maker(X)
    made.add("step", "s", "(<= 0/1 x)", by=("o.Q",))
    document = made.document(o=other.document("other.md"))
    assert make_fact(document, "o.Q", {}).name == "o.Q"


def test_facts_above_stop_at_the_statement() -> None:
    made = Maker(K)
    made.add("premise", "P", "(<= 1 K)")
    step = made.add("step", "s", "(<= 0 K)")
    made.add("premise", "late", "(<= 2 K)")
    assert [s.name for s in facts_above(made.document(), step)] == ["P"]


def test_a_statement_without_a_formula_says_why() -> None:
    made = Maker(K)
    made.add("evidence", "e", unsupported="networks are not read yet")
    step = made.add("step", "s", "(<= 0 K)", by=("e",))
    with pytest.raises(Unavailable, match="networks are not read yet"):
        make_dossier(made.document(), step, {})


def test_an_added_fact_gets_a_name_of_its_own() -> None:
    made = Maker(K)
    made.add("premise", "extra", "(<= 1 K)")
    step = made.add("step", "s", "(<= 0 K)", by=("extra",))
    problem = make_dossier(made.document(), step, {}).full
    grown = add_fact(made.document(), problem, "extra", made.term("(<= 3 K)"))
    assert [fact.name for fact in grown.facts] == ["extra", "extra_"]


def test_what_is_declared_besides_changes_no_fact() -> None:
    made = maker()
    goal = made.term("(<= 0 K)")
    problem = problem_of(made.document(), (), goal, also=(made.term("(<= 0 c)"),))
    assert [symbol.name for symbol in problem.symbols] == ["K", "c"]


def test_method_and_variable_are_hints() -> None:
    made = Maker(K)
    step = made.add("lemma", "l", "(forall (?k Nat) (<= 0 ?k))")
    step = step._replace(by=Justification((), "induction", "k"))
    hints = make_dossier(made.document(), step, {}).hints
    assert hints == {"method": "induction", "variable": "k"}
