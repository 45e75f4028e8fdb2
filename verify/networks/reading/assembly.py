"""Building a network number by number: every number a graph computes has an identity.

A tensor is an array of references: which variable each element is. Reshaping, slicing,
gathering, joining and padding only move references and cost no layer. A reference below
zero is a constant (-1 is 0, as in padding). What computes makes a layer: a sum of
weighted references, or a unit over a whole layer. `fusing.py` turns the sums into
matrices at the end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from verify.networks.errors import ModelError
from verify.networks.reading.arrays import (
    Array,
    Fractions,
    make_array,
    make_exact,
    take,
)

References: TypeAlias = NDArray[np.int64]

MAX_VARIABLES: Final = 2**20
MAX_PAIRS: Final = 2**24  # products of one operator
MAX_WEIGHTS: Final = 2**26


class Dense(NamedTuple):
    """matrix @ references: the matrix is (rows, number of references)."""

    references: References
    matrix: Array


class Sparse(NamedTuple):
    """Row rows[k] gets values[k] times the variable references[k]."""

    rows: NDArray[np.int64]
    references: References
    values: Array


Term: TypeAlias = Dense | Sparse


class Sum(NamedTuple):
    """A layer of weighted sums; bias is flat."""

    terms: tuple[Term, ...]
    bias: Array
    name: str

    @property
    def size(self) -> int:
        return len(self.bias.floats)


class Units(NamedTuple):
    """A layer of units of one kind over a whole earlier layer."""

    kind: str
    source: int
    size: int
    name: str


class Source(NamedTuple):
    """The input."""

    size: int
    name: str = "input"


Stage: TypeAlias = Source | Sum | Units


class Assembly:
    """Layers under construction, the first one the input's, and the pool of constants."""

    def __init__(self, inputs: int) -> None:
        self.stages: list[Stage] = [Source(inputs)]
        self.starts: list[int] = [0, inputs]  # starts[k]: first variable of stage k
        self.pool: list[Fraction] = [Fraction(0)]
        self.units: list[int] = []  # stages whose numbers a claim may call units
        self.notes: list[str] = []
        self._weights = 0
        self._places: dict[Fraction, int] = {Fraction(0): -1}

    def constants(self, values: Fractions) -> References:
        """References to constants, in the shape of the array."""
        made = np.empty(values.shape, dtype=np.int64)
        flat = made.reshape(-1)
        for index, value in enumerate(values.ravel()):
            place = self._places.get(value)
            if place is None:
                self.pool.append(value)
                place = self._places[value] = -len(self.pool)
            flat[index] = place
        return made

    def sum(self, terms: Sequence[Term], bias: Array, name: str) -> References:
        """A new layer of weighted sums; returns its variables, flat."""
        for term in terms:
            weights = term.matrix if isinstance(term, Dense) else term.values
            self._weights += weights.floats.size
            if self._weights > MAX_WEIGHTS:
                raise ModelError(f"the network has over {MAX_WEIGHTS} weights")
        return self._append(Sum(tuple(terms), bias, name))

    def unit(self, kind: str, references: References, name: str) -> References:
        """Units over references of any shape; returns the new variables, same shape."""
        flat = references.ravel()
        stage = self.whole(flat)
        if stage is None:
            stage = len(self.stages)
            self.select(flat, name)
        made = self._append(Units(kind, stage, len(flat), name))
        return made.reshape(references.shape)

    def select(self, references: References, name: str) -> References:
        """A layer that repeats the given variables, flat."""
        size = len(references)
        return self.scaled(
            references, make_array(np.ones(size)), make_array(np.zeros(size)), name
        )

    def scaled(
        self, references: References, scale: Array, shift: Array, name: str
    ) -> References:
        """scale * variable + shift, all flat and of one length."""
        rows = np.arange(len(references), dtype=np.int64)
        return self.sum((Sparse(rows, references, scale),), shift, name)

    def stages_of(self, references: References) -> NDArray[np.int64]:
        """The stage of each variable; none of them may be a constant."""
        if len(references):
            low = bisect_right(self.starts, int(references.min())) - 1
            high = bisect_right(self.starts, int(references.max())) - 1
            if low == high:
                return np.full(len(references), low, dtype=np.int64)
        found = np.searchsorted(np.asarray(self.starts), references, side="right")
        return found.astype(np.int64) - 1

    def whole(self, references: References) -> int | None:
        """The stage whose variables these are, all of them and in order."""
        if not len(references) or references[0] < 0:
            return None
        first = int(references[0])
        stage = bisect_right(self.starts, first) - 1
        end = self.starts[stage + 1]
        if self.starts[stage] != first or len(references) != end - first:
            return None
        is_whole = np.array_equal(references, np.arange(first, end))
        return stage if is_whole else None

    def values_of(self, references: References) -> Array:
        """The constants that negative references stand for."""
        pool = np.empty(len(self.pool), dtype=object)
        pool[:] = self.pool
        return take(make_exact(pool), -references - 1)

    def _append(self, stage: Stage) -> References:
        start = self.starts[-1]
        if start + stage.size > MAX_VARIABLES:
            raise ModelError(f"the network has over {MAX_VARIABLES} numbers")
        self.stages.append(stage)
        self.starts.append(start + stage.size)
        return np.arange(start, start + stage.size, dtype=np.int64)
