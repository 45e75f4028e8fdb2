"""`verify diff`: what changed between two runs, and whether it is for the worse."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from verify.cli.exits import Exit, gravest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verify.suites.records import Record


def diff(
    before: Annotated[
        str,
        typer.Argument(metavar="RUN", help="JSON lines, or a number in the store."),
    ],
    after: Annotated[str, typer.Argument(metavar="RUN", help="The later run.")],
    json: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
    ] = "",
    markdown: Annotated[
        str, typer.Option(metavar="FILE", help="Write Markdown; - for standard output.")
    ] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANGE", help="Changes that count as fine, e.g. removed."
        ),
    ] = None,
    store: Annotated[
        str, typer.Option(metavar="FILE", help="The suite's store, one file.")
    ] = "",
) -> None:
    """Compare two runs, statement by statement.

    A run is a file that `verify run --json` wrote, a number in the store, `last` or
    `previous`. Ends with 1 when anything is worse, and with 3 when the later run is
    not complete.

    \b
    Example:
      verify diff main.jsonl pr.jsonl --markdown -
    """
    from verify.cli.screen import Screen
    from verify.cli.suite import refuse_unknown_changes
    from verify.cli.suite_files import write_text
    from verify.language.verdicts import Run
    from verify.reports.changes import compare, compare_versions, render_change
    from verify.reports.markdown import render_diff
    from verify.reports.suites import render_changes

    refuse_unknown_changes(allow or ())
    old, new = read_run(before, store), read_run(after, store)
    runs = [[r for r in records if isinstance(r, Run)] for records in (old, new)]
    complete = [bool(run) and run[-1].complete for run in runs]
    changes = compare(old, new)
    versions = compare_versions(*(run[-1].versions if run else {} for run in runs))
    if json:
        lines = [*map(render_change, versions), *map(render_change, changes)]
        write_text(json, "".join(lines))
    if markdown:
        write_text(markdown, render_diff(changes, versions, complete=all(complete)))
    screen = Screen(sys.stderr if "-" in (json, markdown) else sys.stdout)
    screen.write(render_changes(changes, versions, screen.look))
    codes = [Exit.AS_EXPECTED]
    if any(change.worse and change.what not in (allow or ()) for change in changes):
        codes.append(Exit.REFUTED)
    if not all(complete):
        screen.say("One of the runs is not complete; what it lacks counts as removed.")
        codes.append(Exit.UNDECIDED)
    raise typer.Exit(gravest(codes))


def read_run(name: str, store: str) -> Sequence[Record]:
    """The records of a run: of a file, or of the store. Raises Refusal."""
    from verify.cli.paths import Refusal, quoted
    from verify.cli.suite import store_path
    from verify.cli.suite_files import read_baseline
    from verify.language.verdicts import Run, Verdict
    from verify.suites.database import Database, StoreError
    from verify.suites.history import COMPLETE, History

    if not name.isdigit() and name not in ("last", "previous"):
        return read_baseline(name)
    try:
        history = History(Database(store_path(store), writing=False))
        rows = history.runs()
        found = {str(row.id): row for row in rows}
        found |= dict(zip(("last", "previous"), reversed(rows), strict=False))
        if name not in found:
            known = ", ".join(str(row.id) for row in rows[-5:]) or "none"
            raise Refusal(f"The store has no run {quoted(name)}; the last are {known}.")
        row = found[name]
        done = history.finished(row.id)
    except StoreError as error:
        code = Exit.SUSPICIOUS if error.is_ours else Exit.USAGE
        raise Refusal(error.sentence, code) from error
    told = [record for position in sorted(done) for record in done[position].told]
    claims = [r for r in told if isinstance(r, Verdict) and r.kind != "premise"]
    whole = row.state == COMPLETE and len(done) == len(history.names(row.id))
    return [
        *told,
        Run(
            unexpected=sum(not claim.as_expected for claim in claims),
            complete=whole, seconds=row.seconds, versions=dict(row.versions),
        ),
    ]  # fmt: skip
