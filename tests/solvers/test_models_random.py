"""Laws of the search for models, against brute force and against z3."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import given, settings

from tests.solvers import random_problems
from verify.kernel.check import check
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, Symbol, make_not
from verify.solvers.answers import Budget, Sat
from verify.solvers.cells import Cells
from verify.solvers.definitions import Rows, write_definition
from verify.solvers.expansion import Expansion, read_shape
from verify.solvers.frames import Frame
from verify.solvers.models import find_countermodel
from verify.solvers.prooflog import write_certificate
from verify.solvers.z3_backend import solve

BUDGET = Budget(seconds=20.0)


def elements(sort: Any, size: int) -> list[str]:
    if sort == BOOL:
        return ["false", "true"]
    return list(sort.elements) or [f"{sort.name}!{i}" for i in range(size)]


def interpretations(symbol: Symbol, size: int) -> Iterator[dict[str, Any]]:
    """Every interpretation of a symbol over finite domains."""
    values = elements(symbol.result, size)
    if not symbol.arguments:
        for one in values:
            yield write_definition(symbol, Rows((), one))
        return
    keys = list(product(*(elements(sort, size) for sort in symbol.arguments)))
    for chosen in product(values, repeat=len(keys)):
        yield write_definition(symbol, Rows(tuple(zip(keys, chosen, strict=True))))


def models(problem: Problem, size: int) -> Iterator[str]:
    """Every model with `size` elements in each uninterpreted sort, as certificates."""
    sizes = [
        {"sort": sort.name, "size": size} for sort in problem.sorts if not sort.elements
    ]
    for chosen in product(*(interpretations(s, size) for s in problem.symbols)):
        yield write_certificate(problem, "refuted", (*sizes, *chosen))


def is_accepted(problem: Problem, certificate: str) -> bool:
    try:
        return check(problem.text(), certificate).claim == "refuted"
    except Rejected:
        return False


def exists(problem: Problem, size: int) -> bool:
    return any(is_accepted(problem, one) for one in models(problem, size))


@settings(max_examples=60, deadline=None)
@given(random_problems.propositional)
def test_propositional_problems_have_one_exactly_if_brute_force_finds_one(
    problem: Problem,
) -> None:
    found = find_countermodel(problem, BUDGET).certificate
    assert (found is not None) == exists(problem, 0)
    assert found is None or is_accepted(problem, found)


@settings(max_examples=25, deadline=None)
@given(random_problems.finite)
def test_problems_over_a_finite_sort_likewise(problem: Problem) -> None:
    found = find_countermodel(problem, BUDGET).certificate
    assert (found is not None) == exists(problem, 0)
    assert found is None or is_accepted(problem, found)


@settings(max_examples=25, deadline=None)
@given(random_problems.objects)
def test_a_model_of_at_most_two_objects_is_never_missed(problem: Problem) -> None:
    found = find_countermodel(problem, BUDGET).certificate
    assert found is None or is_accepted(problem, found)
    if found is None:
        assert not exists(problem, 1)
        assert not exists(problem, 2)


@settings(max_examples=60, deadline=None)
@given(random_problems.linear)
def test_linear_problems_have_one_exactly_if_z3_says_so(problem: Problem) -> None:
    found = find_countermodel(problem, BUDGET).certificate
    question = [(fact.name, fact.formula) for fact in problem.facts]
    answer = solve([*question, ("not goal", make_not(problem.goal))], BUDGET)
    assert (found is not None) == isinstance(answer, Sat)
    assert found is None or is_accepted(problem, found)


@settings(max_examples=60, deadline=None)
@given(random_problems.finite)
def test_expansion_with_all_values_known_is_evaluation(problem: Problem) -> None:
    formula = make_not(problem.goal)
    expansion = Expansion(read_shape([formula]), Cells(Frame({}), {"p()": True}))
    plain = [
        write_definition(symbol, Rows((), {"k": "a", "p": "true"}[symbol.name]))
        if not symbol.arguments
        else write_definition(symbol, Rows((), elements(symbol.result, 0)[0]))
        for symbol in problem.symbols
    ]
    alone = problem._replace(facts=())
    certificate = write_certificate(alone, "refuted", plain)
    assert expansion.expand(formula) is is_accepted(alone, certificate)
