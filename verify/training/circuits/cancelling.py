"""Units that act on the data, and whose outgoing contributions cancel at every point.

Such a set can be removed without changing any training output, although none of its units
is silent. The contribution of unit i is the table h_i(x) w_i[j] over points x and readers
j; a set cancels if its tables sum to zero. That is: a vector of zeros and ones in the null
space of the tables, taken as columns.

Each table is first projected to a few numbers modulo a prime, by sums with random factors.
A sum that is zero stays zero, so no set is lost by it; what is found is then confirmed in
exact arithmetic over all points. The null space comes from elimination modulo the prime;
its vectors of zeros and ones are listed by their entries at the free columns, which is
complete while there are few of those. Beyond, pairs and triples are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.network import Affine, Network
from verify.networks.values.scaling import scale
from verify.training.circuits.tables import Table
from verify.training.circuits.wiring import Wiring

PRIME: Final = 2**31 - 1
SPARE: Final = 8  # projections beyond the number of units
MAX_UNITS: Final = 600  # of an elimination; beyond, single units and pairs only
MAX_FREE: Final = 14  # free columns whose zeros and ones are all tried
MAX_TRIPLES: Final = 200  # units among which triples are looked for
MAX_SETS: Final = 50

Residues = NDArray[np.int64]


class Cancelling(NamedTuple):
    """Minimal sets of units (from 0) that cancel; `complete` if there are no others."""

    sets: tuple[tuple[int, ...], ...]
    complete: bool


def find_cancelling(
    network: Network, wiring: Wiring, table: Table, units: Sequence[int]
) -> Cancelling:
    """The minimal cancelling sets among these units; `table` is of their layer."""
    if not units:
        return Cancelling((), True)
    outgoing = _list_outgoing(network, wiring)
    prints = _project(table, outgoing, units)
    found: list[tuple[int, ...]] = []
    complete = True
    for places in _propose(prints):
        chosen = tuple(units[place] for place in places)
        if any(set(known) <= set(chosen) for known in found):
            continue
        if not _cancels(table, outgoing, chosen):
            continue
        if len(found) == MAX_SETS:
            complete = False
            break
        found.append(chosen)
    free = _count_free(prints)
    return Cancelling(tuple(found), complete and free is not None and free <= MAX_FREE)


def _list_outgoing(network: Network, wiring: Wiring) -> list[list[int]]:
    """The outgoing weights of each unit of the layer, over one denominator a reader."""
    blocks = scale(network)
    size = network.layers[wiring.units].size
    outgoing: list[list[int]] = [[] for _ in range(size)]
    for reader in wiring.readers:
        block = blocks[reader.layer]
        if block is None or not isinstance(network.layers[reader.layer], Affine):
            raise ValueError(f"layer {reader.layer} is not affine")
        for line in block.matrices[reader.matrix].lines:
            columns = range(size) if line.columns is None else line.columns
            row = dict(zip(columns, line.weights, strict=True))
            for unit in range(size):
                outgoing[unit].append(row.get(unit, 0))
    return outgoing


def _project(
    table: Table, outgoing: Sequence[Sequence[int]], units: Sequence[int]
) -> Residues:
    """A row a projection, a column a unit: sums over points times sums over readers."""
    count = min(len(units), MAX_UNITS) + SPARE
    random = np.random.default_rng(0)
    values = np.array(
        [[row[unit] % PRIME for unit in units] for row in table.rows], np.int64
    ).reshape(len(table.rows), len(units))
    weights = np.array(
        [[w % PRIME for w in outgoing[unit]] for unit in units], np.int64
    ).reshape(len(units), -1)
    over_points = random.integers(1, PRIME, (count, len(values)))
    over_readers = random.integers(1, PRIME, (count, weights.shape[1]))
    return _times(over_points, values) * _times(over_readers, weights.T) % PRIME


def _times(left: Residues, right: Residues) -> Residues:
    """The product modulo the prime; factors in two halves, so that sums stay exact."""
    high, low = left >> 16, left & 0xFFFF
    total = np.zeros((left.shape[0], right.shape[1]), np.int64)
    for start in range(0, left.shape[1], 2**14):
        part = slice(start, start + 2**14)
        upper = high[:, part] @ right[part] % PRIME
        total = (total + (upper << 16) + low[:, part] @ right[part]) % PRIME
    return total


def _propose(prints: Residues) -> Iterator[tuple[int, ...]]:
    """Sets of columns whose sum is zero in every projection, small ones first."""
    columns = [tuple(column) for column in prints.T.tolist()]
    zero = (0,) * len(prints)
    yield from ((k,) for k, column in enumerate(columns) if column == zero)
    live = [k for k, column in enumerate(columns) if column != zero]
    opposite: dict[tuple[int, ...], list[int]] = {}
    for k in live:
        for other in opposite.get(columns[k], ()):
            yield other, k
        negated = tuple(-x % PRIME for x in columns[k])
        opposite.setdefault(negated, []).append(k)
    if len(live) > MAX_UNITS:
        return
    null = _find_null_space(prints[:, live])
    if len(null.free) <= MAX_FREE:
        for places in sorted(_list_binary(null), key=lambda found: (len(found), found)):
            yield tuple(live[place] for place in places)
        return
    if len(live) <= MAX_TRIPLES:
        for i, j in combinations(live, 2):
            both = zip(columns[i], columns[j], strict=True)
            total = tuple((a + b) % PRIME for a, b in both)
            yield from ((i, j, k) for k in opposite.get(total, ()) if k > j)


class _Null(NamedTuple):
    """Null vectors: those with entries f at `free` have -`rows` f at `pivots`."""

    free: list[int]
    pivots: list[int]
    rows: Residues


def _find_null_space(prints: Residues) -> _Null:
    """Gauss and Jordan, modulo the prime."""
    matrix = prints.copy()
    pivots: list[int] = []
    for column in range(matrix.shape[1]):
        row = len(pivots)
        below = np.flatnonzero(matrix[row:, column])
        if not len(below):
            continue
        best = row + int(below[0])
        matrix[[row, best]] = matrix[[best, row]]
        inverse = pow(int(matrix[row, column]), -1, PRIME)
        matrix[row] = matrix[row] * inverse % PRIME
        factors = matrix[:, column].copy()
        factors[row] = 0
        matrix = (matrix - factors[:, None] * matrix[row] % PRIME) % PRIME
        pivots.append(column)
        if len(pivots) == len(matrix):
            break
    taken = set(pivots)
    free = [column for column in range(matrix.shape[1]) if column not in taken]
    return _Null(free, pivots, matrix[: len(pivots)][:, free])


def _count_free(prints: Residues) -> int | None:
    """The dimension of the null space of the columns that are not zero."""
    live = np.flatnonzero(prints.any(0))
    if len(live) > MAX_UNITS:
        return None
    return len(_find_null_space(prints[:, live]).free)


def _list_binary(null: _Null) -> list[tuple[int, ...]]:
    """The null vectors of zeros and ones but zero itself, as sets of places."""
    found = []
    for bits in range(1, 2 ** len(null.free)):
        chosen = [k for k in range(len(null.free)) if bits >> k & 1]
        entries = -null.rows[:, chosen].sum(1) % PRIME
        if (entries <= 1).all():
            places = [null.free[k] for k in chosen]
            places += [
                pivot for pivot, one in zip(null.pivots, entries, strict=True) if one
            ]
            found.append(tuple(sorted(places)))
    return found


def _cancels(
    table: Table, outgoing: Sequence[Sequence[int]], units: Sequence[int]
) -> bool:
    """Whether the contributions sum to zero at every point, exactly."""
    return all(
        not sum(row[unit] * outgoing[unit][reader] for unit in units)
        for row in table.rows
        for reader in range(len(outgoing[units[0]]))
    )
