"""The documents say what the program does: sessions run as printed, examples parse."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import get_args

import pytest

from tests.cli.commands import mask_times, run
from verify.cli.main import app
from verify.language.reader import read_document
from verify.language.verdicts import Reason, Status, Trust

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SESSION = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAX_SESSION = 15


def sessions() -> list[tuple[str, str, str]]:
    """(page, command, printed output) of every console block."""
    found = []
    for page in PAGES:
        for block in SESSION.findall(page.read_text(encoding="utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.append((page.name, command, output))
    return found


def test_the_readme_opens_with_a_session_that_shows_three_verdicts() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = SESSION.findall(text)[0]
    assert block.count("\n") <= MAX_SESSION
    assert text.index("```console") < text.index("##")
    for said in ("proved (certified)", "refuted (certified)", "undecided ("):
        assert said in block


@pytest.mark.parametrize("page, command, printed", sessions())
def test_sessions_run_as_printed(
    page: str, command: str, printed: str, tmp_path: Path
) -> None:
    program, *arguments = shlex.split(command)
    assert program == "verify"
    ran = run(*arguments, cwd=ROOT, XDG_CACHE_HOME=str(tmp_path))
    assert mask_times(ran.out) == mask_times(printed)


def test_the_language_page_is_a_document_that_checks(tmp_path: Path) -> None:
    document = read_document(ROOT / "docs/claims.md")
    assert len(document.statements) > 15
    ran = run("check", "docs/claims.md", "--quick", XDG_CACHE_HOME=str(tmp_path))
    assert ran.code == 0, ran.out + ran.err


@pytest.mark.parametrize("words", [Status, Reason, Trust])
def test_every_word_of_a_verdict_is_explained(words: object) -> None:
    page = (ROOT / "docs/verdicts.md").read_text(encoding="utf-8")
    for word in filter(None, get_args(words)):
        assert re.search(rf"^\|.*`{word}`", page, re.MULTILINE), word


def test_the_commands_of_the_readme_are_the_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^verify (\w+) ", text, re.MULTILINE))
    known = {command.callback.__name__ for command in app.registered_commands}
    known |= {group.typer_instance.info.name for group in app.registered_groups}
    assert listed == known


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"`((?:verify|docs|tests|claims)/[\w./-]*)`", text):
        assert (ROOT / target).exists(), target
