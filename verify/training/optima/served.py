"""Which choices of cells no dual vector serves yet: by sampling first, then by a sweep.

There may be millions of choices, and a walk through all of them is slow while dual vectors
are few. So choices are drawn at random and those not served are kept in a heap: it gives
the next choice to serve, and says which cells the dual vector had best be good for besides,
those that many of the heap have. When draws hardly find any more, one sweep goes through
all choices: for the cells of all units but the last, the cells served by any of their
common dual vectors are united until none is left. The kernel sweeps in the same way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any, Final

import numpy

from verify.training.optima.tableau import Floats, Numbers

DRAWS: Final = 20_000
RARE: Final = 20

Waiting = tuple[tuple[int, ...], Floats]  # a choice, and how welcome each cell is


class Served:
    """Dual vectors by the cells they are good for."""

    def __init__(self, cells: int, hidden: int, seed: int = 0) -> None:
        self.cells, self.hidden = cells, hidden
        self.count = 0
        self.complete = False
        self._whole = False  # some dual is good for every cell
        self._every = (1 << cells) - 1
        self._random: Any = numpy.random.default_rng(seed)
        self._good: Numbers = numpy.zeros((16, cells), dtype=bool)
        self._marks = [0] * cells  # of each cell the duals good for it, as bits
        self._sets: list[int] = []  # of each dual the cells, as bits

    def add(self, good: Numbers) -> None:
        """Note one more dual vector, with one truth value a cell."""
        if self.count == len(self._good):
            self._good = numpy.concatenate([self._good, numpy.zeros_like(self._good)])
        self._good[self.count] = good
        cells = good.nonzero()[0].tolist()
        for cell in cells:
            self._marks[cell] |= 1 << self.count
        self._sets.append(sum(1 << cell for cell in cells))
        self.count += 1
        self._whole = self._whole or len(cells) == self.cells

    def walk(self, deadline: float) -> Iterator[Waiting]:
        """Choices that no dual vector serves; the same one again until one does. When none
        is left `complete` is true; when the time is over before, it is not."""
        if self.hidden == 0:
            while not self.count:
                yield (), numpy.zeros(self.cells)
        else:
            yield from self._draw()
            for prefix in combinations_with_replacement(
                range(self.cells), self.hidden - 1
            ):
                if self._whole:
                    break
                if time.monotonic() > deadline:
                    return
                yield from self._last(prefix)
        self.complete = True

    def _draw(self) -> Iterator[Waiting]:
        size = (DRAWS, self.hidden)
        while True:
            heap = self._random.integers(self.cells, size=size)
            heap = heap[~self._serve(heap, 0)]
            few = len(heap) < RARE
            seen = self.count
            while len(heap):
                wanted = numpy.bincount(heap.ravel(), minlength=self.cells)
                yield tuple(sorted(heap[0].tolist())), wanted.astype(float)
                heap = heap[~self._serve(heap, seen)]
                seen = self.count
            if few:
                return

    def _serve(self, heap: Numbers, start: int) -> Numbers:
        """Which rows of the heap some dual vector from number `start` on serves."""
        good = numpy.packbits(self._good[start : self.count], axis=0).T
        common = good[heap[:, 0]]
        for unit in range(1, self.hidden):
            common = common & good[heap[:, unit]]
        return common.any(axis=1)

    def _last(self, prefix: tuple[int, ...]) -> Iterator[Waiting]:
        """Choices of a last cell no earlier than those of the prefix."""
        start = prefix[-1] if prefix else 0
        missing = self._every >> start << start
        tried = 0
        while True:
            common = (1 << self.count) - 1 >> tried << tried
            for cell in prefix:
                common &= self._marks[cell]
            while missing and common:
                lowest = common & -common
                common ^= lowest
                missing &= ~self._sets[lowest.bit_length() - 1]
            if not missing:
                return
            tried = self.count
            wanted = numpy.array([missing >> k & 1 for k in range(self.cells)])
            wanted[list(prefix)] += 1
            lowest = missing & -missing
            yield (*prefix, lowest.bit_length() - 1), wanted.astype(float)
