"""Regions without variables: `region near := hull(D) or ball((1, 2), l1, 1/10)`.

What stands there is a hull, a box, a ball or the name of another region, and these put
together with `and`, `or` and `not`. The first of them says how many coordinates there are;
what comes out is a definition over them, like that of a region written as a formula.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Final

from verify.kernel import terms
from verify.kernel.terms import REAL, Symbol, Term
from verify.language import syntax
from verify.language.declarations import make_fresh
from verify.language.document import Definition
from verify.language.formulas import Reader
from verify.language.places import Around, Ball, Place, say_inside
from verify.language.regions import count_numbers, is_place
from verify.language.subjects import find_region
from verify.language.syntax import Expression
from verify.language.things import Data, Region
from verify.language.trampoline import run

_CONNECTIVES: Final = ("and", "or", "not")
_FIX: Final = "write region r := hull(D), or region r(x: Real) := formula"


def read_whole(reader: Reader, node: syntax.Region) -> Definition:
    """The definition of a region without variables.

    Raises ClaimError where its parts are no regions or of several sizes, Unsupported where
    one is too large.
    """
    reader.used, reader.spoken, reader.defining = {}, {}, node.name.text
    try:
        parts = {part: _read_part(reader, part) for part in _list_parts(node.body)}
        uses, speaks = tuple(reader.used), tuple(reader.spoken)
    finally:
        reader.used, reader.spoken, reader.defining = {}, {}, ""
    (first, place), *others = parts.items()
    shown = reader.source.slice(first.span)
    for part, other in others:
        if other.dimension != place.dimension:
            message = (
                f"the points of {reader.source.slice(part.span)} have "
                f"{count_numbers(other.dimension)}, and those of {shown} have "
                f"{count_numbers(place.dimension)}"
            )
            raise reader.source.error(part.span, message, "put together one size only")
    size = place.dimension
    names = [f"x_{i}" for i in range(1, size + 1)] if size > 1 else ["x"]
    parameters = tuple(Symbol(make_fresh(n, reader.scope), (), REAL) for n in names)
    body = _put_together(node.body, parts, list(map(terms.constant, parameters)))
    reader.spend(node.body, body.size)
    return Definition(
        node.name.text, parameters, body, reader.source.slice(node.body.span),
        node.span, uses, speaks,
    )  # fmt: skip


def _list_parts(node: Expression) -> list[Expression]:
    """What `and`, `or` and `not` stand between, from left to right."""
    found, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        if part.op in _CONNECTIVES:
            waiting += reversed(part.args)
        else:
            found.append(part)
    return found


def _read_part(reader: Reader, node: Expression) -> Region | Place:
    """One region; ClaimError where it is none."""
    if is_place(reader, node, ()):
        value = reader.read_value(node)
        if isinstance(value, Around | Ball):
            return value
    thing = reader.scope.read.get(node.text) if node.op == "name" else None
    if isinstance(thing, Data):
        message = f"`{node.text}` is the data set {node.text}, and no region"
        fix = f"write hull({node.text}) or box({node.text})"
        raise reader.source.error(node.span, message, fix)
    if node.op == "name" and node.text == reader.defining:
        message = f"the region `{node.text}` speaks of itself"
        raise reader.source.error(node.span, message, "name another one, or hull(D)")
    if node.op == "name":
        return find_region(reader, node)
    message = f"{reader.source.quote(node.span)} is no region"
    raise reader.source.error(node.span, message, _FIX)


def _put_together(
    node: Expression,
    parts: Mapping[Expression, Region | Place],
    point: Sequence[Term],
) -> Term:
    """What all of it says of a point."""

    def begin(part: Expression) -> Generator[Expression, Term, Term]:
        if part.op not in _CONNECTIVES:
            return say_inside(parts[part], point)
        said = []
        for arg in part.args:
            said.append((yield arg))
        return terms.make(part.op, *said)

    return run(begin, node)
