"""Constants with a meaning: declared, bounded, and never redefined."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest
from hypothesis import given

from tests.kernel import hat_proof
from tests.proofs import certify, rejects, step
from tests.strategies import seeds
from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.counting import run_all
from verify.kernel.problem import Problem, read_problem, scope_of
from verify.kernel.quantities import (
    Extremum,
    Total,
    add_up,
    bound_clauses,
    meaning_of,
    read_quantity,
    sides,
)
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, TRUE, Symbol, Term

NETWORK = "(network 1 (relu 0 0 1) (outputs (f 1)))"
LEAST = "(extremum low (forall (?v Real) (forall (?p Real) (<= ?v (* ?p ?p)))))"
SUM = "(total sum -1 0 1 (forall (?v Real) (forall (?p Real) (= ?v (* ?p ?p)))))"


def problem_of(*declarations: str, goal: str = "true") -> Problem:
    lines = ["(problem 1)", "(symbol x () Real)", *declarations, f"(goal {goal})", ""]
    return read_problem("\n".join(lines))


def test_declarations_are_read_and_written_back() -> None:
    text = "(extremum top (forall (?v Real) (forall (?p Real) (implies (<= (f ?p) low) (<= (f ?p) ?v)))))"
    problem = problem_of(NETWORK, LEAST, SUM, text, goal="(< low (+ sum top))")
    assert read_problem(problem.text()) == problem
    assert [type(q) for q in problem.quantities] == [Extremum, Total, Extremum]
    assert scope_of(problem)[1]["top"] == Symbol("top", (), REAL)
    assert [sides(q) for q in problem.quantities if isinstance(q, Extremum)] == [
        False,
        True,
    ]


REFUSED = {
    "(extremum low 1 (forall (?v Real) (<= ?v 1/1)))": ("a name and a formula", "1"),
    "(extremum low (<= 0/1 1/1))": ("forall v: Real. forall p...: ...", "<="),
    "(extremum low (exists (?v Real) (<= ?v 1/1)))": ("forall v: Real.", "exists"),
    "(extremum low (forall (?v Int) (<= ?v 1)))": ("real variables", "Int"),
    "(extremum low (forall (?v Real) (< ?v 1/1)))": ("v <= T or T <= v", "<"),
    "(extremum low (forall (?v Real) (= ?v 1/1)))": ("v <= T or T <= v", "="),
    "(extremum low (forall (?v Real) (not (<= ?v 1/1))))": ("v <= T or T <= v", "not"),
    "(extremum low (forall (?v Real) (<= ?v ?v)))": ("v alone on one side", "another atom"),
    "(extremum low (forall (?v Real) (<= 0/1 1/1)))": ("v alone on one side", "another atom"),
    "(extremum low (forall (?v Real) (<= ?v (* 2/1 ?v))))": ("v on one side", "on both"),
    "(extremum low (forall (?v Real) (<= (* 2/1 ?v) 1/1)))": ("v alone on one side", "another"),
    "(extremum low (forall (?v Real) (and (<= ?v 1/1) (<= 1/1 ?v))))": (
        "v on the same side of each atom", "on both sides"),
    "(extremum low (forall (?v Real) (forall (?p Real) (implies (<= ?v ?p) (<= ?v 1/1)))))": (
        "a condition without v", "with v"),
    "(extremum low (forall (?v Real) (implies true (implies true (<= ?v 1/1)))))": (
        "v <= T or T <= v", "implies"),
    "(extremum low (forall (?v Real) (and (forall (?p Real) (<= ?v ?p)) (<= ?v 1/1))))": (
        "quantifiers in front only", "one inside"),
    "(extremum low (forall (?v Real) (and (exists (?p Real) (<= ?v ?p)) (<= ?v 1/1))))": (
        "quantifiers in front only", "one inside"),
    "(extremum low (forall (?v Real) (<= ?v x)))": ("a declared constant", "x"),
    "(extremum x (forall (?v Real) (<= ?v 1/1)))": ("a new name", "x"),
    "(extremum low (forall (?v Real) (<= ?v low)))": ("a declared constant", "low"),
    "(extremum low (+ 1/1 1/1))": ("forall v: Real.", "+"),
    "(total sum 0 0 (forall (?v Real) (= ?v 1/1)))": ("distinct numbers", "twice"),
    "(total sum a (forall (?v Real) (= ?v 1/1)))": ("a rational p or p/q", "a"),
    "(total sum 0 (forall (?v Real) (<= ?v 1/1)))": ("v = T", "<="),
    "(total sum 0 (forall (?v Real) (= 1/1 ?v)))": ("v = T", "="),
    "(total sum 0 (forall (?v Real) (= 0/1 1/1)))": ("v = T", "="),
    "(total sum 0 (forall (?v Real) (forall (?p Real) (= 1/1 ?p))))": ("v = T", "="),
    "(total sum 0 (forall (?v Real) (forall (?p Real) (= ?p ?v))))": ("v = T", "="),
    "(total sum 0 (forall (?v Real) (= ?v (* ?v 2/1))))": ("v on one side", "on both"),
    "(total sum 2/4 (forall (?v Real) (= ?v 1/1)))": ("the canonical text", "another"),
}  # fmt: skip


@pytest.mark.parametrize("declaration", REFUSED)
def test_a_formula_without_that_shape_is_refused(declaration: str) -> None:
    with rejects(*REFUSED[declaration]):
        problem_of(declaration)


def test_a_formula_with_a_loose_variable_means_nothing() -> None:
    for adds_up, make in ((False, terms.make_at_most), (True, terms.make_equal)):
        v, other = (terms.make_variable(index, REAL) for index in (0, 1))
        formula = terms.make_forall("v", REAL, make(v, other))
        with pytest.raises(Rejected) as caught:
            read_quantity(adds_up, "low", [], formula)
        assert str(caught.value) == (
            "expected forall v: Real. forall p...: ..., got forall"
        )
        closed = terms.make_forall("v", REAL, make(v, terms.make_number(1, REAL)))
        assert read_quantity(adds_up, "low", [], closed).formula == closed


def formula_of(random: Random, *, greatest: bool) -> tuple[Term, list[Term]]:
    """A formula over v and p, q, and the terms that v is compared with."""
    p, q, v = (terms.make_variable(i, REAL) for i in (0, 1, 2))
    found = []
    for _ in range(random.randint(1, 3)):
        numbers = [terms.make_number(random.randint(-3, 3), REAL) for _ in range(3)]
        products = map(terms.make_product, numbers[:2], (p, q))
        found.append(terms.make_sum(*products, numbers[2]))
    atoms = [terms.make_at_most(*((t, v) if greatest else (v, t))) for t in found]
    body = terms.make(random.choice(("and", "or")), *atoms)
    box = terms.make_and(*(
        terms.make_or(*(terms.make_equal(x, terms.make_number(n, REAL)) for n in (-1, 0, 2)))
        for x in (q, p)
    ))  # fmt: skip
    body = terms.make_implies(box, body)
    for name in ("p", "q", "v"):
        body = terms.make_forall(name, REAL, body)
    return body, found


@given(seeds())
def test_the_clauses_hold_of_the_extremum(random: Random) -> None:
    """Over finitely many assignments: computed by brute force, then put in."""
    greatest = random.random() < 0.5
    formula, found = formula_of(random, greatest=greatest)
    extremum = Extremum("best", formula)
    assert sides(extremum) == greatest
    matrix = formula.args[0].args[0].args[0].args[1]
    values = [
        [*run_all(t, [(Fraction(0),)] + [[Fraction(n) for n in (-1, 0, 2)]] * 2, {})]
        for t in found
    ]
    outer = min if (matrix.op == "and") != greatest else max
    inner = [outer(column) for column in zip(*values, strict=True)]
    best = Fraction(max(inner) if greatest else min(inner))
    numbers = [terms.make_number(random.randint(-9, 9), REAL) for _ in range(2)]
    for clause in bound_clauses(extremum, *numbers):
        literals = [_put_in(literal, best) for literal in clause]
        assert any(_holds(literal) for literal in literals)


def _put_in(literal: Term, best: Fraction) -> Term:
    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        own = isinstance(node.value, Symbol)
        return terms.make_number(best, REAL) if own else terms.remake(node, args)

    return terms.rewrite(literal, visit)


def _holds(literal: Term) -> bool:
    if literal.op == "not":
        return not _holds(literal.args[0])
    if literal.op == "forall":
        body = literal.args[0].args[0].args[1]
        choices = [[Fraction(n) for n in (-1, 0, 2)]] * 2
        return all(run_all(body, choices, {}))
    return all(run_all(literal, [], {}))


def test_totals_are_added_up() -> None:
    text = "(total sum -1 0 2 (forall (?v Real) (forall (?p Real) (forall (?q Real) (= ?v (if (< ?p ?q) (* ?p ?q) x))))))"
    broken = text.replace("x)", "1/1)")
    (total,) = problem_of(broken).quantities
    assert isinstance(total, Total)
    expected = sum(
        p * q if p < q else 1 for p, q in product(map(Fraction, (-1, 0, 2)), repeat=2)
    )
    assert add_up(total, {}) == expected
    with rejects("a declared constant", "x"):
        problem_of(text)


def test_a_model_does_not_say_what_they_are() -> None:
    problem = problem_of(LEAST, goal="(< low 0/1)")
    line = {"symbol": "low", "parameters": [], "value": "1/1"}
    with rejects("a declared symbol, once", "low", rule="model"):
        check(problem.text(), certify(problem.text(), "refuted", line))
    with rejects("the goal to be false in the model", "left undecided", rule="model"):
        check(problem.text(), certify(problem.text(), "refuted"))


def test_a_lemma_means_the_same_by_their_names() -> None:
    text = hat_proof.PROBLEM.text()
    theorem = check(text, certify(text, "proved", *hat_proof.steps()))
    other = LEAST.replace("low", "best")
    for declaration, accepted in ((hat_proof.BEST.text(), True), (other, False)):
        lemma = f"(lemma L {theorem.sha} (= best 1/1))"
        found = problem_of(declaration, lemma, goal="(= best 1/1)").text()
        lines = [
            step(1, "goal"),
            step(2, "lemma", name="L"),
            step(3, "clause", literals=[], hints=[1, 2]),
        ]
        if accepted:
            assert check(found, certify(found, "proved", *lines), [theorem]).uses == (
                "L",
            )
            continue
        with rejects("one declaration of each name", "best"):
            check(found, certify(found, "proved", *lines), [theorem])


def test_their_meaning_is_their_text() -> None:
    one, two = problem_of(LEAST, SUM).quantities
    assert meaning_of(one) != meaning_of(two)
    assert meaning_of(one).name == "low"
    assert TRUE not in (one.formula, two.formula)
