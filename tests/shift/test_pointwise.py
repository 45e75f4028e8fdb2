"""Every point at its worst place: balls, polytopes, hulls and unions against brute force."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from tests.shift.polygons import Inside, Line, worst_loss
from tests.shift.tiny_shifts import Tiny, hat, make_network, make_tiny
from verify.networks.values.exact import evaluate
from verify.shift.losses import loss_at
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.charts import make_chart
from verify.shift.pointwise.evidence import check_points, reaches_part, write_points
from verify.shift.pointwise.hulls import find_weights
from verify.shift.pointwise.polytopes import close_sides
from verify.shift.pointwise.worst import Around, find_worst, measure_steps
from verify.shift.regions import Half, Part, Region, make_box
from verify.shift.samples import Sample, make_samples
from verify.shift.transport.answering import Effort

F = Fraction
ONE = F(1)
SQUARE: list[Line] = [
    (ONE, F(0), ONE),
    (ONE, F(0), F(-2)),
    (F(0), ONE, ONE),
    (F(0), ONE, F(-2)),
]
BOX = make_box((F(-1), F(-1)), (F(2), F(2)))


def in_box(point: tuple[Fraction, ...]) -> bool:
    return all(-1 <= x <= 2 for x in point)


def make_case(seed: int) -> tuple[Tiny, Sample, str]:
    source = random.Random(seed)
    tiny = make_tiny(source, 2, source.choice([1, 2, 3]))
    loss = source.choice(["l1", "hinge", "zero_one", "squared"])
    signs = loss in ("hinge", "zero_one")
    target = F(source.choice([-1, 1]) if signs else source.randint(-1, 1))
    point = (F(source.randint(-2, 4), 2), F(source.randint(-2, 4), 2))
    return tiny, Sample(point, (target,), ONE), loss


def ball_edges(point: tuple[Fraction, ...], radius: Fraction, norm: str) -> list[Line]:
    x, y = point
    if norm == "linf":
        return [(ONE, F(0), s * radius - x) for s in (1, -1)] + [
            (F(0), ONE, s * radius - y) for s in (1, -1)
        ]
    return [(ONE, F(b), s * radius - x - b * y) for b in (1, -1) for s in (1, -1)]


def hull_of(corners: list[tuple[Fraction, ...]]) -> tuple[list[Line], Inside]:
    """The edges of a triangle, and whether a point is in it."""
    lines = []
    for k in range(3):
        (a, b), (c, d), (e, f) = (corners[(k + j) % 3] for j in range(3))
        line = (b - d, c - a, a * d - b * c)
        sign = 1 if line[0] * e + line[1] * f + line[2] > 0 else -1
        lines.append(tuple(sign * x for x in line))

    def inside(point: tuple[Fraction, ...]) -> bool:
        return all(a * point[0] + b * point[1] + c >= 0 for a, b, c in lines)

    return lines, inside


@pytest.mark.parametrize("seed", range(6))
def test_balls_unions_and_hulls_equal_brute_force(seed: int) -> None:
    compare(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(6, 106))
def test_more_balls_unions_and_hulls_equal_brute_force(seed: int) -> None:
    compare(seed)


def compare(seed: int) -> None:
    tiny, sample, loss = make_case(seed)
    radius, norm = F(1 + seed % 3, 2), ("l1", "linf")[seed % 2]

    def wanted(edges: list[Line], inside: Inside) -> Fraction:
        return worst_loss(tiny, loss, sample.target[0], edges, inside)

    def near(point: tuple[Fraction, ...]) -> bool:
        return in_box(point) and measure_steps(norm, sample.point, point) <= radius

    ball = wanted(SQUARE + ball_edges(sample.point, radius, norm), near)
    low = Part(BOX._replace(halves=(Half(F(1, 2), (-ONE, -ONE)),)))  # x + y <= 1/2
    cut = wanted(
        [*SQUARE, (ONE, ONE, F(-1, 2))], lambda p: in_box(p) and sum(p) <= F(1, 2)
    )
    corners = [sample.point, (F(-1), F(2)), (F(2), F(1, 3))]
    edges, inside = hull_of(corners)
    flat = any(a == b == 0 for a, b, _ in edges)
    cases = [(Around((Part(BOX),), radius, norm), ball)]
    whole = wanted(SQUARE, in_box)
    if low.region.contains(sample.point):
        cases.append((Around((low,)), cut))
    cases.append((Around((low, Part(BOX))), whole))
    if not flat:
        hull = wanted(edges, inside)
        cases.append((Around((Part(BOX, tuple(corners)),)), hull))
    for around, value in cases:
        (found,) = find_worst(tiny.network, [sample], loss, around, Effort(seconds=30))
        assert found.loss == found.upper == value
        outputs = evaluate(tiny.network, found.point)
        assert loss_at(loss, outputs, sample.target) == value
        assert any(reaches_part(part, found.point) for part in around.parts)


def test_an_l1_ball_of_many_inputs_needs_no_faces() -> None:
    weights = [[1, -2, 3, 1], [0, 1, 1, -1]]
    network = make_network(weights, [0, 1], [[1, -1]], [0])
    point = (F(0),) * 4
    region = make_box((F(-1),) * 4, (F(1),) * 4)
    chart = make_chart(Part(region), point, F(1, 2), "l1")
    assert chart.region.size == 8 and len(chart.region.halves) == 1
    sample = Sample(point, (F(0),), ONE)
    around = Around((Part(region),), F(1, 2), "l1")
    (found,) = find_worst(network, [sample], "l1", around, Effort(seconds=30))
    assert (
        found.loss == found.upper == F(3, 2)
    )  # half a step along the third input, less relu
    assert measure_steps("l1", point, found.point) <= F(1, 2)


def two_parts() -> tuple[list[Sample], Around]:
    samples = list(make_samples([(ONE,), (F(2),)], [(F(0),), (F(0),)]))
    parts = (Part(make_box((F(0),), (ONE,))), Part(make_box((F(2),), (F(9, 2),))))
    return samples, Around(parts, None)


def test_evidence_of_a_union_is_read_back(tmp_path: Path) -> None:
    samples, around = two_parts()
    worst = find_worst(hat(), samples, "l1", around, Effort(seconds=30))
    assert [one.loss for one in worst] == [F(3, 2)] * 2
    assert write_points(tmp_path, "l1", around, worst) == 4
    assert (
        check_points(tmp_path, hat(), samples, "l1", around) == [(F(3, 2), F(3, 2))] * 2
    )


def test_changed_evidence_is_rejected(tmp_path: Path) -> None:
    samples, around = two_parts()
    worst = find_worst(hat(), samples, "l1", around, Effort(seconds=30))
    write_points(tmp_path, "l1", around, worst)
    page = tmp_path / "points.json"
    text = page.read_text()

    def reason(change: str) -> str:
        entries = json.loads(text)
        first = entries["points"][0]
        if change == "value":
            first["bounds"][1][2] = "5/4"
        elif change == "part":
            del first["bounds"][1]
        elif change == "place":
            first["point"] = ["3/2"]
        else:
            first["bounds"][1][1] = ""
        page.write_text(json.dumps(entries))
        with pytest.raises(ShiftError) as caught:
            check_points(tmp_path, hat(), samples, "l1", around)
        return str(caught.value)

    assert "proves something else" in reason("value")
    assert "a part of the region without a bound" in reason("part")
    assert "moves out of the region" in reason("place")
    assert "a bound without a lemma" in reason("lemma")


def test_sides_that_half_spaces_imply_are_found() -> None:
    halves = (
        Half(F(3), (-ONE, -ONE)), Half(F(0), (ONE, F(0))), Half(F(1, 3), (F(0), ONE)),
    )  # fmt: skip
    open_ = Region((None, None), (None, None), halves)
    closed = close_sides(open_)
    assert closed.lower == (F(0), F(-1, 3)) and closed.upper == (F(10, 3), F(3))
    assert not close_sides(open_._replace(halves=halves[1:])).is_bounded


def test_weights_of_a_hull_are_exact() -> None:
    hull = [(F(0), F(0)), (ONE, F(0)), (F(0), ONE), (ONE, ONE)]
    point = (F(1, 3), F(2, 7))
    weights = find_weights(hull, point)
    assert weights is not None and sum(weights.values()) == 1
    made = [sum(w * hull[k][j] for k, w in weights.items()) for j in range(2)]
    assert tuple(made) == point and min(weights.values()) >= 0
    assert find_weights(hull, (F(4, 3), F(0))) is None


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (Around((Part(make_box((F(0),), (ONE,))),)), "data point 2 .2. lies outside"),
        (Around((Part(make_box((F(0),), (F(4),))),), F(-1)), "radius -1 is negative"),
        (Around((Part(make_box((None,), (None,))),)), "a region without bounds"),
    ],
)
def test_what_has_no_meaning_is_refused(around: Around, reason: str) -> None:
    samples = make_samples([(ONE,), (F(2),)], [(F(0),), (F(0),)])
    with pytest.raises(ShiftError, match=reason):
        find_worst(hat(), samples, "l1", around, Effort(seconds=5))


def test_places_are_found_where_thirds_leave_no_vertex() -> None:
    """A hull's many weights met with a ball of radius 1/3 once gave nothing attained."""
    hull = tuple((F(a), F(b)) for a in range(3) for b in range(3))
    box = make_box((F(0), F(0)), (F(2), F(2)))
    network = make_network([[1, 1], [1, 1]], [-2, -3], [[1, -2]], [0])
    around = Around((Part(box, hull),), F(1, 3), "linf")
    sample = Sample((ONE, ONE), (F(0),), ONE)
    (found,) = find_worst(network, [sample], "l1", around, Effort(seconds=30))
    assert found.upper is not None and F(2, 3) <= found.upper <= F(2, 3) + F(1, 500)
    assert found.upper - F(1, 500) <= found.loss <= F(2, 3)
    assert measure_steps("linf", sample.point, found.point) <= F(1, 3)
