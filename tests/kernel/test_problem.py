from __future__ import annotations

import string
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given

from tests.proofs import rejects
from tests.strategies import RICH, TermMaker, make_vocabulary, seeds
from verify.kernel import problem as problems
from verify.kernel.problem import Fact, Problem, read_problem, scope_of
from verify.kernel.rejections import Declined
from verify.kernel.terms import BOOL, BUILTIN, FALSE, INT, NAT, TRUE, Sort, Symbol

SHA = "0123456789abcdef" * 4
WHOLE = f"""\
(problem 1)
(sort Model)
(finite Input a b)
(sort Other)
(symbol size (Model) Nat)
(symbol K () Nat)
(symbol M_d () Model)
(symbol both (Model Input) Bool)
(premise P1 (= (size M_d) K))
(lemma grow {SHA} (forall (?j Nat) (<= 0 ?j)))
(admitted taste (both M_d a))
(goal (not (= (size M_d) 0)))
"""


def test_a_problem_is_read_and_written_back() -> None:
    problem = read_problem(WHOLE)
    assert problem.text() == WHOLE
    assert problem.sha() == sha256(WHOLE.encode()).hexdigest()
    assert problem.sorts == (Sort("Model"), Sort("Input", ("a", "b")), Sort("Other"))
    assert problem.symbols[0] == Symbol("size", (Sort("Model"),), NAT)
    assert [(fact.kind, fact.name, fact.proof) for fact in problem.facts] == [
        ("premise", "P1", ""),
        ("lemma", "grow", SHA),
        ("admitted", "taste", ""),
    ]
    assert problem.goal.op == "not"


def test_the_smallest_problem() -> None:
    assert read_problem("(problem 1)\n(goal true)\n") == Problem((), (), (), TRUE)


def test_the_scope_holds_sorts_symbols_and_elements() -> None:
    sorts, symbols = scope_of(read_problem(WHOLE))
    assert sorts.keys() == {*BUILTIN, "Model", "Input", "Other"}
    assert symbols.keys() == {"size", "K", "M_d", "both", "a", "b"}
    assert symbols["a"] == Symbol("a", (), sorts["Input"])


OTHER_SPELLINGS = {
    "no line feed at the end": lambda t: t[:-1],
    "an empty line": lambda t: t + "\n",
    "two forms on a line": lambda t: t.replace(")\n(sort Other", ") (sort Other"),
    "a space more": lambda t: t.replace("(goal ", "(goal  "),
    "a tab": lambda t: t.replace("(goal ", "(goal\t"),
    "windows lines": lambda t: t.replace("\n", "\r\n"),
    "numeral with a zero": lambda t: t.replace(" 0)", " 00)"),
    "variable renamed to a dotted name": lambda t: t.replace("?j", "?j.1"),
    "sort after a symbol": lambda t: t.replace("(sort Other)\n", "").replace(
        "(symbol K", "(sort Other)\n(symbol K"
    ),
    "premise before a symbol": lambda t: t.replace(
        "(symbol K () Nat)\n", ""
    ).replace("(premise P1 (= (size M_d) K))", "(premise P1 true)\n(symbol K () Nat)"),
    "goal before a fact": lambda t: t.replace("(goal (not (= (size M_d) 0)))\n", "").replace(
        "(admitted", "(goal true)\n(admitted"
    ),
    "goal first": lambda t: "(goal true)\n(problem 1)\n",
    "no version": lambda t: t.replace("(problem 1)", "(sort Extra)"),
    "version twice": lambda t: t.replace("(problem 1)\n", "(problem 1)\n(problem 1)\n", 1),
    "double negation": lambda t: t.replace("(both M_d a)", "(not (not (both M_d a)))"),
    "nested conjunction": lambda t: t.replace(
        "(both M_d a)", "(and (both M_d a) (and true true))"
    ),
    "equal formulas": lambda t: t.replace("(both M_d a)", "(= true (both M_d a))"),
    "fraction not in lowest terms": lambda t: t.replace("(both M_d a)", "(< 1/2 4/6)"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_SPELLINGS)
def test_other_spellings_are_rejected(name: str) -> None:
    changed = OTHER_SPELLINGS[name](WHOLE)
    assert changed != WHOLE
    with pytest.raises(problems.Rejected) as caught:
        read_problem(changed)
    assert caught.value.expected in (
        "the canonical text of the problem",
        "a declaration, a fact or the goal",
    )


def test_problem_twice_or_unknown_forms() -> None:
    with rejects("a declaration, a fact or the goal", "['problem', '1']"):
        read_problem("(problem 1)\n(problem 1)\n(goal true)\n")
    with rejects("the canonical text of the problem", "another spelling"):
        read_problem("(problem)\n(goal true)\n")
    with rejects("the canonical text of the problem", "another spelling"):
        read_problem("problem\n(goal true)\n")


def insert(line: str) -> str:
    """The whole problem with a line put in where lines of its kind stand."""
    kind = line[1:].split()[0]
    place = {
        "sort": "(symbol size", "finite": "(symbol size", "symbol": "(premise",
        "premise": "(admitted", "lemma": "(admitted", "admitted": "(goal",
    }.get(kind, "(goal")  # fmt: skip
    return WHOLE.replace(place, f"{line}\n{place}", 1)


BAD_LINES = {
    "(sort Model)": ("a new name", "Model"),
    "(sort Int)": ("a new name", "Int"),
    "(sort Bool)": ("a new name", "Bool"),
    "(sort and)": ("a new name", "and"),
    "(sort forall)": ("a new name", "forall"),
    "(sort 9)": ("a name", "9"),
    "(sort (a))": ("a name", "['a']"),
    "(sort ?x)": ("a name", "?x"),
    "(sort)": ("a declaration, a fact or the goal", "['sort']"),
    "(sort A B)": ("a declaration, a fact or the goal", "A"),
    "(finite Model a)": ("a new name", "Model"),
    "(finite Three)": ("a finite sort with elements", "none"),
    "(finite Three c c)": ("a new name", "c"),
    "(finite Three a c)": ("a new name", "a"),
    "(finite Three c true)": ("a new name", "true"),
    "(finite Three c 1)": ("a name", "1"),
    "(finite (Three) c)": ("a name", "Three"),
    "(finite)": ("a declaration, a fact or the goal", "finite"),
    "(symbol K () Int)": ("a new name", "K"),
    "(symbol a () Int)": ("a new name", "a"),
    "(symbol if () Int)": ("a new name", "if"),
    "(symbol exists () Int)": ("a new name", "exists"),
    "(symbol real () Int)": ("a new name", "real"),
    "(symbol !1 () Int)": ("a name", "!1"),
    "(symbol Model!0 () Int)": ("a name", "Model!0"),
    "(symbol k () Missing)": ("a declared sort", "Missing"),
    "(symbol k (Missing) Int)": ("a declared sort", "Missing"),
    "(symbol k ((Int)) Int)": ("a declared sort", "['Int']"),
    "(symbol k () (Int))": ("a declared sort", "['Int']"),
    "(symbol k Int Int)": ("a declaration, a fact or the goal", "k"),
    "(symbol k ())": ("a declaration, a fact or the goal", "k"),
    "(premise P1 true)": ("distinct names", "4"),
    "(premise grow true)": ("distinct names", "4"),
    "(premise P2 K)": ("a formula", "a term of sort Nat"),
    "(premise P2 (size M_d))": ("a formula", "a term of sort Nat"),
    "(premise P2)": ("a declaration, a fact or the goal", "P2"),
    "(premise P2 true true)": ("a declaration, a fact or the goal", "P2"),
    "(premise (P2) true)": ("a name", "P2"),
    "(premise 2P true)": ("a name", "2P"),
    "(premise P2 (good M_d))": ("a declared function with arguments", "good"),
    "(admitted P2)": ("a declaration, a fact or the goal", "P2"),
    f"(lemma l {SHA} K)": ("a formula", "a term of sort Nat"),
    f"(lemma l {SHA[:-1]} true)": ("a SHA-256 in hexadecimal", SHA[:-1]),
    f"(lemma l {SHA}0 true)": ("a SHA-256 in hexadecimal", SHA),
    f"(lemma l {SHA.upper()} true)": ("a SHA-256 in hexadecimal", SHA.upper()),
    f"(lemma l {'g' * 64} true)": ("a SHA-256 in hexadecimal", "ggg"),
    "(lemma l true)": ("a declaration, a fact or the goal", "lemma"),
    f"(lemma l ({SHA}) true)": ("a declaration, a fact or the goal", "lemma"),
    f"(lemma (l) {SHA} true)": ("a name", "['l']"),
    "(goal true)": ("one goal", "2"),
    "(goal)": ("a declaration, a fact or the goal", "goal"),
    "(axiom A true)": ("a declaration, a fact or the goal", "axiom"),
    "()": ("a declaration, a fact or the goal", "[]"),
    "stray": ("a declaration, a fact or the goal", "stray"),
}  # fmt: skip


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: line[:40])
def test_bad_lines_say_why(line: str) -> None:
    expected, got = BAD_LINES[line]
    with rejects(expected, got):
        read_problem(insert(line))


@pytest.mark.parametrize("other", sorted({*string.punctuation} - {*"()"}))
def test_a_lemmas_hash_has_hexadecimal_digits_only(other: str) -> None:
    with rejects("a SHA-256 in hexadecimal", other + SHA[1:]):
        read_problem(insert(f"(lemma l {other}{SHA[1:]} true)"))


def test_a_problem_has_one_goal_that_is_a_formula() -> None:
    with rejects("one goal", "0"):
        read_problem("(problem 1)\n")
    with rejects("a formula", "a term of sort Nat"):
        read_problem("(problem 1)\n(goal 1)\n")


def test_a_fact_may_not_use_what_is_declared_nowhere() -> None:
    with rejects("a declared constant or a variable in scope", "c"):
        read_problem("(problem 1)\n(premise P1 c)\n(goal true)\n")


def test_another_version_is_declined() -> None:
    for version in ("2", "0", "01", "one"):
        with rejects("problem version 1", version, kind=Declined):
            read_problem(f"(problem {version})\n(whatever)\n")


def test_the_number_of_facts_has_a_limit() -> None:
    facts = [Fact("premise", f"P{i}", TRUE) for i in range(problems.MAX_FACTS)]
    most = Problem((), (), tuple(facts), FALSE)
    assert len(read_problem(most.text()).facts) == problems.MAX_FACTS
    more = most._replace(facts=(*facts, Fact("premise", "P", TRUE)))
    with rejects("at most 10000 facts with distinct names", "10001"):
        read_problem(more.text())


def test_names_in_different_spaces_may_coincide() -> None:
    text = "(problem 1)\n(sort p)\n(symbol p () Bool)\n(premise p p)\n(goal p)\n"
    assert read_problem(text).text() == text


@given(seeds())
def test_random_problems_are_read_back(random: Random) -> None:
    vocabulary = make_vocabulary(random)
    maker = TermMaker(random, vocabulary)
    facts = tuple(
        Fact(kind, f"F{i}", maker.formula(3), SHA if kind == "lemma" else "")
        for i, kind in enumerate(
            random.choice(("premise", "lemma", "admitted")) for _ in range(3)
        )
    )
    problem = Problem(*vocabulary, facts, maker.formula(4))
    again = read_problem(problem.text())
    assert again == problem
    assert again.sha() == problem.sha()


def test_a_change_of_one_character_is_another_problem() -> None:
    text = RICH.text()
    changed = text.replace("(goal (and p q))", "(goal (and q p))")
    assert read_problem(changed).sha() != RICH.sha()
    assert Symbol("p", (), BOOL) in RICH.symbols
    assert Symbol("i", (), INT) in RICH.symbols
