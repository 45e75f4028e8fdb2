"""Quantifiers opened: constants in order, points put back, mixed statements refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.networks.statements import make_problem
from verify.kernel.normal import normal
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Term, make_number, subterms
from verify.kernel.text import write_term
from verify.networks.statements.evaluating import Evaluator, connect
from verify.networks.statements.opening import (
    Mixed,
    find_points,
    find_values,
    open_statement,
    split_parts,
)

THINGS = "network f(x: Real) := relu(x)\n"


def goal(formula: str) -> Term:
    return make_problem(f"{THINGS}evidence e: {formula}").goal


@pytest.mark.parametrize(
    ("formula", "names", "closed"),
    [
        (
            "forall x, y: Real. f(x) <= f(y)",
            "x y",
            "(forall (?x Real) (forall (?y Real) (<= (f ?x) (f ?y))))",
        ),
        (
            "forall x: Real. x >= 0 implies forall y: Real. y <= x implies f(y) <= x",
            "x y",
            "(forall (?x Real) (forall (?y Real) (implies (<= 0/1 ?x) (implies (<= ?y ?x) "
            "(<= (f ?y) ?x)))))",
        ),
        (
            "forall x: Real. (exists x: Real. f(x) < 0) implies f(x) = 1",
            "x x_",
            "(forall (?x Real) (forall (?x_ Real) (implies (< (f ?x_) 0/1) (= (f ?x) 1/1))))",
        ),
        ("forall f_: Real. f(f_) = 0", "f_", "(forall (?f_ Real) (= (f ?f_) 0/1))"),
    ],
)
def test_quantifiers_come_to_the_front(formula: str, names: str, closed: str) -> None:
    opened = open_statement(goal(formula), positive=True)
    assert " ".join(symbol.name for symbol in opened.constants) == names
    assert write_term(opened.close()) == closed


@pytest.mark.parametrize(
    "formula",
    [
        "forall x: Real. exists y: Real. f(x) = f(y)",
        "forall x: Real. (forall y: Real. f(y) = 0) implies f(x) = 0",
        "forall x: Real. (f(x) = 0 iff forall y: Real. f(y) = 0)",
    ],
)
def test_mixed_statements_are_refused(formula: str) -> None:
    with pytest.raises(Mixed):
        open_statement(goal(formula), positive=True)


def test_variables_are_real() -> None:
    with pytest.raises(Rejected, match="n: Nat"):
        open_statement(goal("forall n: Nat. f(real(n)) = 0"), positive=True)


@pytest.mark.parametrize(
    ("formula", "positive"),
    [
        ("forall x, y: Real. f(x) <= f(y)", True),
        ("exists x: Real. f(x) > 1 and (exists y: Real. f(y) < x)", False),
        ("forall x: Real. x > 0 implies forall y: Real. y > x implies f(y) > 1", True),
    ],
)
def test_points_are_filed_under_what_they_are_for(formula: str, positive: bool) -> None:
    statement = goal(formula)
    values = (Fraction(3), Fraction(-1, 2))
    points = find_points(statement, values, positive=positive)
    assert len(points) == 2 and points[normal(statement)] == 3
    assert find_values(statement, points) == values
    inner = {term: value for term, value in points.items() if value != 3}
    assert find_values(statement, inner) is None


def test_values_are_put_in() -> None:
    opened = open_statement(goal("forall x, y: Real. f(x) <= y"), positive=True)
    assert write_term(opened.at((Fraction(1), Fraction(1, 2)))) == "(<= (f 1/1) 1/2)"


def test_parts_are_the_largest_closed_pieces() -> None:
    statement = goal(
        "(f(0) = 0 and f(1) = 1) and not (exists x: Real. f(x) < 0) or true"
    )
    parts = [write_term(part) for part in split_parts(statement)]
    assert parts[-2:] == ["(exists (?x Real) (< (f ?x) 0/1))", "true"]
    assert parts[0] in ("(and (= (f 0/1) 0/1) (= (f 1/1) 1/1))", "(= (f 0/1) 0/1)")


# Exact evaluation

NETWORKS = "network g(x: Real, y: Real) := 2*relu(x - y) - relu(x) + 1/3\n"


def truth(formula: str) -> bool | None:
    problem = make_problem(f"{NETWORKS}evidence e: {formula}")
    return Evaluator(problem.networks).truth(problem.goal)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("g(1, 0) = 4/3", True),
        ("g(g(1, 0), 1/3) < 1", False),
        ("g(1, 0) < 4/3 or 3*g(1, 0) - 2 <= 2", True),
        ("if g(0, 1) > 0 then g(0, 1) = 1/3 else false", True),
        ("relu(g(0, 1) - 1) = 0 and abs(g(0, 1)) != 1/3", False),
        ("(g(0, 0) > 0) iff not (g(0, 0) <= 0)", True),
        ("g(0, 0) > 1 implies g(0, 0) > 2", True),
        ("2*g(0, 0)*g(1, 0) = 8/9", True),
    ],
)
def test_statements_are_evaluated_exactly(formula: str, value: bool) -> None:
    assert truth(formula) is value


def test_only_networks_are_evaluated() -> None:
    problem = make_problem(f"{NETWORKS}evidence e: forall x: Real. g(x, 0) > 0")
    evaluator = Evaluator(problem.networks)
    with pytest.raises(Rejected, match="a term about networks"):
        evaluator.truth(problem.goal)
    number = next(t for t in subterms(problem.goal) if t.op == "app")
    assert evaluator.number(make_number(Fraction(1, 2), number.sort))[0] == Fraction(
        1, 2
    )
    with pytest.raises(Rejected, match="a function that a network declares"):
        Evaluator(()).truth(goal("f(0) = 0"))


@pytest.mark.parametrize(
    ("op", "parts", "value"),
    [
        ("and", (None, False), False),
        ("and", (None, True), None),
        ("or", (None, True), True),
        ("or", (None, False), None),
        ("implies", (None, True), True),
        ("implies", (False, None), True),
        ("implies", (True, None), None),
        ("iff", (True, None), None),
        ("iff", (False, False), True),
        ("not", (None,), None),
        ("if", (None, True, True), True),
        ("if", (None, True, False), None),
        ("if", (False, True, None), None),
    ],
)
def test_what_is_not_known_stays_so(
    op: str, parts: tuple[bool | None, ...], value: bool | None
) -> None:
    assert connect(op, parts) is value
