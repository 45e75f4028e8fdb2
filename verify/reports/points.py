"""A point at which networks were evaluated: what a terminal has room for of its tables.

Where most inputs are pinned, the point is told by those that vary: how far each is from
the middle of its range, and which part that is of what the file allows. JSON has all rows
and the exact numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from verify.language.verdicts import Counterexample, Table
from verify.networks.properties.numerals import round_decimal
from verify.reports import words
from verify.reports.characters import width
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, line

MAX_ROWS: Final = 12  # of a table
MAX_COLUMNS: Final = 4
MAX_NUMBER: Final = 22  # characters
DIGITS: Final = 10
MOVED: Final = ("input", "value", "from the middle", "of what is allowed")


def render_point(
    world: Counterexample, data: Mapping[str, object], look: Look
) -> tuple[Line, ...]:
    """The tables of a verdict's counterexample; `data` is the verdict's."""
    out: list[Line] = []
    moves = data.get("moves")
    for table in world.tables:
        if table.title == "inputs" and isinstance(moves, dict):
            out += render_moved(moves["inputs"], look)
            pinned = words.count(moves["pinned"], "pinned input")
            out.append(line(f"      and {pinned}"))
            continue
        out += render_table(_small(table), look)
        left_out = len(table.rows) - MAX_ROWS
        if left_out > 0:
            out.append(line(f"      and {words.count(left_out, table.header[0])} more"))
    return tuple(out)


def render_moved(moves: Sequence[Mapping[str, str]], look: Look) -> tuple[Line, ...]:
    """The inputs that vary at a point; of very many those that moved furthest."""
    shown = list(moves)
    if len(shown) > MAX_ROWS:
        shown = sorted(shown, key=lambda one: -abs(Fraction(one["part"])))[:MAX_ROWS]
    rows = tuple(
        (
            one["input"],
            shorten(one["value"]),
            shorten(one["moved"]),
            f"{float(100 * Fraction(one['part'])):+.1f} %",
        )
        for one in shown
    )
    out = render_table(Table(title="", header=MOVED, rows=rows), look)
    left_out = len(moves) - len(shown)
    if not left_out:
        return out
    rest = words.count(left_out, "input")
    return (*out, line(f"      and {rest} that moved no further"))


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
