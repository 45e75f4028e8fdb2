"""Classes of several hidden layers or outputs, and circuits before the last layer."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.deciding import decide_last
from verify.kernel import terms
from verify.kernel.terms import REAL
from verify.training.statements.descending import descend

THINGS = """\
data    D := points (0; 0) (1; 1) (2; 0)
data    E := points (0; 0, 1) (1; 1, 0) (2; 0, 1)
data    Z := points (0; 0, 1) (1; 1, 0)
data    Y := points (0; -1) (1; 1)
class   L1 := relu_nets(inputs = 1, layers = (1, 1))
class   L2 := relu_nets(inputs = 1, layers = (2, 2))
class   LB := relu_nets(inputs = 1, layers = (1, 1), bounded by 1/2)
class   T11 := relu_nets(inputs = 1, layers = (1, 1), weights = {-1, 1})
class   M := relu_nets(inputs = 1, hidden = 2, outputs = 2)
network f(x: Real) := relu(relu(x) + relu(x - 1))
circuit C := units(f, 1: {2})
circuit last := units(f, 2: {1})
"""

TRUE = [
    "optimum(L2, D, l1) = 0",
    "optimum(L1, D, squared) <= 1/2",
    "optimum(L1, D, squared) >= 0",
    "optimum(L1, Y, hinge) = 0 and optimum(L1, Y, zero_one) >= 0",
    "optimum(LB, D, squared) < 9/10",
    "optimum(M, Z, linf) <= 1",
    "optimum(T11, D, l1) = 1",
    "replaceable(C, D, squared)",
]
FALSE = [
    "optimum(L2, D, l1) > 0",
    "optimum(L1, D, squared) > 1/2",
    "optimum(M, E, squared) >= 2",
    "not replaceable(last, D, l1)",
]


@pytest.mark.parametrize(
    ("formula", "value"), [*((f, True) for f in TRUE), *((f, False) for f in FALSE)]
)
def test_a_network_settles_what_it_can(formula: str, value: bool) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided


def test_what_would_need_a_bound_is_open() -> None:
    decided = decide_last(THINGS + "evidence e: optimum(L1, D, squared) = 1/2")
    assert (decided.value, decided.reason) == (None, "incomplete")
    assert (
        "optimum(L1, D, squared) is between 0 and 1/2 (only networks" in decided.detail
    )


numbers = st.integers(-4, 4)


@settings(max_examples=10, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=3), st.none() | st.just(Fraction(1)))
def test_the_descent_ends_at_the_least_sum_of_squares(
    goals: list[int], bound: Fraction | None
) -> None:
    """Of (p - a)^2 + ..., each parameter within the bound: known in closed form."""
    last = len(goals) - 1
    errors = [
        terms.make_sum(
            terms.make_variable(last - i, REAL), terms.make_number(Fraction(-a), REAL)
        )
        for i, a in enumerate(goals)
    ]
    loss = terms.make_sum(*(terms.make_product(error, error) for error in errors))

    def judge(point: tuple[Fraction, ...]) -> Fraction | None:
        if bound is not None and any(abs(p) > bound for p in point):
            return None
        return sum(
            ((p - a) ** 2 for p, a in zip(point, goals, strict=True)), Fraction(0)
        )

    found = descend(loss, len(goals), judge, float("inf"), bound)
    assert found is not None
    nearest = [
        a if bound is None else min(max(Fraction(a), -bound), bound) for a in goals
    ]
    least = sum(
        ((p - a) ** 2 for p, a in zip(nearest, goals, strict=True)), Fraction(0)
    )
    assert least <= found[1] == judge(found[0]) <= least + Fraction(1, 10)
