from __future__ import annotations

import pytest

from tests.arguments.scripted import Maker
from verify.arguments.formulas import (
    conjuncts,
    converses,
    implications,
    induction_parts,
    never_applies,
    read_as,
    reorder,
    split_prefix,
    swapped_quantifiers,
)
from verify.kernel.normal import normal
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, INT, NAT, REAL, Sort, Symbol
from verify.kernel.text import write_term

MODEL = Sort("Model")
LIKES = Symbol("likes", (MODEL, MODEL), BOOL)
F = Symbol("f", (NAT,), INT)
G = Symbol("g", (REAL,), REAL)
MADE = Maker(LIKES, F, G, sorts=(MODEL,))


def test_reordering_moves_variables_with_their_quantifiers() -> None:
    formula = MADE.term("(forall (?x Model) (exists (?y Model) (likes ?x ?y)))")
    moved = reorder(formula, (1, 0))
    assert moved == MADE.term("(exists (?y Model) (forall (?x Model) (likes ?x ?y)))")
    assert reorder(moved, (1, 0)) == formula


def test_reordering_leaves_inner_quantifiers_alone() -> None:
    formula = MADE.term(
        "(forall (?a Model) (forall (?b Model) "
        "(or (likes ?a ?b) (exists (?c Model) (likes ?c ?a)))))"
    )
    assert reorder(formula, (1, 0)) == MADE.term(
        "(forall (?b Model) (forall (?a Model) "
        "(or (likes ?a ?b) (exists (?c Model) (likes ?c ?a)))))"
    )


def test_only_exists_forall_is_swapped() -> None:
    strong = MADE.term("(exists (?y Model) (forall (?x Model) (likes ?x ?y)))")
    (weak,) = swapped_quantifiers(strong)
    assert weak == MADE.term("(forall (?x Model) (exists (?y Model) (likes ?x ?y)))")
    assert not list(swapped_quantifiers(weak))


def test_implications_are_found_under_universals_and_in_conjunctions() -> None:
    formula = MADE.term(
        "(forall (?x Model) (and (implies (likes ?x ?x) false) (likes ?x ?x)))"
    )
    ((prefix, left, right),) = implications(formula)
    assert [q.op for q in prefix] == ["forall"]
    assert left.op == "app" and right.op == "false"
    existential = MADE.term("(exists (?x Model) (implies (likes ?x ?x) false))")
    assert not list(implications(existential))


def test_the_converse_turns_the_implication_round() -> None:
    formula = MADE.term("(forall (?n Nat) (implies (<= 1 (f ?n)) (<= 2 (f ?n))))")
    assert list(converses(formula)) == [
        MADE.term("(forall (?n Nat) (implies (<= 2 (f ?n)) (<= 1 (f ?n))))")
    ]


def test_an_implication_to_false_is_meant_never_to_apply() -> None:
    assert not list(never_applies(MADE.term("(implies (<= 1 (f 0)) false)")))
    (never,) = never_applies(MADE.term("(implies (<= 1 (f 0)) (<= 2 (f 0)))"))
    assert never == MADE.term("(not (<= 1 (f 0)))")


def test_base_and_step_of_an_induction() -> None:
    formula = MADE.term("(forall (?k Nat) (<= 0 (f ?k)))")
    base, step = induction_parts(formula, "k") or (None, None)
    assert base == MADE.term("(<= 0 (f 0))")
    assert step is not None and normal(step) == normal(
        MADE.term("(forall (?k Nat) (implies (<= 0 (f ?k)) (<= 0 (f (+ ?k 1)))))")
    )


def test_induction_on_an_inner_variable_generalises_the_outer_ones() -> None:
    formula = MADE.term("(forall (?x Model) (forall (?k Nat) (likes ?x ?x)))")
    base, step = induction_parts(formula, "k") or (None, None)
    assert base == MADE.term("(forall (?x Model) (likes ?x ?x))")
    assert step is not None and split_prefix(step)[0][0].name == "k"


def test_induction_runs_over_nat_only() -> None:
    with pytest.raises(Rejected, match="Nat"):
        induction_parts(MADE.term("(forall (?x Real) (<= 0/1 (g ?x)))"), "x")
    assert induction_parts(MADE.term("(forall (?k Nat) (<= 0 (f ?k)))"), "j") is None


def test_numbers_read_as_others() -> None:
    formula = MADE.term("(exists (?n Int) (= (* 2 ?n) 1))")
    assert write_term(read_as(formula, REAL)) == "(exists (?n Real) (= (* 2/1 ?n) 1/1))"
    mixed = MADE.term("(<= (g (real (f 0))) 3/1)")
    assert write_term(read_as(mixed, INT)) == "(<= (g (f 0)) 3)"
    with pytest.raises(Rejected):
        read_as(MADE.term("(<= (g 0/1) 1/2)"), INT)


def test_conjuncts() -> None:
    both = MADE.term("(and (<= 0 (f 0)) (<= 0 (f 1)))")
    assert len(conjuncts(both)) == 2 and conjuncts(both.args[0]) == (both.args[0],)
