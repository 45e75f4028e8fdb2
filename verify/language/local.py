"""Names that a place adds to those of the document: bound variables, points, witnesses.

Variables are counted by the quantifiers open when they were bound, so that a name keeps
its meaning however many more are opened below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from verify.kernel.terms import REAL, Sort, Term, make_variable
from verify.language.applications import Values


class Bound(NamedTuple):
    """A quantified variable: how many quantifiers were open when it was bound."""

    level: int
    sort: Sort


class Point(NamedTuple):
    """A quantified point of several coordinates, bound one after the other."""

    level: int
    size: int


class Local(NamedTuple):
    """The names a place adds to the document's: variables, parameters, opened witnesses."""

    names: Mapping[str, Bound | Point | Term]
    depth: int = 0

    def bind(self, name: str, sort: Sort) -> Local:
        return Local({**self.names, name: Bound(self.depth, sort)}, self.depth + 1)

    def bind_point(self, name: str, count: int) -> Local:
        """A point of so many numbers; of one, the number itself."""
        if count == 1:
            return self.bind(name, REAL)
        return Local({**self.names, name: Point(self.depth, count)}, self.depth + count)

    def variable(self, level: int, sort: Sort) -> Term:
        return make_variable(self.depth - 1 - level, sort)

    def values(self, point: Point) -> Values:
        levels = range(point.level, point.level + point.size)
        return Values(tuple(self.variable(level, REAL) for level in levels))
