"""Sums of squares: semidefinite programming proposes, exact arithmetic decides.

A contradiction is sought as products of hypotheses times sums of squares (Stengle 1974;
Parrilo 2000). The engine is asked for matrices as far inside the cone as possible. Where
there is room inside, rounding its point to small denominators stays inside, the
equations are met exactly by solving for the rest, and an exact LDL' decomposition writes
the matrices as sums of squares (Peyrl and Parrilo 2008). Where there is none, because an
inequality is tight somewhere, the matrices share null vectors: these are read off, made
rational, and the bases are cut down to what is orthogonal to them (Monniaux and Corbineau
2011). A wrong guess costs the proof, never its truth.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from verify.solvers.elimination import OutOfTime
from verify.solvers.grams import (
    MAX_ENTRIES,
    Block,
    Entries,
    make_blocks,
    places_of,
    prune,
    solve_entries,
)
from verify.solvers.multiples import Multiple, make_multiples
from verify.solvers.packed import ONE, Packed, combine, integral
from verify.solvers.products import Found
from verify.solvers.semidefinite import find_centre, make_matrices
from verify.solvers.substitution import Product, System

DENOMINATORS: Final = (1, 2, 3, 4, 6, 12, 60, 1_000, 10_000, 100_000, 10**6, 10**9)
# nearest rationals: how near, and with denominators up to what
NEAR: Final = ((1e-4, 120), (3e-3, 24))
ROUNDS: Final = 6
INSIDE: Final = 1e-5
OUTSIDE: Final = -1e-5

Matrix = list[list[Fraction]]


def find_squares(system: System, extra: int, deadline: float) -> Found | None:
    """A contradiction with sums of squares as multipliers, `extra` above the degree of
    the hypotheses; None when none was found."""
    try:
        blocks = make_blocks(system, extra, deadline)
        polys = [block.poly for block in blocks]
        multiples = make_multiples(system, polys, 1, deadline)
        free = [multiple.poly for multiple in multiples]
        blocks = prune(blocks, free, deadline)
        for _ in range(ROUNDS):
            if not any(block.strict for block in blocks) or _size(blocks) > MAX_ENTRIES:
                return None
            entries = solve_entries(blocks, free, deadline)
            if entries is None:
                return None
            found, smaller = _attempt(blocks, entries, multiples, deadline)
            if found or smaller == blocks or time.monotonic() > deadline:
                return found
            blocks = smaller
    except (OutOfTime, OverflowError):
        return None
    return None


def _size(blocks: Sequence[Block]) -> int:
    return sum(1 for _ in places_of(blocks))


def _attempt(
    blocks: list[Block],
    entries: Entries,
    multiples: Sequence[Multiple],
    deadline: float,
) -> tuple[Found | None, list[Block]]:
    """A contradiction, or else the blocks that remain when what is null is cut away."""
    if not entries.open:
        return _found(blocks, entries, {}, multiples), blocks
    sizes = [len(block.basis) for block in blocks]
    centre = find_centre(entries, sizes, deadline - time.monotonic())
    if centre is None or centre.least < OUTSIDE * max(1.0, centre.largest):
        return None, blocks
    for point in _rounded(entries, sizes, centre.values):
        found = _found(blocks, entries, point, multiples)
        if found:
            return found, blocks
    return None, _reduced(blocks, centre.matrices)


def _rounded(
    entries: Entries, sizes: Sequence[int], values: dict[int, float]
) -> Iterator[dict[int, Fraction]]:
    """The point with small denominators first, where the matrices seem semidefinite."""
    import numpy as np

    for denominator in DENOMINATORS:
        point = {
            at: Fraction(round(value * denominator), denominator)
            for at, value in values.items()
        }
        near = {at: float(value) for at, value in point.items()}
        matrices = make_matrices(entries, sizes, near)
        if all(np.linalg.eigvalsh(matrix)[0] > -1e-9 for matrix in matrices):
            yield point


def _found(
    blocks: Sequence[Block],
    entries: Entries,
    point: dict[int, Fraction],
    multiples: Sequence[Multiple],
) -> Found | None:
    """The contradiction at a point, if all matrices are semidefinite there."""
    values = [
        constant + sum((weight * point[at] for at, weight in form.items()), Fraction(0))
        for constant, form in entries.forms
    ]
    matrices: list[Matrix] = [
        [[Fraction(0)] * len(block.basis) for _ in block.basis] for block in blocks
    ]
    for (number, i, j), value in zip(entries.places, values, strict=False):
        matrices[number][i][j] = matrices[number][j][i] = value
    products: list[Product] = []
    for block, matrix in zip(blocks, matrices, strict=True):
        squares = make_squares(matrix)
        if squares is None:
            return None
        for multiplier, weights in squares:
            base, scale = integral(combine(zip(weights, block.basis, strict=True)))
            multiplier /= scale * scale
            if base != ONE:
                products.append(Product(multiplier, block.factors, base))
            elif block.factors:
                products.append(Product(multiplier, block.factors, None))
    factors: dict[int, Packed] = {}
    rest = values[len(entries.places) :]
    for multiple, value in zip(multiples, rest, strict=True):
        if value:
            factors.setdefault(multiple.equation, {})[multiple.factor] = value
    return Found(tuple(products), tuple(sorted(factors.items())))


def make_squares(matrix: Matrix) -> list[tuple[Fraction, list[Fraction]]] | None:
    """Multipliers and vectors whose weighted squares add up to the symmetric matrix.

    None when it is not positive semidefinite.
    """
    rest = [row[:] for row in matrix]
    size = len(rest)
    squares: list[tuple[Fraction, list[Fraction]]] = []
    for at in range(size):
        pivot = rest[at][at]
        if pivot < 0 or (pivot == 0 and any(rest[at])):
            return None
        if pivot == 0:
            continue
        weights = [value / pivot for value in rest[at]]
        squares.append((pivot, weights))
        for i in range(at, size):
            if weights[i]:
                factor = pivot * weights[i]
                for j in range(i, size):
                    if weights[j]:
                        rest[i][j] -= factor * weights[j]
                        rest[j][i] = rest[i][j]
    return squares


def _reduced(blocks: Sequence[Block], matrices: Sequence[Any]) -> list[Block]:
    """The blocks over what is orthogonal to the null vectors of their matrices."""
    smaller = []
    for block, matrix in zip(blocks, matrices, strict=True):
        kept = _orthogonal(matrix)
        if kept is None:
            smaller.append(block)
            continue
        basis = tuple(
            integral(combine(zip(weights, block.basis, strict=True)))[0]
            for weights in kept
        )
        if basis:
            smaller.append(block._replace(basis=basis))
    return smaller


def _orthogonal(matrix: Any) -> list[list[Fraction]] | None:
    """A rational basis of the complement of the null space; None when there is no null
    space, or none that looks rational."""
    import numpy as np

    values, vectors = np.linalg.eigh(matrix)
    null = vectors[:, values < INSIDE * max(1.0, float(values[-1]))].T.copy()
    count, size = null.shape
    if not count:
        return None
    pivots: list[int] = []
    for row in range(count):
        free = [at for at in range(size) if at not in pivots]
        place = max(
            (abs(null[r, at]), -r, -at) for r in range(row, count) for at in free
        )
        source, pivot = -place[1], -place[2]
        null[[row, source]] = null[[source, row]]
        null[row] /= null[row, pivot]
        for other in range(count):
            if other != row:
                null[other] -= null[other, pivot] * null[row]
        pivots.append(pivot)
    kept = []
    for at in range(size):
        if at in pivots:
            continue
        weights = [Fraction(0)] * size
        weights[at] = Fraction(1)
        for row, pivot in enumerate(pivots):
            near = _simple(float(null[row, at]))
            if near is None:
                return None
            weights[pivot] = -near
        kept.append(weights)
    return kept


def _simple(value: float) -> Fraction | None:
    """The nearby rational with the smallest denominator, if there is one."""
    for tolerance, largest in NEAR:
        for denominator in range(1, largest + 1):
            near = Fraction(round(value * denominator), denominator)
            if abs(value - near) < tolerance / denominator**0.5:
                return near
    return None
