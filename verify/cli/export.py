"""`verify export`: the obligation of a statement as an SMT-LIB script."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    document: Annotated[str, typer.Argument(metavar="DOC", help="The document.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The statement.")],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write here, not to screen."
        ),
    ] = "",
    store: Annotated[
        str, typer.Option(metavar="FOLDER", help="Keep certificates here.")
    ] = "",
) -> None:
    """Write a statement as an SMT-LIB script.

    The premises are named, and the script says which answer to expect.

    \b
    Example:
      verify export claims/deceptive/wasted-circuit.md pruned -o pruned.smt2
    """
    from verify.arguments.problems import Unavailable
    from verify.cli.deciding import decide_one
    from verify.cli.paths import Refusal
    from verify.cli.screen import Screen
    from verify.suites.exporting import write_script

    one = decide_one(Screen(), document, name, store=store, quick=True)
    try:
        script = write_script(one.document, one.statement, one.verdict)
    except Unavailable as unavailable:
        raise Refusal(str(unavailable)) from None
    if output:
        write_text(Path(output), script)
    else:
        print(script, end="")


def write_text(path: Path, text: str) -> None:
    """Write a file; raises Refusal."""
    from verify.cli.paths import Refusal, quoted

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(
            f"Cannot write {quoted(str(path))}: {why}; choose another."
        ) from None
