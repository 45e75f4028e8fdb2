"""`verify net`: one network, one property, one verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.cli.choices import Format, Semantics


def net(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="An ONNX file.")],
    stated: Annotated[
        str,
        typer.Argument(metavar="PROPERTY", help="A VNN-LIB file, version 1.0 or 2.0."),
    ],
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="Stop after this long.")
    ] = 60.0,
    result: Annotated[
        str, typer.Option(metavar="FILE", help="Write the answer for other tools.")
    ] = "",
    format: Annotated[
        Format,
        typer.Option(help="Of the result file; auto: as the property's version."),
    ] = Format.auto,
    certificate: Annotated[
        str, typer.Option(metavar="FILE", help="Write the certificate.")
    ] = "",
    semantics: Annotated[
        Semantics,
        typer.Option(help="Of the verdict; auto: as the property's file says."),
    ] = Semantics.auto,
    shift: Annotated[
        str,
        typer.Option(
            metavar="TIMES",
            help="Also find how far inputs may move from the middle of what the file "
            "allows, looking up to so many times as far; 1 stays inside.",
        ),
    ] = "",
    json: Annotated[
        str,
        typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
    ] = "",
) -> None:
    """Decide whether a network meets a property.

    The file of a property says what must not be reachable: an input that reaches it
    refutes the property, and it is proved when there is none.

    \b
    Example:
      verify net model.onnx property.vnnlib --timeout 60
    """
    import time

    begun = time.monotonic()
    from verify.cli.one_network import Request, decide_request

    request = Request(
        model,
        stated,
        begun + timeout,
        result,
        format,
        certificate,
        semantics,
        shift,
        json,
    )
    raise typer.Exit(decide_request(request, begun))
