"""Tables in Markdown and cactus plots as SVG, written by hand: nothing to install."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from engines import Run

SOLVED = ("sat", "unsat")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 440, 70, 60, 40, 180
COLOURS = (
    "#1b6ca8",
    "#d1495b",
    "#2e933c",
    "#8e5ea2",
    "#e39d2d",
    "#3c3c3c",
    "#00798c",
    "#a0a0a0",
)
DASHES = ("", "6 3", "2 3", "8 3 2 3")


def write_table(
    names: Sequence[str],
    engines: Sequence[str],
    runs: Mapping[tuple[str, str], Run],
    limits: Mapping[str, float],
    expected: Mapping[str, str],
) -> str:
    """A row an instance, totals below; seconds of what is not solved count as its limit."""
    lines = ["| instance | expected | " + " | ".join(engines) + " |"]
    lines.append("|---" * (len(engines) + 2) + "|")
    for name in names:
        cells = [_cell(runs.get((name, engine))) for engine in engines]
        lines.append(
            f"| {name} | {expected.get(name, '')} | " + " | ".join(cells) + " |"
        )
    for title, total in (
        ("solved", _solved),
        ("seconds", _seconds),
        ("median", _median),
    ):
        cells = [total(names, engine, runs, limits) for engine in engines]
        lines.append(f"| **{title}** | | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _cell(run: Run | None) -> str:
    return "" if run is None else f"{run.answer} {run.seconds:.3f}"


def _solved(
    names: Sequence[str], engine: str, runs: Mapping[tuple[str, str], Run], _: object
) -> str:
    return str(
        sum(
            runs[name, engine].answer in SOLVED
            for name in names
            if (name, engine) in runs
        )
    )


def _times(
    names: Sequence[str],
    engine: str,
    runs: Mapping[tuple[str, str], Run],
    limits: Mapping[str, float],
) -> list[float]:
    taken = ((name, runs[name, engine]) for name in names if (name, engine) in runs)
    return sorted(
        run.seconds if run.answer in SOLVED else limits[name] for name, run in taken
    )


def _seconds(
    names: Sequence[str],
    engine: str,
    runs: Mapping[tuple[str, str], Run],
    limits: Mapping[str, float],
) -> str:
    return f"{sum(_times(names, engine, runs, limits)):.2f}"


def _median(
    names: Sequence[str],
    engine: str,
    runs: Mapping[tuple[str, str], Run],
    limits: Mapping[str, float],
) -> str:
    times = _times(names, engine, runs, limits)
    return f"{times[len(times) // 2]:.3f}" if times else ""


def write_cactus(
    title: str,
    names: Sequence[str],
    engines: Sequence[str],
    runs: Mapping[tuple[str, str], Run],
) -> str:
    """Instances solved (across) within so many seconds each (up, logarithmic)."""
    curves = {
        engine: sorted(
            max(run.seconds, 1e-3)
            for name in names
            if (run := runs.get((name, engine))) and run.answer in SOLVED
        )
        for engine in engines
    }
    every = [value for curve in curves.values() for value in curve] or [1.0]
    low, high = (
        floor(log10(min(every))),
        max(ceil(log10(max(every))), floor(log10(min(every))) + 1),
    )
    across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(count: float) -> float:
        return LEFT + across * count / max(len(names), 1)

    def y(seconds: float) -> float:
        return TOP + up * (high - log10(seconds)) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{_escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        height = y(10.0**power)
        parts.append(
            f'<line x1="{LEFT}" x2="{LEFT + across}" y1="{height:.1f}" y2="{height:.1f}" stroke="#ddd"/>'
        )
        label = f"{10.0**power:g} s"
        parts.append(
            f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{label}</text>'
        )
    for count in sorted(
        {0, *range(0, len(names) + 1, max(1, len(names) // 8)), len(names)}
    ):
        if count != len(names) and len(names) - count < max(1, len(names) // 16):
            continue
        parts.append(
            f'<text x="{x(count):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{count}</text>'
        )
    parts.append(
        f'<text x="{LEFT + across / 2}" y="{HEIGHT - 16}" text-anchor="middle">instances solved</text>'
    )
    for place, (engine, curve) in enumerate(curves.items()):
        colour, dash = (
            COLOURS[place % len(COLOURS)],
            DASHES[place // len(COLOURS) % len(DASHES)],
        )
        points = " ".join(
            f"{x(k):.1f},{y(value):.1f}" for k, value in enumerate(curve, 1)
        )
        style = (
            f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        )
        parts.append(f'<polyline points="{points}" {style}/>')
        parts += [
            f'<circle cx="{x(k):.1f}" cy="{y(value):.1f}" r="2" fill="{colour}"/>'
            for k, value in enumerate(curve, 1)
        ]
        level = TOP + 10 + 20 * place
        parts.append(
            f'<line x1="{WIDTH - RIGHT + 14}" x2="{WIDTH - RIGHT + 38}" y1="{level}" y2="{level}" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts.append(
            f'<text x="{WIDTH - RIGHT + 44}" y="{level + 4}">{_escape(engine)} ({len(curve)})</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
