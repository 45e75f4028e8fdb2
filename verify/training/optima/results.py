"""What a search for an optimum ends with: a witness, a proof of a bound, or neither."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.training.optima.fits import Parameters

Dual = tuple[Fraction, ...]  # one number a point


class Cover(NamedTuple):
    """Dual vectors that prove: no parameters have a loss below `bound`."""

    bound: Fraction
    duals: tuple[Dual, ...]


class Open(NamedTuple):
    """Neither found; `reason` is one of the reasons an unknown verdict may give."""

    reason: str
    message: str


class Improved(NamedTuple):
    """A network with a loss below the bound that a cover was to prove."""

    parameters: Parameters
    value: Fraction


class Optimum(NamedTuple):
    """A network of loss `upper` and duals that prove `lower`; exact when they are equal.

    `lower` is None where nothing was proved; `reason` then says why, else it is empty.
    """

    lower: Fraction | None
    upper: Fraction
    witness: Parameters
    duals: tuple[Dual, ...]
    reason: str
