"""`verify replay`: the kernel alone, in a process where nothing else can be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import certificates
from verify.cli.alone import ALLOWED
from verify.cli.exits import Exit
from verify.cli.replay import BOOT, ROOT, code_of_answer, replay_alone

BLOCKED = ("z3", "pysmt", "cvc5", "sympy", "numpy", "lark", "typer", "rich", "pydantic")


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def chain(tmp_path: Path) -> list[str]:
    """A statement and the lemma it cites, the statement first."""
    lemma, proof = certificates.wet_when_raining()
    _, upper = certificates.cold_when_wet(lemma.sha())
    return [write(tmp_path, "a.cert", upper), write(tmp_path, "b.cert", proof)]


def test_a_lemma_is_taken_before_what_cites_it(chain: list[str]) -> None:
    lemma, upper = replay_alone(chain)
    assert lemma["path"] == chain[1] and lemma["outcome"] == "accepted"
    assert upper["path"] == chain[0] and upper["outcome"] == "accepted"
    assert upper["lemmas"] == [{"name": "s1", "sha": lemma["sha"], "given": True}]
    assert upper["premises"] == [["P1", "rain"], ["P2", "rain implies wet"]]
    assert upper["admitted"] == [["taste", "wet implies cold"]]
    assert upper["open"] == [] and code_of_answer(upper) == Exit.AS_EXPECTED


def test_without_its_lemma_a_statement_is_left_open(chain: list[str]) -> None:
    (upper,) = replay_alone(chain[:1])
    assert upper["outcome"] == "accepted" and upper["open"] == ["s1"]
    assert upper["premises"] == []
    assert code_of_answer(upper) == Exit.UNDECIDED


def test_a_world_is_evaluated_again(tmp_path: Path) -> None:
    _, text = certificates.dry()
    good, bad = (
        write(tmp_path, "good.cert", text),
        write(tmp_path, "bad.cert", text.replace('"false"', '"true"')),
    )
    accepted, rejected = replay_alone([good, bad])
    assert accepted["claim"] == "refuted" and accepted["facts"] == ["P1"]
    assert rejected["outcome"] == "rejected"
    assert code_of_answer(rejected) == Exit.REFUTED


def damaged() -> dict[str, tuple[str | bytes, str, str]]:
    """Name -> (file, outcome, a fragment of the reason)."""
    _, text = certificates.wet_when_raining()
    head, rest = text.split("\n", 1)
    return {
        "empty": ("", "rejected", "header"),
        "cut": (text[:-1], "rejected", "whole lines"),
        "not JSON": ("hello\n" + rest, "rejected", "JSON"),
        "not UTF-8": (b"\xff" + text.encode(), "rejected", "UTF-8"),
        "unknown rule": (
            text.replace('"rule": "goal"', '"rule": "z3"'), "declined", "a rule among",
        ),
        "newer version": (
            text.replace('"version": 1', '"version": 2'), "declined", "version 1",
        ),
        "other hash": (text.replace(head[-20:-10], "0" * 10), "rejected", "this problem"),
        "duplicate key": (
            text.replace('"version": 1', '"version": 1, "version": 1'), "rejected", "once",
        ),
        "a float": (text.replace('"version": 1', '"version": 1.0'), "rejected", "1.0"),
        "true for one": (
            text.replace('"version": 1', '"version": true'), "rejected", "bool",
        ),
        "negative index": (text.replace('"hints": [', '"hints": [-1, '), "rejected", "-1"),
        "step dropped": (
            "".join(text.splitlines(keepends=True)[:-1]), "rejected", "empty clause",
        ),
        "deep": ('{"a":' * 100_000 + "\n" + rest, "rejected", "JSON"),
    }  # fmt: skip


@pytest.mark.parametrize("case", damaged())
def test_damaged_files_are_refused_for_their_reason(case: str, tmp_path: Path) -> None:
    content, outcome, fragment = damaged()[case]
    path = tmp_path / "case.cert"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (answer,) = replay_alone([str(path)])
    assert (answer["outcome"], fragment in answer["why"]) == (outcome, True), answer[
        "why"
    ]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    answers = list(replay_alone([str(tmp_path), str(tmp_path / "missing")]))
    assert [answer["outcome"] for answer in answers] == ["rejected", "rejected"]


@pytest.mark.parametrize(
    "module", [*BLOCKED, "verify.solvers.answers", "verify.language.parser"]
)
def test_nothing_but_the_kernel_can_be_imported(module: str) -> None:
    """With site-packages put back on the path, the finder still refuses."""
    script = (
        f"import sys; sys.path += {[str(ROOT), *sys.path]!r}\n"
        "from verify.cli.alone import OnlyTheKernel\n"
        "sys.meta_path.insert(0, OnlyTheKernel())\n"
        "import verify.cli.replaying, verify.kernel.check\n"
        f"import {module}"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("ImportError: ")
    assert "is not available while certificates are replayed" in done.stderr


def test_the_process_is_started_without_site_packages(chain: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-c", BOOT, str(ROOT)],
        input=json.dumps(chain), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    foreign = {name.partition(".")[0] for name in loaded} & set(BLOCKED)
    assert not foreign
    ours = {name for name in loaded if name.startswith("verify.")}
    assert "verify.kernel.check" in ours
    known = {*ALLOWED, "verify.cli.alone"}
    assert all(name in known or name.startswith("verify.kernel.") for name in ours)
