"""Labels that may move at a stated price: which, and at what cost.

With a price, mass may change its label as well as its place, and the distance is that of
the places plus the cost of the label. A class may become any class of the data, each at the
price. A number may become any number between the least and the largest target, at the price
a unit; absolute and squared losses are convex in the target while the cost grows evenly on
either side, so only the two ends and the target itself can be worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.shift.losses import L1, SQUARED, Piece, loss_at, make_pieces
from verify.shift.mistakes import ShiftError
from verify.shift.samples import Sample

ZERO: Final = Fraction(0)

Target = tuple[Fraction, ...]


class Option(NamedTuple):
    """A target that a data point may take, and what that costs."""

    target: Target
    cost: Fraction


def find_options(
    loss: str, samples: Sequence[Sample], price: Fraction | None
) -> tuple[tuple[Option, ...], ...]:
    """For each data point what its target may become, itself first, at no cost.

    Without a price nothing else. Raises ShiftError for a price that is not above 0, and
    for several targets a point.
    """
    if price is None:
        return tuple((Option(sample.target, ZERO),) for sample in samples)
    if price <= 0:
        raise ShiftError(
            f"the price {price} of a label is not above 0",
            "give a price such as 1, or leave it out and labels stay",
        )
    if any(len(sample.target) != 1 for sample in samples):
        raise ShiftError(
            "labels that move, with several targets a point",
            "use one target a point, or leave the price out",
        )
    known = sorted({sample.target[0] for sample in samples})
    if loss in (L1, SQUARED):
        known = sorted({known[0], known[-1]})
    return tuple(_list_options(loss, sample.target, known, price) for sample in samples)


def _list_options(
    loss: str, target: Target, known: Sequence[Fraction], price: Fraction
) -> tuple[Option, ...]:
    own = target[0]
    others = [
        Option((other,), price * abs(other - own) if loss in (L1, SQUARED) else price)
        for other in known
        if other != own
    ]
    return Option(target, ZERO), *others


def make_option_pieces(
    loss: str,
    options: Sequence[Option],
    outputs: int,
    ends: Sequence[Fraction] = (),
) -> tuple[Piece, ...]:
    """The pieces of a loss for each target that may be taken, with its cost as price.

    `ends`, for squared, are outputs between which chords lie.
    """
    found: list[Piece] = []
    for target, cost in options:
        cuts = [end - target[0] for end in ends]
        for piece in make_pieces(loss, target, outputs, cuts):
            priced = piece if piece.forbidden else piece._replace(price=cost)
            if priced not in found:
                found.append(priced)
    return tuple(found)


class Taken(NamedTuple):
    """What a data point has somewhere: its distance with the label's cost, the loss, and
    the target, () for its own."""

    distance: Fraction
    loss: Fraction
    target: Target


def take_option(
    loss: str,
    outputs: Sequence[Fraction],
    distance: Fraction,
    option: Option,
    own: Target,
) -> Taken:
    """A place of that distance with an option's target."""
    value = loss_at(loss, outputs, option.target)
    other = () if option.target == own else option.target
    return Taken(distance + option.cost, value, other)
