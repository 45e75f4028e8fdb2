"""Membership in a class of networks: the parameters, or points that nothing fits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.deciding import decide_last

THINGS = """\
class S0 := relu_nets(inputs = 1, hidden = 0)
class S1 := relu_nets(inputs = 1, hidden = 1)
class S2 := relu_nets(inputs = 1, hidden = 2)
class S3 := relu_nets(inputs = 1, hidden = 3)
class P1 := relu_nets(inputs = 2, hidden = 1)
class P2 := relu_nets(inputs = 2, hidden = 2)
class B2 := relu_nets(inputs = 1, hidden = 2, bounded by 2)
class T1 := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1})
class L22 := relu_nets(inputs = 1, layers = (2, 2))
class L11 := relu_nets(inputs = 1, layers = (1, 1))
network five(x: Real) := 5
network line(x: Real) := 2*x + 1
network hat(x: Real) := relu(x) - 2*relu(x - 1) + relu(x - 2)
network ramp(x: Real) := 3*relu(x - 1)
network twice(x: Real) := 2*relu(x) - 2*relu(x - 1/2)
network deep(x: Real) := relu(relu(x) - 1)
network fold(x: Real) := relu(1 - relu(x))
network tent(x: Real) := relu(1 - relu(x) - relu(-x))
network both(x: Real, y: Real) := relu(x + y) - relu(x - y)
network steep(x: Real) := 5*relu(x - 3)
circuit C := units(both, 1: {2})
"""

TRUE = [
    "five in S0",
    "five in S2",
    "line in S2",
    "hat in S3",
    "ramp in S1",
    "deep in S1",
    "fold in S2",
    "tent in S3",
    "both in P2",
    "without(both, C) in P1",
    "twice in B2",
    "five in L22",
    "deep in L22",
    "deep in L11",
    "hat in S3 and not (hat in S1)",
    "ramp in S1 or not (five in S0)",
]
FALSE = [
    "ramp in S0",
    "hat in S2",
    "hat in S1",
    "tent in S2",
    "fold in S1",
    "both in P1",
    "not (deep in S1)",
]
OPEN = [
    ("five in T1", "its own parameters are not of the class"),
    ("line in S1", "it has 2 units, the class 1"),
    ("steep in B2", "its own parameters are not of the class"),
    ("hat in L11", "it needs 3 units in layer 1, not 1"),
    ("line in L22", "an input goes past a layer"),
]


@pytest.mark.parametrize(
    ("formula", "value"), [*((f, True) for f in TRUE), *((f, False) for f in FALSE)]
)
def test_either_answer_is_certified(formula: str, value: bool) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided


@pytest.mark.parametrize(("formula", "detail"), OPEN)
def test_what_is_not_found_is_open(formula: str, detail: str) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.reason) == (None, "incomplete")
    assert detail in decided.detail


numbers = st.integers(-3, 3)
units = st.lists(
    st.tuples(numbers, numbers, numbers).filter(lambda u: u[0] and u[1]),
    min_size=0,
    max_size=2,
)


@settings(max_examples=8, deadline=None)
@given(units, numbers)
def test_as_many_units_as_there_are_bends(
    given_units: list[tuple[int, int, int]], constant: int
) -> None:
    """By the bends of the function: with one unit fewer than bends it is not a member."""
    bends: dict[Fraction, Fraction] = {}
    for outer, inner, bias in given_units:
        place = Fraction(-bias, inner)
        change = outer * abs(inner)
        bends[place] = bends.get(place, Fraction(0)) + change
    needed = sum(1 for change in bends.values() if change)
    body = " + ".join(f"({a})*relu(({b})*x + ({c}))" for a, b, c in given_units)
    text = f"network f(x: Real) := {constant} + {body or '0*x'}\n"
    many = f"class S := relu_nets(inputs = 1, hidden = {needed + 2})\n"
    decided = decide_last(f"{text}{many}evidence e: f in S")
    assert (decided.value, decided.accepted) == (True, True), decided
    if needed:
        few = f"class S := relu_nets(inputs = 1, hidden = {needed - 1})\n"
        decided = decide_last(f"{text}{few}evidence e: f in S")
        assert decided.value is not True
        assert decided.accepted or decided.reason == "incomplete"
