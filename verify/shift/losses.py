"""Losses, exactly, and as pieces that a network query can ask about.

A loss is the largest of its pieces: each is affine in the network's outputs and counts
where its conditions hold (which is why zero_one is one, with the value 1 where the margin
is not positive). `squared` is convex, so on an interval of the error it lies below the
chord; chords over the parts of an interval make pieces that bound it from above and touch
it at every cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Final, NamedTuple

from verify.shift.mistakes import ShiftError

L1: Final = "l1"
SQUARED: Final = "squared"
HINGE: Final = "hinge"
ZERO_ONE: Final = "zero_one"
LOSSES: Final = (L1, SQUARED, HINGE, ZERO_ONE)
MAX_SIGNS: Final = 6  # outputs up to which l1 is taken apart by signs

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Linear(NamedTuple):
    """constant + sum of weights[k] * output k."""

    constant: Fraction
    weights: tuple[Fraction, ...]

    def value(self, outputs: Sequence[Fraction]) -> Fraction:
        pairs = zip(self.weights, outputs, strict=True)
        return self.constant + sum((w * y for w, y in pairs), ZERO)


class Piece(NamedTuple):
    """A value that counts where every condition is at least 0, at an extra price.

    `forbidden` says that the conditions hold nowhere; the value is then above all others.
    """

    value: Linear
    conditions: tuple[Linear, ...] = ()
    price: Fraction = ZERO
    forbidden: bool = False


def check_targets(
    loss: str, targets: Sequence[tuple[Fraction, ...]], outputs: int
) -> None:
    """Raises ShiftError where a target does not fit the loss and the network."""
    if loss not in LOSSES:
        raise ShiftError(f"no loss is called {loss!r}", f"use {', '.join(LOSSES)}")
    if not all(targets):
        raise ShiftError(
            "the data have no targets, so there is no loss",
            "name their columns y, or y1, y2, ...",
        )
    for row, target in enumerate(targets, 1):
        place = f"data point {row}"
        if loss in (L1, SQUARED):
            if len(target) != outputs:
                raise ShiftError(
                    f"{place} has {len(target)} targets, the network {outputs} outputs"
                )
        elif len(target) != 1:
            raise ShiftError(
                f"{place} has {len(target)} targets; {loss} takes one label"
            )
        elif outputs == 1 and target[0] not in (-1, 1):
            raise ShiftError(
                f"the label of {place} is {target[0]}", "use labels -1 and 1"
            )
        elif outputs > 1 and (
            loss == HINGE or target[0].denominator != 1 or not 0 <= target[0] < outputs
        ):
            raise ShiftError(
                f"{loss} of {outputs} outputs and the label {target[0]} of {place}",
                "use zero_one and classes numbered from 0, or a network of one output",
            )
    if loss == L1 and outputs > MAX_SIGNS:
        raise ShiftError(f"l1 of {outputs} outputs", f"at most {MAX_SIGNS} are taken")


def loss_at(
    loss: str, outputs: Sequence[Fraction], target: Sequence[Fraction]
) -> Fraction:
    """The loss of one data point, exactly."""
    match loss:
        case "l1":
            pairs = zip(outputs, target, strict=True)
            return sum((abs(y - t) for y, t in pairs), ZERO)
        case "squared":
            pairs = zip(outputs, target, strict=True)
            return sum(((y - t) * (y - t) for y, t in pairs), ZERO)
        case "hinge":
            return max(ZERO, 1 - target[0] * outputs[0])
        case "zero_one":
            if len(outputs) == 1:
                return ONE if target[0] * outputs[0] <= 0 else ZERO
            label = int(target[0])
            others = [y for k, y in enumerate(outputs) if k != label]
            return ONE if max(others) >= outputs[label] else ZERO
        case _:
            raise ShiftError(f"no loss is called {loss!r}")


def _unit(count: int, place: int, sign: int = 1) -> tuple[Fraction, ...]:
    return tuple(Fraction(sign) if k == place else ZERO for k in range(count))


def make_pieces(
    loss: str, target: Sequence[Fraction], outputs: int, cuts: Sequence[Fraction] = ()
) -> tuple[Piece, ...]:
    """The pieces of a loss but for the constant 0, which hinge and zero_one have besides.

    `cuts`, for squared with one output, are increasing errors, the first below all that
    there are and the last above them; that is shown besides.
    """
    match loss:
        case "l1":
            found = []
            for signs in product((ONE, -ONE), repeat=outputs):
                pairs = zip(signs, target, strict=True)
                offset = sum((s * t for s, t in pairs), ZERO)
                found.append(Piece(Linear(-offset, signs)))
            return tuple(found)
        case "squared":
            if outputs != 1:
                raise ShiftError(
                    f"the squared loss of {outputs} outputs under transport",
                    "use l1, or a network of one output",
                )
            chords = [_chord(a, b, target[0]) for a, b in pairwise(cuts)]
            most = 4 * (cuts[0] * cuts[0] + cuts[-1] * cuts[-1] + 1)
            return (
                _beyond(cuts[0], target[0], -1, most),
                *chords,
                _beyond(cuts[-1], target[0], 1, most),
            )
        case "hinge":
            return (Piece(Linear(ONE, (-target[0],))),)
        case "zero_one":
            if outputs == 1:
                return (Piece(Linear(ONE, (ZERO,)), (Linear(ZERO, (-target[0],)),)),)
            label = int(target[0])
            plain = Linear(ONE, (ZERO,) * outputs)
            differ = [
                tuple(
                    a - b
                    for a, b in zip(
                        _unit(outputs, k), _unit(outputs, label), strict=True
                    )
                )
                for k in range(outputs)
                if k != label
            ]
            return tuple(Piece(plain, (Linear(ZERO, w),)) for w in differ)
        case _:
            raise ShiftError(f"no loss is called {loss!r}")


def _chord(low: Fraction, high: Fraction, target: Fraction) -> Piece:
    """(low + high) * e - low * high for an error e = output - target in between."""
    slope = low + high
    value = Linear(-low * high - slope * target, (slope,))
    above = Linear(-low - target, (ONE,))
    below = Linear(high + target, (-ONE,))
    return Piece(value, (above, below))


def _beyond(cut: Fraction, target: Fraction, side: int, most: Fraction) -> Piece:
    """Errors on that side of a cut: there are none."""
    far = Linear(most, (ZERO,))
    beyond = Linear(-side * (cut + target), (Fraction(side),))
    return Piece(far, (beyond,), forbidden=True)
