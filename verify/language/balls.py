"""`risk(f, D, l, BALL)`: balls of distributions read, their budgets and places checked.

A budget is a number that the ball can have, a region is one of the network's inputs and
has the data in it where mass moves within it, and groups are a column of the data or other
data sets. What the worst risk over a ball means is in `worst.py`; the constant for it is
made here.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from verify.kernel.counting import run_all
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Binder, Term, subterms
from verify.language.families import make_numeral
from verify.language.local import Local
from verify.language.quantities import Ball, Quantity, make_name
from verify.language.quantity_names import spell_network, write_network, write_number
from verify.language.subjects import (
    SHIFT,
    Measured,
    find_data,
    find_region,
    keep,
    measure,
    read_closed_number,
)
from verify.language.syntax import Expression
from verify.language.theory import Unsupported, check_term
from verify.language.things import Data, Region
from verify.language.worst import (
    Chosen,
    close_worst,
    make_inside,
    make_worst,
    split_groups,
)

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader


def read_ball_risk(
    reader: Reader, node: Expression, local: Local, measured: Measured
) -> Term:
    """The constant for the worst risk over a ball. Raises ClaimError and Unsupported."""
    subject, data, loss = measured
    if not subject.network:
        message = "a drawn network has a loss, and no risk over a ball here"
        raise reader.source.error(node.span, message, "write its loss")
    chosen = _read_ball(reader, node.args[4], local.names, measured)
    ball = chosen.ball
    words = tuple(map(write_number, _parts(ball)))
    network = spell_network(subject.network, subject.without)
    name = make_name("risk", *network, data.name, loss, ball.kind, *words)
    known = reader.scope.quantities.get(name)
    if known is not None:
        return known.constant
    shown = write_network(subject.network, subject.without)
    inner = ", ".join(map(str, _parts(ball)))
    shown_ball = f"{ball.kind}({inner})" if inner else ball.kind
    written = f"risk({shown}, {data.name}, {loss}, {shown_ball})"
    try:
        formula = close_worst(make_worst(chosen, measured))
    except Rejected:
        raise Unsupported(
            f"what {written} means is too large to be stated for {len(data.inputs)} "
            f"points; {SHIFT}"
        ) from None
    quantity = Quantity(
        name, "supremum", formula, "risk", written, subject.network, data.name, loss,
        subject.without, ball,
    )  # fmt: skip
    return keep(reader, node, quantity)


def _parts(ball: Ball) -> tuple[Fraction | str, ...]:
    """What stands between a ball's parentheses."""
    number = () if ball.kind in ("mixture", "region") else (ball.budget,)
    region = (ball.region,) if ball.region else ()
    distance = (ball.distance,) if ball.distance != "l1" else ()
    return (*number, *region, *distance, *ball.groups)


def _read_ball(
    reader: Reader, node: Expression, local: Container[str], measured: Measured
) -> Chosen:
    """A ball; ClaimError where its budget or what it names makes no sense."""
    kind = node.text if node.op == "name" else node.args[0].text
    args = node.args[1:] if node.op == "call" else ()
    if node.op == "call":
        check_term(reader.source, node, reader.scope)
    data = measured.data
    match kind:
        case "mixture":
            return _read_mixture(reader, node, args, measured)
        case "region":
            region = _read_region(reader, args[0], data)
            return Chosen(Ball(kind, region=region.name), region)
    budget = read_closed_number(reader, args[0], local, f"the budget of {kind}")
    least = "more than 0" if kind == "subpopulation" else "0 or more"
    most = "" if kind == "wasserstein" else " and at most 1"
    low = budget <= 0 if kind == "subpopulation" else budget < 0
    if low or (most and budget > 1):
        shown = reader.source.quote(args[0].span)
        message = f"the budget of {kind} is {least}{most}, got {shown}"
        raise reader.source.error(args[0].span, message, f"write {kind}(1/4) so")
    if kind != "wasserstein":
        return Chosen(Ball(kind, budget))
    region = _read_region(reader, args[1], data)
    _check_within(reader, args[1], region, data)
    distance = args[2].text if len(args) > 2 else "l1"
    return Chosen(Ball(kind, budget, region.name, distance), region)


def _read_region(reader: Reader, node: Expression, data: Data) -> Region:
    region = find_region(reader, node)
    if any(isinstance(part.value, Binder) for part in subterms(region.definition.body)):
        raise Unsupported(
            f"the points of {region.name} come with further numbers, as those of a hull "
            "do, and mass moves in boxes and polytopes; write out its sides, or take "
            "box(D)"
        )
    if region.dimension != data.dimension:
        message = (
            f"the points of {data.name} have {data.dimension} numbers, and those of "
            f"{region.name} {region.dimension}"
        )
        raise reader.source.error(node.span, message, "name a region of its inputs")
    return region


def _check_within(reader: Reader, node: Expression, region: Region, data: Data) -> None:
    """ClaimError where a point of the data lies outside of the region for certain."""
    for place, point in enumerate(data.inputs, 1):
        inside = make_inside(region, [make_numeral(x) for x in point])
        try:
            holds = next(run_all(inside, (), {}))
        except Rejected:  # it speaks of networks
            return
        if not holds:
            message = f"point {place} of {data.name} lies outside of {region.name}"
            fix = "mass moves within the region; name one that has the data"
            raise reader.source.error(node.span, message, fix)


def _read_mixture(
    reader: Reader, node: Expression, args: Sequence[Expression], measured: Measured
) -> Chosen:
    """The groups of the data, or the data and other data sets."""
    subject, data, loss = measured
    if not args:
        if not data.groups:
            message = f"{data.name} has no column `group`"
            fix = "name data sets: mixture(E), which mixes that with the first"
            raise reader.source.error(node.span, message, fix)
        return Chosen(Ball("mixture"), None, split_groups(data))
    found = {data.name: data}
    for arg in args:
        other = find_data(reader, arg)
        measure(reader, subject, other, loss, arg)
        if other.name in found and other.name != data.name:
            message = f"{other.name} is named twice"
            raise reader.source.error(arg.span, message, "leave one of them out")
        found[other.name] = other
    groups = tuple(arg.text for arg in args)
    return Chosen(Ball("mixture", groups=groups), None, tuple(found.values()))
