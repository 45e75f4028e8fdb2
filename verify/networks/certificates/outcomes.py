"""What a search for a certificate ends in."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

Point = tuple[Fraction, ...]
Node = list[Any]  # as `verify.kernel.trees` reads it


class Tree(NamedTuple):
    """Nodes in preorder: the rows of the program cannot hold at once."""

    nodes: tuple[Node, ...]


class Met(NamedTuple):
    """A point in the box at which every row holds, exactly."""

    point: Point


class Stuck(NamedTuple):
    """Neither: `reason` is timeout, incomplete or unsupported."""

    reason: str
    detail: str


Outcome = Tree | Met | Stuck
