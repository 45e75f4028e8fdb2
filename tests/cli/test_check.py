"""`verify check` as it is run: exit codes, words, files, and hostile input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from tests.cli.commands import Ran, make_environment, mask_times, run
from verify.reports.jsonlines import make_schema

HEAD = """
const x, y: Real
premise P1: x >= y
premise P2: y >= 1
"""
PROVED = "step good: x >= 1 by P1, P2\n"
REFUTED = "step bad: x >= 2 by P1, P2\n"
OPEN = (
    "limit 1 s\nstep cubes: forall a: Nat, b: Nat, c: Nat. "
    "a >= 1 and b >= 1 implies a^3 + b^3 != c^3\n"
)
VACUOUS = "premise P3: y < 0\nstep any: x = 7 by P2, P3\n"
DIVISION = "step odd: 1/x > 0 by P1\n"
GARBAGE = "step worse x == 2 by P1\n"


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., Ran]:
    """Check a document made of these claims, with a store of its own."""

    def check(text: str, *arguments: str, **environment: str) -> Ran:
        document = tmp_path / "post.md"
        document.write_text(f"# A post\n\n```claim\n{text}```\n", encoding="utf-8")
        store = ("--store", str(tmp_path / "store"))
        return run("check", "post.md", *store, *arguments, cwd=tmp_path, **environment)

    return check


CODES = {
    "proved": (PROVED, 0),
    "refuted as expected": (REFUTED + "expect bad refuted\n", 0),
    "refuted": (REFUTED, 1),
    "proved, refuted expected": (PROVED + "expect good refuted\n", 1),
    "undecided": (OPEN, 3),
    "undecided as expected": (OPEN + "expect cubes undecided\n", 0),
    "vacuous": (VACUOUS, 4),
    "vacuous as expected": (VACUOUS + "expect any vacuous\n", 0),
    "a division by 0": (DIVISION, 2),
    "no claim language": (GARBAGE, 2),
    "premises only": ("", 5),
    "refuted before vacuous": (REFUTED + OPEN + VACUOUS, 1),
    "vacuous before undecided": (OPEN + VACUOUS, 4),
    "error before refuted": (REFUTED + DIVISION, 2),
}


@pytest.mark.parametrize("case", CODES)
def test_the_exit_code(checked: Callable[..., Ran], case: str) -> None:
    text, code = CODES[case]
    ran = checked(HEAD + text, "--quick")
    assert ran.code == code, ran
    assert "Traceback" not in ran.out + ran.err


def test_what_a_person_sees(
    checked: Callable[..., Ran], golden: Callable[[str, str], None]
) -> None:
    text = HEAD + PROVED + REFUTED + "step low: y >= 0 by P2\nexpect low refuted\n"
    golden("check.txt", mask_times(checked(text).out))


def test_json_lines_conform_and_end_with_the_run(checked: Callable[..., Ran]) -> None:
    ran = checked(HEAD + PROVED + REFUTED, "--json", "-")
    records = [json.loads(line) for line in ran.out.splitlines()]
    for record in records:
        jsonschema.validate(record, make_schema())
    verdicts = {r["name"]: r for r in records if r["type"] == "verdict"}
    assert verdicts["good"]["status"] == "proved"
    assert verdicts["good"]["trust"] == "certified"
    assert verdicts["bad"]["status"] == "refuted"
    assert records[-1]["type"] == "run" and records[-1]["complete"]
    assert ran.code == 1 and ran.err == ""


def test_json_into_a_file_leaves_the_table_on_the_screen(
    checked: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = checked(HEAD + PROVED, "--quick", "--json", str(tmp_path / "out.jsonl"))
    assert "proved (certified)" in ran.out
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["type"] == "run"


def test_a_document_that_cannot_be_read_is_in_the_json(
    checked: Callable[..., Ran],
) -> None:
    ran = checked(HEAD + GARBAGE, "--json", "-")
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert [r["status"] for r in records if r["type"] == "verdict"] == ["error"]
    assert records[0]["line"] == 8 and records[0]["kind"] == "document"
    assert not records[-1]["complete"]


def test_a_file_that_cannot_be_written_is_a_sentence(
    checked: Callable[..., Ran],
) -> None:
    ran = checked(HEAD + PROVED, "--json", "/nowhere/out.jsonl")
    assert ran.code == 2 and ran.err.count("\n") == 1
    assert "Cannot write `/nowhere/out.jsonl`" in ran.err


def test_only_one_statement(checked: Callable[..., Ran]) -> None:
    ran = checked(HEAD + PROVED + REFUTED, "--only", "good")
    assert ran.code == 0 and "bad" not in ran.out


def test_a_name_nobody_has_is_answered_with_the_nearest(
    checked: Callable[..., Ran],
) -> None:
    ran = checked(HEAD + PROVED, "--only", "goof")
    assert ran.code == 5 and "nearest: `good`" in ran.out


def test_a_path_that_is_not_there_is_answered_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "post.md").write_text("nothing")
    ran = run("check", "pots.md", cwd=tmp_path)
    assert ran.code == 2 and "nearest: `post.md`" in ran.err


def test_a_document_without_claims_is_not_green(tmp_path: Path) -> None:
    (tmp_path / "post.md").write_text("# Nothing formal here\n")
    for path in ("post.md", "."):
        ran = run("check", path, cwd=tmp_path)
        assert ran.code == 5 and "No claim was found" in ran.out


def test_proofs_of_less_trust_may_be_refused(checked: Callable[..., Ran]) -> None:
    assert checked(HEAD + PROVED, "--quick", "--trust", "certified").code == 0
    assert checked(HEAD + PROVED, "--quick", "--trust", "kernel").code == 2


def test_a_contradiction_underneath_is_suspicious(checked: Callable[..., Ran]) -> None:
    """No step cites contradictory facts, but the conclusion rests on such premises."""
    claims = (
        "const x, y, z: Real\n"
        "premise P1: x >= 1 and y >= 1\n"
        "premise P2: x <= 0 and z >= 1\n"
        "lemma a: y >= 1 by P1\n"
        "lemma b: z >= 1 by P2\n"
    )
    assert checked(claims).code == 0
    ran = checked(claims + "conclusion c: y + z >= 2 by a, b\n")
    assert ran.code == 4
    assert "P1 and P2 cannot all be true" in ran.out


def test_a_hostile_label_stays_text(checked: Callable[..., Ran]) -> None:
    label = "\x1b[2K\r\u2713 proved (certified) \u202e [bold]x[/bold]"
    ran = checked(HEAD + f'step bad "{label}": x >= 2 by P1, P2\n')
    assert "\x1b" not in ran.out and "\r" not in ran.out and "\u202e" not in ran.out
    assert "\\x1b" in ran.out or ran.code == 2


def test_symbols_fall_back_where_the_encoding_has_none(
    checked: Callable[..., Ran],
) -> None:
    ran = checked(HEAD + PROVED + REFUTED, PYTHONIOENCODING="ascii")
    assert ran.out.isascii()
    assert "+ proved (certified)" in ran.out and "x refuted" in ran.out


def test_a_second_run_checks_what_is_stored(checked: Callable[..., Ran]) -> None:
    first, second = checked(HEAD + PROVED), checked(HEAD + PROVED)
    assert mask_times(first.out) == mask_times(second.out)
    assert checked(HEAD + PROVED, "--no-cache").code == 0


def test_a_reader_that_hangs_up_is_no_error(tmp_path: Path) -> None:
    claims = HEAD + "".join(f"step s{i}: x >= 1 by P1, P2\n" for i in range(30))
    (tmp_path / "post.claim").write_text(claims)
    command = f"{sys.executable} -m verify check post.claim --store s; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({command}) | head -n 1"],
        cwd=tmp_path, env=make_environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "post.claim\n"
    assert done.stderr == "0\n"


def test_an_interruption_shows_what_is_known(tmp_path: Path) -> None:
    claims = HEAD + PROVED + OPEN.replace("limit 1 s", "limit 50 s")
    (tmp_path / "post.claim").write_text(claims)
    process = subprocess.Popen(
        [sys.executable, "-m", "verify", "check", "post.claim", "--store", "s",
         "--json", "out.jsonl"],
        cwd=tmp_path, env=make_environment(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    seen = ""
    while "good" not in seen:
        seen += process.stdout.readline()
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    rest, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert "1 proved (certified)" in rest and "interrupted" in rest
    assert "Traceback" not in errors
    last = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[-1])
    assert last["type"] == "run" and not last["complete"]
