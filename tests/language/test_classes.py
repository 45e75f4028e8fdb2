"""Classes of networks: what their options mean, and a sentence for each that is wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.language.measuring import evaluate
from tests.language.reading import mistake, read
from verify.kernel.terms import constant
from verify.language.expansion import replace_constants
from verify.language.families import (
    count_parameters,
    make_condition,
    make_family,
    make_numeral,
    make_outputs,
)
from verify.language.things import ModelClass


def model(options: str) -> ModelClass:
    thing = read(f"class S := relu_nets({options})").thing("S")
    assert isinstance(thing, ModelClass)
    return thing


@pytest.mark.parametrize(
    ("options", "shape", "parameters"),
    [
        ("inputs = 1, hidden = 2", (1, (2,), 1, True), 7),
        ("inputs = 3, hidden = 0", (3, (), 1, True), 1),
        ("inputs = 2, layers = (3, 2)", (2, (3, 2), 1, False), 20),
        ("inputs = 2, layers = (3)", (2, (3,), 1, True), 13),
        ("inputs = 2, layers = 3", (2, (3,), 1, True), 13),
        ("inputs = 2, layers = (3), weights = {0, 1}", (2, (3,), 1, False), 13),
        ("inputs = 1, hidden = 2, outputs = 2", (1, (2,), 2, False), 10),
        ("inputs = 1, hidden = 0, outputs = 3", (1, (), 3, False), 3),
        ("hidden = 1, inputs = 1, weights = {1, -1, 0}", (1, (1,), 1, True), 4),
        ("inputs = 1, hidden = 1, bounded by 3/2", (1, (1,), 1, True), 4),
    ],
)
def test_the_shape_of_a_class(
    options: str, shape: tuple[object, ...], parameters: int
) -> None:
    found = model(options)
    assert (found.inputs, found.layers, found.outputs, found.signed) == shape
    assert count_parameters(found) == parameters == len(make_family(found).parameters)


def test_what_parameters_may_be() -> None:
    assert model("inputs = 1, hidden = 1").free
    ternary = model("inputs = 1, hidden = 1, weights = {1, -1/2, 0}")
    assert ternary.weights == (Fraction(-1, 2), 0, 1) and not ternary.free
    bounded = model("inputs = 1, hidden = 1, bounded by 0.5")
    assert bounded.bound == Fraction(1, 2) and not bounded.free
    none = model("inputs = 1, hidden = 1, bounded by 0")
    assert none.bound == 0 and not none.free


@pytest.mark.parametrize(
    ("options", "column", "message", "fix"),
    [
        ("hidden = 2", 1, "S lacks `inputs`", "write inputs = 1 too"),
        ("inputs = 1", 1, "S lacks `hidden` or `layers`", "write hidden = 2 too"),
        (
            "inputs = 1, hidden = 2, layers = (2)", 46,
            "both `hidden` and `layers`, and a class has one of them", "delete one",
        ),
        (
            "inputs = 1, hidden = 1, bounded by 1, weights = {0}", 60,
            "both `weights` and `bounded`", "delete one",
        ),
        ("inputs = 1, inputs = 2, hidden = 1", 34, "`inputs` is given twice", "delete"),
        ("inputs = 1, hiden = 2", 34, "unknown option `hiden`", "did you mean hidden?"),
        ("inputs = 1, depth = 2", 34, "unknown option `depth`", "there are inputs"),
        ("inputs = 0, hidden = 2", 31, "`inputs` takes numbers from 1", "inputs = 1"),
        ("inputs = 1, hidden = -1", 43, "`hidden` takes numbers from 0", "hidden = 2"),
        ("inputs = 1, hidden = 1/2", 43, "`hidden` takes numbers from 0", "hidden = 2"),
        ("inputs = 1, layers = (2, 0)", 47, "`layers` takes numbers from 1", "layers ="),
        ("inputs = 20000, hidden = 1", 31, "from 1 to 10000, got `20000`", "inputs"),
        ("inputs = 1, hidden = 1, outputs = 0", 56, "`outputs` takes numbers", "outputs"),
        ("inputs = {1}, hidden = 1", 22, "`inputs` is not written like this", "inputs = 1"),
        ("inputs = 1, hidden = 1, bounded = 2", 46, "`bounded` is not", "bounded by 2"),
        ("inputs = 1, hidden = 1, weights = 2", 46, "`weights` is not", "{-1, 0, 1}"),
        ("inputs = 1, hidden = 1, weights = {}", 46, "no weights: there would", "weights"),
        ("inputs = 1, hidden = 1, weights = {0, 1, 0/2}", 63, "`0/2` is named twice", ""),
        ("inputs = 1, hidden = 1, bounded by -1", 57, "from 0 on, got `-1`", "bounded by"),
        ("inputs = 1, hidden = 1, bounded by x", 57, "expected a number, got `x`", "write"),
        ("inputs = 1/0, hidden = 1", 33, "a division by 0", "leave it out"),
    ],
)  # fmt: skip
def test_a_bad_option_is_a_sentence_with_a_fix(
    options: str, column: int, message: str, fix: str
) -> None:
    found = mistake(f"class S := relu_nets({options})")
    assert message in found.message and fix in found.fix
    assert (found.line, found.column) == (1, column)


def test_too_many_weights_and_layers() -> None:
    weights = ", ".join(map(str, range(1_001)))
    found = mistake(
        f"class S := relu_nets(inputs = 1, hidden = 1, weights = {{{weights}}})"
    )
    assert "at most 1000 weights" in found.message
    layers = ", ".join(["1"] * 101)
    found = mistake(f"class S := relu_nets(inputs = 1, layers = ({layers}))")
    assert "at most 100 layers" in found.message


def test_data_with_a_division_by_0_is_refused() -> None:
    found = mistake("data D := points (1/0; 0)")
    assert found.message == "a division by 0" and found.column == 21


def outputs(options: str, parameters: list[int], point: list[int]) -> list[Fraction]:
    """What the network of a class with these parameters gives."""
    family = make_family(model(options))
    numbers = dict(zip(family.parameters, map(make_numeral, parameters), strict=True))
    terms = make_outputs(family, list(map(make_numeral, point)))
    return [evaluate(replace_constants(term, numbers)) for term in terms]


def test_networks_of_a_class() -> None:
    signed = "inputs = 2, hidden = 2"
    # 1 + relu(2x + 3y - 1) - relu(x - y)
    assert outputs(signed, [1, 5, 2, 3, -1, -1, 1, -1, 0], [2, 1]) == [1 + 6 - 1]
    assert outputs(signed, [1, 0, 2, 3, -1, -1, 1, -1, 0], [-2, 1]) == [1]
    deep = "inputs = 1, layers = (2, 1)"
    # h = relu(x), relu(2x - 1); 3*relu(h1 - h2 + 4) - 5
    parameters = [1, 0, 2, -1, 1, -1, 4, 3, -5]
    assert outputs(deep, parameters, [2]) == [3 * max(0, 2 - 3 + 4) - 5]
    several = "inputs = 1, hidden = 1, outputs = 2"
    # h = relu(2x + 1); 3h - 1, -h
    assert outputs(several, [2, 1, 3, -1, -1, 0], [1]) == [8, -3]
    assert outputs("inputs = 1, hidden = 0, outputs = 2", [7, 8], [1]) == [7, 8]


def test_conditions_speak_of_each_parameter_in_order() -> None:
    family = make_family(model("inputs = 1, hidden = 1, weights = {0, 2}"))
    condition = make_condition(family)
    assert condition is not None and condition.op == "and"
    parts = [part.args[0].args[0] for part in condition.args]
    assert parts == [constant(symbol) for symbol in family.parameters]
    signs = condition.args[1]
    assert [choice.args[1].value for choice in signs.args] == [-1, 1]
    bounded = make_condition(make_family(model("inputs = 1, hidden = 1, bounded by 2")))
    assert bounded is not None and len(bounded.args) == 6
    assert make_condition(make_family(model("inputs = 1, hidden = 1"))) is None
