"""Statements about optima, replacements and counts: both answers, with certificates."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.reading import read
from tests.training.deciding import decide, decide_last

THINGS = """\
data    D := points (0; 0) (1; 2) (3; 1)
data    E := points (0, 0; 0) (1, 0; 1) (0, 1; 1) (1, 1; 0)
data    Y := points (0; -1) (1; 1) (2; -1)
class   S0 := relu_nets(inputs = 1, hidden = 0)
class   S1 := relu_nets(inputs = 1, hidden = 1)
class   S2 := relu_nets(inputs = 1, hidden = 2)
class   P1 := relu_nets(inputs = 2, hidden = 1)
class   T0 := relu_nets(inputs = 1, hidden = 0, weights = {0, 1})
class   T1 := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1})
class   B0 := relu_nets(inputs = 1, hidden = 0, bounded by 2)
class   B1 := relu_nets(inputs = 1, hidden = 1, bounded by 1/8)
network f(x: Real) := relu(x) - relu(x - 1) + relu(x - 9)
network n(x: Real) := 1 + 2*relu(x - 9)
circuit C := units(f, 1: {3})
circuit A := units(f, 1: {1})
circuit Z := units(n, 1: {1})
"""

# S0: the constants 1 and 1 are medians and means of 0, 2, 1.
TRUE = [
    "optimum(S0, D, l1) = 2",
    "optimum(S0, D, squared) = 2",
    "optimum(S0, D, linf) = 1",
    "optimum(S2, D, squared) = 0",
    "optimum(S1, D, l1) = 1",
    "optimum(S1, Y, hinge) = 2 and optimum(S1, Y, zero_one) = 1",
    "optimum(S1, D, l1) > 99/100 and optimum(S1, D, l1) < 101/100",
    "optimum(S1, D, squared) < optimum(S0, D, squared)",
    "optimum(P1, E, l1) <= 1",
    "optimum(T0, D, squared) = 2",
    "optimum(T1, D, l1) >= optimum(S1, D, l1)",
    "optimum(B0, D, l1) = 2",
    "abs(optimum(S0, D, l1) - 1) = 1",
    "optimum(S0, D, l1)/optimum(S0, D, linf) = 2",
    "optimum(S0, D, l1)*optimum(S0, D, squared) = 4",
    "loss(n, D, squared) = 2 and loss(n, D, linf) = 1",
    "loss(n, D, l1) <= optimum(S0, D, l1)",
    "not replaceable(C, D, l1)",
    "replaceable(C, D, squared)",
    "replaceable(Z, D, l1)",
    "replaceable(Z, D, squared, by = 1/2)",
    "not replaceable(Z, D, squared, by = 1)",
    "posterior(T0, D, T0(5) >= 1) = 1",
    "posterior(T0, D, T0(5) >= f(0), likelihood = 1) = 1",
    "posterior(T0, D, T0(5) > f(0), likelihood = 1) = 1/2",
]
FALSE = [
    "optimum(S0, D, l1) = 1",
    "optimum(S1, D, squared) > optimum(S0, D, squared)",
    "optimum(S2, D, l1) > 0",
    "optimum(S1, D, l1) < 1",
    "optimum(T0, D, squared) < 2",
    "not replaceable(C, D, squared)",
    "optimum(S0, D, l1) = 2 and f(0) = 1",
    "posterior(T0, D, T0(5) >= 1) < 1",
]


@pytest.mark.parametrize(
    ("formula", "value"), [*((f, True) for f in TRUE), *((f, False) for f in FALSE)]
)
def test_either_answer_is_certified(formula: str, value: bool) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided


@pytest.mark.parametrize(
    ("formula", "reason", "detail"),
    [
        (
            "forall x: Real. f(x) <= optimum(S0, D, l1)",
            "unsupported",
            "below a quantifier",
        ),
        ("optimum(B1, D, l1) < 1", "incomplete", "outside the bound"),
        ("1/(optimum(S2, D, l1)) = 1", "unsupported", ""),
    ],
)
def test_what_is_not_decided_says_why(formula: str, reason: str, detail: str) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.reason) == (None, reason)
    assert detail in decided.detail


def test_an_open_optimum_tells_its_bounds() -> None:
    text = THINGS + "evidence e: optimum(S1, D, squared) = 1/5"
    decided = decide_last(text, seconds=0.0)
    assert decided.value is None
    assert "optimum(S1, D, squared) is between 0 and " in decided.detail


def test_a_part_that_needs_no_optimum_settles_the_statement() -> None:
    text = THINGS + "evidence e: f(0) = 1 and optimum(S2, D, squared) = 1/7"
    decided = decide_last(text)
    assert (decided.value, decided.accepted) == (False, True)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (
            "optimum(S0, D, l1) < 2",
            (("optimum(S0, D, l1)", "2"), ("g(x)", "1")),
        ),
        (
            "not replaceable(Z, D, squared)",
            (("least(Z, D, squared)", "1 or less"), ("Z(x)", "-relu(1 - x)")),
        ),
    ],
)
def test_what_refutes_is_shown(
    formula: str, shown: tuple[tuple[str, str], ...]
) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert decided.value is False
    assert decided.shown[: len(shown)] == shown


numbers = st.integers(-3, 3)


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(numbers, numbers), min_size=1, max_size=3, unique_by=lambda p: p[0]
    ),
    st.integers(0, 2),
    st.sampled_from(("l1", "squared", "linf")),
    st.fractions(0, 3, max_denominator=3),
)
def test_one_unit_more_never_hurts_and_answers_agree(
    points: list[tuple[int, int]], hidden: int, loss: str, value: Fraction
) -> None:
    """For any data: the order of two classes, and the same answer to < and >=."""
    data = " ".join(f"({x}; {y})" for x, y in points)
    text = f"""\
data D := points {data}
class S := relu_nets(inputs = 1, hidden = {hidden})
class B := relu_nets(inputs = 1, hidden = {hidden + 1})
evidence order: optimum(B, D, {loss}) <= optimum(S, D, {loss})
evidence below: optimum(S, D, {loss}) < {value}
evidence above: optimum(S, D, {loss}) >= {value}
evidence enough: optimum(S, D, {loss}) <= {value}
"""
    document = read(text, "")
    order, below, above, enough = (
        decide(document, statement) for statement in document.statements
    )
    assert order.value is True
    assert below.value is not None and below.value != above.value
    assert enough.value is True or below.value is False
    assert all(one.accepted for one in (order, below, above, enough))
