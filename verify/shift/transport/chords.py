"""Errors between which chords bound a squared loss.

A squared loss is convex in the error, so between two errors it lies below its chord, and
beyond them above it. So a chord may count everywhere, and chords need to be short only
where one would come above the best response: there the errors seen so far cut it. Errors
smaller than the best response need no chord of their own: one flat chord has them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Final

MOST: Final = 64  # cuts
GRID: Final = 2**20  # denominators of cuts that errors suggest
Seen = tuple[Fraction, Fraction]  # an error, and the distance of a point that has it


def find_cuts(
    ends: tuple[Fraction, Fraction],
    seen: Sequence[Seen],
    best: Fraction,
    rate: Fraction,
    slack: Fraction,
) -> tuple[Fraction, ...]:
    """Increasing errors from below all that there are to above them, the two `ends`.

    Chords between them, less `rate` times the distance, come at most a quarter of `slack`
    above `best` at the errors `seen`, as far as so many cuts can do that.
    """
    flat = Fraction(isqrt(int(max(best, Fraction(0)) * GRID * GRID)), GRID)
    inner = {cut for cut in (-flat, flat) if ends[0] < cut < ends[1]}
    cuts = sorted({*ends, *inner})
    ceiling = best + slack / 4
    for error, distance in sorted(seen, key=lambda one: one[1]):
        place = next((k for k, cut in enumerate(cuts) if cut >= error), 0)
        if not place or cuts[place] == error or len(cuts) > MOST:
            continue
        low, high = cuts[place - 1], cuts[place]
        if (low + high) * error - low * high - rate * distance > ceiling:
            cuts.insert(place, _shorten(error, low, high))
    return tuple(cuts)


def _shorten(error: Fraction, low: Fraction, high: Fraction) -> Fraction:
    if error.denominator <= GRID * GRID:
        return error
    near = Fraction(round(error * GRID), GRID)
    return near if low < near < high else error
