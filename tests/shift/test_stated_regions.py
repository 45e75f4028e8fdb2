"""Regions of documents as half-spaces, and cuts that leave a squared loss no gap."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.reading import read
from tests.shift.tiny_shifts import F, find_distance, make_network
from verify.kernel import terms
from verify.kernel.networks import Program, Unit
from verify.language.things import Region as Declared
from verify.networks.certificates.regions import evaluate
from verify.networks.statements.evaluating import Evaluator
from verify.networks.statements.grounds import Unsettled
from verify.shift.documents.corners import choose_cuts, find_corners
from verify.shift.documents.stated_regions import Stated, make_region
from verify.shift.regions import make_box
from verify.shift.transport.lemmas import make_frame

GRID = [F(k, 2) for k in range(-6, 7)]


def state(formula: str) -> Stated:
    """A region of x and y as a document states it."""
    document = read(f"region R(x: Real, y: Real) := {formula}", "")
    region = document.thing("R")
    assert isinstance(region, Declared)
    definition = region.definition
    return Stated(definition.parameters, definition.body)


@pytest.mark.parametrize(
    "formula",
    [
        "0 <= x and x <= 2 and -1 <= y and y <= 1",
        "0 <= x and 0 <= y and x + y <= 2",
        "abs(x) + abs(y - 1/2) <= 2",
        "max(abs(x), abs(y)) <= 3/2 and 2*x <= y",
        "min(x, y) >= -1 and max(x, 2*y, x + y) <= 2",
        "x = 1 and 0 <= y <= 2",
        "x <= 1 and 1 <= x and -2 <= y - x <= 2",
    ],
)
def test_the_half_spaces_hold_where_the_formula_does(formula: str) -> None:
    stated, evaluator = state(formula), Evaluator(())
    region = make_region(stated)
    assert region.is_bounded
    for point in product(GRID, GRID):
        numbers = [terms.make_number(value, terms.REAL) for value in point]
        said = all(evaluator.truth(part) for part in stated.at(numbers))
        assert region.contains(point) == said, point


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("0 < x and x <= 1 and 0 <= y and y <= 1", "write <= for <"),
        ("abs(x) >= 1 and abs(x) <= 2 and abs(y) <= 1", "is to be large"),
        ("min(x, y) <= 1 and abs(x) + abs(y) <= 3", "is to be large"),
        ("x*y <= 1 and 0 <= x and x <= 1 and abs(y) <= 1", "more than linear"),
        ("x <= 0 or y <= 0", "this one has `or`"),
        ("x <= 0 implies y <= 0", "this one has `implies`"),
        ("not (x = 0)", "this one has `not`"),
    ],
)
def test_other_regions_are_refused_with_what_they_have(
    formula: str, reason: str
) -> None:
    with pytest.raises(Unsettled, match="a region in which points move") as refused:
        make_region(state(formula))
    assert reason in refused.value.detail


errors = st.sets(st.fractions(-3, 3, max_denominator=4), min_size=1, max_size=5)


@settings(max_examples=30)
@given(errors, st.fractions(0, 4, max_denominator=8))
def test_every_error_that_matters_is_a_cut(found: set[Fraction], top: Fraction) -> None:
    cuts = choose_cuts(found, top)
    assert cuts[0] < min(found) and max(found) < cuts[-1]
    for low, high in pairwise(cuts):
        assert low < high
        inside = [error for error in found if low < error < high]
        # between two cuts nothing matters, or the chord is level and low enough
        assert not inside or (low == -high and low * low <= top)


@pytest.mark.parametrize("ground", ["l1", "linf"])
def test_no_point_of_a_grid_beats_the_corners(ground: str) -> None:
    network = make_network([[1, 1], [1, -1]], [-1, 0], [[2, -1]], [F(1, 2)])
    frame = make_frame(network, make_box((F(-1),) * 2, (F(2),) * 2), ground)
    start = (F(1, 2), F(0))
    corners = find_corners(frame, start)
    assert corners is not None

    def gain(point: tuple[Fraction, ...], value: Fraction) -> Fraction:
        return (value - 1) ** 2 - F(1, 3) * find_distance(ground, start, point)

    best = max(gain(point, value) for point, value in corners)
    program, rest = Program(frame.units, (), ()), (F(0),) * frame.extra
    for point in product([F(k, 4) for k in range(-4, 9)], repeat=2):
        value = evaluate(program, (*point, *rest))[frame.outputs[0]][0]
        assert gain(point, value) <= best
    assert all(frame.region.contains(point) for point, _ in corners)


def test_corners_of_relus_upon_relus_are_not_listed() -> None:
    plain = make_network([[1, 1]], [0], [[1]], [0])
    frame = make_frame(plain, make_box((F(0),) * 2, (F(1),) * 2), "l1")
    assert find_corners(frame, (F(0), F(0))) is not None
    first = Unit("relu", F(0), ((0, F(1)), (1, F(-1))))
    second = Unit("relu", F(1), ((2, F(-1)),))
    deep = frame._replace(units=(first, second), extra=0, outputs=(3,))
    assert find_corners(deep, (F(0), F(0))) is None
