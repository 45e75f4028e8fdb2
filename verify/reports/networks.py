"""What a person reads about a network and a property: a few lines and a small table."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from verify.language.verdicts import Counterexample, Table, Verdict
from verify.networks.properties.numerals import round_decimal
from verify.reports import words
from verify.reports.characters import escape, width, wrap
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, Span, line
from verify.reports.paragraphs import quote

MAX_ROWS: Final = 12  # of a table on the terminal; the JSON has all
MAX_COLUMNS: Final = 4
MAX_NUMBER: Final = 22  # characters of a number on the terminal
DIGITS: Final = 10


def render_network(name: str, network: Mapping[str, Any]) -> Line:
    """`net.onnx: 5 inputs, 5 outputs, 300 relu units, 13,305 parameters`."""
    units = [_count(count, f"{kind} unit") for kind, count in network["units"].items()]
    parts = [
        _count(network["inputs"], "input"),
        _count(network["outputs"], "output"),
        *units,
        _count(network["layers"], "layer"),
        _count(network["parameters"], "parameter"),
    ]
    return line(Span(escape(name), "document"), f": {', '.join(parts)}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def render_property(name: str, cases: int) -> Line:
    """`prop.vnnlib: 4 cases`."""
    return line(Span(escape(name), "document"), f": {_count(cases, 'case')}")


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
    out = [line(f"  A point of case {case}, evaluated exactly, at tolerance 0:")]
    for table in world.tables:
        out += render_table(_small(table), look)
        left_out = len(table.rows) - MAX_ROWS
        if left_out > 0:
            out.append(line(f"      and {_count(left_out, table.header[0])} more"))
    return out


def _small(table: Table) -> Table:
    """The table without what a terminal has no room for, its numbers rounded."""
    return Table(
        title="",
        header=tuple(text.partition(",")[0] for text in table.header[:MAX_COLUMNS]),
        rows=tuple(
            (row[0], *map(shorten, row[1:MAX_COLUMNS])) for row in table.rows[:MAX_ROWS]
        ),
    )


def shorten(text: str) -> str:
    """A number's text if it is short, else about what it is, marked with `~`."""
    if width(text) <= MAX_NUMBER:
        return text
    low = text.partition(" ")[0].lstrip("~")
    return f"~{round_decimal(Fraction(low), DIGITS)}"


def render_next(verdict: Verdict, *, kept: str) -> tuple[Line, ...]:
    """The next command; `kept` is the certificate's file, if there is one."""
    models = " ".join(quote(model) for model in verdict.label.split(" "))
    again = f"verify net {models} {quote(verdict.document)}"
    if kept:
        command = f"verify replay {quote(kept)}"
    elif verdict.status == "undecided" and verdict.reason == "timeout":
        command = f"{again} --timeout {max(2 * round(verdict.seconds), 2)}"
    elif verdict.trust == "certified":
        command = f"{again} --certificate certificate.jsonl"
    else:
        return ()
    return (line("  Next: ", Span(command, "command")),)
