"""`verify history`: the runs of a store, or what every run said about a statement."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from verify.cli.exits import Exit

if TYPE_CHECKING:
    from verify.suites.history import History

LAST = 20  # runs shown without a name


def history(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A statement, or a part of `DOCUMENT NAME`."
        ),
    ] = "",
    json: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
    ] = "",
    store: Annotated[
        str,
        typer.Option("--store", metavar="FILE", help="The suite's store, one file."),
    ] = "",
) -> None:
    """Show what every run said about a statement, and what it cost.

    Without a name the last runs are listed.

    \b
    Example:
      verify history s2
    """
    from verify.cli.paths import Refusal
    from verify.cli.screen import Screen
    from verify.cli.suite import store_path
    from verify.cli.suite_files import write_text
    from verify.reports.history import render_past, render_runs, write_past
    from verify.suites.database import Database, StoreError
    from verify.suites.history import History

    screen = Screen(sys.stderr if json == "-" else sys.stdout)
    try:
        past = History(Database(store_path(store), writing=False))
        if not name:
            screen.write(render_runs(past.runs()[-LAST:], screen.look))
            return
        found = [(key, past.past(*key)) for key in find_statements(past, name)]
    except StoreError as error:
        code = Exit.SUSPICIOUS if error.is_ours else Exit.USAGE
        raise Refusal(error.sentence, code) from error
    if json:
        write_text(json, "".join(write_past(*key, rows) for key, rows in found))
    for (document, statement), rows in found:
        screen.write(render_past(document, statement, rows, screen.look))


def find_statements(past: History, name: str) -> list[tuple[str, str]]:
    """The statements of that name, else those with it in document and name.

    Raises Refusal with the nearest names.
    """
    from verify.cli.paths import Refusal, quoted, suggest

    known = past.statements()
    exact = [key for key in known if name in (key[1], " ".join(key))]
    found = exact or [key for key in known if name in " ".join(key)]
    if not found:
        near = suggest(name, (key[1] for key in known), "there is no statement yet")
        raise Refusal(f"No run knows a statement {quoted(name)}; {near}.", Exit.NOTHING)
    return found
