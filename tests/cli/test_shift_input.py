"""`verify shift` on bad input: a sentence that says what to do, and the code to end with."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from onnx import helper

from tests.cli.commands import ROOT
from tests.networks.onnx_making import make_model
from verify.cli.exits import Exit
from verify.cli.paths import Refusal
from verify.cli.shift_reading import Request
from verify.cli.shift_run import run_request
from verify.reports.shift_lines import make_schema, render_schema
from verify.shift import curves

SCHEMA = ROOT / "docs/schema/shift.schema.json"
POINTS = "a,b,y,group\n0,1,1,young\n1,0,-1,old\n1,1,1,old\n"


def make_request(folder: Path, text: str = POINTS, **options: object) -> Request:
    data = folder / "data.csv"
    data.write_text(text, encoding="utf-8")
    model = folder / "model.onnx"
    if not model.exists():
        write_model(model, "Relu")
    blank = Request(
        str(model), str(data), "1/2", "tv", "l1", "box", "l1", 5, 0,
        "", "", "", "", 1e12, "",
    )  # fmt: skip
    return blank._replace(**options)  # type: ignore[arg-type]


def write_model(path: Path, kind: str, inputs: int = 2) -> None:
    weights = {"w": np.ones((1, inputs), np.float32), "b": np.zeros(1, np.float32)}
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["s"], transB=1),
        helper.make_node(kind, ["s"], ["y"]),
    ]
    made = make_model(nodes, weights, (1, inputs), (1, 1))
    path.write_bytes(made.SerializeToString())


def refuse(request: Request) -> tuple[str, Exit]:
    with pytest.raises(Refusal) as caught:
        run_request(request, 0.0)
    return str(caught.value), caught.value.code


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\n0,1\n", "The data have no targets"),
        ("a,b,y\n0,nan,1\n", "line 2: expected a number, got 'nan'; write a decimal"),
        ("a,b,y\n0,inf,1\n", "expected a number, got 'inf'"),
        ("a,b,y\n0,1e9999999,1\n", "expected a number, got '1e9999999'"),
        ("a,b,y\n", "has no points; write one a line, below the header"),
        ("", "is no header"),
        ("a,b,y,weight\n0,1,1,-1\n", "a weight is 0 or more, got -1"),
        ("a,b,y,weight\n0,1,1,0\n", "every weight in"),
        ("a,b,y\n0,1\n", "expected 3 numbers, one for each column, got 2"),
        ("a,b,c,y\n0,1,2,1\n", "the data have 3 inputs, the network 2"),
        ("a,b,y1,y2\n0,1,2,1\n", "has 2 targets, the network 1 outputs"),
        (",".join(f"x{k}" for k in range(10_001)) + ",y\n", "more than 10000 columns"),
    ],
)
def test_data_that_cannot_be_used(text: str, reason: str, tmp_path: Path) -> None:
    said, code = refuse(make_request(tmp_path, text))
    assert reason.lower() in said.lower() and code == Exit.USAGE
    assert said.endswith(".") and "('" not in said


def test_data_that_are_no_text(tmp_path: Path) -> None:
    request = make_request(tmp_path)
    Path(request.data).write_bytes(b"\xff\xfe\x00")
    assert "is no CSV text in UTF-8" in refuse(request)[0]


@pytest.mark.parametrize(
    ("options", "reason", "code"),
    [
        ({"budget": "-1/2"}, "is negative; use 0 or more", Exit.USAGE),
        ({"budget": "3/2"}, "more than 1, all there is to move", Exit.USAGE),
        ({"budget": "1,nan"}, "'nan' is no number", Exit.USAGE),
        ({"ball": "subpopulation", "budget": "0"}, "mass above 0", Exit.USAGE),
        ({"ball": "subpopulation", "budget": "2"}, "at most 1", Exit.USAGE),
        ({"ball": "wasserstein", "budget": "-1"}, "is negative", Exit.USAGE),
        ({"ball": "wasserstein", "region": "2:3"}, "outside the region", Exit.USAGE),
        ({"ball": "wasserstein", "region": "1:0"}, "Vacuous: ", Exit.SUSPICIOUS),
        ({"ball": "region", "region": "1:0"}, "Vacuous: ", Exit.SUSPICIOUS),
        ({"loss": "hinge", "ball": "region", "region": "0:9:1"}, "region", Exit.USAGE),
        ({"worst": "no/such/folder/w.csv"}, "Cannot write", Exit.USAGE),
    ],
)
def test_questions_without_a_meaning(
    options: dict[str, object], reason: str, code: Exit, tmp_path: Path
) -> None:
    said, ended = refuse(make_request(tmp_path, **options))
    assert reason in said and ended == code


def test_evidence_that_cannot_be_written(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("", encoding="utf-8")
    said, _ = refuse(make_request(tmp_path, evidence=str(place / "folder")))
    assert "Cannot write" in said


@pytest.mark.parametrize("kind", ["Sigmoid", "Tanh"])
@pytest.mark.parametrize("ball", ["tv", "wasserstein"])
def test_units_without_fractions(kind: str, ball: str, tmp_path: Path) -> None:
    write_model(tmp_path / "model.onnx", kind)
    said, code = refuse(make_request(tmp_path, ball=ball))
    assert "no risk of it is exact" in said and code == Exit.USAGE


def test_sign_units_have_values_but_do_not_move(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(tmp_path / "model.onnx", "Sign")
    for ball in ("tv", "subpopulation", "mixture"):
        request = make_request(tmp_path, ball=ball)
        assert run_request(request, 0.0) == Exit.AS_EXPECTED
        assert "certified" in capsys.readouterr().out
    said, _ = refuse(make_request(tmp_path, ball="wasserstein"))
    assert "Use --ball tv, subpopulation or mixture" in said


def test_thousands_of_columns_are_weighed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(tmp_path / "model.onnx", "Relu", 3000)
    names = ",".join(f"x{k}" for k in range(3000))
    rows = "\n".join(f"{','.join([value] * 3000)},1" for value in "01")
    request = make_request(tmp_path, f"{names},y\n{rows}\n")
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    assert "exact" in capsys.readouterr().out


def test_a_budget_is_had_for_the_asking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ball in ("tv", "subpopulation"):
        request = make_request(tmp_path, ball=ball, budget="")
        assert run_request(request, 0.0) == Exit.AS_EXPECTED
        assert "0.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [
        {"budget": "0:1"},
        {"ball": "mixture"},
        {"ball": "wasserstein", "budget": "1/4"},
        {"ball": "region", "region": "free"},
    ],
)
def test_lines_conform_to_the_published_schema(
    options: dict[str, str], tmp_path: Path
) -> None:
    lines = tmp_path / "lines.jsonl"
    evidence = tmp_path / "evidence"
    request = make_request(tmp_path, json=str(lines), evidence=str(evidence), **options)
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    records = [json.loads(text) for text in lines.read_text().splitlines()]
    schema = make_schema()
    for record in records:
        jsonschema.validate(record, schema)
    assert [records[0]["type"], records[-1]["type"]] == ["shift", "run"]
    assert records[-1]["complete"] and (evidence / "risk.json").exists()
    if records[0]["unbounded"]:
        assert float(records[0]["unbounded"]["growth"]) > 0
    broken = {**records[0], "points": "three"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_the_published_schema_is_up_to_date() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == render_schema(), (
        "write it again: python -c 'from verify.reports.shift_lines import "
        'render_schema; print(render_schema(), end="")\' > docs/schema/shift.schema.json'
    )


def test_evidence_is_checked_and_lies_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "evidence"
    asked = {"ball": "wasserstein", "budget": "1/4", "label_price": "1/2"}
    request = make_request(tmp_path, evidence=str(folder), **asked)
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    assert "labels at a price of 0.5" in capsys.readouterr().out
    again = make_request(tmp_path, check=str(folder), **asked)
    assert run_request(again, 0.0) == Exit.AS_EXPECTED
    assert "accepted" in capsys.readouterr().out
    assert run_request(again._replace(label_price="1"), 0.0) == Exit.REFUTED
    assert "another loss or distance" in capsys.readouterr().out
    (folder / "risk.json").write_text('{"budgets": []}', encoding="utf-8")
    assert "no evidence that can be read" in refuse(again)[0]
    assert "Cannot read" in refuse(again._replace(check=str(tmp_path / "none")))[0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"ball": "tv", "label_price": "1"}, "labels move under wasserstein"),
        ({"ball": "wasserstein", "label_price": "dear"}, "'dear' is no number"),
        ({"ball": "wasserstein", "label_price": "0"}, "is not above 0"),
    ],
)
def test_prices_without_a_meaning(
    options: dict[str, str], reason: str, tmp_path: Path
) -> None:
    assert reason in refuse(make_request(tmp_path, **options))[0]


def test_labels_that_moved_stand_in_the_table_and_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worst = tmp_path / "worst.csv"
    asked = {"ball": "wasserstein", "budget": "1/8", "label_price": "1/8"}
    request = make_request(tmp_path, worst=str(worst), **asked)
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    assert "label 1 to -1" in capsys.readouterr().out
    header, *rows = worst.read_text(encoding="utf-8").splitlines()
    assert header == "budget,weight,row,distance,loss,label,x1,x2"
    assert any(row.split(",")[5] == "-1" for row in rows)


def test_many_points_are_certified_where_evidence_is_wanted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(curves, "FEW", 2)
    assert run_request(make_request(tmp_path), 0.0) == Exit.AS_EXPECTED
    said = capsys.readouterr().out
    assert "arithmetic" in said and "--evidence evidence, for the word" in said
    request = make_request(tmp_path, evidence=str(tmp_path / "evidence"))
    assert run_request(request, 0.0) == Exit.AS_EXPECTED
    said = capsys.readouterr().out
    assert "certified" in said and "2 certificates and their sum" in said
