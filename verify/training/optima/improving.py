"""From network to better network, until a cover proves that there is none.

A search that fails to prove a bound comes upon a network below it; its loss is the next
bound. This ends because losses of choices of cells are finitely many.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verify.training.optima.fits import Parameters
from verify.training.optima.results import Cover, Improved, Open, Optimum

Prove = Callable[[Fraction], Cover | Open | Improved]


def improve(prove: Prove, best: Improved, enough: Fraction | None = None) -> Optimum:
    """The optimum, from a network to begin with; the first network whose loss is no more
    than `enough`, with no bound but 0."""
    while enough is None or best.value > enough:
        match prove(best.value):
            case Improved() as better:
                best = better
            case Cover(_, duals):
                return Optimum(best.value, best.value, best.parameters, duals, "")
            case Open(reason, _):
                return Optimum(Fraction(0), best.value, best.parameters, (), reason)
    return Optimum(Fraction(0), best.value, best.parameters, (), "")


def decide_below(
    prove: Prove, best: Improved, value: Fraction
) -> Parameters | Cover | Open:
    """Parameters of loss less than `value`, or dual vectors that there are none."""
    if best.value < value:
        return best.parameters
    found = prove(value)
    return found.parameters if isinstance(found, Improved) else found
