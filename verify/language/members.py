"""Quantifiers and sums over regions and data sets, unfolded.

A region is a definition: `forall x in R: p` says p of every point for which R holds, and
`exists x in R: p` that some point has both. A data set is a finite list: what is said of
its points is said of each, one after the other. A point of one number is that number.
"""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.terms import (
    REAL,
    Term,
    make_and,
    make_application,
    make_equal,
    make_exists,
    make_forall,
    make_implies,
    make_number,
    make_or,
    make_sum,
    make_variable,
)
from verify.language import expansion
from verify.language.functions import Function
from verify.language.places import Place, say_inside
from verify.language.things import Circuit, Data, Network, Region


def close_region(op: str, name: str, region: Region | Place, body: Term) -> Term:
    """`forall` or `exists` over a region; the point's coordinates are loose in `body`."""
    join = make_implies if op == "forall" else make_and
    return _quantify(op, name, region.dimension, join(_guard(region), body))


def make_inhabited(region: Region) -> Term:
    """That the region has a point."""
    return _quantify("exists", "x", region.dimension, _guard(region))


def _guard(region: Region | Place) -> Term:
    """What the region says of a point, whose coordinates are loose."""
    return say_inside(region, _loose(region.dimension))


def _loose(count: int) -> list[Term]:
    return [make_variable(index, REAL) for index in range(count - 1, -1, -1)]


def _quantify(op: str, name: str, count: int, body: Term) -> Term:
    make = make_forall if op == "forall" else make_exists
    for place in range(count, 0, -1):
        body = make(f"{name}_{place}" if count > 1 else name, REAL, body)
    return body


def close_data(op: str, data: Data, body: Term) -> Term:
    """`forall`, `exists` or `sum` over the points of a data set, one part for each."""
    make = {"forall": make_and, "exists": make_or, "sum": make_sum}[op]
    return make(
        *(expansion.replace_several(body, _numerals(point)) for point in data.inputs)
    )


def _numerals(point: tuple[Fraction, ...]) -> tuple[Term, ...]:
    return tuple(make_number(value, REAL) for value in point)


def make_silent(circuit: Circuit, network: Network, count: int) -> Term:
    """That every unit of a circuit is 0 at a point, whose coordinates are loose."""
    point = _loose(count)
    zero = make_number(0, REAL)
    return make_and(
        *(
            make_equal(
                make_application(
                    Function(network.name, (), unit).symbol(network.inputs), point
                ),
                zero,
            )
            for unit in circuit.units
        )
    )
