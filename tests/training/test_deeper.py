"""Deeper networks: what is decided, what is open, and that every value is real."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.training.optima.deeper import DeepOptimum, find_deep_optimum, run_through
from verify.training.optima.deeper_networks import (
    Dense,
    Row,
    Shallow,
    Shape,
    evaluate_dense,
    find_places,
    lift,
    list_parameters,
)
from verify.training.optima.deeper_search import solve_outputs


def rows(*values: Sequence[int] | int) -> list[Row]:
    return [
        tuple(map(Fraction, value))
        if isinstance(value, tuple | list)
        else (Fraction(value),)  # type: ignore[arg-type]
        for value in values
    ]


def give(shape: Shape, parameters: Row, point: Row) -> Row:
    """The outputs of a list of parameters, read again in the documents' order."""
    left = iter(parameters)
    widths = (*shape.layers, shape.outputs)
    for number, width in enumerate(widths):
        found = []
        for _ in range(width):
            total = sum((next(left) * x for x in point), Fraction(0)) + next(left)
            found.append(
                total if number + 1 == len(widths) else max(Fraction(0), total)
            )
        point = tuple(found)
    assert next(left, None) is None
    return point


def solve(
    shape: Shape, loss: str, points: list[Row], targets: list[Row], seconds: float = 5
) -> DeepOptimum:
    return find_deep_optimum(
        shape, loss, points, targets, deadline=time.monotonic() + seconds
    )


def squared(
    shape: Shape, found: DeepOptimum, points: list[Row], targets: list[Row]
) -> Fraction:
    pairs = zip(points, targets, strict=True)
    return sum(
        ((g - y) ** 2
         for x, row in pairs for g, y in zip(give(shape, found.parameters, x), row, strict=True)),
        Fraction(0),
    )  # fmt: skip


def test_a_wide_layer_runs_through_all_points() -> None:
    """Two hidden layers; the second hands the two outputs on."""
    shape = Shape(2, (4, 2), 2)
    points = rows((0, 0), (0, 1), (1, 0), (1, 1), (2, 5))
    targets = rows((0, 3), (1, -1), (1, 0), (0, 2), (-7, 4))
    found = solve(shape, "squared", points, targets)
    assert (found.lower, found.upper) == (0, 0)
    assert squared(shape, found, points, targets) == 0
    assert "least loss that equal inputs allow" in found.detail


@pytest.mark.parametrize(
    ("loss", "value"), [("squared", "1/2"), ("l1", "1"), ("linf", "1/2")]
)
def test_equal_inputs_with_two_targets_bound_every_class(loss: str, value: str) -> None:
    shape = Shape(1, (3, 3), 1)
    found = solve(shape, loss, rows(0, 0, 1), rows(0, 1, 5))
    assert found.lower == found.upper == Fraction(value)


@pytest.mark.parametrize(("loss", "value"), [("hinge", 2), ("zero_one", 1)])
def test_equal_inputs_with_two_labels(loss: str, value: int) -> None:
    found = solve(Shape(1, (3, 3), 1), loss, rows(0, 0, 0, 1), rows(1, -1, 1, -1))
    assert found.lower == found.upper == value


def test_labels_of_several_outputs() -> None:
    shape = Shape(1, (3, 3), 3)
    found = solve(shape, "zero_one", rows(0, 1, 2, 2), rows(2, 0, 1, 0))
    assert found.lower == found.upper == 1
    outputs = give(shape, found.parameters, (Fraction(0),))
    assert outputs[2] > max(outputs[:2])


def test_what_is_open_is_said_with_both_values() -> None:
    """One unit in each layer: monotone, so the hat keeps a loss, which is not proved."""
    shape = Shape(1, (1, 1), 1)
    points, targets = rows(0, 1, 2), rows(0, 1, 0)
    found = solve(shape, "squared", points, targets)
    assert found.lower == 0
    assert found.upper == Fraction(1, 2) == squared(shape, found, points, targets)
    assert "from below only 0 is proved" in found.detail


def test_a_narrow_first_layer_is_searched() -> None:
    """Two inputs through one unit: nothing can be lifted to the second layer."""
    shape = Shape(2, (1, 3), 1)
    assert find_places(shape) == (0,)
    points, targets = rows((0, 0), (0, 1), (1, 0), (1, 1)), rows(0, 1, 1, 2)
    found = solve(shape, "squared", points, targets)
    assert found.upper == 0 == squared(shape, found, points, targets)


def test_nothing_to_lift_at_all() -> None:
    """Two outputs behind one unit, so that only the search proposes networks."""
    shape = Shape(1, (2, 1), 2)
    assert find_places(shape) == (1,)
    deep = Shape(2, (1, 1), 2)
    assert find_places(deep) == ()
    points, targets = rows((0, 0), (1, 0), (0, 1)), rows((0, 0), (1, 1), (0, 0))
    found = solve(deep, "squared", points, targets, 20)
    assert found.upper == squared(deep, found, points, targets)
    assert found.upper < 1


def test_no_time_still_gives_a_network() -> None:
    shape = Shape(2, (1, 1), 2)
    points, targets = rows((0, 0), (1, 0)), rows((0, 0), (1, 1))
    found = find_deep_optimum(
        shape, "squared", points, targets, deadline=time.monotonic()
    )
    assert found.upper == 2 == squared(shape, found, points, targets)


SHALLOW = Shallow(
    Dense(tuple(rows((1, -2), (-1, 3))), (Fraction(1), Fraction(1, 2))),
    Dense(tuple(rows((1, -1), (2, 5))), (Fraction(-3), Fraction(1, 3))),
)
numbers = st.fractions(min_value=-4, max_value=4, max_denominator=3)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5),
    st.sampled_from([(2,), (3, 2), (2, 2), (2, 4, 2), (5, 2, 3, 2)]),
)
def test_lifting_keeps_outputs(points: list[Row], layers: tuple[int, ...]) -> None:
    shape = Shape(2, layers, 2)
    for place in find_places(shape):
        network = lift(shape, place, SHALLOW, points)
        assert [len(layer.rows) for layer in network] == [*layers, 2]
        for point in points:
            plain = evaluate_dense((SHALLOW.units, SHALLOW.readout), point)
            assert evaluate_dense(network, point) == plain
            assert give(shape, list_parameters(network), point) == plain


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.tuples(numbers, numbers), st.tuples(numbers), min_size=1, max_size=5
    )
)
def test_running_through(answers: dict[Row, Row]) -> None:
    network = run_through(answers)
    assert len(network.units.rows) == len(answers) - 1
    for point, row in answers.items():
        assert evaluate_dense((network.units, network.readout), point) == row


def test_outputs_are_solved_for_exactly() -> None:
    """Hinges at 0 and 1 span what is asked for; a third one is a multiple of the first."""
    hidden = Dense(tuple(rows(1, 1, 2)), (Fraction(0), Fraction(-1), Fraction(0)))
    start = Dense(((Fraction(0),) * 3,), (Fraction(0),))
    points, targets = rows(0, 1, 2, 3), rows(5, 6, 9, 12)
    network = solve_outputs((hidden, start), points, targets)
    assert [evaluate_dense(network, point) for point in points] == targets


REFUSED = {
    "another loss": (Shape(1, (1,), 1), "cubed", rows(0), rows(0), "unknown loss 'cubed'"),
    "no units": (Shape(1, (0,), 1), "l1", rows(0), rows(0), "at least one input"),
    "no points": (Shape(1, (1,), 1), "l1", [], [], "0 points but 0 rows"),
    "two inputs": (
        Shape(1, (1,), 1), "l1", rows((0, 1)), rows(0), "2 inputs and 1 targets"),
    "a label 0": (Shape(1, (1,), 1), "hinge", rows(0), rows(0), "label 0, expected one of -1, 1"),
    "a label 2": (Shape(1, (1,), 2), "zero_one", rows(0), rows(2), "label 2, expected one of 0, 1"),
    "hinge twice": (Shape(1, (1,), 2), "hinge", rows(0), rows((1, 1)), "hinge is for one output"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_together_is_refused(name: str) -> None:
    shape, loss, points, targets, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        solve(shape, loss, points, targets)
