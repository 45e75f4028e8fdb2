"""`verify check`: documents, statement by statement, and what to do about the rest."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from verify.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from verify.arguments.settings import Options
    from verify.cli.ledger import Ledger, Listener
    from verify.suites.store import Store


class TrustLevel(StrEnum):
    """The levels that `--trust` may ask for."""

    solver = "solver"
    agreed = "agreed"
    rigorous = "rigorous"
    certified = "certified"


def check(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Documents, or folders of them."),
    ],
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Decide this statement only; may be repeated."
        ),
    ] = None,
    json: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
    ] = "",
    trust: Annotated[
        TrustLevel, typer.Option(help="Count no proof of less trust as one.")
    ] = TrustLevel.agreed,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.01, help="Cap every statement's limit."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Verdicts only: no audits, no suggestions.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Search again for what is stored.")
    ] = False,
    store: Annotated[
        str, typer.Option(metavar="FOLDER", help="Keep certificates here.")
    ] = "",
) -> None:
    """Check documents: a line a statement, a paragraph a problem.

    \b
    Example:
      verify check claims/deceptive/wasted-circuit.md
    """
    from verify.arguments.settings import Options
    from verify.cli.paths import find_paths

    options = Options(
        timeout=timeout, minimum_trust=trust.value, only=tuple(only or ()),
        workers=os.cpu_count() or 1, quick=quick,
    )  # fmt: skip
    code = check_documents(
        find_paths(paths), options, open_store(store, reading=not no_cache), json
    )
    raise typer.Exit(code)


def open_store(folder: str, *, reading: bool = True) -> Store:
    """The store in that folder, or in the user's cache directory."""
    from pathlib import Path

    from verify.suites.store import Store, default_folder

    return Store(Path(folder) if folder else default_folder(), reading=reading)


def check_documents(
    paths: Sequence[Path], options: Options, store: Store, json: str
) -> Exit:
    """Check and report; the code to end with. Raises Refusal."""
    from verify.cli.jsonfile import JsonFile
    from verify.cli.ledger import Ledger, follow
    from verify.cli.screen import Screen
    from verify.cli.table import Table
    from verify.suites.documents import check_paths, collect_documents

    documents = collect_documents(paths)
    ledger = Ledger()
    to_stdout = json == "-"
    screen = Screen(sys.stderr if to_stdout else sys.stdout)
    table = Table(screen, brief=len(documents) != 1)
    listeners: list[Listener] = [] if to_stdout else [table]
    if json:
        listeners.append(JsonFile(json))
    with screen.progress(f"checking {len(documents)} document(s)"):
        follow(check_paths(documents, options, store=store), listeners, ledger)
    code = ledger.code()
    if not to_stdout:
        table.total(ledger, code)
    screen.say(*_remarks(ledger, options, store, code))
    return code


def _remarks(ledger: Ledger, options: Options, store: Store, code: Exit) -> list[str]:
    """Sentences about the run as a whole."""
    from verify.cli.paths import suggest

    remarks = [store.failure] if store.failure else []
    if code == Exit.NOTHING and options.only:
        names = [s.name for d in ledger.documents for s in d.statements]
        listed = suggest(options.only[0], names)
        remarks.append(f"No statement is called {', '.join(options.only)}; {listed}.")
    elif code == Exit.NOTHING:
        remarks.append(
            "No claim was found; a claim stands in a block fenced as `claim`."
        )
    return remarks
