"""Square systems of whole numbers, solved exactly without fractions (Bareiss 1968)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul


def solve_square(
    rows: Sequence[Sequence[int]], right: Sequence[int]
) -> list[Fraction] | None:
    """The x with rows @ x = right; None when it is not unique."""
    size = len(rows)
    wide = [[*row, value] for row, value in zip(rows, right, strict=True)]
    last = 1
    for place in range(size):
        pivot = next((at for at in range(place, size) if wide[at][place]), None)
        if pivot is None:
            return None
        wide[place], wide[pivot] = wide[pivot], wide[place]
        own = wide[place]
        head = own[place]
        for at in range(place + 1, size):
            row = wide[at]
            factor = row[place]
            wide[at] = [0] * (place + 1) + [
                (head * a - factor * b) // last
                for a, b in zip(row[place + 1 :], own[place + 1 :], strict=True)
            ]
        last = head
    found = [0] * size  # times the last pivot, which is the determinant up to its sign
    for place in reversed(range(size)):
        row = wide[place]
        rest = sum(map(mul, row[place + 1 : size], found[place + 1 :]))
        found[place] = (last * row[size] - rest) // row[place]
    return [Fraction(value, last) for value in found]
