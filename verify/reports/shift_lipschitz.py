"""`verify shift --lipschitz` in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.language.verdicts import Table
from verify.networks.records import write_number
from verify.reports.characters import escape
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, Span, line
from verify.shift.lipschitz.pieces import Pair
from verify.shift.lipschitz.steepest import Steepness

MAX_ROWS: Final = 20
LONG: Final = 14
DIGITS: Final = 6
CERTIFIED: Final = "certified"
RIGOROUS: Final = "rigorous"


class Constant(NamedTuple):
    """One constant: around data point `sample` (from 0; None: of the whole region), and
    what its bound rests on; empty where there is no bound."""

    sample: int | None
    found: Steepness
    trust: str


class ToldLipschitz(NamedTuple):
    """All that a report tells; `within` is None for the whole region."""

    model: str
    data: str
    region: str
    ground: str
    within: Fraction | None
    constants: tuple[Constant, ...]
    seconds: float


def _short(value: Fraction) -> str:
    text = str(value) if value.denominator == 1 else write_number(value)
    return text if len(text) <= LONG else f"~{float(value):.{DIGITS}g}"


def find_state(found: Steepness) -> str:
    """open, exact or bounded."""
    if found.upper is None:
        return "open"
    return "exact" if found.is_exact else "bounded"


def _known(found: Steepness) -> str:
    if found.upper is None:
        return "open"
    if found.is_exact:
        return "exact"
    return f"within {float(found.upper - found.lower):.2g}"


def _outer(found: Steepness) -> str:
    return "not bounded" if found.upper is None else _short(found.upper)


def render_lipschitz(
    told: ToldLipschitz, look: Look, written: Sequence[str]
) -> tuple[Line, ...]:
    """The constant or a table of them, the pair that attains the largest, what is next."""
    where = f"region {told.region}"
    if told.within is not None:
        where = f"within {_short(told.within)} of each data point, in {where}"
    out = [
        line(Span(escape(told.model), "document"), ": Lipschitz constant, ",
             f"{told.ground} distance of inputs, the output that changes most"),
        line(f"{escape(where)} of ", Span(escape(told.data), "document")),
    ]  # fmt: skip
    ranked = sorted(told.constants, key=lambda one: -one.found.lower)
    rows: list[tuple[str, ...]] = [
        (
            "" if one.sample is None else str(one.sample + 1),
            _short(one.found.lower), _outer(one.found), _known(one.found), one.trust,
        )
        for one in ranked[:MAX_ROWS]
    ]  # fmt: skip
    header: tuple[str, ...] = ("point", "attained", "at most", "", "trust")
    if told.within is None:
        rows, header = [row[1:] for row in rows], header[1:]
    out += render_table(Table(title="", header=header, rows=tuple(rows)), look, 2)
    if len(ranked) > MAX_ROWS:
        out.append(line(f"  {len(ranked) - MAX_ROWS} points with smaller constants"))
    if told.within is not None:
        exact = sum(one.found.is_exact for one in ranked)
        out.append(line(f"  exact at {exact} of {len(ranked)} points"))
    if ranked and ranked[0].found.pair is not None:
        out += _pair(ranked[0].found.pair)
    out += [line(f"  {escape(text)}") for text in written]
    out.append(line(Span(f"  {told.seconds:.1f} s", "time")))
    out.append(line("  Next: ", Span(_next(told), "command")))
    return tuple(out)


def _pair(pair: Pair) -> tuple[Line, ...]:
    moved = [
        f"x{k + 1} {_short(a)} to {_short(b)}"
        for k, (a, b) in enumerate(zip(pair.start, pair.end, strict=True))
        if a != b
    ]
    more = f", {len(moved) - 4} more" if len(moved) > 4 else ""
    return (
        line(f"  attained by two points {_short(pair.distance)} apart: output "
             f"{pair.output + 1} changes by {_short(pair.change)}"),
        line(f"    {', '.join(moved[:4])}{more}"),
    )  # fmt: skip


def _next(told: ToldLipschitz) -> str:
    asked = f"verify shift {escape(told.model)} {escape(told.data)} --lipschitz"
    if any(not one.found.is_exact for one in told.constants):
        return f"{asked} with a longer --timeout, or --within a smaller radius"
    if told.within is None:
        return f"{asked} --within 1/10"
    return f"{asked} --json constants.jsonl"
