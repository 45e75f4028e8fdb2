"""Inline networks: units in order of appearance, layers by nesting, exact weights."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.reading import mistake, read
from verify.kernel.networks import Network as Units
from verify.language.things import Network


def units(body: str, parameters: str = "x: Real, y: Real", before: str = "") -> Units:
    thing = read(f"{before}network net({parameters}) := {body}", "").thing("net")
    assert isinstance(thing, Network) and thing.units is not None
    return thing.units


def value(network: Units, *point: Fraction) -> Fraction:
    values = [*point]
    for unit in network.units:
        total = unit.bias + sum(w * values[v] for v, w in unit.weights)
        values.append(max(total, Fraction(0)) if unit.kind == "relu" else total)
    return values[-1]


def test_units_count_in_order_of_appearance() -> None:
    network = units("2*relu(x - 1) - relu(y + relu(x)) + 0.5*relu(y)/2")
    assert network.text() == (
        "(network 2 (relu -1 0 1) (relu 0 0 1) (relu 0 1 1 3 1) (relu 0 1 1) "
        "(linear 0 2 2 4 -1 5 1/4) (outputs (net 6) (net.1.1 2) (net.1.2 3) "
        "(net.2.1 4) (net.1.3 5)))"
    )


def test_a_unit_written_twice_is_two_units() -> None:
    text = units("relu(x) + relu(x)").text()
    assert "(net.1.1 2) (net.1.2 3)" in text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("3", "(linear 3)"),
        ("x - x", "(linear 0)"),
        ("-(x - 2*y)/4", "(linear 0 0 -1/4 1 1/2)"),
        ("2^3*x*2", "(linear 0 0 16)"),
        ("x^1 + 2^0", "(linear 1 0 1)"),
        ("3*(1/3)*x", "(linear 0 0 1)"),
        ("0*relu(x)", "(relu 0 0 1) (linear 0)"),
        ("abs(x)", "(relu 0 0 1) (linear 0 0 -1 2 2)"),
        ("max(x, y)", "(relu 0 0 -1 1 1) (linear 0 0 1 2 1)"),
        ("min(x, y)", "(relu 0 0 1 1 -1) (linear 0 0 1 2 -1)"),
    ],
)
def test_weights_are_exact(body: str, text: str) -> None:
    assert f"(network 2 {text} (outputs (net " in units(body).text()


def test_units_of_abs_min_and_max_have_no_name() -> None:
    network = units("relu(abs(x)) + max(x, y, 1)")
    assert [name for name, _ in network.outputs] == ["net", "net.1.1"]


def test_numbers_may_have_names() -> None:
    assert "(linear 0 0 7)" in units("k*x", before="def k := 7\n").text()


numbers = st.fractions(-4, 4, max_denominator=5)


@settings(max_examples=60, deadline=None)
@given(numbers, numbers, numbers)
def test_sugar_has_its_meaning(x: Fraction, y: Fraction, c: Fraction) -> None:
    for body, wanted in (
        ("abs(x - y)", abs(x - y)),
        (f"max(x, y, {c})", max(x, y, c)),
        (f"min(x, {c}, y - x)", min(x, c, y - x)),
        (f"relu(({c})*relu(x) - y)", max(c * max(x, Fraction(0)) - y, Fraction(0))),
    ):
        assert value(units(body), x, y) == wanted


@pytest.mark.parametrize(
    ("body", "column", "message"),
    [
        ("x*y", 31, "one factor that is no number, and `y` is none or a second one"),
        ("1/x", 31, "a network is divided by numbers only"),
        ("x/0", 31, "a division by 0"),
        ("x^2", 29, "`x^2` is none of these"),
        ("2^401", 31, "an exponent is at most 400 here"),
        ("x < y", 29, "`x < y` is none of these"),
        ("if x < y then x else y", 29, "is none of these"),
        ("relu(x, y)", 29, "relu takes 1 argument, got 2"),
        ("max(x)", 29, "max takes 2 to 8 arguments, got 1"),
        ("x(1)", 29, "`x(1)` is none of these"),
        ("relu", 29, "`relu` is none of these"),
        ("sin(x)", 29, "`sin(x)` is none of these"),
        ("z", 29, "unknown name `z`"),
        ("(10^400)^7*(10^400)^7", 29, "more than 8192 binary digits"),
    ],
)
def test_what_is_no_network(body: str, column: int, message: str) -> None:
    found = mistake(f"network net(x: Real, y: Real) := {body}", "")
    assert message in found.message
    assert (found.line, found.column) == (1, column + 5)
