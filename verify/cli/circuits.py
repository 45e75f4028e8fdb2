"""`verify circuits`: units that training never uses, and what could stand there."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Loss(StrEnum):
    """What `--loss` may be."""

    l1 = "l1"
    squared = "squared"
    hinge = "hinge"
    zero_one = "zero_one"
    linf = "linf"


def circuits(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="An ONNX file.")],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A CSV file; columns y... are targets or labels."
        ),
    ],
    train: Annotated[
        str, typer.Option(metavar="REGION", help="Inputs that training may meet.")
    ] = "",
    deploy: Annotated[
        str, typer.Option(metavar="REGION", help="Inputs that deployment may meet.")
    ] = "",
    loss: Annotated[Loss, typer.Option(help="Summed over the data.")] = Loss.squared,
    out: Annotated[
        str,
        typer.Option(metavar="DIR", help="Write replaced networks and evidence."),
    ] = "",
    picture: Annotated[
        str, typer.Option(metavar="FILE", help="Write the network as SVG.")
    ] = "",
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="Stop after this long.")
    ] = 300.0,
    json: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
    ] = "",
) -> None:
    """Find units that are silent on the data, and lower-loss parameters for them.

    A REGION is parts between semicolons, all of which hold: box (of the data),
    box + 1/2, 0:16 (every input), a linear formula over the inputs' names, a CSV file
    of points or a VNN-LIB file. Ends with 0 once the report is there, whatever it says.

    \b
    Example:
      verify circuits model.onnx train.csv --train box --deploy "box + 1" --out replaced
    """
    import time

    begun = time.monotonic()
    from verify.cli.circuits_run import Request, run_request

    request = Request(
        model, data, train, deploy, loss.value, out, picture, begun + timeout, json
    )
    raise typer.Exit(run_request(request))
