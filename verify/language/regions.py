"""Regions read where they are used: `hull(D)`, `box(D)`, `ball((1, 2), l1, 1/10)`, names.

They stand behind `in`, as the place of `silent`, and behind `:=` in a region without
variables (`region_bodies.py`). The centre of a ball may be a
point bound further out, as in `forall x in ball(p, linf, 1/10)`. What a region says of a
point is in `places.py`; here every mistake is met, before a formula is made of it.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.terms import REAL, Term
from verify.language import expansion
from verify.language.applications import Values, find_applied
from verify.language.errors import ClaimError
from verify.language.families import make_numeral
from verify.language.local import Local
from verify.language.places import BALL, Ball, Place, make_around, say_inside
from verify.language.subjects import MAX_PARAMETERS, find_data, find_region
from verify.language.syntax import Expression
from verify.language.theory import PLACES, Unsupported, check_term, means_theory
from verify.language.things import Data, Region

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader

Request: TypeAlias = tuple[Expression, Local]
Value: TypeAlias = Term | Values | Place


def is_place(reader: Reader, node: Expression, local: Container[str]) -> bool:
    """Whether an expression is a hull, a box or a ball."""
    head = node.args[0] if node.op == "call" else node
    found = node.op == "call" and head.op == "name" and head.text in PLACES
    return found and means_theory(head.text, reader.scope, local)


def read_place(
    reader: Reader, node: Expression, local: Local
) -> Generator[Request, Value, Place]:
    """A hull, a box or a ball. Raises ClaimError, and Unsupported where it is too large."""
    check_term(reader.source, node, reader.scope)
    kind, args = node.args[0].text, node.args[1:]
    reader.spoken[kind] = None
    if kind == BALL:
        centre = yield args[0], local
        radius = yield args[2], local
        return _make_ball(reader, args, centre, radius)
    data = find_data(reader, args[0])
    place = make_around(kind, data.inputs)
    if place.weights > MAX_PARAMETERS:
        raise Unsupported(
            f"the hull of {data.name} has {place.weights} points, and a formula has room "
            f"for the weights of {MAX_PARAMETERS}; name a part of them, or box({data.name})"
        )
    return place


def _make_ball(
    reader: Reader, args: Sequence[Expression], centre: Value, radius: Value
) -> Ball:
    what, node = "the radius of a ball", args[2]
    if not isinstance(radius, Term):
        message = f"{what} is a number, and {reader.source.quote(node.span)} is none"
        raise reader.source.error(node.span, message, "write ball(p, l1, 1/10) so")
    term = reader.check.fit(radius, REAL, node, what)
    known = term if term.loose else normal(term)
    if known.op == "num" and expansion.numeral(known) < 0:
        message = f"{what} is 0 or more, got {reader.source.quote(node.span)}"
        fix = "a ball of radius 0 is its centre; write 0, or leave out the sign"
        raise reader.source.error(node.span, message, fix)
    return Ball(read_point(reader, centre, args[0]), args[1].text, term)


def read_point(reader: Reader, value: Value, node: Expression) -> tuple[Term, ...]:
    """The coordinates of a point, or a number as a point of one, all real."""
    if isinstance(value, Values):
        whole = node.op != "point" or len(node.args) != len(value.terms)
        places = (node,) * len(value.terms) if whole else node.args
        return tuple(
            reader.check.fit(part, REAL, place, f"coordinate {number}")
            for number, (part, place) in enumerate(
                zip(value.terms, places, strict=True), 1
            )
        )
    if not isinstance(value, Term):
        raise refuse_region(reader, node)
    return (reader.check.fit(value, REAL, node, "a coordinate"),)


def refuse_region(reader: Reader, node: Expression) -> ClaimError:
    """The error for a hull, box or ball where a term is wanted."""
    shown = reader.source.slice(node.span)
    message = f"{reader.source.quote(node.span)} is a region, and no term"
    fix = f"write forall x in {shown}: ..., or q in {shown}"
    return reader.source.error(node.span, message, fix)


def check_size(
    reader: Reader, node: Expression, shown: str, sizes: tuple[int, int]
) -> None:
    """ClaimError where points, of the first size, are not of the second, that of a
    region or data set with this text."""
    have, want = map(count_numbers, sizes)
    if have != want:
        message = (
            f"{reader.source.quote(node.span)} has {have}, and the points of {shown} "
            f"have {want}"
        )
        raise reader.source.error(node.span, message, "name two of one size")


def count_numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def means_points(reader: Reader, node: Expression, local: Container[str]) -> bool:
    """Whether `in` stands between a point and a set of points, and not behind a network."""
    point, place = node.args
    if is_place(reader, place, local):
        return True
    if find_applied(reader.source, reader.scope, point, local) is not None:
        return False
    thing = reader.scope.read.get(place.text) if place.op == "name" else None
    return isinstance(thing, Data | Region) and place.text not in local


def read_inside(
    reader: Reader, node: Expression, local: Local
) -> Generator[Request, Value, Term]:
    """`p in R`: that a point lies in a region, or is one of the points of data."""
    left, right = node.args
    point = read_point(reader, (yield left, local), left)
    thing = reader.scope.read.get(right.text) if right.op == "name" else None
    shown = reader.source.slice(right.span)
    if isinstance(thing, Data):
        reader.spoken[thing.name] = None
        check_size(reader, left, shown, (len(point), thing.dimension))
        said = _say_among(thing, point)
    else:
        place = yield from find_place(reader, right, local)
        check_size(reader, left, shown, (len(point), place.dimension))
        said = say_inside(place, point)
    reader.spend(node, said.size)
    return said


def _say_among(data: Data, point: Sequence[Term]) -> Term:
    """That a point is one of those of data."""
    return terms.make_or(
        *(
            terms.make_and(
                *(
                    terms.make_equal(x, make_numeral(value))
                    for x, value in zip(point, other, strict=True)
                )
            )
            for other in dict.fromkeys(data.inputs)
        )
    )


def find_place(
    reader: Reader, node: Expression, local: Local
) -> Generator[Request, Value, Region | Place]:
    """The region that an expression names, or is; ClaimError where it is none."""
    if is_place(reader, node, local.names):
        return (yield from read_place(reader, node, local))
    return find_region(reader, node)
