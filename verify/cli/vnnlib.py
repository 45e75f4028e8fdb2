"""`verify vnnlib`: the command line that the VNN-LIB 2.0 standard prescribes.

Chapter "Command-line Interface" of the standard: the answer and its assignment on standard
output, everything else on standard error; `supports` tells tools what can be asked here.
A query about float32 is answered only where the answer holds for float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import typer

from verify.cli.choices import Format, Semantics

NAME: Final = "verify"
MIN_VERSION, MAX_VERSION = "2.0", "2.0"

app = typer.Typer(
    name="vnnlib",
    help="The command line of the VNN-LIB 2.0 standard."
    "\n\n\b\nExample:\n  verify vnnlib verify query.vnnlib --network f=model.onnx",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def describe(
    name: Annotated[bool, typer.Option("--name", help="Print the name.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.")
    ] = False,
) -> None:
    """The command line of the VNN-LIB 2.0 standard.

    \b
    Example:
      verify vnnlib verify query.vnnlib --network f=model.onnx --timeout 10
    """
    from verify.cli.doctor import version_of

    if name:
        print(NAME)
    if version:
        print(version_of("verify"))
    if name or version:
        raise typer.Exit(0)


@app.command()
def verify(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A VNN-LIB 2.0 file.")],
    network: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help="The ONNX file of a declared network."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="Stop after this long.")
    ] = 60.0,
    semantics: Annotated[
        Semantics,
        typer.Option(help="real accepts verdicts over the reals on queries of floats."),
    ] = Semantics.auto,
) -> None:
    """Decide a query: sat with an assignment, unsat, unknown or timed-out.

    \b
    Example:
      verify vnnlib verify query.vnnlib --network f=a.onnx --network g=b.onnx
    """
    import sys
    import time

    from verify.cli.answering import (
        apply_semantics,
        find_answer,
        render_result,
    )
    from verify.cli.paths import Refusal, quoted
    from verify.cli.querying import read_asked
    from verify.networks.properties.vnnlib2 import Parsed
    from verify.reports.characters import escape

    begun = time.monotonic()
    asked = read_asked(query, read_networks(network or []))
    if not isinstance(asked.stated, Parsed):
        raise Refusal(
            f"{quoted(query)} is of VNN-LIB 1.0; run: verify net MODEL PROPERTY"
        )
    judgement = find_answer(asked, begun + timeout, semantics, certify=False)
    judgement = apply_semantics(asked, judgement, semantics)
    print(render_result(asked, judgement, Format.vnnlib, semantics), end="")
    if judgement.detail:
        print(f"verify: {escape(judgement.detail)}", file=sys.stderr)


def read_networks(given: list[str]) -> dict[str, str]:
    """The files by declared name; raises Refusal for what is no NAME=FILE."""
    from verify.cli.paths import Refusal, quoted

    networks: dict[str, str] = {}
    for text in given:
        name, sign, file = text.partition("=")
        if not sign or not name or not file:
            raise Refusal(f"Expected --network NAME=FILE, got {quoted(text)}.")
        if name in networks:
            raise Refusal(f"Two files are given for the network {quoted(name)}.")
        networks[name] = file
    return networks


Flag = Annotated[bool, typer.Option()]


@app.command()
def supports(
    onnx_opset_versions: Flag = False,
    onnx_element_types: Flag = False,
    onnx_operators: Flag = False,
    vnnlib_versions: Flag = False,
    hidden_node_theories: Flag = False,
    multiple_input_output_theories: Flag = False,
    multiple_network_theories: Flag = False,
    multiple_node_comparison_theories: Flag = False,
    arithmetic_complexity_theories: Flag = False,
    optimised_disjunctive_reasoning: Flag = False,
    serialise_assignments: Flag = False,
) -> None:
    """Say what queries and networks can be decided: one capability at a time.

    \b
    Example:
      verify vnnlib supports --onnx-operators
    """
    from verify.cli.paths import Refusal

    asked = [name for name, wanted in locals().items() if wanted is True]
    if len(asked) != 1:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in CAPABILITIES)
        raise Refusal(f"Ask for one capability of: {named}.")
    print("\n".join(CAPABILITIES[asked[0]]()))


def _opsets() -> list[str]:
    from verify.networks.reading.onnx_graph import MAX_OPSET, MIN_OPSET

    return [str(MIN_OPSET), str(MAX_OPSET)]


def _operators() -> list[str]:
    from verify.networks.reading.operators import OPERATORS

    return sorted(OPERATORS)


# Only `real`: an element type is listed where every answer is about it, and of float32
# some are refused. SNET and the others are the theories of the standard's chapter 5.
CAPABILITIES: Final[dict[str, Callable[[], list[str]]]] = {
    "onnx_opset_versions": _opsets,
    "onnx_element_types": lambda: ["real"],
    "onnx_operators": _operators,
    "vnnlib_versions": lambda: [MIN_VERSION, MAX_VERSION],
    "hidden_node_theories": lambda: ["NH"],
    "multiple_input_output_theories": lambda: ["SIO", "MIO"],
    "multiple_network_theories": lambda: ["SNET", "MENET", "MINET", "MNET"],
    "multiple_node_comparison_theories": lambda: ["SNC", "MNC"],
    "arithmetic_complexity_theories": lambda: ["BND", "OUTC", "LIN"],
    "optimised_disjunctive_reasoning": lambda: ["false"],
    "serialise_assignments": lambda: ["false"],
}
