"""`verify shift` as a person runs it: the report, its files, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.commands import ROOT, run
from verify.cli.exits import Exit
from verify.cli.paths import Refusal
from verify.cli.shift_run import Request, read_budgets, run_request
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values.exact import evaluate
from verify.shift.mistakes import ShiftError

MODEL, DATA = Path("models/ramp/ramp.onnx"), Path("models/ramp/train.csv")
F = Fraction


def make_request(**options: object) -> Request:
    blank = Request(
        str(ROOT / MODEL), str(ROOT / DATA), "1/2", "wasserstein", "l1", "box", "l1", 5,
        0, "", "", "", "", 1e12, "",
    )  # fmt: skip
    return blank._replace(**options)  # type: ignore[arg-type]


def refusal(**options: object) -> str:
    with pytest.raises(Refusal) as caught:
        run_request(make_request(**options), 0.0)
    return str(caught.value)


def test_the_curve_and_its_files(tmp_path: Path) -> None:
    worst, plot, lines = (tmp_path / name for name in ("w.csv", "c.svg", "j.jsonl"))
    evidence = tmp_path / "evidence"
    ran = run(
        "shift", MODEL, DATA, "--budget", "0:1", "--steps", "3", "--worst", worst,
        "--plot", plot, "--json", lines, "--evidence", evidence,
        OPENBLAS_NUM_THREADS="1",
    )  # fmt: skip
    assert ran.code == 0, ran
    assert "exact" in ran.out and "certified" in ran.out and "Next: verify" in ran.out
    records = [json.loads(text) for text in lines.read_text().splitlines()]
    assert [one["type"] for one in records] == ["shift", *["level"] * 3, "run"]
    levels = [one for one in records if one["type"] == "level"]
    assert all(one["attained"] == one["at_most"] for one in levels)
    check_worst(worst.read_text(), levels)
    root = ElementTree.fromstring(plot.read_text())
    assert root.tag.endswith("svg") and "script" not in plot.read_text()
    assert list(evidence.glob("lemma-*.jsonl")) and (evidence / "risk.json").exists()


def check_worst(text: str, levels: list[dict[str, str]]) -> None:
    """The distribution of each budget has the stated risk, from its own rows alone."""
    network = read_network(ROOT / MODEL).network
    table = list(csv.reader(io.StringIO((ROOT / DATA).read_text())))
    data = [tuple(map(F, row)) for row in table[1:]]
    rows = list(csv.DictReader(io.StringIO(text)))
    for level in levels:
        own = [row for row in rows if F(row["budget"]) == F(level["budget"])]
        risk = cost = mass = F(0)
        for row in own:
            point, start = (F(row["x1"]), F(row["x2"])), data[int(row["row"]) - 1]
            weight = F(row["weight"])
            mass += weight
            cost += weight * sum(abs(a - b) for a, b in zip(point, start, strict=False))
            risk += weight * abs(evaluate(network, point)[0] - start[-1])
        assert mass == 1 and cost <= F(level["budget"])
        assert risk == F(level["attained"])


@pytest.mark.parametrize("ball", ["tv", "subpopulation"])
def test_closed_forms_are_exact(ball: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run_request(make_request(ball=ball, budget="1/3,1/2"), 0.0)
    assert code == Exit.AS_EXPECTED
    assert "exact" in capsys.readouterr().out


def test_a_mixture_names_its_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "d.csv"
    data.write_text("a,b,y,group\n0,0,0,young\n1,1,0,old\n2,2,0,old\n")
    code = run_request(make_request(ball="mixture", data=str(data)), 0.0)
    assert code == Exit.AS_EXPECTED
    out = capsys.readouterr().out
    assert "young" in out and "at most the risk of its worst group" in out


def test_points_that_move_anywhere_in_the_region(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_request(make_request(ball="region"), 0.0) == Exit.AS_EXPECTED
    assert "exact" in capsys.readouterr().out


def test_an_unbounded_region_has_a_ray(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_request(make_request(ball="region", region="free"), 0.0)
    assert code == Exit.AS_EXPECTED
    out = capsys.readouterr().out
    assert "unbounded" in out and "along (" in out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"budget": "-1"}, "negative"),
        ({"budget": "a few"}, "is no number"),
        ({"budget": "1:0"}, "run backwards"),
        ({"ball": "tv", "budget": "2"}, "more than 1, all there is to move"),
        ({"ball": "subpopulation", "budget": "0"}, "mass above 0"),
        ({"ball": "mixture"}, "a column named group"),
        ({"region": "0:1"}, "lies outside the region"),
        ({"region": "2:1"}, "Vacuous: the region is empty"),
        ({"region": "box + x"}, "is no number from 0 on"),
        ({"region": "somewhere"}, "is not read"),
        ({"region": "free"}, "give every input two sides"),
        ({"gap": "-1"}, "is no number from 0 on"),
        ({"loss": "hinge"}, "use labels -1 and 1"),
        ({"model": "nowhere.onnx"}, "There is no"),
    ],
)
def test_bad_input_is_refused_with_its_reason(
    options: dict[str, str], reason: str
) -> None:
    assert reason in refusal(**options)


def test_budgets_are_read_exactly() -> None:
    assert read_budgets("0:1", 3) == (F(0), F(1, 2), F(1))
    assert read_budgets("1/3, 0", 3) == (F(0), F(1, 3))
    with pytest.raises(ShiftError, match="negative"):
        read_budgets("-1/2:1", 3)
