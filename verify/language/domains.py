"""What quantifiers, `silent` and `in` range over: types, data sets, regions and classes.

A region may be written where it is used, as in `forall x in ball(p, linf, 1/10)`; what it
speaks of is read where the quantifier stands, outside of what that binds. `silent(C, R)`
is short for a `forall` over the units of a circuit, and `in` stands between a point and a
region or data set, or between a network and a class.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeAlias

from verify.kernel.terms import Sort, Term
from verify.language.applications import Values, read_circuit
from verify.language.local import Local
from verify.language.measures import read_member
from verify.language.members import make_silent
from verify.language.places import Around, Ball, Place
from verify.language.regions import (
    count_numbers,
    is_place,
    means_points,
    read_inside,
    read_place,
)
from verify.language.syntax import Binder, Expression
from verify.language.things import Data, Network, Region, Thing

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader

Value: TypeAlias = Term | Values | Place
Domain: TypeAlias = Sort | Data | Region | Place
Reading: TypeAlias = Generator[tuple[Expression, Local], Value, Term]
_FIX = "name one, or write hull(D), box(D) or ball(p, l1, 1/10)"


def find_domain(
    reader: Reader, node: Expression, binder: Binder, local: Local
) -> Generator[tuple[Expression, Local], Value, Domain]:
    """What a binder of a quantifier or sum ranges over: a type, data or a region."""
    if node.args[1:]:
        return (yield from _find_place(reader, node, local))
    source, scope = reader.source, reader.scope
    thing = scope.read.get(binder.sort.text)
    over_data = node.op == "sum" and isinstance(thing, Data)
    if isinstance(thing, Data | Region) and (binder.member or over_data):
        if node.op == "sum" and isinstance(thing, Region):
            message = f"`{thing.name}` is a region, and has no finite sum"
            fix = "sum over a data set or a finite type"
            raise source.error(binder.sort.span, message, fix)
        return thing
    if binder.member:
        message = f"`{binder.sort.text}` is no data set and no region"
        fix = f"write {node.op} x: T. ... for a type T"
        raise source.error(binder.sort.span, message, fix)
    sort = scope.find_sort(source, binder.sort)
    if node.op == "sum":
        reader.check.finite(sort, binder.sort)
    return sort


def _find_place(
    reader: Reader, node: Expression, local: Local
) -> Generator[tuple[Expression, Local], Value, Place]:
    """The hull, box or ball that a quantifier ranges over."""
    where, source = node.args[1], reader.source
    if not is_place(reader, where, local.names):
        message = f"{source.quote(where.span)} is no data set and no region"
        raise source.error(where.span, message, _FIX)
    if node.op == "sum":
        message = f"{source.quote(where.span)} is a region, and has no finite sum"
        fix = "sum over a data set or a finite type"
        raise source.error(where.span, message, fix)
    return (yield from read_place(reader, where, local))


def read_silent(reader: Reader, node: Expression, local: Local) -> Reading:
    """`silent(C, R)`: every unit of C is 0 everywhere in a region or data set."""
    source, scope = reader.source, reader.scope
    if len(node.args) != 3:
        message = f"silent takes a circuit and a place, got {len(node.args) - 1}"
        raise source.error(node.span, message, "write silent(C, R)")
    circuit = read_circuit(source, scope, node.args[1])
    where = node.args[2]
    place: Value | Thing | None = None
    if is_place(reader, where, local.names):
        place = yield where, local
    elif where.op == "name":
        place = scope.read.get(where.text)
    if not isinstance(place, Data | Region | Around | Ball):
        message = f"{source.quote(where.span)} is no data set and no region"
        raise source.error(where.span, message, "declare it above")
    network = scope.read.get(circuit.network)
    if not isinstance(network, Network) or network.inputs != place.dimension:
        message = (
            f"the points of {source.slice(where.span)} have "
            f"{count_numbers(place.dimension)}, and the network of {circuit.name} takes "
            "others"
        )
        raise source.error(where.span, message, "name a place of its inputs")
    reader.spoken[circuit.name] = reader.spoken[circuit.network] = None
    body = make_silent(circuit, network, place.dimension)
    return reader.close(node, "forall", ("x", place), place.dimension, body)


def read_in(reader: Reader, node: Expression, local: Local) -> Reading:
    """`p in R` for a point, `f in S` for a network."""
    if len(node.signs) > 1:
        message = (
            "`in` stands between a network and a class or a point and a region, alone"
        )
        raise reader.source.error(
            node.span, message, "write f in S and ..., p in R and ..."
        )
    if means_points(reader, node, local.names):
        return (yield from read_inside(reader, node, local))
    return read_member(reader, node, local)
