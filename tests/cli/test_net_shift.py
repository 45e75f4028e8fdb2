"""`verify net --shift` as a person runs it: what is told, recorded and refused."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from tests.cli.commands import Ran, run
from tests.cli.test_net import BOX, HEAD, SCHEMA, TENT, write
from verify.cli.moving import read_most
from verify.cli.paths import Refusal

DIAL = Path("models/dial/dial.onnx")
WINS, LEADS = (DIAL.with_name(f"{name}.vnnlib") for name in ("wins", "leads"))


def ask(*arguments: str | Path) -> Ran:
    return run("net", *arguments, OPENBLAS_NUM_THREADS="1")


def test_a_refutation_tells_the_inputs_that_vary() -> None:
    ran = ask(DIAL, WINS)
    assert ran.code == 1, ran
    said = ran.out.splitlines()
    assert said[1] == f"{WINS}: 1 case, 2 of 4 inputs vary: X_2 and X_3"
    place = next(i for i, text in enumerate(said) if "from the middle" in text)
    assert (
        said[place].split() == "input value from the middle of what is allowed".split()
    )
    assert [text.split()[0] for text in said[place + 1 : place + 3]] == ["X_2", "X_3"]
    assert said[place + 3] == "      and 2 pinned inputs"
    assert said[-1] == f"  Next: verify net {DIAL} {WINS} --shift 1"


def test_the_record_has_exact_numbers_and_every_trust(tmp_path: Path) -> None:
    records = tmp_path / "j.json"
    ran = ask(DIAL, LEADS, "--shift", "3/2", "--json", records)
    assert ran.code == 0, ran
    verdict = json.loads(records.read_text().splitlines()[0])
    jsonschema.validate(verdict, json.loads(SCHEMA.read_text()))
    assert verdict["data"]["region"] == {"varying": ["X_2", "X_3"], "pinned": 2}
    told = verdict["data"]["shift"]
    assert told["most"] == "1.5" and told["pinned"] == 2
    assert told["varying"][1] == {"input": "X_3", "middle": "3.0", "radius": "2.0"}
    for bracket in (told["together"], told["enough"]):
        assert (
            Fraction(bracket["holds"]) < Fraction(11, 10) <= Fraction(bracket["broken"])
        )
        assert bracket["holds_trust"] == bracket["broken_trust"] == "certified"
        parts = [abs(Fraction(move["part"])) for move in bracket["moves"]]
        assert max(parts) == Fraction(bracket["broken"])
    axes = [{"input": "X_2", "direction": "down"}, {"input": "X_3", "direction": "up"}]
    assert told["enough"]["axes"] == told["enough"]["needed"] == axes
    assert all(one["broken"] is None for one in told["alone"])


@pytest.mark.parametrize("times", ["0", "-1", "1001", "nan", "far", "1/0", "9" * 5000])
def test_a_shift_that_is_no_number_of_times_is_refused(times: str) -> None:
    with pytest.raises(Refusal, match="Expected --shift TIMES with a number above 0"):
        read_most(times)


def test_a_number_of_times_is_exact() -> None:
    assert read_most("0.1") == Fraction(1, 10) and read_most("3/2") == Fraction(3, 2)
    assert read_most("") is None


def test_a_region_that_is_no_box_keeps_its_verdict(tmp_path: Path) -> None:
    stated = write(tmp_path, HEAD + "(assert (> X_0 -2)) (assert (<= X_0 2))"
                   "(assert (> Y_0 1))")  # fmt: skip
    ran = ask(TENT, stated, "--shift", "1")
    assert ran.code == 0, ran
    assert "The shift was not measured: its region is cut by inequalities" in ran.out


def test_nothing_in_question_has_no_shift(tmp_path: Path) -> None:
    stated = write(tmp_path, HEAD + "(assert (>= X_0 2)) (assert (<= X_0 1))")
    ran = ask(TENT, stated, "--shift", "1")
    assert ran.code == 4 and "shift" not in ran.out.lower(), ran


def test_one_input_that_varies_is_told_by_its_two_directions(tmp_path: Path) -> None:
    """The tent is 3/4 high from 0 to 1/2: the middle of -2 to 2 is 0, at 3/4 exactly."""
    stated = write(tmp_path, HEAD + BOX + "(assert (> Y_0 0.75))")
    ran = ask(TENT, stated, "--shift", "1")
    assert ran.code == 1, ran
    assert "X_0, up or down" in ran.out and "X_0 up " in ran.out
    assert "every other move of one input alone it holds within 100 %" in " ".join(
        ran.out.split()
    )
