"""`verify stress`: every query of a library asked again in other words."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.cli.run import (
    Executor,
    Executors,
    Jobs,
    Json,
    Library,
    Limit,
    Memory,
    Only,
    Scheduler,
    Select,
    StoreFile,
    Timeout,
    carry_out,
)


def stress(
    library: Library = None,
    repeats: Annotated[
        int, typer.Option("--repeats", "-n", min=2, help="Ways to ask each query.")
    ] = 8,
    jobs: Jobs = 0,
    select: Select = None,
    only: Only = None,
    json: Json = "",
    timeout: Timeout = None,
    limit: Limit = 3_600.0,
    memory: Memory = 8_192,
    executor: Executor = Executors.local,
    scheduler: Scheduler = "",
    store: StoreFile = "",
) -> None:
    """Ask every query in other words and compare the answers.

    Premises are shuffled, symbols renamed, units of networks and cases put in another
    order, engines given other seeds. Ends with 4 where some ways were answered and some
    were not, and with 70 where two answers contradict each other.

    \b
    Example:
      verify stress claims -n 8
    """
    from verify.cli.suite import Request

    request = Request(
        library=tuple(library or ()), select=tuple(select or ()),
        only=tuple(only or ()), workers=jobs, files={"json": json}, timeout=timeout,
        seconds=limit, megabytes=memory, reading=False, fresh=True, store=store,
        executor="dask" if scheduler else executor.value, scheduler=scheduler,
        stress=repeats,
    )  # fmt: skip
    raise typer.Exit(carry_out(request))
