"""A walk through choices of cells, for bounds that several dual vectors give together.

Each choice is met once, in order; the walk stops at one whose dual vectors are not enough
yet, whoever walks adds one, and it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations_with_replacement


class Ledger:
    """Which duals serve which cells, and a walk through the choices not served yet."""

    def __init__(self, cells: int, hidden: int) -> None:
        self.hidden = hidden
        self.count = 0
        self.complete = False
        self._marks = [0] * cells

    def add(self, good: Sequence[int]) -> None:
        """Note one more dual vector, good for these cells."""
        for cell in good:
            self._marks[cell] |= 1 << self.count
        self.count += 1

    def common(self, choice: Sequence[int]) -> int:
        """The duals that serve a choice, or the start of one, as bits."""
        found = (1 << self.count) - 1
        for cell in choice:
            found &= self._marks[cell]
        return found

    def walk(
        self, enough: Callable[[int], bool], deadline: float
    ) -> Iterator[tuple[int, ...]]:
        """Choices whose common duals are not `enough`; the same one again until they are.
        When none is left `complete` is true; when the time is over before, it is not."""
        self.complete = False
        for prefix in combinations_with_replacement(
            range(len(self._marks)), max(0, self.hidden - 1)
        ):
            if time.monotonic() > deadline:
                return
            yield from self._last(prefix, enough)
        self.complete = True

    def _last(
        self, prefix: tuple[int, ...], enough: Callable[[int], bool]
    ) -> Iterator[tuple[int, ...]]:
        """Choices of a last cell no earlier than those of the prefix."""
        common = self.common(prefix)
        if not self.hidden:
            while not enough(common):
                yield prefix
                common = self.common(prefix)
            return
        for cell in range(prefix[-1] if prefix else 0, len(self._marks)):
            while not enough(common & self._marks[cell]):
                yield (*prefix, cell)
                common = self.common(prefix)
