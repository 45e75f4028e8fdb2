"""Hulls, boxes and balls: what their formulas say, and what makes no sense as one."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.reading import last, mistake, read
from verify.kernel.counting import run_all
from verify.kernel.terms import REAL, Binder, Term, make_number, subterms
from verify.language.places import Ball, find_corners, make_around, say_inside
from verify.language.printing import render_term
from verify.language.things import Region

F = Fraction
THINGS = """\
network f(x: Real, y: Real) := relu(x + y)
network g(x: Real) := relu(x)
circuit C := units(f, 1: {1})
data D := points (0, 0; 0) (1, 0; 0) (0, 1; 0)
data E := points (0; 0) (3; 0) (1; 0)
class S := relu_nets(inputs = 1, hidden = 1)
region R(x: Real) := x <= 1
region H := hull(D)
"""
numbers = st.fractions(-3, 3, max_denominator=3)
planar = st.tuples(numbers, numbers)


def numeral(value: Fraction | int) -> Term:
    return make_number(F(value), REAL)


def holds(formula: Term) -> bool:
    return bool(next(run_all(formula, (), {})))


def statement(formula: str) -> Term:
    """What an evidence statement says."""
    found = last(f"{THINGS}evidence e: {formula}", "")
    assert found.formula is not None, found.unsupported
    return found.formula


# Corners


def turn(a: Sequence[F], b: Sequence[F], c: Sequence[F]) -> F:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@settings(max_examples=25)
@given(st.lists(planar, min_size=1, max_size=9, unique=True))
def test_corners_are_corners_and_leave_nothing_outside(
    points: list[tuple[F, F]],
) -> None:
    corners = find_corners(points)
    assert set(corners) <= set(points) and len(set(corners)) == len(corners)
    size = len(corners)
    if size < 3:
        low, high = min(points), max(points)
        assert {low, high} == set(corners)
        assert all(turn(low, high, point) == 0 for point in points)
        return
    for place in range(size):
        edge = corners[place], corners[(place + 1) % size]
        assert all(turn(*edge, point) >= 0 for point in points)
        assert turn(*edge, corners[(place + 2) % size]) > 0


def test_points_that_make_no_difference_are_left_out() -> None:
    twice = [(F(0), F(0), F(0)), (F(1), F(2), F(3)), (F(0), F(0), F(0))]
    assert len(make_around("hull", twice).points) == 2
    square = [(F(a), F(b)) for a in (0, 1, 2) for b in (0, 1, 2)]
    assert make_around("hull", square).weights == 4
    assert make_around("box", square).weights == 0


# What the formulas say


@settings(max_examples=25)
@given(st.lists(numbers, min_size=1, max_size=5), numbers)
def test_on_the_line_a_hull_is_an_interval(points: list[F], x: F) -> None:
    place = make_around("hull", [(point,) for point in points])
    assert holds(say_inside(place, [numeral(x)])) == (min(points) <= x <= max(points))


@settings(max_examples=25)
@given(st.lists(planar, min_size=1, max_size=5), planar)
def test_a_box_has_least_and_largest_coordinates(
    points: list[tuple[F, F]], point: tuple[F, F]
) -> None:
    place = make_around("box", points)
    inside = all(
        min(column) <= x <= max(column)
        for x, column in zip(point, zip(*points, strict=True), strict=True)
    )
    assert holds(say_inside(place, list(map(numeral, point)))) == inside


@pytest.mark.parametrize("norm", ["l1", "linf"])
@settings(max_examples=25)
@given(st.integers(1, 4), st.data())
def test_a_ball_is_what_lies_within_its_radius(
    norm: str, size: int, data: st.DataObject
) -> None:
    several = st.lists(numbers, min_size=size, max_size=size)
    centre, point = data.draw(several), data.draw(several)
    radius = data.draw(st.fractions(0, 4, max_denominator=3))
    steps = [abs(a - b) for a, b in zip(centre, point, strict=True)]
    inside = (sum(steps) if norm == "l1" else max(steps)) <= radius
    ball = Ball(tuple(map(numeral, centre)), norm, numeral(radius))
    assert holds(say_inside(ball, list(map(numeral, point)))) == inside


def test_an_l1_ball_of_many_coordinates_asks_for_distances() -> None:
    ball = Ball((numeral(0),) * 6, "l1", numeral(1))
    formula = say_inside(ball, [numeral(1)] * 6)
    binders = [p.value for p in subterms(formula) if isinstance(p.value, Binder)]
    assert len(binders) == 6 and {b.name for b in binders} == {
        f"apart_{i}" for i in range(1, 7)
    }
    linf = say_inside(ball._replace(norm="linf"), [numeral(1)] * 6)
    assert holds(linf)


def test_a_hull_says_that_there_are_weights() -> None:
    text = render_term(statement("(1/2, 1/4) in H"))
    assert text.startswith("exists w_1: Real, w_2: Real, w_3: Real. ")
    assert "w_1 + w_2 + w_3 = 1" in text and "0 <= w_1" in text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(1/2, 1/4) in H", "H(1/2, 1/4)"),
        ("(1/2, 1/4) in H", "(1/2, 1/4) in hull(D)"),
        ("forall p in H: p in H", "forall p in hull(D): H(p)"),
        ("silent(C, H)", "silent(C, hull(D))"),
        ("forall x in H: f(x) <= 1", "forall x in hull(D): f(x) <= 1"),
        ("forall x, y in H: f(x) = f(y)", "forall x in H: forall y in H: f(x) = f(y)"),
        (
            "f(1, 1) = 2 implies (f(1, 2), 1) in D",
            "f(1, 1) = 2 implies f(1, 2) = 0 and 1.0 = 0 or f(1, 2) = 1 and 1.0 = 0 "
            "or f(1, 2) = 0 and 1.0 = 1",
        ),
        ("2 in hull(E)", "2 in box(E)"),
        (
            "forall x in ball((0, 1), linf, 1): f(x) >= 0",
            "forall x: Real, y: Real. "
            "-1 <= x - 0 and x - 0 <= 1 and -1 <= y - 1 and y - 1 <= 1 "
            "implies f(x, y) >= 0",
        ),
    ],
)
def test_two_ways_to_say_one_thing(one: str, other: str) -> None:
    assert names_apart(statement(one)) == names_apart(statement(other))


def names_apart(formula: Term) -> str:
    """The text with every bound name the same, as names mean nothing."""
    text = render_term(formula)
    names = {p.value.name for p in subterms(formula) if isinstance(p.value, Binder)}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "n")
    return text


def test_the_centre_of_a_ball_is_read_outside_of_what_it_binds() -> None:
    nested = "forall p in D: forall x, y in ball(p, linf, 1): f(x) <= f(y) + 9"
    parts = statement(nested)
    assert parts.op == "and" and len(parts.args) == 3
    second = render_term(parts.args[1])
    for name in ("x", "y"):
        assert f"{name}_1 + -1*1 <= 1 and -1 <= {name}_2 + -1*0" in second
    moving = "forall r: Real. 0 <= r implies forall x in ball(r, l1, r): g(x) <= 2*r"
    text = render_term(statement(moving))
    assert "-r <= x - r" in text and "x - r <= r" in text


def test_regions_are_put_together() -> None:
    document = read(
        THINGS + "region A := H or ball((2, 2), linf, 1) and not box(D)\n"
        "evidence e: forall x in A: f(x) <= 9",
        "",
    )
    region = document.thing("A")
    assert isinstance(region, Region) and region.dimension == 2
    assert region.definition.uses == ("H",)
    assert set(region.definition.speaks) == {"D", "H", "hull", "ball", "box"}
    assert document.statements[-1].definitions == ("H", "A")


def test_names_of_a_document_come_first() -> None:
    text = "func hull(Real): Real\nfunc ball(Real, Real, Real): Bool\nstep s: "
    assert last(text + "hull(1) = 0 and ball(1, 2, 3)", "").formula is not None


def test_a_hull_of_too_many_points_is_a_sentence() -> None:
    points = " ".join(f"({i}, {i * i}, 1; 0)" for i in range(181))
    for use in (
        "region A := hull(L)\nevidence e: (1, 1, 1) in A",
        "evidence e: (1, 1, 1) in hull(L)",
    ):
        found = last(f"data L := points {points}\n{use}", "")
        assert "has 181 points, and a formula has room for the weights of 180" in (
            found.unsupported
        )
    flat = " ".join(f"({i}, {i * i % 3}; 0)" for i in range(181))
    assert last(f"data L := points {flat}\nevidence e: (1, 1) in hull(L)", "").formula


@pytest.mark.parametrize(
    ("line", "column", "message", "fix"),
    [
        ("region A := hull(Q)", 18, "hull takes a data set here, and `Q` is none", "data D"),
        ("region A := hull(f)", 18, "hull takes a data set here, and `f` is none", ""),
        ("region A := hull(H)", 18, "hull takes a data set here, and `H` is none", ""),
        ("region A := hull(D, E)", 13, "hull takes a data set; here it has 2", ""),
        ("region A := box(R)", 17, "box takes a data set here", ""),
        ("region A := H or R", 18, "the points of R have 1 number, and those of H", "one"),
        ("region A := D", 13, "`D` is the data set D, and no region", "hull(D) or box(D)"),
        ("region A := f", 13, "`f` is no region", "declare one above"),
        ("region A := A", 13, "the region `A` speaks of itself", "hull(D)"),
        ("region A := nowhere", 13, "unknown name `nowhere`", ""),
        ("region A := 0 <= 1", 13, "`0 <= 1` is no region", "region r := hull(D)"),
        ("region A(x: Real) := hull(D)", 22, "`hull(D)` is a region, and no term", "in"),
        ("region A := ball((1, 2), l2, 1)", 26, "and `l2` is none", "no ball of l2 is lin"),
        ("region A := ball((1, 2), l3, 1)", 26, "and `l3` is none", "ball(p, l1, 1/10)"),
        ("region A := ball((1, 2), l1, -1)", 30, "0 or more, got `-1`", "its centre"),
        ("region A := ball((1, 2), l1, 1 - 2)", 30, "got `1 - 2`", "its centre"),
        ("region A := ball((1, 2), l1, D)", 30, "`D` is the data set D, and no term", ""),
        ("region A := ball((1, 2), l1, (1, 2))", 30, "a number, and `(1, 2)` is none", ""),
        ("region A := ball(1, 2, l1, 1)", 13, "here it has 4 arguments", "ball((1, 2), l1"),
        ("region A := ball(hull(D), l1, 1)", 18, "`hull(D)` is a region, and no", ""),
        ("region A := ball((1, true), l1, 1)", 22, "coordinate 2 is a Real", ""),
        ("region A := ball(x, l1, 1)", 18, "unknown name `x`", ""),
        ("evidence e: forall x in hull(E): f(x) <= 1", 34, "takes 2 numbers, got 1", ""),
        ("evidence e: silent(C, hull(E))", 23, "hull(E) have 1 number, and the network", ""),
        ("evidence e: (1, 2, 3) in H", 13, "has 3 numbers, and the points of H have 2", ""),
        ("evidence e: 1 in D", 13, "`1` has 1 number, and the points of D have 2", ""),
        ("evidence e: hull(D)", 13, "is a region, and no term", "forall x in hull(D)"),
        ("evidence e: hull(D)(1, 2)", 13, "`hull(D)` is no function", "p in hull(D)"),
        ("evidence e: (1, 2) = 3", 13, "`(1, 2)` is a point of 2 numbers, and no", ""),
        ("evidence e: forall x in frame(D): f(x) <= 1", 25, "no data set and no", "hull(D)"),
        ("evidence e: (sum x in hull(D): f(x)) = 1", 23, "has no finite sum", "data set"),
        ("evidence e: risk(g, E, l1, wasserstein(1, hull(E))) = 1", 43,
         "wasserstein takes a region here, and `hull(E)` is none", "region R := hull(D)"),
        ("evidence e: f in H", 18, "`H` is no class of networks", ""),
        ("evidence e: 1 in R in R", 13, "alone", "p in R and"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_sentence_at_its_place(
    line: str, column: int, message: str, fix: str
) -> None:
    found = mistake(THINGS + line, "")
    assert message in found.message and fix in found.fix
    assert (found.line, found.column) == (THINGS.count("\n") + 1, column)


@pytest.mark.parametrize("ball", ["wasserstein(1/2, H)", "region(H)"])
def test_risks_are_over_boxes_and_polytopes(ball: str) -> None:
    found = last(f"{THINGS}evidence e: risk(f, D, l1, {ball}) <= 4", "")
    assert "the points of H come with further numbers" in found.unsupported
    line = "region L := hull(E)\nevidence e: risk(g, E, l1, region(L)) <= 4"
    assert not last(THINGS + line, "").unsupported
