"""What engines are told about Nat and finite sorts."""

from __future__ import annotations

import pytest

from tests.solvers.questions import DECLARATIONS
from verify.kernel import terms
from verify.kernel.problem import read_problem, scope_of
from verify.kernel.terms import Term
from verify.kernel.text import make_term, read_tree, write_term
from verify.solvers.background import (
    MAX_EXPANDED,
    block_of,
    element_facts,
    elements_of,
    expand_finite,
    nat_facts,
    replace,
    replace_applications,
)

SORTS, SYMBOLS = scope_of(read_problem(DECLARATIONS + "(goal true)\n"))


def read(text: str) -> Term:
    return make_term(read_tree(text)[0], SORTS, SYMBOLS)


def test_what_is_natural_is_at_least_zero() -> None:
    ground, general = nat_facts([read("(= (size a) (+ n (g (g m))))")])
    written = {write_term(fact) for fact in ground}
    assert written == {
        "(<= 0 (size a))", "(<= 0 n)", "(<= 0 m)", "(<= 0 (g m))", "(<= 0 (g (g m)))",
    }  # fmt: skip
    assert general == ()


def test_under_a_quantifier_the_fact_is_general() -> None:
    formula = read("(forall (?M Model) (forall (?k Nat) (< (size ?M) (g (g ?k)))))")
    ground, general = nat_facts([formula, formula])
    assert ground == ()
    assert {write_term(fact) for fact in general} == {
        "(forall (?a1 Model) (<= 0 (size ?a1)))",
        "(forall (?a1 Int) (<= 0 (g ?a1)))",
    }


@pytest.mark.parametrize(
    ("formula", "expanded"),
    [
        (
            "(forall (?l Light) (= now ?l))",
            "(and (= now red) (= now amber) (= now green))",
        ),
        (
            "(exists (?l Light) (= now ?l))",
            "(or (= now red) (= now amber) (= now green))",
        ),
        ("(exists (?t Bool) (on ?t now))", "(or (on true now) (on false now))"),
        (
            "(forall (?M Model) (exists (?t Bool) (iff ?t (good ?M))))",
            "(forall (?M Model) (or (iff true (good ?M)) (iff false (good ?M))))",
        ),
        ("(forall (?k Int) (< ?k i))", "(forall (?k Int) (< ?k i))"),
    ],
)
def test_finite_quantifiers_are_written_out(formula: str, expanded: str) -> None:
    assert write_term(expand_finite(read(formula))) == expanded


def test_nothing_large_is_written_out() -> None:
    text = "(= now now)"
    for depth in range(12):
        text = f"(forall (?l{depth} Light) (and (= now ?l{depth}) {text}))"
    expanded = expand_finite(read(text))
    assert expanded.size < 10 * MAX_EXPANDED
    assert expanded.op == "forall"


def test_elements_are_all_there_is() -> None:
    facts = [write_term(fact) for fact in element_facts([read("(= (next now) red)")])]
    assert "(not (= red amber))" in facts
    assert "(or (= now red) (= now amber) (= now green))" in facts
    assert "(or (= (next now) red) (= (next now) amber) (= (next now) green))" in facts
    assert len(facts) == 5
    general = read("(forall (?x Light) (or (= ?x red) (= ?x amber) (= ?x green)))")
    assert general in element_facts([read("(forall (?l Light) (= ?l now))")])


def test_a_block_is_of_one_kind() -> None:
    formula = read(
        "(forall (?k Nat) (forall (?M Model) (exists (?j Int) (= ?j (size ?M)))))"
    )
    variables, body = block_of(formula)
    assert [one.name for one in variables] == ["k", "M"]
    assert body.op == "exists"


def test_outermost_closed_applications_make_way() -> None:
    formula = read("(forall (?x Real) (< (abs ?x) (abs (abs y))))")
    abstract, originals = replace_applications(formula)
    ((fresh, original),) = originals.items()
    assert original == read("(abs (abs y))")
    assert fresh in terms.subterms(abstract) and original not in terms.subterms(
        abstract
    )
    assert replace(abstract, originals) == formula


def test_elements_are_terms() -> None:
    assert [write_term(one) for one in elements_of(SORTS["Light"])] == [
        "red",
        "amber",
        "green",
    ]
    assert elements_of(SORTS["Model"]) == ()
