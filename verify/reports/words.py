"""The words and symbols of a verdict, the same in every report.

A verdict is always a word; symbol and colour only repeat it. `proved` is never said
without the trust it has, and neither is `refuted`.
"""

from __future__ import annotations

from typing import Final

from verify.language.verdicts import Status, Verdict
from verify.reports.lines import Look

SYMBOLS: Final[dict[Status, tuple[str, str]]] = {
    "proved": ("✓", "+"),
    "refuted": ("✗", "x"),
    "undecided": ("?", "?"),
    "vacuous": ("∅", "0"),
    "admitted": ("–", "-"),
    "blocked": ("◇", "#"),
    "error": ("!", "!"),
}

ORDER: Final[tuple[Status, ...]] = tuple(SYMBOLS)
WARNING: Final = ("⚠", "*")
DOT: Final = ("·", "|")


def symbol(status: Status, look: Look) -> str:
    """The sign of a status: never the only carrier of it."""
    return SYMBOLS[status][0 if look.symbols else 1]


def either(pair: tuple[str, str], look: Look) -> str:
    """The first of the pair, or its ASCII stand-in."""
    return pair[0 if look.symbols else 1]


def describe(verdict: Verdict) -> str:
    """`proved (certified)`, `undecided (timeout)`: the status with its qualification."""
    aside: str = verdict.reason if verdict.status == "undecided" else verdict.trust
    if verdict.status == "proved" and not aside:
        aside = "no trust stated"
    return f"{verdict.status} ({aside})" if aside else verdict.status


def duration(seconds: float) -> str:
    """A time for a person: `12 ms`, `1.3 s`, `124 s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{round(seconds)} s"


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 input`, `3,000 inputs`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
