"""Is there any replacement at all? Decided for one output and units of a last layer.

What the freed units add is then a network with one hidden layer over the numbers below
them, on top of what the rest gives: the question whether its least loss is below the
present one is `verify.training.optima`'s. A yes comes with parameters, which are still to
be rounded; a no comes with dual vectors, from which the kernel's rule `fit` proves, in a
problem that states the numbers, that no parameters have a lower loss. The numbers of that
problem are computed here in exact arithmetic, so the answer for the network is `rigorous`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.kernel import fits, terms
from verify.kernel.check import check
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Term
from verify.networks.float32.alarms import SoundnessAlarm
from verify.solvers.prooflog import ProofLog
from verify.training.circuits.freed import Parameters
from verify.training.circuits.losses import Targets
from verify.training.circuits.tables import Table
from verify.training.optima.fits import Fit
from verify.training.optima.optimum import find_below
from verify.training.optima.results import Cover, Open

MAX_POINTS: Final = 60
MAX_UNITS: Final = 4
MAX_INPUTS: Final = 8


class Settled(NamedTuple):
    """Parameters that lower the loss, or a certificate that none do, or why neither."""

    parameters: Parameters | None = None
    certificate: str = ""
    reason: str = ""


def settle(
    loss: str,
    targets: Targets,
    below: Table,
    without: Table,
    count: int,
    value: Fraction,
    deadline: float,
) -> Settled:
    """Whether `count` units over `below` lower the loss of `without` under `value`.

    `without` are the outputs, one a point, without the units; `deadline` is a
    time.monotonic() value. Raises SoundnessAlarm when the kernel rejects a proof.
    """
    size = len(below.rows[0])
    if len(below.rows) > MAX_POINTS or count > MAX_UNITS or size > MAX_INPUTS:
        return Settled(reason="too many points, units or inputs to decide it")
    fit = Fit(
        loss,
        tuple(tuple(Fraction(x, below.denominator) for x in row) for row in below.rows),
        tuple(row[0] for row in targets.values),
        tuple(Fraction(row[0], without.denominator) for row in without.rows),
        count,
        False,
    )
    found = find_below(fit, value, deadline=deadline)
    match found:
        case Open(_, message):
            return Settled(reason=message)
        case Cover(_, duals):
            return Settled(certificate=_certify(fit, value, duals))
    return Settled(
        Parameters(
            np.array([[float(w) for w in unit.weights] for unit in found.units]),
            np.array([float(unit.bias) for unit in found.units]),
            (np.array([[float(unit.sign) for unit in found.units]]),),
        )
    )


def _certify(fit: Fit, value: Fraction, duals: Sequence[Sequence[Fraction]]) -> str:
    """The kernel's proof that no parameters have a loss below `value`."""

    def number(one: Fraction) -> Term:
        return terms.make_number(one, REAL)

    points = [list(map(number, point)) for point in fit.points]
    targets, offsets = list(map(number, fit.targets)), list(map(number, fit.offsets))
    try:
        bound = fits.make_fit(
            fit.loss, points, targets, offsets, fit.hidden, constant=False
        )
        goal = terms.instantiate(bound, number(value))
        log = ProofLog(Problem((), (), (), goal))
        asked, _ = log.step("goal")
        shown, _ = log.step(
            "fit",
            loss=fit.loss,
            points=[list(map(log.text, point)) for point in points],
            targets=list(map(log.text, targets)),
            offsets=list(map(log.text, offsets)),
            hidden=fit.hidden,
            constant=False,
            bound=str(value),
            values=[],
            duals=[list(map(str, dual)) for dual in duals],
        )
        end, _ = log.step("clause", literals=[], hints=[shown, asked])
        text = log.certificate(end)
        check(log.proof.problem.text(), text)
    except Rejected as rejected:
        raise SoundnessAlarm(
            f"the kernel rejected a bound under the loss ({rejected}); please report it",
            (),
        ) from None
    return text
