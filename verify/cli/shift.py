"""`verify shift`: how bad a network's risk can become when the data shift by so much."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Ball(StrEnum):
    """What `--ball` may be."""

    wasserstein = "wasserstein"
    tv = "tv"
    subpopulation = "subpopulation"
    mixture = "mixture"
    region = "region"


class Loss(StrEnum):
    """What `--loss` may be."""

    l1 = "l1"
    squared = "squared"
    hinge = "hinge"
    zero_one = "zero_one"


class Ground(StrEnum):
    """What `--ground` may be."""

    l1 = "l1"
    linf = "linf"


def shift(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="An ONNX file.")],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A CSV file; columns y... are targets or labels, weight and group as named.",
        ),
    ],
    budget: Annotated[
        str,
        typer.Option(
            metavar="BUDGET", help="How much may shift: 1/2, a list 0,1/4,1/2 or 0:1/2."
        ),
    ] = "0:1/2",
    ball: Annotated[
        Ball, typer.Option(help="Which distributions are near.")
    ] = Ball.wasserstein,
    loss: Annotated[Loss, typer.Option(help="Its mean is the risk.")] = Loss.l1,
    region: Annotated[
        str,
        typer.Option(
            metavar="REGION",
            help="Where points may move: box (of the data), box + 1/2, 0:16, or free.",
        ),
    ] = "box",
    ground: Annotated[
        Ground, typer.Option(help="The distance of wasserstein.")
    ] = Ground.l1,
    steps: Annotated[
        int, typer.Option(min=2, max=200, help="Budgets in a range such as 0:1/2.")
    ] = 11,
    rows: Annotated[
        int, typer.Option(min=0, help="Use the first so many data points; 0: all.")
    ] = 0,
    gap: Annotated[
        str,
        typer.Option(
            metavar="GAP",
            help="What a bound may lie above what is attained; 0: nothing.",
        ),
    ] = "",
    worst: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write the worst distributions as CSV."),
    ] = "",
    plot: Annotated[
        str, typer.Option(metavar="FILE", help="Write the curve as SVG.")
    ] = "",
    evidence: Annotated[
        str, typer.Option(metavar="DIR", help="Write the certificates and their sum.")
    ] = "",
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="Stop after this long.")
    ] = 300.0,
    json: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
    ] = "",
) -> None:
    """Find the worst risk within a budget of shift, with evidence on both sides.

    What is attained comes with the distribution that attains it, evaluated exactly; what
    is bounded, with a certificate for each data point. Where they meet the value is exact.

    \b
    Example:
      verify shift model.onnx data.csv --ball wasserstein --budget 0:1/2 --plot curve.svg
    """
    import time

    begun = time.monotonic()
    from verify.cli.shift_run import Request, run_request

    request = Request(
        model, data, budget, ball.value, loss.value, region, ground.value, steps, rows,
        gap, worst, plot, evidence, begun + timeout, json,
    )  # fmt: skip
    raise typer.Exit(run_request(request, begun))
