"""`verify run`: the whole library as a suite, in parallel, remembered and compared."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from verify.cli.check import TrustLevel
from verify.cli.exits import Exit

if TYPE_CHECKING:
    from verify.cli.suite import Request


class Executors(StrEnum):
    """Where jobs may run."""

    local = "local"
    dask = "dask"


Option = typer.Option
Library: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LIBRARY", help="Folders or documents; `claims` if left out."
    ),
]
Jobs: TypeAlias = Annotated[
    int, Option("--jobs", "-j", min=0, help="Tasks at once; 0: one a core.")
]
Select: TypeAlias = Annotated[
    list[str] | None,
    Option(metavar="TEXT", help="Only documents whose path has this in it."),
]
Only: TypeAlias = Annotated[
    list[str] | None, Option(metavar="NAME", help="Only statements of this name.")
]
Baseline: TypeAlias = Annotated[
    str, Option(metavar="FILE", help="Compare with this run (JSON lines).")
]
Allow: TypeAlias = Annotated[
    list[str] | None,
    Option(metavar="CHANGE", help="Changes that count as fine, e.g. removed."),
]
Json: TypeAlias = Annotated[
    str, Option(metavar="FILE", help="Write JSON lines; - for standard output.")
]
Junit: TypeAlias = Annotated[str, Option(metavar="FILE", help="Write JUnit XML.")]
Sarif: TypeAlias = Annotated[str, Option(metavar="FILE", help="Write SARIF 2.1.0.")]
Markdown: TypeAlias = Annotated[
    str, Option(metavar="FILE", help="Write a summary in Markdown.")
]
Trust: TypeAlias = Annotated[
    TrustLevel, Option(help="Count no proof of less trust as one.")
]
Timeout: TypeAlias = Annotated[
    float | None,
    Option(metavar="SECONDS", min=0.01, help="Cap every statement's limit."),
]
Limit: TypeAlias = Annotated[
    float, Option(metavar="SECONDS", min=0.1, help="Wall clock of one task.")
]
Memory: TypeAlias = Annotated[
    int, Option(metavar="MB", min=512, help="Memory of one task's process.")
]
Audits: TypeAlias = Annotated[
    bool, Option("--audits", help="Also audits, suggestions, what breaks without.")
]
NoCache: TypeAlias = Annotated[
    bool, Option("--no-cache", help="Search again for what is stored.")
]
Recheck: TypeAlias = Annotated[
    bool, Option("--recheck", help="Search again for every hit and compare.")
]
Fresh: TypeAlias = Annotated[
    bool, Option("--fresh", help="Take up no interrupted run.")
]
RequireSandbox: TypeAlias = Annotated[
    bool, Option("--require-sandbox", help="Refuse to run without namespaces.")
]
StoreFile: TypeAlias = Annotated[
    str, Option("--store", metavar="FILE", help="The suite's store, one file.")
]

Executor: TypeAlias = Annotated[
    Executors, Option(help="Where jobs run: here, or on a Dask cluster.")
]
Scheduler: TypeAlias = Annotated[
    str, Option(metavar="ADDRESS", help="Of the Dask cluster; otherwise one is begun.")
]
Split: TypeAlias = Annotated[
    float,
    Option(
        metavar="SECONDS", min=0, help="Cut a network's query open after this long."
    ),
]


def run(
    library: Library = None,
    jobs: Jobs = 0,
    select: Select = None,
    only: Only = None,
    baseline: Baseline = "",
    allow: Allow = None,
    json: Json = "",
    junit: Junit = "",
    sarif: Sarif = "",
    markdown: Markdown = "",
    trust: Trust = TrustLevel.agreed,
    timeout: Timeout = None,
    limit: Limit = 900.0,
    memory: Memory = 8_192,
    audits: Audits = False,
    no_cache: NoCache = False,
    recheck: Recheck = False,
    fresh: Fresh = False,
    require_sandbox: RequireSandbox = False,
    store: StoreFile = "",
    executor: Executor = Executors.local,
    scheduler: Scheduler = "",
    split: Split = 0.0,
) -> None:
    """Run a library of claims: isolated, remembered, compared.

    An interrupted run is taken up by the next one. On GitHub the summary goes to the
    step's page.

    \b
    Example:
      verify run claims -j 2 --baseline main.jsonl --junit out.xml
    """
    from verify.cli.suite import Request

    request = Request(
        library=tuple(library or ()), select=tuple(select or ()),
        only=tuple(only or ()), workers=jobs,
        baseline=baseline, allow=tuple(allow or ()),
        files={"json": json, "junit": junit, "sarif": sarif, "markdown": markdown},
        trust=trust.value, timeout=timeout, seconds=limit, megabytes=memory,
        audits=audits, reading=not no_cache, recheck=recheck,
        fresh=fresh or no_cache or recheck, require_sandbox=require_sandbox, store=store,
        executor="dask" if scheduler else executor.value, scheduler=scheduler,
        split=split,
    )  # fmt: skip
    raise typer.Exit(carry_out(request))


def carry_out(request: Request) -> Exit:
    """The code that a run ends with. Raises Refusal."""
    from verify.cli.paths import Refusal
    from verify.cli.suite import run_suite
    from verify.suites.cluster import ClusterError
    from verify.suites.database import StoreError
    from verify.suites.nursing import PoolError

    try:
        return run_suite(request)
    except StoreError as error:
        code = Exit.SUSPICIOUS if error.is_ours else Exit.USAGE
        raise Refusal(error.sentence, code) from error
    except ClusterError as error:
        sentence = f"No task can be run: {error}."
        raise Refusal(sentence) from error
    except PoolError as error:
        raise Refusal(f"No task can be run: {error}.", Exit.ALARM) from error
