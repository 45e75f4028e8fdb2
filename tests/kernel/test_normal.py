from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings

from tests.strategies import (
    RICH_WORDS,
    TermMaker,
    make_vocabulary,
    read_rich,
    seeds,
)
from tests.worlds import World
from verify.kernel import terms
from verify.kernel.normal import canonical, is_element, normal
from verify.kernel.terms import FALSE, INT, REAL, TRUE, Term, make_not
from verify.kernel.text import write_term

SAME = {
    "scaling": ("(<= 0/1 (* 3/1 x))", "(<= 0/1 (* 1/5 x))"),
    "sides": ("(<= x y)", "(<= 0/1 (+ y (* -1/1 x)))"),
    "order of a sum": ("(< (+ x y) 1/1)", "(< (+ y x) 1/1)"),
    "order of a product": ("(< (* x y) 1/1)", "(< (* y x) 1/1)"),
    "distribution": ("(<= (* x (+ x y)) 0/1)", "(<= (+ (* x x) (* y x)) 0/1)"),
    "strict is the negation": ("(< x y)", "(not (<= y x))"),
    "strict over integers": ("(< i 3)", "(<= i 2)"),
    "both signs": ("(<= i 3)", "(not (<= 4 i))"),
    "both signs, strict": ("(< 3 i)", "(not (<= i 3))"),
    "rounded down": ("(<= (* 2 i) 3)", "(<= i 1)"),
    "rounded up": ("(<= 3 (* 2 i))", "(<= 2 i)"),
    "rounded below zero": ("(<= (* 2 i) -3)", "(<= i -2)"),
    "rounded as reals": ("(<= (real i) 3/2)", "(<= (real i) 1/1)"),
    "integers as reals": ("(<= (real i) (real j))", "(<= i j)"),
    "fractions of integers": ("(<= (* 1/2 (real i)) 1/3)", "(<= i 0)"),
    "equation signs": ("(= x y)", "(= y x)"),
    "equation scaled": ("(= (* 2/1 x) 1/1)", "(= (* -4/1 x) -2/1)"),
    "equation of integers": ("(= (* 2 i) (* 4 j))", "(= i (* 2 j))"),
    "equal elements ordered": ("(= M N)", "(= N M)"),
    "arguments": ("(good (best M N))", "(good (best M N))"),
    "numeric arguments": ("(= (f (+ i 1 -1)) 0)", "(= (f i) 0)"),
    "numeric arguments of quotients": ("(< (/ (+ x x) y) 1/1)", "(< (/ (* 2/1 x) y) 1/1)"),
    "numeric branches": ("(< (if p (+ x x) y) 1/1)", "(< (if p (* 2/1 x) y) 1/1)"),
    "conditions": ("(< (if (< 0/1 x) x y) 1/1)", "(< (if (not (<= x 0/1)) x y) 1/1)"),
    "under a binder": (
        "(forall (?a Int) (<= (* 2 ?a) 3))", "(forall (?b Int) (<= ?b 1))",
    ),
    "equal formulas": ("(iff p q)", "(= p q)"),
    "real of a sum": ("(< (real (+ n 1)) x)", "(< (+ 1/1 (real n)) x)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_the_same_literal(name: str) -> None:
    one, other = map(read_rich, SAME[name])
    assert normal(one) == normal(other)


DIFFERENT = {
    "strictness of reals": ("(< x y)", "(<= x y)"),
    "direction": ("(<= x y)", "(<= y x)"),
    "rounding of reals": ("(<= (* 2/1 x) 3/1)", "(<= x 1/1)"),
    "one real among integers": ("(<= (+ x (real i)) 3/2)", "(<= (+ x (real i)) 1/1)"),
    "strict equation": ("(= x y)", "(<= x y)"),
    "order of arguments": ("(= (best M N) M)", "(= (best N M) M)"),
    "order of conjuncts": ("(and p q)", "(and q p)"),
    "order of iff": ("(iff p q)", "(iff q p)"),
    "sign of a quotient": ("(< (/ x y) 1/1)", "(< x y)"),
    "names": ("(= M N)", "(= M M)"),
    "variable's sort": (
        "(forall (?a Int) (<= 0 ?a))", "(forall (?a Nat) (<= 0 ?a))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_literals(name: str) -> None:
    one, other = map(read_rich, DIFFERENT[name])
    assert normal(one) != normal(other)
    assert normal(one) != make_not(normal(other))


CONSTANT = {
    "(<= 1 2)": TRUE,
    "(<= 2 2)": TRUE,
    "(<= 3 2)": FALSE,
    "(< 2/1 2/1)": FALSE,
    "(< 1/2 2/3)": TRUE,
    "(= 1 1)": TRUE,
    "(= 1/2 1/3)": FALSE,
    "(<= x x)": TRUE,
    "(< x x)": FALSE,
    "(= (+ x y) (+ y x))": TRUE,
    "(= x (+ x 1/1))": FALSE,
    "(= (+ (* 2 i) (* 2 j)) 1)": FALSE,
    "(= (* 2/1 (real i)) 1/1)": FALSE,
    "(= M M)": TRUE,
    "(= (next now) (next now))": TRUE,
    "(= red red)": TRUE,
    "(= red green)": FALSE,
    "(not (= red green))": TRUE,
    "(<= 0 (* 0 i))": TRUE,
}


@pytest.mark.parametrize("source", CONSTANT)
def test_constant_literals(source: str) -> None:
    assert normal(read_rich(source)) == CONSTANT[source]


LITERALS = [
    "(= now red)", "(= (next red) green)", "(= (* 2/1 x) 1/1)", "(= (+ (* 2 i) (* 3 j)) 1)",
    "(<= 0/1 x)", "(= M N)", "(and true p)", "(iff p p)", "(implies false p)", "(<= i j)",
]  # fmt: skip


@pytest.mark.parametrize("source", LITERALS)
def test_what_is_not_decided_by_its_form(source: str) -> None:
    assert normal(read_rich(source)) not in (TRUE, FALSE)


WRITTEN = {
    "(<= 0 (* 2 i))": "(<= 0 i)",
    "(<= i 0)": "(not (<= 0 (+ -1 i)))",
    "(<= (* 2 i) 3)": "(not (<= 0 (+ -2 i)))",
    "(<= (real i) 3/2)": "(not (<= 0 (+ -2 i)))",
    "(<= (+ x 1/2) 0/1)": "(<= 0/1 (+ -1/1 (* -2/1 x)))",
    "(< 0/1 x)": "(not (<= 0/1 (* -1/1 x)))",
    "(= 0 (* -4 i))": "(= i 0)",
    "(= (* 2/1 (real i)) 2/1)": "(= (+ -1 i) 0)",
    "(= (* -2/1 x) 1/1)": "(= (+ 1/1 (* 2/1 x)) 0/1)",
}


@pytest.mark.parametrize("source", WRITTEN)
def test_literals_have_these_normal_forms(source: str) -> None:
    """No zero is added, and what speaks of integers alone is a literal of integers."""
    assert write_term(normal(read_rich(source))) == WRITTEN[source]


def test_an_order_atom_is_zero_at_most_something() -> None:
    for source in ("(<= i j)", "(< i j)", "(< x y)", "(<= (* 3 i) (+ j 1))"):
        found = normal(read_rich(source))
        atom = found.args[0] if found.op == "not" else found
        assert atom.op == "<="
        assert atom.args[0].value == 0


def test_the_constant_does_not_count_in_the_scaling_of_integers() -> None:
    assert normal(read_rich("(<= (* 4 i) 6)")) == normal(read_rich("(<= i 1)"))
    assert normal(read_rich("(= (+ (* 4 i) 2) 0)")) == FALSE
    assert normal(read_rich("(= (+ (* 4 i) 4) 0)")) == normal(
        read_rich("(= (+ i 1) 0)")
    )


def test_numeric_terms_are_canonical_polynomials() -> None:
    assert normal(read_rich("(+ x x)")) == normal(read_rich("(* 2/1 x)"))
    assert normal(read_rich("(+ n (* -1 n))")) == terms.make_number(0, INT)
    assert normal(read_rich("(+ i 0)")) == read_rich("i")
    assert canonical(read_rich("(and p q)")) == read_rich("(and p q)")
    assert canonical(read_rich("(real n)")).sort == REAL


def test_elements() -> None:
    assert is_element(read_rich("red"))
    assert not is_element(read_rich("now"))
    assert not is_element(read_rich("M"))
    assert not is_element(TRUE)


def test_normal_forms_of_subterms_are_kept() -> None:
    known: dict[bytes, Term] = {}
    first = normal(read_rich("(and (< x y) (good M))"), known)
    kept = dict(known)
    assert len(kept) > 4
    assert normal(read_rich("(and (< x y) (good M))"), known) == first
    assert known.keys() == kept.keys()
    assert all(known[key] is form for key, form in kept.items())


def test_normal_does_not_recurse() -> None:
    deep = read_rich("p")
    for _ in range(terms.MAX_DEPTH // 2 - 5):
        deep = terms.make_and(terms.make_or(deep, read_rich("q")), read_rich("(< x y)"))
    assert terms.MAX_DEPTH - 10 < normal(deep).depth <= terms.MAX_DEPTH


@given(seeds())
@settings(max_examples=300)
def test_a_formula_and_its_normal_form_have_one_value(random: Random) -> None:
    vocabulary = make_vocabulary(random) if random.random() < 0.5 else RICH_WORDS
    formula = TermMaker(random, vocabulary).formula(4)
    found = normal(formula)
    for seed in range(4):
        sizes = {sort.name: 1 + seed % 3 for sort in vocabulary.sorts}
        world = World(seed, sizes=sizes)
        assert world.value(formula) == world.value(found)


@given(seeds())
def test_a_term_and_its_normal_form_have_one_value(random: Random) -> None:
    sort = random.choice((INT, REAL, *RICH_WORDS.sorts))
    term = TermMaker(random, RICH_WORDS).term(sort, 4)
    for seed in range(3):
        world = World(seed)
        assert world.value(term) == world.value(normal(term))


@given(seeds())
def test_a_normal_form_is_normal(random: Random) -> None:
    found = normal(TermMaker(random, RICH_WORDS).formula(3))
    assert normal(found) == found


@given(seeds())
def test_negation_and_normal_form_commute(random: Random) -> None:
    formula = TermMaker(random, RICH_WORDS).formula(3)
    assert normal(make_not(formula)) == make_not(normal(formula))


@given(seeds())
def test_the_two_signs_of_an_integer_literal(random: Random) -> None:
    """t <= k and k + 1 <= t are each other's negation, so a split needs no rule."""
    maker = TermMaker(random, RICH_WORDS)
    term, bound = maker.term(INT, 3), maker.number(INT)
    more = terms.make_sum(bound, terms.make_number(1, INT))
    low = normal(terms.make_at_most(term, bound))
    high = normal(terms.make_at_most(more, term))
    assert make_not(low) == high
