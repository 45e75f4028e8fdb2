"""The tree of a search by boxes, kept for whoever writes a certificate from it."""

from __future__ import annotations

from typing import NamedTuple

from verify.networks.network import Floats


class Root(NamedTuple):
    """A node the search began with: the cases it is about, and its box."""

    node: int
    cases: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


class Split(NamedTuple):
    """An input cut at a float: `left` has input <= at, `right` has input >= at."""

    input: int
    at: float
    left: int
    right: int


class Recorder:
    """Nodes as the search makes them; a search with a recorder only halves and bounds.

    `closings[node, case]` are nonnegative multipliers of the case's rows whose sum is
    negative over the node's box, by the float bounds at that node.
    """

    def __init__(self) -> None:
        """An empty tree."""
        self.roots: list[Root] = []
        self.splits: dict[int, Split] = {}
        self.closings: dict[tuple[int, int], tuple[int, ...]] = {}

    def add_root(
        self, node: int, cases: tuple[int, ...], lower: Floats, upper: Floats
    ) -> None:
        """A box to begin with."""
        self.roots.append(Root(node, cases, tuple(lower), tuple(upper)))

    def add_split(self, node: int, split: Split) -> None:
        """A node that stays open."""
        self.splits[node] = split

    def add_closing(self, node: int, case: int, multipliers: tuple[int, ...]) -> None:
        """A case that has no point at a node."""
        self.closings[node, case] = multipliers
