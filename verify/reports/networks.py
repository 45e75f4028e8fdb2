"""What a person reads about a network and a property: a few lines and a small table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from verify.language.verdicts import Counterexample, Verdict
from verify.reports import words
from verify.reports.characters import escape, wrap
from verify.reports.lines import Line, Look, Span, line
from verify.reports.paragraphs import quote
from verify.reports.points import render_point

MAX_NAMES: Final = 3  # of inputs that vary


def render_network(name: str, network: Mapping[str, Any]) -> Line:
    """`net.onnx: 5 inputs, 5 outputs, 300 relu units, 13,305 parameters`."""
    units = [
        words.count(count, f"{kind} unit") for kind, count in network["units"].items()
    ]
    parts = [
        words.count(network["inputs"], "input"),
        words.count(network["outputs"], "output"),
        *units,
        words.count(network["layers"], "layer"),
        words.count(network["parameters"], "parameter"),
    ]
    return line(Span(escape(name), "document"), f": {', '.join(parts)}")


def render_property(
    name: str,
    cases: int,
    inputs: int = 0,
    varying: Sequence[str] = (),
    *,
    in_a_row: bool = False,
) -> Line:
    """`prop.vnnlib: 1 case, 8 of 792 inputs vary: X_784 to X_791`.

    `varying` are the names of those inputs where the others are pinned, else empty.
    """
    said = f": {words.count(cases, 'case')}"
    if varying:
        verb = "varies" if len(varying) == 1 else "vary"
        said += f", {len(varying):,} of {words.count(inputs, 'input')} {verb}"
        if len(varying) <= MAX_NAMES:
            said += f": {words.listed(tuple(varying))}"
        elif in_a_row:
            said += f": {varying[0]} to {varying[-1]}"
    return line(Span(escape(name), "document"), escape(said))


def render_verdict(verdict: Verdict, look: Look) -> tuple[Line, ...]:
    """The verdict with trust and semantics, its reason, and the counterexample."""
    said = f"{words.symbol(verdict.status, look)} {words.describe(verdict)}"
    cells = verdict.data.get("cells")
    effort = f", {cells:,} cells" if isinstance(cells, int) and cells > 1 else ""
    semantics = f", {escape(verdict.semantics)}" if verdict.trust else ""
    head = line(
        Span(said, verdict.status),
        semantics,
        Span(f"  {words.duration(verdict.seconds)}{effort}", "time"),
    )
    out = [head, *_sentences(verdict, look)]
    if verdict.counterexample is not None:
        out += _render_counterexample(verdict.counterexample, verdict, look)
    return tuple(out)


def _sentences(verdict: Verdict, look: Look) -> list[Line]:
    said = [verdict.message] if verdict.message else []
    match verdict.data:
        case {"float32": {"detail": str(detail)}} if detail:
            said.append(f"float32: {detail}")
    match verdict.data:
        case {"no_certificate": str(why)}:
            said.append(f"no certificate: {why}")
    return [
        line(f"  {text}")
        for sentence in said
        for text in wrap(escape(sentence), look.width - 2)
    ]


def _render_counterexample(
    world: Counterexample, verdict: Verdict, look: Look
) -> list[Line]:
    case = verdict.data.get("case", 1)
    head = line(f"  A point of case {case}, evaluated exactly, at tolerance 0:")
    return [head, *render_point(world, verdict.data, look)]


def render_next(verdict: Verdict, *, kept: str) -> tuple[Line, ...]:
    """The next command; `kept` is the certificate's file, if there is one."""
    models = " ".join(quote(model) for model in verdict.label.split(" "))
    again = f"verify net {models} {quote(verdict.document)}"
    if kept:
        command = f"verify replay {quote(kept)}"
    elif verdict.status == "undecided" and verdict.reason == "timeout":
        command = f"{again} --timeout {max(2 * round(verdict.seconds), 2)}"
    elif "moves" in verdict.data and "shift" not in verdict.data:
        command = f"{again} --shift 1"
    elif verdict.trust == "certified":
        command = f"{again} --certificate certificate.jsonl"
    else:
        return ()
    return (line("  Next: ", Span(command, "command")),)
