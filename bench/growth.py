"""Growth curves as SVG, written by hand like the cactus plots: seconds against a size."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10

from plots import BOTTOM, COLOURS, DASHES, HEIGHT, LEFT, RIGHT, TOP, WIDTH

Curve = Mapping[int, float]  # size -> seconds


def write_growth(title: str, label: str, curves: Mapping[str, Curve]) -> str:
    """A line for each name, seconds upward (logarithmic), the size across."""
    every = [max(s, 1e-3) for curve in curves.values() for s in curve.values()] or [1.0]
    sizes = sorted({size for curve in curves.values() for size in curve}) or [0]
    low = floor(log10(min(every)))
    high = max(ceil(log10(max(every))), low + 1)
    across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(size: float) -> float:
        return LEFT + across * (size - sizes[0]) / max(sizes[-1] - sizes[0], 1)

    def y(seconds: float) -> float:
        return TOP + up * (high - log10(max(seconds, 1e-3))) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{title}</text>',
    ]
    for power in range(low, high + 1):
        level = y(10.0**power)
        parts += [
            f'<line x1="{LEFT}" x2="{LEFT + across}" y1="{level:.1f}" y2="{level:.1f}" stroke="#ddd"/>',
            f'<text x="{LEFT - 8}" y="{level + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>',
        ]
    for size in sizes:
        parts.append(
            f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{size}</text>'
        )
    parts.append(
        f'<text x="{LEFT + across / 2}" y="{HEIGHT - 16}" text-anchor="middle">{label}</text>'
    )
    for place, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[place % len(COLOURS)]
        dash = DASHES[place // len(COLOURS) % len(DASHES)]
        style = (
            f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        )
        points = " ".join(f"{x(k):.1f},{y(s):.1f}" for k, s in sorted(curve.items()))
        level = TOP + 10 + 20 * place
        end = WIDTH - RIGHT
        parts.append(f'<polyline points="{points}" {style}/>')
        parts += [
            f'<circle cx="{x(k):.1f}" cy="{y(s):.1f}" r="3" fill="{colour}"/>'
            for k, s in curve.items()
        ]
        parts.append(
            f'<line x1="{end + 14}" x2="{end + 38}" y1="{level}" y2="{level}" {style}/>'
        )
        parts.append(f'<text x="{end + 44}" y="{level + 4}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
