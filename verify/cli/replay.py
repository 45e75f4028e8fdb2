"""`verify replay`: stored certificates through the kernel alone, in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from verify.cli.exits import Exit, gravest

if TYPE_CHECKING:
    from verify.cli.stored import Found

ROOT: Final = Path(__file__).resolve().parents[2]
BOOT: Final = (
    "import sys; sys.path.append(sys.argv.pop()); "
    "from verify.cli.alone import main; main()"
)


def replay(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Certificates, stores or documents."),
    ],
    store: Annotated[
        str, typer.Option(metavar="FOLDER", help="Where documents' certificates lie.")
    ] = "",
) -> None:
    """Check stored certificates again with the kernel alone.

    Everything runs in a fresh process in which no solver can be imported. For a document
    or a folder of documents, their stored certificates are taken.

    \b
    Example:
      verify replay claims
    """
    from verify.cli.screen import Screen
    from verify.reports.replays import render_answer, render_sum

    screen = Screen()
    answers = []
    with tempfile.TemporaryDirectory() as scratch:
        found = _find(paths, store, Path(scratch))
        with screen.progress(f"replaying {len(found.files)} certificate(s)"):
            for answer in replay_alone(found.files):
                answer["path"] = found.files[answer["path"]]
                screen.write(render_answer(answer, screen.look))
                answers.append(answer)
    for answer in found.missing:
        screen.write(render_answer(answer, screen.look))
        answers.append(answer)
    screen.write([render_sum(answers, screen.look)])
    code = gravest(map(code_of_answer, answers))
    if code != Exit.AS_EXPECTED:
        screen.say(f"exit {int(code)}: {MEANINGS[code]}")
    raise typer.Exit(code)


def _find(paths: list[str], store: str, scratch: Path) -> Found:
    from verify.cli.check import open_store
    from verify.cli.paths import Refusal, find_paths
    from verify.cli.stored import find_certificates
    from verify.suites.database import StoreError

    try:
        return find_certificates(find_paths(paths), open_store(store), scratch)
    except StoreError as error:
        raise Refusal(error.sentence) from error


def replay_alone(files: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The kernel's answers about certificate files, from a process of their own.

    Raises RuntimeError when that process ends without having answered for all of them.
    """
    wanted = [str(Path(file).absolute()) for file in files]
    command = [sys.executable, "-I", "-S", "-c", BOOT, str(ROOT)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipe to the kernel's process")
        process.stdin.write(json.dumps(wanted))
        process.stdin.close()
        answered = 0
        for line in process.stdout:
            answered += 1
            yield json.loads(line)
    if process.returncode or answered != len(wanted):
        raise RuntimeError(f"the kernel's process ended with {process.returncode}")


MEANINGS: Final = {
    Exit.REFUTED: "a certificate was rejected; check its document again",
    Exit.UNDECIDED: "a certificate was declined, or something it needs is missing",
    Exit.NOTHING: "no certificate was found; run verify check first",
}


def code_of_answer(answer: Mapping[str, Any]) -> Exit:
    """What one certificate deserves; a lemma that is missing leaves it undecided."""
    if answer["outcome"] == "rejected":
        return Exit.REFUTED
    if answer["outcome"] != "accepted" or answer["open"]:
        return Exit.UNDECIDED
    return Exit.AS_EXPECTED
