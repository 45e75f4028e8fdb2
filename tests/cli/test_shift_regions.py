"""`--region`, `--within`, `--targets` and `--lipschitz` of `verify shift`, as a person asks."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, run
from tests.cli.test_shift import make_request, refusal
from verify.cli.exits import Exit
from verify.cli.paths import Refusal
from verify.cli.shift_regions import read_parts
from verify.cli.shift_run import run_request
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.regions import Half, Region

F = Fraction
NAMES = ("a", "b")
POINTS = ((F(0), F(0)), (F(2), F(1)))
XOR = {
    "model": str(ROOT / "models/xor/xor.onnx"),
    "data": str(ROOT / "models/xor/xor.csv"),
}


def read(text: str) -> list[Region]:
    return [part.region for part in read_parts(text, NAMES, POINTS)]


def test_regions_are_read_exactly() -> None:
    zero, one, two = F(0), F(1), F(2)
    assert read("box") == [Region((zero, zero), (two, one))]
    assert read("box + 1/2") == [Region((F(-1, 2),) * 2, (F(5, 2), F(3, 2)))]
    assert read("0:16") == [Region((zero,) * 2, (F(16),) * 2)]
    assert read("free") == [Region((None,) * 2, (None,) * 2)]
    assert read("0:1 or 3:4") == [
        Region((zero,) * 2, (one,) * 2),
        Region((F(3),) * 2, (F(4),) * 2),
    ]
    (cut,) = read("box; a + 2*b <= 3")
    assert cut == Region((zero, zero), (two, one), (Half(F(3), (F(-1), F(-2))),))
    assert read("0 <= a and a <= 1; 0 <= b; b <= 2") == [
        Region((zero, zero), (one, two))
    ]
    assert read("0:1; x1 <= 1/2 or x2 <= 1/2") == [
        Region((zero, zero), (F(1, 2), one)), Region((zero, zero), (one, F(1, 2))),
    ]  # fmt: skip


def test_half_spaces_may_bound_what_no_side_does() -> None:
    (triangle,) = read("a >= 0; b >= 0; a + b <= 3")
    assert triangle.upper == (F(3), F(3)) and len(triangle.halves) == 1


def test_a_hull_of_two_inputs_is_cut_out_exactly() -> None:
    points = tuple(
        (F(a), F(b)) for a, b in [(0, 0), (2, 0), (1, 1), (2, 2), (0, 1), (1, 0)]
    )
    (part,) = read_parts("hull", NAMES, points)
    assert not part.hull and part.region.upper == (F(2), F(2))
    (edge,) = part.region.halves  # from (2, 2) to (0, 1); the others are sides
    assert edge.value((F(0), F(1))) == edge.value((F(2), F(2))) == 0
    assert edge.value((F(0), F(0))) > 0 > edge.value((F(0), F(2)))
    (flat,) = read("hull")
    assert flat.contains((F(1), F(1, 2))) and not flat.contains((F(1), F(0)))
    (cut,) = read("hull; a <= 1")
    assert cut.upper[0] == 1 and len(cut.halves) == 2


def test_a_hull_of_more_inputs_keeps_its_points() -> None:
    points = ((F(0),) * 3, (F(2), F(1), F(0)))
    (part,) = read_parts("hull; x1 <= 1", ("a", "b", "c"), points)
    assert part.hull == points and part.region.upper[0] == 1


def test_parts_without_a_point_are_left_out() -> None:
    assert len(read("0:1 or 3:2")) == 1
    assert len(read("box; a >= 5 or b <= 1/2")) == 1
    for text in ("3:2", "a >= 1; a <= 0; box", "box; a + b >= 9", "3:2 or 5:4"):
        with pytest.raises(EmptyRegion):
            read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("somewhere", "is not read; write box"),
        ("q <= 1", "unknown name `q`; the inputs are called a, b"),
        ("a <= 3", "gives a no lower side"),
        ("a*b <= 3; box", "not linear"),
        ("a + b < 3; box", "strict inequality; write <="),
        ("box;;a <= 3", "a part of the region is empty"),
        ("box + x", "is no number from 0 on"),
        (" or ".join(f"{k}:{k + 1}" for k in range(80)), "more than 64 parts"),
    ],
)
def test_regions_that_cannot_be_read_say_why(text: str, reason: str) -> None:
    with pytest.raises(ShiftError) as caught:
        read(text)
    assert reason in str(caught.value)


def test_points_move_within_their_balls(tmp_path: Path) -> None:
    evidence, lines = tmp_path / "evidence", tmp_path / "lines.jsonl"
    request = make_request(
        ball="region", within="1/2", region="box or 2:3", evidence=str(evidence),
        json=str(lines),
    )  # fmt: skip
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    (level,) = (
        record
        for record in map(json.loads, lines.read_text().splitlines())
        if record["type"] == "level"
    )
    assert level["attained"] == level["at_most"] == "5/9"
    ran = run("replay", evidence)
    assert ran.code == 0 and "10 accepted" in ran.out
    page = json.loads((evidence / "points.json").read_text())
    assert page["within"] == "1/2" and len(page["points"]) == 9


def test_own_targets_ask_how_far_outputs_move(
    capsys: pytest.CaptureFixture[str],
) -> None:
    request = make_request(ball="region", within="0", targets="own")
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    out = capsys.readouterr().out
    assert "mean loss of the data: 0" in out and "no mass moves" in out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"within": "1"}, "--within says how far each point may move"),
        ({"within": "-1", "ball": "region"}, "radius '-1' is no number from 0 on"),
        ({"within": "far", "ball": "region"}, "radius 'far' is no number"),
        ({"region": "0:2 or 3:4"}, "not a union, nor a hull"),
        ({"region": "0:1 or 3:4", "ball": "region"}, "lies outside the region"),
        ({"lipschitz": True, "region": "0:2 or 3:4"}, "may lie in different parts"),
        ({"lipschitz": True, "region": "0:1"}, "lies outside the region"),
        ({"lipschitz": True, "region": "a <= 1; a >= 2"}, "Vacuous"),
        ({"lipschitz": True, "within": "0"}, "radius above 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    options: dict[str, object], reason: str
) -> None:
    assert reason in refusal(**options)


def test_an_empty_region_is_vacuous() -> None:
    with pytest.raises(Refusal) as caught:
        run_request(make_request(region="a + b >= 9; box", ball="region"), 0.0)
    assert caught.value.code == Exit.SUSPICIOUS and "Vacuous" in str(caught.value)


def test_a_constant_has_a_certificate_and_a_pair(tmp_path: Path) -> None:
    evidence, lines = tmp_path / "evidence", tmp_path / "lines.jsonl"
    request = make_request(
        **XOR, lipschitz=True, evidence=str(evidence), json=str(lines)
    )
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    constant, closing = map(json.loads, lines.read_text().splitlines())
    assert constant["attained"] == constant["at_most"] == "1377/1024"
    assert constant["trust"] == "certified" and constant["point"] is None
    pair = constant["pair"]
    assert F(pair["change"]) == F(constant["attained"]) * F(pair["distance"])
    assert closing["counts"] == {"exact": 1}
    ran = run("replay", evidence)
    assert ran.code == 0 and "1 accepted" in ran.out


def test_local_constants_are_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    request = make_request(lipschitz=True, within="1/2", rows=3, ground="linf")
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    out = capsys.readouterr().out
    assert "exact at 3 of 3 points" in out and "within 0.5 of each data point" in out
