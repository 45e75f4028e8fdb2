from __future__ import annotations

import string
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings

from tests.proofs import rejects
from tests.strategies import TermMaker, make_vocabulary, read_rich, seeds
from verify.kernel import terms, text
from verify.kernel.problem import Problem, scope_of
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, INT, NAT, REAL, Binder, make_forall, make_variable
from verify.kernel.text import (
    make_term,
    read_name,
    read_rational,
    read_tree,
    write_term,
)

TREES = {
    "": [],
    "a": ["a"],
    "()": [[]],
    "(a (b c) ())": [["a", ["b", "c"], []]],
    " a\n\t(b)  ": ["a", ["b"]],
    "a(b)c": ["a", ["b"], "c"],
    '"a" ;b': ['"a"', ";b"],
}


@pytest.mark.parametrize("source", TREES)
def test_trees(source: str) -> None:
    assert read_tree(source) == TREES[source]


def test_trees_are_balanced_plain_and_small() -> None:
    with rejects("balanced parentheses", "a '(' too many"):
        read_tree("(a (b)")
    with rejects("balanced parentheses", "a ')' too many"):
        read_tree("(a))")
    with rejects("balanced parentheses", "a ')' too many"):
        read_tree(")(")
    with rejects("ASCII text", "other characters"):
        read_tree("(and p \N{CYRILLIC SMALL LETTER ER})")
    with rejects("at most 4000000 characters", "4000001"):
        read_tree(" " * (text.MAX_TEXT + 1))
    assert read_tree(" " * text.MAX_TEXT) == []
    assert len(read_tree("a " * 500_000)) == 500_000
    with rejects("at most 500000 tokens", "500001"):
        read_tree("a " * 500_001)


def test_nesting_has_a_limit() -> None:
    deepest = 2 * terms.MAX_DEPTH - 1
    assert read_tree("(" * deepest + ")" * deepest)
    with rejects("less nesting", "801 levels"):
        read_tree("(" * 100_000 + ")" * 100_000)


@pytest.mark.parametrize("name", ["a", "_", "Z9", "a.b_c", "a" * 200])
def test_names(name: str) -> None:
    assert read_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "9a", ".a", "-a", "a!", "a-b", "?a", "a\n", "a" * 201, "a b", ["a"]]
)
def test_what_is_no_name(name: text.Tree) -> None:
    with rejects("a name"):
        read_name(name)


RATIONALS = {
    "0": Fraction(0),
    "-0": Fraction(0),
    "007": Fraction(7),
    "-3": Fraction(-3),
    "3/4": Fraction(3, 4),
    "-6/4": Fraction(-3, 2),
    "0/5": Fraction(0),
    "9" * 4_000: Fraction(10**4_000 - 1),
}


@pytest.mark.parametrize("source", RATIONALS, ids=lambda s: s[:9])
def test_rationals(source: str) -> None:
    assert read_rational(source) == RATIONALS[source]


@pytest.mark.parametrize(
    "source",
    [
        "", "-", "+1", "1/0", "1/-2", "1/00", "1/02", "0.5", "1e3", "1_000", " 1", "1 ",
        "1\n", "nan", "NaN", "inf", "--1", "1/2/3", "/2", "1/", "0x1",
        "\N{FULLWIDTH DIGIT ONE}",
        "\N{ARABIC-INDIC DIGIT ONE}", "9" * 4_001, "1/" + "9" * 4_001,
    ],
    ids=lambda s: s[:9],
)  # fmt: skip
def test_what_is_no_rational(source: str) -> None:
    with rejects("a rational p or p/q", source[:20]):
        read_rational(source)


SPELLED = [
    "true", "(not p)", "(and p q p)", "(forall (?x Int) (<= ?x i))", "-3", "-3/1", "1/3", "0",
    "0/1", "(+ i -3)", "(* 2/1 x)", "(size M)", "(on (or p q) red)", "(if p x (/ x y))",
    "(real (+ i 1))", "(= now green)", "(f (g n))", "(h (real n) (* -1 i))",
    "(forall (?x Int) (exists (?x.1 Int) (forall (?x.2 Int) (and (<= ?x ?x.1) (< ?x.2 i)))))",
    "(exists (?y Int) (forall (?x Int) (exists (?y.1 Int) (< ?y.1 (+ ?x ?y)))))",
    "(and (forall (?x Int) (= ?x ?x)) (forall (?x Int) (= ?x ?x)))",
    "(forall (?x_1 Nat) (<= 0 ?x_1))",
]  # fmt: skip


@pytest.mark.parametrize("source", SPELLED)
def test_canonical_text_is_read_and_written_back(source: str) -> None:
    assert write_term(read_rich(source)) == source


RESPELLED = {
    "(and (and p q) p)": "(and p q p)",
    "(not (not p))": "p",
    "(not true)": "false",
    "(= p q)": "(iff p q)",
    "2/4": "1/2",
    "-0": "0",
    "007": "7",
    "-4/2": "-2/1",
    "(forall (?x Int) (forall (?x Int) (< ?x i)))": (
        "(forall (?x Int) (forall (?x.1 Int) (< ?x.1 i)))"
    ),
    "(forall (?x.7 Int) (< ?x.7 i))": "(forall (?x Int) (< ?x i))",
    "(forall (?x.a.b Int) (< ?x.a.b i))": "(forall (?x Int) (< ?x i))",
    "  ( and   p\n q )": "(and p q)",
}


@pytest.mark.parametrize("source", RESPELLED)
def test_other_spellings_are_written_canonically(source: str) -> None:
    assert write_term(read_rich(source)) == RESPELLED[source]


def test_the_innermost_variable_of_a_name_is_meant() -> None:
    term = read_rich("(forall (?x Int) (forall (?x Real) (< ?x 1/2)))")
    assert term.args[0].args[0].args[0] == make_variable(0, REAL)


def test_variables_of_one_name_have_the_sorts_of_their_binders() -> None:
    """Terms that are met twice are made once; these look alike and are not the same."""
    alone = read_rich("(and (forall (?a Int) (= ?a ?a)) (forall (?a Real) (= ?a ?a)))")
    sides = [part.args[0].args for part in alone.args]
    assert sides == [(make_variable(0, sort),) * 2 for sort in (INT, REAL)]
    inside = "(forall (?a Int) (forall (?b {}) (forall (?c Int) (= ?b ?b))))"
    both = read_rich(f"(and {inside.format('Int')} {inside.format('Real')})")
    sides = [part.args[0].args[0].args[0].args for part in both.args]
    assert sides == [(make_variable(1, sort),) * 2 for sort in (INT, REAL)]


def test_a_number_after_a_dot_is_no_part_of_a_variables_name() -> None:
    """Neither when it is read nor when a term made elsewhere is written."""
    read = read_rich("(forall (?x.7 Int) p)").value
    assert isinstance(read, Binder)
    assert read.name == "x"
    assert write_term(make_forall("x.7", INT, terms.TRUE)) == "(forall (?x Int) true)"


@pytest.mark.parametrize("first", sorted({*string.punctuation} - {*"()-"}))
def test_only_digits_and_a_minus_begin_a_numeral(first: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read_rich(first)
    assert rejected.value.expected == "a declared constant or a variable in scope"
    assert rejected.value.got == first


UNREAD = {
    "()": ("an operator after '('", "[]"),
    "((f) i)": ("an operator after '('", "[['f'], 'i']"),
    "r": ("a declared constant or a variable in scope", "r"),
    "?x": ("a declared constant or a variable in scope", "?x"),
    "!1": ("a declared constant or a variable in scope", "!1"),
    "f": ("1 arguments of f", "0"),
    "(f)": ("a declared function with arguments", "f"),
    "(p)": ("a declared function with arguments", "p"),
    "(r i)": ("a declared function with arguments", "r"),
    "(f i j)": ("1 arguments of f", "2"),
    "(f x)": ("sort Int as argument 1 of f", "sort Real"),
    "(i j)": ("0 arguments of i", "1"),
    "(xor p q)": ("a declared function with arguments", "xor"),
    "(and)": ("a declared function with arguments", "and"),
    "(and p)": ("two arguments of and", "1"),
    "(+ i)": ("two arguments of +", "1"),
    "(true)": ("a declared function with arguments", "true"),
    "(true p)": ("two arguments of true", "1"),
    "(true p q)": ("0 arguments of true", "2"),
    "(not p q)": ("1 arguments of not", "2"),
    "(implies p q p)": ("2 arguments of implies", "3"),
    "(if p i)": ("3 arguments of if", "2"),
    "(forall (?x Int))": ("a declared constant or a variable in scope", "Int"),
    "(forall (?x Int) p q)": ("a declared constant or a variable in scope", "Int"),
    "(forall (x Int) p)": ("a binder (?name Sort) of a declared sort", "x"),
    "(forall (?x Integer) p)": ("a binder (?name Sort) of a declared sort", "Integer"),
    "(forall (?x Int Int) p)": ("a binder (?name Sort) of a declared sort", "?x"),
    "(forall (?x (Int)) p)": ("a binder (?name Sort) of a declared sort", "?x"),
    "(forall ?x p)": ("a binder (?name Sort) of a declared sort", "?x"),
    "(forall () p)": ("a binder (?name Sort) of a declared sort", "[]"),
    "(forall (? Int) p)": ("a name", ""),
    "(forall (?9 Int) p)": ("a name", "9"),
    "(forall (?x Int) i)": ("sort Bool under forall", "sort Int"),
    "(and p (forall (?x Int) p) (<= ?x i))": ("a declared constant or a var", "?x"),
    "(<= i 1/2)": ("beside a Int in <=", "sort Real"),
    "(<= x 1)": ("beside a Real in <=", "sort Nat"),
    "1.5": ("a rational p or p/q", "1.5"),
    "--1": ("a rational p or p/q", "--1"),
    "-": ("a rational p or p/q", "-"),
    "1/0": ("a rational p or p/q", "1/0"),
    "9" * 2_500: ("a numeral of at most 8192 bits", "a longer one"),
}


@pytest.mark.parametrize("source", UNREAD, ids=lambda s: s[:30])
def test_what_cannot_be_read_says_why(source: str) -> None:
    expected, got = UNREAD[source]
    with rejects(expected, got):
        read_rich(source)


def test_a_loose_variable_cannot_be_written() -> None:
    with rejects("a closed term", "a loose variable"):
        write_term(make_variable(0, INT))
    with rejects("a closed term", "a loose variable"):
        write_term(make_forall("x", INT, terms.make_less(*[make_variable(1, INT)] * 2)))


@given(seeds())
@settings(max_examples=300)
def test_reading_what_was_written_gives_the_term_back(random: Random) -> None:
    vocabulary = make_vocabulary(random)
    problem = Problem(*vocabulary, (), terms.TRUE)
    maker = TermMaker(random, vocabulary)
    sort = random.choice((BOOL, INT, NAT, REAL, *vocabulary.sorts))
    term = maker.term(sort, 5)
    written = write_term(term)
    (tree,) = read_tree(written)
    again = make_term(tree, *scope_of(problem))
    assert again == term
    assert write_term(again) == written
    assert (again.size, again.depth, again.sort) == (term.size, term.depth, term.sort)


def test_reading_and_writing_do_not_recurse() -> None:
    deep = "x"
    for _ in range(terms.MAX_DEPTH - 1):
        deep = f"(/ {deep} y)"
    assert write_term(read_rich(deep)) == deep
    with rejects("nested at most 400 deep", "401 deep"):
        read_rich(f"(/ {deep} y)")


def test_what_is_written_twice_is_read_as_it_was_written() -> None:
    """Parts that differ in the names of bound variables alone keep their own names."""
    text = (
        "(and (not (forall (?a Real) (<= x (+ ?a 1/1)))) "
        "(not (forall (?b Real) (<= x (+ ?b 1/1)))))"
    )
    assert write_term(read_rich(text)) == text
    inner = "(forall (?a Real) (forall (?b Int) (and (<= x ?a) (<= i ?b))))"
    assert write_term(read_rich(inner)) == inner
    once = read_rich("(and (< x y) (or p (< x y)))")
    assert once.args[0] is once.args[1].args[1]


def test_a_constant_is_no_application() -> None:
    with rejects("a declared function with arguments", "p"):
        read_rich("(and p (p))")
