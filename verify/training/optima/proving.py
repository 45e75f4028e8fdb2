"""One dual vector for many choices of cells: how a cover stays small.

The best dual vector of one choice serves few others. So while its value leaves room above
the bound, it is made good for more cells, one by one: those next that many open choices
wait for and that it nearly serves already. Each costs a few steps of the simplex method;
what would fall below the bound is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

import numpy

from verify.training.optima.choices import Signed
from verify.training.optima.duals import bound_of
from verify.training.optima.exactly import decide_choice
from verify.training.optima.fits import Fit, Parameters, evaluate
from verify.training.optima.programs import Program
from verify.training.optima.results import Dual
from verify.training.optima.tableau import Floats, Numbers

NEAR: Final = 1e-6
TRIALS: Final = 30
SHARE: Final = 0.01  # of the most welcome cell's weight, for cells nobody waits for
WORD: Final = 2**62


class Proved(NamedTuple):
    """A dual vector that proves the bound, and the cells it is good for."""

    dual: Dual
    good: Numbers


class Prover:
    """Answers choices of cells of one fit, with a dual vector or with a better network."""

    def __init__(self, fit: Fit, signed: Signed) -> None:
        self.fit, self.signed = fit, signed
        self.program = Program(fit, signed)
        rows = self.program.directions
        points = len(fit.points)
        self._rows = numpy.array(rows, dtype=object).reshape(len(rows), points)
        self._largest = max((abs(value) for row in rows for value in row), default=1)
        small = self._largest * points < WORD
        self._words = self._rows.astype(numpy.int64) if small else None

    def answer(
        self, choice: Sequence[int], wanted: Floats, bound: Fraction
    ) -> Proved | Parameters | None:
        """A dual vector for `choice` that proves `bound`, or a network with a smaller loss;
        `wanted` says how welcome each other cell is. None means that both failed."""
        value = self.program.begin(choice)
        floor = float(bound / self.program.unit)
        if value < floor - NEAR:
            found = self.program.parameters(choice)
            if found is not None and evaluate(self.fit, found) < bound:
                return found
        elif value >= floor - NEAR:
            for least in (floor - 1e-9, floor + NEAR):
                if least < value:
                    self._extend(choice, wanted, least)
                proved = self._check(self.program.dual(), choice, bound)
                if proved is not None:
                    return proved
                self.program.begin(choice)
        return self._decide(choice, bound)

    def _decide(
        self, choice: Sequence[int], bound: Fraction
    ) -> Proved | Parameters | None:
        exact = decide_choice(self.fit, self.signed, choice, bound)
        if isinstance(exact, Parameters):
            return exact if evaluate(self.fit, exact) < bound else None
        return self._check(exact, choice, bound)

    def _extend(self, choice: Sequence[int], wanted: Floats, floor: float) -> None:
        tableau = self.program.tableau
        broken = self.program.broken()
        tried = broken <= 1e-9
        wanted = wanted + SHARE * wanted.max(initial=0.0)
        for _ in range(TRIALS):
            score = numpy.where(tried, 0.0, wanted / (1e-3 + broken))
            cell = int(score.argmax())
            if score[cell] <= 0:
                return
            tried[cell] = True
            state = tableau.save()
            self.program.limit(cell)
            if tableau.run(floor) >= floor:
                broken = self.program.broken()
                tried |= broken <= 1e-9
            else:
                tableau.restore(state)

    def _check(
        self, dual: Dual | None, choice: Sequence[int], bound: Fraction
    ) -> Proved | None:
        """The dual with the cells it is good for, all in whole numbers."""
        if dual is None:
            return None
        value = bound_of(self.fit, dual)
        if value is None or value < bound:
            return None
        good = self.good(dual)
        return Proved(dual, good) if good[list(choice)].all() else None

    def good(self, dual: Dual) -> Numbers:
        """The cells that the dual vector is good for, exactly, as truth values."""
        scale = lcm(*(entry.denominator for entry in dual))
        whole = [int(entry * scale) for entry in dual]
        reach = max(map(abs, whole)) * self._largest * len(whole)
        if self._words is not None and reach < WORD:
            signs = numpy.sign(self._words @ numpy.array(whole, dtype=numpy.int64))
        else:
            products = self._rows @ numpy.array(whole, dtype=object)
            signs = numpy.array([(p > 0) - (p < 0) for p in products], dtype=int)
        bad = self.program.cell_signs * signs[self.program.cell_rows] > 0
        return ~bad.any(axis=1)
