"""Statements about networks that the search for certificates once stumbled over."""

from __future__ import annotations

import pytest

from tests.networks.statements import decide

RAMP = (
    "network f(x: Real) := relu(x - 1) - relu(x - 2)\ncircuit C := units(f, 1: {2})\n"
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param(
            "network a(x: Real) := relu(x - 1)\n"
            "network b(x: Real) := relu(x - 1) + 3*relu(x - 2)\n"
            "evidence e: forall x: Real. 0 <= x and x <= 2 implies b(x) = a(x)",
            True,
            id="a relu that cancels in a row hid the row",
        ),
        pytest.param(
            "network a(x: Real) := 3*relu(x) - 2*relu(x - 1)\n"
            "network b(z: Real) := 1/3*relu(z) + 2/3*relu(z - 3)\n"
            "evidence e: forall x: Real. 0 <= x and x <= 2 implies b(a(x)) = x",
            True,
            id="a linear unit kept a cell from an exact leaf",
        ),
        pytest.param(
            f"{RAMP}evidence e: forall x: Real. without(f, C)(x) = relu(x - 1)",
            True,
            id="a strict literal with an if lost its strictness",
        ),
        pytest.param(
            f"{RAMP}evidence e: forall x: Real. f(f(x)) = 0",
            True,
            id="the kernel does not know that an unbounded argument is constant",
        ),
        pytest.param(
            f"{RAMP}region R(x: Real) := abs(x - 1) <= 1 and abs(x) <= 3\n"
            "evidence e: (forall x in R: f(x) <= 1) and (forall x in R: f(x) >= 0) and "
            "(forall x in R: abs(f(x) - 1/2) <= 1/2)",
            True,
            id="the cases of one part were multiplied with those of another",
        ),
    ],
)
def test_it_is_decided_and_certified(text: str, value: bool) -> None:
    decided = decide(text)
    assert (decided.value, decided.accepted) == (value, True), decided.ruling
