"""Finite tables as text: a countermodel's functions, a lattice, the cuts of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verify.language.verdicts import Table
from verify.reports.characters import escape, pad, width
from verify.reports.lines import Line, Look, Span, line

GAP: Final = 3
MAX_CELL: Final = 48


def render_table(table: Table, look: Look, indent: int = 6) -> tuple[Line, ...]:
    """The table with a line a row, columns as wide as they need and the screen allows.

    Columns that do not fit beside the others go below them, under the first one again.
    """
    header = tuple(map(escape, table.header))
    rows = [tuple(map(escape, row)) for row in table.rows]
    grid = [header, *rows] if any(header) else rows
    columns = max(map(len, grid), default=0)
    widths = [
        min(max((width(r[i]) for r in grid if i < len(r)), default=0), MAX_CELL)
        for i in range(columns)
    ]
    is_titled = table.title and table.title not in table.header
    out = [line(" " * indent + escape(table.title))] if is_titled else []
    for chosen in _bands(widths, look.width - indent):
        for place, row in enumerate(grid):
            texts = [pad(row[i] if i < len(row) else "", widths[i]) for i in chosen]
            style = "heading" if place == 0 and any(header) else ""
            out.append(
                line(" " * indent, Span((" " * GAP).join(texts).rstrip(), style))
            )
    return tuple(out)


def _bands(widths: Sequence[int], room: int) -> list[list[int]]:
    """Groups of columns that fit side by side, each starting with the first column."""
    if not widths:
        return []
    bands = [[0]]
    used = widths[0]
    for column in range(1, len(widths)):
        if used + GAP + widths[column] > room and len(bands[-1]) > 1:
            bands.append([0])
            used = widths[0]
        bands[-1].append(column)
        used += GAP + widths[column]
    return bands


def render_constants(
    constants: Sequence[tuple[str, str]], look: Look, indent: int = 6
) -> tuple[Line, ...]:
    """`K = 2   c = 1`: as many on a line as fit."""
    lines: list[Line] = []
    text = ""
    for name, value in constants:
        part = f"{escape(name)} = {escape(value)}"
        if text and indent + width(text) + GAP + width(part) > look.width:
            lines.append(line(" " * indent + text))
            text = ""
        text += " " * GAP + part if text else part
    if text:
        lines.append(line(" " * indent + text))
    return tuple(lines)
