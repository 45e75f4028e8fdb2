"""`verify explain`: one statement, told in full."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    document: Annotated[str, typer.Argument(metavar="DOC", help="The document.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The statement.")],
    timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.01, help="Cap the statement's limit."),
    ] = None,
    store: Annotated[
        str, typer.Option(metavar="FOLDER", help="Keep certificates here.")
    ] = "",
) -> None:
    """Tell what a statement uses, and what breaks without it.

    \b
    Example:
      verify explain claims/deceptive/wasted-circuit.md too_soon
    """
    from verify.cli.deciding import decide_one
    from verify.cli.screen import Screen
    from verify.reports.explanations import render_explanation
    from verify.reports.paragraphs import render_audit

    screen = Screen()
    one = decide_one(screen, document, name, timeout=timeout, store=store)
    screen.write(render_explanation(one.verdict, screen.look))
    for alarm in one.alarms:
        screen.write(render_audit(alarm, screen.look))
    raise typer.Exit(one.code)
