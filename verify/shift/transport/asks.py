"""What is asked about a data point, and what comes back.

An ask is the largest loss less rate * distance over the region; the answer is a place where
mass can go, and a bound with its proof.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from verify.shift.labels import Option
from verify.shift.losses import Piece
from verify.shift.regions import Point
from verify.shift.transport.lemmas import Frame
from verify.shift.transport.proofs import Proof

LIMIT: Final = 20_000  # cells of a task that are split
ZERO: Final = Fraction(0)


class Place(NamedTuple):
    """Where mass can go: the point, how far it is, and the loss there, all exact."""

    point: Point
    distance: Fraction
    loss: Fraction
    target: tuple[Fraction, ...] = ()  # where it differs from the data's


class Ask(NamedTuple):
    """A data point, its pieces and a rate; `start` is the best place known. `options` are
    the targets that mass may take besides, at a cost; the pieces are theirs too. `within`
    is how far inputs need be looked at, None for all of the region."""

    point: Point
    target: tuple[Fraction, ...]
    pieces: tuple[Piece, ...]
    rate: Fraction
    start: Place
    options: tuple[Option, ...] = ()
    within: Fraction | None = None


class Response(NamedTuple):
    """The best place found; `most`, what the search takes for a bound; `peak`, where the
    pieces come nearest to it; and the proof of a bound, None where the search gave up."""

    place: Place
    most: float
    peak: Point
    proof: Proof | None = None


class Options(NamedTuple):
    """`slack` is how far a bound may stay above the response; 0 asks for none. `seconds`
    and `limit`, in cells of a task, end a search; what is left open is bounded as it is."""

    slack: Fraction = ZERO
    seconds: float = 60.0
    prove: bool = True
    limit: int = LIMIT
    processes: int = 1


def measure(frame: Frame, start: Point, end: Point) -> Fraction:
    """The distance between two points."""
    moved = [abs(a - b) for a, b in zip(start, end, strict=True)]
    return sum(moved, ZERO) if frame.ground == "l1" else max(moved, default=ZERO)


def is_plain(piece: Piece, rate: Fraction, value: Fraction) -> bool:
    """Whether a piece is a number that is at most `value`, so that nothing is to prove."""
    return not (piece.forbidden or any(piece.value.weights)) and (
        piece.value.constant - rate * piece.price <= value
    )
