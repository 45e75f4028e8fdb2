"""Replacements of circuits: which weights are free, and what the network then gives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.measuring import evaluate, least_bound, quantity
from tests.language.reading import last, read
from verify.kernel.fits import make_fit
from verify.kernel.text import write_term
from verify.language.reader import read_document
from verify.language.things import Outline

THINGS = """\
network f(v: Real) := 2*relu(v - 1) - relu(v) + 1
network g(u: Real, v: Real) := relu(relu(u + v) - 2*relu(u - 1)) - 3*relu(relu(u - 1) - 1)
network deep(u: Real, v: Real) := 3*relu(2*relu(u) - relu(v + 1) + 1) - 1
network skip(v: Real) := relu(relu(v) + v)
network both(v: Real) := relu(relu(v) - 1) + relu(v)
network sized(v: Real) := abs(relu(v) - 1)
data D := points (0; 0) (1; 1) (2; 0)
data P := points (0, 1; 2) (1, -1; 1) (2, 1; 0)
circuit F2 := units(f, 1: {2})
circuit F12 := units(f, 1: {1, 2})
circuit low := units(deep, 1: {2})
circuit top := units(deep, 2: {1})
circuit mixed := units(deep, 1: {1}, 2: {1})
circuit skipped := units(skip, 2: {1})
circuit half := units(both, 1: {1})
circuit inner := units(sized, 1: {1})
"""


def relu(x: Fraction | int) -> Fraction:
    return Fraction(max(x, 0))


def test_the_last_layer_is_a_fit_to_what_is_left() -> None:
    text = (
        "evidence e: replaceable(F2, D, l1) and replaceable(F12, D, squared, by = 1/4)"
    )
    document = read(THINGS + text, "")
    one, two = document.quantities
    assert (one.name, two.name) == ("least.F2.D.l1", "least.F12.D.squared")
    for found, hidden, circuit in ((one, 1, "F2"), (two, 2, "F12")):
        fit = found.fit
        assert fit is not None and fit.hidden == hidden and not fit.constant
        assert found.formula == make_fit(*fit[:5], constant=False)
        assert [write_term(t) for t in fit.offsets] == [
            f"(f.without.{circuit} {x}/1)" for x in range(3)
        ]
        assert [[write_term(x) for x in p] for p in fit.points] == [
            ["0/1"],
            ["1/1"],
            ["2/1"],
        ]
    formula = document.statements[-1].formula
    assert formula is not None
    first, second = formula.args
    assert write_term(first).startswith(
        "(< least.F2.D.l1 (+ (if (<= 0/1 (f 0/1)) (f 0/1)"
    )
    assert write_term(second).endswith(" -1/4))") and second.op == "<"
    assert set(document.statements[-1].definitions) == set()


def test_below_the_last_layer_are_the_values_of_the_layer_before() -> None:
    document = read(THINGS + "evidence e: least(top, P, l1) <= 1", "")
    fit = quantity(document, "least.top.P.l1").fit
    assert fit is not None
    assert [write_term(x) for x in fit.points[1]] == [
        "(deep.1.1 1/1 -1/1)", "(deep.1.2 1/1 -1/1)",
    ]  # fmt: skip
    assert write_term(fit.offsets[1]) == "(deep.without.top 1/1 -1/1)"


WEIGHTS = st.fractions(-3, 3, max_denominator=2)


@given(numbers=st.tuples(*[WEIGHTS] * 4))
@settings(max_examples=60)
def test_a_unit_below_the_last_layer(numbers: tuple[Fraction, ...]) -> None:
    document = read(THINGS + "evidence e: least(low, P, l1) <= 1", "")
    found = quantity(document, "least.low.P.l1")
    assert found.fit is None
    w1, w2, b, v = numbers
    wanted = Fraction(0)
    for (x1, x2), y in (((0, 1), 2), ((1, -1), 1), ((2, 1), 0)):
        unit = relu(w1 * x1 + w2 * x2 + b)
        wanted += abs(3 * relu(2 * relu(x1) + v * unit + 1) - 1 - y)
    assert least_bound(found, [w1, w2, b, v], {}) == wanted


@given(numbers=st.tuples(*[WEIGHTS] * 7))
@settings(max_examples=60)
def test_units_of_two_layers(numbers: tuple[Fraction, ...]) -> None:
    document = read(THINGS + "evidence e: least(mixed, P, squared) <= 1", "")
    found = quantity(document, "least.mixed.P.squared")
    w1, w2, b, a1, a2, c, v = numbers
    wanted = Fraction(0)
    for (x1, x2), y in (((0, 1), 2), ((1, -1), 1), ((2, 1), 0)):
        top = relu(a1 * relu(w1 * x1 + w2 * x2 + b) + a2 * relu(x2 + 1) + c)
        wanted += (v * top - 1 - y) ** 2
    assert least_bound(found, numbers, {}) == wanted


def test_the_network_itself_is_one_of_its_replacements() -> None:
    document = read(THINGS + "evidence e: replaceable(low, P, l1)", "")
    found = quantity(document, "least.low.P.l1")
    formula = document.statements[-1].formula
    assert formula is not None

    def deep(u: Fraction, v: Fraction) -> Fraction:
        return 3 * relu(2 * relu(u) - relu(v + 1) + 1) - 1

    loss = evaluate(formula.args[1], {"deep": deep})
    assert least_bound(found, [0, 1, 1, -1], {}) == loss


@pytest.mark.parametrize(
    ("circuit", "why"),
    [
        ("skipped", "skip is not made of relu layers, each fed by the last"),
        ("inner", "sized is not made of relu layers, each fed by the last"),
        ("half", "the output of both reads more than one layer"),
    ],
)
def test_networks_that_are_no_layers(circuit: str, why: str) -> None:
    statement = last(f"{THINGS}evidence e: replaceable({circuit}, D, l1)", "")
    assert statement.formula is None
    assert statement.unsupported == (
        f"replacements of {circuit} are not stated here: {why}; ask `verify circuits`, "
        "which works on the files"
    )


def test_a_deep_formula_is_too_large() -> None:
    inner = "x"
    for _ in range(20):
        inner = f"relu({inner} + 1)"
    text = (
        f"network f(x: Real) := {inner}\ndata D := points (0; 0)\n"
        "circuit C := units(f, 1: {1})\nevidence e: replaceable(C, D, l1)"
    )
    assert (
        "the formula is too large; ask `verify circuits`" in last(text, "").unsupported
    )


Shape = Callable[[str, Path], Outline]


def write(folder: Path, text: str) -> Path:
    (folder / "m.onnx").write_bytes(b"model")
    (folder / "claims").mkdir()
    path = folder / "claims" / "d.claim"
    path.write_text('network h := "../m.onnx"\ndata D := points (0, 1; 0)\n' + text)
    return path


def test_a_network_in_a_file(tmp_path: Path) -> None:
    text = (
        "circuit C := units(h, 2: {1, 3})\ncircuit low := units(h, 1: {1})\n"
        "evidence last: replaceable(C, D, l1)\nevidence deep: replaceable(low, D, l1)\n"
    )
    path = write(tmp_path, text)
    document = read_document(path, lambda shown, file: Outline(2, 1, (2, 3), "00"))
    last_one, deep = document.statements
    fit = quantity(document, "least.C.D.l1").fit
    assert last_one.formula is not None and fit is not None and fit.hidden == 2
    assert [write_term(x) for x in fit.points[0]] == [
        "(h.1.1 0/1 1/1)",
        "(h.1.2 0/1 1/1)",
    ]
    assert deep.unsupported == (
        "replacements of low are not stated here: it is not in the last layer of units, "
        "and h is in a file; ask `verify circuits`, which works on the files"
    )


def test_several_outputs_of_a_file(tmp_path: Path) -> None:
    text = (
        "circuit C := units(h, 1: {2})\ndata V := points (1, 2; 3, 4)\n"
        "evidence e: replaceable(C, V, l1)\nevidence l: replaceable(C, D, zero_one)\n"
    )
    path = write(tmp_path, text)
    document = read_document(path, lambda shown, file: Outline(2, 2, (2,), "00"))
    found = quantity(document, "least.C.V.l1")
    rest = {"h.without.C.1": lambda x, y: x, "h.without.C.2": lambda x, y: y}
    # w = (1, 1), b = 0: the unit is 3; 1 + 3*1 and 2 + 3*0 against 3 and 4
    assert found.fit is None
    assert least_bound(found, [1, 1, 0, 1, 0], rest) == 1 + 2
    labels = quantity(document, "least.C.D.zero_one")
    # outputs 0 + 1 and 1 for label 0: a tie
    assert least_bound(labels, [0, 0, 1, 1, 0], rest) == 1
    assert least_bound(labels, [0, 0, 1, 2, 0], rest) == 0


def test_what_is_not_stacked_in_a_file(tmp_path: Path) -> None:
    text = "circuit C := units(h, 1: {2})\nevidence e: replaceable(C, D, l1)\n"
    path = write(tmp_path, text)
    outline = Outline(2, 1, (2,), "00", stacked=False)
    document = read_document(path, lambda shown, file: outline)
    assert "not made of relu layers" in document.statements[0].unsupported


def test_a_circuit_nobody_looked_at(tmp_path: Path) -> None:
    text = "circuit C := units(h, 1: {2})\nevidence e: replaceable(C, D, l1)\n"
    document = read_document(write(tmp_path, text))
    assert "models and data in files are not read" in document.statements[0].unsupported
