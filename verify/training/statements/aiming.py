"""How far a search for the least loss has to go for what is asked of it.

Whether it is below a number is settled by one network below, or by dual vectors for that
number; whether it is at most a number, by one network. Only where neither comes out is the
optimum itself looked for.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Final

from verify.networks.statements.quantities import Aim
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.optimum import find_below, find_optimum, find_witness
from verify.training.optima.results import Cover, Open, Optimum

SHARE: Final = 0.25  # of the time that is left, for a witness alone
NOTHING: Final = Fraction(0)  # what bounds every loss from below


def pursue(fit: Fit, aim: Aim | None, deadline: float) -> Optimum:
    """A network and dual vectors, close enough to one another for the aim."""
    if aim is None:
        return find_optimum(fit, deadline=deadline)
    if aim.kind == "from":
        return _compare(fit, aim.value, deadline)
    witness, loss = _find_witness(fit, aim.value, deadline)
    if loss < aim.value or (loss == aim.value and aim.kind == "to"):
        return Optimum(NOTHING, loss, witness, (), "")
    if loss > aim.value:
        return find_optimum(fit, deadline=deadline)
    match find_below(fit, aim.value, deadline=deadline):
        case Parameters() as better:
            return Optimum(NOTHING, evaluate(fit, better), better, (), "")
        case Cover(bound, duals):
            return Optimum(bound, loss, witness, duals, "")
        case Open(reason, _):
            return Optimum(NOTHING, loss, witness, (), reason)


def _compare(fit: Fit, value: Fraction, deadline: float) -> Optimum:
    """Whether some network has a loss below `value`."""
    match find_below(fit, value, deadline=deadline):
        case Parameters() as below:
            return Optimum(NOTHING, evaluate(fit, below), below, (), "")
        case Cover(bound, duals):
            witness, loss = _find_witness(fit, bound, deadline)
            return Optimum(bound, loss, witness, duals, "")
        case Open(reason, _):
            witness, loss = _find_witness(fit, value, deadline)
            return Optimum(NOTHING, loss, witness, (), reason)


def _find_witness(
    fit: Fit, enough: Fraction, deadline: float
) -> tuple[Parameters, Fraction]:
    """A network of small loss, which need not be below `enough`."""
    now = time.monotonic()
    until = now + SHARE * max(deadline - now, 0.0)
    return find_witness(fit, deadline=until, enough=enough)
