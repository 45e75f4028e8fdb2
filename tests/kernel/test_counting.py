"""Formulas over finitely many numbers: against evaluation term by term."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest
from hypothesis import given

from tests.proofs import rejects
from tests.strategies import read_rich, seeds
from verify.kernel import counting, terms
from verify.kernel.counting import domains, holds_in_all_cases, peel, run_all
from verify.kernel.evaluate import Evaluation, Model
from verify.kernel.normal import canonical
from verify.kernel.terms import BOOL, FALSE, REAL, TRUE, Term

NUMBERS = (Fraction(-1), Fraction(0), Fraction(1, 2), Fraction(3))


def draw(random: Random, depth: int, sort: str) -> Term:
    """A random number or formula over two variables."""
    if sort == "number":
        kinds = ["variable", "numeral"] if depth == 0 else ["+", "*", "if"]
        kind = random.choice(kinds)
        if kind == "variable":
            return terms.make_variable(random.randint(0, 1), REAL)
        if kind == "numeral":
            return terms.make_number(random.choice(NUMBERS), REAL)
        if kind == "if":
            condition = draw(random, depth - 1, "formula")
            return terms.make_if(
                condition, *(draw(random, depth - 1, "number") for _ in range(2))
            )
        return terms.make(kind, *(draw(random, depth - 1, "number") for _ in range(2)))
    kind = random.choice(["<=", "<", "=", "and", "or", "not", "implies", "iff"])
    if depth == 0:
        return random.choice((TRUE, FALSE))
    inner = "number" if kind in ("<=", "<", "=") else "formula"
    count = 1 if kind == "not" else 2
    return terms.make(kind, *(draw(random, depth - 1, inner) for _ in range(count)))


def evaluate(term: Term, values: tuple[Fraction, ...]) -> Term:
    """By putting in numbers and evaluating as in a model."""
    numbers = [terms.make_number(value, REAL) for value in values]

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        if node.op == "var" and isinstance(node.value, int):
            return numbers[len(numbers) - 1 - node.value]
        return terms.remake(node, args)

    model = Model({BOOL: (TRUE, FALSE)}, {}, [0, 0])
    return canonical(Evaluation(model).value(terms.rewrite(term, visit)))


@given(seeds())
def test_every_assignment_is_evaluated(random: Random) -> None:
    for sort in ("number", "formula"):
        term = draw(random, 3, sort)
        found = run_all(term, [NUMBERS, NUMBERS[:3]], {})
        for values, got in zip(product(NUMBERS, NUMBERS[:3]), found, strict=True):
            expected = evaluate(term, values)
            if sort == "formula":
                assert expected == (TRUE if got else FALSE)
            else:
                assert expected.value == got


HOLDS = [
    "(forall (?a Real) (implies (or (= ?a 1/1) (= ?a -1/1)) (= (* ?a ?a) 1/1)))",
    "(forall (?a Real) (implies (= ?a 2/1) (< 3/1 (* ?a ?a))))",
    "(forall (?a Real) (forall (?b Real) (implies (and (= ?b 1/1) (or (= ?a 1/1) (= ?a 0/1))) (<= ?a ?b))))",
    "(< 1/1 2/1)",
    "(= (real 2) 2/1)",
    "(iff (< 1/1 2/1) true)",
]
FAILS = [
    "(forall (?a Real) (implies (or (= ?a 1/1) (= ?a -1/1)) (= ?a 1/1)))",
    "(< 2/1 1/1)",
    "(forall (?a Real) (implies (= ?a 2/1) (or (< ?a 2/1) false)))",
]


def test_formulas_that_hold_in_all_cases() -> None:
    assert all(holds_in_all_cases(read_rich(text), {}) for text in HOLDS)
    assert not any(holds_in_all_cases(read_rich(text), {}) for text in FAILS)


def test_closed_terms_may_have_values() -> None:
    formula = read_rich("(< x (+ y 1/1))")
    x, y = read_rich("x"), read_rich("y")
    assert holds_in_all_cases(formula, {x: Fraction(1, 2), y: Fraction(0)})
    assert not holds_in_all_cases(formula, {x: Fraction(1), y: Fraction(0)})
    with rejects("arithmetic over the variables bound in front", "app"):
        holds_in_all_cases(formula, {x: Fraction(1)})


REFUSED = {
    "(forall (?a Real) (<= ?a ?a))": ("a condition that implies something", "<="),
    "(forall (?a Int) (implies (= ?a 1) (<= ?a ?a)))": ("real variables", "Int"),
    "(forall (?a Real) (implies (<= ?a 1/1) true))": ("p = a or p = b", "<="),
    "(forall (?a Real) (implies (or (= ?a 1/1) (= 5/1 5/1)) (= ?a 1/1)))": (
        "p = a", "another equation"),
    "(forall (?a Real) (implies (or (= ?a 1/1) (< ?a 1/1)) (= ?a 1/1)))": (
        "p = a or p = b", "or"),
    "(forall (?a Real) (implies (= ?a x) (= ?a 1/1)))": ("p = a or p = b", "="),
    "(forall (?a Real) (implies (and (= ?a 1/1) (= ?a 2/1)) true))": (
        "one condition for each variable", "two"),
    "(forall (?a Real) (forall (?b Real) (implies (= ?a 1/1) true)))": (
        "a condition for each variable", "one missing"),
    "(forall (?a Real) (forall (?b Real) (implies (or (= ?a 1/1) (= ?b 1/1)) true)))": (
        "p = a or p = b", "or"),
    "(forall (?a Real) (implies (= ?a 1/1) (forall (?b Real) (<= ?a ?b))))": (
        "arithmetic over the variables", "var"),
    "(forall (?a Real) (implies (= ?a 1/1) (<= (/ ?a ?a) 1/1)))": (
        "arithmetic over the variables", "/"),
    "(<= x 1/1)": ("arithmetic over the variables", "app"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_case_analysis_is_refused(text: str) -> None:
    with rejects(*REFUSED[text]):
        holds_in_all_cases(read_rich(text), {})


def test_a_condition_names_only_variables_in_front() -> None:
    outside = terms.make_equal(terms.make_variable(1, REAL), terms.make_number(0, REAL))
    with rejects("a variable bound in front", "1"):
        domains(outside, 1)


def test_what_stands_in_front_is_counted() -> None:
    count, body = peel(read_rich("(forall (?a Real) (forall (?b Real) (< ?a ?b)))"))
    assert (count, body.op) == (2, "<")


def test_a_quantified_part_is_no_number() -> None:
    with rejects("arithmetic over the variables bound in front", "forall"):
        holds_in_all_cases(read_rich("(not (forall (?a Real) true))"), {})


def test_cases_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    formula = read_rich(HOLDS[0])
    monkeypatch.setattr(counting, "MAX_ASSIGNMENTS", 2)
    assert holds_in_all_cases(formula, {})
    monkeypatch.setattr(counting, "MAX_ASSIGNMENTS", 1)
    with rejects("at most 1 assignments", "2 of"):
        holds_in_all_cases(formula, {})
    monkeypatch.undo()
    # a variable, its square of two factors, a numeral and an equation: 8 places
    monkeypatch.setattr(counting, "MAX_OPERATIONS", 2 * 8)
    assert holds_in_all_cases(formula, {})
    monkeypatch.setattr(counting, "MAX_OPERATIONS", 2 * 8 - 1)
    with rejects("15 operations", "2 of 8"):
        holds_in_all_cases(formula, {})


def test_numbers_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    product = read_rich("(= (* 8/1 8/1) 64/1)")
    added = read_rich("(= (+ 1/4 1/4) 1/2)")
    monkeypatch.setattr(counting, "MAX_BITS", 2 * (4 + 1))
    assert holds_in_all_cases(product, {})
    assert holds_in_all_cases(added, {})
    monkeypatch.setattr(counting, "MAX_BITS", 7)
    for formula in (product, added):
        with rejects("numbers of at most 7 bits", "longer ones"):
            holds_in_all_cases(formula, {})
    assert holds_in_all_cases(read_rich("(= (+ 800/1 800/1) 1600/1)"), {})


def test_as_many_assignments_as_the_limit_says() -> None:
    """Counted before any is tried: none is asked for here."""
    numbers = [Fraction(0)] * 200_001
    some = [numbers[:400], numbers[:500]]
    run_all(TRUE, some, {})
    with rejects("at most 200000 assignments, 50000000 operations", "200001 of 1"):
        run_all(TRUE, [numbers], {})
    # places: a numeral 0, a numeral 1, and their sum with its 247 parts, 250 in all
    parts = [terms.make_number(place % 2, REAL) for place in range(247)]
    run_all(terms.make_sum(*parts), some, {})
    with rejects("at most 200000 assignments, 50000000 operations", "200000 of 251"):
        run_all(terms.make_sum(*parts, parts[0]), some, {})


def test_as_many_bits_as_the_limit_says() -> None:
    """A numeral 2^(n - 1) has n bits, and its denominator one."""
    factors = [terms.make_number(1 << bits - 1, REAL) for bits in (8000, 8000, 3997)]
    (found,) = run_all(terms.make_product(*factors), [], {})
    assert found == 1 << 8000 + 8000 + 3997 - 3
    longer = terms.make_number(1 << 3997, REAL)
    with rejects("numbers of at most 20000 bits", "longer ones"):
        list(run_all(terms.make_product(*factors[:2], longer), [], {}))
