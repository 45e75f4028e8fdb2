"""Gram matrices: sums of squares as unknown symmetric matrices over bases of polynomials.

A product of hypotheses times a sum of squares is a block: the product, a basis, and a
positive semidefinite matrix that says which squares of combinations of the basis are
added. That everything cancels is a system of linear equations in the entries of all
blocks, solved here exactly; what stays open is a point to be chosen inside the cone.

A block needs no basis element that the equations force to 0. A monomial that only
diagonal entries of one sign reach forces them all to 0, and with them their rows; dropped
one after the other this leaves what the Newton polytope would (Reznick 1978, Lofberg
2009), for products with hypotheses as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Final, NamedTuple, TypeAlias

from verify.solvers.elimination import Rows, require_time
from verify.solvers.packed import (
    LANE,
    ONE,
    Packed,
    combine,
    degree_of,
    divides,
    exponent,
    monomials_of,
    product,
    product_of,
)
from verify.solvers.substitution import System

FEW: Final = 6
MAX_BASIS: Final = 60
MAX_ENTRIES: Final = 2_500
WORK: Final = 5_000_000
NORM: Final = -1

Place: TypeAlias = tuple[int, int, int]  # block, row, column with row <= column
Affine: TypeAlias = tuple[Fraction, Mapping[int, Fraction]]


class Block(NamedTuple):
    """`poly`, the product of the inequalities `factors`, times squares over `basis`;
    `strict` for a single multiplier of a product of strict inequalities."""

    factors: tuple[int, ...]
    poly: Packed
    basis: tuple[Packed, ...]
    strict: bool = False


class Entries(NamedTuple):
    """Every unknown as an affine form of the open ones: places of the matrices first,
    then the multiples of equations."""

    places: tuple[Place, ...]
    forms: tuple[Affine, ...]
    open: tuple[int, ...]


def make_blocks(system: System, extra: int, deadline: float) -> list[Block]:
    """The blocks whose products stay within the degree of the hypotheses plus `extra`.

    Raises OutOfTime.
    """
    polys = [item.poly for item in system.inequalities]
    every = [*polys, *(item.poly for item in system.equations)]
    highest = max(map(degree_of, every), default=0) + extra
    highest += highest % 2
    rooms = range(highest // 2 + 1)
    bases = [_basis(monomials_of(every), room, extra) for room in rooms]
    blocks = [Block((), ONE, (ONE,), strict=True), Block((), ONE, bases[-1])]
    for number, item in enumerate(system.inequalities):
        if item.strict:
            blocks.append(Block((number,), item.poly, (ONE,), strict=True))
        room = (highest - degree_of(item.poly)) // 2
        blocks.append(Block((number,), item.poly, bases[room]))
    for chosen in _choices(len(polys), highest):
        require_time(deadline)
        room = highest - sum(degree_of(polys[number]) for number in chosen)
        poly = product_of(polys[number] for number in chosen) if room >= 0 else {}
        if not set(poly) - {0}:
            continue
        if all(system.inequalities[number].strict for number in chosen):
            blocks.append(Block(chosen, poly, (ONE,), strict=True))
        if len(set(chosen)) == len(chosen):
            few = len(polys) <= FEW
            blocks.append(Block(chosen, poly, bases[room // 2] if few else (ONE,)))
    return blocks


def _choices(count: int, highest: int) -> Iterator[tuple[int, ...]]:
    """Which inequalities to multiply: pairs, and of few also triples and powers."""
    yield from combinations_with_replacement(range(count), 2)
    if count <= FEW:
        yield from combinations_with_replacement(range(count), 3)
        for number in range(count):
            yield from ((number,) * length for length in range(4, highest + 1))


def _basis(known: set[int], room: int, extra: int) -> tuple[Packed, ...]:
    """The monomials up to degree `room` in the generators that occur; only divisors of
    monomials that occur when these are too many."""
    places = (max(known, default=0).bit_length() + LANE - 1) // LANE
    bounds = [
        (max(exponent(at, place) for at in known) + extra + 1) // 2
        for place in range(places)
    ]
    found = [0]
    layer = {0}
    for _ in range(room):
        layer = {
            at + (1 << LANE * place)
            for at in layer
            for place in range(places)
            if exponent(at, place) < bounds[place]
        }
        found += sorted(layer)
        if len(found) > 20 * MAX_BASIS:
            break
    if len(found) > MAX_BASIS:
        found = [at for at in found if any(divides(at, whole) for whole in known)]
    return tuple({at: 1} for at in found[:MAX_BASIS])


def places_of(blocks: Sequence[Block]) -> Iterator[Place]:
    """The upper triangles of all matrices, row by row."""
    for number, block in enumerate(blocks):
        size = len(block.basis)
        yield from ((number, i, j) for i in range(size) for j in range(i, size))


def expand(block: Block, i: int, j: int) -> Packed:
    """What one unit of an entry of the matrix adds to the sum."""
    twice = 1 if i == j else 2
    base = product(block.basis[i], block.basis[j])
    return combine(((twice, product(block.poly, base)),))


def prune(
    blocks: Sequence[Block], free: Iterable[Packed], deadline: float
) -> list[Block]:
    """The blocks (their bases still monomials) without what is forced to 0.

    `free` are polynomials that may be added with any multiplier. Raises OutOfTime.
    """
    fixed = monomials_of(list(free))
    alive = [list(block.basis) for block in blocks]
    while True:
        mixed: set[int] = set(fixed)
        signs: dict[int, set[bool]] = {}
        owners: dict[int, set[tuple[int, int]]] = {}
        for number, block in enumerate(blocks):
            require_time(deadline)
            ends = [next(iter(base)) for base in alive[number]]
            for at, left in enumerate(ends):
                for right in ends[at + 1 :]:
                    mixed.update(left + right + part for part in block.poly)
                for part, value in block.poly.items():
                    signs.setdefault(2 * left + part, set()).add(value > 0)
                    owners.setdefault(2 * left + part, set()).add((number, left))
        gone = {
            owner
            for monomial, seen in signs.items()
            if len(seen) == 1 and monomial not in mixed
            for owner in owners[monomial]
        }
        if not gone:
            return [
                block._replace(basis=tuple(basis))
                for block, basis in zip(blocks, alive, strict=True)
                if basis
            ]
        alive = [
            [base for base in basis if (number, next(iter(base))) not in gone]
            for number, basis in enumerate(alive)
        ]


def solve_entries(
    blocks: Sequence[Block], free: Sequence[Packed], deadline: float
) -> Entries | None:
    """The entries for which all cancels and the strict multipliers add up to 1.

    None when no matrices at all do that, semidefinite or not. Raises OutOfTime.
    """
    places = tuple(places_of(blocks))
    columns = []
    for number, i, j in places:
        require_time(deadline)
        columns.append(expand(blocks[number], i, j))
    for expanded, (number, _, _) in zip(columns, places, strict=True):
        if blocks[number].strict:
            expanded[NORM] = 1
    columns += free
    constant = len(columns)
    table = Rows([*columns, {NORM: -1}], deadline, WORK)
    solved: dict[int, dict[int, int]] = {}
    order = sorted(
        range(constant), key=lambda column: (len(table.users[column]), column)
    )
    for column in order:
        if table.users[column]:
            own = min(table.users[column], key=lambda row: (len(table.rows[row]), row))
            table.eliminate(column, table.rows[own], own)
            solved[column] = table.pop_row(own)
    if any(table.rows.values()):
        return None
    return _back(places, constant, solved)


def _back(
    places: tuple[Place, ...], constant: int, solved: dict[int, dict[int, int]]
) -> Entries:
    forms: dict[int, dict[int, Fraction]] = {}
    for column in reversed(solved):
        row = solved[column]
        form: dict[int, Fraction] = {}
        for other, value in row.items():
            if other != column:
                weight = Fraction(-value, row[column])
                for at, part in forms.get(other, {other: Fraction(1)}).items():
                    form[at] = form.get(at, Fraction(0)) + weight * part
        forms[column] = {at: value for at, value in form.items() if value}
    for column in range(constant):
        forms.setdefault(column, {column: Fraction(1)})
    unknowns = tuple(column for column in range(constant) if column not in solved)
    affine = tuple(
        (
            forms[column].get(constant, Fraction(0)),
            {at: value for at, value in forms[column].items() if at != constant},
        )
        for column in range(constant)
    )
    return Entries(places, affine, unknowns)
