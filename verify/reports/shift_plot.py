"""The curve of the worst-case risk as SVG: what is attained, what is proved, the breaks.

Written by hand: a frame, ticks at round numbers, two lines and dots. Nothing is loaded, no
script, no font that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, log10
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

WIDTH: Final = 640
HEIGHT: Final = 400
LEFT: Final = 76
RIGHT: Final = 24
TOP: Final = 48
BOTTOM: Final = 56
MAX_DOTS: Final = 60


class Curve(NamedTuple):
    """Points (budget, risk): attained at every breakpoint, bounded at some budgets."""

    title: str
    across: str
    up: str
    attained: tuple[tuple[Fraction, Fraction], ...]
    bounded: tuple[tuple[Fraction, Fraction], ...]


def _ticks(most: float) -> list[float]:
    """About five round numbers from 0 to `most`."""
    if most <= 0:
        return [0.0]
    rough = most / 5
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [k * step for k in range(int(most / step + 1e-9) + 1)]


def render_curve(curve: Curve) -> str:
    """The plot, an SVG document."""
    ends = [*curve.attained, *curve.bounded]
    most_x = max((float(x) for x, _ in ends), default=1.0) or 1.0
    most_y = (max((float(y) for _, y in ends), default=1.0) or 1.0) * 1.08
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x: float, y: float) -> str:
        return f"{LEFT + wide * x / most_x:.1f},{TOP + high * (1 - y / most_y):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(curve.title)}</text>',
    ]
    for tick in _ticks(most_x):
        place = at(tick, 0).split(",")[0]
        parts.append(
            f'<line x1="{place}" y1="{TOP}" x2="{place}" y2="{HEIGHT - BOTTOM}" '
            'stroke="#e4e4e4"/>'
            f'<text x="{place}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{tick:g}</text>"
        )
    for tick in _ticks(most_y):
        place = at(0, tick).split(",")[1]
        parts.append(
            f'<line x1="{LEFT}" y1="{place}" x2="{WIDTH - RIGHT}" y2="{place}" '
            'stroke="#e4e4e4"/>'
            f'<text x="{LEFT - 8}" y="{place}" dy="4" text-anchor="end">{tick:g}</text>'
        )
    parts.append(
        f'<path d="M{LEFT},{TOP} V{HEIGHT - BOTTOM} H{WIDTH - RIGHT}" fill="none" '
        'stroke="#444"/>'
    )
    middle = LEFT + wide / 2
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">'
        f"{escape(curve.across)}</text>"
        f'<text transform="translate(20,{TOP + high / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(curve.up)}</text>'
    )
    if curve.bounded:
        line = " ".join(at(float(x), float(y)) for x, y in curve.bounded)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="#c0392b" '
            'stroke-width="1.5" stroke-dasharray="6 4"/>'
        )
    line = " ".join(at(float(x), float(y)) for x, y in curve.attained)
    parts.append(
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="2"/>'
    )
    if len(curve.attained) <= MAX_DOTS:
        for x, y in curve.attained:
            left, top = at(float(x), float(y)).split(",")
            parts.append(f'<circle cx="{left}" cy="{top}" r="3" fill="#1f5fa8"/>')
    parts += _legend(bool(curve.bounded))
    return "\n".join([*parts, "</svg>", ""])


def _legend(bounded: bool) -> Sequence[str]:
    found = [
        f'<line x1="{LEFT}" y1="35" x2="{LEFT + 24}" y2="35" stroke="#1f5fa8" '
        f'stroke-width="2"/><text x="{LEFT + 30}" y="39">attained</text>'
    ]
    if bounded:
        found.append(
            f'<line x1="{LEFT + 110}" y1="35" x2="{LEFT + 134}" y2="35" '
            'stroke="#c0392b" stroke-width="1.5" stroke-dasharray="6 4"/>'
            f'<text x="{LEFT + 140}" y="39">proved bound</text>'
        )
    return found
