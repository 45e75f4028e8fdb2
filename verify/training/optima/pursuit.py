"""A fit pursued from both sides: a network of less and less loss, and a proof of it.

Go through the choices of cells that no dual vector serves yet: each yields a dual vector
that proves the present bound for it and for as many others as it can be made to serve, or a
better network. A better network lowers what there is to prove, so that earlier dual vectors
stay good. When all choices are served the bound is proved, and the duals are the proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from math import comb
from typing import Final

from verify.training.optima.choices import Signed
from verify.training.optima.duals import bound_of
from verify.training.optima.fits import Fit, Parameters, Unit, evaluate
from verify.training.optima.proving import Prover
from verify.training.optima.results import Dual
from verify.training.optima.served import Served
from verify.training.optima.witnesses import Standing, Walker

FEW: Final = 500
"""So many choices of cells are walked through faster than a fresh start is searched."""


class Pursuit:
    """A fit, the best network so far, and the dual vectors found so far."""

    def __init__(self, fit: Fit, signed: Signed, seed: int) -> None:
        self.fit = fit
        self.prover = Prover(fit, signed)
        self.walker = Walker(fit, signed, self.prover.program, seed)
        self.served = Served(len(signed.cells), fit.hidden)
        self.duals: list[Dual] = []
        self.witness = make_silent(fit)
        self.upper = evaluate(fit, self.witness)

    def rounds(self, most: int) -> int:
        """How many fresh starts are worth their time: few where there are few choices."""
        choices = comb(self.served.cells + self.fit.hidden, self.fit.hidden)
        return min(most, choices // FEW)

    def search(self, rounds: int, deadline: float) -> None:
        """Look for a better network from some fresh starts."""
        self._take(self.walker.search(rounds, deadline))

    def _take(self, standing: Standing) -> None:
        found = self.walker.network(standing)
        if found is not None:
            self._improve(*found)

    def _improve(self, witness: Parameters, loss: Fraction) -> None:
        if loss < self.upper:
            self.witness, self.upper = witness, loss

    def prove(self, bound: Callable[[], Fraction], deadline: float) -> str:
        """Go on until all choices are served with dual vectors that prove `bound()`, or a
        network has a loss below it; returns "" then, or the reason why neither happened.

        `bound()` may fall from one call to the next, and must not rise.
        """
        if self._add_zero(bound()):
            return ""
        for choice, wanted in self.served.walk(deadline):
            if time.monotonic() > deadline:
                return "timeout"
            answer = self.prover.answer(choice, wanted, bound())
            if answer is None:
                return "incomplete"
            if not isinstance(answer, Parameters):
                self.duals.append(answer.dual)
                self.served.add(answer.good)
                continue
            self._improve(answer, evaluate(self.fit, answer))
            if self.upper >= bound():
                self._take(self.walker.improve(choice, deadline))
            if self.upper < bound() or self._add_zero(bound()):
                return ""
        return "" if self.served.complete else "timeout"

    def _add_zero(self, bound: Fraction) -> bool:
        """Whether the bound needs no proof but the vector 0, which then is the only one."""
        zero = (Fraction(0),) * len(self.fit.points)
        value = bound_of(self.fit, zero)
        if value is None or value < bound:
            return False
        self.duals = [zero]
        return True


def make_silent(fit: Fit) -> Parameters:
    """Parameters that are all 0."""
    zero = Fraction(0)
    unit = Unit(1, (zero,) * len(fit.points[0]), zero)
    return Parameters(zero, (unit,) * fit.hidden)
