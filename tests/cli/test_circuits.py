"""`verify circuits` as a person runs it: the report, its files, and what is refused."""

from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.cli.commands import ROOT, Ran, mask_times, run
from tests.networks.onnx_making import dense
from verify.cli.circuits_run import Request, run_request
from verify.cli.paths import Refusal
from verify.language.errors import ClaimError
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values.exact import evaluate
from verify.reports.circuits_lines import make_schema

RAMP = Path("models/ramp/planted.onnx")
DATA = RAMP.with_name("train.csv")
CLEAN = RAMP.with_name("ramp.onnx")


def ask(*arguments: str | Path, **options: str) -> Ran:
    return run("circuits", *arguments, OPENBLAS_NUM_THREADS="1", **options)


def refusal(model: Path, data: Path, **options: object) -> str:
    """What the command is refused with, in this process."""
    blank = Request(
        str(ROOT / model), str(ROOT / data), "", "", "squared", "", "", 1e12, ""
    )
    asked = blank._replace(**{name: str(value) for name, value in options.items()})
    with pytest.raises((Refusal, ClaimError)) as caught:
        run_request(asked)
    return str(caught.value)


def test_the_report_and_its_files(tmp_path: Path) -> None:
    out, lines, picture = tmp_path / "o", tmp_path / "j.jsonl", tmp_path / "p.svg"
    ran = ask(
        RAMP, DATA, "--train", "box", "--deploy", "box + 2", "--out", out,
        "--json", lines, "--picture", picture,
    )  # fmt: skip
    assert ran.code == 0, ran
    assert ran.err == ""
    first, second, *rest = ran.out.splitlines()
    assert first == f"{RAMP}: 2 inputs, 1 output, 4 relu units, 2 layers, 17 parameters"
    assert second == f"{DATA}: 9 points, values; squared loss 1"
    assert "training region: box" in rest
    assert "deployment region: box + 2" in rest
    row = r"1:3 +silent \(certified\) +silent \(certified\) +acts \(certified\) +candidate detector"
    assert re.search(row, ran.out)
    assert "2 of 4 units act on the data (rigorous)" in ran.out
    flat = " ".join(ran.out.split())
    assert re.search(r"1:3 acts in deployment at the data point of line \d+ with", flat)
    assert re.search(
        r"1: \{3, 4\} silent \(rigorous\) 1 ~?0\.\d+ lower by ~?0\.\d+ \(rigorous\)",
        flat,
    )
    _check_records(lines, out)
    _check_evidence(out)
    shown = ElementTree.fromstring(picture.read_text())
    texts = [text.text for text in shown.iter("{http://www.w3.org/2000/svg}text")]
    assert {"1:3", "1:4", "2 silent, act in deployment", "layer 1: 4"} <= set(texts)
    for file in out.glob("*.jsonl"):
        replayed = run("replay", file)
        assert replayed.code == 0, replayed


def _check_records(lines: Path, out: Path) -> None:
    records = [json.loads(line) for line in lines.read_text().splitlines()]
    for record in records:
        jsonschema.validate(record, make_schema())
    kinds = [record["type"] for record in records]
    assert kinds == ["circuits", "layer", *["unit"] * 4, "set", "run"]
    assert records[-1]["complete"] is True
    assert records[-1]["counts"] == {"lower": 1}
    unit = records[4]
    assert (unit["layer"], unit["unit"], unit["detector"]) == (1, 3, True)
    witness = unit["deploy"]["witness"]
    network = read_network(ROOT / RAMP).network
    point = [Fraction(text) for text in witness["point"]]
    assert [Fraction(text) for text in witness["outputs"]] == list(
        evaluate(network, point)
    )
    made = records[-2]["replacement"]
    assert made["file"] == str(out / "planted-1-3-4.onnx")
    data = Path(made["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == made["sha256"]


def _check_evidence(out: Path) -> None:
    evidence = json.loads((out / "planted-1-3-4.json").read_text())
    model, data = (ROOT / RAMP).read_bytes(), (ROOT / DATA).read_bytes()
    assert evidence["model"]["sha256"] == hashlib.sha256(model).hexdigest()
    assert evidence["data"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert evidence["replaced"]["file"] == "planted-1-3-4.onnx"
    losses = []
    for file in (ROOT / RAMP, out / evidence["replaced"]["file"]):
        network = read_network(file).network
        rows = [line.split(",") for line in data.decode().split()[1:]]
        total = Fraction(0)
        for *inputs, y in rows:
            (given,) = evaluate(network, [Fraction(x) for x in inputs])
            total += (given - Fraction(y)) ** 2
        losses.append(total)
    assert losses == [Fraction(evidence["before"]), Fraction(evidence["after"])]
    assert losses[1] < losses[0]
    assert [Fraction(x["after"]) for x in evidence["outputs"]] == [losses[1]]
    for one in evidence["runs"]:
        assert Fraction(one["after"]) < Fraction(one["before"])
    roles = [change["role"] for change in evidence["changes"]]
    assert roles == ["incoming", "incoming", "bias", "outgoing"] * 2


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    first, second = (ask(RAMP, DATA, "--loss", "linf") for _ in range(2))
    assert mask_times(first.out) == mask_times(second.out)


def test_a_clean_network_has_nothing_to_show() -> None:
    ran = ask(CLEAN, DATA, "--train", "box")
    assert ran.code == 0
    assert "No unit is silent on the data: all 2 act (rigorous)." in ran.out
    assert "removable" not in ran.out


def test_json_to_standard_output_leaves_the_report_to_the_other() -> None:
    ran = ask(CLEAN, DATA, "--json", "-")
    assert ran.code == 0
    assert [json.loads(line)["type"] for line in ran.out.splitlines()][-1] == "run"
    assert "No unit is silent" in ran.err


def test_the_next_command_is_offered() -> None:
    ran = ask(RAMP, DATA, "--train", "box")
    last = ran.out.splitlines()[-1]
    assert last == f"  Next: verify circuits {RAMP} {DATA} --train box --out replaced"


@pytest.mark.parametrize(
    "csv, options, sentence",
    [
        ("a,y\n1,2\n", {}, "1 input columns, and the network takes 2 numbers"),
        ("a,b,y\n1,2,nan\n", {}, "line 2: expected a number, got 'nan'"),
        ("a,b,y\n1,2\n", {}, "line 2: expected 3 numbers"),
        ("a,b,y\n", {}, "has no points"),
        ("a,b,y\n1,2,3\n", {"loss": "hinge"}, "line 2: the loss hinge needs the labels -1 and 1"),
        ("a,b,y\n1,2,3\n", {"train": "a <= 1"}, "a has no lower bound"),
        ("a,b,y\n1,2,3\n", {"deploy": "box; a + b >= 9"}, "has no point"),
        ("a,b,y\n1,2,3\n", {"deploy": "nowhere.csv"}, "there is no file"),
        ("\xff", {}, "this file is not UTF-8"),
    ],
)  # fmt: skip
def test_refusals_are_one_sentence(
    tmp_path: Path, csv: str, options: dict[str, str], sentence: str
) -> None:
    data = tmp_path / "d.csv"
    data.write_bytes(csv.encode("latin-1"))
    said = refusal(RAMP, data, **options)
    assert sentence in said
    assert "\n" not in said


def test_models_and_folders_that_cannot_be_used(tmp_path: Path) -> None:
    linear = tmp_path / "linear.onnx"
    linear.write_bytes(dense(([[1.0, 2.0]], [0.0])))
    assert "has no hidden units" in refusal(linear, DATA)
    assert "There is no" in refusal(tmp_path / "none.onnx", DATA)
    assert "There is no" in refusal(RAMP, tmp_path / "none.csv")
    assert "not a regular file" in refusal(RAMP, tmp_path)
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    assert "broken.onnx" in refusal(tmp_path / "broken.onnx", DATA)
    (tmp_path / "taken").write_text("")
    assert "Cannot make the folder" in refusal(CLEAN, DATA, out=tmp_path / "taken")
    picture = tmp_path / "no" / "p.svg"
    assert "Cannot write" in refusal(CLEAN, DATA, picture=picture)


def test_a_refusal_is_a_sentence_and_code_2() -> None:
    ran = ask(RAMP, DATA, "--train", "box; a + b >= 9")
    assert ran.code == 2
    assert ran.out == ""
    assert (
        ran.err
        == "verify: the region 'box; a + b >= 9' has no point; loosen what it asks.\n"
    )
    assert ask(RAMP, DATA, "--loss", "cross_entropy").code == 2


def test_out_of_time_is_told_not_hidden(tmp_path: Path) -> None:
    lines = tmp_path / "j.jsonl"
    ran = ask(RAMP, DATA, "--loss", "l1", "--timeout", "0.01", "--json", lines)
    assert ran.code == 0
    record = json.loads(lines.read_text().splitlines()[-1])
    assert record["complete"] is False
    assert "not all decided" in ran.out
