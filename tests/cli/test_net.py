"""`verify net` as a person runs it: verdicts, exit codes, files, and what is refused."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from tests.cli.commands import ROOT, Ran, make_environment, run
from tests.networks.onnx_making import dense
from tests.test_startup import best
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import floats
from verify.networks.values.exact import evaluate

TENT = Path("models/tent/tent.onnx")
HIGH, LEVEL, SHIFT = (TENT.with_name(f"{n}.vnnlib") for n in ("high", "level", "shift"))
SCHEMA = ROOT / "docs/schema/records.schema.json"
NANO = ROOT.parent / "shared" / "data" / "test"
START_SECONDS = 0.6
HEAD = "(declare-const X_0 Real)(declare-const Y_0 Real)"
BOX = "(assert (>= X_0 -2)) (assert (<= X_0 2))"


def ask(*arguments: str | Path) -> Ran:
    return run("net", *arguments, OPENBLAS_NUM_THREADS="1")


def write(folder: Path, text: str, name: str = "p.vnnlib") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def records_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_tent_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(ROOT / TENT.with_name("make.py")))["make_tent"]()
    network = read_network(made).network
    for point in (Fraction(n, 7) for n in range(-14, 15)):
        height = max(Fraction(0), 1 - abs(point - Fraction(1, 4)))
        assert evaluate(network, [point]) == (height,)
        assert evaluate(read_network(ROOT / TENT).network, [point]) == (height,)


def test_a_proof_is_told_in_three_lines_and_replayed(tmp_path: Path) -> None:
    certificate, result = tmp_path / "c.jsonl", tmp_path / "r.txt"
    ran = ask(TENT, HIGH, "--certificate", certificate, "--result", result)
    assert ran.code == 0, ran
    first, second, third, *rest = ran.out.splitlines()
    assert first == f"{TENT}: 1 input, 1 output, 3 relu units, 2 layers, 9 parameters"
    assert second == f"{HIGH}: 1 case"
    assert re.match(r"✓ proved \(certified\), real, float32: \w", third)
    assert rest[-1] == f"  Next: verify replay {certificate}"
    assert result.read_text() == "unsat\n"
    replayed = run("replay", certificate)
    assert replayed.code == 0, replayed


def test_a_refutation_shows_the_point_and_writes_it_exactly(tmp_path: Path) -> None:
    result, records = tmp_path / "r.txt", tmp_path / "j.json"
    ran = ask(TENT, LEVEL, "--result", result, "--json", records)
    assert ran.code == 1, ran
    assert "✗ refuted (certified), real, float32: replayed" in ran.out
    assert "A point of case 1, evaluated exactly, at tolerance 0:" in ran.out
    header = r"^ +input +value +float32$"
    assert re.search(header, ran.out, re.MULTILINE), ran.out
    match = re.fullmatch(
        r"sat\n\(\(X_0 (\S+)\)\n \(Y_0 (\S+)\)\)\n", result.read_text()
    )
    assert match
    point, said = Fraction(match[1]), Fraction(match[2])
    (output,) = evaluate(read_network(ROOT / TENT).network, [point])
    assert Fraction("0.3333333333") <= point <= 2 and output >= Fraction(3, 4)
    assert abs(output - said) < Fraction(1, 10**15)
    assert np.float32(match[1]) == point, "the point is no float32 number"


def test_the_record_follows_the_schema(tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text())
    for stated, status in ((HIGH, "proved"), (LEVEL, "refuted")):
        records = tmp_path / f"{status}.json"
        ask(TENT, stated, "--json", records)
        verdict, closing = records_of(records)
        for record in (verdict, closing):
            jsonschema.validate(record, schema)
        assert verdict["status"] == verdict["overall"] == status
        assert (verdict["kind"], verdict["name"]) == ("property", stated.name)
        assert verdict["document"] == str(stated) and verdict["label"] == str(TENT)
        assert verdict["trust"] == "certified"
        assert verdict["semantics"].startswith("real, float32: ")
        assert len(verdict["certificate"]["sha"]) == 64
        assert verdict["data"]["network"]["units"] == {"relu": 3}
        assert verdict["versions"]["onnx"]
        assert closing["counts"] == {status: 1} and closing["complete"]
    tables = verdict["counterexample"]["tables"]
    assert [table["title"] for table in tables] == ["inputs", "outputs"]
    assert tables[1]["header"][:3] == ["output", "exact", "exact at float32"]


def test_records_on_standard_output_stand_alone() -> None:
    ran = ask(TENT, HIGH, "--json", "-")
    assert ran.code == 0
    assert [json.loads(line)["type"] for line in ran.out.splitlines()] == [
        "verdict",
        "run",
    ]


def test_nothing_in_question_is_vacuous(tmp_path: Path) -> None:
    crossed = write(tmp_path, HEAD + "(assert (>= X_0 2)) (assert (<= X_0 1))")
    result = tmp_path / "r.txt"
    ran = ask(TENT, crossed, "--result", result)
    assert ran.code == 4, ran
    assert "∅ vacuous" in ran.out
    assert "input 0 must be at least 2 and at most 1" in ran.out
    assert result.read_text() == "unsat\n"


def test_no_time_is_undecided(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    sizes = [6, 80, 80, 80, 1]
    layers = [
        (random.normal(size=(after, before)), random.normal(size=after))
        for before, after in pairwise(sizes)
    ]
    network = read_network(dense(*layers)).network
    model = tmp_path / "m.onnx"
    model.write_bytes(dense(*layers))
    names = [f"X_{i}" for i in range(6)]
    points = random.uniform(-1, 1, (2_000, 6))
    most = float(floats.evaluate(network, points).max())
    text = "".join(f"(declare-const {name} Real)" for name in [*names, "Y_0"])
    text += "".join(f"(assert (>= {n} -1))(assert (<= {n} 1))" for n in names)
    stated = write(tmp_path, text + f"(assert (>= Y_0 {most * 1.5:.6f}))")
    result = tmp_path / "r.txt"
    ran = ask(model, stated, "--timeout", "0.3", "--result", result)
    assert ran.code == 3, ran
    assert "? undecided (timeout)" in ran.out
    assert re.search(r"Next: verify net \S+ \S+ --timeout \d+", ran.out)
    assert result.read_text() == "timeout\n"


@pytest.mark.parametrize(
    "text, sentence",
    [
        (HEAD + BOX + '\n(include "/etc/passwd")', "line 2: the command `include` is"),
        (HEAD + "(assert (<= X_0 1))", "X_0 has no lower bound"),
        (
            "(declare-const X_1 Real)" + HEAD + BOX + "(assert (= X_1 0))",
            "declares 2 input(s) and the network has 1",
        ),
    ],
)
def test_a_property_that_cannot_be_taken_ends_in_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    result = tmp_path / "r.txt"
    stated = write(tmp_path, text)
    ran = ask(TENT, stated, "--result", result)
    assert ran.code == 2, ran
    assert ran.err.startswith(f"verify: `{stated}`: ") and sentence in ran.err
    assert ran.err.count("\n") == 1
    assert result.read_text() == "error\n"


def test_a_model_that_cannot_be_read_ends_in_a_sentence(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(b"not a model")
    ran = ask(model, HIGH)
    assert ran.code == 2 and ran.err.startswith(f"verify: `{model}`: "), ran
    ran = ask("models/tent/tnet.onnx", HIGH)
    assert ran.code == 2 and "nearest: `tent.onnx`" in ran.err


def test_a_file_that_cannot_be_written_is_said_before_the_search(
    tmp_path: Path,
) -> None:
    ran = ask(TENT, HIGH, "--result", tmp_path / "absent" / "r.txt")
    assert ran.code == 2 and "Cannot write" in ran.err and ran.out == ""


def test_a_query_of_two_networks_takes_one_file_for_both() -> None:
    ran = ask(TENT, SHIFT)
    assert ran.code == 0, ran
    assert "✓ proved (certified), real, not checked" in ran.out


def float_query(folder: Path, above: str) -> Path:
    return write(
        folder,
        "(vnnlib-version <2.0>)(declare-network f (declare-input X float32 [1,1])"
        " (declare-output Y float32 [1,1]))(assert (and (>= X[0,0] -2.0)"
        f" (<= X[0,0] 2.0)))(assert (> Y[0,0] {above}))",
    )


def test_a_float32_query_is_not_answered_with_a_real_verdict(tmp_path: Path) -> None:
    query = float_query(tmp_path, "1.0")
    ran = ask(TENT, query)
    assert ran.code == 2, ran
    assert "verdict holds over the reals only" in ran.err
    assert "--semantics real" in ran.err
    ran = ask(TENT, query, "--semantics", "real")
    assert ran.code == 0 and "✓ proved (certified), real, float32: " in ran.out


def test_a_float32_query_that_an_engine_reaches_is_answered(tmp_path: Path) -> None:
    result = tmp_path / "r.txt"
    ran = ask(TENT, float_query(tmp_path, "0.5"), "--result", result)
    assert ran.code == 1 and "✗ refuted (certified), float32, float32:" in ran.out, ran
    assert result.read_text().startswith("sat\nX float32 [1,1]\n")


def test_asked_for_float32_a_real_verdict_is_undecided() -> None:
    ran = ask(TENT, HIGH, "--semantics", "float32")
    assert ran.code == 3, ran
    assert "? undecided (incomplete)" in ran.out
    assert "over the reals it is proved" in ran.out


@pytest.mark.skipif(not NANO.is_dir(), reason="the benchmark data are not here")
@pytest.mark.parametrize("name", ["nano", "tiny", "small"])
def test_the_sanity_networks_of_the_competition(name: str) -> None:
    ran = ask(NANO / f"test_{name}.onnx", NANO / f"test_{name}.vnnlib")
    assert ran.code == 0 and "✓ proved (certified)" in ran.out, ran


def test_a_verdict_is_there_within_the_time_for_starting() -> None:
    def once() -> float:
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "verify", "net", str(TENT), str(HIGH)],
            cwd=ROOT, env=make_environment(OPENBLAS_NUM_THREADS="1"),
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        return time.perf_counter() - begun

    assert best(START_SECONDS, once) < START_SECONDS
