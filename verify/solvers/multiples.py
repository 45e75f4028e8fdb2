"""Equations times monomials: which ones can help anything cancel.

An equation may be used with any polynomial as its factor, so with any monomials. Worth
trying are those that carry one of its monomials onto one that occurs already; that brings
in new ones, for which the next round looks again. Those that bring in fewest come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from verify.solvers.elimination import require_time
from verify.solvers.packed import (
    MAX_DEGREE,
    Packed,
    degree,
    degree_of,
    divides,
    monomials_of,
)
from verify.solvers.substitution import System

MAX_MULTIPLES: Final = 120


class Multiple(NamedTuple):
    """An equation times a monomial, expanded."""

    poly: Packed
    equation: int
    factor: int


def make_multiples(
    system: System, polys: Sequence[Packed], rounds: int, deadline: float
) -> list[Multiple]:
    """Equations times the monomials that let them meet what occurs, round by round.

    Raises OutOfTime.
    """
    found = [Multiple(item.poly, at, 0) for at, item in enumerate(system.equations)]
    taken = {(multiple.equation, 0) for multiple in found}
    seen = monomials_of(polys)
    highest = min(max(map(degree, seen), default=0) + 1, 2 * MAX_DEGREE)
    for _ in range(rounds if found else 0):
        seen |= monomials_of([multiple.poly for multiple in found])
        ranked: list[tuple[int, int, int, int]] = []
        for at, equation in enumerate(system.equations):
            room = highest - degree_of(equation.poly)
            factors: set[int] = set()
            for part in equation.poly:
                require_time(deadline)
                factors |= {whole - part for whole in seen if divides(part, whole)}
            for factor in factors:
                size = degree(factor)
                if size <= room and (at, factor) not in taken:
                    fresh = sum(part + factor not in seen for part in equation.poly)
                    ranked.append((fresh, size, at, factor))
        for _, _, at, factor in sorted(ranked)[:MAX_MULTIPLES]:
            taken.add((at, factor))
            poly = system.equations[at].poly
            shifted = {part + factor: value for part, value in poly.items()}
            found.append(Multiple(shifted, at, factor))
    return found
