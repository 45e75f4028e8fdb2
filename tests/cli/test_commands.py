"""explain, export, replay and doctor as they are run, and what goes wrong around them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import make_environment, run
from verify.cli.main import app

CLAIMS = """
const x, y, z: Real
premise P1: x >= y
premise P2: y >= 1
premise P3: z >= 0
step good "x is large": x >= 1 by P1, P2, P3
step bad: x >= 2 by P1, P2
expect bad refuted
conclusion twice: 2*x >= 2 by good
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checked document and the store of its certificates."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "post.claim").write_text(CLAIMS)
    ran = run("check", "post.claim", "--store", "store", "--quick", cwd=folder)
    assert ran.code == 0, ran
    return folder


COMMANDS = [command.callback.__name__ for command in app.registered_commands]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert re.search(rf"Example:\n +verify {command}", ran.out)


def test_explain_tells_what_is_used_and_what_breaks_without_it(folder: Path) -> None:
    ran = run("explain", "post.claim", "good", "--store", "store", cwd=folder)
    assert ran.code == 0, ran
    assert 'step good "x is large"' in ran.out
    assert re.search(r"uses: P1, P2$", ran.out, re.MULTILINE)
    assert re.search(r"cited, not used: P3$", ran.out, re.MULTILINE)
    assert "Without P1: refuted." in ran.out and "Without P2: refuted." in ran.out
    assert "Next: verify export post.claim good" in ran.out


def test_explain_shows_the_world_and_the_missing_premise(folder: Path) -> None:
    ran = run("explain", "post.claim", "bad", "--store", "store", cwd=folder)
    assert ran.code == 0
    assert "refuted (certified) as expected" in ran.out
    assert re.search(r"^ +x = ", ran.out, re.MULTILINE)
    assert "premise missing_1:" in ran.out


@pytest.mark.parametrize("command", ["explain", "export"])
def test_an_unknown_statement_is_answered_with_the_nearest(
    folder: Path, command: str
) -> None:
    ran = run(command, "post.claim", "goodd", "--store", "store", cwd=folder)
    assert ran.code == 5
    assert ran.err == "verify: No statement is called `goodd`; nearest: `good`.\n"


def engine(script: Path, which: str) -> str:
    """What an engine's own command line says to a script."""
    program = {
        "z3": "import z3, sys; s = z3.Solver(); s.from_file(sys.argv[1]);"
        "print(s.check())",
        "cvc5": "import cvc5, sys; s = cvc5.Solver(); p = cvc5.InputParser(s);"
        "p.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.argv[1]);"
        "m = p.getSymbolManager()\n"
        "while not (c := p.nextCommand()).isNull():\n"
        "    print(c.invoke(s, m), end='')",
    }[which]
    done = subprocess.run(
        [sys.executable, "-c", program, str(script)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("name, status", [("good", "unsat"), ("bad", "sat")])
@pytest.mark.parametrize("which", ["z3", "cvc5"])
def test_an_exported_script_gives_its_stated_status(
    folder: Path, name: str, status: str, which: str
) -> None:
    script = folder / f"{name}-{which}.smt2"
    if which == "cvc5":
        pytest.importorskip("cvc5")
    ran = run(
        "export", "post.claim", name, "-o", script, "--store", "store", cwd=folder
    )
    assert ran.code == 0 and ran.out == "", ran
    text = script.read_text()
    assert f"(set-info :status {status})" in text
    assert all(f":named {fact}" in text for fact in ("P1", "P2"))
    assert engine(script, which) == status


def test_replay_of_a_document_takes_its_stored_certificates(folder: Path) -> None:
    ran = run("replay", "post.claim", "--store", "store", cwd=folder)
    assert ran.code == 0, ran
    assert ran.out.count("✓ accepted") >= 3
    assert "post.claim twice" in ran.out and "accepted above" in ran.out
    assert "1 <= x follows" in ran.out
    assert "premise P1: y <= x" in ran.out


def test_replay_of_a_store_and_of_one_file(folder: Path) -> None:
    assert run("replay", "store", cwd=folder).code == 0
    (file, *_) = sorted((folder / "store").rglob("*.refuted.jsonl"))
    ran = run("replay", file, cwd=folder)
    assert ran.code == 0 and "does not follow" in ran.out


def test_replay_of_what_was_never_checked_is_not_green(tmp_path: Path) -> None:
    (tmp_path / "new.claim").write_text(CLAIMS)
    ran = run("replay", "new.claim", "--store", "store", cwd=tmp_path)
    assert ran.code == 3
    assert "No certificate of it is stored; run: verify check new.claim" in ran.out
    (tmp_path / "empty").mkdir()
    assert run("replay", "empty", cwd=tmp_path).code == 5


def test_replay_of_a_changed_document_says_so(tmp_path: Path) -> None:
    document = tmp_path / "post.claim"
    document.write_text(CLAIMS)
    check = ("check", "post.claim", "--store", "store", "--quick")
    assert run(*check, cwd=tmp_path).code == 0
    document.write_text(CLAIMS.replace("x >= 2", "x >= 3"))
    ran = run("replay", "post.claim", "--store", "store", cwd=tmp_path)
    assert ran.code == 3 and "It was changed after it was checked" in ran.out


def test_doctor_says_what_an_extra_unlocks() -> None:
    ran = run("doctor")
    assert ran.code == 0
    assert re.search(r"z3-solver +5\.4", ran.out)
    assert re.search(r"cvc5 +\S+.*second opinion", ran.out)


BROKEN = """
import verify.cli.{module} as module
def fail(*_, **__): raise ZeroDivisionError("inner \\x1b[2J detail")
module.{name} = fail
from verify.cli.main import main
import sys
sys.argv = ["verify", *{arguments!r}]
main()
"""


def test_an_internal_error_is_one_sentence_and_the_alarm() -> None:
    script = BROKEN.format(module="doctor", name="_versions", arguments=["doctor"])
    command = [sys.executable, "-c", script]
    quiet = subprocess.run(
        command, env=make_environment(), capture_output=True, text=True, timeout=60
    )
    assert quiet.returncode == 70
    assert quiet.stderr.count("\n") == 1 and "internal error" in quiet.stderr
    assert "\x1b" not in quiet.stderr
    loud = subprocess.run(
        command, env=make_environment(VERIFY_DEBUG="1"),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert loud.returncode == 70 and "Traceback" in loud.stderr


@pytest.mark.parametrize(
    "arguments, fragment",
    [
        (("chek",), "Did you mean 'check'"),
        (("check",), "Missing argument"),
        (("check", ".", "--timeout", "-1"), "timeout"),
        (("check", ".", "--nonsense"), "--nonsense"),
    ],
)
def test_a_wrong_command_line_is_usage(
    arguments: tuple[str, ...], fragment: str
) -> None:
    ran = run(*arguments)
    assert ran.code == 2 and fragment in ran.err
    assert "Traceback" not in ran.err


def test_names_in_sentences_are_escaped(tmp_path: Path) -> None:
    ran = run("check", "a\x1b[2Jb.md", cwd=tmp_path)
    assert ran.code == 2 and "\x1b" not in ran.err and "\\x1b[2Jb.md" in ran.err
