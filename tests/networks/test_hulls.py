"""Evidence about hulls and balls, and what made it quick: cases without what they do not
need, linear programmes found in floats, points along equations."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.networks.statements import decide, make_problem
from verify.kernel.networks import Program, Row
from verify.networks.certificates import programmes, regions
from verify.networks.certificates.needed import Needed
from verify.networks.certificates.outcomes import Met, Tree
from verify.networks.certificates.programmes import decide_programme
from verify.networks.statements import evidence
from verify.networks.statements.evidence import decide_evidence
from verify.solvers.answers import Unknown
from verify.solvers.linear import Optimal

F = Fraction
THINGS = """\
network f(x: Real, y: Real) := relu(x + y - 1) + relu(x - y)
network line(x: Real) := relu(x) - 2*relu(x - 1)
network five(a: Real, b: Real, c: Real, d: Real, e: Real) := relu(a + b) + c - d + 2*e
data D := points (0, 0; 0) (1, 0; 0) (0, 1; 0)
data E := points (0; 0) (3; 0) (1; 0)
data T := points (0, 0, 0; 0) (2, 0, 0; 0) (0, 2, 0; 0) (0, 0, 2; 0) (1, 1, 1; 0)
circuit C := units(f, 1: {1})
region near := ball((1, 2), l1, 1/10)
region either := hull(D) or ball((1, 2), linf, 1/10) and not near
region nowhere := near and hull(D)
"""


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("forall x in hull(D): f(x) <= 1", True),
        ("forall x in hull(D): f(x) <= 9/10", False),
        ("exists x in hull(D): f(x) = 1", True),
        ("exists x in hull(D): f(x) >= 2", False),
        ("silent(C, hull(D)) and not silent(C, near)", True),
        ("(1/4, 1/4) in hull(D) and not (1, 1) in hull(D)", True),
        ("(1, 1) in hull(D)", False),
        ("(1/2, 1/2, 1/2) in hull(T) and not (1, 1, 3/2) in hull(T)", True),
        ("forall p in D: p in hull(D) and p in box(D) and p in ball(p, l1, 0)", True),
        ("forall p in D: forall x in ball(p, l1, 1/2): abs(f(x) - f(p)) <= 1", True),
        ("forall p in D: forall x in ball(p, l1, 1/2): abs(f(x) - f(p)) < 1/2", False),
        ("forall x, y in hull(E): abs(line(x) - line(y)) <= abs(x - y)", True),
        ("forall x in either: f(x) <= 2.2", True),
        ("forall x in either: f(x) <= 2", False),
        ("forall x in ball((0, 0, 0, 0, 0), l1, 1): five(x) <= 2", True),
        ("forall x in ball((0, 0, 0, 0, 0), l1, 1): five(x) < 2", False),
        ("(1, 0, 0, 0, 0) in ball((0, 0, 0, 0, 0), l1, 1)", True),
        ("(1, 1/9, 0, 0, 0) in ball((0, 0, 0, 0, 0), l1, 1)", False),
        ("exists x in nowhere: f(x) = f(x)", False),
    ],
)
def test_either_answer_comes_with_a_certificate(formula: str, value: bool) -> None:
    decided = decide(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided.ruling


coordinates = st.fractions(-2, 2, max_denominator=2)


def write(point: tuple[Fraction, ...]) -> str:
    return ", ".join(map(str, point))


def lies_between(points: list[tuple[F, F]], q: tuple[F, F]) -> bool:
    """Whether no line through two of the points, or one of them, has q strictly on one
    side and all the points on the other or on it."""
    for a in points:
        for b in [*points, (a[0] + (q[1] - a[1]), a[1] - (q[0] - a[0]))]:
            normal = b[1] - a[1], a[0] - b[0]
            for sign in (1, -1):
                sides = [
                    sign * (normal[0] * (p[0] - a[0]) + normal[1] * (p[1] - a[1]))
                    for p in (q, *points)
                ]
                if sides[0] > 0 and max(sides[1:]) <= 0:
                    return False
        if len(set(points)) == 1:
            return q == a
    ends = min(points), max(points)
    return ends[0] <= q <= ends[1]


@settings(max_examples=8)
@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5),
    st.tuples(coordinates, coordinates),
)
def test_a_unit_tells_a_point_apart_if_and_only_if_it_is_no_mean(
    points: list[tuple[F, F]], q: tuple[F, F]
) -> None:
    inside = lies_between(points, q)
    data = "data D := points " + " ".join(f"({write(p)}; 0)" for p in points)
    unit = (
        "exists w1, w2, bias: Real. (forall p in D: w1*p(1) + w2*p(2) + bias <= 0) "
        f"and w1*({q[0]}) + w2*({q[1]}) + bias > 0"
    )
    for formula, value in ((f"({write(q)}) in hull(D)", inside), (unit, not inside)):
        decided = decide(f"{data}\nevidence e: {formula}")
        assert (decided.value, decided.accepted) == (value, True), (data, formula)


# The same with the programmes of dozens of inputs, on a few


solid = st.tuples(coordinates, coordinates, coordinates)


def make_program(rows: list[Row], inputs: int) -> Program:
    """A program without units, its box what the rows on one input say."""
    box: list[list[Fraction | None]] = [[None, None] for _ in range(inputs)]
    for row in rows:
        if len(row.weights) == 1:
            ((i, weight),) = row.weights
            side, bound = int(weight < 0), -row.constant / weight
            known = box[i][side]
            tighter = known is None or (bound > known) == (side == 0)
            box[i][side] = bound if tighter else known
    return Program((), tuple(rows), tuple((low, high) for low, high in box))


@settings(max_examples=10)
@given(st.lists(solid, min_size=1, max_size=6, unique=True), solid)
def test_floats_find_what_the_simplex_finds(
    points: list[tuple[F, ...]], q: tuple[F, ...]
) -> None:
    """Weights from 0 on that give q: found either way, or shown not to be there."""
    count = len(points)
    columns = [*zip(*points, strict=True), (F(1),) * count]
    rows = [
        Row(
            -sign * value,
            tuple((i, sign * c) for i, c in enumerate(column) if c),
            False,
        )
        for column, value in zip(columns, (*q, F(1)), strict=True)
        for sign in (1, -1)
    ]
    rows += [Row(F(0), ((i, F(1)),), False) for i in range(count)]
    program = make_program(rows, count)
    assume(all(None in side or side[0] <= side[1] for side in program.box))
    exact = regions.decide_region(program, program.box, {})
    found = decide_programme(program, time.monotonic() + 10, least=0)
    if any(not row.weights for row in rows):
        assert found is None
    elif isinstance(exact, regions.Refuted):
        assert isinstance(found, Tree) and len(found.nodes) == 1
    else:
        assert isinstance(found, Met) and regions.meets(program, found.point)


def test_what_floats_say_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows against each other, and one that can be met; then lies about either."""
    more, less = (
        Row(F(-1), ((0, F(1)), (1, F(1))), True),
        Row(F(0), ((0, F(-1)),), False),
    )
    upper = Row(F(1), ((1, F(-1)),), False)
    box = (None, F(0)), (None, F(1))
    empty = Program((), (more, less, upper), box)
    full = empty._replace(rows=(more,), box=((None, None),) * 2)
    deadline = time.monotonic() + 10
    assert isinstance(decide_programme(empty, deadline, least=0), Tree)
    assert isinstance(decide_programme(full, deadline, least=0), Met)
    far = tuple(map(F, (7, 7, -1, 0)))
    for program, lie in (
        (empty, Optimal(F(-1), far, (F(1),), ("basic",) * 4, ("basic",))),
        (empty, Optimal(F(-1), far, (F(0),), ("lower",) * 4, ("lower",))),
        (full, Optimal(F(1), (F(0),) * 4, (F(1),), ("basic",) * 4, ("basic",))),
        (full, Unknown("timeout", "told to")),
    ):
        monkeypatch.setattr(programmes, "solve_linear", lambda *_, lie=lie: lie)
        assert decide_programme(program, deadline, least=0) is None


def test_programmes_with_units_or_few_rows_are_left_to_others() -> None:
    row = Row(F(1), ((0, F(1)), (1, F(1))), False)
    program = Program((), (row,), ((None, None),) * 2)
    assert decide_programme(program, time.monotonic() + 1) is None
    assert isinstance(decide_programme(program, time.monotonic() + 1, least=0), Met)


# Cases


def test_a_case_has_what_one_branch_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a union of two hulls each is one case, whatever was tried before."""
    sizes = []
    search = evidence.search

    def count(program: Program, deadline: float) -> object:
        sizes.append(len(program.box))
        return search(program, deadline)

    monkeypatch.setattr(evidence, "search", count)
    text = THINGS + (
        "data A := points (5, 0; 0) (6, 0; 0) (5, 1; 0) (6, 2; 0)\n"
        "region both := hull(D) or hull(A)\n"
        "evidence e: forall x in both: f(x) <= 11"
    )
    assert decide_evidence(make_problem(text), 20).value is True
    assert set(sizes) == {5, 6} and len(sizes) <= 4  # two coordinates, and weights


def test_only_what_is_asked_for_is_needed() -> None:
    needed = Needed()
    needed.add([2, 3])  # given: one of the two
    needed.add([-2, 4], [2])
    needed.add([-3, 5], [3])
    needed.add([-4, -5, 6], [4, 5])  # only for both together
    true = {2, 4, 5, 6}

    def value(literal: int) -> bool:
        return (abs(literal) in true) == (literal > 0)

    assert needed.select(value) == {2, 4}
    true = {3, 4, 5}
    assert needed.select(value) == {3, 5}
    needed.add([7])
    true |= {7, 2}
    assert needed.select(value) in ({2, 4, 7}, {3, 5, 7})


def test_a_condition_that_two_literals_have_splits_for_each() -> None:
    text = (
        "network g(x: Real) := relu(x)\n"
        "evidence e: forall x, y: Real. "
        "(abs(x - y) <= 1 and x >= 0 or abs(x - y) <= 2 and x <= -5) implies g(y) >= x - 1"
    )
    decided = decide(text)
    assert (decided.value, decided.accepted) == (True, True)
    tighter = decide(text.replace("x - 1", "x - 1/2"))
    assert (tighter.value, tighter.accepted) == (False, True)


# Points along equations


def test_a_hull_in_many_coordinates_is_left_at_a_point() -> None:
    """A point found uphill fails the equations by a rounding; it used to be looked for
    until time was up."""
    size = 6
    points = [
        tuple(F((i * 7 + j * 3) % 5 - 2, 4) for j in range(size)) for i in range(8)
    ]
    names = [f"x{i}" for i in range(size)]
    weights = [1, -2, 1, 3, -1, 2]
    sums = " + ".join(f"({w})*{n}" for w, n in zip(weights, names, strict=True))
    text = (
        f"network g({', '.join(names)}: Real) := relu({sums}) - 2*relu({sums} - 1/2)\n"
        "data D := points " + " ".join(f"({write(p)}; 0)" for p in points) + "\n"
    )
    for formula, value in (("<= 1/2", True), ("<= 1/3", False)):
        decided = decide(f"{text}evidence e: forall x in hull(D): g(x) {formula}")
        assert (decided.value, decided.accepted) == (value, True), formula


def test_equations_of_units_are_met_as_well() -> None:
    decided = decide(
        THINGS + "evidence e: exists p in box(D): f(p) = 1/3 and p(1) = p(2)"
    )
    assert (decided.value, decided.accepted) == (True, True)
