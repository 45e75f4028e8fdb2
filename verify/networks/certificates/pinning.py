"""Pinned inputs put into a query's network, where it has too many inputs to be stated.

A kernel's problem has a quantifier for each input, and so no more than terms may nest. A
query about a generator has many inputs, of which all but a few are pinned at one number:
with these numbers put in, what is left is about the few. The numbers are exact, so the
query of the rest has a point just where the query has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.networks.properties.products import Wire, combine
from verify.networks.query import Case, Query, Row, Witness


class Pinned(NamedTuple):
    """A query about the inputs `kept` of another, whose other inputs are `values`.

    `values` has a number for every input of the other; those of kept inputs mean nothing.
    """

    query: Query
    kept: tuple[int, ...]
    values: tuple[Fraction, ...]

    def take(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """The kept inputs of a point."""
        return tuple(point[index] for index in self.kept)

    def restore(self, witness: Witness) -> Witness:
        """The witness with all inputs."""
        point = list(self.values)
        for index, value in zip(self.kept, witness.point, strict=True):
            point[index] = value
        return witness._replace(point=tuple(point))


def pin(query: Query, most: int) -> Pinned:
    """The query about the inputs that are not pinned at one number in all cases.

    With at most `most` inputs, and where none is pinned so, it is the query itself.
    """
    count = query.network.inputs
    everything = Pinned(query, tuple(range(count)), (Fraction(0),) * count)
    if count <= most or not query.cases:
        return everything
    first = query.cases[0]
    kept = tuple(index for index in range(count) if not _is_pinned(query, index))
    if not 0 < len(kept) < count:
        return everything
    values = first.lower
    places = {old: new for new, old in enumerate(kept)}
    wires = [
        Wire({places[index]: Fraction(1)}, Fraction(0))
        if index in places
        else Wire({}, values[index])
        for index in range(count)
    ]
    network = combine([query.network], len(kept), wires)
    cases = tuple(_take(case, places, values) for case in query.cases)
    return Pinned(Query(network, cases), kept, values)


def _is_pinned(query: Query, index: int) -> bool:
    value = query.cases[0].lower[index]
    return all(case.lower[index] == case.upper[index] == value for case in query.cases)


def _take(case: Case, places: dict[int, int], values: Sequence[Fraction]) -> Case:
    kept = sorted(places)
    rows = tuple(_put_in(row, places, values) for row in case.rows)
    return Case(
        tuple(case.lower[index] for index in kept),
        tuple(case.upper[index] for index in kept),
        rows,
    )


def _put_in(row: Row, places: dict[int, int], values: Sequence[Fraction]) -> Row:
    inputs = tuple((places[i], weight) for i, weight in row.inputs if i in places)
    known = (weight * values[i] for i, weight in row.inputs if i not in places)
    return Row(inputs, row.outputs, row.constant + sum(known), row.strict)
