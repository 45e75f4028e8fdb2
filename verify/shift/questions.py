"""What is asked about a shift, and how hard to try."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.networks.network import Network
from verify.shift.regions import Region
from verify.shift.samples import Sample


class Question(NamedTuple):
    """What is asked of a network: data, loss, and where mass may move at what cost; labels
    stay unless they have a price."""

    network: Network
    samples: tuple[Sample, ...]
    loss: str
    region: Region
    ground: str = "l1"
    label_price: Fraction | None = None


class Effort(NamedTuple):
    """`gap` is what a bound may lie above what is attained, 0 for none at all; `seconds`
    for everything; `prove` asks for the kernel's proofs; `processes` share large rounds."""

    gap: Fraction = Fraction(0)
    seconds: float = 60.0
    prove: bool = True
    processes: int = 1
