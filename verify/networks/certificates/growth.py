"""A tree while it grows: which node was split how, and what closed the others."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.certificates.levels import Levels, Rows
from verify.networks.certificates.multipliers import Multipliers
from verify.networks.certificates.outcomes import Node
from verify.networks.certificates.passes import Cells
from verify.networks.certificates.regions import Box
from verify.networks.certificates.trees import Leaves, write_leaves

INPUT: Final = "input"


class _Split(NamedTuple):
    """An input at a point or a unit; the children are `child` and `child + 1`."""

    kind: str
    which: int
    at: Fraction
    child: int


class Growth:
    """Nodes by number, the root 0, over a box."""

    def __init__(self, box: Box) -> None:
        self.root = box
        self.splits: list[_Split | None] = [None]
        self.parents: list[int] = [0]
        self.leaves: list[Leaves] = []
        self.closed: dict[int, int] = {}  # node -> its place among all leaves
        self.exact: dict[int, Node] = {}  # leaves that are written already

    def split(
        self, node: int, kind: str, which: int, at: Fraction = Fraction(0)
    ) -> tuple[int, int]:
        """Split a node; the numbers of its children, for `unit` the active one first."""
        child = len(self.splits)
        self.splits[node] = _Split(kind, which, at, child)
        self.splits += [None, None]
        self.parents += [node, node]
        return child, child + 1

    def close(self, nodes: list[int], leaves: Leaves) -> None:
        """Note that these nodes are closed, by these multipliers."""
        first = sum(len(one.cells.lower) for one in self.leaves)
        self.leaves.append(leaves)
        self.closed.update(zip(nodes, range(first, first + len(nodes)), strict=True))

    def box(self, node: int) -> Box:
        """The node's box, exactly."""
        box = [list(pair) for pair in self.root]
        while node:
            parent = self.parents[node]
            split = self.splits[parent]
            if split is not None and split.kind == INPUT:
                side = 1 if node == split.child else 0  # the side that the split moved
                old = box[split.which][side]
                choose = min if side == 1 else max
                box[split.which][side] = (
                    split.at if old is None else choose(old, split.at)
                )
            node = parent
        return tuple((low, high) for low, high in box)

    def write(self, levels: Levels, rows: Rows) -> tuple[Node, ...]:
        """The nodes in preorder, once every node without children is closed."""
        written: list[Node] = []
        if self.leaves:
            cells = zip(*(one.cells for one in self.leaves), strict=True)
            given = zip(*(one.multipliers for one in self.leaves), strict=True)
            merged = Leaves(
                Cells(*map(np.concatenate, cells)),
                Multipliers(*map(np.concatenate, given)),
            )
            written = write_leaves(levels, rows, merged)
        nodes: list[Node] = []
        stack = [0]
        while stack:
            node = stack.pop()
            split = self.splits[node]
            if split is None:
                exact = self.exact.get(node)
                nodes.append(written[self.closed[node]] if exact is None else exact)
                continue
            at = [str(split.at)] if split.kind == INPUT else []
            nodes.append([split.kind, split.which, *at, []])
            stack += [split.child + 1, split.child]
        return tuple(nodes)
